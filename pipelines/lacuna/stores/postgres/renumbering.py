"""Takes from the rows of a table what says which of them were written together.

A row carries the number of the transaction that wrote it last, and its long values carry numbers
that were drawn one after another; an erasure is a transaction of its own. VACUUM FULL keeps both.
Here one transaction writes every row of a table as it is: they share its number, and their long
values are drawn again, in the order in which the rows lie. Snapshots that others hold still see the
rows as they were, which a rewrite by ALTER TABLE would take from them.

The platform's triggers and rules stay silent: they are switched off in the same transaction, and
as they were after it. Others read the table meanwhile; who wants to write waits.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from psycopg import sql

from lacuna.model.location import TableName


class Commands(Protocol):
    """One connection on which each statement is a transaction of its own."""

    def run(self, statement: sql.Composable) -> int:
        """Run a statement without parameters; return the rows it changed."""
        ...

    def rows(self, statement: str, **values: object) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query."""
        ...


def renumber(session: Commands, table: TableName, key: Sequence[str]) -> int:
    """Write all rows of a table as they are, in one transaction; return how many.

    Args:
        key: columns by which Lacuna remembers its rows; none for a table of no map.

    Raises:
        DBAPIError: a right is missing, others work in the table, or a constraint refuses a row
            that was there before it.
    """
    name = sql.Identifier(table.schema, table.name)
    columns = session.rows(_COLUMNS, name=name.as_string(None))
    if not columns:
        return 0
    assignments = {str(column): _same(str(column), str(how)) for column, how in columns}
    assignments |= _without_told_times(session, table, key) if key else {}
    with in_transaction(session):
        session.run(sql.SQL("lock table only {} in share row exclusive mode").format(name))
        session.run(sql.SQL("set local row_security = off"))
        with _silent(session, name):
            if key:
                session.run(_known_by_new_number(table, key))
            for setting in _IN_GIVEN_ORDER:
                session.run(sql.SQL("set local {}").format(sql.SQL(setting)))
            rows = session.run(
                sql.SQL(
                    "update only {} as own set {} from (select lying.ctid as place from only {} "
                    "as lying order by {} offset 0) as each where own.ctid = each.place"
                ).format(
                    name,
                    sql.SQL(", ").join(list(assignments.values())),
                    name,
                    _order(session, name),
                )
            )
            if key:
                session.run(_FORGET_TOLD.format(sql.Literal(str(table))))
    return rows


def order_of(session: Commands, table: TableName) -> str | None:
    """Return an index by which rows lie in an order that is not that of their writing, or None.

    It has each row at one place: of two that it holds for equal, the one written first lies first.
    """
    name = sql.Identifier(table.schema, table.name).as_string(None)
    found = session.rows(_UNIQUE, name=name)
    return str(found[0][0]) if found else None


def _order(session: Commands, name: sql.Identifier) -> sql.Composable:
    """Return the columns of that index; chance where there is none."""
    columns = session.rows(_UNIQUE, name=name.as_string(None))
    if not columns:
        return sql.SQL("random()")
    return sql.SQL(", ").join([sql.Identifier("lying", str(column)) for _, column in columns])


@contextmanager
def in_transaction(session: Commands) -> Iterator[None]:
    """Run what the block does in one transaction."""
    session.run(sql.SQL("begin"))
    try:
        yield
    except BaseException:
        session.run(sql.SQL("rollback"))
        raise
    session.run(sql.SQL("commit"))


@contextmanager
def _silent(session: Commands, name: sql.Identifier) -> Iterator[None]:
    """Switch off what the platform does when a row is written, and on again as it was."""
    found = {"name": name.as_string(None)}
    alter = sql.SQL("alter table only {} ").format(name)
    triggers = session.rows(_TRIGGERS, **found)
    rules = session.rows(_RULES, **found)
    is_forced = bool(session.rows(_FORCED, **found))
    if is_forced:
        session.run(alter + sql.SQL("no force row level security"))
    for kind, each in (("trigger", triggers), ("rule", rules)):
        for called, _ in each:
            session.run(alter + sql.SQL(f"disable {kind} ") + sql.Identifier(str(called)))
    yield
    for kind, each in (("trigger", triggers), ("rule", rules)):
        for called, how in each:
            enable = sql.SQL(f"enable {_ENABLED[str(how)]}{kind} ")
            session.run(alter + enable + sql.Identifier(str(called)))
    if is_forced:
        session.run(alter + sql.SQL("force row level security"))


def _same(column: str, how: str) -> sql.Composed:
    """Return the assignment of a column's own value: a long one read in full, and so stored again."""
    forms = {
        "short": "{0} = own.{0}",
        "array": "{0} = case when own.{0} is not null then own.{0} || '{{}}' end",
        "long": "{0} = (array[own.{0}])[1]",
    }
    return sql.SQL(forms[how]).format(sql.Identifier(column))


def _without_told_times(
    session: Commands, table: TableName, key: Sequence[str]
) -> Mapping[str, sql.Composed]:
    """Return assignments by which times that a trigger wrote into erased rows say no more than the year.

    Nor less than another time of the row, which the platform may expect to be the earlier one.
    """
    name = sql.Identifier(table.schema, table.name).as_string(None)
    told = {str(column) for (column,) in session.rows(_TOLD, table=str(table))}
    kinds = {str(column): str(kind) for column, kind in session.rows(_TIMES, name=name)}
    keys = sql.SQL(", ").join(
        [sql.SQL("cast(own.{} as text)").format(sql.Identifier(part)) for part in key]
    )
    found = {}
    for column in told & kinds.keys():
        here, moment = _here(column), _moment(column, kinds[column])
        if kinds[column] == "date":
            # On the same day, it is not known which came first.
            earlier, before = "date_trunc('day', {})", "<="
            others = [one for one in kinds if one not in told]
        else:
            earlier, before = "{}", "<"
            others = [
                one for one in kinds if one not in told and kinds[one] in ("date", kinds[column])
            ]
        moments = [sql.SQL(earlier).format(_moment(one, kinds[one])) for one in others]
        latest = sql.SQL("greatest({})").format(
            sql.SQL(", ").join(
                [
                    sql.SQL("date_trunc('year', {})").format(moment),
                    *(
                        sql.SQL(f"case when {{0}} {before} {{1}} then {{0}} end").format(
                            one, moment
                        )
                        for one in moments
                    ),
                ]
            )
        )
        found[column] = sql.SQL(
            "{column} = case when exists (select from lacuna.told_time as each "
            "where each.table_name = {table} and each.column_name = {name} "
            "and each.row_key = array[{keys}] "
            "and each.told = to_char({moment}, 'YYYY-MM-DD HH24:MI:SS.US')) "
            "then {latest} else {here} end"
        ).format(
            column=sql.Identifier(column),
            table=sql.Literal(str(table)),
            name=sql.Literal(column),
            keys=keys,
            moment=moment,
            latest=sql.SQL(_OF_MOMENT[kinds[column]]).format(latest),
            here=here,
        )
    return found


def _here(column: str) -> sql.Composed:
    return sql.SQL("own.{}").format(sql.Identifier(column))


def _moment(column: str, kind: str) -> sql.Composed:
    """Return a time of a row as one of no zone, in UTC where it knows its zone."""
    return sql.SQL(_AS_MOMENT[kind]).format(_here(column))


def _known_by_new_number(table: TableName, key: Sequence[str]) -> sql.Composed:
    """Return the statement by which sweeps know rows by the number that they will have."""
    parts = [sql.SQL("cast(swept.{} as text)").format(sql.Identifier(part)) for part in key]
    return sql.SQL(
        "update lacuna.sweep_done as done "
        "set row_version = cast(cast(pg_current_xact_id() as xid) as text) "
        "from only {table} as swept "
        "where done.table_name = {name} and done.row_key = array[{key}] "
        "and done.row_version = cast(swept.xmin as text)"
    ).format(
        table=sql.Identifier(table.schema, table.name),
        name=sql.Literal(str(table)),
        key=sql.SQL(", ").join(parts),
    )


# So that the only join left takes rows one after another, in the order in which they are given.
_IN_GIVEN_ORDER: Final = (
    "enable_hashjoin = off", "enable_mergejoin = off", "enable_seqscan = off",
    "enable_nestloop = on", "enable_tidscan = on",
)  # fmt: skip

# As pg_trigger and pg_rewrite say how a trigger fires.
_ENABLED: Final = {"O": "", "A": "always ", "R": "replica "}

# One identity may not be set. Where there are long values all of their columns are written, else the
# first column that may be; what is generated is rebuilt with the columns that it is made from, so all
# of them are written where such values are long.
_COLUMNS: Final = """
with writable as (
    select attname, attnum, attlen = -1 and attstorage <> 'p' as is_long,
        case when type.typcategory = 'A' then 'array' when type.typarray <> 0 then 'long' end as how
    from pg_attribute join pg_type as type on type.oid = atttypid
    where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped
        and attgenerated = '' and attidentity <> 'a'
), with_long as (
    select from pg_class where oid = to_regclass(:name)
        and reltoastrelid <> 0 and pg_relation_size(reltoastrelid) > 0
), made as (
    select from pg_attribute where attrelid = to_regclass(:name) and attnum > 0
        and not attisdropped and attgenerated = 's' and attlen = -1 and attstorage <> 'p'
), long as (
    select attname, case when is_long and how is not null then how else 'short' end as how
    from writable where exists (select from with_long)
        and (is_long and how is not null or exists (select from made))
)
select attname, how from long
union all
(select attname, 'short' from writable where not exists (select from long) order by attnum limit 1)
"""

_FORGET_TOLD: Final = sql.SQL("delete from lacuna.told_time where table_name = {}")
_TOLD: Final = "select distinct column_name from lacuna.told_time where table_name = :table"

_AS_MOMENT: Final = {
    "date": "cast({} as timestamp)",
    "timestamp": "{}",
    "timestamptz": "timezone('UTC', {})",
}
_OF_MOMENT: Final = {
    "date": "cast({} as date)",
    "timestamp": "{}",
    "timestamptz": "timezone('UTC', {})",
}

_TIMES: Final = """
select attname, typname from pg_attribute join pg_type on pg_type.oid = atttypid
where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped and attgenerated = ''
    and atttypid in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
order by attnum
"""

_TRIGGERS: Final = """
select tgname, tgenabled from pg_trigger
where tgrelid = to_regclass(:name) and not tgisinternal and tgenabled <> 'D' order by tgname
"""

_RULES: Final = """
select rulename, ev_enabled from pg_rewrite
where ev_class = to_regclass(:name) and ev_type = '2' and ev_enabled <> 'D' order by rulename
"""

_FORCED: Final = """
select from pg_class where oid = to_regclass(:name) and relforcerowsecurity
"""

_UNIQUE: Final = """
with chosen as (
    select indexrelid, indrelid, indkey, indnkeyatts, class.relname
    from pg_index join pg_class as class on class.oid = indexrelid
    join pg_am on pg_am.oid = class.relam
    where indrelid = to_regclass(:name) and indisunique and indisvalid and indpred is null
        and pg_am.amname = 'btree' and not exists (
            select from unnest(indkey::int2[]) as part
            left join pg_attribute on attrelid = indrelid and attnum = part
            where attnotnull is not true
        )
    order by indisprimary desc, class.relname limit 1
)
select relname, attname from chosen
cross join unnest(indkey::int2[]) with ordinality as part (number, place)
join pg_attribute on attrelid = indrelid and attnum = part.number
where part.place <= indnkeyatts order by part.place
"""
