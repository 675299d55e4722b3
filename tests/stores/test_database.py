"""Transactions: one role, all or nothing, and errors that quote no value."""

import logging
import os
import re
import threading
import time
import traceback
import uuid
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import psycopg
import pytest
import sqlalchemy as sa

from lacuna.errors import (
    ConfigurationError,
    DatabaseUnreachable,
    DependencyUnreachable,
    PipelineError,
    RowsContended,
    StatementRefused,
)
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.stores.postgres import database as database_module
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna_demo.bulk import load_rows
from lacuna_demo.embedded_server import EmbeddedServer

CANARY = "canary-7f3a@example.org"


@pytest.fixture
def people(database):
    """A database with a table of people, one of them the canary."""
    opened = Database(database())
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(
            "create table people (email text constraint one_of_a_kind unique, "
            "age int constraint alive check (age > 0))"
        )
        connection.execute(sa.text("insert into people values (:mail, 40)"), {"mail": CANARY})
    return opened


def refused(people, statement, **parameters):
    """Run a statement that fails, and return the error; check that it quotes nothing."""
    with pytest.raises(PipelineError) as caught, people.transaction(Role.OWNER) as connection:
        connection.execute(sa.text(statement), parameters)
    printed = "".join(traceback.format_exception(caught.value))
    assert "canary-7f3a" not in printed
    return caught.value


# --- the address ----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["no url at all", "", "postgresql://[::1", "://x"])
def test_what_is_no_url_is_refused_without_being_quoted(url):
    with pytest.raises(ConfigurationError) as caught:
        Database(url)
    assert str(caught.value) == "LACUNA_DATABASE_URL is not a database URL"


@pytest.mark.parametrize("driver", ["mysql", "sqlite", "postgresql+asyncpg"])
def test_another_driver_is_refused_without_quoting_the_password(driver):
    with pytest.raises(ConfigurationError, match=r"write postgresql\+psycopg://") as caught:
        Database(f"{driver}://user:s3cret@example.org/x")
    assert "s3cret" not in str(caught.value)


def test_the_password_is_masked_wherever_the_address_is_shown():
    opened = Database("postgresql://user:s3cret@example.org/x")
    assert opened.url == "postgresql+psycopg://user:***@example.org/x"
    assert "s3cret" not in f"{opened} {opened.engine}"


# --- all or nothing -------------------------------------------------------------------------------


def test_a_transaction_is_kept_whole_or_not_at_all(people):
    with people.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("insert into people values ('kept@example.org', 1)")

    def fails_halfway():
        with people.transaction(Role.OWNER) as connection:
            connection.exec_driver_sql("insert into people values ('lost@example.org', 1)")
            raise LookupError("after the insert")

    with pytest.raises(LookupError):
        fails_halfway()
    with people.transaction(Role.OWNER) as connection:
        found = set(connection.exec_driver_sql("select email from people").scalars())
    assert found == {CANARY, "kept@example.org"}


@pytest.mark.parametrize(
    "statement",
    ["delete from people", "create table more (x int)", "update people set age = 2"],
)
def test_a_read_only_transaction_refuses_every_write(people, statement):
    def write():
        with people.transaction(Role.OWNER, is_read_only=True) as connection:
            connection.exec_driver_sql(statement)

    with pytest.raises(StatementRefused, match="ReadOnlySqlTransaction, SQLSTATE 25006"):
        write()


def test_a_read_only_transaction_sees_one_moment(people):
    count = "select count(*) from people"
    with people.transaction(Role.OWNER, is_read_only=True) as reading:
        before = reading.exec_driver_sql(count).scalar_one()
        with people.transaction(Role.OWNER) as writing:
            writing.exec_driver_sql("insert into people values ('late@example.org', 1)")
        assert reading.exec_driver_sql(count).scalar_one() == before


# --- errors ---------------------------------------------------------------------------------------


def test_a_unique_violation_says_where_and_not_what(people):
    error = refused(people, "insert into people values (:mail, 1)", mail=CANARY)
    assert isinstance(error, StatementRefused)
    assert str(error) == (
        "the database refused a statement: UniqueViolation, SQLSTATE 23505, table people, "
        "constraint one_of_a_kind; the transaction was rolled back"
    )


def test_what_is_not_there_may_be_of_another_version(people):
    error = refused(people, "select 1 from lacuna.nothing_of_that_name")
    assert (
        "SQLSTATE 42P01, table lacuna.nothing_of_that_name; the transaction was rolled back. If Lacuna's own schemas"
        in str(error)
    )
    assert "lacuna up" not in str(refused(people, "select 1/0"))


def test_a_check_violation_says_where_and_not_what(people):
    error = refused(people, "insert into people values (:mail, -1)", mail=f"new-{CANARY}")
    assert "CheckViolation, SQLSTATE 23514, table people, constraint alive;" in str(error)


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("update people set age = 2000000000 + 2000000000", "SQLSTATE 22003, table people;"),
        ("insert into people values (null, 1)", "table people, column email;"),
        ("delete from public.people where 1 / age > 1 / (age - age)", "table public.people;"),
    ],
)
def test_an_error_of_a_statement_that_writes_names_the_table(people, statement, where):
    with people.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("alter table people alter email set not null")
    assert where in str(refused(people, statement))


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (
            'select 1 / (a.age - 40) from public.people a join "public"."people" b '
            "on a.email is not distinct from b.email",
            'SQLSTATE 22012, table public.people, table "public"."people";',
        ),
        (
            "select extract(year from p.at) from (select now() as at) p "
            "where (select max(1 / (age - 40)) from public.people) > 0",
            "SQLSTATE 22012, table public.people;",
        ),
        ("select 'from canary-7f3a.canary-7f3a' || 1 / (1 - 1)", "SQLSTATE 22012;"),
    ],
)
def test_an_error_of_a_statement_that_reads_names_its_tables(people, statement, where):
    assert where in str(refused(people, statement))


def test_a_bad_cast_does_not_quote_what_was_cast(people):
    error = refused(people, "select cast(email as int) from public.people")
    assert "InvalidTextRepresentation, SQLSTATE 22P02, table public.people; " in str(error)
    error = refused(people, "select cast(cast(:mail as text) as uuid)", mail=CANARY)
    assert "InvalidTextRepresentation, SQLSTATE 22P02; " in str(error)


def test_a_role_that_is_not_there_is_named(people):
    error = refused(people, "grant select on people to not_there")
    assert "UndefinedObject, SQLSTATE 42704, role not_there; " in str(error)


def test_an_exception_of_a_function_does_not_bring_its_text(people):
    error = refused(people, "do $$ begin raise exception 'this is canary-7f3a'; end $$")
    assert "RaiseException, SQLSTATE P0001; " in str(error)


def test_what_a_function_calls_a_missing_right_is_not_believed(people):
    for text in (
        "permission denied for table canary-7f3a",
        "permission denied for user canary-7f3a",
    ):
        raised = f"raise exception '{text}' using errcode = '42501', column = 'canary-7f3a'"
        error = refused(people, f"do $$ begin {raised}; end $$")
        assert "RaiseException" not in str(error)
        assert "SQLSTATE 42501; " in str(error)


def test_run_control_13_a_full_disk_rolls_back_and_is_told(people):
    error = refused(
        people,
        "do $$ begin insert into people values ('new@example.org', 1); "
        "raise exception 'canary-7f3a' using errcode = 'disk_full'; end $$",
    )
    assert isinstance(error, StatementRefused)
    assert "DiskFull, SQLSTATE 53100; the transaction was rolled back" in str(error)
    with people.transaction(Role.OWNER) as connection:
        assert connection.execute(sa.text("select count(*) from people")).scalar_one() == 1


def test_run_control_17_no_free_connection_is_an_outage_and_nothing_is_done(people):
    name = f"lone_{uuid.uuid4().hex[:12]}"
    with people.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(
            f"create role {name} login password 'invented' connection limit 1; "
            f"grant select, insert on people to {name}"
        )
    try:
        address = people.engine.url.set(username=name, password="invented")
        alone = Database(address.render_as_string(hide_password=False))
        insert = sa.text("insert into people values ('new@example.org', 1)")
        with alone.transaction(Role.OWNER) as connection:
            with (
                pytest.raises(DependencyUnreachable, match="does not answer") as caught,
                alone.transaction(Role.OWNER) as another,
            ):
                another.execute(insert)
            assert name not in str(caught.value)
            assert connection.execute(sa.text("select count(*) from people")).scalar_one() == 1
        with alone.transaction(Role.OWNER) as connection:
            connection.execute(insert)
    finally:
        with people.transaction(Role.OWNER) as connection:
            connection.exec_driver_sql(f"drop owned by {name}; drop role {name}")


@pytest.mark.parametrize(
    ("state", "is_contended"),
    [("40P01", True), ("40001", True), ("55P03", True), ("23505", False)],
)
def test_run_control_15_others_locks_are_told_apart(people, state, is_contended):
    error = refused(
        people, f"do $$ begin raise exception 'canary-7f3a' using errcode = '{state}'; end $$"
    )
    assert isinstance(error, RowsContended) is is_contended


@pytest.mark.parametrize("role", Role)
def test_no_role_waits_for_somebody_for_ever(people, role):
    migrate(people)
    limited = Database(people.engine.url.render_as_string(False), statement_minutes=7)
    with limited.transaction(role) as connection:
        found = connection.exec_driver_sql(
            "select current_setting('lock_timeout'), current_setting('statement_timeout')"
        ).one()
    assert found == ("5s" if role is Role.EXECUTOR else "30s", "7min")


@pytest.mark.parametrize("statement", ["select 1 from people", "update people set age = 41"])
def test_who_keeps_a_table_is_named_where_a_lock_is_not_had(people, monkeypatch, statement):
    monkeypatch.setattr(database_module, "_LOCK_TIMEOUT", "100ms")
    with psycopg.connect(
        people.engine.url.render_as_string(False).replace("+psycopg", ""), application_name="psql"
    ) as other:
        other.execute("lock table people in access exclusive mode")
        pid, error = other.info.backend_pid, refused(people, statement)
    assert isinstance(error, RowsContended)
    assert str(error).startswith(
        "a lock was not had in time: public.people is locked by server process "
        f"{pid} (AccessExclusiveLock, psql); the transaction was rolled back. Run again when it is free"
    )


def test_who_keeps_a_row_is_named_and_an_odd_name_is_not(people, monkeypatch):
    monkeypatch.setattr(database_module, "_LOCK_TIMEOUT", "100ms")
    with psycopg.connect(
        people.engine.url.render_as_string(False).replace("+psycopg", ""),
        application_name=CANARY,
    ) as other:
        other.execute("update people set age = 42")
        pid, error = other.info.backend_pid, refused(people, "update people set age = 41")
    assert f"is locked by server process {pid} (RowExclusiveLock); the" in str(error)


def test_of_many_who_work_on_a_table_the_first_are_named(people, monkeypatch):
    monkeypatch.setattr(database_module, "_LOCK_TIMEOUT", "100ms")
    url = people.engine.url.render_as_string(False).replace("+psycopg", "")
    with ExitStack() as stack:
        connect = partial(psycopg.connect, url)
        bystanders = [stack.enter_context(connect()) for _ in range(4)]
        in_the_way = stack.enter_context(connect())
        in_the_way.execute("update people set age = 42")
        for one in bystanders:
            one.execute("select from people where false for update")
        error = str(refused(people, "update people set age = 41"))
        first = f"a lock was not had in time: public.people is locked by server process {in_the_way.info.backend_pid} "
        assert error.startswith(first)
        assert "and 2 more; the transaction was rolled back" in error


def test_who_waits_itself_is_named_behind_who_does_not(people, monkeypatch):
    monkeypatch.setattr(database_module, "_LOCK_TIMEOUT", "100ms")
    url = people.engine.url.render_as_string(False).replace("+psycopg", "")
    with psycopg.connect(url) as waiting, psycopg.connect(url) as last:
        waiting.execute("create table other (id int)")
        waiting.commit()
        waiting.execute("update people set age = 42")
        last.execute("lock table other in share update exclusive mode")
        blocked = threading.Thread(
            target=waiting.execute, args=("lock table other in share update exclusive mode",)
        )
        blocked.start()
        alone = str(refused(people, "update people set age = 41"))
        with psycopg.connect(url) as working:
            working.execute("select from people where false for update")
            both = str(refused(people, "update people set age = 41"))
            pids = [one.info.backend_pid for one in (working, waiting)]
        last.rollback()
        blocked.join()
    assert f"public.people is locked by server process {pids[1]} " in alone
    assert [int(one) for one in re.findall(r"server process (\d+)", both)] == pids


def test_a_text_that_postgresql_cannot_hold_is_refused_and_not_taken_for_an_outage(people):
    error = refused(people, "select cast(:mail as text)", mail=f"\0{CANARY}")
    assert isinstance(error, StatementRefused)
    assert "DataError, SQLSTATE none; " in str(error)


def test_a_missing_parameter_is_told_without_the_statement(people):
    error = refused(people, "select :canary || 'canary-7f3a'")
    assert str(error).startswith("a statement could not be run: StatementError;")


def test_a_violation_that_shows_at_commit_alone_is_told_the_same_way(people):
    with people.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(
            "alter table people add constraint late unique (email) deferrable initially deferred"
        )
        connection.exec_driver_sql("alter table people drop constraint one_of_a_kind")
    error = refused(people, "insert into people values (:mail, 1)", mail=CANARY)
    assert "UniqueViolation, SQLSTATE 23505, table people, constraint late;" in str(error)


def test_the_drivers_own_error_does_not_come_through_either(people):
    with pytest.raises(StatementRefused, match="SQLSTATE 23505, table people") as caught:
        load_rows(people, [(TableName("public", "people"), ("email", "age"), [(CANARY, 1)])])
    assert "canary-7f3a" not in "".join(traceback.format_exception(caught.value))


def test_a_statement_out_of_time_is_refused_and_not_taken_for_an_outage(people):
    def wait():
        with people.transaction(Role.OWNER) as connection:
            connection.exec_driver_sql("set local statement_timeout = '10ms'")
            connection.exec_driver_sql("select pg_sleep(5)")

    with pytest.raises(
        StatementRefused, match=r"QueryCanceled, SQLSTATE 57014.*LACUNA_STATEMENT_MINUTES"
    ):
        wait()


def test_a_connection_cut_in_the_middle_is_an_outage(people):
    def cut():
        with people.transaction(Role.OWNER) as connection:
            pid = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
            with psycopg.connect(
                people.engine.url.render_as_string(False).replace("+psycopg", ""), autocommit=True
            ) as other:
                other.execute("select pg_terminate_backend(%s, 5000)", [pid])
            connection.exec_driver_sql("select 1")

    with pytest.raises(DependencyUnreachable, match=r"does not answer \(\w+\)"):
        cut()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "nobody_here"}, "asks for a password, and none was given"),
        ({"username": "nobody_here", "password": "x"}, "refuses the login or its password"),
        ({"database": "no_such_database"}, "the server has no database of this name"),
    ],
)
def test_a_server_that_lets_nobody_in_is_told_from_one_that_is_silent(people, changed, said):
    address = people.engine.url.set(**changed)
    with pytest.raises(DependencyUnreachable, match=said) as caught:
        Database(address.render_as_string(hide_password=False)).check()
    assert not any(name in str(caught.value) for name in changed.values())


def test_a_database_that_takes_nobody_now_is_there(people):
    name, url = f"closed_{uuid.uuid4().hex[:12]}", people.engine.url
    with psycopg.connect(
        url.render_as_string(False).replace("+psycopg", ""), autocommit=True
    ) as own:
        own.execute(f"create database {name} allow_connections false")
        try:
            closed = Database(url.set(database=name).render_as_string(hide_password=False))
            with pytest.raises(DependencyUnreachable, match="does not answer"):
                closed.check()
        finally:
            own.execute(f"drop database {name}")


def test_a_stopped_server_is_an_outage(lacuna_home):
    # The address of a server that never ran: its socket is not there.
    opened = Database(EmbeddedServer(lacuna_home).url())
    with pytest.raises(DependencyUnreachable, match="check LACUNA_DATABASE_URL, then run again"):
        opened.check()


def test_a_database_that_is_not_there_is_an_outage(database):
    url = sa.make_url(database()).set(database="no_such_database")
    with pytest.raises(DependencyUnreachable):
        Database(url.render_as_string(False)).check()


def test_the_servers_version_is_known(people):
    assert people.check() >= 140000


def test_rows_stay_out_of_the_log_even_where_logging_is_configured_anew(shop, caplog):
    # What a framework does that sets logging up after this package was imported.
    engine = logging.getLogger("sqlalchemy.engine.Engine.lacuna")
    for logger in (logging.getLogger("sqlalchemy"), engine.parent, engine):
        logger.setLevel(logging.DEBUG)
    try:
        database = Database(shop.url)
        with caplog.at_level(logging.DEBUG), database.transaction(Role.OWNER) as connection:
            connection.execute(sa.text("select :canary"), {"canary": CANARY}).all()
    finally:
        for logger in (logging.getLogger("sqlalchemy"), engine.parent, engine):
            logger.setLevel(logging.NOTSET)
    assert CANARY not in caplog.text


@pytest.mark.thorough
def test_a_lock_is_free_as_soon_as_its_block_ends(people):
    for _ in range(100):
        with people.session_lock("fulfilment") as other:
            assert other is None
            with people.session_lock("fulfilment") as other:
                assert other is not None
        with people.session_lock("intake") as other:
            assert other is None


def test_who_holds_a_lock_is_said(people):
    people.holder = "gdpr_sweep.sweep"
    with (
        people.session_lock("platform"),
        people.session_lock("platform", is_shared=True) as other,
    ):
        assert re.fullmatch(
            r"gdpr_sweep\.sweep since \d{4}-\d\d-\d\d \d\d:\d\dZ, server process \d+", other
        )
    with people.session_lock("platform", is_shared=True):
        with people.session_lock("platform", is_shared=True) as other:
            assert other is None
        with people.session_lock("platform") as other:
            assert other.startswith("gdpr_sweep.sweep since ")


def test_a_strangers_name_for_itself_is_not_repeated(people):
    people.holder = CANARY
    with people.session_lock("platform"), people.session_lock("platform") as other:
        assert re.fullmatch(r"a session, server process \d+", other)


def test_a_lock_behind_a_pooler_that_hands_transactions_on_is_noticed(people):
    """Another backend serves the connection than the one that took the lock."""
    migrate(people)
    with people.session_lock("platform"):
        (held,) = people._locks
        people._locks[:] = [replace(held, backend=held.backend + 1)]
        with (
            pytest.raises(DatabaseUnreachable, match="If a pooler lies between"),
            people.transaction(Role.EXECUTOR),
        ):
            pytest.fail("it began")
        people._locks[:] = [held]


def end_locks(people: Database) -> None:
    """Cut the connections that hold a lock, as a network does, and nothing else."""
    with people.autocommit() as connection:
        ended = connection.exec_driver_sql(
            "select bool_and(pg_terminate_backend(pid, 5000)) from pg_locks "
            "where locktype = 'advisory' and granted and database = "
            "(select oid from pg_database where datname = current_database())"
        ).scalar_one()
    assert ended


@pytest.mark.parametrize("is_shared", [False, True])
def test_who_lost_a_lock_writes_nothing_more(people, is_shared):
    migrate(people)
    with people.session_lock("platform", is_shared=is_shared):
        with people.transaction(Role.EXECUTOR):
            pass
        end_locks(people)
        with (
            pytest.raises(DependencyUnreachable, match='held the lock "platform" was lost'),
            people.transaction(Role.EXECUTOR),
        ):
            pytest.fail("it began")
        with people.transaction(Role.PLANNER, is_read_only=True):
            pass
    with people.transaction(Role.EXECUTOR):
        pass


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_lock_that_was_lost_is_had_when_what_began_under_it_has_ended(people, is_shared):
    migrate(people)
    another = Database(people.engine.url.render_as_string(hide_password=False))
    order, asked = [], threading.Event()

    def take() -> None:
        asked.set()
        with another.session_lock("platform") as other:
            order.append(("taken", other))

    with people.session_lock("platform", is_shared=is_shared):
        with people.transaction(Role.EXECUTOR):
            with people.autocommit() as connection:
                connection.exec_driver_sql(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                    "where application_name like 'lacuna since %%'"
                )
            taking = threading.Thread(target=take)
            taking.start()
            asked.wait(10)
            time.sleep(0.5)
            order.append("written")
        taking.join(10)
    assert order == ["written", ("taken", None)]


def backend(people: Database, role: Role = Role.OWNER, **details: str) -> int:
    with people.transaction(role, **details) as connection:
        return connection.execute(sa.text("select pg_backend_pid()")).scalar_one()


def test_connections_are_kept_within_a_block_and_closed_after_it(people):
    assert backend(people) != backend(people)
    with people.keeping():
        kept = backend(people)
        with people.keeping():
            assert backend(people) == kept
        assert backend(people) == kept
    assert backend(people) != kept


def test_nothing_that_a_transaction_set_is_left_for_the_next(people):
    migrate(people)
    with people.keeping():
        kept = backend(people, Role.DPO, org_id="north")
        with pytest.raises(StatementRefused), people.transaction(Role.EXECUTOR) as connection:
            connection.execute(sa.text("select 1/0"))
        with people.transaction(Role.OWNER) as connection:
            found = connection.execute(
                sa.text(
                    "select pg_backend_pid(), current_user = session_user, "
                    "nullif(current_setting('lacuna.org_id', true), ''), "
                    "current_setting('transaction_read_only')"
                )
            ).one()
    assert found == (kept, True, None, "off")


def test_a_connection_of_before_a_fork_is_left_to_the_process_that_opened_it(people):
    with people.keeping():
        kept = backend(people)
        child = os.fork()
        if child == 0:
            status = 2
            try:
                status = int(backend(people) == kept)
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert backend(people) == kept


def test_a_connection_that_is_lost_is_not_kept(people):
    with people.keeping():
        kept = backend(people)
        with psycopg.connect(
            people.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        ) as other:
            other.execute("select pg_terminate_backend(%s)", [kept])
        with pytest.raises(DependencyUnreachable):
            backend(people)
        assert backend(people) != kept


def test_what_was_set_outside_a_transaction_is_not_left_for_the_next(people):
    setting = sa.text("select pg_backend_pid(), current_setting('row_security')")
    with people.keeping():
        kept = backend(people)
        with people.autocommit() as connection:
            connection.exec_driver_sql("set row_security = off")
            assert connection.execute(setting).one() == (kept, "off")
        with people.transaction(Role.OWNER) as connection:
            found = connection.execute(setting).one()
    assert found[0] != kept
    assert found[1] == "on"
