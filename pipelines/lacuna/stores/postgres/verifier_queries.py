"""What the verifier's statements are composed of; names are quoted by the driver."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from psycopg import sql

from lacuna.model.datamap import DataMap, Subject
from lacuna.model.identity import IdentifierKind, value_key
from lacuna.model.membership import Membership
from lacuna.model.object_source import PathSource, RulePart
from lacuna.model.table import Link, Table
from lacuna.ports import SearchedRows
from lacuna.stores.postgres.searched_columns import SearchedColumn, quoted

_BLANK: Final = " \t\n\r\f\v\u00a0"

QueryRow: TypeAlias = Sequence[object]


@dataclass(frozen=True)
class RowQuery:
    """A query over one table, and how its rows are read."""

    select: sql.Composed
    links: tuple[str, ...]
    ways: int
    columns: tuple[str, ...]
    key: int = 0

    def read(self, rows: Sequence[QueryRow]) -> SearchedRows:
        """Turn rows into columns."""
        width = len(self.links) + self.ways + self.key + len(self.columns)
        parts = list(zip(*rows, strict=True))[:width] if rows else [() for _ in range(width)]
        ways = len(self.links) + self.ways
        return SearchedRows(
            columns=dict(zip(self.columns, parts[ways + self.key :], strict=False)),
            links=dict(zip(self.links, parts[: len(self.links)], strict=False)),
            ways=parts[len(self.links) : ways],
            keys=list(zip(*parts[ways : ways + self.key], strict=True)),
        )


class SeveralKeys(sql.Composed):
    """Composes a list of keys: of the people to whom the rows lead that name one row as theirs."""


def leads_to(way: sql.Composable, wanted: str) -> sql.Composed:
    """Compose that a way leads to one of the keys that a parameter names."""
    if isinstance(way, SeveralKeys):
        return sql.SQL("{} && {}::text[]").format(way, sql.Placeholder(wanted))
    return sql.SQL("{} = any({})").format(way, sql.Placeholder(wanted))


def every_key(ways: Sequence[sql.Composable]) -> sql.Composed:
    """Compose all keys that ways lead to, as a list; it may hold NULL."""
    lists = [one for one in ways if isinstance(one, SeveralKeys)]
    single = sql.SQL(", ").join(one for one in ways if one not in lists)
    return sql.SQL(" || ").join(
        [
            sql.SQL("array[{}]::text[]").format(single),
            *map(sql.SQL("coalesce({}, '{{}}')").format, lists),
        ]
    )


def text_of(alias: str, column: str) -> sql.Composed:
    """Compose a column as text."""
    return sql.SQL("{}.{}::text").format(quoted(alias), quoted(column))


def held_by(alias: str, link: Link) -> sql.Composed:
    """Compose what a link holds: its column, or the text at its path in a document."""
    column = sql.SQL("{}.{}").format(quoted(alias), quoted(link.column))
    if not link.path:
        return column
    return sql.SQL("jsonb_extract_path_text({}::jsonb, {})").format(
        column, sql.SQL(", ").join(map(as_literal, link.path))
    )


def key_held_by(alias: str, link: Link) -> sql.Composed:
    """Compose the key that a link holds, NULL in rows in which it leads elsewhere."""
    held = sql.SQL("{}::text").format(held_by(alias, link))
    if link.where is None:
        return held
    name, value = link.where
    return sql.SQL("case when {} = {} then {} end").format(
        text_of(alias, name), as_literal(value), held
    )


def key_of_value(kind: IdentifierKind, held: sql.Composable) -> sql.Composed:
    """Compose the key of somebody who has no row: a value as identifiers of its kind compare.

    NULL where there is none.
    """
    bare: sql.Composable = sql.SQL("btrim({}, {})").format(held, sql.Literal(_BLANK))
    match kind:
        case IdentifierKind.EMAIL:
            bare = sql.SQL("lower({})").format(bare)
        case IdentifierKind.PHONE:
            bare = sql.SQL(
                "regexp_replace(regexp_replace({}, '[^0-9]', '', 'g'), '^00', '')"
            ).format(held)
        case _:
            pass
    return sql.SQL("{} || nullif({}, '')").format(as_literal(value_key(kind)), bare)


def said_by(link: Link, arrived: sql.Composable) -> sql.Composable:
    """Compose that a link by value leads by one: rows without an address are not of people without."""
    if link.to is None:
        return sql.SQL("")
    return sql.SQL(" and btrim({}::text, {}) <> ''").format(arrived, sql.Literal(_BLANK))


def only_where(alias: str, link: Link) -> sql.Composed:
    """Compose the condition of a link that leads there only in some rows."""
    if link.where is None:
        return sql.Composed([])
    name, value = link.where
    return sql.SQL(" and {} = {}").format(text_of(alias, name), as_literal(value))


def provided(
    table: Table, follows: Sequence[Link], held: Sequence[Sequence[str]]
) -> tuple[sql.Composed, dict[str, object]]:
    """Compose the conditions of rows that the person provided, and the values these ask for.

    Args:
        follows: links to rows without which a row does not count.
        held: for each of them, what it holds of those that do.
    """
    conditions: list[sql.Composable] = []
    values: dict[str, object] = {}
    rule = table.portable
    for place, (name, codes) in enumerate(() if rule is None else rule.where):
        values[f"codes_{place}"] = list(codes)
        conditions.append(
            sql.SQL(" and {} = any({})").format(
                text_of("start", name), sql.Placeholder(f"codes_{place}")
            )
        )
    if rule is not None and rule.author is not None:
        conditions.append(
            sql.SQL(" and {} = any(%(people)s)").format(text_of("start", rule.author))
        )
    for place, (link, keys) in enumerate(zip(follows, held, strict=True)):
        values[f"held_{place}"] = keys
        is_held = sql.SQL("coalesce({}::text = any({}), false)").format(
            held_by("start", link), sql.Placeholder(f"held_{place}")
        )
        if link.where is not None:
            name, value = link.where
            is_held = sql.SQL("({} is distinct from {} or {})").format(
                text_of("start", name), as_literal(value), is_held
            )
        conditions.append(sql.SQL(" and ") + is_held)
    return sql.Composed(conditions), values


def is_person(datamap: DataMap, alias: str = "start") -> sql.Composed:
    """Compose that a row of the subject table is a person meant, not of another kind nor of none."""
    conditions: list[sql.Composable] = [_of_kind(datamap, datamap.subject, alias)]
    for one in datamap.told_from:
        conditions.append(sql.SQL("not ({})").format(_of_kind(datamap, one, alias)))
    return sql.SQL(" and ").join(conditions)


def _of_kind(datamap: DataMap, subject: Subject, alias: str) -> sql.Composed:
    told: list[sql.Composable] = [sql.SQL("true")]
    if subject.where is not None:
        name, value = subject.where
        told.append(
            sql.SQL("{} is not distinct from {}").format(text_of(alias, name), as_literal(value))
        )
    if (member := subject.member) is not None:
        key = datamap.tables[subject.table].key[0]
        conditions = [
            sql.SQL("membership.{} = {}.{}").format(
                quoted(member.column.name), quoted(alias), quoted(key)
            ),
            *_conditions_of(member),
        ]
        told.append(
            sql.SQL("exists (select from {} where {})").format(
                _source_of(member, datamap), sql.SQL(" and ").join(conditions)
            )
        )
    return sql.SQL(" and ").join(told)


def _source_of(member: Membership, datamap: DataMap) -> sql.Composed:
    own = member.column.table
    source = sql.SQL("{} as membership").format(quoted(own.schema, own.name))
    if member.through is None:
        return source
    column, table = member.through
    return source + sql.SQL(" join {} as told on told.{} = membership.{}").format(
        quoted(table.schema, table.name), quoted(datamap.tables[table].key[0]), quoted(column)
    )


def _conditions_of(member: Membership) -> Iterator[sql.Composed]:
    alias = "membership" if member.through is None else "told"
    for name, values in member.where:
        wanted = sql.SQL(", ").join(map(as_literal, values))
        yield sql.SQL("{} in ({})").format(text_of(alias, name), wanted)


def as_literal(text: str) -> sql.Literal:
    """Compose a text; a percent sign would begin a parameter."""
    return sql.Literal(text.replace("%", "%%"))


def paths_named(source: PathSource) -> Iterator[sql.Composed]:
    """Compose what gives the paths that a row names, one after another."""
    if source.rule:
        yield sql.SQL(" || ").join(one for part in source.rule for one in _composed(part))
        return
    for place in source.json_paths:
        yield sql.SQL("jsonb_path_query(to_jsonb(start.{}), {}::jsonpath) #>> '{{}}'").format(
            quoted(source.column.name), as_literal(place)
        )


def _composed(part: RulePart) -> Iterator[sql.Composable]:
    yield as_literal(part.text)
    if part.column:
        value = sql.SQL("start.{}::text").format(quoted(part.column))
        if part.characters:
            first, end = part.characters
            value = sql.SQL("substr({}, {}, {})").format(value, first + 1, end - first)
        yield value


def references_to(table: Table, column: SearchedColumn) -> sql.Composed:
    """Compose the count of rows by the key, among `keys`, that a column holds alone or in a list."""
    name = quoted(column.name)
    source = quoted(table.name.schema, table.name.name)
    if column.is_array:
        return sql.SQL(
            "select each.key, count(distinct (start.tableoid, start.ctid)) from {} as start "
            "cross join lateral unnest(start.{}::text[]) as each (key) "
            "where each.key = any(%(keys)s) group by 1"
        ).format(source, name)
    # A number is compared as one, so that an index serves it.
    is_number = column.type_name[1] in ("int2", "int4", "int8")
    compared = (
        "start.{} = any(%(keys)s::bigint[])" if is_number else "start.{}::text = any(%(keys)s)"
    )
    return sql.SQL(
        "select start.{0}::text, count(*) from {1} as start where {2} group by 1"
    ).format(name, source, sql.SQL(compared).format(name))


KeyTypes: TypeAlias = Sequence[tuple[str, str]]
"""Schema and name of the type of each column of a key."""


def from_own_rows(table: Table, types: KeyTypes) -> sql.Composed:
    """Compose where the own rows of requests come from."""
    return sql.SQL(
        " from {} as start join lacuna.working_row as working on {} "
        "where working.table_name = %(table)s and working.role = 'own' "
        "and working.request_id = any(%(ids)s::uuid[])"
    ).format(quoted(table.name.schema, table.name.name), key_matches(table, types))


def of_requests(table: Table, request_ids: Collection[str]) -> Mapping[str, object]:
    """Return the values that `from_own_rows` asks for."""
    return {"table": str(table.name), "ids": list(request_ids)}


def key_matches(table: Table, types: KeyTypes) -> sql.Composable:
    """Compose that a row is the one that a working row means.

    Compared as what it is, not as text, so that an index serves it: nothing has analyzed the working
    rows of a night, and what is believed of them may be that there is one.
    """
    return sql.SQL(" and ").join(
        sql.SQL("start.{} = working.row_key[{}]::{}").format(
            quoted(name), sql.Literal(position), quoted(*held)
        )
        for position, (name, held) in enumerate(zip(table.key, types, strict=True), start=1)
    )
