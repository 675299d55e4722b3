"""Rows that name a person and are not theirs: who entered them, and lists of those who watch them."""

from __future__ import annotations

import uuid

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import fulfilment
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import AnonymizeRows, LinkTombstone, RedactMentions
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, RunOptions
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.stores.postgres.platform_changes import PlatformChanges
from lacuna.stores.postgres.platform_reader import PlatformReader
from tests.brought import Brought

SCHEMA = """
create schema desk;
create table desk.users (
    id bigint primary key, email text not null, full_name text not null, badge uuid not null unique
);
create table desk.tickets (
    id int primary key, customer_id bigint references desk.users, title text, state text not null,
    created_by_id bigint not null references desk.users, updated_by_id int, watchers bigint[]
);
create table desk.articles (
    id int primary key, ticket_id int not null references desk.tickets, body text,
    written_by bigint references desk.users, created_by_id bigint not null references desk.users
);
create table desk.visits (
    id int primary key, user_id bigint not null references desk.users, seen_by bigint not null references desk.users
);
create table desk.macros (
    id int primary key, name text, created_by_id bigint not null references desk.users,
    updated_by_id smallint, editor varchar(20), owners int[] not null default '{}',
    readers bigint[] not null default '{}', known text[], changed_at timestamptz not null default now()
);
insert into desk.users
    select n, split_part(who, ' ', 1) || '@example.org', who, gen_random_uuid() from unnest(array[
        'Anna Berg', 'Bo Lind', 'Clara Dahl', 'Dora Elm'
    ]) with ordinality as each (who, n);
-- Anna entered everybody's ticket, and changed that of the next; everybody watches all.
insert into desk.tickets
    select n, n, 'Ticket ' || n, 'closed', 1, 1 + n % 4, '{4,1,3,1,2}' from generate_series(1, 4) n;
insert into desk.articles
    select n, 1 + n % 4, 'Article ' || n, 1 + n % 4, 1 + n % 2 from generate_series(1, 12) n;
insert into desk.visits select n, n, 1 + n % 4 from generate_series(1, 4) n;
insert into desk.macros values
    (1, 'Greet', 1, 1, '1', '{3,1,2}', '{2,3,1,3}', '{2,NULL,4,11}'),
    (2, 'Close', 3, 3, '3', '{}', '{4,3}', null),
    (3, 'Send', 4, 2, 'anna', '{1}', '{1}', '{1,2}');
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
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      email: {category: user.contact.email, erase: {replace: ""}, access: true, portability: false, meaning: Address.}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: false, portability: false}
      badge: {category: user.unique_id, erase: {surrogate: "{}"}, access: false, portability: false}
  desk.tickets:
    processing: support
    key: id
    links: {customer_id: desk.users}
    references: [created_by_id, updated_by_id, watchers]
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: true, portability: false, meaning: Customer.}
      title: {category: user.content, erase: redact, text: plain, access: true, portability: false, meaning: Title.}
      state: {category: system.operations, erase: keep}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      updated_by_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      watchers: {category: user.unique_id, erase: unlink, access: false, portability: false}
  desk.articles:
    processing: support
    key: id
    links: {ticket_id: desk.tickets, written_by: desk.users}
    references: [created_by_id]
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      written_by: {category: user.unique_id, erase: unlink, access: false, portability: false}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
  desk.visits:
    processing: support
    key: id
    links: {user_id: desk.users}
    references: [seen_by]
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      user_id: {category: user.unique_id, erase: keep, access: false, portability: false}
      seen_by: {category: user.unique_id, erase: tombstone, access: false, portability: false}
  desk.macros:
    processing: support
    key: id
    references: [created_by_id, updated_by_id, editor, owners, readers, known]
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      name: {category: system.operations, erase: keep}
      created_by_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      updated_by_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      editor: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      owners: {category: user.unique_id, erase: unlink, access: false, portability: false}
      readers: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      known: {category: user.unique_id, erase: unlink, access: false, portability: false}
      changed_at: {category: system.operations, erase: keep}
stores: {}
sweeps: []
"""
NOBODY = int(tombstone_key(TableName("desk", "users"), "north", KeyKind.BIGINT))
TICKETS = "select title, customer_id, created_by_id, updated_by_id, watchers from desk.tickets order by id"
MACROS = "select created_by_id, updated_by_id, editor, owners, readers, known from desk.macros order by id"
REFERENCES = {
    "tickets": ("created_by_id", "updated_by_id", "watchers"),
    "articles": ("created_by_id",),
    "visits": ("seen_by",),
    "macros": ("created_by_id", "updated_by_id", "editor", "owners", "readers", "known"),
}


class Desk(Brought):
    """The desk of one firm."""

    tenants = ("north",)

    def named(self, key: int) -> list[str]:
        """Return the columns of any table that hold a key, by a text of each."""
        return [
            f"{table}.{name}"
            for table, names in REFERENCES.items()
            for name in names
            if self.query(
                f"select 1 from desk.{table} where {name}::text ~ %s",  # noqa: S608
                rf"(^|[{{,]){key}([,}}]|$)",
            )
        ]


def brought(url: str, home, datamap: str = DATAMAP) -> Desk:
    (home / "datamap.yaml").write_text(datamap, "utf-8")
    return Desk(url, home, [SCHEMA], home / "datamap.yaml")


@pytest.fixture
def desk(database, lacuna_home) -> Desk:
    return brought(database("lacuna"), lacuna_home)


@pytest.fixture(scope="module")
def erased(template_database, tmp_path_factory):
    """The desk after Anna and Bo were erased in one night."""
    with template_database.clones() as fresh:
        desk = brought(fresh("lacuna"), tmp_path_factory.mktemp("references"))
        ids = [
            desk.submit(IdentifierKind.EMAIL, mail)
            for mail in ("Anna@example.org", "Bo@example.org")
        ]
        desk.run()
        desk.planned = {one: desk.plan(one) for one in ids}
        desk.approve(*ids)
        desk.run()
        assert {desk.state(one) for one in ids} == {RequestState.COMPLETED}
        yield desk


def test_no_column_names_the_erased_and_every_other_key_stays_in_its_order(erased):
    assert erased.named(1) == erased.named(2) == []
    assert erased.query(MACROS) == [
        (NOBODY, None, str(NOBODY), [3], [NOBODY, 3, NOBODY, 3], [None, "4", "11"]),
        (3, 3, "3", [], [4, 3], None),
        (4, None, "anna", [], [NOBODY], []),
    ]


def test_a_ticket_that_the_erased_entered_for_somebody_stays_that_persons(erased):
    assert erased.query(TICKETS)[2:] == [
        ("Ticket 3", 3, NOBODY, 4, [4, 3]),
        ("Ticket 4", 4, NOBODY, None, [4, 3]),
    ]


def test_in_rows_of_the_erased_others_go_on_being_named(erased):
    assert [one[1:] for one in erased.query(TICKETS)[:2]] == [
        (None, NOBODY, None, [4, 3]),
        (None, NOBODY, 3, [4, 3]),
    ]
    # Visits of the erased are gone, and whom they saw is in no other.
    assert erased.query("select id, seen_by from desk.visits order by id") == [(3, 4), (4, NOBODY)]
    # Clara's articles, one by Bo and all entered by one of the two.
    assert erased.query("select distinct created_by_id from desk.articles") == [(NOBODY,)]


def test_the_plan_names_the_columns_as_mentions_and_what_points_to_nobody(erased):
    anna, bo = erased.planned.values()
    assert RedactMentions(TableName("desk", "tickets"), REFERENCES["tickets"], 3) in anna
    macros = TableName("desk", "macros")
    assert (
        RedactMentions(macros, ("created_by_id", "editor", "owners", "readers", "updated_by_id"), 2)
        not in bo
    )
    assert RedactMentions(macros, tuple(sorted(REFERENCES["macros"])), 2) in anna
    assert RedactMentions(macros, ("known", "owners", "readers", "updated_by_id"), 2) in bo
    (linked,) = (step for step in anna if isinstance(step, LinkTombstone))
    assert "desk.macros.readers" in linked.links
    assert any(isinstance(one, AnonymizeRows) and one.table.name == "tickets" for one in anna)


@pytest.mark.thorough
def test_rows_that_only_name_a_person_are_in_no_bundle(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, "Anna@example.org", kinds=(RequestKind.ACCESS,))
    desk.run()
    # Her own row, her ticket with three articles, and her visit.
    assert [one.rows for one in desk.plan(request_id)] == [6]


@pytest.mark.thorough
@pytest.mark.parametrize("ends", [True, False], ids=["and at its end", "alone"])
def test_a_large_erasure_cuts_them_in_its_portions(desk, monkeypatch, ends):
    if not ends:
        monkeypatch.setattr(PlatformChanges, "cut_references", lambda *_: {})
    ids = [desk.submit(IdentifierKind.EMAIL, f"{name}@example.org") for name in ("Anna", "Bo")]
    options = RunOptions(
        run_id=str(uuid.uuid4()),
        mode=Mode.ACT,
        approval=ApprovalMode.AUTO,
        whole_rows=2,
        portion_rows=2,
    )
    fulfilment.run(desk.stores, options, str(uuid.uuid4()))
    assert {desk.state(one) for one in ids} == {RequestState.COMPLETED}
    assert desk.named(1) == desk.named(2) == []
    assert desk.query(MACROS)[0] == (
        NOBODY, None, str(NOBODY), [3], [NOBODY, 3, NOBODY, 3], [None, "4", "11"],
    )  # fmt: skip


@pytest.mark.thorough
def test_a_row_that_came_since_the_plan_was_compared_stops_the_erasure(desk, monkeypatch):
    monkeypatch.setattr(PlatformReader, "references", lambda *_: {})
    request_id = desk.submit(IdentifierKind.EMAIL, "Anna@example.org")
    desk.run()
    desk.approve(request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is not RequestState.COMPLETED
    assert len(desk.named(1)) == sum(map(len, REFERENCES.values()))


@pytest.mark.thorough
def test_what_is_not_cut_is_found_where_no_foreign_key_forbids_it(desk, monkeypatch):
    for table, name in desk.query(
        "select conrelid::regclass::text, conname from pg_constraint where contype = 'f' "
        "and conname ~ 'created_by|seen_by'"
    ):
        desk.query(f"alter table {table} drop constraint {name}")
    monkeypatch.setattr(PlatformChanges, "cut_references", lambda *_: {})
    request_id = desk.submit(IdentifierKind.EMAIL, "Anna@example.org")
    desk.run()
    desk.approve(request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    places = {one.location for one in desk.verification(request_id).findings}
    named = {f"desk.{table}.{name}" for table, names in REFERENCES.items() for name in names}
    assert places >= named - {"desk.macros.known"}


def test_what_refers_to_somebody_whose_row_is_gone_refuses_the_plan(desk, caplog):
    keys = desk.query(
        "select conrelid::regclass::text, conname from pg_constraint where contype = 'f' "
        "and confrelid = 'desk.users'::regclass"
    )
    for table, name in keys:
        desk.query(f"alter table {table} drop constraint {name}")
    desk.query("delete from desk.users where id = 4")
    request_id = desk.submit(IdentifierKind.CONTACT_ID, "4")
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is RequestState.RESOLVED
    assert "columns refer to the person's row, which is no longer there" in caplog.text
    named = desk.named(4)
    assert all(f"desk.{one} in " in caplog.text for one in named)
    assert len(named) > 3
