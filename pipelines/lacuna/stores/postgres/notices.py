"""Notices to recipients, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from lacuna.errors import UnknownRequest
from lacuna.model.notice import Notice, NoticeState
from lacuna.model.request import RequestKind

_NOTICE = (
    "notice_id::text, org_id, request_id::text, recipient, state, created_at, due_at, attempts, "
    "receipt, content, right_kind"
)


class PostgresNotices:
    """The notices as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def add(self, notice: Notice) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.notice (notice_id, org_id, request_id, recipient, "
                "right_kind, next_at, created_at, due_at, content) values (:notice_id, :org_id, "
                ":request_id, :recipient, :right, :created_at, :created_at, :due_at, :content) "
                "on conflict (request_id, recipient, right_kind) do nothing"
            ),
            {
                "notice_id": notice.notice_id,
                "org_id": notice.org_id,
                "request_id": notice.request_id,
                "recipient": notice.recipient,
                "right": str(notice.right),
                "created_at": notice.created_at,
                "due_at": notice.due_at,
                "content": notice.content,
            },
        )

    def get(self, notice_id: str) -> Notice:
        for notice in self._notices("notice_id::text = :id", {"id": notice_id}):
            return notice
        raise UnknownRequest(f"{notice_id}: no such notice; see lacuna notice list")

    def notices(self) -> list[Notice]:
        return self._notices("true", {})

    def overdue(self, now: datetime) -> list[Notice]:
        condition = "state = 'abandoned' or (state = 'pending' and due_at < :now)"
        return self._notices(condition, {"now": now})

    def due(self, now: datetime) -> Notice | None:
        condition = "state = 'pending' and next_at <= :now"
        found = self._notices(condition, {"now": now}, is_next=True)
        return found[0] if found else None

    def count_due(self, now: datetime) -> int:
        statement = sa.text(
            "select count(*) from lacuna.notice where state = 'pending' and next_at <= :now"
        )
        return int(self._connection.execute(statement, {"now": now}).scalar_one())

    def put_off(self, notice: Notice, until: datetime) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.notice set next_at = :until, attempts = attempts + 1 "
                "where notice_id = :id and state = 'pending'"
            ),
            {"until": until, "id": notice.notice_id},
        )

    def told(self, notice: Notice, receipt: str, at: datetime) -> None:
        changed = self._connection.execute(
            sa.text(
                "update lacuna.notice set state = 'told', receipt = :receipt, content = null, "
                "ended_at = :at, attempts = attempts + 1 "
                "where notice_id = :id and state in ('pending', 'abandoned')"
            ),
            {"receipt": receipt, "at": at, "id": notice.notice_id},
        ).rowcount
        if changed != 1:
            raise UnknownRequest(f"{notice.notice_id}: this recipient is already informed")

    def abandon(self, notice: Notice, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.notice set state = 'abandoned', ended_at = :at, "
                "attempts = attempts + 1 where notice_id = :id and state = 'pending'"
            ),
            {"at": at, "id": notice.notice_id},
        )

    def _notices(
        self, condition: str, parameters: Mapping[str, object], *, is_next: bool = False
    ) -> list[Notice]:
        # The condition is one of the constants above; every value is a parameter.
        query = (
            sa.select(sa.text(_NOTICE))
            .select_from(sa.text("lacuna.notice"))
            .where(sa.text(condition))
            .order_by(sa.text("created_at, recipient, right_kind, notice_id"))
        )
        if is_next:
            query = query.limit(1).with_for_update(skip_locked=True)
        return [
            Notice(
                notice_id=row[0],
                org_id=row[1],
                request_id=row[2],
                recipient=row[3],
                state=NoticeState(row[4]),
                created_at=row[5],
                due_at=row[6],
                attempts=row[7],
                receipt=row[8],
                content=None if row[9] is None else bytes(row[9]),
                right=RequestKind(row[10]),
            )
            for row in self._connection.execute(query, dict(parameters))
        ]
