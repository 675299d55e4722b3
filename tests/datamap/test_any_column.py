"""Whatever column of either map or either database the other does not know is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import psycopg
import pytest
from typer.testing import CliRunner

from lacuna.cli.app import application
from lacuna.datamap import DriftKind, check, load, names
from lacuna.errors import DataMapDrift
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.run import Role
from lacuna.model.schema import LiveColumn, LiveExpression, LiveSchema, TableKind
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.database import Database
from lacuna_demo.bulk import create_platform
from tests.drifts import drifts_of
from tests.helpdesk import EXAMPLE, REPORTING, HelpDesk

CENTER = SQL_FOLDER / "contact_center" / "datamap.yaml"


@dataclass
class Fitting:
    """A map that fits its schema."""

    datamap: DataMap
    live: LiveSchema


@pytest.fixture(scope="module")
def fitting(template_database) -> Iterator[Mapping[str, Fitting]]:
    with template_database.clones() as fresh:
        center, helpdesk = fresh(), fresh()
        create_platform(Database(center), "contact_center")
        with psycopg.connect(helpdesk.replace("+psycopg", "")) as connection:
            connection.execute((EXAMPLE / "schema.sql").read_text("utf-8"))
            connection.execute(REPORTING)
        found = {}
        for name, url, path in (
            ("contact_center", center, CENTER),
            ("helpdesk", helpdesk, EXAMPLE / "datamap.yaml"),
        ):
            datamap = load(path)
            with Database(url).transaction(Role.OWNER, is_read_only=True) as connection:
                live = read_live_schema(connection, datamap.schemas)
            assert check(datamap, live) == ()
            found[name] = Fitting(datamap, live)
        yield found


NAMES = pytest.mark.parametrize("name", ["contact_center", "helpdesk"])


@pytest.mark.thorough
@NAMES
def test_any_column_that_the_map_lacks_is_named_with_the_line_to_add(fitting, name):
    one = fitting[name]
    looked_at = 0
    for table in one.datamap.tables.values():
        for column in table.columns:
            rest = tuple(other for other in table.columns if other != column)
            tables = {**one.datamap.tables, table.name: replace(table, columns=rest)}
            place = names.written(ColumnName(table.name, column.name))
            found = [
                drift
                for drift in check(replace(one.datamap, tables=tables), one.live)
                if drift.location == place and drift.kind is DriftKind.UNMAPPED
            ]
            assert len(found) == 1, place
            assert column.name in found[0].suggestion
            looked_at += 1
    assert looked_at > 90


@NAMES
def test_any_column_that_comes_to_the_database_is_named_with_the_line_to_add(fitting, name):
    one = fitting[name]
    for table, live in one.live.tables.items():
        if live.kind in (TableKind.VIEW, TableKind.PARTITION):
            continue
        wider = replace(live, columns=(*live.columns, LiveColumn("nick_name", "text")))
        changed = replace(one.live, tables={**one.live.tables, table: wider})
        (drift,) = check(one.datamap, changed)
        assert drift.location == names.written(ColumnName(table, "nick_name"))
        assert "nick_name: {processing" in drift.suggestion


@NAMES
def test_a_new_code_that_rows_are_told_apart_by_is_named(fitting, name):
    one = fitting[name]
    for place in set(one.datamap.telling_apart()):
        live = one.live.tables[place.table]
        known = one.datamap.tables[place.table].column(place.name)
        codes = (*known.values, *known.legend, "brand_new")
        columns = tuple(
            replace(column, labels=(*column.labels, *column.allowed, *codes), allowed=())
            if column.name == place.name
            else column
            for column in live.columns
        )
        changed = {**one.live.tables, place.table: replace(live, columns=columns)}
        found = check(one.datamap, replace(one.live, tables=changed))
        assert [drift.location for drift in found] == [names.written(place)], place
        assert "brand_new" in found[0].problem
        assert "brand_new" in found[0].suggestion


@NAMES
def test_a_new_index_over_an_expression_is_named(fitting, name):
    one = fitting[name]
    subject = one.datamap.subject.table
    live = one.live.tables[subject]
    index = LiveExpression("by_name", (live.columns[1].name,))
    wider = replace(live, expressions=(*live.expressions, index))
    found = check(one.datamap, replace(one.live, tables={**one.live.tables, subject: wider}))
    assert [(drift.location, drift.kind) for drift in found] == [
        (f"{names.written(subject)} (by_name)", DriftKind.UNMAPPED)
    ]
    assert "by_name" in found[0].suggestion


def test_an_index_that_is_gone_is_named(fitting):
    one = fitting["helpdesk"]
    users = TableName("helpdesk", "users")
    bare = replace(one.live.tables[users], expressions=())
    (drift,) = check(one.datamap, replace(one.live, tables={**one.live.tables, users: bare}))
    assert (drift.location, drift.kind) == ("helpdesk.users (users_email)", DriftKind.MISSING)


def test_the_command_exits_1_and_names_what_came(database, lacuna_home, monkeypatch, tmp_path):
    desk = HelpDesk(database("lacuna"), lacuna_home, EXAMPLE / "datamap.yaml")
    tenants = tmp_path / "tenants.yaml"
    written = (EXAMPLE / "tenants.yaml").read_text("utf-8")
    # The language of the map, which has no translations.
    tenants.write_text(written.replace("language: nb", "language: en"), "utf-8")
    for name, value in (
        ("LACUNA_DATABASE_URL", desk.url.replace("postgresql:", "postgresql+psycopg:")),
        ("LACUNA_HOME", str(lacuna_home)),
        ("LACUNA_DATAMAP", str(EXAMPLE / "datamap.yaml")),
        ("LACUNA_TENANTS", str(tenants)),
    ):
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(application(), ["datamap", "check"]).exit_code == 0
    (lacuna_home / "files" / "scans").mkdir()
    (lacuna_home / "files" / "scans" / "Ingrid Solberg.tif").write_bytes(b"II*")
    (drift,) = drifts_of(desk.stores)
    assert drift.location == "files"
    assert "1 object" in drift.problem
    assert "*.tif" in drift.suggestion
    assert "Ingrid" not in drift.problem + drift.suggestion
    desk.query("alter table helpdesk.notes add mood text")
    found = CliRunner().invoke(application(), ["datamap", "check"])
    assert isinstance(found.exception, DataMapDrift)
    assert found.exception.exit_code == 1
    assert "helpdesk.notes.mood" in str(found.exception)
    assert "mood: {processing" in str(found.exception)
    assert "files" in str(found.exception)
