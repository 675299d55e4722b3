"""What of a live table can be searched: its columns, and what their types let an identifier be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.model.location import TableName


class Kind(Enum):
    """How a column's values are searched."""

    TEXT = auto()
    JSON = auto()
    NUMBER = auto()
    UUID = auto()
    BYTES = auto()
    NOTHING = auto()  # times, flags, closed lists: no identifier fits in
    OPAQUE = auto()  # a type whose text says nothing, or nothing certain


# pg_type.typcategory: strings; booleans, dates, enums, geometry, networks, other numbers (too
# small for a telephone number, or fractions), time spans, bits, "char".
_STRINGS: Final = "S"
_NOTHING_IN_IT: Final = "BDEGINTVZ"
_KIND_OF_TYPE: Final = {
    "json": Kind.JSON,
    "jsonb": Kind.JSON,
    "uuid": Kind.UUID,
    "bytea": Kind.BYTES,
    "int4": Kind.NUMBER,
    "int8": Kind.NUMBER,
    "numeric": Kind.NUMBER,
}
# Numbers that PostgreSQL itself gives.
_OWN_TYPES: Final = frozenset(
    {"xid", "xid8", "cid", "tid", "pg_lsn", "pg_snapshot", "txid_snapshot"}
)


@dataclass(frozen=True)
class SearchedColumn:
    """A live column with its type, domains resolved to what they are based on."""

    name: str
    kind: Kind
    type_name: tuple[str, str]
    is_array: bool


def live_columns(
    connection: sa.Connection, schemas: Sequence[str]
) -> Mapping[TableName, tuple[SearchedColumn, ...]]:
    """Return the columns of every table of some schemas, as they are now."""
    found: dict[TableName, list[SearchedColumn]] = defaultdict(list)
    for row in connection.execute(sa.text(_LIVE_COLUMNS), {"schemas": list(schemas)}):
        schema, table, name, type_schema, type_name, category, element, of_element = row
        is_array = element is not None
        kind = _kind_of(element, of_element) if is_array else _kind_of(type_name, category)
        if is_array and kind is Kind.BYTES:
            kind = Kind.OPAQUE
        found[TableName(schema, table)].append(
            SearchedColumn(name, kind, (type_schema, type_name), is_array)
        )
    return {table: tuple(columns) for table, columns in found.items()}


def _kind_of(type_name: str, category: str) -> Kind:
    if type_name in _KIND_OF_TYPE:
        return _KIND_OF_TYPE[type_name]
    if category == _STRINGS:
        return Kind.TEXT
    if category in _NOTHING_IN_IT or type_name in _OWN_TYPES:
        return Kind.NOTHING
    return Kind.OPAQUE


def quoted(*names: str) -> sql.Identifier:
    """Compose an identifier; a percent sign would begin a parameter."""
    return sql.Identifier(*(name.replace("%", "%%") for name in names))


# Partitions are read through the table that they are partitions of.
_LIVE_COLUMNS: Final = """
with recursive based_on (oid, base) as (
    select oid, oid from pg_type where typtype <> 'd'
    union all
    select domain.oid, based_on.base from pg_type as domain
    join based_on on based_on.oid = domain.typbasetype where domain.typtype = 'd'
)
select schema.nspname, class.relname, attribute.attname, cast_schema.nspname, cast_type.typname,
    type.typcategory::text, element.typname, element.typcategory::text
from pg_class as class
join pg_namespace as schema on schema.oid = class.relnamespace
join pg_attribute as attribute on attribute.attrelid = class.oid
join based_on on based_on.oid = attribute.atttypid
join pg_type as type on type.oid = based_on.base
left join based_on as element_based_on
    on type.typcategory = 'A' and element_based_on.oid = type.typelem
left join pg_type as element on element.oid = element_based_on.base
-- An array of a domain takes what an array of its base takes.
join pg_type as cast_type on cast_type.oid = coalesce(nullif(element.typarray, 0), type.oid)
join pg_namespace as cast_schema on cast_schema.oid = cast_type.typnamespace
where class.relkind in ('r', 'p', 'f', 'm') and not class.relispartition
    and attribute.attnum > 0 and not attribute.attisdropped
    and schema.nspname = any(:schemas)
order by schema.nspname, class.relname, attribute.attnum
"""
