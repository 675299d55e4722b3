"""Mails that were taken in and letters that wait, in PostgreSQL."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from lacuna.errors import UnknownRequest
from lacuna.model.letter import Letter, LetterKind, SentLetter
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.request import RequestKind

_MAIL = (
    "mail_id::text, org_id, request_id::text, outcome, reasons, rights, language, received_at, "
    "due_at, taken_at, facts, content"
)
_LETTER = (
    "letter_id::text, org_id, request_id::text, mail_id::text, kind, language, facts, envelope, "
    "created_at, attempts"
)
_TENANT: Final = sa.text("select coalesce(current_setting('lacuna.org_id', true), '')")
_LOOK_AT: Final = sa.text("select set_config('lacuna.org_id', :org_id, true)")


class PostgresMails:
    """The mails and letters as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def add(self, record: MailRecord) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.mail (mail_id, org_id, request_id, outcome, reasons, rights, "
                "language, received_at, due_at, taken_at, settled_at, facts, content) values "
                "(:mail_id, :org_id, :request_id, :outcome, :reasons, :rights, :language, "
                ":received_at, :due_at, :taken_at, "
                "case when :outcome <> 'waiting' then cast(:taken_at as timestamptz) end, "
                ":facts, :content)"
            ),
            {
                "mail_id": record.mail_id,
                "org_id": record.org_id,
                "request_id": record.request_id,
                "outcome": str(record.outcome),
                "reasons": list(record.reasons),
                "rights": [str(kind) for kind in record.kinds],
                "language": record.language,
                "received_at": record.received_at,
                "due_at": record.due_at,
                "taken_at": record.taken_at,
                "facts": record.facts,
                "content": record.content,
            },
        )

    def get(self, mail_id: str) -> MailRecord:
        for record in self._mails("mail_id::text = :id", {"id": mail_id}):
            return record
        raise UnknownRequest(f"{mail_id}: no such mail; see lacuna mail list")

    def mails(self, outcome: MailOutcome | None = None) -> list[MailRecord]:
        if outcome is None:
            return self._mails("true", {})
        return self._mails("outcome = :outcome", {"outcome": str(outcome)})

    def reasons(self) -> Mapping[str, str]:
        rows = self._connection.execute(
            sa.text("select reason, description from lacuna.mail_reason")
        )
        return {row.reason: row.description for row in rows}

    def kept(self) -> list[MailRecord]:
        return self._mails("facts is not null", {})

    def settle(
        self, record: MailRecord, outcome: MailOutcome, at: datetime, request_id: str | None = None
    ) -> None:
        self._update(
            record,
            "update lacuna.mail set outcome = :outcome, settled_at = :at, "
            "request_id = cast(:request_id as uuid), facts = :facts, content = :content ",
            {
                "outcome": str(outcome),
                "at": at,
                "request_id": request_id,
                "facts": record.facts,
                "content": record.content,
            },
        )

    def keep_facts(self, record: MailRecord) -> None:
        self._update(record, "update lacuna.mail set facts = :facts ", {"facts": record.facts})

    def _update(self, record: MailRecord, change: str, values: Mapping[str, object]) -> None:
        tenant = self._connection.execute(_TENANT).scalar_one()
        if record.org_id is None:
            # To the officer's role it belongs to those of every tenant, and its request to one.
            self._connection.execute(_LOOK_AT, {"org_id": EVERY_TENANT})
        where = "where mail_id = :id and outcome in ('waiting', 'no_request')"
        changed = self._connection.execute(
            sa.text(f"{change}{where}"), {**values, "id": record.mail_id}
        ).rowcount
        if changed != 1:
            raise UnknownRequest(f"{record.mail_id}: this mail needs no review")
        if record.org_id is None:
            self._connection.execute(_LOOK_AT, {"org_id": tenant})

    def forget_settled(self, before: datetime) -> list[str]:
        rows = self._connection.execute(
            sa.text(
                "update lacuna.mail set facts = null, content = null where request_id is null "
                "and settled_at < :before and (facts is not null or content is not null) "
                "returning mail_id::text"
            ),
            {"before": before},
        )
        return sorted(str(mail_id) for (mail_id,) in rows)

    def remember(self, org_id: str, digests: Collection[bytes], week: date) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.mail_digest (org_id, digest, week) "
                "select :org_id, digest, :week from unnest(cast(:digests as bytea[])) as digest "
                "order by digest on conflict do nothing"
            ),
            {"org_id": org_id, "digests": list(digests), "week": week},
        )

    def remembered(self, org_id: str, digests: Collection[bytes]) -> frozenset[bytes]:
        rows = self._connection.execute(
            sa.text(
                "select digest from lacuna.mail_digest "
                "where org_id = :org_id and digest = any(cast(:digests as bytea[]))"
            ),
            {"org_id": org_id, "digests": list(digests)},
        )
        return frozenset(bytes(digest) for (digest,) in rows)

    def count_remembered(self, org_id: str) -> int:
        counted = sa.text("select count(*) from lacuna.mail_digest where org_id = :org_id")
        return int(self._connection.execute(counted, {"org_id": org_id}).scalar_one())

    def forget_remembered(self, before: date) -> int:
        """What was written together would lie together, and in the order in which mails came."""
        rows = self._connection.execute(
            sa.text("delete from lacuna.mail_digest returning org_id, digest, week")
        ).all()
        kept = sorted((row.digest, row.org_id, row.week) for row in rows if row.week >= before)
        if kept:
            self._connection.execute(
                sa.text(
                    "insert into lacuna.mail_digest (digest, org_id, week) "
                    "values (:digest, :org_id, :week)"
                ),
                [
                    {"digest": digest, "org_id": org_id, "week": week}
                    for digest, org_id, week in kept
                ],
            )
        return len(rows) - len(kept)

    def queue_letter(self, letter: Letter) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.letter (letter_id, org_id, request_id, mail_id, kind, "
                "language, facts, envelope, next_at, created_at) values (:letter_id, :org_id, "
                ":request_id, :mail_id, :kind, :language, cast(:facts as jsonb), :envelope, "
                ":created_at, :created_at)"
            ),
            {
                "letter_id": letter.letter_id,
                "org_id": letter.org_id,
                "request_id": letter.request_id,
                "mail_id": letter.mail_id,
                "kind": str(letter.kind),
                "language": letter.language,
                "facts": json.dumps(dict(letter.facts), sort_keys=True),
                "envelope": letter.envelope,
                "created_at": letter.created_at,
            },
        )

    def due_letters(self, now: datetime, limit: int) -> list[Letter]:
        return self._letters("state = 'pending' and next_at <= :now", {"now": now, "limit": limit})

    def letters_of(self, request_id: str) -> list[LetterKind]:
        rows = self._connection.execute(
            sa.text(
                "select kind from lacuna.letter where request_id::text = :id "
                "order by created_at, letter_id"
            ),
            {"id": request_id},
        )
        return [LetterKind(kind) for (kind,) in rows]

    def letters_about(self, mail_id: str) -> list[SentLetter]:
        rows = self._connection.execute(
            sa.text(
                "select kind, state, created_at from lacuna.letter where mail_id::text = :id "
                "order by created_at, letter_id"
            ),
            {"id": mail_id},
        )
        return [SentLetter(LetterKind(kind), state, at) for kind, state, at in rows]

    def request_asked_by(self, letter_id: str) -> tuple[str, bool] | None:
        found = self._connection.execute(
            sa.text(
                "select request_id::text, coalesce(asked.created_at >= paused_at, false) "
                "from lacuna.letter as asked join lacuna.request using (request_id) "
                "where letter_id::text = :id and asked.kind = :kind"
            ),
            {"id": letter_id, "kind": str(LetterKind.SPECIFICATION)},
        ).one_or_none()
        return None if found is None else (str(found[0]), bool(found[1]))

    def asked_back(self) -> frozenset[str]:
        rows = self._connection.execute(
            sa.text(
                "select mail_id::text from lacuna.letter where kind = :kind "
                "and mail_id is not null and state <> 'abandoned'"
            ),
            {"kind": str(LetterKind.QUESTION)},
        )
        return frozenset(mail_id for (mail_id,) in rows)

    def end_letter(self, letter: Letter, at: datetime, *, is_delivered: bool) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.letter set state = :state, envelope = null, ended_at = :at, "
                "attempts = attempts + 1 where letter_id = :id and state = 'pending'"
            ),
            {
                "state": "delivered" if is_delivered else "abandoned",
                "at": at,
                "id": letter.letter_id,
            },
        )

    def put_off_letter(self, letter: Letter, until: datetime) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.letter set next_at = :until, attempts = attempts + 1 "
                "where letter_id = :id and state = 'pending'"
            ),
            {"until": until, "id": letter.letter_id},
        )

    def _mails(self, condition: str, parameters: Mapping[str, object]) -> list[MailRecord]:
        # The condition is one of the constants above; every value is a parameter.
        query = sa.select(sa.text(_MAIL)).select_from(sa.text("lacuna.mail"))
        rows = self._connection.execute(
            query.where(sa.text(condition)).order_by(sa.text("received_at, mail_id")),
            dict(parameters),
        )
        return [
            MailRecord(
                mail_id=row[0],
                org_id=row[1],
                request_id=row[2],
                outcome=MailOutcome(row[3]),
                reasons=tuple(row[4]),
                kinds=tuple(RequestKind(kind) for kind in row[5]),
                language=row[6],
                received_at=row[7],
                due_at=row[8],
                taken_at=row[9],
                facts=None if row[10] is None else bytes(row[10]),
                content=None if row[11] is None else bytes(row[11]),
            )
            for row in rows
        ]

    def _letters(self, condition: str, parameters: Mapping[str, object]) -> list[Letter]:
        query = sa.select(sa.text(_LETTER)).select_from(sa.text("lacuna.letter"))
        rows = self._connection.execute(
            query.where(sa.text(condition))
            .order_by(sa.text("created_at, letter_id"))
            .limit(sa.bindparam("limit"))
            .with_for_update(skip_locked=True),
            dict(parameters),
        )
        return [
            Letter(
                letter_id=row[0],
                owner_id=row[2] or row[3],
                org_id=row[1],
                request_id=row[2],
                mail_id=row[3],
                kind=LetterKind(row[4]),
                language=row[5],
                facts=row[6],
                envelope=bytes(row[7]),
                created_at=row[8],
                attempts=row[9],
            )
            for row in rows
        ]
