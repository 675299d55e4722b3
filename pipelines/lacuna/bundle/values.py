"""Values of the database as a bundle writes them: the same in JSON and in Parquet."""

import base64
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Final
from uuid import UUID

from lacuna.model.bundle import ColumnType, JsonValue

_MOST: Final = 2**63 - 1  # what a Parquet integer holds


class Unwritable(TypeError):
    """A value of a type that has no agreed form; the message names the type only."""


def to_json_value(value: object) -> JsonValue:
    """Return a database value in the form that a bundle gives it.

    Timestamps are ISO 8601 in UTC, bytes are base64, decimals are text (a float would change
    them), NULL is null. A float that JSON has no number for is text.

    Raises:
        Unwritable: the type is none of those above, or the text is no Unicode.

    >>> to_json_value(Decimal("1.10"))
    '1.10'
    >>> to_json_value(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01T09:30:00Z'
    """
    match value:
        case None | bool() | int():
            return value
        case str():
            return _text(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal() | UUID() | IPv4Address() | IPv6Address() | IPv4Interface() | IPv6Interface():
            return str(value)
        case datetime():
            return _timestamp(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return f"PT{value.total_seconds():f}S"
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case list() | tuple():
            return [to_json_value(each) for each in value]
        case Mapping():
            return {_text(str(name)): to_json_value(each) for name, each in value.items()}
        case _:
            raise Unwritable(type(value).__name__)


def in_utc(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC, e.g. `2026-03-01T09:30:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _timestamp(value: datetime) -> str:
    # A timestamp without a zone is given as it is: a zone would be invented.
    return value.isoformat() if value.tzinfo is None else in_utc(value)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Unwritable("str with characters that are not Unicode") from None
    return str(value)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Return a text in which halves of characters, which no file can hold, are U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def map_texts(value: object, change: Callable[[str], str]) -> object:
    """Return a database value with every text in it changed, names of documents included.

    Times, numbers and bytes stay as they are; a UUID counts as text, for it can name somebody.
    """
    match value:
        case str() | UUID():
            return change(str(value))
        case Mapping():
            return _renamed(
                (change(str(name)), map_texts(each, change)) for name, each in value.items()
            )
        case list() | tuple():
            return [map_texts(each, change) for each in value]
        case _:
            return value


def _renamed(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return a document that keeps every pair, also where two names became the same."""
    document: dict[str, object] = {}
    for name, value in pairs:
        unique, number = name, 1
        while unique in document:
            number += 1
            unique = f"{name} ({number})"
        document[unique] = value
    return document


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a database value that `map_texts` would change."""
    match value:
        case str() | UUID():
            yield str(value)
        case Mapping():
            for name, each in value.items():
                yield str(name)
                yield from texts_in(each)
        case list() | tuple():
            for each in value:
                yield from texts_in(each)
        case _:
            return


def types_in(values: Iterable[JsonValue]) -> set[ColumnType]:
    """Return the types of values, null aside."""
    return {_type_of_one(value) for value in values if value is not None}


def type_of(found: set[ColumnType]) -> ColumnType:
    """Return the narrowest type that holds values of all these types; TEXT where all are null.

    >>> type_of(types_in([1, None, 2]))
    <ColumnType.INTEGER: 'integer'>
    """
    if not found:
        return ColumnType.TEXT
    return next(iter(found)) if len(found) == 1 else ColumnType.DOCUMENT


def _type_of_one(value: JsonValue) -> ColumnType:
    match value:
        case bool():
            return ColumnType.BOOLEAN
        case int():
            return ColumnType.INTEGER if -_MOST - 1 <= value <= _MOST else ColumnType.DOCUMENT
        case float():
            return ColumnType.NUMBER
        case str():
            return ColumnType.TEXT
        case list() if all(each is None or isinstance(each, str) for each in value):
            return ColumnType.TEXTS
        case _:
            return ColumnType.DOCUMENT


def to_json_text(value: JsonValue) -> str:
    """Return the one JSON text of a value: keys sorted, one line."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(", ", ": ")
    )
