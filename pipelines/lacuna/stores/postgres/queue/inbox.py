"""Requests that other systems handed in."""

import json
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from lacuna.model.queue import (
    InboxRow,
)
from lacuna.stores.postgres.queue.queue_part import Connected

# What a driver cannot read would keep every other row from being read: a date outside of what
# Python can hold, a document too deep for its parser, a number too long.
_READABLE: Final = """
select inbox_id, org_id, kinds, emails, phones, external_ids, contact_id, conversation_id,
    message_id, cast(rectifications as text) as rectifications, is_forced, verified_by,
    case when received_at >= timestamptz '0002-01-01 00:00:00+00'
        and received_at < timestamptz '9999-01-01 00:00:00+00' then received_at
    end as received_at, instructed_by, person_kind
from lacuna.request_inbox where status = 'new'
order by inbox_id limit :limit for update skip locked
"""


class InboxRows(Connected):
    """Requests that other systems handed in."""

    def new_rows(self, limit: int) -> list[InboxRow]:
        rows = self._connection.execute(sa.text(_READABLE), {"limit": limit})
        return [
            InboxRow(
                inbox_id=row.inbox_id,
                org_id=row.org_id,
                kinds=tuple(row.kinds),
                identifiers=(
                    *(("email", value) for value in row.emails),
                    *(("phone", value) for value in row.phones),
                    *(("external_id", value) for value in row.external_ids),
                    *(
                        (kind, value)
                        for kind, value in (
                            ("contact_id", row.contact_id),
                            ("conversation_id", row.conversation_id),
                            ("message_id", row.message_id),
                        )
                        if value is not None
                    ),
                ),
                rectifications=_texts_by_name(row.rectifications),
                is_forced=row.is_forced,
                verified_by=row.verified_by,
                received_at=row.received_at,
                instructed_by=row.instructed_by,
                person_kind=row.person_kind,
            )
            for row in rows
        ]

    def record_result(
        self, inbox_id: int, status: str, *, request_id: str | None, reason: str | None
    ) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.request_inbox set status = :status, request_id = :request_id, "
                "reason = :reason, emails = '{}', phones = '{}', external_ids = '{}', "
                "contact_id = null, conversation_id = null, message_id = null, "
                "rectifications = '{}', verified_by = null, instructed_by = null, "
                # A rejected row may hold anything there.
                "kinds = case when :status = 'rejected' then '{}' else kinds end, "
                "person_kind = case when :status = 'rejected' then '' else person_kind end "
                "where inbox_id = :id"
            ),
            {"status": status, "request_id": request_id, "reason": reason, "id": inbox_id},
        )

    def fact(self, name: str) -> str | None:
        value = self._connection.execute(
            sa.text("select value from lacuna.database_fact where name = :name"), {"name": name}
        ).scalar_one_or_none()
        return None if value is None else str(value)


def _texts_by_name(written: str) -> Mapping[str, str] | None:
    """Return a JSON object of texts; None for any other document."""
    try:
        document = json.loads(written)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    if not all(isinstance(text, str) for text in document.values()):
        return None
    return document
