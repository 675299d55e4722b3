"""Whose rows were whose, and what a whole database tells of it after the run, by means of the tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import psycopg
from psycopg import sql

# Keeps what Lacuna itself forgets at the end: which rows were whose.
SPY = """
create schema spy;
create table spy.own (request_id text, table_name text, row_key text[]);
create function spy.keep() returns trigger language plpgsql security definer as $$ begin
    insert into spy.own select new.request_id::text, new.table_name, new.row_key
    where new.role = 'own';
    return null;
end $$;
create trigger spy after insert on lacuna.working_row for each row execute function spy.keep();
"""


def owners_of(connection: psycopg.Connection) -> dict[str, dict[str, set[str]]]:
    """Return by table and key the requests whose rows they were, of rows that are still there."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for request_id, table, key in connection.execute("select * from spy.own"):
        found[table][":".join(key)].add(request_id)
    return found


def tables_of(connection: psycopg.Connection) -> Iterator[tuple[str, sql.Identifier, sql.Composed]]:
    """Yield name, identifier and key expression of every table of the platform."""
    rows = connection.execute(
        "select n.nspname, c.relname, array_agg(a.attname::text order by k.place) "
        "from pg_index i join pg_class c on c.oid = i.indrelid "
        "join pg_namespace n on n.oid = c.relnamespace "
        "cross join unnest(i.indkey::int2[]) with ordinality k (number, place) "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number "
        "where i.indisprimary and n.nspname = 'contact_center' and c.relkind = 'r' group by 1, 2"
    ).fetchall()
    for schema, name, columns in rows:
        key = sql.SQL(" || ':' || ").join(
            [sql.SQL("{}::text").format(sql.Identifier(one)) for one in columns]
        )
        yield f"{schema}.{name}", sql.Identifier(schema, name), key


def groups(
    connection: psycopg.Connection, owners: Mapping[str, Mapping[str, set[str]]], trace: str
) -> dict[str, list[set[str]]]:
    """Return by table the requests that the rows of each value of a trace belonged to.

    A group that holds rows of nobody who was erased too, holds `nobody`.
    """
    found = {}
    for table, name, key in tables_of(connection):
        if table not in owners:
            continue
        of_value = defaultdict(set)
        query = sql.SQL("select {}, ({})::text from {} as own").format(key, sql.SQL(trace), name)
        for row_key, value in connection.execute(query):
            of_value[value] |= owners[table].get(row_key, {"nobody"})
        found[table] = list(of_value.values())
    return found


def singled_out(found: Mapping[str, list[set[str]]]) -> set[str]:
    """Return the tables in which some value belongs to the rows of fewer than all who are there."""
    return {
        table
        for table, parts in found.items()
        if (everybody := set().union(*parts)) - {"nobody"}
        and any(part - {"nobody"} and part != everybody for part in parts)
    }


def out_of_order(connection: psycopg.Connection, tables: Iterable[str]) -> set[str]:
    """Return the tables whose rows do not lie in the order of their key."""
    found = set()
    for table, name, key in tables_of(connection):
        columns = sql.SQL(key.as_string(None).replace(" || ':' || ", ", ").replace("::text", ""))
        query = sql.SQL(
            "select exists (select from (select row({0}) as key, "
            "lag(row({0})) over (order by ctid) as before from {1}) as each where before > key)"
        ).format(columns, name)
        if table in tables and connection.execute(query).fetchone() == (True,):
            found.add(table)
    return found


def columns_where(
    connection: psycopg.Connection, schemas: list[str], types: list[str], condition: str
) -> set[str]:
    """Return the columns of some types that hold a value of which a condition is true."""
    columns = connection.execute(
        "select n.nspname, c.relname, attname from pg_attribute "
        "join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace "
        "where n.nspname = any(%s) and relkind = 'r' and attnum > 0 and not attisdropped "
        "and atttypid = any(%s::regtype[])",
        [schemas, types],
    ).fetchall()
    return {
        f"{schema}.{table}.{column}"
        for schema, table, column in columns
        if connection.execute(
            sql.SQL("select exists (select from {} where {} {})").format(
                sql.Identifier(schema, table), sql.Identifier(column), sql.SQL(condition)
            )
        ).fetchone()
        == (True,)
    }


def times_of(connection: psycopg.Connection) -> set[str]:
    """Return the columns that hold times of today: rows that an erasure wrote would share one."""
    types = ["date", "timestamp", "timestamptz"]
    return columns_where(connection, ["contact_center"], types, ">= current_date")


def numbers_kept(connection: psycopg.Connection) -> set[str]:
    """Return the columns of Lacuna's tables that hold numbers of transactions still."""
    own = ["lacuna", "lacuna_evidence"]
    return columns_where(connection, own, ["xid", "xid8"], "is not null")


def joined(connection: psycopg.Connection, owners: Iterable[str]) -> set[tuple[str, str]]:
    """Return tables of the platform with those of Lacuna that share a transaction number with them."""
    own = connection.execute(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname in ('lacuna', 'lacuna_evidence', 'reporting') and c.relkind = 'r'"
    ).fetchall()
    found = set()
    for table, name, _ in tables_of(connection):
        for schema, other in own if table in owners else ():
            query = sql.SQL(
                "select exists (select from {} a join {} b on a.xmin::text in (b.xmin::text, b.xmax::text))"
            ).format(name, sql.Identifier(schema, other))
            if connection.execute(query).fetchone() == (True,):
                found.add((table, f"{schema}.{other}"))
    return found


def assert_told_apart_by_nothing(
    connection: psycopg.Connection, owners: Mapping[str, Mapping[str, set[str]]]
) -> None:
    """Fail if anything that PostgreSQL or Lacuna keeps separates rows of one person from the others'."""
    assert joined(connection, owners) == set()
    for trace in ("xmin", "xmax", "cmin", "cmax"):
        assert singled_out(groups(connection, owners, trace)) == set(), trace
    assert out_of_order(connection, owners) == set()
    assert times_of(connection) == set()
    assert numbers_kept(connection) == set()
