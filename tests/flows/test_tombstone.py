"""A link that may not be NULL: erased people share the tenant's one tombstone contact.

The shop again, with links that must point at somebody, and a key that the database gives.
"""

from __future__ import annotations

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import sweep
from lacuna.flows.attack import attack
from lacuna.flows.run.opening import open_datamap, try_tombstones
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import LinkTombstone
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.model.tombstone import tombstone_key
from tests.brought import Brought
from tests.flows.step_makers import named_modules, traced
from tests.shop import ANNA, BO, CLARA, DORA

SCHEMA = f"""
create schema desk;
create table desk.people (
    id uuid primary key default gen_random_uuid(), org_id text not null, email text unique,
    name text not null, tags text[] not null, rank int not null, since timestamptz not null default now(),
    erased_at timestamptz, extra jsonb, unique (org_id, email)
);
create table desk.calls (
    id int primary key, org_id text not null, person uuid not null references desk.people,
    second uuid references desk.people, minutes int not null, state text not null, note text,
    closed timestamptz
);
create table desk.lines (
    id int primary key, org_id text not null, call int not null references desk.calls, body text
);
insert into desk.people (id, org_id, email, name, tags, rank) values
    ('{ANNA}', 'north', 'anna.berg@example.org', 'Anna Berg', '{{vip}}', 7),
    ('{BO}', 'north', 'bo.lind@example.org', 'Bo Lind', '{{}}', 7),
    ('{CLARA}', 'north', 'clara.dahl@example.org', 'Clara Dahl', '{{}}', 7),
    ('{DORA}', 'south', 'dora.elm@example.org', 'Dora Elm', '{{}}', 7);
insert into desk.calls values
    (10, 'north', '{ANNA}', null, 5, 'closed', 'Anna Berg called', '2026-01-01'),
    (11, 'north', '{ANNA}', '{BO}', 7, 'closed', null, '2026-01-02'),
    (20, 'north', '{BO}', null, 11, 'closed', 'fine', '2026-01-03'),
    (30, 'north', '{CLARA}', null, 13, 'closed', 'ask Anna Berg', '2026-01-04'),
    (40, 'south', '{DORA}', null, 17, 'closed', 'Dora Elm', '2026-01-05');
insert into desk.lines values (100, 'north', 10, 'I am Anna Berg'), (400, 'south', 40, 'none');
"""  # noqa: S608 - constants of this file alone

DATAMAP = """
name: Desk
version: "1"
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.people
  identifiers:
    - {kind: email, column: desk.people.email}
    - {kind: name, column: desk.people.name}
  levels: {contact: desk.people, conversation: desk.calls, message: desk.lines}
  open_when: {column: state, values: [open]}
  tombstone: {rank: "0"}
tables:
  desk.people:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: suppress, access: false, portability: false}
      name: {category: user.name, erase: {replace: "[erased]"}, access: false, portability: false}
      tags: {category: user.content, erase: empty, access: false, portability: false}
      rank: {category: system.operations, erase: keep}
      since: {category: user.account, erase: {generalize: year}, access: false, portability: false}
      erased_at: {category: system.operations, erase: keep}
      extra: {category: user.content, erase: suppress, access: false, portability: false}
  desk.calls:
    processing: support
    key: id
    tenant: org_id
    links: {person: desk.people, second: desk.people}
    rows: anonymize
    measures: [minutes]
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: tombstone, access: true, portability: false, meaning: Who called.}
      second: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      minutes: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
      note: {category: user.content, erase: redact, text: plain, access: true, portability: false, meaning: Note.}
      closed: {category: system.operations, erase: keep}
  desk.lines:
    processing: support
    key: id
    tenant: org_id
    links: {call: desk.calls}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      call: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: false, meaning: What was said.}
stores: {}
sweeps:
  - {name: lines, table: desk.lines, closed: desk.calls.closed, after_days: 30}
"""
PEOPLE = TableName("desk", "people")
TOMBSTONE = tombstone_key(PEOPLE, "north")
ERASED_AT = "erased_at:"
EVERYBODY = (
    "select name, email, tags, rank, extra, to_jsonb(p) -> 'erased_at' <> 'null' from desk.people p "
    "where org_id = %s order by 1, 4"
)


class DeskOffice(Brought):
    """A platform with links that may not be NULL."""

    def __init__(self, url: str, home, *, is_dated: bool = True) -> None:
        self.is_dated = is_dated
        lines = [
            one for one in DATAMAP.splitlines(keepends=True) if is_dated or ERASED_AT not in one
        ]
        (home / "datamap.yaml").write_text("".join(lines), "utf-8")
        schema = (
            SCHEMA if is_dated else SCHEMA.replace("    erased_at timestamptz, extra", "    extra")
        )
        super().__init__(url, home, [schema], home / "datamap.yaml")


@pytest.fixture(params=["dated", "undated"])
def office(request, database, lacuna_home) -> DeskOffice:
    """The platform, with a column for the time of erasure, and without one."""
    return DeskOffice(database("lacuna"), lacuna_home, is_dated=request.param == "dated")


@pytest.mark.thorough
def test_erased_people_share_the_tombstone_contact_of_their_tenant(office, monkeypatch):
    found = traced(monkeypatch)
    anna, bo = office.erase("anna.berg@example.org", "bo.lind@example.org")
    made = "PlatformChanges.make_tombstone"
    assert found[made] == named_modules()[made]
    calls = "select id, person::text, second::text from desk.calls order by id"
    assert office.query(calls) == [
        (10, TOMBSTONE, None), (11, TOMBSTONE, TOMBSTONE), (20, TOMBSTONE, None),
        (30, CLARA, None), (40, DORA, None),
    ]  # fmt: skip
    is_dated = True if office.is_dated else None
    erased = ("[erased]", None, [], 7, None, is_dated)
    assert office.query(EVERYBODY, "north") == [
        ("Clara Dahl", "clara.dahl@example.org", [], 7, None, False if office.is_dated else None),
        ("[erased]", None, [], 0, None, is_dated),
        erased,
        erased,
    ]
    assert len(office.query(EVERYBODY, "south")) == 1
    with office.stores.transaction(Role.PLANNER) as transaction:
        entries = [leaf.entry for leaf in transaction.ledger.leaves(request_id=anna)]
    linked = [(one.phase, one.location, one.rows) for one in entries
              if one.action is Action.LINK_TOMBSTONE]  # fmt: skip
    assert linked == [("intent", "desk.people", 2), ("outcome", "desk.people", 2)]
    assert bo != anna


@pytest.mark.thorough
def test_the_plan_says_it_before_and_stays_the_same_once_the_contact_is_there(office):
    request_id = office.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    office.run()
    step = LinkTombstone(PEOPLE, ("desk.calls.person", "desk.calls.second"), 2)
    assert step in office.plan(request_id)
    with office.stores.transaction(Role.PLANNER) as transaction:
        assert (
            "tombstone contact of desk.people" in transaction.queue.plans.get(request_id).readable
        )
    office.approve(request_id)
    office.erase("dora.elm@example.org", org_id="south")
    office.run()
    assert office.state(request_id) is RequestState.COMPLETED
    office.erase("bo.lind@example.org")
    assert office.query("select org_id from desk.people where rank = 0 order by 1") == [
        ("north",),
        ("south",),
    ]


@pytest.mark.thorough
def test_nobody_is_the_tombstone_contact(office):
    """Neither its id nor a conversation that was cut leads to it, as to a person."""
    office.erase("anna.berg@example.org")
    before = office.query("select p::text from desk.people p order by 1")
    given = [
        (IdentifierKind.CONTACT_ID, TOMBSTONE),
        (IdentifierKind.CONVERSATION_ID, "10"),
    ]
    ids = [
        office.submit(kind, value, kinds=(right,))
        for kind, value in given
        for right in (RequestKind.ACCESS, RequestKind.ERASURE)
    ]
    office.run()
    assert {office.state(one) for one in ids} == {RequestState.NOTHING_FOUND}
    assert office.query("select p::text from desk.people p order by 1") == before
    with office.stores.transaction(Role.PLANNER) as transaction:
        reading = transaction.reading(open_datamap(office.stores))
        assert TOMBSTONE not in reading.everybody("north")
        owners = reading.owners_of(TableName("desk", "calls"), [("10",), ("30",)])
    assert owners == {("10",): frozenset(), ("30",): {CLARA}}


@pytest.mark.thorough
def test_a_sweep_treats_the_conversations_of_nobody(office):
    office.erase("anna.berg@example.org")
    office.query("update desk.lines set body = 'mail eve.holt@example.org' where id = 100")
    (rule,) = (one for one in known_rules(office.stores) if one.name == "lines")
    approve_rule(office.stores, (rule.name, rule.digest, None), "dpo:0000test")
    office.run(sweep)
    assert office.query("select body from desk.lines order by id") == [("mail [EMAIL]",), ("none",)]


@pytest.mark.thorough
def test_a_stranger_in_its_place_stops_the_erasure(office):
    office.query(
        "insert into desk.people (id, org_id, name, tags, rank) "
        "values (%s, 'south', 'Eve Holt', '{}', 1)",
        TOMBSTONE,
    )
    assert "another row has the place" in try_tombstones(office.stores)[0].problem
    with pytest.raises(VerificationFailed):
        office.erase("anna.berg@example.org")
    assert office.query("select distinct person::text from desk.calls where id in (10, 11)") == [
        (ANNA,)
    ]


def test_the_check_tries_a_tombstone_contact_for_each_tenant_and_keeps_none(office):
    before = office.query("select count(*) from desk.people")
    assert try_tombstones(office.stores) == ()
    assert office.query("select count(*) from desk.people") == before
    assert office.query("select count(*) from lacuna.tombstone") == [(0,)]
    office.query("alter table desk.people add constraint ranked check (rank > 0)")
    (refused,) = try_tombstones(office.stores)
    assert refused.location == "desk.people"
    assert "table people, constraint ranked" in refused.problem
    # Of a second tenant alone.
    office.query("alter table desk.people drop constraint ranked")
    office.query("create unique index one_rank on desk.people (rank) where rank = 0")
    assert "unique index blocks it" in try_tombstones(office.stores)[0].problem


@pytest.mark.thorough
def test_the_contact_is_recognized_when_lacuna_forgot_it_and_when_the_platform_changed_it(office):
    office.erase("anna.berg@example.org")
    assert office.query("select org_id, table_name, row_key from lacuna.tombstone") == [
        ("north", "desk.people", TOMBSTONE)
    ]
    # A restore of Lacuna's own tables.
    office.query("delete from lacuna.tombstone")
    office.erase("bo.lind@example.org")
    assert office.query("select count(*) from lacuna.tombstone") == [(1,)]
    office.query("update desk.people set rank = 3 where id = %s", TOMBSTONE)
    office.erase("clara.dahl@example.org")
    assert office.query("select count(*) from desk.calls where person = %s", TOMBSTONE) == [(4,)]


@pytest.mark.thorough
def test_rows_that_lead_to_the_contact_are_attacked_as_those_of_erased_people(office):
    def rows() -> str:
        return next(one.found for one in attack(office.stores) if one.area == "rows")

    assert rows() == "nobody was erased yet"
    office.erase("anna.berg@example.org")
    assert rows().startswith("4 rows" if office.is_dated else "2 rows")
