"""Columns that hold keys of people, alone or in lists: which rows hold one, and what is left without it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.stores.postgres.reference_columns import holds_one, without

ONE, OTHER, THIRD = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
NUMBERS, UUIDS = (("1", "2", "3"), (ONE, OTHER, THIRD))
# Type, its value in each row as text, and what is left without the first two keys, or with -7 for both.
KINDS = {
    "integer": (NUMBERS, ["1", "3", None, "2"], [None, "3", None, None], ["-7", "3", None, "-7"]),
    "smallint": (NUMBERS, ["1", "3", None], [None, "3", None], ["-7", "3", None]),
    "varchar(3)": (NUMBERS, ["1", "300", "12", "x"], [None, "300", "12", "x"], ["-7", "300", "12", "x"]),
    "char(3)": (NUMBERS, ["1", "12"], [None, "12"], ["-7", "12"]),
    "uuid": (UUIDS, [ONE, THIRD], [None, THIRD], [OTHER[:-1] + "9", THIRD]),
    "integer[]": (
        NUMBERS,
        ["{3,1,4,2,1}", "{}", None, "{2}", "{11,NULL}", "{{1,3},{3,1}}"],
        ["{3,4}", "{}", None, "{}", "{11,NULL}", "{{1,3},{3,1}}"],
        ["{3,-7,4,-7,-7}", "{}", None, "{-7}", "{11,NULL}", "{{1,3},{3,1}}"],
    ),
    "smallint[]": (NUMBERS, ["{3,1}"], ["{3}"], ["{3,-7}"]),
    "text[]": (NUMBERS, ["{a,1,NULL,2,12}"], ["{a,NULL,12}"], ["{a,-7,NULL,-7,12}"]),
    "varchar(3)[]": (NUMBERS, ["{1,120}"], ["{120}"], ["{-7,120}"]),
    "uuid[]": (
        UUIDS, [f"{{{THIRD},{ONE},{OTHER}}}"], [f"{{{THIRD}}}"],
        [f"{{{THIRD},{OTHER[:-1]}9,{OTHER[:-1]}9}}"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def connection(template_database):
    with template_database.clones() as fresh:
        engine = sa.create_engine(fresh())
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def held(connection, kind: str, values) -> sa.Table:
    connection.rollback()
    connection.exec_driver_sql(f"create table held (id serial primary key, who {kind})")
    for value in values:
        connection.exec_driver_sql(f"insert into held (who) values (cast(%s as {kind}))", (value,))  # noqa: S608
    return sa.Table("held", sa.MetaData(), autoload_with=connection)


def left(connection, table: sa.Table, expression) -> list[str | None]:
    query = sa.select(sa.cast(expression, sa.Text)).order_by(table.c.id)
    return list(connection.execute(query).scalars())


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_keys_go_and_what_stays_keeps_its_order(connection, kind):
    keys, values, cut, instead = KINDS[kind]
    table, gone = held(connection, kind, values), keys[:2]
    assert left(connection, table, without(table.c.who, gone, None)) == cut
    nobody = OTHER[:-1] + "9" if "uuid" in kind else "-7"
    pointed = without(table.c.who, gone, dict.fromkeys(gone, nobody))
    assert left(connection, table, pointed) == instead
    found = connection.execute(
        sa.select(holds_one(table.c.who, gone)).order_by(table.c.id)
    ).scalars()
    nested = [value is not None and value.startswith("{{") for value in values]
    changed = [old != new for old, new in zip(values, cut, strict=True)]
    assert list(map(bool, found)) == [one or two for one, two in zip(changed, nested, strict=True)]


@pytest.mark.parametrize("kind", ["smallint", "integer", "smallint[]", "integer[]"])
def test_a_key_that_does_not_fit_into_a_column_is_in_no_row(connection, kind):
    table = held(connection, kind, ["{1}" if "[" in kind else "1"])
    (found,) = connection.execute(
        sa.select(holds_one(table.c.who, ["4611686018427387904"]))
    ).scalars()
    assert found is False


def test_people_of_several_tenants_become_the_nobody_of_each(connection):
    table = held(connection, "bigint[]", ["{5,1,2,5}"])
    instead = {"1": "-11", "2": "-12"}
    assert left(connection, table, without(table.c.who, ["1", "2"], instead)) == ["{5,-11,-12,5}"]


@pytest.mark.parametrize(
    ("kind", "index"), [("bigint", "btree"), ("bigint[]", "gin"), ("text[]", "gin")]
)
def test_an_index_serves(connection, kind, index):
    table = held(connection, kind, [])
    value = "array[n]" if "[" in kind else "n"
    connection.exec_driver_sql(
        f"insert into held (who) select cast({value} as {kind}) from generate_series(1, 20000) n; "  # noqa: S608
        f"create index on held using {index} (who); analyze held"
    )
    query = sa.select(table.c.id).where(holds_one(table.c.who, ["7", "9"]))
    written = query.compile(connection, compile_kwargs={"literal_binds": True}).string
    plan = connection.exec_driver_sql(f"explain {written}".replace("%%", "%")).scalars().all()
    assert any("Index" in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan
