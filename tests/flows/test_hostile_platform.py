"""Every default of the scaffold on a platform that hides people: nothing is certified while anything is left.

Each part of it is drafted with every proposal accepted, and people are erased from it. Either the plan is
refused and names the place, also where the proof's sample did not show it, or nothing of the person is in
a full dump, which is read here by means that share no code with Lacuna.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from lacuna.datamap import load
from lacuna.errors import VerificationFailed
from lacuna.flows.fulfilment import prove
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.drafting import draft
from tests.flows.test_every_default import STRANGERS, Only, made_by
from tests.proved import let_pass

BASE, *_PARTS = re.split(r"^-- part: ", (STRANGERS / "hostile.sql").read_text("utf-8"), flags=re.M)
PARTS = {
    title: f"-- {title}\n{script}" for title, _, script in (one.partition("\n") for one in _PARTS)
}
FIRST = ("Aveline", "Bodil", "Casimir", "Dagny", "Emeric")
LAST = ("Ashgrove", "Birkelund", "Coppersmith", "Drosselbart")
MAIL = "guest7@example.org"
# What the scaffold has no way to cover, by the part that it is in: whether the proof finds it, and
# what the plan is refused for.
REFUSED = {
    "a copy for another system": ("hideout.crm_sync.external_ref", True, Obstacle.MENTION_REFUSED),
    "a cache by the digest of an address": (
        "hideout.contact_cache.cache_key", True, Obstacle.MENTION_REFUSED
    ),
    "points by the number of a customer": (
        "hideout.loyalty_ledger.customer_number", False, Obstacle.ROWS_UNREACHED
    ),
}  # fmt: skip
TWINS = "two customers of one name and number"


class Hideout(Only):
    """The desk, and what is left of a customer."""

    def left_of(self, number: int) -> dict[str, set[str]]:
        """Return by table what is left of a customer."""
        mail = f"guest{number}@example.org"
        values = (
            mail, f"guest{number}.png", f"{FIRST[number % 5]} {LAST[number % 4]}", f"9600{number:02d}",
            f"CUST-{7000 + number}-QX", hashlib.md5(mail.encode()).hexdigest(),  # noqa: S324
        )  # fmt: skip
        tables = self.query(
            "select oid::regclass::text from pg_class "
            "where relnamespace = 'hideout'::regnamespace and relkind in ('r', 'm')"
        )
        left: dict[str, set[str]] = {}
        for (table,) in tables:
            for (row,) in self.query(f"select to_jsonb(t)::text from {table} t"):  # noqa: S608
                # A column of bytes is in hexadecimal digits.
                found = {one for one in values if one in row or one.encode().hex() in row}
                if found:
                    left.setdefault(table, set()).update(found)
        return left

    def obstacle(self, request_id: str) -> Obstacle | None:
        """Return what a request waits for."""
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.obstacle(request_id)


def opened(part: str, database, home: Path, folder: Path) -> Hideout:
    """Draft a map of the desk with one of its parts, and open an installation on it."""
    script = BASE + PARTS.get(part, "")
    drafted = draft(made_by(database(), script), folder)
    return Hideout(database("lacuna"), home, [script], drafted.path)


@pytest.mark.thorough
@pytest.mark.parametrize("part", ["nothing more", *(one for one in PARTS if one not in REFUSED)])
def test_nothing_is_left_of_whoever_is_erased_by_the_draft(part, database, lacuna_home, tmp_path):
    hideout = opened(part, database, lacuna_home, tmp_path)
    assert len(hideout.left_of(7)) >= 3
    assert prove(hideout.stores).passed
    hideout.erase(MAIL)
    # The other customer of that name and number keeps them, in a row of their own.
    theirs = {"hideout.users": {"Casimir Drosselbart", "960007"}} if part == TWINS else {}
    assert hideout.left_of(7) == theirs
    assert hideout.query("select count(*) from hideout.tickets") == [(20,)]


@pytest.mark.thorough
def test_drafts_and_transcripts_are_redacted_and_what_they_count_stays(
    database, lacuna_home, tmp_path
):
    hideout = opened("drafts and transcripts", database, lacuna_home, tmp_path)
    counts = (
        "select count(*), sum(seconds) from hideout.ticket_drafts union all "
        "select count(*), sum(duration_seconds) from hideout.call_transcripts"
    )
    before = hideout.query(counts)
    hideout.erase(MAIL)
    assert hideout.query(counts) == before
    assert hideout.left_of(7) == {}


# A framework puts the name of the application before that of the model.
RENAMED = """
alter table hideout.users rename to accounts_user;
alter table hideout.tickets rename to desk_ticket;
"""


@pytest.mark.parametrize(
    ("change", "users", "tickets"),
    [("", "users", "tickets"), (RENAMED, "accounts_user", "desk_ticket")],
)
def test_rows_of_a_framework_lead_by_the_names_of_their_types(
    change, users, tickets, tmp_path, database
):
    part = "a log of a framework by the type and the number of any row"
    drafted = draft(made_by(database(), BASE + PARTS[part] + change), tmp_path)
    log = load(drafted.path).tables[TableName("hideout", "admin_log")]
    found = {(link.table.name, link.where, str(link.lookup), link.is_text) for link in log.links}
    lookup = "hideout.content_type.model"
    assert found == {
        (users, ("content_type_id", "user"), lookup, True),
        (tickets, ("content_type_id", "ticket"), lookup, True),
    }
    # Of a company, who is no person, the log stays.
    assert log.column("content_type_id").values == ("company", "ticket", "user")


@pytest.mark.thorough
@pytest.mark.parametrize("part", REFUSED)
def test_what_the_draft_cannot_cover_is_named_and_nothing_is_changed(
    part, database, lacuna_home, tmp_path, caplog
):
    place, is_proved, obstacle = REFUSED[part]
    hideout = opened(part, database, lacuna_home, tmp_path)
    before = hideout.left_of(7)
    proof = prove(hideout.stores)
    assert [one.place for one in proof.findings] == ([place] if is_proved else [])
    request_id = hideout.submit(IdentifierKind.EMAIL, MAIL)
    if is_proved:
        with pytest.raises(VerificationFailed):
            hideout.run()
        assert hideout.obstacle(request_id) is Obstacle.MAP_UNPROVED
        let_pass(hideout.stores)
    with pytest.raises(VerificationFailed):
        hideout.run()
    assert hideout.obstacle(request_id) is obstacle
    assert f"{place} in 1 row" in caplog.text
    assert hideout.state(request_id) is RequestState.RESOLVED
    assert hideout.left_of(7) == before
