"""What the schema gives to whom, kept beside them so that an installation can be compared."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from lacuna.marts import marts
from lacuna.model.run import Role
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.postgres.rights import (
    RIGHTS_FILE,
    Fact,
    differences,
    facts,
    facts_of,
    written,
)
from tests.flows.restoring import dump, load

KINDS = {
    *("schema", "table", "view", "grant", "policy"),
    *("trigger", "function", "constraint", "column"),
}


def test_the_kept_rights_are_those_that_the_schema_makes(database):
    opened = Database(database())
    migrate(opened)
    with opened.transaction(Role.OWNER) as connection:
        found = facts(connection)
    opened.dispose()
    if os.environ.get("LACUNA_GOLDEN") == "update":
        RIGHTS_FILE.write_text(written(found), encoding="utf-8")
    assert RIGHTS_FILE.read_text(encoding="utf-8") == written(found), "make golden, and read it"
    assert {fact.kind for fact in found} == KINDS
    assert list(differences(found)) == []


def parts():
    """Return the parts of sql/rights.sql by the file of sql/schema that each is about, without comments."""
    text = (SQL_FOLDER / "rights.sql").read_text(encoding="utf-8")
    _, *found = re.split(r"^-- --- (\w+).*", text, flags=re.MULTILINE)
    return {
        name: re.sub("--.*", "", part) for name, part in zip(found[::2], found[1::2], strict=True)
    }


def granted(text):
    """Yield table and role of each grant on tables of Lacuna."""
    for tables, roles in re.findall(
        r"\bgrant\b[^;]*?\bon\s+(lacuna\w*[.][^;]*?)\bto\b([^;]*);", text
    ):
        yield from product(re.findall(r"[\w.]+", tables), re.findall(r"\w+", roles))


def test_one_statement_says_what_a_role_may_do_with_a_table():
    times = Counter(pair for part in parts().values() for pair in granted(part))
    assert len(times) > 150
    assert [pair for pair in times if times[pair] > 1] == []


def test_nothing_is_taken_back_but_what_postgresql_gives_by_itself():
    taken = [
        what
        for name, part in parts().items()
        if name != "Nothing"
        for what in re.findall(r"\brevoke\s+(\w+ on \w+)", part)
    ]
    # Everybody may call a new function, and a new owner needs a right for a moment.
    assert sorted(taken) == ["all on function", "all on function", "create on schema"]


def test_tables_have_their_rights_in_the_order_of_the_schema():
    made = {
        path.stem: set(
            re.findall(r"^create table (lacuna\S+)", path.read_text("utf-8"), re.MULTILINE)
        )
        for path in sorted((SQL_FOLDER / "schema").glob("*.sql"))
    }
    found = {name: {table for table, _ in granted(part)} for name, part in parts().items()}
    assert [(name, found[name]) for name in found if name in made] == list(made.items())


@pytest.mark.thorough
def test_a_restored_dump_has_the_same_rights(database):
    """What PostgreSQL writes down of a constraint, and reads again, is what the file says."""
    first, second = database(), database()
    opened = Database(first)
    migrate(opened)
    opened.dispose()
    load(second, dump(first))
    again = Database(second)
    with again.transaction(Role.OWNER) as connection:
        assert list(differences(facts(connection))) == []
    again.dispose()


def test_what_is_expected_of_a_mart_is_what_is_kept_of_ours():
    """Of an installation's marts nothing is kept; so it is worked out as it would be of ours."""
    lines = RIGHTS_FILE.read_text(encoding="utf-8").splitlines()
    kept = {Fact(*line.split(" | ", 2)) for line in lines if "lacuna_dpo" not in line}
    for mart in marts():
        if not mart.views:
            name = re.compile(rf"reporting\.{mart.name}(_rates)?\b")
            assert set(facts_of(mart)) == {fact for fact in kept if name.match(fact.name)}


def test_a_mart_of_an_installation_is_no_difference_unless_it_was_changed(database):
    opened = Database(database("lacuna"))
    added = replace(marts()[1], name="added_weekly", precedence=100)
    migrate(opened, (*marts(), added))
    with opened.transaction(Role.OWNER) as connection:
        assert list(differences(facts(connection), (added,))) == []
        assert len(list(differences(facts(connection)))) > 20
        connection.exec_driver_sql("drop policy tenant on reporting.added_weekly")
        connection.exec_driver_sql(
            "create or replace view reporting.added_weekly_rates with (security_barrier) as "
            "select period, first_day, last_day, channel, n_resp, 1::double precision as csat_share,"
            " 1::double precision as score, is_merged from reporting.added_weekly"
        )
        assert list(differences(facts(connection), (added,))) == [
            ("policy", "reporting.added_weekly tenant (missing)"),
            ("view", "reporting.added_weekly_rates (changed)"),
        ]
    opened.dispose()
