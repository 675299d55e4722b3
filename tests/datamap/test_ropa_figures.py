"""Every figure of the sample's record of processing, counted again by SQL from the file and the catalog.

The record counts columns and days; it counts neither rows nor people, for it reads no row. Its map is
taken from the YAML as it stands, by no code that makes the record.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from lacuna.datamap import load, ropa_json, ropa_markdown
from lacuna.datamap.records.ropa import processor_json

FOLDER = Path(__file__).parents[2] / "sql" / "contact_center"
DATAMAP = FOLDER / "datamap.yaml"

TABLES = """
create temporary table activity (name text primary key, days int, basis text);
create temporary table mapped (
    activity text references activity, at text, name text, category text, is_redacted bool
);
create temporary table sweep (at text, days int)
"""
# A column is personal by its category; the catalog says that it is there.
PERSONAL = """
select m.activity, m.at || '.' || m.name as place, m.at, m.category, exists (
    select from sweep s where s.at = m.at and s.days <= a.days and m.is_redacted
) as is_enforced
from mapped m join activity a on a.name = m.activity
join information_schema.columns c
  on c.table_schema || '.' || c.table_name = m.at and c.column_name = m.name
where m.category = 'user' or m.category like 'user.%'
"""


@pytest.fixture(scope="module")
def sql(template_database) -> Iterator[psycopg.Connection]:
    """The sample's schema, and its map as tables."""
    raw = yaml.safe_load(DATAMAP.read_text("utf-8"))
    with template_database.clones() as fresh:
        address = fresh().replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute((FOLDER / "schema.sql").read_text("utf-8"))
            connection.execute(TABLES)
            for name, each in raw["processings"].items():
                connection.execute(
                    "insert into activity values (%s, %s, %s)",
                    (name, each.get("keep_for_days"), each["lawful_basis"]),
                )
            for at, table in raw["tables"].items():
                for name, column in table["columns"].items():
                    connection.execute(
                        "insert into mapped values (%s, %s, %s, %s, %s)",
                        (
                            column.get("processing", table["processing"]),
                            at,
                            name,
                            column["category"],
                            "text" in column and column["erase"] == "redact",
                        ),
                    )
            for rule in raw["sweeps"]:
                connection.execute(
                    "insert into sweep values (%s, %s)", (rule["table"], rule["after_days"])
                )
            yield connection


@pytest.fixture(scope="module")
def datamap():
    return load(DATAMAP)


TENANTS = (None, "fjordlys", "hafenkontor")


def test_every_column_that_the_map_calls_personal_is_in_the_catalog(sql):
    listed = "select count(*) from mapped where category ~ '^user(\\.|$)'"
    counted = f"select count(*) from ({PERSONAL}) p"  # noqa: S608
    assert sql.execute(listed).fetchone() == sql.execute(counted).fetchone() != (0,)


@pytest.mark.parametrize("tenant", TENANTS)
def test_columns_categories_and_periods_are_what_sql_counts(sql, datamap, tenant):
    counted = {
        name: (days, columns, left, categories)
        for name, days, columns, left, categories in sql.execute(
            f"""select a.name, a.days, coalesce(array_agg(p.place order by p.place), '{{}}'),
              coalesce(array_agg(p.place order by p.place)
                filter (where a.days is not null and not p.is_enforced), '{{}}'),
              array_agg(distinct p.category)
            from activity a left join ({PERSONAL}) p on p.activity = a.name group by 1, 2"""  # noqa: S608
        )
    }
    record = json.loads(ropa_json(datamap, tenant))
    assert {
        each["name"]: (
            each["keep_for_days"],
            sorted(each["columns"]),
            sorted(each["kept_longer_unless_erased_otherwise"]),
            each["categories_of_personal_data"],
        )
        for each in record["activities"]
    } == {name: (*each[:3], sorted(each[3])) for name, each in counted.items()}
    (backups,) = re.findall(r"\nlongest_backup_days: (\d+)\n", DATAMAP.read_text("utf-8"))
    assert record["longest_backup_days"] == int(backups)


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_figure_that_a_person_reads_is_what_sql_counts(sql, datamap, tenant):
    figures = {
        name: (days, left, columns)
        for name, days, left, columns in sql.execute(
            f"""select a.name, a.days, count(*) filter (where not p.is_enforced), count(*)
            from activity a join ({PERSONAL}) p on p.activity = a.name
            where a.days is not null group by 1, 2"""  # noqa: S608
        )
    }
    sweeps = {
        name: [f"{at} after {days} days" for at, days in zip(tables, periods, strict=True)]
        for name, tables, periods in sql.execute(
            f"""select p.activity, array_agg(s.at order by s.at), array_agg(s.days order by s.at)
            from sweep s join (select distinct activity, at from ({PERSONAL}) p) p on p.at = s.at
            group by 1"""  # noqa: S608
        )
    }
    tables = dict(
        sql.execute(
            f"select activity, array_agg(distinct at) from ({PERSONAL}) p group by 1"  # noqa: S608
        ).fetchall()
    )
    head, *sections = ropa_markdown(datamap, tenant).split("\n## ")
    assert "Longest lifetime of a backup: 35 days" in head
    assert len(sections) == sql.execute("select count(*) from activity").fetchone()[0]
    for section in sections:
        name = section.partition("\n")[0]
        facts = dict(re.findall(r"^- ([^:]+): (.*)$", section, re.MULTILINE))
        said = re.match(
            r"the period of (\d+) days for (\d+) of (\d+) columns",
            facts.get("Not enforced by Lacuna", ""),
        )
        left = figures.get(name, (0, 0, 0))
        assert (tuple(map(int, said.groups())) if said else (0, 0, 0)) == left
        assert facts["Redacted without a request, after an officer approved the rule"] == (
            "; ".join(sweeps.get(name, [])) or "never"
        )
        assert sorted(re.findall(r"`([^`]+)`", facts["Where"])) == sorted(tables[name])
        # No other figure is said of rows, columns or people.
        for label in ("People", "Categories of personal data", "Special categories (Art. 9)"):
            assert not re.search(r"(?<!\w)\d", facts[label])


def test_whoever_a_foreign_key_leads_to_is_named(sql, datamap):
    """The catalog's own way from a table to the people, where it has one."""
    reached = {
        name
        for (name,) in sql.execute(
            """with recursive way as (
              select 'contact_center.contacts'::regclass::oid as at
              union select k.conrelid from pg_constraint k join way on k.confrelid = way.at
              where k.contype = 'f'
            ) select distinct m.activity from way join mapped m on m.at::regclass = way.at
            where m.category like 'user.%'"""
        )
    }
    record = json.loads(ropa_json(datamap))
    named = {
        each["name"]
        for each in record["activities"]
        if "contacts" in each["categories_of_data_subjects"]
    }
    assert {"support", "recording", "feedback"} <= reached <= named
    # What is left is reached by old reports alone, which have no foreign keys.
    assert named - reached <= {"statistics"}


def test_the_processors_record_counts_every_controller_and_category(sql, datamap):
    counted = dict(
        sql.execute(
            f"select activity, count(distinct category) from ({PERSONAL}) p group by 1"  # noqa: S608
        ).fetchall()
    )
    raw = yaml.safe_load(DATAMAP.read_text("utf-8"))
    controllers = json.loads(processor_json(datamap))["controllers"]
    assert [each["tenant"] for each in controllers] == [None, *sorted(raw["tenants"])]
    for each in controllers:
        assert {
            one["name"]: len(one["categories_of_personal_data"])
            for one in each["categories_of_processing"]
        } == counted
