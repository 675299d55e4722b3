"""Rows that name what they are about by a number, which another table gives a name, and by an id.

As in Zammad: `object_lookup_id` and `o_id`, once as a number and once as text. The numbers differ from one
installation to the next, and half of the tables name no tenant.
"""

from __future__ import annotations

import pytest

from lacuna.datamap import DriftKind, load
from lacuna.errors import DataMapDrift
from lacuna.flows.run.opening import open_datamap
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.plan import WriteBundle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.tombstone import KeyKind, tombstone_key
from tests.brought import Brought
from tests.drafting import draft
from tests.drifts import drifts_of
from tests.flows.test_every_default import made_by

# Anna (1) and Bo (2) of the north, Clara (3) of the south; ticket 2 is no person's number by chance.
SCHEMA = """
create schema desk;
create table desk.object_lookups (id int primary key, name text not null unique);
create table desk.users (
    id int primary key, org_id text not null, email text not null, full_name text not null
);
create table desk.tickets (
    id int primary key, org_id text not null, customer_id int not null references desk.users,
    title text, state text not null
);
create table desk.articles (
    id int primary key, org_id text not null, ticket_id int not null references desk.tickets,
    body text
);
create table desk.views (
    id int primary key, object_lookup_id int not null references desk.object_lookups,
    o_id int not null, note text
);
create table desk.stores (
    id int primary key, object_lookup_id int not null references desk.object_lookups,
    o_id varchar(250) not null, filename text
);
create table desk.banners (id int primary key, author_id int references desk.users, body text);
insert into desk.object_lookups values (4, 'User'), (7, 'Ticket'), (9, 'Group');
insert into desk.users values
    (1, 'north', 'anna.berg@example.org', 'Anna Berg'), (2, 'north', 'bo.lind@example.org', 'Bo Lind'),
    (3, 'south', 'clara.dahl@example.org', 'Clara Dahl');
insert into desk.tickets values
    (1, 'north', 2, 'Of Bo', 'closed'), (2, 'north', 1, 'Of Anna', 'closed'),
    (3, 'south', 3, 'Of Clara', 'closed');
insert into desk.articles select id, org_id, id, 'Hello' from desk.tickets;
insert into desk.views values
    (10, 4, 1, 'her wig shop'), (11, 7, 2, 'her leaking boat'), (12, 7, 1, 'his boat'),
    (13, 9, 1, 'team one'), (14, 4, 3, 'asked for Anna Berg'), (15, 4, 2, 'asked for Anna Berg');
insert into desk.stores values
    (20, 4, '1', 'passport of a wig maker.pdf'), (21, 7, '2', 'boat.pdf'), (22, 7, '1', 'his.pdf'),
    (23, 9, '1', 'team.pdf');
insert into desk.banners values
    (30, 1, 'Closed on Friday, says Anna Berg'), (31, 2, 'Ask Anna Berg'), (32, null, 'Clara Dahl');
"""
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
  table: desk.users
  identifiers:
    - {kind: email, column: desk.users.email}
    - {kind: name, column: desk.users.full_name}
  levels: {contact: desk.users, conversation: desk.tickets, message: desk.articles}
  open_when: {column: state, values: [open]}
tables:
  desk.object_lookups:
    processing: support
    key: id
    tenant: {shared: true}
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      name: {category: system.operations, erase: keep}
  desk.users:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: {replace: ""}, access: false, portability: false}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: true, portability: false, meaning: Name.}
  desk.tickets:
    processing: support
    key: id
    tenant: org_id
    links: {customer_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      title: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      state: {category: system.operations, erase: keep}
  desk.articles:
    processing: support
    key: id
    tenant: org_id
    links: {ticket_id: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
  desk.views:
    processing: support
    key: id
    tenant:
      through:
        o_id:
          - {table: desk.users, where: {object_lookup_id: User}, lookup: desk.object_lookups.name}
          - {table: desk.tickets, where: {object_lookup_id: Ticket}, lookup: desk.object_lookups.name}
    links:
      o_id:
        - {table: desk.users, where: {object_lookup_id: User}, lookup: desk.object_lookups.name}
        - {table: desk.tickets, where: {object_lookup_id: Ticket}, lookup: desk.object_lookups.name}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      object_lookup_id: {category: system.operations, erase: keep, values: [Group]}
      o_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      note: {category: user.content, erase: {replace: "[gone]"}, mention: redact, access: true, portability: false, meaning: Note.}
  desk.stores:
    processing: support
    key: id
    tenant:
      through:
        o_id:
          - {table: desk.users, where: {object_lookup_id: User}, lookup: desk.object_lookups.name, as: text}
          - {table: desk.tickets, where: {object_lookup_id: Ticket}, lookup: desk.object_lookups.name, as: text}
    links:
      o_id:
        - {table: desk.users, where: {object_lookup_id: User}, lookup: desk.object_lookups.name, as: text}
        - {table: desk.tickets, where: {object_lookup_id: Ticket}, lookup: desk.object_lookups.name, as: text}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      object_lookup_id: {category: system.operations, erase: keep, values: [Group]}
      o_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      filename: {category: user.content, erase: {replace: "[gone]"}, mention: redact, access: true, portability: false, meaning: Name of a file.}
  desk.banners:
    processing: support
    key: id
    tenant: {name: north}
    links: {author_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      author_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: false, meaning: Text.}
stores: {}
sweeps: []
"""
NOBODY = int(tombstone_key(TableName("desk", "users"), "north", KeyKind.INTEGER))
VIEWS = "select id, object_lookup_id, o_id, note from desk.views order by id"
STORES = "select id, object_lookup_id, o_id, filename from desk.stores order by id"


@pytest.fixture
def desk(database, lacuna_home) -> Brought:
    (lacuna_home / "datamap.yaml").write_text(DATAMAP, "utf-8")
    return Brought(database("lacuna"), lacuna_home, [SCHEMA], lacuna_home / "datamap.yaml")


@pytest.mark.thorough
def test_rows_that_name_the_person_by_a_lookup_are_theirs_and_others_stay(desk):
    desk.erase("anna.berg@example.org")
    assert desk.query(VIEWS) == [
        (10, 4, NOBODY, "[gone]"), (11, 7, 2, "[gone]"), (12, 7, 1, "his boat"),
        # Of no tenant, since it leads to none: nobody's own, and anybody's to mention.
        (13, 9, 1, "team one"),
        # Another tenant's person is another person, whatever the name.
        (14, 4, 3, "asked for Anna Berg"), (15, 4, 2, "asked for [NAME]"),
    ]  # fmt: skip
    assert desk.query(STORES) == [
        (20, 4, str(NOBODY), "[gone]"), (21, 7, "2", "[gone]"), (22, 7, "1", "his.pdf"),
        (23, 9, "1", "team.pdf"),
    ]  # fmt: skip
    # All rows are the north's, and so is what they mention.
    assert desk.query("select id, author_id, body from desk.banners order by id") == [
        (30, None, "Closed on Friday, says [NAME]"), (31, 2, "Ask [NAME]"), (32, None, "Clara Dahl"),
    ]  # fmt: skip


@pytest.mark.thorough
def test_a_person_of_another_tenant_is_erased_where_a_tenant_has_a_table_to_itself(desk):
    desk.erase("clara.dahl@example.org", org_id="south")
    south = int(tombstone_key(TableName("desk", "users"), "south", KeyKind.INTEGER))
    (found,) = [row for row in desk.query(VIEWS) if row[0] == 14]
    assert found == (14, 4, south, "[gone]")
    # It is a row of the north, where this Clara is unknown.
    assert desk.query("select body from desk.banners where id = 32") == [("Clara Dahl",)]


@pytest.mark.thorough
def test_a_row_that_still_leads_to_the_person_is_found(desk, monkeypatch):
    desk.query(
        "create function desk.undo() returns trigger language plpgsql as $$ begin "
        "new.o_id := old.o_id; return new; end $$; "
        "create trigger undo before update on desk.stores for each row execute function desk.undo()"
    )
    request_id = desk.submit(IdentifierKind.EMAIL, "anna.berg@example.org")
    desk.run()
    desk.approve(request_id)
    with pytest.raises(Exception, match="failed"):
        desk.run()
    assert desk.state(request_id) is not RequestState.COMPLETED
    places = {one.location for one in desk.verification(request_id).findings}
    assert "desk.stores.o_id" in places


def test_the_executor_may_change_what_the_map_needs_and_nothing_else(desk):
    granted = desk.query(
        "select table_name, string_agg(lower(privilege_type), ', ' order by privilege_type) "
        "from information_schema.role_table_grants "
        "where grantee = 'lacuna_executor' and table_schema = 'desk' group by 1"
    )
    assert dict(granted) == {
        "object_lookups": "select",
        "users": "insert, select, update",
        **dict.fromkeys(("tickets", "articles", "views", "stores", "banners"), "select, update"),
    }


@pytest.mark.thorough
def test_a_bundle_has_the_rows_that_lookups_lead_from(desk):
    request_id = desk.submit(
        IdentifierKind.EMAIL, "anna.berg@example.org", kinds=(RequestKind.ACCESS,)
    )
    desk.run()
    (written,) = (step for step in desk.plan(request_id) if isinstance(step, WriteBundle))
    # The person, a ticket with its article, two views, two stores and a banner.
    assert written.rows == 8


def test_a_name_that_the_map_does_not_know_stops_every_flow(desk):
    assert drifts_of(desk.stores) == ()
    desk.query("insert into desk.object_lookups values (11, 'Organization')")
    places = {one.location: one.problem for one in drifts_of(desk.stores)}
    assert set(places) == {"desk.views.object_lookup_id", "desk.stores.object_lookup_id"}
    assert all("does not list Organization" in one for one in places.values())
    with pytest.raises(DataMapDrift, match="Organization"):
        open_datamap(desk.stores)
    desk.query("delete from desk.object_lookups where id = 11")
    desk.query("alter table desk.object_lookups drop constraint object_lookups_name_key")
    desk.query("insert into desk.object_lookups values (12, 'Ticket')")
    with pytest.raises(DataMapDrift, match="2 rows with the name Ticket"):
        open_datamap(desk.stores)


def test_the_scaffold_drafts_them(template_database, tmp_path_factory, database, lacuna_home):
    with template_database.clones() as fresh:
        drafted = draft(made_by(fresh(), SCHEMA), tmp_path_factory.mktemp("drafted"))
    datamap = load(drafted.path)
    lookup = ColumnName(TableName("desk", "object_lookups"), "name")
    found = {
        (name.name, link.table.name, link.where, link.lookup, link.is_text)
        for name, table in datamap.tables.items()
        for link in table.links
        if link.column == "o_id"
    }
    assert found == {
        (table, name.lower() + "s", ("object_lookup_id", name), lookup, table == "stores")
        for table in ("views", "stores")
        for name in ("User", "Ticket")
    }
    desk = Brought(database("lacuna"), lacuna_home, [SCHEMA], drafted.path)
    assert drifts_of(desk.stores) == ()


def test_a_lookup_that_may_not_be_read_is_a_missing_right_and_no_error(desk):
    desk.query("revoke select on desk.object_lookups from lacuna_planner")
    (found,) = drifts_of(desk.stores)
    assert (found.location, found.kind) == ("desk.object_lookups", DriftKind.RIGHT)
    assert "grant select on desk.object_lookups to lacuna_planner" in found.problem
    with pytest.raises(DataMapDrift, match="lacuna_planner may not select here"):
        open_datamap(desk.stores)
