"""What columns become by their treatment, as SQL expressions over a whole set of rows.

What is generated (keys, surrogates) follows from the request's nonce, so that a rerun of a
transaction that was rolled back arrives at the same values.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BIT, BYTEA, JSONB, TSVECTOR, UUID
from sqlalchemy.sql.elements import ColumnElement

from lacuna.errors import ConfigurationError
from lacuna.model.location import TableName
from lacuna.model.object_source import NO_PATH
from lacuna.model.table import Table
from lacuna.model.tombstone import KeyKind
from lacuna.model.treatment import Call, Erasure, Operand, Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables, key_kind
from lacuna.stores.postgres.queue_tables import REQUEST, WORKING_ROW
from lacuna.treatment import SURROGATE_WRITTEN, KeptKeys, kept_keys, surrogate_form

# So many hexadecimal digits as bits, which become a number.
_BITS: Final = {width: BIT(4 * width) for width in (8, 13, 15)}


def treated(
    column: sa.Column[Any], erasure: Erasure, table: Table, tables: PlatformTables
) -> ColumnElement[Any]:
    """Return the expression of a column's treated value, in a statement that joins `REQUEST` too.

    Raises:
        ConfigurationError: the treatment's argument is none, or nothing says what it makes.
    """
    match erasure.treatment:
        case Treatment.SUPPRESS | Treatment.UNLINK:
            return sa.null()
        case Treatment.DELETE_OBJECT:
            return no_path(column)
        case Treatment.EMPTY if isinstance(column.type, TSVECTOR | BYTEA):
            return sa.cast(sa.literal("", sa.Text), column.type)
        case Treatment.EMPTY:
            return sa.cast(sa.literal("{}"), column.type)
        case Treatment.REPLACE:
            return sa.cast(sa.literal(erasure.argument or "", sa.Text), column.type)
        case Treatment.GENERALIZE:
            return _generalized(column, erasure.argument or "day")
        case Treatment.NEW_KEY:
            return _new_key(column, table, tables)
        case Treatment.SURROGATE:
            return _surrogate(column, table, erasure.argument or "{}", tables)
        case Treatment.JSON_KEYS:
            return _kept_keys(column, erasure.argument or "")
        case Treatment.KEEP | Treatment.DERIVED | Treatment.REDACT | Treatment.TOMBSTONE:
            return column
        case _:
            return _computed(column, erasure, table)


def _computed(column: sa.Column[Any], erasure: Erasure, table: Table) -> ColumnElement[Any]:
    call = erasure.treatment.effect.computed
    if call is None:
        raise ConfigurationError(
            f"datamap: {table.name}.{column.key}: nothing says what {erasure.treatment} makes; "
            "give it a call in model/treatment.py"
        )
    return sa.cast(_called(call, column, erasure.argument or ""), column.type)


def _called(call: Call, column: sa.Column[Any], argument: str) -> ColumnElement[Any]:
    """Return a declared call as an expression; every constant in it is a parameter."""
    given: list[ColumnElement[Any]] = []
    for one in call.arguments:
        match one:
            case Call():
                given.append(_called(one, column, argument))
            case Operand.COLUMN:
                given.append(column)
            case Operand.TEXT:
                given.append(sa.cast(column, sa.Text))
            case Operand.ARGUMENT:
                given.append(sa.literal(argument, sa.Text))
            case _:
                given.append(sa.literal(one))
    made: ColumnElement[Any] = getattr(sa.func, call.function)(*given)
    return made


def no_path(column: sa.Column[Any]) -> ColumnElement[Any]:
    """Return the value of a column of paths without one: `NO_PATH` where NULL is not allowed."""
    left = sa.cast(sa.literal(NO_PATH, sa.Text), column.type)
    return sa.null() if column.info["nullable"] else left


def _new_key(column: sa.Column[Any], table: Table, tables: PlatformTables) -> ColumnElement[Any]:
    """Return a key that nothing else holds."""
    seed = _seed(table.name, sa.cast(column, sa.Text))
    if not isinstance(column.type, sa.Integer):
        return sa.cast(sa.func.left(seed, 32), UUID(as_uuid=False))
    return _free_number(column, table, seed, tables)


def _free_number(
    column: sa.Column[Any], table: Table, seed: ColumnElement[str], tables: PlatformTables
) -> ColumnElement[Any]:
    """Return the first of the numbers made from a seed that no row holds.

    Two of 4 bytes can be the same by chance, so that the second is tried, and so on.
    """
    is_big = key_kind(column) is KeyKind.BIGINT
    width = 13 if is_big else 8
    made = []
    for start in range(1, 64 - width, width):
        bits = sa.cast(sa.literal("x") + sa.func.substr(seed, start, width), _BITS[width])
        number = sa.cast(bits, sa.BigInteger)
        made.append(number + 2**52 if is_big else -1 - number % 2**31)
    other = tables.table(table.name).alias("holder")
    numbers = sa.values(sa.column("place", sa.Integer), sa.column("number", sa.BigInteger))
    candidate = (
        numbers.data([(place, number) for place, number in enumerate(made)])
        .alias("candidate")
        .lateral()
    )
    free = (
        sa.select(candidate.c.number)
        .where(
            ~sa.exists(
                sa.select(sa.literal(1)).where(
                    other.c[column.key or ""] == sa.cast(candidate.c.number, column.type)
                )
            )
        )
        .order_by(candidate.c.place)
        .limit(1)
    )
    return sa.cast(free.scalar_subquery(), column.type)


def _surrogate(
    column: sa.Column[Any], table: Table, written: str, tables: PlatformTables
) -> ColumnElement[Any]:
    """Return a value of a form that nothing else holds, another one for each row."""
    form = surrogate_form(written)
    if form is None:
        raise ConfigurationError(f"datamap: {table.name}: {SURROGATE_WRITTEN}")
    key = sa.func.array_to_string(WORKING_ROW.c.row_key, ":")
    seed = _seed(table.name, sa.literal(f"{column.key}:") + key)
    if isinstance(column.type, sa.Integer):
        return _free_number(column, table, seed, tables)
    if isinstance(column.type, sa.Uuid):
        return sa.cast(sa.func.left(seed, 32), column.type)
    unique: ColumnElement[str] = sa.func.left(seed, form.width)
    if form.is_digits:
        bits = sa.cast(sa.literal("x") + sa.func.left(seed, 15), _BITS[15])
        number = sa.cast(bits, sa.BigInteger) % 10**form.width
        unique = sa.func.lpad(sa.cast(number, sa.Text), form.width, "0")
    return sa.cast(sa.literal(form.before, sa.Text) + unique + form.after, column.type)


def _generalized(column: ColumnElement[Any], unit: str) -> ColumnElement[Any]:
    if isinstance(column.type, sa.DateTime) and column.type.timezone:
        return sa.func.date_trunc(unit, column, "UTC")
    return sa.cast(sa.func.date_trunc(unit, column), column.type)


def _kept_keys(column: ColumnElement[Any], named: str) -> ColumnElement[Any]:
    """Return a document with the named keys alone; NULL stays, what is no object becomes `{}`."""
    document = sa.cast(column, JSONB)
    kept = _kept(document, kept_keys(named.split(",")), 0)
    empty = sa.cast(sa.literal("{}"), JSONB)
    return sa.case((column.is_not(None), sa.cast(sa.func.coalesce(kept, empty), column.type)))


def _kept(value: ColumnElement[Any], keys: KeptKeys, depth: int) -> ColumnElement[Any]:
    """Return the part of a JSON value that stays; NULL if none does."""
    if keys.is_whole:
        return value
    cases: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = []
    if keys.keys:
        is_object = sa.func.jsonb_typeof(value) == "object"
        # jsonb_each fails on an array.
        pairs = (
            sa.func.jsonb_each(sa.case((is_object, value)))
            .table_valued("key", sa.column("value", JSONB), name=f"pairs_{depth}")
            .lateral()
        )
        inner: ColumnElement[Any] = sa.case(
            *(
                (pairs.c.key == key, _kept(pairs.c.value, below, depth + 1))
                for key, below in keys.keys.items()
            )
        )
        found = (
            sa.select(sa.func.jsonb_object_agg(pairs.c.key, inner).filter(inner.is_not(None)))
            .select_from(pairs)
            .where(pairs.c.key.in_(list(keys.keys)))
            .scalar_subquery()
        )
        cases.append((is_object, found))
    if keys.elements is not None:
        is_list = sa.func.jsonb_typeof(value) == "array"
        elements = (
            sa.func.jsonb_array_elements(sa.case((is_list, value)))
            .table_valued(sa.column("value", JSONB), name=f"elements_{depth}")
            .lateral()
        )
        inner = _kept(elements.c.value, keys.elements, depth + 1)
        found = (
            sa.select(sa.func.jsonb_agg(inner).filter(inner.is_not(None)))
            .select_from(elements)
            .scalar_subquery()
        )
        cases.append((is_list, found))
    return sa.case(*cases)


def _seed(table: TableName, of: ColumnElement[str]) -> ColumnElement[str]:
    """Return 64 hexadecimal digits that follow from the request's nonce and a value.

    The nonce is random and destroyed when the request closes, so nobody can lead what is
    made from them back to the value.
    """
    text = sa.func.concat(sa.cast(REQUEST.c.nonce, sa.Text), ":", sa.literal(str(table)), ":", of)
    return sa.func.encode(sa.func.sha256(sa.func.convert_to(text, "UTF8")), "hex")
