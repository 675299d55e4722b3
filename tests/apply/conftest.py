"""Fixtures of stage `apply`: erasures of people of a small shop, planned and approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lacuna.apply import PreparedTexts, Work, apply_rows, intend_rows, prepare_texts
from lacuna.model.evidence import Action
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.request import Level, RequestState
from lacuna.model.run import Role
from lacuna.plan import plan_request
from lacuna.ports import Desk, Redactor
from lacuna.redaction import build_matcher, build_redactor
from lacuna.stores.installation import FolderStores
from lacuna.stores.keys import FileKeys
from lacuna.subject import Sought, Surroundings, know, own_rows, take_inventory
from lacuna.verify import ObjectSearch
from tests.shop import NOW, Shop, shop, shop_datamap, still_shop

__all__ = ["shop", "shop_datamap", "still_shop"]


@dataclass
class Erasing:
    """Erases people of a shop, step by step."""

    shop: Shop
    home: Path

    def works(self, *people: Sequence[str], org_id: str = "nord") -> list[Work]:
        """Return an approved erasure of each person, given by their keys."""
        sought = [self._sought(keys, org_id) for keys in people]
        return self.survey(sought)

    def _sought(self, keys: Sequence[str], org_id: str) -> Sought:
        request = self.shop.add_request(org_id=org_id, state=RequestState.APPROVED)
        with self.shop.open(Role.PLANNER) as transaction:
            reading = transaction.reading(self.shop.datamap)
            person = know(SubjectRef(request.request_id), org_id, keys, reading)
        return Sought(person, Level.CONTACT, tuple(keys), is_everywhere=True)

    def survey(self, sought: Sequence[Sought]) -> list[Work]:
        by_org: dict[str, list[Person]] = {}
        for one in sought:
            by_org.setdefault(one.person.org_id, []).append(one.person)
        matchers = {org_id: build_matcher(people) for org_id, people in by_org.items()}
        with self.shop.open(Role.PLANNER) as transaction:
            reading = transaction.reading(self.shop.datamap)
            found = take_inventory(
                sought,
                own_rows(sought, self.shop.datamap, reading),
                self.shop.datamap,
                reading,
                Surroundings(
                    matchers,
                    FolderStores(self.home, {}),
                    ObjectSearch(one.person for one in sought),
                ),
            )
            works = []
            for one in sought:
                request = transaction.queue.requests.get(one.person.ref)
                inventory = found[one.person.ref]
                nonce = transaction.queue.requests.nonce(request.request_id)
                plan = plan_request(request, inventory, self.shop.datamap, nonce)
                works.append(Work(request, plan, inventory, one.person, one.roots))
        for work in works:
            self.shop.approve(work.request.request_id, work.plan.digest)
        return works

    def redactors(self, works: Sequence[Work]) -> dict[str, Redactor]:
        org_ids = {work.person.org_id for work in works}
        return {
            org_id: build_redactor([one.person for one in works if one.person.org_id == org_id])
            for org_id in org_ids
        }

    def prepare(self, works: Sequence[Work]) -> PreparedTexts:
        with self.shop.open(Role.PLANNER, is_read_only=True) as transaction:
            return prepare_texts(
                works,
                self.shop.datamap,
                transaction.reading(self.shop.datamap),
                self.redactors(works),
            )

    def desk(self, transaction) -> Desk:
        keys = FileKeys(self.home / "keys")
        return Desk(transaction.queue, transaction.ledger, keys, NOW, "flow:fulfilment")

    def intend(self, works: Sequence[Work]) -> None:
        with self.shop.open(Role.EXECUTOR) as transaction:
            intend_rows(works, self.desk(transaction))

    def apply(self, works: Sequence[Work], texts: PreparedTexts | None = None) -> int:
        texts = texts or self.prepare(works)
        with self.shop.open(Role.EXECUTOR) as transaction:
            desk = self.desk(transaction)
            rows = apply_rows(works, texts, self.shop.datamap, transaction, desk)
        with self.shop.open(Role.EXECUTOR) as transaction:
            transaction.ledger.record_kept([work.request.request_id for work in works])
        return rows

    def ledger(self) -> list[tuple[str, str, str, int | None]]:
        """Return phase, action, location and rows of each entry about what was done."""
        with self.shop.open(Role.PLANNER) as transaction:
            return [
                (
                    str(leaf.entry.phase),
                    str(leaf.entry.action),
                    leaf.entry.location,
                    leaf.entry.rows,
                )
                for leaf in transaction.ledger.leaves()
                if leaf.entry.action is not Action.APPROVED
            ]

    def everything(self) -> dict[str, list[tuple]]:
        """Return every row of the platform and of Lacuna's own tables."""
        tables = self.shop.query(
            "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
            "where schemaname in ('Odd Shop', 'lacuna', 'lacuna_evidence')"
        )
        return {
            table: self.shop.query(f"select t::text from {table} t order by 1")  # noqa: S608
            for (table,) in tables
        }


@pytest.fixture
def erasing(shop: Shop, tmp_path: Path) -> Erasing:
    (tmp_path / "media" / "fotos").mkdir(parents=True)
    (tmp_path / "media" / "fotos" / "1.png").write_bytes(b"png of Anna")
    return Erasing(shop, tmp_path)
