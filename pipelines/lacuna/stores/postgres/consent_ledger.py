"""The ledger of consents: what a person answered, and when."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from lacuna.model.bundle import ConsentRecord
from lacuna.model.consent import (
    ConsentEntry,
    ConsentMethod,
    ConsentPurpose,
    ConsentStatus,
    Prompt,
)
from lacuna.model.datamap import DataMap
from lacuna.stores.postgres.platform_tables import PlatformTables

_ENTRY: Final = (
    "e.org_id, e.call_key, e.status, e.method, e.occurred_at, e.keypress, e.prompt_version, "
    "e.prompt_language, e.prompted_at, e.purpose"
)


class ConsentEntries:
    """The ledger of consents."""

    def __init__(self, connection: sa.Connection, datamap: DataMap) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection
        self._datamap = datamap
        self._tables = PlatformTables(connection, datamap)

    def add(
        self, entries: Collection[tuple[ConsentEntry, str | None]], at: datetime, actor: str
    ) -> int:
        if not entries:
            return 0
        named = [
            (entry, None if contact is None else str(uuid.uuid4()), contact)
            for entry, contact in entries
        ]
        added = self._connection.execute(
            sa.text(
                "insert into lacuna.consent_entry (org_id, subject_id, call_key, status, method, "
                "keypress, prompt_version, prompt_language, prompted_at, occurred_at, "
                "recorded_at, recorded_by, purpose) values (:org_id, :subject_id, :call, :status, :method, "
                ":key, :version, :language, :prompted_at, :occurred_at, :at, :actor, :purpose) "
                "on conflict do nothing"
            ),
            [
                {
                    "org_id": entry.org_id,
                    "subject_id": subject_id,
                    "call": entry.call,
                    "status": str(entry.status),
                    "method": str(entry.method),
                    "key": entry.prompt.key,
                    "version": entry.prompt.version,
                    "language": entry.prompt.language,
                    "prompted_at": entry.prompt.at,
                    "occurred_at": entry.occurred_at,
                    "at": at,
                    "actor": actor,
                    "purpose": str(entry.purpose),
                }
                for entry, subject_id, _ in named
            ],
        ).rowcount
        subjects = [(subject_id, contact) for _, subject_id, contact in named if subject_id]
        self._connection.execute(
            sa.text(
                "insert into lacuna.subject (subject_id, org_id, contact_id) "
                "select e.subject_id, e.org_id, whose.contact_id from lacuna.consent_entry e "
                "join unnest(cast(:ids as uuid[]), cast(:contacts as text[])) "
                "as whose(subject_id, contact_id) using (subject_id)"
            ),
            {
                "ids": [subject_id for subject_id, _ in subjects],
                "contacts": [contact for _, contact in subjects],
            },
        )
        return added

    def entries(
        self, calls: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], list[ConsentEntry]]:
        org_ids, keys = [org_id for org_id, _ in calls], [key for _, key in calls]
        rows = self._connection.execute(
            sa.text(
                f"select {_ENTRY} from lacuna.consent_entry e "  # noqa: S608 - a constant
                "join unnest(cast(:org_ids as text[]), cast(:keys as text[])) as wanted(o, k) "
                "on e.org_id = wanted.o and e.call_key = wanted.k order by e.occurred_at, e.entry_id"
            ),
            {"org_ids": org_ids, "keys": keys},
        )
        found: dict[tuple[str, str], list[ConsentEntry]] = defaultdict(list)
        for row in rows:
            found[row[0], row[1]].append(_entry(row))
        return found

    def general_entries(
        self, people: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], list[ConsentEntry]]:
        rows = self._connection.execute(
            sa.text(
                f"select s.contact_id, {_ENTRY} from lacuna.consent_entry e "  # noqa: S608
                "join lacuna.subject s using (subject_id) "
                "join unnest(cast(:org_ids as text[]), cast(:keys as text[])) as wanted(o, k) "
                "on s.org_id = wanted.o and s.contact_id = wanted.k where e.call_key is null "
                "order by e.occurred_at, e.entry_id"
            ),
            {"org_ids": [org_id for org_id, _ in people], "keys": [key for _, key in people]},
        )
        found: dict[tuple[str, str], list[ConsentEntry]] = defaultdict(list)
        for contact, *row in rows:
            found[row[0], contact].append(_entry(row))
        return found

    def history(self, org_id: str, keys: Collection[str]) -> list[ConsentRecord]:
        rows = self._connection.execute(
            sa.text(
                "select e.occurred_at, e.purpose, e.status, e.method, e.keypress, "
                "e.prompt_version from lacuna.consent_entry e join lacuna.subject s "
                "using (subject_id) where s.org_id = :org_id and s.contact_id = any(:keys) "
                "order by e.occurred_at, e.entry_id"
            ),
            {"org_id": org_id, "keys": sorted(keys)},
        )
        return [
            ConsentRecord(
                at=row.occurred_at,
                purpose=row.purpose.replace("_", " "),
                status=row.status,
                method=f"{row.method}, key {row.keypress}" if row.keypress else row.method,
                version=row.prompt_version,
            )
            for row in rows
        ]

    def forget(self, org_id: str, keys: Collection[str]) -> int:
        return self._connection.execute(
            sa.text(
                "delete from lacuna.subject where org_id = :org_id and contact_id = any(:keys)"
            ),
            {"org_id": org_id, "keys": sorted(keys)},
        ).rowcount


def _entry(row: Sequence[Any]) -> ConsentEntry:
    return ConsentEntry(
        row[0],
        row[1],
        ConsentStatus(row[2]),
        ConsentMethod(row[3]),
        row[4],
        Prompt(row[5], row[6], row[7], row[8]),
        ConsentPurpose(row[9]),
    )
