"""Agreements in PostgreSQL: versions, acceptances, and the instructions of controllers."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from lacuna.model.agreement import (
    Acceptance,
    AcceptanceMethod,
    Agreement,
    AgreementKind,
    Dpa,
    InstructionSource,
)
from lacuna.model.bundle import ConsentRecord
from lacuna.model.request import Request, RequestKind


class PostgresAgreements:
    """The agreements as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection

    def add(self, agreement: Agreement, at: datetime, actor: str) -> bool:
        return bool(
            self._connection.execute(
                sa.text(
                    "insert into lacuna.agreement (agreement_id, org_id, kind, version, "
                    "text_digest, valid_from, standing, recorded_at, recorded_by) values (:id, "
                    ":org_id, :kind, :version, :digest, :valid_from, :standing, :at, :actor) "
                    "on conflict do nothing"
                ),
                {
                    "id": agreement.agreement_id,
                    "org_id": agreement.org_id,
                    "kind": str(agreement.kind),
                    "version": agreement.version,
                    "digest": agreement.text_digest,
                    "valid_from": agreement.valid_from,
                    "standing": [str(kind) for kind in agreement.standing],
                    "at": at,
                    "actor": actor,
                },
            ).rowcount
        )

    def accept(self, acceptance: Acceptance, at: datetime, actor: str) -> None:
        subject_id = None if acceptance.contact is None else str(uuid.uuid4())
        self._connection.execute(
            sa.text(
                "insert into lacuna.acceptance (acceptance_id, agreement_id, org_id, subject_id, "
                "accepted_by, method, accepted_at, recorded_at, recorded_by) values (:id, "
                ":agreement_id, :org_id, :subject_id, :accepted_by, :method, :accepted_at, :at, "
                ":actor)"
            ),
            {
                "id": str(uuid.uuid4()),
                "agreement_id": acceptance.agreement_id,
                "org_id": acceptance.org_id,
                "subject_id": subject_id,
                "accepted_by": acceptance.accepted_by,
                "method": str(acceptance.method),
                "accepted_at": acceptance.accepted_at,
                "at": at,
                "actor": actor,
            },
        )
        if subject_id is not None:
            self._connection.execute(
                sa.text(
                    "insert into lacuna.subject (subject_id, org_id, contact_id) "
                    "values (:subject_id, :org_id, :contact)"
                ),
                {
                    "subject_id": subject_id,
                    "org_id": acceptance.org_id,
                    "contact": acceptance.contact,
                },
            )

    def versions(self) -> list[tuple[Agreement, int, datetime | None]]:
        rows = self._connection.execute(
            sa.text(
                "select v.agreement_id::text, v.org_id, v.kind, v.version, v.text_digest, "
                "v.valid_from, v.standing, count(a.acceptance_id) filter (where "
                "a.accepted_by is null), min(a.accepted_at) filter (where a.accepted_by is not "
                "null) from lacuna.agreement v left join lacuna.acceptance a using (agreement_id) "
                "group by v.agreement_id order by v.org_id, v.kind, v.valid_from, v.recorded_at"
            )
        )
        return [(_agreement(row), row[7], row[8]) for row in rows]

    def acceptances(self) -> Mapping[str, list[Acceptance]]:
        rows = self._connection.execute(
            sa.text(
                "select a.agreement_id::text, a.org_id, a.method, a.accepted_at, s.contact_id, "
                "a.accepted_by from lacuna.acceptance a left join lacuna.subject s using (subject_id) "
                "order by a.accepted_at, a.acceptance_id"
            )
        )
        found: dict[str, list[Acceptance]] = defaultdict(list)
        for row in rows:
            found[row[0]].append(
                Acceptance(row[0], row[1], AcceptanceMethod(row[2]), row[3], row[4], row[5])
            )
        return found

    def dpa(self, org_id: str, now: datetime) -> Dpa:
        row = self._connection.execute(
            sa.text(
                "select v.agreement_id::text, v.org_id, v.kind, v.version, v.text_digest, "
                "v.valid_from, v.standing, exists (select from lacuna.acceptance a "
                "where a.agreement_id = v.agreement_id and a.accepted_by is not null "
                "and a.accepted_at <= :now) from lacuna.agreement v where v.org_id = :org_id "
                "and v.kind = 'dpa' and v.valid_from <= :now "
                "order by v.valid_from desc, v.recorded_at desc, v.agreement_id limit 1"
            ),
            {"org_id": org_id, "now": now},
        ).one_or_none()
        if row is None:
            return Dpa(org_id, None, is_accepted=False)
        return Dpa(org_id, _agreement(row), is_accepted=row[7])

    def instruct(
        self,
        requests: Sequence[Request],
        source: InstructionSource,
        at: datetime,
        actor: str,
        *,
        agreement_id: str | None = None,
    ) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.instruction (org_id, request_id, source, agreement_id, "
                "instructed_at, recorded_by) values (:org_id, :request_id, :source, "
                ":agreement_id, :at, :actor)"
            ),
            [
                {
                    "org_id": request.org_id,
                    "request_id": request.request_id,
                    "source": str(source),
                    "agreement_id": agreement_id,
                    "at": at,
                    "actor": actor,
                }
                for request in requests
            ],
        )

    def inherit(self, request: Request, parent: Request) -> int:
        return self._connection.execute(
            sa.text(
                "insert into lacuna.instruction (org_id, request_id, source, agreement_id, "
                "instructed_at, recorded_by) select org_id, :id, source, agreement_id, "
                "instructed_at, recorded_by from lacuna.instruction "
                "where request_id = :parent_id and org_id = :org_id "
                "order by instruction_id limit 1"
            ),
            {
                "id": request.request_id,
                "parent_id": parent.request_id,
                "org_id": request.org_id,
            },
        ).rowcount

    def instructed(self, request_ids: Collection[str]) -> frozenset[str]:
        found = self._connection.execute(
            sa.text(
                "select distinct request_id::text from lacuna.instruction "
                "where request_id = any(cast(:ids as uuid[]))"
            ),
            {"ids": list(request_ids)},
        )
        return frozenset(found.scalars())

    def history(self, org_id: str, keys: Collection[str]) -> list[ConsentRecord]:
        rows = self._connection.execute(
            sa.text(
                "select a.accepted_at, v.kind, a.method, v.version from lacuna.acceptance a "
                "join lacuna.agreement v using (agreement_id) join lacuna.subject s "
                "using (subject_id) where s.org_id = :org_id and s.contact_id = any(:keys) "
                "order by a.accepted_at, a.acceptance_id"
            ),
            {"org_id": org_id, "keys": sorted(keys)},
        )
        return [
            ConsentRecord(row.accepted_at, row.kind, "accepted", row.method, row.version)
            for row in rows
        ]


def _agreement(row: Sequence[Any]) -> Agreement:
    return Agreement(
        agreement_id=row[0],
        org_id=row[1],
        kind=AgreementKind(row[2]),
        version=row[3],
        text_digest=row[4],
        valid_from=row[5],
        standing=tuple(RequestKind(kind) for kind in row[6]),
    )
