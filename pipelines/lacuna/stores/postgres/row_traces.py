"""Counts what a table's rows still say of which of them were written together.

Read by the verifier's role, and by other means than those that rewrite rows: the numbers of
transactions as they stand with the rows, and the order of the file as a plain scan returns it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from psycopg import sql

from lacuna.model.location import TableName
from lacuna.model.scrub import ErasedTraces, RowTraces
from lacuna.model.table import Table
from lacuna.stores.postgres.searched_columns import quoted

QueryRunner = Callable[[sql.SQL | sql.Composed, Mapping[str, object]], Sequence[Sequence[Any]]]


def read_traces(run: QueryRunner, table: TableName, since: str) -> RowTraces:
    """Read a table through, and count the rows of which it can be told.

    Args:
        run: runs a query with parameters and returns its rows.
        since: the number that the server's next transaction had before the rows were rewritten.
    """
    name = quoted(table.schema, table.name)
    found = {"name": sql.Identifier(table.schema, table.name).as_string(None)}
    for setting in _PLAIN_SCAN:
        run(sql.SQL("set local {}").format(sql.SQL(setting)), {})
    ((older, number),) = run(_NUMBERS.format(name), {"since": since})
    if number is None:
        return RowTraces(0, 0)
    watched: list[sql.Composable] = []
    if key := run(_KEY, found):
        columns = [sql.SQL("own.{}").format(quoted(column)) for (column,) in key]
        watched.append(sql.SQL("row({})").format(sql.SQL(", ").join(columns)))
        watched += [
            sql.SQL("pg_column_toast_chunk_id(own.{})::bigint").format(quoted(column))
            for (column,) in run(_LONG, found)
        ]
    disorder = 0
    for what in watched:
        ((inversions,),) = run(_DISORDER.format(name, what=what), {"number": number})
        disorder += int(inversions)
    return RowTraces(int(older), disorder)


def numbers_of_requests(run: QueryRunner) -> list[str]:
    """Return the numbers of the transactions that wrote rows of Lacuna's which name a request."""
    return [str(number) for (number,) in run(_OF_REQUESTS, {})]


def tombstones(run: QueryRunner) -> list[str]:
    """Return the keys of all tombstone contacts."""
    return [str(key) for (key,) in run(_TOMBSTONES, {})]


def read_erased(
    run: QueryRunner, table: Table, of_requests: Sequence[str], nobody: Sequence[str]
) -> ErasedTraces:
    """Count what the rows of erased people say: those with a time of erasure, or that lead to nobody.

    Args:
        of_requests: `numbers_of_requests`.
        nobody: `tombstones`.
    """
    told = [_DATED.format(quoted(each)) for each in (table.erased_at,) if each is not None]
    told = told or [
        # A row of a living person may name somebody erased as who entered it.
        _AT_TOMBSTONE.format(quoted(each))
        for each in table.tombstone_links
        if each not in table.references
    ]
    name = quoted(table.name.schema, table.name.name)
    query = _ERASED.format(name, sql.SQL(" or ").join(told))
    values = {"numbers": list(of_requests), "tombstones": list(nobody)}
    ((rows, numbers, joined),) = run(query, values)
    return ErasedTraces(int(rows), int(numbers), int(joined))


# A scan that others share begins in the middle of the file, and several processes mix what they read.
_PLAIN_SCAN: Final = (
    "synchronize_seqscans = off", "max_parallel_workers_per_gather = 0",
    "enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off",
)  # fmt: skip

# Rows with numbers from before, and the number of most rows: that of the transaction that wrote all.
_NUMBERS: Final = sql.SQL("""
select coalesce(sum(rows) filter (where is_older), 0), (array_agg(number order by rows desc))[1]
from (
    select own.xmin::text as number, count(*) as rows,
        age(own.xmin) > age(cast(cast(%(since)s as xid8) as xid)) as is_older
    from only {} as own group by own.xmin::text, 3
) as of_number
""")

# Rows that lie after one that they belong before; a value that lies in its row has no number.
_DISORDER: Final = sql.SQL("""
select count(*) from (
    select {what} as value, lag({what}) over () as before
    from only {} as own where own.xmin::text = %(number)s and {what} is not null
) as each where before > value
""")

_ERASED: Final = sql.SQL("""
select count(*), count(distinct (own.xmin::text, own.xmax::text)),
    count(*) filter (where own.xmin::text = any(%(numbers)s))
from {} as own where {}
""")

_DATED: Final = sql.SQL("own.{} is not null")
_AT_TOMBSTONE: Final = sql.SQL("own.{}::text = any(%(tombstones)s)")
_TOMBSTONES: Final = sql.SQL("select row_key from lacuna.tombstone")

_OF_REQUESTS: Final = sql.SQL("""
select xmin::text from lacuna_evidence.entry where request_id is not null
union select xmin::text from lacuna.request
""")

_KEY: Final = sql.SQL("""
select attname from pg_index cross join unnest(indkey::int2[]) with ordinality as part (number, place)
join pg_attribute on attrelid = indrelid and attnum = part.number
join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam
where indrelid = to_regclass(%(name)s) and indisprimary and part.place <= indnkeyatts
    -- By any other, rows are put into no order.
    and amname = 'btree'
order by part.place
""")

# Older servers do not say which number a long value has.
_LONG: Final = sql.SQL("""
select attname from pg_attribute join pg_class on pg_class.oid = attrelid
where attrelid = to_regclass(%(name)s) and attnum > 0 and not attisdropped
    and attlen = -1 and attstorage <> 'p' and attgenerated <> 'v' and reltoastrelid <> 0
    and current_setting('server_version_num')::int >= 170000
""")
