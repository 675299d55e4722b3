"""The inbox in PostgreSQL, as those see it who hand requests in, and uploads on their way to it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import InboxResult, Submission
from lacuna.model.register import Upload
from lacuna.model.request import RequestKind

_SEVERAL = {
    "emails": IdentifierKind.EMAIL,
    "phones": IdentifierKind.PHONE,
    "external_ids": IdentifierKind.EXTERNAL_ID,
}
_ONE = {
    "contact_id": IdentifierKind.CONTACT_ID,
    "conversation_id": IdentifierKind.CONVERSATION_ID,
    "message_id": IdentifierKind.MESSAGE_ID,
}
_RIGHTS = frozenset(map(str, RequestKind))
# A date that Python cannot hold would keep the whole list from being read.
_RESULT = (
    "select inbox_id, kinds, case when received_at >= timestamptz '0002-01-01 00:00:00+00' "
    "and received_at < timestamptz '9999-01-01 00:00:00+00' then received_at end as received_at, "
    "inserted_at, submitted_by, status, request_id::text, reason from lacuna.request_inbox"
)


class PostgresInbox:
    """The inbox as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def add(
        self,
        submissions: Sequence[Submission],
        once: tuple[str, str] | None = None,
        *,
        submitted_by: str | None = None,
    ) -> list[int]:
        key, digest = once or (None, None)
        statement = sa.text(
            "insert into lacuna.request_inbox (org_id, kinds, emails, phones, external_ids, "
            "contact_id, conversation_id, message_id, rectifications, is_forced, verified_by, "
            "received_at, person_kind, idempotency_key, body_digest, submitted_by) values "
            "(:org_id, :kinds, :emails, :phones, :external_ids, :contact_id, :conversation_id, :message_id, "
            "cast(:rectifications as jsonb), :is_forced, :verified_by, :received_at, "
            ":person_kind, cast(:key as uuid), :digest, :submitted_by) returning inbox_id"
        )
        more = {"key": key, "digest": digest, "submitted_by": submitted_by}
        return [
            int(self._connection.execute(statement, {**_columns(each), **more}).scalar_one())
            for each in submissions
        ]

    def sent(self, key: str) -> tuple[int, str] | None:
        row = self._connection.execute(
            sa.text(
                "select inbox_id, body_digest from lacuna.request_inbox "
                "where idempotency_key = cast(:key as uuid)"
            ),
            {"key": key},
        ).one_or_none()
        return None if row is None else (row.inbox_id, row.body_digest)

    def result(self, inbox_id: int) -> InboxResult | None:
        row = self._connection.execute(
            sa.text(f"{_RESULT} where inbox_id = :id"), {"id": inbox_id}
        ).one_or_none()
        return None if row is None else _result(row)

    def waiting(self, limit: int) -> list[InboxResult]:
        rows = self._connection.execute(
            sa.text(f"{_RESULT} where status = 'new' order by inbox_id limit :limit"),
            {"limit": limit},
        )
        return [_result(row) for row in rows]

    def waiting_identifiers(self) -> Mapping[int, tuple[Identifier, ...]]:
        rows = self._connection.execute(
            sa.text(
                "select inbox_id, emails, phones, external_ids, array[contact_id] as contact_ids "
                "from lacuna.request_inbox where status = 'new'"
            )
        )
        columns = {**_SEVERAL, "contact_ids": IdentifierKind.CONTACT_ID}
        return {
            row.inbox_id: tuple(
                Identifier(kind, value)
                for column, kind in columns.items()
                for value in getattr(row, column)
                # Other systems may write arrays of arrays, and NULLs.
                if isinstance(value, str)
            )
            for row in rows
        }

    def withdraw(self, inbox_id: int) -> bool:
        """Of this and an intake that reads the row at the same time, one gets it."""
        found = self._connection.execute(
            sa.text(
                "update lacuna.request_inbox set status = 'withdrawn', emails = '{}', "
                "phones = '{}', external_ids = '{}', contact_id = null, conversation_id = null, "
                "message_id = null, rectifications = '{}', verified_by = null, "
                "instructed_by = null where inbox_id = :id and status = 'new'"
            ),
            {"id": inbox_id},
        )
        return found.rowcount == 1

    def put_upload(self, org_id: str, upload: Upload, content: bytes) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.upload (upload_id, org_id, content, good, bad, uploaded_at) "
                "values (cast(:id as uuid), :org_id, :content, :good, :bad, :at)"
            ),
            {
                "id": upload.upload_id,
                "org_id": org_id,
                "content": content,
                "good": upload.good,
                "bad": upload.bad,
                "at": upload.uploaded_at,
            },
        )

    def take_upload(self, upload_id: str) -> bytes | None:
        """Of two who take it at once one gets it."""
        content = self._connection.execute(
            sa.text(
                "delete from lacuna.upload where upload_id = cast(:id as uuid) returning content"
            ),
            {"id": upload_id},
        ).scalar_one_or_none()
        return None if content is None else bytes(content)

    def forget_unconfirmed(self, before: datetime) -> list[str]:
        self._connection.execute(
            sa.text(
                "update lacuna.request_inbox set idempotency_key = null, body_digest = null "
                "where idempotency_key is not null and inserted_at < :before"
            ),
            {"before": before},
        )
        rows = self._connection.execute(
            sa.text(
                "delete from lacuna.upload where uploaded_at < :before returning upload_id::text"
            ),
            {"before": before},
        )
        return sorted(str(upload_id) for (upload_id,) in rows)


def _result(row: sa.Row[Any]) -> InboxResult:
    kinds = (each for each in row.kinds if isinstance(each, str) and each in _RIGHTS)
    return InboxResult(
        inbox_id=row.inbox_id,
        kinds=tuple(map(RequestKind, kinds)),
        received_at=row.received_at,
        inserted_at=row.inserted_at,
        submitted_by=row.submitted_by,
        status=row.status,
        request_id=row.request_id,
        reason=row.reason,
    )


def _columns(submission: Submission) -> dict[str, object]:
    def given(kind: IdentifierKind) -> list[str]:
        return [each.value for each in submission.identifiers if each.kind is kind]

    return {
        "org_id": submission.org_id,
        "kinds": [str(kind) for kind in submission.kinds],
        **{column: given(kind) for column, kind in _SEVERAL.items()},
        **{column: next(iter(given(kind)), None) for column, kind in _ONE.items()},
        "rectifications": json.dumps(dict(submission.rectifications)),
        "is_forced": submission.is_forced,
        "verified_by": submission.verified_by,
        "received_at": submission.received_at,
        "person_kind": submission.person_kind,
    }
