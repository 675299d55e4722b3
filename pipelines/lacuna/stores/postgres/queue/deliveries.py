"""Links to sealed bundles, and what bounds their use."""

from dataclasses import fields
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.delivery import DeliveryLink
from lacuna.stores.postgres.queue.queue_part import Connected

_DELIVERY: Final = sa.table(
    "delivery",
    sa.column("request_id", sa.Uuid(as_uuid=False)),
    sa.column("download_id", sa.Uuid(as_uuid=False)),
    *(
        sa.column(one.name)
        for one in fields(DeliveryLink)
        if one.name not in ("request_id", "download_id")
    ),
    schema="lacuna",
)
# What a link leads to; the delivery's role has no right to change it.
_FIXED: Final = frozenset(
    {
        "request_id",
        "org_id",
        "token_hash",
        "digest",
        "byte_count",
        "is_for_key",
        "content",
        "made_at",
        "expires_at",
    }
)


class Deliveries(Connected):
    """Links to sealed bundles, and what bounds their use."""

    def put(self, link: DeliveryLink) -> None:
        self.end(link.request_id)
        self._connection.execute(sa.insert(_DELIVERY).values(_values(link)))

    def get(self, request_id: str) -> DeliveryLink | None:
        return self._one(_DELIVERY.c.request_id == request_id)

    def end(self, request_id: str) -> None:
        self._connection.execute(sa.delete(_DELIVERY).where(_DELIVERY.c.request_id == request_id))

    def ended(self, now: datetime) -> list[DeliveryLink]:
        is_expired = sa.and_(_DELIVERY.c.expires_at <= now, _DELIVERY.c.downloaded_at.is_(None))
        found = self._connection.execute(
            sa.select(*_DELIVERY.c)
            .where(sa.or_(_DELIVERY.c.locked_at.is_not(None), is_expired))
            .order_by(_DELIVERY.c.made_at)
        )
        return [_link(row) for row in found]

    def is_valid(self, request_id: str, made_at: datetime, now: datetime) -> bool:
        query = sa.select(sa.true()).where(
            _DELIVERY.c.request_id == request_id,
            _DELIVERY.c.made_at == made_at,
            _DELIVERY.c.expires_at > now,
            _DELIVERY.c.locked_at.is_(None),
        )
        return self._connection.execute(query).scalar_one_or_none() is not None

    def enter(self, token_hash: str) -> DeliveryLink | None:
        self._connection.execute(
            sa.text("select set_config('lacuna.token_hash', :hash, true)"), {"hash": token_hash}
        )
        return self._one(_DELIVERY.c.token_hash == token_hash)

    def save(self, link: DeliveryLink) -> None:
        changed = {name: one for name, one in _values(link).items() if name not in _FIXED}
        self._connection.execute(
            sa.update(_DELIVERY)
            .where(
                _DELIVERY.c.request_id == link.request_id,
                _DELIVERY.c.token_hash == link.token_hash,
            )
            .values(changed)
        )

    def count_visit(self, bucket: int, now: datetime, since: datetime) -> int:
        return int(
            self._connection.execute(
                sa.text(
                    "insert into lacuna.delivery_client as client (bucket, since, visits) "
                    "values (:bucket, :now, 1) on conflict (bucket) do update set "
                    # A period in the future began before the clock was set back.
                    "visits = case when client.since between :since and :now "
                    "  then client.visits + 1 else 1 end, "
                    "since = case when client.since between :since and :now "
                    "  then client.since else :now end "
                    "returning visits"
                ),
                {"bucket": bucket, "now": now, "since": since},
            ).scalar_one()
        )

    def take_slot(self, download_id: str, now: datetime, until: datetime) -> bool:
        return bool(
            self._connection.execute(
                sa.text(
                    "update lacuna.delivery_slot set download_id = :id, until = :until "
                    "where slot = (select slot from lacuna.delivery_slot "
                    "  where download_id = :id or until <= :now "
                    "  order by download_id is not distinct from :id desc, slot limit 1 "
                    "  for update skip locked)"
                ),
                {"id": download_id, "now": now, "until": until},
            ).rowcount
        )

    def free_slot(self, download_id: str, now: datetime) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.delivery_slot set download_id = null, until = :now "
                "where download_id = :id"
            ),
            {"id": download_id, "now": now},
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> DeliveryLink | None:
        query = sa.select(*_DELIVERY.c).where(condition).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _link(row)


def _values(link: DeliveryLink) -> dict[str, object]:
    return {one.name: getattr(link, one.name) for one in fields(link)}


def _link(row: sa.Row[tuple[object, ...]]) -> DeliveryLink:
    values = dict(row._mapping)
    return DeliveryLink(**values | {"content": bytes(values["content"])})
