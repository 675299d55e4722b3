"""A large erasure: its rows are changed in portions, and it ends as if they had been changed at once."""

from __future__ import annotations

import signal
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from lacuna.apply import PortionWorkshop
from lacuna.errors import IllegalTransition, PipelineError
from lacuna.flows import fulfilment
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.stores.postgres import database as opened_database
from tests.brought import Brought
from tests.flows.crashes import points_of, run_in_child, wait_for_the_server
from tests.flows.observation import connect, leaves_of, rows_of
from tests.proved import let_pass

SCHEMA = """
create schema desk;
create table desk.contacts (
    contact_id uuid primary key, org_id text not null, email text, erased_at timestamptz
);
create table desk.aliases (
    alias_id int primary key, org_id text not null, email text not null,
    contact_id uuid not null references desk.contacts
);
create table desk.cases (
    case_id int primary key, org_id text not null, state text not null, minutes int not null,
    contact_id uuid references desk.contacts
);
create table desk.messages (
    message_id int primary key, org_id text not null, body text,
    case_id int not null references desk.cases
);
create index on desk.cases (contact_id);
insert into desk.contacts
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'north', 'person.' || n || '@example.org'
from generate_series(1, 3) n;
insert into desk.aliases
select n, 'north', 'alias.' || n || '@example.org',
    ('00000000-0000-4000-8000-00000000000' || 1 + n % 3)::uuid
from generate_series(1, 15) n;
insert into desk.cases
select n, 'north', 'closed', n, ('00000000-0000-4000-8000-00000000000' || 1 + n % 3)::uuid
from generate_series(1, 36) n;
insert into desk.messages
select n, 'north', 'This is person.' || 1 + n % 3 || '@example.org', 1 + (n - 1) % 36
from generate_series(1, 108) n;
"""
DATAMAP = """
name: Desk
version: "1"
controller: North, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.contacts
  identifiers:
    - {kind: email, column: desk.contacts.email}
    - {kind: email, column: desk.aliases.email}
  levels: {contact: desk.contacts, conversation: desk.cases, message: desk.messages}
  open_when: {column: state, values: [open]}
tables:
  desk.contacts:
    processing: support
    key: contact_id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    columns:
      contact_id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: suppress, access: false, portability: false}
      erased_at: {category: system.operations, erase: keep}
  desk.aliases:
    processing: support
    key: alias_id
    tenant: org_id
    links: {contact_id: desk.contacts}
    rows: delete
    columns:
      alias_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: keep, access: false, portability: false}
      contact_id: {category: user.unique_id, erase: keep, access: false, portability: false}
  desk.cases:
    processing: support
    key: case_id
    tenant: org_id
    links: {contact_id: desk.contacts}
    rows: anonymize
    measures: [minutes]
    columns:
      case_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
      minutes: {category: system.operations, erase: keep}
      contact_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
  desk.messages:
    processing: support
    key: message_id
    tenant: org_id
    links: {case_id: desk.cases}
    rows: anonymize
    columns:
      message_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: suppress, access: false, portability: false}
      case_id: {category: system.operations, erase: keep}
"""
ME, OTHER = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
# Twelve cases, 36 messages and five aliases: a limit that two of the tables are above.
SIZES = {"whole_rows": 11, "portion_rows": 10}
CHANGES = ("claim", "resolve_and_plan", "apply")
ENDS = ("claim", "resolve_and_plan", "apply", "verify", "close")


class Desk(Brought):
    """A desk whose first contact asks to be erased."""

    def __init__(self, url: str, home: Path) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        datamap = home / "datamap.yaml"
        datamap.write_text(DATAMAP)
        super().__init__(url, home, (SCHEMA,), datamap)
        self.request_id = self.submit(IdentifierKind.EMAIL, "person.1@example.org")

    def go(self, *stages: str, **sizes: int) -> None:
        """Run stages of the fulfilment over one batch; plans are approved by rule."""
        options = RunOptions(
            run_id=str(uuid.uuid4()), mode=Mode.ACT, approval=ApprovalMode.AUTO, **sizes
        )
        batch_id = str(uuid.uuid4())
        for stage in stages:
            fulfilment.alone(getattr(fulfilment, stage))(self.stores, options, batch_id)

    def rows(self) -> dict[str, Counter[str]]:
        """Return all rows; the new key of an erased contact is another one each time."""
        contacts = self.query("select org_id, email, erased_at from desk.contacts")
        rows = rows_of(self.url, "desk")
        return rows | {"contacts": Counter(str(one) for one in contacts)}

    def said(self, action: Action, location: str) -> list[tuple[int | None, int | None]]:
        """Return what the ledger says was done: rows, and how many were not ours any more."""
        return [
            (leaf.entry.rows, leaf.entry.already)
            for leaf in leaves_of(self, self.request_id)
            if (leaf.entry.action, leaf.entry.location) == (action, location)
            and leaf.entry.phase is Phase.OUTCOME
        ]

    def pending(self) -> int:
        ((count,),) = self.query("select count(*) from lacuna.portion where transaction is null")
        return count


@pytest.fixture
def desks(database, lacuna_home) -> Callable[[], Desk]:
    """Make desks, each with a database and a home of its own."""
    numbers = iter(range(100))
    return lambda: Desk(database("lacuna"), lacuna_home / f"desk-{next(numbers)}")


@pytest.fixture
def desk(desks) -> Desk:
    return desks()


@pytest.fixture
def meanwhile(monkeypatch) -> Callable[[str, Callable[[], object]], None]:
    """Do something once, before the first portion of a table is changed."""

    def do(table: str | None, act: Callable[[], object]) -> None:
        apply = PortionWorkshop.apply
        waiting = [act]

        def applied(workshop, work, portion, *others):
            if waiting and (portion.table and portion.table.name) == table:
                waiting.pop()()
            return apply(workshop, work, portion, *others)

        monkeypatch.setattr(PortionWorkshop, "apply", applied)

    return do


# --- what is done ---------------------------------------------------------------------------------


@pytest.mark.thorough
def test_portions_end_as_one_transaction_does(desks):
    whole, divided = desks(), desks()
    whole.go(*ENDS)
    divided.go(*ENDS, **SIZES)
    assert divided.rows() == whole.rows()
    assert {one.state(one.request_id) for one in (whole, divided)} == {RequestState.COMPLETED}
    # Below the limit all is recorded once; above it, with each portion, and the sums agree.
    for action, location, rows, portions in (
        (Action.ANONYMIZE_ROWS, "desk.messages", 36, 4),
        (Action.ANONYMIZE_ROWS, "desk.cases", 12, 2),
        (Action.DELETE_ROWS, "desk.aliases", 5, 1),
        (Action.ANONYMIZE_ROWS, "desk.contacts", 1, 1),
    ):
        assert whole.said(action, location) == [(rows, None)]
        said = divided.said(action, location)
        assert (len(said), sum(one for one, _ in said)) == (portions, rows)
    # What was needed for it is forgotten with the rest.
    for table in ("working_row", "portion", "baseline"):
        assert divided.query(f"select count(*) from lacuna.{table}") == [(0,)]  # noqa: S608


@pytest.mark.thorough
def test_only_the_persons_rows_are_changed(desk):
    others = (
        "select m::text from desk.messages m join desk.cases using (case_id) "
        "where contact_id <> %s order by message_id"
    )
    before = desk.query(others, ME)
    desk.go(*CHANGES, **SIZES)
    assert desk.query(others, ME) == before
    assert desk.query("select count(*) from desk.messages where body is null") == [(36,)]


@pytest.mark.thorough
def test_of_every_row_that_a_portion_wrote_the_time_and_day_of_a_trigger_are_known(desk):
    covering = DATAMAP.replace(
        "body: {category: user.content, erase: suppress,",
        "body: {category: user.content, erase: suppress, mention: redact,",
    )
    desk.query(
        "alter table desk.messages add column at timestamptz, add column day date; "
        "create function desk.stamp() returns trigger language plpgsql as "
        "'begin new.at := clock_timestamp(); new.day := current_date; return new; end'; "
        "create trigger stamp before update on desk.messages "
        "for each row execute function desk.stamp()"
    )
    (desk.stores.home / "datamap.yaml").write_text(
        covering
        + "      at: {category: system.operations, erase: keep}\n"
        + "      day: {category: system.operations, erase: keep}\n"
    )
    let_pass(desk.stores)
    desk.query(
        "alter table desk.messages disable trigger stamp; "
        "update desk.messages set body = 'Write to person.1@example.org' where message_id in ("
        "select message_id from desk.messages join desk.cases using (case_id) "
        "where contact_id <> %s order by 1 limit 14); "
        "alter table desk.messages enable trigger stamp".replace("%s", f"'{ME}'")
    )
    desk.go(*CHANGES, **SIZES)
    said = desk.query("select message_id::text from desk.messages where day is not null order by 1")
    assert len(said) == 36 + 14
    for column in ("at", "day"):
        kept = desk.query(
            "select row_key[1] from lacuna.told_time where column_name = %s order by 1", column
        )
        assert kept == said


def test_before_the_first_portion_the_database_knows_how_many_rows_there_are(desk, meanwhile):
    known = "select reltuples from pg_class where oid = 'lacuna.working_row'::regclass"
    seen: list[float] = []
    meanwhile("messages", lambda: seen.extend(rows for (rows,) in desk.query(known)))
    desk.go(*CHANGES, **SIZES)
    assert seen == [1 + 5 + 12 + 36]


# --- killed anywhere ------------------------------------------------------------------------------


def killed_at(desks, points: list[str], at: int, report: Path) -> None:
    """Kill a run at a point, look, let the next run go on, and compare with the undisturbed end."""
    desk = desks()
    before = desk.rows()
    act = partial(changed_in, **SIZES)
    assert run_in_child(desk, act, at, report) == -signal.SIGKILL
    wait_for_the_server(desk.url)
    what = f"killed at {at}, {points[at - 1]}"
    half = desk.rows()
    for table, location in (("messages", "desk.messages"), ("cases", "desk.cases")):
        changed = sum((before[table] - half[table]).values())
        said = sum(rows for rows, _ in desk.said(Action.ANONYMIZE_ROWS, location))
        # What the next transaction, or the next run, is to record.
        said += sum(
            rows
            for (rows,) in desk.query(
                "select rows from lacuna.unrecorded where action = 'anonymize_rows' "
                "and location = %s",
                location,
            )
        )
        assert changed == said, f"{what}: {changed} rows of {table} changed, {said} recorded"
    assert changed_in(desk, **SIZES) is None
    assert desk.pending() == 0
    end = desks()
    end.go(*CHANGES)
    assert desk.rows() == end.rows(), what
    for location, rows in (("desk.messages", 36), ("desk.cases", 12), ("desk.contacts", 1)):
        said = desk.said(Action.ANONYMIZE_ROWS, location)
        assert sum(one for one, _ in said) == rows, f"{what}: {location} is recorded twice"


def changed_in(desk: Desk, **sizes: int) -> PipelineError | None:
    try:
        desk.go(*CHANGES, **sizes)
    except PipelineError as error:
        return error
    return None


def commits_of_portions(points: list[str]) -> list[int]:
    """Return the points before and after each commit that keeps a portion, and the first rows."""
    found, is_due = [], False
    for number, what in enumerate(points, start=1):
        is_due = is_due or "lacuna.portion" in what or "lacuna.working_row" in what
        if is_due and what.endswith(" commit"):
            found.append(number)
            is_due = what.startswith("before")
    return found


@pytest.mark.thorough
def test_a_run_that_was_killed_between_portions_goes_on_where_it_was(desks, tmp_path):
    points = points_of(desks(), partial(changed_in, **SIZES), tmp_path / "points")
    commits = commits_of_portions(points)
    assert len(commits) > 20
    for at in commits[2 :: len(commits) // 3]:
        killed_at(desks, points, at, tmp_path / "points")


@pytest.mark.long
def test_a_run_may_be_killed_around_every_portion(desks, tmp_path):
    points = points_of(desks(), partial(changed_in, **SIZES), tmp_path / "points")
    for at in commits_of_portions(points):
        killed_at(desks, points, at, tmp_path / "points")


# --- what happens meanwhile -----------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("before", "statement", "table"),
    [
        # All messages are changed by then; the case that it belongs to leads to the person still.
        ("cases", "insert into desk.messages values (901, 'north', 'late', 3)", "messages"),
        # All cases are changed; their contact is not.
        (
            "contacts",
            "insert into desk.cases select 901, org_id, 'closed', 7, contact_id "
            "from desk.contacts where email = 'person.1@example.org'",
            "cases",
        ),
    ],
)
def test_rows_that_come_meanwhile_are_treated_too(desk, meanwhile, before, statement, table):
    meanwhile(before, lambda: desk.query(statement))
    desk.go(*ENDS, **SIZES)
    assert desk.state(desk.request_id) is RequestState.COMPLETED
    rows = {"messages": 36, "cases": 12}[table]
    assert sum(one for one, _ in desk.said(Action.ANONYMIZE_ROWS, f"desk.{table}")) == rows + 1
    assert desk.query("select body from desk.messages where message_id = 901") in ([], [(None,)])
    assert desk.query("select contact_id from desk.cases where case_id = 901") in ([], [(None,)])


@pytest.mark.thorough
def test_rows_that_are_somebody_elses_by_now_are_left_to_them(desk, meanwhile):
    given = "update desk.cases set contact_id = %s where case_id = 3"
    meanwhile("cases", lambda: desk.query(given, OTHER))
    desk.go(*CHANGES, **SIZES)
    assert desk.query("select contact_id::text from desk.cases where case_id = 3") == [(OTHER,)]
    said = desk.said(Action.ANONYMIZE_ROWS, "desk.cases")
    assert [sum(one) for one in zip(*said, strict=True)] == [11, 1]


@pytest.mark.thorough
def test_rows_that_are_gone_are_not_called_erased(desk, meanwhile):
    gone = "delete from desk.aliases where contact_id = %s"
    meanwhile("aliases", lambda: desk.query(gone, ME))
    desk.go(*ENDS, **SIZES)
    assert desk.state(desk.request_id) is RequestState.COMPLETED
    assert desk.said(Action.DELETE_ROWS, "desk.aliases") == [(0, 5)]


# --- who may go on --------------------------------------------------------------------------------


@pytest.mark.thorough
def test_an_attempt_that_was_taken_over_changes_nothing_more(desk, meanwhile):
    def take_over() -> None:
        desk.query("update lacuna.request set attempt = attempt + 1")

    meanwhile("cases", take_over)
    desk.go(*CHANGES, **SIZES)
    assert desk.pending() == 4  # two of cases, one of contacts, and the last
    assert desk.query("select count(*) from desk.cases where contact_id = %s", ME) == [(12,)]
    # From here the only way is forward.
    with pytest.raises(IllegalTransition):
        refuse(desk)
    desk.go(*CHANGES, **SIZES)
    assert desk.pending() == 0


def refuse(desk: Desk) -> None:
    with desk.stores.transaction(Role.OWNER) as transaction:
        request = transaction.queue.requests.get(desk.request_id)
        transaction.queue.requests.move(request, RequestState.REFUSED, at=desk.stores.clock.now())


@pytest.mark.thorough
def test_a_portion_is_done_once(desk):
    desk.go(*CHANGES, **SIZES)
    with (
        pytest.raises(IllegalTransition, match="portion 1 was already changed"),
        desk.stores.transaction(Role.EXECUTOR) as transaction,
    ):
        transaction.portions.finish(desk.request_id, 1, "1000")


@pytest.mark.thorough
def test_what_is_half_changed_is_not_verified(desk, meanwhile, monkeypatch):
    """Somebody holds a row of the person: the portions before stay, and the request stays open."""
    monkeypatch.setitem(opened_database._LOCK_TIMEOUTS, Role.EXECUTOR, "100ms")
    with connect(desk.url) as holder:
        hold = "select from desk.contacts where contact_id = %s for update"
        meanwhile("contacts", lambda: holder.execute(hold, [ME]))
        desk.go(*ENDS, **SIZES)
        assert desk.state(desk.request_id) is RequestState.APPLIED
        assert desk.pending() == 2
        found = {finding.location for finding in desk.verification(desk.request_id).findings}
        assert "lacuna.portion" in found
        assert desk.query("select obstacle from lacuna.request") == [
            (str(Obstacle.VERIFICATION_FAILED),)
        ]
        holder.rollback()
    desk.go(*ENDS, **SIZES)
    assert desk.state(desk.request_id) is RequestState.COMPLETED
