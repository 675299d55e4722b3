"""A platform that somebody brought: any schema with its data map, and what a person does to it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from lacuna.datamap import load, needed_rights
from lacuna.flows import fulfilment
from lacuna.model.agreement import Agreement, AgreementKind
from lacuna.model.finding import Verification
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.plan import restore
from lacuna.ports import Desk
from lacuna.request import accept, approve
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import write_agreements
from tests.media_stores import mark
from tests.officers import register
from tests.standing import let_approve

NOW = datetime(2026, 11, 24, 13, 45, 12, 345678, tzinfo=UTC)


def agreement_of(org_id: str) -> Agreement:
    """Return a tenant's agreement, by which every right goes on without asking the controller."""
    return Agreement(
        agreement_id=str(uuid.uuid5(uuid.NAMESPACE_URL, org_id)),
        org_id=org_id,
        kind=AgreementKind.DPA,
        version="1",
        text_digest=hashlib.sha256(org_id.encode()).hexdigest(),
        valid_from=NOW - timedelta(days=400),
        standing=tuple(RequestKind),
    )


class Brought:
    """An installation of Lacuna over a schema of its own, in a copy of the template `lacuna`."""

    org_id = "north"
    tenants: tuple[str, ...] = ("north", "south")

    def __init__(self, url: str, home: Path, scripts: Sequence[str], datamap: Path) -> None:
        self.url = url.replace("+psycopg", "")
        self.datamap = load(datamap)
        for script in scripts:
            self.query(script)
        grant_platform(Database(url), self.datamap.schemas, needed_rights(self.datamap))
        write_agreements(Database(url), map(agreement_of, self.tenants), NOW)
        let_approve(Database(url))
        register(Database(url))
        self.stores = OpenedStores(
            database=Database(url),
            keys=FileKeys(home / "keys"),
            clock=SystemClock(),
            objects=FolderStores(home, {}),
            home=home,
            datamap_path=datamap,
            run_log=FileRunLog(home / "runs"),
            approvers=home / "approvers",
        )
        mark(self.stores)

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        """Run statements as the owner, past everything under test."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def submit(self, kind: IdentifierKind, value: str, **details: object) -> str:
        settings = {
            "org_id": self.org_id,
            "kinds": (RequestKind.ERASURE,),
            "verified_by": "reply to a challenge",
        } | details
        submission = Submission(identifiers=(Identifier(kind, value),), received_at=NOW, **settings)
        with self.stores.transaction(Role.PLANNER) as transaction:
            ids = (str(uuid.uuid4()), str(uuid.uuid4()))
            return accept(submission, *ids, self.desk(transaction, "flow:intake")).request_id

    def desk(self, transaction, actor: str = "dpo:0000test") -> Desk:
        now, kept = self.stores.clock.now(), self.stores.kept_rights
        queue, ledger = transaction.queue, transaction.ledger
        return Desk(queue, ledger, self.stores.keys, now, actor, kept_rights=kept)

    def run(self, flow=fulfilment) -> None:
        options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT)
        flow.run(self.stores, options, str(uuid.uuid4()))

    def plan(self, request_id: str) -> tuple:
        with self.stores.transaction(Role.PLANNER) as transaction:
            stored = transaction.queue.plans.get(request_id)
            return restore(transaction.queue.requests.get(request_id), stored).steps

    def approve(self, *request_ids: str) -> None:
        for request_id in request_ids:
            org_id = self.request(request_id).org_id
            with self.stores.transaction(Role.DPO, org_id=org_id) as transaction:
                request = transaction.queue.requests.get(request_id)
                approve(request, request.plan_digest, self.desk(transaction))

    def erase(self, *mails: str, **details: object) -> list[str]:
        """Erase people by their addresses; fail unless all complete."""
        ids = [self.submit(IdentifierKind.EMAIL, mail, **details) for mail in mails]
        self.run()
        self.approve(*ids)
        self.run()
        assert {self.state(one) for one in ids} == {RequestState.COMPLETED}
        return ids

    def request(self, request_id: str) -> Request:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.get(request_id)

    def state(self, request_id: str) -> RequestState:
        return self.request(request_id).state

    def verification(self, request_id: str) -> Verification:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.results.get(request_id)
