"""The ledger in PostgreSQL: append-only, without gaps, without room for personal data."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from lacuna.evidence import SigningKey, create_key, leaf_of, sign_checkpoint
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.ports import Ledger
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.migrations import migrate

REQUEST = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10"
OTHER = "7d1d5a0e-19a1-4f43-8f6c-2f3b5f0a9e11"
# One of those who write the ledger, and somebody who only reads it.
WRITER, READER = "lacuna_executor", "ledger_test_reader"

ENTRY = Entry(
    at=datetime(2026, 3, 2, 7, 30, 0, 5, tzinfo=UTC),
    request_id=REQUEST,
    batch_id=OTHER,
    phase=Phase.OUTCOME,
    action=Action.ANONYMIZE_ROWS,
    location="support.contact",
    rows=3,
    already=0,
    digest="ab" * 32,
    actor="flow:fulfilment",
)


def build(url):
    opened = Database(url)
    migrate(opened)
    opened.dispose()
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql", 1)) as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [READER]).fetchone():
            connection.execute(sql.SQL("create role {}").format(sql.Identifier(READER)))
        for statement in (
            "grant usage on schema lacuna_evidence to {}",
            "grant select on all tables in schema lacuna_evidence to {}",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(READER)))


@pytest.fixture(scope="module", autouse=True)
def _ledger_template(template_database):
    template_database.register("ledger", build)


@pytest.fixture
def engine(database):
    """A database of its own, for a test that commits."""
    engine = sa.create_engine(database("ledger"), poolclass=sa.NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def _shared(template_database, _ledger_template):
    with template_database.clones() as fresh:
        engine = sa.create_engine(fresh("ledger"), poolclass=sa.NullPool)
        yield engine
        engine.dispose()


@pytest.fixture
def connection(_shared):
    """One transaction on an empty ledger; rolled back after the test."""
    with _shared.connect() as connection:
        yield connection


@pytest.fixture
def ledger(connection) -> Ledger:
    return PostgresLedger(connection)


def as_role(connection, role):
    connection.execute(sa.text("select set_config('role', :role, true)"), {"role": role})


def test_an_empty_ledger_has_no_leaves(ledger):
    assert list(ledger.leaves()) == []


def test_an_appended_entry_is_returned_as_stored_with_its_position_and_leaf_hash(ledger):
    leaf = ledger.append(ENTRY)
    assert leaf == leaf_of(ENTRY, 0)
    assert list(ledger.leaves()) == [leaf]


def test_positions_start_at_zero_and_have_no_gap(ledger):
    for _ in range(3):
        ledger.append(ENTRY)
    assert [leaf.position for leaf in ledger.leaves()] == [0, 1, 2]


MANY = [
    replace(ENTRY, rows=rows, digest=None if rows % 2 else ENTRY.digest, request_id=request_id)
    for rows, request_id in enumerate([REQUEST, OTHER] * 6)
]


def statements(connection):
    """Return the statements that insert entries from now on, as they are sent."""
    sent = []

    def note(_connection, _cursor, statement, _parameters, _context, _executemany):
        if "INSERT INTO lacuna_evidence.entry" in statement:
            sent.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    return sent


def test_entries_appended_together_are_one_statement_and_stand_in_their_order(connection, ledger):
    ledger.append(ENTRY)
    sent = statements(connection)
    ledger.append_all([])
    ledger.append_all(MANY)
    assert list(ledger.leaves())[1:] == [
        leaf_of(entry, position) for position, entry in enumerate(MANY, start=1)
    ]
    assert len(sent) == 1


def test_of_entries_appended_together_each_sees_the_one_before(connection, ledger):
    early = replace(ENTRY, phase=Phase.INTENT)
    late = replace(early, at=early.at + timedelta(days=2))
    as_role(connection, WRITER)
    ledger.append_all([early, early])
    with pytest.raises(DBAPIError, match="before that of the previous entry"):
        ledger.append_all([early, late, early])


def test_kept_entries_are_recorded_once_in_the_order_in_which_they_were_kept(connection, ledger):
    # There is no such request here.
    connection.execute(sa.text("set local session_replication_role = replica"))
    for part in (MANY[6:], MANY[:6]):
        ledger.keep(part)
    connection.execute(sa.text("set local session_replication_role = origin"))
    sent = statements(connection)
    ledger.record_kept([REQUEST, OTHER])
    assert len(sent) == 1
    ledger.record_kept([REQUEST, OTHER])
    assert [leaf.entry for leaf in ledger.leaves()] == [*MANY[6:], *MANY[:6]]


def test_leaves_of_one_request_come_in_order_and_alone(ledger):
    for request_id in (REQUEST, OTHER, None, REQUEST):
        ledger.append(replace(ENTRY, request_id=request_id))
    assert [leaf.position for leaf in ledger.leaves(request_id=REQUEST)] == [0, 3]
    assert [leaf.position for leaf in ledger.leaves(request_id=OTHER)] == [1]
    assert len(list(ledger.leaves())) == 4


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"request_id": None, "batch_id": None, "rows": None, "already": None, "digest": None},
        {"at": datetime(2026, 3, 2, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-7)))},
        {"at": datetime(2026, 3, 2, tzinfo=UTC)},
        {"rows": 2**53 - 1, "already": 1},
        {"location": "crm.Contacts.{E_mail,full_name}"},
        {"location": "media/recordings/**/[a-f]?.{wav,mp3}"},
        {"actor": "dpo:ab12cd34"},
    ],
    ids=str,
)
def test_database_and_evidence_compute_the_same_leaf_hash(ledger, change):
    ledger.append(ENTRY)
    entry = replace(ENTRY, **change)
    leaf = ledger.append(entry)
    assert leaf.entry == entry
    assert leaf.leaf_hash == leaf_of(entry, 1).leaf_hash


@pytest.mark.parametrize("zone", ["UTC", "Europe/Copenhagen", "America/Los_Angeles"])
def test_the_time_zone_of_a_session_changes_nothing(connection, ledger, zone):
    connection.execute(sa.text("select set_config('timezone', :zone, true)"), {"zone": zone})
    leaf = ledger.append(ENTRY)
    assert leaf == leaf_of(ENTRY, 0)
    assert leaf.entry.at.tzinfo is UTC


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("phase", Phase)
def test_the_database_knows_every_action_and_phase(ledger, action, phase):
    location = f"lacuna.request/{ENTRY.request_id}" if action is Action.REPEATED else ENTRY.location
    entry = replace(ENTRY, action=action, phase=phase, location=location)
    assert ledger.append(entry) == leaf_of(entry, 0)


@pytest.mark.parametrize(
    "location", ["lacuna.request", "lacuna.request/Ada", "lacuna.request/12345678"]
)
def test_what_is_repeated_is_a_request_by_its_id(ledger, location):
    with pytest.raises(DBAPIError, match="names_no_person"):
        ledger.append(replace(ENTRY, action=Action.REPEATED, location=location))


def test_rows_and_their_record_commit_together_or_not_at_all(engine):
    with engine.begin() as connection:
        connection.execute(sa.text("create table work (done boolean)"))
        PostgresLedger(connection).append(ENTRY)

    class Failure(Exception):
        pass

    def fail():
        with engine.begin() as connection:
            connection.execute(sa.text("insert into work values (true)"))
            PostgresLedger(connection).append(ENTRY)
            raise Failure

    with pytest.raises(Failure):
        fail()
    with engine.begin() as connection:
        assert connection.execute(sa.text("select count(*) from work")).scalar_one() == 0
        assert PostgresLedger(connection).append(ENTRY).position == 1


@pytest.mark.thorough
def test_writers_at_once_leave_no_gap_and_no_wrong_hash(engine):
    problems = []

    def write(number):
        try:
            for _ in range(20):
                with engine.begin() as connection:
                    ledger = PostgresLedger(connection)
                    ledger.append(replace(ENTRY, rows=number))
                    ledger.append(replace(ENTRY, rows=number))
        except DBAPIError as error:
            problems.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert problems == []
    with engine.begin() as connection:
        leaves = list(PostgresLedger(connection).leaves())
    assert [leaf.position for leaf in leaves] == list(range(160))
    assert all(leaf == leaf_of(leaf.entry, leaf.position) for leaf in leaves)
    # Entries of one transaction stand together.
    assert all(
        leaves[at].entry.rows == leaves[at + 1].entry.rows for at in range(0, len(leaves), 2)
    )


@pytest.mark.thorough
def test_a_long_ledger_is_read_as_a_stream(connection, ledger):
    connection.execute(
        sa.text(
            "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
            "select '2026-03-02Z', 'outcome', 'sweep', 'support.message', 'flow:sweep' "
            "from generate_series(1, 5000)"
        )
    )
    leaves = ledger.leaves()
    first = next(leaves)
    # Other statements run while the stream is open: it is a cursor on the server.
    assert ledger.append(ENTRY).position == 5000
    assert first.position == 0
    assert sum(1 for _ in leaves) == 4999


# --- nothing but ids, counts, digests and names of places ------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "lacuna",
        "lacuna.request",
        "support.contact.email",
        "support.contact.*",
        "support.contact.{email,phone}",
        "crm.Contacts",
        "media",
        "media/recordings/*.wav",
        "exports/2026/**/part-?.parquet",
        "reporting.csat_weekly 2026-W10",
        "reporting.csat_daily 2026-03-02",
        "reporting.csat_monthly 2026-03",
        "redact-closed-messages",
        "legacy_contact_360",
        "Odd$caShop.order.lines",
        "media/Anrufe$ca2026/*.wav",
    ],
)
def test_a_name_of_a_place_is_a_location(ledger, location):
    assert ledger.append(replace(ENTRY, location=location)).entry.location == location


@pytest.mark.parametrize(
    "location",
    [
        "",
        " ",
        "ada@example.org",
        "support.contact ada",
        "Ada Lovelace",
        "rows of ada lovelace",
        "support.contact\nada",
        "support.contact.email.ada",
        "calls to +33612345678",
        "33612345678",
        "media/33612345678.wav",
        "media/calls/0612345678/*.wav",
        "support.contact_4412345678",
        'support."contact"',
        "support.contact\\",
        "https://example.org/ada",
        "média",
        "x" * 401,
        "media/" + "x" * 400,
        "reporting.csat 2026-03-02 12:00",
    ],
    ids=lambda location: location[:20],
)
def test_anything_else_is_no_location(ledger, location):
    with pytest.raises(DBAPIError, match="entry_location_names_no_person"):
        ledger.append(replace(ENTRY, location=location))


@pytest.mark.parametrize(
    "actor",
    ["", "ada", "dpo:", "dpo:Ada", "dpo:ada lovelace", "dpo:ada@example.org", "admin:x", "dpo:a\n"],
)
def test_an_actor_is_a_role_and_a_key_id(ledger, actor):
    with pytest.raises(DBAPIError, match="entry_actor_is_role_and_key_id"):
        ledger.append(replace(ENTRY, actor=actor))


@pytest.mark.parametrize(
    "change",
    [
        {"request_id": "ada@example.org"},
        {"batch_id": "tonight"},
        {"digest": "ab" * 31},
        {"digest": "AB" * 32},
        {"digest": "ada@example.org"},
        {"rows": -1},
        {"already": -1},
        {"rows": 2**53},
        {"at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"at": datetime(9999, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_ids_digests_counts_and_times_hold_nothing_else(ledger, change):
    with pytest.raises(DBAPIError):
        ledger.append(replace(ENTRY, **change))


@pytest.mark.parametrize(
    ("column", "value", "by"),
    [("action", "ada", "fkey"), ("action", "note: ada", "check"), ("phase", "ada", "check")],
)
def test_actions_and_phases_are_closed_lists(connection, column, value, by):
    values = {"action": "sweep", "phase": "outcome"} | {column: value}
    with pytest.raises(DBAPIError, match=f"entry_{column}_{by}"):
        connection.execute(
            sa.text(
                "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
                "values (now(), :phase, :action, 'lacuna', 'system:test')"
            ),
            values,
        )


# --- append-only ------------------------------------------------------------------------------------

CHANGES = [
    "update lacuna_evidence.entry set rows = 0",
    "update lacuna_evidence.entry set rows = 0 where false",
    "delete from lacuna_evidence.entry",
    "delete from lacuna_evidence.entry where false",
    "truncate lacuna_evidence.entry",
    "insert into lacuna_evidence.entry (position, at, phase, action, location, actor) "
    "values (1, now(), 'outcome', 'sweep', 'lacuna', 'system:test') "
    "on conflict (position) do update set rows = 0",
    "update lacuna_evidence.checkpoint set at = now()",
    "delete from lacuna_evidence.checkpoint",
    "truncate lacuna_evidence.checkpoint",
]


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_a_ledger_not_even_its_owner(connection, ledger, change):
    ledger.append(ENTRY)
    with pytest.raises(DBAPIError, match="is append-only"):
        connection.execute(sa.text(change))


@pytest.mark.parametrize("change", CHANGES)
def test_a_session_that_skips_ordinary_triggers_changes_nothing_either(connection, ledger, change):
    ledger.append(ENTRY)
    connection.execute(sa.text("set local session_replication_role = replica"))
    with pytest.raises(DBAPIError, match="is append-only"):
        connection.execute(sa.text(change))


@pytest.mark.parametrize("change", CHANGES)
def test_those_who_write_the_ledger_have_no_right_to_change_it(connection, ledger, change):
    ledger.append(ENTRY)
    as_role(connection, WRITER)
    with pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(sa.text(change))


def test_those_who_write_the_ledger_need_no_more_than_insert_and_select(connection, ledger):
    as_role(connection, WRITER)
    leaf = ledger.append(ENTRY)
    assert list(ledger.leaves()) == [leaf]


def test_those_who_read_the_ledger_cannot_append(connection, ledger):
    ledger.append(ENTRY)
    as_role(connection, READER)
    assert len(list(ledger.leaves())) == 1
    with pytest.raises(DBAPIError, match="permission denied"):
        ledger.append(ENTRY)


INSERT = (
    "insert into lacuna_evidence.entry (position, at, phase, action, location, actor, leaf_hash) "
    "values (:position, '2026-03-02Z', 'outcome', 'sweep', 'lacuna', 'system:test', :leaf_hash)"
)


@pytest.mark.parametrize("position", [-1, 0, 2, 100])
def test_a_writer_cannot_choose_a_position(connection, ledger, position):
    ledger.append(ENTRY)
    with pytest.raises(DBAPIError, match="the next position is 1"):
        connection.execute(sa.text(INSERT), {"position": position, "leaf_hash": None})


def test_a_writer_cannot_choose_a_leaf_hash(connection):
    with pytest.raises(DBAPIError, match="the leaf hash does not match"):
        connection.execute(sa.text(INSERT), {"position": 0, "leaf_hash": "ab" * 32})


def test_a_row_with_the_right_position_and_hash_is_taken(connection, ledger):
    entry = Entry(
        at=datetime(2026, 3, 2, tzinfo=UTC),
        request_id=None,
        batch_id=None,
        phase=Phase.OUTCOME,
        action=Action.SWEEP,
        location="lacuna",
        rows=None,
        already=None,
        digest=None,
        actor="system:test",
    )
    leaf = leaf_of(entry, 0)
    connection.execute(sa.text(INSERT), {"position": 0, "leaf_hash": leaf.leaf_hash})
    assert list(ledger.leaves()) == [leaf]


# --- checkpoints ------------------------------------------------------------------------------------

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROOT = "cd" * 32


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> SigningKey:
    return create_key(tmp_path_factory.mktemp("keys") / "ledger.pem")


def test_checkpoints_come_back_in_order_of_size(ledger, key):
    notes = []
    for size in (1, 2, 3):
        ledger.append(ENTRY)
        notes.append(sign_checkpoint(size, ROOT, key))
        ledger.add_checkpoint(notes[-1], size=size, root=ROOT, at=AT)
    assert ledger.checkpoints() == tuple(notes)


@pytest.mark.parametrize("size", [1, 2])
def test_a_checkpoint_is_larger_than_the_one_before(ledger, key, size):
    ledger.append(ENTRY)
    ledger.append(ENTRY)
    ledger.add_checkpoint(sign_checkpoint(2, ROOT, key), size=2, root=ROOT, at=AT)
    with pytest.raises(DBAPIError, match="not larger than the checkpoint before"):
        ledger.add_checkpoint(sign_checkpoint(size, ROOT, key), size=size, root=ROOT, at=AT)


def test_a_checkpoint_is_not_larger_than_the_ledger(ledger, key):
    ledger.append(ENTRY)
    with pytest.raises(DBAPIError, match="larger than the ledger"):
        ledger.add_checkpoint(sign_checkpoint(2, ROOT, key), size=2, root=ROOT, at=AT)


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note.replace("\n1\n", "\n2\n"),
        lambda note: note.replace("zc3N", "zc3O"),
        lambda note: note + "ada@example.org\n",
        lambda note: note.split("\n\n")[0],
        lambda note: f"ada lovelace{note}",
        lambda note: "",
    ],
    ids=["size", "root", "addition", "unsigned", "origin", "empty"],
)
def test_a_stored_checkpoint_is_a_signed_note_of_its_size_and_root(ledger, key, damage):
    ledger.append(ENTRY)
    note = sign_checkpoint(1, ROOT, key)
    assert damage(note) != note
    with pytest.raises(DBAPIError):
        ledger.add_checkpoint(damage(note), size=1, root=ROOT, at=AT)
