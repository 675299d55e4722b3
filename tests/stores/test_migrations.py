"""The schema, made whole or brought up to date: forward only, each migration once, and none that was edited."""

import threading
import uuid
from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError, StatementRefused
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.model.schema import TableRight
from lacuna.stores.postgres import migrations
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate, require_current
from lacuna.stores.postgres.rights import facts
from lacuna.stores.postgres.update_preview import preview

FIRST = "0001_first.sql"
OLD = "create table lacuna.migration (name text primary key, digest text not null)"


@pytest.fixture
def opened(database):
    return Database(database())


def all_of(opened, statement):
    with opened.transaction(Role.OWNER) as connection:
        return connection.execute(sa.text(statement)).all()


def snapshot(opened):
    """Return tables, columns, policies and privileges of Lacuna's own schemas."""
    own = "('lacuna', 'lacuna_evidence', 'reporting')"
    return [
        all_of(opened, f"select {columns} from {view} where {schema} in {own} order by {columns}")  # noqa: S608
        for view, columns, schema in (
            ("information_schema.columns", "table_name, column_name, data_type", "table_schema"),
            ("pg_policies", "tablename, policyname, roles::text, qual, with_check", "schemaname"),
            (
                "information_schema.column_privileges",
                "grantee, table_name, column_name, privilege_type",
                "table_schema",
            ),
        )
    ]


def add(own_sql, name, script):
    (own_sql / "migrations" / name).write_text(script)


def recorded(opened):
    return [name for (name,) in all_of(opened, "select name from lacuna.migration order by name")]


def test_an_empty_database_gets_the_schema(opened, own_sql):
    add(own_sql, FIRST, "create table lacuna.more (x int);")
    assert migrate(opened) == ("schema",)
    # What the migrations do is in the schema.
    assert recorded(opened) == [FIRST, "schema"]
    assert all_of(opened, "select to_regclass('lacuna.more')") == [(None,)]


def test_a_login_that_may_make_no_roles_is_told_which_rights_it_lacks(database, monkeypatch):
    monkeypatch.setattr(migrations, "_MADE_ROLES", ("lacuna_planner", "lacuna_not_there_yet"))
    url = database()
    owner, name = Database(url), f"desk_{uuid.uuid4().hex[:12]}"
    with owner.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(f"create role {name} login password 'invented'")
        base = connection.exec_driver_sql("select current_database()").scalar_one()
    create = f'grant create on database "{base}" to "{name}"'
    try:
        address = owner.engine.url.set(username=name, password="invented")
        login = Database(address.render_as_string(hide_password=False))
        with pytest.raises(ConfigurationError, match=f'alter role "{name}" createrole; {create}'):
            migrate(login)
        monkeypatch.setattr(migrations, "_MADE_ROLES", ("lacuna_planner",))
        with pytest.raises(ConfigurationError, match=f"administrator run: {create}. Then"):
            migrate(login)
    finally:
        with owner.transaction(Role.OWNER) as connection:
            connection.exec_driver_sql(f"drop owned by {name} cascade; drop role {name}")


def test_a_second_run_changes_nothing(opened):
    migrate(opened)
    before = snapshot(opened)
    assert migrate(opened) == ()
    assert snapshot(opened) == before
    assert all(before)


def test_a_database_that_has_the_schema_gets_migrations_alone_in_order(opened, own_sql):
    migrate(opened)
    add(own_sql, "0002_second.sql", "insert into lacuna.more values (2);")
    add(own_sql, FIRST, "create table lacuna.more (x int);")
    with (own_sql / "schema" / "09_sweeps.sql").open("a") as file:
        file.write("create table lacuna.more (x int);\n")
    assert migrate(opened) == (FIRST, "0002_second.sql")
    assert all_of(opened, "select x from lacuna.more") == [(2,)]
    assert migrate(opened) == ()


def test_what_an_update_would_change_is_shown_and_nothing_is_changed(opened, own_sql):
    migrate(opened)
    add(own_sql, FIRST, "create table lacuna.more (x int);")
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("grant update on lacuna_evidence.entry to lacuna_planner")
        before = facts(connection)
    would = preview(opened)
    applied, changes = would.applied, would.changes
    assert applied == (FIRST,)
    assert "+ column lacuna.more.x: integer" in changes
    (less,) = (
        one for one in changes if one.startswith("- grant lacuna_evidence.entry to lacuna_pl")
    )
    assert "UPDATE" in less
    with opened.transaction(Role.OWNER) as connection:
        assert facts(connection) == before
    assert recorded(opened) == ["schema"]
    # What was shown is what is done.
    assert migrate(opened) == applied
    again = preview(opened)
    assert (again.applied, again.changes) == ((), ())


def test_what_would_be_made_in_an_empty_database_is_shown_too(opened):
    would = preview(opened)
    applied, changes = would.applied, would.changes
    assert applied == ("schema",)
    assert len(changes) > 500
    assert not [one for one in changes if one.startswith("-")]
    assert all_of(opened, "select 1 from pg_namespace where nspname = 'lacuna'") == []


def test_rights_that_were_taken_away_are_given_again(opened):
    migrate(opened)
    before = snapshot(opened)
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql("revoke all on all tables in schema lacuna from lacuna_planner")
    assert snapshot(opened) != before
    assert migrate(opened) == ()
    assert snapshot(opened) == before


@pytest.mark.parametrize(
    "statement",
    [
        "grant update on lacuna_evidence.entry to lacuna_planner",
        "grant select (passphrase) on lacuna.bundle to lacuna_analyst",
        "grant execute on function lacuna.refresh_view(text, text) to public",
        "create policy more on lacuna.mail to lacuna_analyst using (true)",
        "create policy more on reporting.release to lacuna_dpo using (true)",
        "drop policy login on lacuna.upload",
    ],
)
def test_rights_that_were_added_are_taken_away(opened, statement):
    migrate(opened)
    with opened.transaction(Role.OWNER) as connection:
        before = facts(connection)
        connection.exec_driver_sql(statement)
        assert facts(connection) != before
    assert migrate(opened) == ()
    with opened.transaction(Role.OWNER) as connection:
        assert facts(connection) == before


def test_an_edited_migration_is_refused_by_name(opened, own_sql):
    add(own_sql, FIRST, "")
    migrate(opened)
    add(own_sql, FIRST, "-- a harmless remark\n")
    with pytest.raises(ConfigurationError, match=f"{FIRST} was edited after it was applied"):
        migrate(opened)


def test_a_database_of_a_newer_lacuna_is_refused(opened, own_sql):
    add(own_sql, FIRST, "")
    migrate(opened)
    (own_sql / "migrations" / FIRST).unlink()
    with pytest.raises(ConfigurationError, match="1 applied migrations are missing"):
        migrate(opened)


def test_a_schema_that_was_edited_without_a_migration_is_refused(opened, own_sql):
    migrate(opened)
    file = own_sql / "schema" / "09_sweeps.sql"
    said = file.read_text()
    file.write_text("-- a harmless remark\n\n" + said)
    assert migrate(opened) == ()
    file.write_text(said + "create table lacuna.more (x int);\n")
    with pytest.raises(
        ConfigurationError, match=r"none of the 0 migrations.*create a new database"
    ):
        migrate(opened)


READING = [role for role in Role if role not in (Role.ANALYST, Role.SEALER)]


@pytest.mark.parametrize("role", READING)
def test_every_role_sees_whether_the_database_is_of_this_version(opened, own_sql, role):
    with opened.transaction(role) if role is Role.OWNER else nullcontext() as connection:
        if connection is not None:
            with pytest.raises(ConfigurationError, match="no schema of Lacuna yet; run lacuna up"):
                require_current(connection)
    migrate(opened)
    with opened.transaction(role) as connection:
        require_current(connection)
    add(own_sql, FIRST, "create table lacuna.more (x int);")
    with (
        opened.transaction(role) as connection,
        pytest.raises(ConfigurationError, match=r"1 entries of lacuna\.migration.*Run lacuna up"),
    ):
        require_current(connection)
    migrate(opened)
    with opened.transaction(role) as connection:
        require_current(connection)


def test_a_database_from_before_the_first_release_is_refused_and_stays_as_it_is(opened):
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(f"create schema lacuna; {OLD}")
        connection.exec_driver_sql("insert into lacuna.migration values ('0001_queue.sql', 'x')")
    with pytest.raises(ConfigurationError, match=r"with 1 numbered files.*create a new database"):
        migrate(opened)
    assert recorded(opened) == ["0001_queue.sql"]
    assert all_of(opened, "select to_regclass('lacuna.request')") == [(None,)]


@pytest.mark.parametrize("folder", ["schema", "migrations"])
def test_a_file_that_fails_leaves_nothing_of_the_run(opened, own_sql, folder):
    if folder == "migrations":
        migrate(opened)
    wrong = own_sql / folder / "99_wrong.sql"
    wrong.write_text("create table lacuna.half (x int); select 1 / 0;")
    with pytest.raises(StatementRefused, match="DivisionByZero"):
        migrate(opened)
    assert all_of(opened, "select to_regclass('lacuna.half')") == [(None,)]
    made = all_of(opened, "select 1 from pg_namespace where nspname = 'lacuna'")
    assert bool(made) is (folder == "migrations")
    wrong.unlink()
    assert migrate(opened) == (() if made else ("schema",))


def test_runs_at_the_same_time_make_the_schema_once(database):
    url = database()
    done: list[tuple[str, ...]] = []
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def run():
        try:
            opened = Database(url)
            ready.wait(timeout=30)
            done.append(migrate(opened))
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to raise to
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert sorted(done) == [(), (), (), ("schema",)]


def test_a_script_runs_as_it_stands(opened):
    with opened.transaction(Role.OWNER) as connection:
        migrations.run_script(
            connection, "create table t (x text); insert into t values ('5% :x');"
        )
    assert all_of(opened, "select x from t") == [("5% :x",)]


def test_a_platform_that_is_not_there_yet_gets_its_rights_later(opened):
    migrate(opened)
    assert grant_platform(opened, ("Not Yet",)) == ()
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql('create schema "Not Yet"; create table "Not Yet".t (x int)')
    read = 'select count(*) from "Not Yet".t'
    with pytest.raises(StatementRefused), opened.transaction(Role.PLANNER) as connection:
        connection.exec_driver_sql(read)
    assert grant_platform(opened, ("Not Yet",)) == ("Not Yet", "Not Yet.t")
    with opened.transaction(Role.PLANNER) as connection:
        assert connection.exec_driver_sql(read).scalar_one() == 0


def test_what_was_granted_is_named_and_only_where_it_was_missing(opened):
    migrate(opened)
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(
            "create schema desk; create table desk.a (x int); create table desk.b (x int)"
        )
    reading = grant_platform(opened, ("desk",), [])
    assert reading == ("desk", "desk.a", "desk.b")
    assert grant_platform(opened, ("desk",), []) == ()
    covering = [TableRight(TableName("desk", "b"), Role.EXECUTOR, "update")]
    assert grant_platform(opened, ("desk",), covering) == ("desk.b",)
