"""Files written anew, on a real server: what is gone afterwards, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from lacuna.errors import DatabaseUnreachable
from lacuna.model.evidence import Action, Entry
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.model.scrub import ScrubRefusal
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.scrubber import PostgresScrubber
from tests.shop import KUNDEN, LAGER, NOW, TICKETS, Shop

SECRET = "odd.secret@example.org"


@pytest.fixture
def connection(shop: Shop) -> Iterator[psycopg.Connection]:
    with psycopg.connect(_plain(shop), autocommit=True) as connection:
        yield connection


def _plain(shop: Shop) -> str:
    return shop.url.replace("+psycopg", "", 1)


@pytest.fixture
def scrubber(shop: Shop) -> PostgresScrubber:
    return PostgresScrubber(shop.database, seconds_for_older=0.2)


def content_of(connection: psycopg.Connection, table: str) -> bytes:
    """Return the bytes of a table's file."""
    connection.execute("checkpoint")
    (content,) = connection.execute(
        "select pg_read_binary_file(pg_relation_filepath(%s::regclass))", [table]
    ).fetchone()
    return content


def due(scrubber: PostgresScrubber) -> set[TableName]:
    return {one.table for one in scrubber.tables(["Odd Shop"]) if one.is_due}


def files_of(scrubber: PostgresScrubber, table: TableName):
    return next(one for one in scrubber.tables(["Odd Shop"]) if one.table == table)


def test_a_dead_row_is_in_the_file_until_it_is_written_anew(connection, scrubber):
    connection.execute('update "Odd Shop"."La""ger" set notiz = %s where id = 2', [SECRET])
    connection.execute('update "Odd Shop"."La""ger" set notiz = null where id = 2')
    assert SECRET.encode() in content_of(connection, '"Odd Shop"."La""ger"')
    done = scrubber.rewrite(files_of(scrubber, LAGER))
    assert done.refusals == frozenset()
    assert done.lock_seconds > 0
    assert SECRET.encode() not in content_of(connection, '"Odd Shop"."La""ger"')


@pytest.mark.parametrize("act", ["rewrite", "renew_statistics"])
def test_statistics_of_an_emptied_table_do_not_stay(connection, scrubber, act):
    connection.execute(
        'insert into "Odd Shop"."La""ger" select n, %s, %s, 1 from generate_series(10, 60) n',
        ["nord", SECRET],
    )
    connection.execute(
        'create statistics "Odd Shop".both (mcv) on notiz, org_id from "Odd Shop"."La""ger"'
    )
    connection.execute('create index on "Odd Shop"."La""ger" (lower(notiz))')
    connection.execute('analyze "Odd Shop"."La""ger"')
    connection.execute('delete from "Odd Shop"."La""ger"')
    connection.execute('analyze "Odd Shop"."La""ger"')
    held = (
        "select count(*) from (select most_common_vals::text as held from pg_stats "
        "union all select most_common_vals::text from pg_stats_ext) each where held like %s"
    )
    assert connection.execute(held, [f"%{SECRET}%"]).fetchone() == (3,)
    if act == "rewrite":
        assert not scrubber.rewrite(files_of(scrubber, LAGER)).refusals
    else:
        assert scrubber.renew_statistics([LAGER, KUNDEN]) == ()
    assert connection.execute(held, [f"%{SECRET}%"]).fetchone() == (0,)


@pytest.mark.thorough
def test_a_table_is_due_when_a_row_of_it_changed_since_and_not_before(shop, connection, scrubber):
    assert {KUNDEN, LAGER, TICKETS} <= due(scrubber), "never written anew"
    files = [one for one in scrubber.tables(["Odd Shop"]) if one.is_due]
    done = [scrubber.rewrite(one) for one in files]
    assert not any(one.refusals for one in done)
    with shop.open(Role.EXECUTOR) as own:
        for one in done:
            own.scrubs.put(one.files, 0.25, NOW)
    assert due(scrubber) == set(), "what the scrub itself wrote makes nothing due"
    assert files_of(scrubber, LAGER).lock_seconds == 0.25
    connection.execute('insert into "Odd Shop"."La""ger" values (9, %s, null, 1)', ["nord"])
    connection.execute("select pg_stat_force_next_flush()")
    assert due(scrubber) == set(), "a new row hides no old one"
    connection.execute('update "Odd Shop"."La""ger" set notiz = null where id = 9')
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("select 1")
    assert due(scrubber) == {LAGER}


def test_what_the_ledger_says_was_changed_is_due_whatever_the_counters_say(shop, scrubber):
    files = [one for one in scrubber.tables(["Odd Shop"]) if one.is_due]
    with shop.open(Role.EXECUTOR) as own:
        for one in files:
            own.scrubs.put(one, 0.1, NOW)
    assert KUNDEN not in due(scrubber)
    with shop.open(Role.EXECUTOR) as own:
        own.ledger.append(
            Entry(at=NOW, action=Action.ANONYMIZE_ROWS, location=KUNDEN.location, actor="flow:test")
        )
    found = due(scrubber)
    assert KUNDEN in found
    assert TICKETS not in found
    assert TableName("lacuna", "working_row") in found, "Lacuna's own tables change with it"


def test_a_table_that_others_work_in_is_left_for_the_next_time(shop, scrubber):
    with psycopg.connect(_plain(shop)) as other:
        other.execute('lock table "Odd Shop"."Kunden" in access share mode')
        done = scrubber.rewrite(files_of(scrubber, KUNDEN))
    assert done.kept in (ScrubRefusal.LOCKED, ScrubRefusal.OLDER_TRANSACTION)
    assert not scrubber.rewrite(files_of(scrubber, KUNDEN)).refusals
    assert done.lock_seconds < 30


def test_an_old_snapshot_would_keep_dead_rows_so_that_nothing_is_claimed(
    shop, connection, scrubber
):
    with psycopg.connect(_plain(shop)) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select count(*) from lacuna.request")
        connection.execute('update "Odd Shop"."Kunden" set telefon = telefon')
        assert scrubber.rewrite(files_of(scrubber, KUNDEN)).kept is ScrubRefusal.OLDER_TRANSACTION
        assert scrubber.rewrite_statistics() is ScrubRefusal.OLDER_TRANSACTION
    assert not scrubber.rewrite(files_of(scrubber, KUNDEN)).refusals


def test_a_login_that_owns_nothing_reaches_nothing_and_says_so(shop, connection, scrubber):
    files = files_of(scrubber, KUNDEN)
    connection.execute(
        "do $$ begin create role odd_shop_guest nologin; exception when duplicate_object then end $$"
    )
    connection.execute('grant usage on schema "Odd Shop" to odd_shop_guest')
    connection.execute('grant select on all tables in schema "Odd Shop" to odd_shop_guest')
    connection.execute('analyze "Odd Shop"."Kunden"')
    url = shop.database.engine.url
    guest = url.update_query_dict({"options": "-c role=odd_shop_guest"})
    scrubber = PostgresScrubber(
        Database(guest.render_as_string(hide_password=False)), seconds_for_older=0.2
    )
    assert scrubber.rewrite(files).refusals == {ScrubRefusal.NOT_PERMITTED}
    assert scrubber.rewrite_statistics() is ScrubRefusal.NOT_PERMITTED
    assert scrubber.clear_log() is ScrubRefusal.NOT_PERMITTED
    assert "shared_preload_libraries=unknown" in scrubber.exposed()


def test_the_catalogs_and_the_log_are_cleared(connection, scrubber):
    connection.execute('analyze "Odd Shop"."Kunden"')
    assert scrubber.rewrite_statistics() is None
    assert scrubber.clear_log() is None
    (left,) = connection.execute(
        "select count(*) from pg_ls_waldir(), pg_control_checkpoint() where name < redo_wal_file"
    ).fetchone()
    assert left == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("log_min_messages", "error"),
        ("log_statement", "all"),
        ("log_min_duration_statement", "500"),
        ("log_parameter_max_length_on_error", "-1"),
        ("debug_print_plan", "on"),
    ],
)
def test_a_setting_that_puts_values_into_the_log_is_named(shop, scrubber, setting, value):
    assert scrubber.exposed() == ()
    name = shop.database.engine.url.database
    shop.query(f'alter database "{name}" set {setting} = "{value}"')
    assert [one.partition("=")[0] for one in scrubber.exposed()] == [setting]


def test_a_scrub_that_lost_its_lock_rewrites_nothing_more(shop, connection, scrubber):
    database = scrubber._database
    with database.session_lock("platform") as other:
        assert other is None
        files = files_of(scrubber, KUNDEN)
        (held,) = database._locks
        connection.execute("select pg_terminate_backend(%s, 5000)", [held.backend])
        before = files_of(scrubber, KUNDEN)
        with pytest.raises(DatabaseUnreachable, match='held the lock "platform" was lost'):
            scrubber.rewrite(files)
        assert files_of(scrubber, KUNDEN) == before
