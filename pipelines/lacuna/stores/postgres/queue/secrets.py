"""What is kept encrypted of a request, until it is forgotten."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.hold import ItemHold
from lacuna.model.location import TableName
from lacuna.model.queue import Purpose
from lacuna.stores.postgres.queue.queue_part import Ahead, Connected

_AHEAD: Final = sa.text(
    "select request_id::text, nonce::text, purposes, contents, holds, approved "
    "from lacuna.request as request "
    "left join lateral (select array_agg(purpose order by purpose) as purposes, "
    "  array_agg(content order by purpose) as contents from lacuna.request_secret as secret "
    "  where secret.request_id = request.request_id) as secrets on true "
    "left join lateral (select jsonb_agg(jsonb_build_object('table', held_table, "
    "  'ground', ground, 'until', held_until) order by held_table) as holds "
    "  from lacuna.item_hold as hold where hold.request_id = request.request_id) as held on true "
    "left join lateral (select array_agg(digest) as approved from lacuna.approval as approval "
    "  where approval.request_id = request.request_id) as approvals on true "
    "where request_id = any(cast(:ids as uuid[]))"
)
_FORGET: Final = sa.text(
    "with forgotten as (select unnest(cast(:ids as uuid[])) as id), "
    "secrets as (delete from lacuna.request_secret "
    "  where request_id in (select id from forgotten) returning request_id), "
    "rows as (delete from lacuna.working_row "
    "  where request_id in (select id from forgotten) returning request_id), "
    "portions as (delete from lacuna.portion "
    "  where request_id in (select id from forgotten) returning request_id), "
    "baselines as (delete from lacuna.baseline "
    "  where request_id in (select id from forgotten) returning request_id), "
    "views as (delete from lacuna.plan_view where request_id in (select id from forgotten)), "
    "salts as (update lacuna.request set nonce = null, rows_transaction = null "
    "  where request_id in (select id from forgotten)), "
    # One that waits is read first: it may ask for more.
    "mails as (update lacuna.mail set facts = null, content = null "
    "  where request_id in (select id from forgotten) and outcome <> 'waiting' "
    "  and (facts is not null or content is not null) returning request_id) "
    "select request_id::text, count(*) from (select * from secrets union all select * from rows "
    "  union all select * from portions union all select * from baselines "
    "  union all select * from mails) as gone group by request_id"
)


class Secrets(Connected):
    """What is kept encrypted of a request, until it is forgotten."""

    def bundle_key(self, request_id: str) -> str | None:
        value = self._connection.execute(
            sa.text("select bundle_key from lacuna.request where request_id = :id"),
            {"id": request_id},
        ).scalar_one_or_none()
        return None if value is None else str(value)

    def set_bundle_key(self, request_id: str, key: str) -> None:
        self._connection.execute(
            sa.text("update lacuna.request set bundle_key = :key where request_id = :id"),
            {"key": key, "id": request_id},
        )

    def read_ahead(self, request_ids: Collection[str]) -> None:
        found = self._connection.execute(_AHEAD, {"ids": list(request_ids)})
        for request_id, nonce, purposes, contents, holds, approved in found:
            self._ahead[request_id] = Ahead(
                {
                    purpose: bytes(content)
                    for purpose, content in zip(purposes or (), contents or (), strict=True)
                },
                nonce,
                tuple(
                    ItemHold(
                        TableName.parse(hold["table"]),
                        hold["ground"],
                        datetime.fromisoformat(hold["until"]),
                    )
                    for hold in holds or ()
                ),
                frozenset(approved or ()),
            )

    def forget_all(self, request_ids: Collection[str]) -> Mapping[str, int]:
        for request_id in request_ids:
            self._ahead.pop(request_id, None)
        gone = dict.fromkeys(request_ids, 0)
        for request_id, rows in self._connection.execute(_FORGET, {"ids": list(request_ids)}):
            gone[request_id] = int(rows)
        return gone

    def put(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        self.put_all(purpose, {request_id: content})

    def put_all(self, purpose: Purpose, contents: Mapping[str, bytes]) -> None:
        if not contents:
            return
        for request_id in contents:
            self._ahead.pop(request_id, None)
        self._connection.execute(
            sa.text(
                "insert into lacuna.request_secret (request_id, purpose, content) "
                "values (:id, :purpose, :content) on conflict (request_id, purpose) "
                "do update set content = excluded.content"
            ),
            [
                {"id": request_id, "purpose": str(purpose), "content": content}
                for request_id, content in contents.items()
            ],
        )

    def get(self, request_id: str, purpose: Purpose) -> bytes | None:
        if request_id in self._ahead:
            return self._ahead[request_id].secrets.get(str(purpose))
        value = self._connection.execute(
            sa.text(
                "select content from lacuna.request_secret "
                "where request_id = :id and purpose = :purpose"
            ),
            {"id": request_id, "purpose": str(purpose)},
        ).scalar_one_or_none()
        return None if value is None else bytes(value)
