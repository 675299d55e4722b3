"""Which treatment fits which type of column."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from pipelines.model.datamap import Erasure, Treatment
from pipelines.model.schema import LiveColumn
from pipelines.treatment import SURROGATE_WRITTEN, surrogate_form

_TEXTS: Final = frozenset({"text", "character varying", "character", "citext", "public.citext"})
_DOCUMENTS: Final = frozenset({"json", "jsonb"})
_TIMES: Final = frozenset({"date", "timestamp with time zone", "timestamp without time zone"})
_STAMPS: Final = _TIMES - {"date"}
_NUMBERS: Final = frozenset(
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", "interval"}
)
# Beside texts, documents, times and numbers.
_OWN_TYPES: Final = (
    _DOCUMENTS
    | _TIMES
    | _NUMBERS
    | frozenset(
        {
            "boolean", "uuid", "bytea", "inet", "cidr", "macaddr", "macaddr8", "money", "oid",
            "time with time zone", "time without time zone", "tsvector", "tsquery", "xml", "bit",
            "bit varying", "name", '"char"', "jsonpath", "pg_lsn", "xid", "xid8", "tid", "cid",
            "point", "line", "lseg", "box", "path", "polygon", "circle",
            "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange",
            "int4multirange", "int8multirange", "nummultirange", "tsmultirange",
            "tstzmultirange", "datemultirange",
        }
    )
)  # fmt: skip
_ALIKE: Final = (_TEXTS, frozenset({"smallint", "integer", "bigint"}))
# Types that a key of Lacuna's own making fits.
_KEYS: Final = frozenset({"uuid", "integer", "bigint"})
_UUID_LENGTH: Final = 36
# A label such as [LOCATION] can be longer than what it covers.
_ROOM_FOR_LABELS: Final = 16


def is_text(column: LiveColumn) -> bool:
    """Whether the column holds a single text."""
    return column.type in _TEXTS and not column.is_array


def is_searchable(column: LiveColumn) -> bool:
    """Whether text lies in the column: as text, as an array of texts, or in a document."""
    return column.type in _TEXTS or is_document(column)


def is_document(column: LiveColumn) -> bool:
    """Whether the column holds JSON."""
    return column.type in _DOCUMENTS and not column.is_array


def is_time(column: LiveColumn) -> bool:
    """Whether the column holds a date or a time."""
    return column.type in _TIMES and not column.is_array


def is_timestamp(column: LiveColumn) -> bool:
    """Whether the column holds a point in time."""
    return column.type in _STAMPS and not column.is_array


def is_number(column: LiveColumn) -> bool:
    """Whether the column can be summed."""
    return column.type in _NUMBERS and not column.is_array


def is_unknown(column: LiveColumn) -> bool:
    """Whether the type is none of PostgreSQL's own: an extension's, such as a vector, or composite."""
    return not column.labels and not is_searchable(column) and column.type not in _OWN_TYPES


def are_alike(one: LiveColumn, other: LiveColumn) -> bool:
    """Whether the values of two columns compare with each other."""
    if one.is_array or other.is_array:
        return False
    return one.type == other.type or any({one.type, other.type} <= kinds for kinds in _ALIKE)


def misfit(erasure: Erasure, column: LiveColumn) -> str | None:
    """Return why a column cannot be treated so, or None if it can."""
    treatment = erasure.treatment
    if treatment is Treatment.KEEP:
        return None
    if treatment is Treatment.DERIVED:
        if column.type == "tsvector" or (column.is_generated and not column.is_numbered):
            return None
        return "derived is for columns that the database computes from others"
    if column.is_numbered and treatment is Treatment.NEW_KEY:
        # The next number of its own sequence is a key that nothing else holds.
        return None
    if column.is_generated:
        return "the database fills it by itself, so it cannot be treated; write derived or keep"
    match treatment:
        case Treatment.SUPPRESS | Treatment.UNLINK:
            fits, needed = column.is_nullable, "a column that may be NULL"
        case Treatment.DELETE_OBJECT:
            fits = column.is_nullable and is_searchable(column)
            needed = "a column of texts, or a document, that may be NULL"
        case Treatment.TOMBSTONE:
            # Whatever key the link takes, it takes the tombstone contact's too.
            return None
        case Treatment.EMPTY:
            fits = column.is_array or is_document(column) or column.type == "tsvector"
            needed = "an array, a JSON document or a tsvector"
        case Treatment.JSON_KEYS:
            fits, needed = is_document(column), "a JSON document"
        case Treatment.GENERALIZE:
            fits, needed = is_time(column), "a date or a timestamp"
        case Treatment.OBFUSCATE:
            fits, needed = is_text(column), "a text column"
        case Treatment.REDACT:
            fits, needed = is_searchable(column), "text, an array of texts or a JSON document"
        case Treatment.NEW_KEY:
            is_long_enough = column.max_length is None or column.max_length >= _UUID_LENGTH
            fits = not column.is_array and (
                column.type in _KEYS or (is_text(column) and is_long_enough)
            )
            needed = f"a uuid, an integer, or text of at least {_UUID_LENGTH} characters"
        case Treatment.SURROGATE:
            return _surrogate_misfit(erasure.argument or "", column)
        case Treatment.REPLACE:
            return _replacement_misfit(erasure.argument or "", column)
    if not fits:
        return f"{treatment} needs {needed}"
    if treatment is Treatment.REDACT:
        return label_misfit(column)
    return None


def key_misfit(column: LiveColumn) -> str | None:
    """Return why no key can be made for the tombstone contact, or None if one can."""
    if not column.is_generated and misfit(Erasure(Treatment.NEW_KEY), column) is None:
        return None
    return (
        f"the tombstone contact needs a key of its own making: a uuid, an integer, or text of "
        f"at least {_UUID_LENGTH} characters"
    )


def fitting_constant(column: LiveColumn) -> str | None:
    """Return a value that says nothing about anybody, or None where none is known."""
    is_known = column.is_array or column.type in (
        *_TEXTS,
        *_DOCUMENTS,
        *_TIMES,
        *_NUMBERS,
        "boolean",
    )
    candidates: tuple[str, ...] = ()
    if is_known:
        candidates = ("[erased]", "0", "2000-01-01", "false", "{}", "")
    if is_document(column):
        candidates = ("{}",)
    return next((each for each in candidates if constant_misfit(each, column) is None), None)


def constant_misfit(constant: str, column: LiveColumn) -> str | None:
    """Return why a column cannot take a constant, or None if it can, as far as can be told."""
    if column.is_generated:
        return "the database fills it by itself"
    if column.is_array:
        return None if constant.startswith("{") else "an array is written in braces"
    if is_text(column) or is_document(column):
        return _replacement_misfit(constant, column)
    if column.labels:
        known = ", ".join(column.labels)
        return None if constant in column.labels else f"it is none of {known}"
    try:
        if column.type == "boolean" and constant not in ("true", "false"):
            return "write true or false"
        if is_number(column):
            Decimal(constant)
        elif is_time(column):
            datetime.fromisoformat(constant)
        elif column.type == "uuid":
            UUID(constant)
    except (ArithmeticError, ValueError):
        return f"it is no {column.type}"
    return None


def _surrogate_misfit(written: str, column: LiveColumn) -> str | None:
    form = surrogate_form(written)
    if form is None:
        return SURROGATE_WRITTEN
    if column.is_array or not (is_text(column) or column.type in _KEYS):
        return "surrogate needs text, a uuid or an integer"
    if not is_text(column):
        return None if form.is_bare else f"write {{}} alone: the column is {column.type}"
    if column.max_length is not None and form.length > column.max_length:
        room = column.max_length - form.length + form.width
        return (
            f"the surrogate has {form.length} characters, the column takes {column.max_length}; "
            f"the unique part has room for {max(room, 0)}"
        )
    return None


def label_misfit(column: LiveColumn) -> str | None:
    """Return why a column has no room for covered text, or None if it has."""
    if not is_searchable(column):
        return "there is no text to be covered in it"
    if column.max_length is not None and column.max_length < _ROOM_FOR_LABELS:
        return f"{column.max_length} characters leave no room for the labels of covered text"
    return None


def _replacement_misfit(replacement: str, column: LiveColumn) -> str | None:
    if is_document(column):
        return None if _is_json(replacement) else "the replacement is no JSON document"
    if not is_text(column):
        is_known = not column.is_array and (
            column.labels or column.type in (*_TIMES, *_NUMBERS, "boolean", "uuid")
        )
        if not is_known:
            return f"no constant is known to fit {column.type}"
        return constant_misfit(replacement, column)
    if column.max_length is not None and len(replacement) > column.max_length:
        return (
            f"the replacement has {len(replacement)} characters, the column takes "
            f"{column.max_length}"
        )
    return None


def _is_json(written: str) -> bool:
    try:
        json.loads(written)
    except ValueError:
        return False
    return True
