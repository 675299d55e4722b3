"""Migrations: forward only, each once, and none that was edited."""

import shutil
import threading

import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError, StatementRefused
from lacuna.model.run import Role
from lacuna.shipped import SQL_FOLDER
from lacuna.stores import migrations
from lacuna.stores.database import Database
from lacuna.stores.migrations import grant_platform, migrate

FILES = tuple(sorted(path.name for path in (SQL_FOLDER / "control").glob("*.sql")))


@pytest.fixture
def opened(database):
    return Database(database())


@pytest.fixture
def own_sql(tmp_path, monkeypatch):
    """A copy of `sql/` that a test may change."""
    folder = tmp_path / "sql"
    shutil.copytree(SQL_FOLDER, folder)
    monkeypatch.setattr(migrations, "SQL_FOLDER", folder)
    return folder


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


def test_a_new_database_gets_every_migration_in_order(opened):
    assert migrate(opened) == FILES
    recorded = all_of(opened, "select name from lacuna.migration order by applied_at, name")
    assert tuple(name for (name,) in recorded) == FILES


def test_a_second_run_changes_nothing(opened):
    migrate(opened)
    before = snapshot(opened)
    assert migrate(opened) == ()
    assert snapshot(opened) == before
    assert all(before)


def test_a_new_file_is_applied_alone(opened, own_sql):
    migrate(opened)
    (own_sql / "control" / "9999_more.sql").write_text("create table lacuna.more (x int);")
    assert migrate(opened) == ("9999_more.sql",)
    assert all_of(opened, "select count(*) from lacuna.more") == [(0,)]


def test_an_edited_file_is_refused_by_name(opened, own_sql):
    migrate(opened)
    with (own_sql / "control" / FILES[0]).open("a") as file:
        file.write("-- a harmless remark\n")
    with pytest.raises(ConfigurationError, match=f"{FILES[0]} was edited after it was applied"):
        migrate(opened)


def test_a_database_of_a_newer_lacuna_is_refused(opened, own_sql):
    migrate(opened)
    (own_sql / "control" / FILES[-1]).unlink()
    with pytest.raises(ConfigurationError, match="1 applied migrations are missing"):
        migrate(opened)


def test_a_migration_that_fails_leaves_nothing_of_the_run(opened, own_sql):
    (own_sql / "control" / "9999_wrong.sql").write_text(
        "create table lacuna.half (x int); select 1 / 0;"
    )
    with pytest.raises(StatementRefused, match="DivisionByZero"):
        migrate(opened)
    assert all_of(opened, "select 1 from pg_namespace where nspname = 'lacuna'") == []
    (own_sql / "control" / "9999_wrong.sql").unlink()
    assert migrate(opened) == FILES


def test_runs_at_the_same_time_apply_each_migration_once(database):
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
    assert sorted(done) == [(), (), (), FILES]


def test_a_script_runs_as_it_stands(opened):
    with opened.transaction(Role.OWNER) as connection:
        migrations.run_script(
            connection, "create table t (x text); insert into t values ('5% :x');"
        )
    assert all_of(opened, "select x from t") == [("5% :x",)]


def test_a_platform_that_is_not_there_yet_gets_its_rights_later(opened):
    migrate(opened)
    grant_platform(opened, ("Not Yet",))
    with opened.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql('create schema "Not Yet"; create table "Not Yet".t (x int)')
    read = 'select count(*) from "Not Yet".t'
    with pytest.raises(StatementRefused), opened.transaction(Role.PLANNER) as connection:
        connection.exec_driver_sql(read)
    grant_platform(opened, ("Not Yet",))
    with opened.transaction(Role.PLANNER) as connection:
        assert connection.exec_driver_sql(read).scalar_one() == 0


def test_plans_that_wait_are_made_anew_and_who_is_held_stays_held(opened, own_sql):
    later = [name for name in FILES if name >= "0085"]
    for name in later:
        (own_sql / "control" / name).rename(own_sql / name)
    (own_sql / "roles.sql").rename(own_sql / "kept.sql")
    (own_sql / "roles.sql").write_text("")
    migrate(opened)
    ways = {"planned": ("resolved", "planned"), "held": ("held",)}
    with opened.transaction(Role.OWNER) as connection:
        for org_id, states in ways.items():
            connection.execute(
                sa.text(
                    "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, "
                    "created_at) values (gen_random_uuid(), :org_id, '{erasure}', 'contact', now(), "
                    "now(), now())"
                ),
                {"org_id": org_id},
            )
            for state in states:
                connection.execute(
                    sa.text("update lacuna.request set state = :state where org_id = :org_id"),
                    {"state": state, "org_id": org_id},
                )
    for name in later:
        (own_sql / name).rename(own_sql / "control" / name)
    (own_sql / "kept.sql").rename(own_sql / "roles.sql")
    assert migrate(opened) == tuple(later)
    found = all_of(opened, "select org_id, state from lacuna.request order by 1")
    assert found == [("held", "held"), ("planned", "resolved")]
