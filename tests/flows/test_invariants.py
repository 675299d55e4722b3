"""What an application needs of its rows: an erasure that would break it changes nothing."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import fulfilment
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Mode, Role, RunOptions
from tests.brought import Brought
from tests.drifts import drifts_of

ADA = "ada.fjeld@example.org"
SCHEMA = """
create schema desk;
create table desk.people (id bigint primary key, email text, name text);
create table desk.tickets (
    id bigint primary key, person bigint references desk.people, state text not null, title text
);
create table desk.notes (id bigint primary key, ticket bigint, body text);
create table desk.pins (id bigint primary key, ticket text);
insert into desk.people values (1, 'ada.fjeld@example.org', 'Ada Fjeld'), (2, 'bo@example.org', 'Bo');
insert into desk.tickets values
    (10, 1, 'closed', 'Lamp of Ada Fjeld'), (11, 1, 'closed', 'Chair'), (12, 2, 'closed', 'Table');
insert into desk.notes values (100, 10, 'Order 1003'), (101, 12, 'Order 1004');
insert into desk.pins values (200, '10'), (201, '11'), (202, '12'), (203, '99');
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
  table: desk.people
  identifiers:
    - {kind: email, column: desk.people.email}
    - {kind: name, column: desk.people.name}
  levels: {contact: desk.people, conversation: desk.tickets, message: desk.notes}
  open_when: {column: state, values: [open]}
tables:
  desk.people:
    processing: support
    key: id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: KEY, access: false, portability: false}
      email: {category: user.contact.email, erase: {surrogate: "erased-{24}@example.invalid"}, access: true, portability: true, meaning: What it says.}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: What it says.}
    INVARIANTS_OF_PEOPLE
  desk.tickets:
    processing: support
    key: id
    links: {person: desk.people}
    rows: ROWS
    columns:
      id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: LINK, access: false, portability: false}
      state: {category: system.operations, erase: keep}
      title: {category: user.content, erase: suppress, mention: redact, access: true, portability: true, meaning: What it says.}
    INVARIANTS_OF_TICKETS
  desk.notes:
    processing: support
    key: id
    links: {ticket: desk.tickets}
    rows: ROWS
    columns:
      id: {category: system.operations, erase: keep}
      ticket: {category: system.operations, erase: keep}
      body: {category: user.content, erase: {replace: "[erased]"}, mention: redact, access: true, portability: true, meaning: What it says.}
    invariants: {ticket: {exists_in: desk.tickets}}
  desk.pins:
    processing: support
    key: id
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      ticket: {category: system.operations, erase: keep}
    invariants: {ticket: {exists_in: desk.tickets}}
stores: {}
sweeps: []
"""

# table, what it needs, the column that an erasure would break, in how many rows
BROKEN = {
    "a value that may not be missing": ("tickets", "title: {never_null: true}", 2),
    "a value among some": ("people", "name: {never_null: true, one_of: [Ada Fjeld]}", 1),
    "a value of a form": ("people", r"email: {matches: '@example\.org$'}", 1),
    "a row of another table": (
        "tickets",
        "person: {never_null: true, exists_in: desk.people}",
        2,
    ),
}
KEPT = {
    "nothing is asked of NULL": ("tickets", "title: {matches: '^Lamp', one_of: [Lamp]}"),
    "a form that the surrogate has": (
        "people",
        r"email: {never_null: true, matches: '^[^@]+@[^@]+$'}",
    ),
    "a column that stays": ("tickets", "state: {never_null: true, one_of: [open, closed]}"),
}


def written(
    table: str = "",
    needed: str = "",
    *,
    rows: str = "anonymize",
    key: str = "new_key",
    link: str = "unlink",
) -> str:
    text = DATAMAP.replace("ROWS", rows).replace("KEY", key).replace("LINK", link)
    for name in ("people", "tickets"):
        given = f"invariants: {{{needed}}}" if name == table else ""
        text = text.replace(f"INVARIANTS_OF_{name.upper()}", given)
    return text


@pytest.fixture
def bring(database, lacuna_home: Path):
    def with_map(*needed: str, **settings: str) -> Brought:
        path = lacuna_home / "datamap.yaml"
        path.write_text(written(*needed, **settings), "utf-8")
        return Brought(database("lacuna"), lacuna_home, [SCHEMA], path)

    return with_map


def everything(desk: Brought) -> list[tuple]:
    return [
        desk.query(f"select t::text from desk.{name} t order by 1")  # noqa: S608
        for name in ("people", "tickets", "notes", "pins")
    ]


def refused(desk: Brought, caplog, place: str, rows: int, obstacle: Obstacle) -> str:
    """Ask to be forgotten, and see it refused by the name of a column, with nothing changed."""
    request_id = desk.submit(IdentifierKind.EMAIL, ADA)
    before = everything(desk)
    if obstacle is Obstacle.APPLY_FAILED:
        desk.run()
        desk.approve(request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    with desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is obstacle
    assert f"{place} in {rows} row{'' if rows == 1 else 's'};" in caplog.text
    assert re.search(r"\bada\b", caplog.text, re.IGNORECASE) is None
    assert everything(desk) == before
    return request_id


@pytest.mark.parametrize(("table", "needed", "rows"), BROKEN.values(), ids=BROKEN)
def test_an_erasure_that_would_break_the_application_is_refused(bring, caplog, table, needed, rows):
    desk = bring(table, needed)
    place = f"desk.{table}.{needed.partition(':')[0]}"
    (found,) = drifts_of(desk.stores)
    assert (found.location, "invariant" in found.problem) == (place, True)
    refused(desk, caplog, place, rows, Obstacle.INVARIANT_BROKEN)


@pytest.mark.thorough
@pytest.mark.parametrize(("table", "needed"), KEPT.values(), ids=KEPT)
def test_an_erasure_that_breaks_nothing_goes_on(bring, table, needed):
    desk = bring(table, needed)
    assert drifts_of(desk.stores) == ()
    desk.erase(ADA)
    assert desk.query("select title from desk.tickets where id = 10") == [(None,)]


@pytest.mark.thorough
def test_a_link_to_the_tombstone_contact_needs_the_old_key_no_more(bring):
    needed = "person: {never_null: true, exists_in: desk.people}"
    desk = bring("tickets", needed, link="tombstone")
    assert drifts_of(desk.stores) == ()
    desk.erase(ADA)
    pointed = "select count(distinct person), min(person) <> 1 from desk.tickets where id < 12"
    assert desk.query(pointed) == [(1, True)]


@pytest.mark.thorough
def test_rows_that_another_table_needs_are_not_deleted(bring, caplog):
    desk = bring(rows="delete")
    # The person's own notes go with their tickets, and what pointed nowhere before is no reason.
    request_id = refused(desk, caplog, "desk.pins.ticket", 2, Obstacle.INVARIANT_BROKEN)
    assert "desk.notes.ticket" not in caplog.text
    desk.query("delete from desk.pins where ticket in ('10', '11')")
    desk.run()
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED


def test_a_key_that_another_table_needs_is_not_changed(bring, caplog):
    desk = bring("tickets", "state: {exists_in: desk.people}", key="new_key")
    desk.query("update desk.tickets set state = '1' where id = 12")
    refused(desk, caplog, "desk.tickets.state", 1, Obstacle.INVARIANT_BROKEN)


ARCHIVED = """
create function desk.archive() returns trigger language plpgsql as
    $$ begin new.state := 'archived'; return new; end $$;
create trigger archiving before update on desk.tickets for each row execute function desk.archive();
"""
STATE = "state: {never_null: true, one_of: [open, closed]}"


@pytest.mark.thorough
def test_what_a_trigger_makes_of_it_is_met_before_anything_is_kept(bring, caplog):
    desk = bring("tickets", STATE)
    desk.query(ARCHIVED)
    refused(desk, caplog, "desk.tickets.state", 2, Obstacle.APPLY_FAILED)


@pytest.mark.thorough
def test_a_portion_of_a_large_erasure_is_not_kept_either(bring, caplog):
    desk = bring("tickets", STATE)
    desk.query(ARCHIVED)
    request_id = desk.submit(IdentifierKind.EMAIL, ADA)
    desk.run()
    desk.approve(request_id)
    options = RunOptions(run_id="large", mode=Mode.ACT, whole_rows=1, portion_rows=1)
    with pytest.raises(VerificationFailed):
        fulfilment.run(desk.stores, options, str(uuid.uuid4()))
    assert "desk.tickets.state in 1 row;" in caplog.text
    assert desk.query("select distinct state from desk.tickets") == [("closed",)]


@pytest.mark.thorough
def test_what_was_broken_before_is_no_fault_of_the_erasure(bring):
    desk = bring("tickets", "state: {one_of: [open, closed]}, title: {matches: '^[A-Z]'}")
    desk.query("update desk.tickets set state = 'lost', title = 'lamp' where id = 11")
    assert drifts_of(desk.stores) == ()
    desk.erase(ADA)
    assert desk.query("select title, state from desk.tickets where id = 11") == [(None, "lost")]


@pytest.mark.thorough
def test_a_value_that_was_wrong_before_may_be_wrong_afterwards(bring):
    desk = bring("people", r"name: {never_null: true}, email: {matches: '@example\.org$'}")
    desk.query("update desk.people set email = 'ada@example.net', name = null where id = 1")
    request_id = desk.submit(IdentifierKind.EMAIL, "ada@example.net")
    desk.run()
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_row_of_somebody_else_in_which_a_name_is_covered_counts_too(bring, caplog):
    desk = bring("tickets", "title: {matches: '^[A-Z]'}")
    desk.query("update desk.tickets set title = 'Ada Fjeld called' where id = 12")
    refused(desk, caplog, "desk.tickets.title", 1, Obstacle.APPLY_FAILED)
