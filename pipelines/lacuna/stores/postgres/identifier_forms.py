"""How identifiers compare, in Python and in PostgreSQL, and the keys of those who have no row."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from lacuna.model.identity import Identifier, IdentifierKind, value_key
from lacuna.model.table import Column
from lacuna.model.treatment import Treatment
from lacuna.treatment import surrogate_form

__all__ = ["SPACE", "any_of", "asked", "folded", "folded_in_sql", "value_key_in_sql"]

# What str.strip takes off, as far as it is found around values; btrim alone takes off spaces.
SPACE: Final = " \t\n\r\f\v\u00a0"
_FORMS: Final = {IdentifierKind.EMAIL: "^[^@]+@[^@]+$", IdentifierKind.PHONE: "^[0-9]{7,}$"}
"""What a folded identifier of a kind looks like; of any other, it is not empty."""


def folded(identifier: Identifier) -> str:
    """Return the value as identifiers compare: e-mail without case, phone as its digits."""
    match identifier.kind:
        case IdentifierKind.EMAIL:
            # Each character by itself, as PostgreSQL does it: the last sigma of a word is one like others.
            return "".join(map(str.lower, identifier.value.strip()))
        case IdentifierKind.PHONE:
            digits = "".join(
                character for character in identifier.value if character in "0123456789"
            )
            return digits.removeprefix("00")
        case _:
            return identifier.value.strip()


def asked(identifier: Identifier) -> str:
    """Return a value as PostgreSQL is asked for it: the case of an address is left to PostgreSQL."""
    is_address = identifier.kind is IdentifierKind.EMAIL
    return identifier.value.strip() if is_address else folded(identifier)


def any_of(kind: IdentifierKind, values: Sequence[str]) -> ColumnElement[Any]:
    """Return the right side of `=` for a value that is one of some, which are as `asked` returns them."""
    asked = sa.cast(values, ARRAY(sa.Text))
    if kind is IdentifierKind.EMAIL:
        each = sa.func.unnest(asked).column_valued("asked")
        # Once for the statement, and an array: an index on what is compared serves it.
        return sa.any_(sa.func.array(sa.select(sa.func.lower(each)).scalar_subquery()))
    return sa.any_(asked)


def folded_in_sql(kind: IdentifierKind, value: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text as identifiers of a kind compare: what `folded` returns in Python."""
    match kind:
        case IdentifierKind.EMAIL:
            return sa.func.lower(sa.func.btrim(value, SPACE))
        case IdentifierKind.PHONE:
            digits = sa.func.regexp_replace(value, "[^0-9]", "", "g")
            return sa.func.regexp_replace(digits, "^00", "")
        case _:
            return sa.func.btrim(value, SPACE)


def value_key_in_sql(
    kind: IdentifierKind, held: ColumnElement[Any], column: Column
) -> ColumnElement[str]:
    """Return the key of whoever has a value that no row of the subject table holds.

    NULL where it is no identifier of its kind, or is what an erasure leaves in the column.
    """
    text = sa.cast(held, sa.Text)
    value = folded_in_sql(kind, text)
    is_one = value.regexp_match(_FORMS.get(kind, "."))
    key = sa.literal(value_key(kind), sa.Text) + value
    return sa.case((sa.and_(is_one, *_as_it_was(text, column)), key))


def _as_it_was(text: ColumnElement[str], column: Column) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a value is none that an erasure made."""
    erasure = column.erasure
    if erasure.treatment is Treatment.REPLACE:
        return (text != (erasure.argument or ""),)
    form = None
    if erasure.treatment is Treatment.SURROGATE:
        form = surrogate_form(erasure.argument or "")
    return () if form is None else (text.op("!~")(form.pattern),)
