"""The texts of a value of a file: in lists and structures too, and numbers as they are written."""

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts of a value, in the order in which `filled` takes them."""
    match value:
        case list() | tuple():  # an entry of a map is a tuple
            for inner in value:
                yield from texts_in(inner)
        case dict():
            for inner in value.values():
                yield from texts_in(inner)
        case _ if (text := _text_of(value)) is not None:
            yield text
        case _:
            return


def filled(value: object, covered: Iterator[str]) -> object:
    """Return a value with the next covered texts in place of its own."""
    match value:
        case list():
            return [filled(inner, covered) for inner in value]
        case tuple():
            return tuple(filled(inner, covered) for inner in value)
        case dict():
            return {name: filled(inner, covered) for name, inner in value.items()}
        case _ if (text := _text_of(value)) is not None:
            new = next(covered)
            if isinstance(value, str | bytes):
                return new if isinstance(value, str) else new.encode()
            return value if new == text else _number(new, value)
        case _:
            return value


def _number(text: str, like: object) -> object:
    """Return a number as the one before it was held; None for what is none, such as a placeholder."""
    digits = text.removeprefix("+").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return Decimal(digits) if isinstance(like, Decimal) else type(like)(int(digits))  # type: ignore[call-arg]


def _text_of(value: object) -> str | None:
    """Return a value as text; None for bytes that are no text, and for other types."""
    match value:
        case str():
            return value
        case bytes():
            try:
                return value.decode("utf-8")
            except UnicodeDecodeError:
                return None
        case _:
            return _digits(value)


def _digits(value: object) -> str | None:
    """Return a whole number as it is written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    is_whole = isinstance(value, int) or (isfinite(value) and value == int(value))
    return str(int(value)) if is_whole else None
