"""Guesses which table of a schema holds the people, by names and by what points at it."""

import re
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.scaffold.category_proposal import words
from lacuna.model.location import TableName
from lacuna.model.schema import LiveSchema, TableKind

__all__ = ["OTHERS", "PEOPLE", "guess_subject", "singular", "subject_of"]

PEOPLE: Final = (
    "contact", "customer", "end_user", "enduser", "client", "subscriber", "visitor", "person",
    "people", "member", "patient", "user", "account",
)  # fmt: skip
OTHERS: Final = re.compile(
    r"(?:^|_)(?:agents?|staff|employees?|operators?|admins?|teammates?)(?:_|$)"
)


def guess_subject(live: LiveSchema) -> TableName | None:
    """Return the table whose rows are most likely the people."""
    pointed = [key.table for table in live.tables.values() for key in table.foreign_keys]
    scored: list[tuple[float, str, TableName]] = []
    for table in live.tables.values():
        names = {words(column.name) for column in table.columns}
        if table.kind is not TableKind.TABLE or OTHERS.search(words(table.name.name)):
            continue
        if not any("mail" in name for name in names) or len(table.row_key) != 1:
            continue
        score = float(pointed.count(table.name))
        if singular(words(table.name.name)) in PEOPLE:
            score += 20 - PEOPLE.index(singular(words(table.name.name)))
        score += 5 * any("name" in name for name in names) + 3 * any("phone" in n for n in names)
        scored.append((score, str(table.name), table.name))
    return max(scored)[2] if scored else None


def subject_of(live: LiveSchema, answer: str | None) -> TableName | None:
    """Return the table of people: the one of the answer, or the one that looks most like it."""
    said = next((name for name in live.tables if names.written(name) == answer), None)
    return said or guess_subject(live)


def singular(name: str) -> str:
    """Return an English name of one, as far as it is regular.

    >>> singular("messages"), singular("replies"), singular("status")
    ('message', 'reply', 'status')
    """
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) else name
