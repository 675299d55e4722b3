"""What is made of the marts' declarations: tables, comments and views; rights are in `test_rights.py`."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError
from lacuna.marts import marts
from lacuna.model.mart import Measure, Unit
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate

KEPT = Path(__file__).parent / "mart_columns.txt"
VOLUME, CSAT, *_ = marts()
COLUMNS = """
select class.relkind::text as kind, class.relname::text as name, attribute.attnum as place,
    attribute.attname::text as column,
    concat_ws(', ', format_type(attribute.atttypid, attribute.atttypmod),
        case when attribute.attnotnull then 'not null' end),
    coalesce(col_description(class.oid, attribute.attnum), '')
from pg_class as class join pg_attribute as attribute on attribute.attrelid = class.oid
where class.relnamespace = 'reporting'::regnamespace and class.relkind in ('r', 'v')
    and attribute.attnum > 0 and not attribute.attisdropped
union all
select relkind::text, relname::text, 0, '', '', coalesce(obj_description(oid, 'pg_class'), '')
from pg_class where relnamespace = 'reporting'::regnamespace and relkind in ('r', 'v')
"""


@pytest.fixture
def opened(database):
    opened = Database(database("lacuna"))
    yield opened
    opened.dispose()


def all_of(opened, statement):
    with opened.transaction(Role.OWNER) as connection:
        return connection.execute(sa.text(statement)).all()


def columns(opened):
    ordered = f"{COLUMNS} order by name, place"
    return "".join(" | ".join(map(str, row)) + "\n" for row in all_of(opened, ordered))


def test_tables_comments_and_views_are_those_that_are_kept(opened):
    found = columns(opened)
    if os.environ.get("LACUNA_GOLDEN") == "update":
        KEPT.write_text(found, "utf-8")
    assert KEPT.read_text("utf-8") == found, "make golden, and read it"
    assert all(f" {mart.name} | " in found for mart in marts())


def test_a_mart_that_is_added_is_made_and_one_that_is_there_is_left(opened):
    added = replace(
        CSAT, name="added_weekly", purpose="It's 5% of %s: all.", replaces=(), precedence=100
    )
    assert migrate(opened, (*marts(), added)) == ("reporting.added_weekly",)
    before = columns(opened)
    assert migrate(opened, (*marts(), added)) == ()
    assert columns(opened) == before
    assert "r | added_weekly | 0 |  |  | It's 5% of %s: all.\n" in before
    assert all_of(
        opened,
        "select has_table_privilege('lacuna_analyst', 'reporting.added_weekly_rates', 'select')",
    ) == [(True,)]


def test_a_purpose_and_a_ratio_may_change_and_the_view_follows(opened):
    changed = replace(CSAT, purpose="Another purpose.", means=())
    assert migrate(opened, [changed if mart == CSAT else mart for mart in marts()]) == ()
    found = columns(opened)
    assert "| Another purpose.\n" in found
    assert "csat_weekly_rates | 6 | csat_share | " in found
    assert "| score | " not in found


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        ((*CSAT.measures, Measure("n_more", Unit.RESPONSES, "More.")), r"\(n_more\)"),
        (CSAT.measures[:2], r"\(score_sum\)"),
        ((CSAT.measures[0], *CSAT.measures[:0:-1]), r"\(their order\)"),
    ],
)
def test_a_mart_whose_table_has_other_columns_is_refused(opened, measures, said):
    changed = replace(CSAT, measures=measures, means=(), shares=())
    before = columns(opened)
    with pytest.raises(ConfigurationError, match=f"csat_weekly has other columns.*{said}.*again"):
        migrate(opened, [changed if mart == CSAT else mart for mart in marts()])
    assert columns(opened) == before


def test_what_is_sealed_of_a_mart_that_nobody_declares_stops_the_migration(opened):
    all_of(
        opened,
        "insert into reporting.release (mart, org_id, period, first_day, last_day, policy_version,"
        " sealed_at, rows, digest, audit) values ('gone_weekly', 'fjord', '2026-W41', '2026-10-05',"
        " '2026-10-11', '3', now(), 0, repeat('a', 64), '{}') returning mart",
    )
    with pytest.raises(ConfigurationError, match="gone_weekly: 1 periods of this mart are sealed"):
        migrate(opened)
