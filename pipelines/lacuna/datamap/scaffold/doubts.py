"""Puts what a draft is unsure of into few questions, the one that settles most of it first.

1. Tables that name a person only as who made or changed a row: settings of the platform, as a rule.
2. Tables from which no link leads to a person: what is in them is found by value alone.
3. Columns that are taken for personal data because too little speaks against it.
4. What would stay, of every other table by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lacuna.datamap import types
from lacuna.datamap.scaffold.category_proposal import OPERATIONS, ColumnSample, Guess
from lacuna.datamap.scaffold.questions import ACCEPT, Question, Questionnaire
from lacuna.datamap.scaffold.reference_proposal import is_maker
from lacuna.datamap.scaffold.structure import Structure
from lacuna.documentation import doc_page
from lacuna.model.location import TableName
from lacuna.model.schema import LiveColumn

__all__ = ["GUESSED", "MADE", "UNREACHED", "ColumnDoubts", "GroupedDoubts", "made_only", "shape"]

MADE: Final = "made_by"
UNREACHED: Final = "unreached"
GUESSED: Final = "guessed"
_GROUPS: Final = (MADE, UNREACHED, GUESSED)
_OF_TEXTS: Final = (
    "they stay, the person covered in texts of several words and in what is encoded; elsewhere a "
    "name or address refuses the plan, a bare key does not"
)
_OF_OTHERS: Final = "they stay; a plan is refused if its person is found there, but not by a number"


@dataclass(frozen=True)
class ColumnDoubts:
    """What is not sure of a column.

    Attributes:
        column: as it is written in the map.
        table: as it is written in the map.
        shape: its type, and of which form its values are; no value.
        is_bytes: whether nothing in it can be covered in part.
        is_encoded: whether a program encoded what it holds.
    """

    table: str
    column: str
    shape: str
    guess: Guess
    is_bytes: bool = False
    is_encoded: bool = False


class GroupedDoubts:
    """The doubts about columns, by the question that settles them."""

    def __init__(self, asked: Questionnaire) -> None:
        """Take answers from `asked`, and put the questions there in the end."""
        self._asked = asked
        self._found: dict[str, list[ColumnDoubts]] = {}

    def settle(self, doubt: ColumnDoubts, group: str | None) -> str:
        """Return the answer about a column: its own, its table's or its group's; or the proposal."""
        about = [doubt.column, f"{doubt.table}.*", *([] if group is None else [group])]
        answers = [answer for one in about if (answer := self._asked.given(one)) is not None]
        if not answers:
            self._found.setdefault(about[-1], []).append(doubt)
        return doubt.guess.category if not answers or answers[0] == ACCEPT else answers[0]

    def ask(self) -> None:
        """Put one question for each group."""
        for about in _GROUPS:
            self._asked.given(about)
        for about in sorted(self._found, key=lambda one: (_place(one), one)):
            doubts = self._found[about]
            proposal = ", ".join(dict.fromkeys(one.guess.category for one in doubts))
            text, items = _text(about, doubts)
            self._asked.ask(Question(about, text, proposal, _effect(about, doubts), items))


def made_only(found: Structure) -> frozenset[TableName]:
    """Return the tables that lead to a person only by who made or changed a row."""
    made: set[TableName] = set()
    while new := {
        name
        for name, links in found.links.items()
        if name not in made
        and name != found.subject
        and all(
            link.table in made or (link.table == found.subject and is_maker(link.column))
            for link in links
        )
    }:
        made |= new
    return frozenset(made)


def shape(column: LiveColumn, sample: ColumnSample) -> str:
    """Return a column's type and the form of its values.

    >>> shape(LiveColumn("note", "text"), ColumnSample(("a b", "c")))
    'text, 2 values of several words'
    """
    values = set(sample.values)
    if not values:
        return f"{column.type}, empty"
    if types.is_bytes(column):
        return f"{column.type}, {len(values)} values"
    form = "several words" if any(" " in value.strip() for value in values) else "one word"
    form = "characters without words" if sample.are_encoded else form
    return f"{column.type}, {len(values)} values of {form}"


def _text(about: str, doubts: Sequence[ColumnDoubts]) -> tuple[str, tuple[str, ...]]:
    """Return a question, and what it is about."""
    tables = _by_table(doubts)
    if about == MADE:
        return (
            f"{len(tables)} tables name a person only as who made or changed a row. May "
            f"{len(doubts)} of their columns be searched for people?"
        ), tuple(_names(tables))
    if about == UNREACHED:
        return (
            f"No link leads from {len(tables)} tables to a person. May {len(doubts)} columns stay?"
        ), tuple(_names(tables))
    if about == GUESSED:
        return (
            f"Are {len(doubts)} columns, of which little is known, personal data? An erasure removes "
            "it, or covers it in texts."
        ), tuple(_alike(doubts, in_one_table=False))
    return "What do these columns contain?", tuple(_alike(doubts))


def _place(about: str) -> int:
    return _GROUPS.index(about) if about in _GROUPS else len(_GROUPS)


def _effect(about: str, doubts: Sequence[ColumnDoubts]) -> str:
    stay = _OF_OTHERS if all(one.is_bytes for one in doubts) else _OF_TEXTS
    line = "a column" if about not in _GROUPS else "schema.table.* or a column"
    page = doc_page("datamap", "Categories")
    others = f"another category ({page}): treated by it; alone: a line with {line}"
    if {one.guess.category for one in doubts} == {OPERATIONS}:
        return f"yes: {stay}; {others}"
    return f"yes: as proposed; {OPERATIONS}: {stay}; {others}"


def _alike(doubts: Sequence[ColumnDoubts], *, in_one_table: bool = True) -> Iterator[str]:
    """Yield columns with what they were taken for and why, those of one ground together."""
    for taken in dict.fromkeys(one.guess for one in doubts):
        columns = ", ".join(
            f"{one.column.rsplit('.', 1)[-1] if in_one_table else one.column} ({one.shape})"
            for one in doubts
            if one.guess == taken
        )
        yield f"{columns}: {taken.why}, so {taken.category}"


def _by_table(doubts: Sequence[ColumnDoubts]) -> Mapping[str, list[ColumnDoubts]]:
    tables: dict[str, list[ColumnDoubts]] = {}
    for one in doubts:
        tables.setdefault(one.table, []).append(one)
    return tables


def _names(tables: Mapping[str, list[ColumnDoubts]]) -> Iterator[str]:
    for table, columns in tables.items():
        yield f"{table} ({', '.join(map(_short, columns))})"


def _short(one: ColumnDoubts) -> str:
    encoded = ": encoded" if one.is_bytes or one.is_encoded else ""
    return f"{one.column.rsplit('.', 1)[-1]}{encoded}"
