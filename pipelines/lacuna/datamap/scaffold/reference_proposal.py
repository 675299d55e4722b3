"""Proposes which columns say who recorded a row, and do not make the row that person's own."""

import re
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.scaffold.category_proposal import words
from lacuna.datamap.scaffold.questions import ACCEPT, Question, Questionnaire
from lacuna.datamap.scaffold.structure import Structure
from lacuna.model.schema import LiveSchema, LiveTable, TableKind
from lacuna.model.table import Link

__all__ = ["is_maker", "propose_references"]

_ABOUT: Final = "recorded_by"
_REFERENCES: Final = "references"
_LINKS: Final = "links"
_EFFECT: Final = (
    f"yes: a row is not the person's whom such a column names, and an erasure takes only their key "
    f"out of it; {_LINKS}: the row is theirs, and is erased and handed over with them; one table by "
    f"a line of its own, as schema.table.{_ABOUT}: {_LINKS}"
)
_MAKER: Final = re.compile(
    r"(?:^|_)(?:created|updated|changed|modified|edited|added|uploaded)_by(?:_(?:id|user|user_id))?$"
    r"|^(?:creator|updater|modifier|editor)(?:_id)?$|^lastupdatedby$"
)
_CHANGER: Final = re.compile(
    r"(?:^|_)(?:updated|changed|modified|edited)_by|^updater|^modifier|^last"
)
# Whoever made such a row wrote it.
_WRITTEN: Final = re.compile(r"(?:^|_)(?:messages?|comments?|posts?|repl(?:y|ies)|notes?)$")
_CHANGED: Final = (TableKind.TABLE, TableKind.PARTITIONED)


def is_maker(column: str) -> bool:
    """Whether a column's name says that it holds who made or changed a row.

    >>> is_maker("created_by_id"), is_maker("LastUpdatedBy"), is_maker("customer_id")
    (True, True, False)
    """
    return bool(_MAKER.search(words(column)))


def propose_references(found: Structure, live: LiveSchema, asked: Questionnaire) -> None:
    """Turn links that say who recorded a row into references, unless an answer says otherwise.

    Who opened a conversation or wrote a message stays a link: that is what they said.
    """
    proposed = {
        name: ways
        for name, links in sorted(found.links.items())
        if name in live.tables
        and (ways := [one for one in links if _is_reference(live.tables[name], one, found)])
    }
    general = asked.given(_ABOUT)
    open_tables: list[str] = []
    for name, ways in proposed.items():
        said = asked.given(f"{names.written(name)}.{_ABOUT}") or general
        if said is None:
            open_tables.append(f"{names.written(name)} ({', '.join(one.column for one in ways)})")
        if said in (None, ACCEPT, _REFERENCES):
            found.references[name] = [one.column for one in ways]
            found.links[name] = [one for one in found.links[name] if one not in ways]
    _forget_dead_ends(found)
    if open_tables:
        text = (
            f"{sum(map(len, proposed.values()))} columns of {len(proposed)} tables say who made or "
            "changed a row. Are they references, which do not make the row that person's? "
            + "; ".join(open_tables)
        )
        asked.ask(Question(_ABOUT, text, _REFERENCES, _EFFECT))


def _forget_dead_ends(found: Structure) -> None:
    """Remove links to tables from which no way leads on to the person."""
    before = -1
    while before != (before := sum(map(len, found.links.values()))):
        found.links = {
            name: left
            for name, links in found.links.items()
            if (left := [one for one in links if found.leads(one.table)])
        }


def _is_reference(table: LiveTable, link: Link, found: Structure) -> bool:
    column = table.column(link.column)
    if link.table != found.subject or not link.is_plain or table.name == found.subject:
        return False
    if column is None or table.kind not in _CHANGED or not table.row_key:
        return False
    is_written = table.name in (found.conversation, found.message) or _WRITTEN.search(
        words(table.name.name)
    )
    named = _CHANGER if is_written else _MAKER
    return bool(
        named.search(words(link.column))
        and link.column not in table.row_key
        and (column.is_nullable or found.can_point(table, column))
    )
