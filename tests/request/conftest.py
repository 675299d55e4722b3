"""Fixtures of stage `request`: a desk over the queue, the ledger and the keys."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from lacuna.model.identity import Identifier
from lacuna.model.plan import bound_digest
from lacuna.model.queue import StoredPlan, Submission
from lacuna.model.request import Request, RequestKind
from lacuna.model.run import Role
from lacuna.ports import Desk
from lacuna.request import Accepted, accept
from lacuna.stores.kept_rights import FileKeptRights
from lacuna.stores.keys import FileKeys
from tests.shop import ANNA_MAIL, NOW, Shop, email, shop, shop_datamap, still_shop

DIGEST = bound_digest("a" * 64, "[]", "1. nothing")

__all__ = ["shop", "shop_datamap", "still_shop"]


@dataclass
class Office:
    """Where requests are handed in and decided on."""

    shop: Shop
    keys: FileKeys
    kept_rights: FileKeptRights
    now: datetime = NOW

    @contextmanager
    def desk(
        self, actor: str | None = None, role: Role = Role.PLANNER, org_id: str | None = None
    ) -> Iterator[Desk]:
        actor = actor or ("dpo:0000test" if role is Role.DPO else "flow:intake")
        with self.shop.open(role, org_id=org_id) as transaction:
            queue, ledger = transaction.queue, transaction.ledger
            yield Desk(queue, ledger, self.keys, self.now, actor, kept_rights=self.kept_rights)

    def submission(self, *identifiers: Identifier, **details: object) -> Submission:
        given = Submission(
            org_id="nord",
            kinds=(RequestKind.ERASURE,),
            identifiers=identifiers or (email(ANNA_MAIL),),
            received_at=NOW,
        )
        return replace(given, **details)

    def submit(self, *identifiers: Identifier, **details: object) -> Accepted:
        with self.desk() as desk:
            submission = self.submission(*identifiers, **details)
            return accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), desk)

    def act(self, decision, *args: object) -> Request:
        """Take a decision in a transaction of its own, as an officer."""
        with self.desk(role=Role.DPO, org_id="nord") as desk:
            return decision(*args, desk)

    def get(self, request_id: str) -> Request:
        with self.desk() as desk:
            return desk.queue.requests.get(request_id)

    def planned(self, **details: object) -> Request:
        """Return a request that waits for approval of a plan."""
        request = self.get(self.submit(**details).request_id)
        with self.desk() as desk:
            for state in ("resolved", "planned"):
                request = desk.queue.requests.move(request, type(request.state)(state), at=self.now)
            plan = StoredPlan(
                request.request_id, DIGEST, "d" * 64, "[]", "1. nothing", self.now, "a" * 64
            )
            desk.queue.plans.put_all([(plan, request.attempt)])
        return self.get(request.request_id)

    def ledger(self) -> list[tuple[str, str, str | None]]:
        """Return action, actor and digest of each entry."""
        with self.desk() as desk:
            return [
                (str(leaf.entry.action), leaf.entry.actor, leaf.entry.digest)
                for leaf in desk.ledger.leaves()
            ]

    def dump(self) -> str:
        """Return every row of Lacuna's own schemas as text."""
        tables = self.shop.query(
            "select schemaname, tablename from pg_tables "
            "where schemaname in ('lacuna', 'lacuna_evidence')"
        )
        return "\n".join(
            text
            for schema, table in tables
            for (text,) in self.shop.query(f"select t::text from {schema}.{table} t")  # noqa: S608
        )


@pytest.fixture
def office(shop: Shop, tmp_path: Path) -> Office:
    return Office(shop, FileKeys(tmp_path / "keys"), FileKeptRights(tmp_path / "rights"))
