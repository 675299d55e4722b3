"""People whose row names other people, as who entered it, by a foreign key that may not be NULL.

Anna, the first customer, entered herself and everybody else, as in help desks where each row says so.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
import yaml

from lacuna.datamap import load
from lacuna.errors import VerificationFailed
from lacuna.flows import fulfilment
from lacuna.flows.run.opening import try_tombstones
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import LinkTombstone, RedactMentions
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.stores.postgres.platform_changes import PlatformChanges
from lacuna.stores.postgres.platform_reader import PlatformReader
from tests.brought import Brought
from tests.drafting import draft
from tests.drifts import drifts_of
from tests.flows.test_every_default import Only, made_by

SCHEMA = """
create schema desk;
create table desk.users (
    id int primary key, login text not null unique, email text not null, full_name text not null,
    replacement_id int references desk.users, created_by_id int not null references desk.users,
    updated_by_id int not null references desk.users, updated_at timestamptz not null default now()
);
create table desk.tickets (
    id int primary key, customer_id int not null references desk.users, title text,
    state text not null, created_by_id int not null references desk.users
);
create table desk.articles (
    id int primary key, ticket_id int not null references desk.tickets, body text,
    created_by_id int not null references desk.users
);
insert into desk.users values
    (1, 'anna', 'anna.berg@example.org', 'Anna Berg', null, 1, 1),
    (2, 'bo', 'bo.lind@example.org', 'Bo Lind', 1, 1, 3),
    (3, 'clara', 'clara.dahl@example.org', 'Clara Dahl', 2, 1, 1),
    (4, 'dora', 'dora.elm@example.org', 'Dora Elm', null, 3, 3);
insert into desk.tickets
    select n, n, 'Ticket ' || n, 'closed', n from generate_series(1, 4) n;
insert into desk.articles
    select n, 1 + n % 4, 'Article ' || n, 1 + n % 4 from generate_series(1, 12) n;
"""
DATAMAP = """
name: Desk
version: "1"
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
only_tenant: north
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.users
  identifiers:
    - {kind: email, column: desk.users.email}
    - {kind: name, column: desk.users.full_name}
  levels: {contact: desk.users, conversation: desk.tickets, message: desk.articles}
  open_when: {column: state, values: [open]}
tables:
  desk.users:
    processing: support
    key: id
    references: [created_by_id, updated_by_id, replacement_id]
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      login: {category: user.account.username, erase: {surrogate: "gone-{16}"}, access: false, portability: false}
      email: {category: user.contact.email, erase: {replace: ""}, access: false, portability: false}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: false, portability: false}
      replacement_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      updated_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      updated_at: {category: system.operations, erase: keep}
  desk.tickets:
    processing: support
    key: id
    links: {customer_id: desk.users, created_by_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      title: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      state: {category: system.operations, erase: keep}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
  desk.articles:
    processing: support
    key: id
    links: {ticket_id: desk.tickets, created_by_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
stores: {}
sweeps: []
"""
NAMES = ("created_by_id", "replacement_id", "updated_by_id")
USERS = TableName("desk", "users")
NOBODY = int(tombstone_key(USERS, "north", KeyKind.INTEGER))
NAMED = (
    "select full_name, replacement_id, created_by_id, updated_by_id from desk.users "
    "where id <> %s order by full_name"
)
ERASED = ("[erased]", None, NOBODY, NOBODY)
LEFT = ("Dora Elm", None, 3, 3)


class Desk(Brought):
    """The desk of one firm."""

    tenants = ("north",)


def brought(database, home, schema: str = SCHEMA, datamap: str = DATAMAP) -> Desk:
    (home / "datamap.yaml").write_text(datamap, "utf-8")
    return Desk(database("lacuna"), home, [schema], home / "datamap.yaml")


@pytest.fixture
def desk(database, lacuna_home) -> Desk:
    return brought(database, lacuna_home)


@pytest.mark.thorough
def test_nobody_who_is_erased_stays_named_in_the_rows_of_the_living(desk):
    desk.erase("anna.berg@example.org")
    assert desk.query(NAMED, NOBODY) == [
        ("Bo Lind", None, NOBODY, 3), ("Clara Dahl", 2, NOBODY, NOBODY), LEFT, ERASED,
    ]  # fmt: skip
    nobody = "select full_name, replacement_id, created_by_id, updated_by_id from desk.users "
    assert desk.query(nobody + "where id = %s", NOBODY) == [ERASED]
    assert desk.query("select count(*) from desk.users where id = 1") == [(0,)]


def test_the_plan_names_the_rows_of_others_that_name_the_person(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    desk.run()
    steps = desk.plan(request_id)
    assert RedactMentions(USERS, NAMES, 2) in steps
    (linked,) = (step for step in steps if isinstance(step, LinkTombstone))
    assert {"desk.users.created_by_id", "desk.users.updated_by_id"} <= set(linked.links)


@pytest.mark.thorough
def test_people_who_name_one_another_are_erased_together_or_one_after_the_other(desk):
    # Two name each other, and one of them is named by the other in two columns.
    desk.query("update desk.users set created_by_id = 3, replacement_id = 3 where id = 2")
    desk.query("update desk.users set created_by_id = 2 where id = 3")
    desk.erase("bo.lind@example.org", "clara.dahl@example.org")
    dora = ("Dora Elm", None, NOBODY, NOBODY)
    assert desk.query(NAMED, NOBODY) == [("Anna Berg", None, 1, 1), dora, ERASED, ERASED]
    desk.erase("anna.berg@example.org")
    desk.erase("dora.elm@example.org")
    assert desk.query(NAMED, NOBODY) == [ERASED] * 4


@pytest.mark.thorough
def test_a_large_erasure_cuts_them_in_its_portions(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    sizes = {"whole_rows": 2, "portion_rows": 2}
    options = RunOptions(
        run_id=str(uuid.uuid4()), mode=Mode.ACT, approval=ApprovalMode.AUTO, **sizes
    )
    fulfilment.run(desk.stores, options, str(uuid.uuid4()))
    assert desk.state(request_id) is RequestState.COMPLETED
    with desk.stores.transaction(Role.PLANNER) as transaction:
        entries = [leaf.entry for leaf in transaction.ledger.leaves(request_id=request_id)]
    assert len([one for one in entries if one.location == "desk.articles"]) > 2
    assert desk.query(NAMED, NOBODY) == [
        ("Bo Lind", None, NOBODY, 3), ("Clara Dahl", 2, NOBODY, NOBODY), LEFT, ERASED,
    ]  # fmt: skip


@pytest.mark.thorough
def test_a_row_that_came_since_the_plan_needs_another_one(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    desk.run()
    desk.approve(request_id)
    desk.query("insert into desk.users values (5, 'eve', 'eve@example.org', 'Eve', null, 1, 1)")
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.query("select count(*) from desk.users where id = 1") == [(1,)]
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert desk.query("select created_by_id from desk.users where id = 5") == [(NOBODY,)]


@pytest.mark.thorough
def test_a_row_that_came_since_the_plan_was_compared_stops_the_erasure(desk, monkeypatch):
    # Planned twice without a look at such rows, as if they came after that.
    monkeypatch.setattr(PlatformReader, "references", lambda *_: {})
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    desk.run()
    desk.approve(request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is not RequestState.COMPLETED
    assert desk.query("select id from desk.users where id in (1, %s)", NOBODY) == [(1,)]


@pytest.mark.thorough
def test_what_is_not_cut_is_found_where_no_foreign_key_forbids_it(
    database, lacuna_home, monkeypatch
):
    desk = brought(database, lacuna_home)
    for name in NAMES:
        desk.query(f"alter table desk.users drop constraint users_{name}_fkey")
    monkeypatch.setattr(PlatformChanges, "cut_references", lambda *_: {})
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    desk.run()
    desk.approve(request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    places = {one.location for one in desk.verification(request_id).findings}
    assert {"desk.users.created_by_id", "desk.users.updated_by_id"} <= places


def test_the_check_names_each_column_that_no_map_may_leave_out(desk):
    assert drifts_of(desk.stores) == ()
    assert try_tombstones(desk.stores) == ()
    plain = yaml.safe_load(DATAMAP)
    del plain["tables"]["desk.users"]["references"]
    for name in NAMES:
        plain["tables"]["desk.users"]["columns"][name]["erase"] = "keep"
    unnamed = desk.stores.home / "unnamed.yaml"
    unnamed.write_text(yaml.safe_dump(plain), "utf-8")
    drift = drifts_of(replace(desk.stores, datamap_path=unnamed))
    named = [one for one in drift if "from one person to another" in one.problem]
    assert [one.location for one in named] == [f"desk.users.{name}" for name in NAMES]
    suggested = [yaml.safe_load(one.suggestion)["tables"]["desk.users"] for one in named]
    assert suggested == [
        {"references": [name], "columns": {name: {"erase": erase}}}
        for name, erase in zip(NAMES, ("tombstone", "unlink", "tombstone"), strict=True)
    ]


@pytest.mark.thorough
def test_the_scaffold_drafts_them(template_database, tmp_path_factory, database, lacuna_home):
    with template_database.clones() as fresh:
        drafted = draft(made_by(fresh(), SCHEMA), tmp_path_factory.mktemp("drafted"))
    datamap = load(drafted.path)
    assert datamap.tables[USERS].references == ("replacement_id", "created_by_id", "updated_by_id")
    desk = Only(database("lacuna"), lacuna_home, [SCHEMA], drafted.path)
    assert drifts_of(desk.stores) == ()
    desk.erase("anna.berg@example.org")
    assert desk.query(
        "select count(*) from desk.users where 1 in (created_by_id, updated_by_id, id)"
    ) == [(0,)]
