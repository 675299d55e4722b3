"""Cuts texts into cells: members of a document, fields of a line, lines of a form, contents of tags."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

_T = TypeVar("_T")
_BETWEEN: Final = re.compile(r"(?:[;,\t|:\"'=<>{}\[\]()&?#\\\r\n]|\s[-–—*•](?=\s)|[ ]{2,})+")
_FAR: Final = 12  # cells
_LABELED: Final = re.compile(r"[:=]")
# One member of a list ends and the next begins. Rows of HTML may be the lines of one form.
_NEXT_MEMBER: Final = re.compile(r"\}[\s\"\\]*,[\s\"\\]*\{|\][\s\"\\]*,[\s\"\\]*\[")
_NEXT_ELEMENT: Final = re.compile(
    r"</(?!(?:t[rdh]|p|div|span|li|d[td]|b|i|strong|em|a|font)>)([\w:.-]{1,64})>\s*<\1\b", re.I
)
# A dash after a line without one: a form may have one on each line.
_NEXT_ITEM: Final = re.compile(
    r"^(?![ \t]*-[ \t])[^\n]*[^\s][^\n]*\n[ \t]*(?=-[ \t])", re.MULTILINE
)
_BRACKET: Final = re.compile(r"[{}\[\]]")
_DEEPEST: Final = 50
_FEWEST_OF_A_ROW: Final = 3


class TextCell(NamedTuple):
    """A piece of a text that separators enclose.

    Attributes:
        start, end: where it stands, without blanks around it.
        number: how many cells come before it.
        label: the text of the cell before it, if a colon or an equals sign is between them.
        is_label: whether such a character follows it.
        record: how many ends of a record come before it.
        line: how many lines come before it.
        bracket: the innermost one around it, by its number in the text; 0 for none.
    """

    start: int
    end: int
    number: int
    label: str | None
    is_label: bool
    record: int
    line: int
    bracket: int


class TextCells:
    """The cells of a text. Making them takes time in line with its length."""

    def __init__(self, text: str) -> None:
        """Cut a text."""
        self._brackets = _Brackets()
        self._cells: Sequence[TextCell] = list(_cut(text, self._brackets))
        # A line with that many values is a row of a table.
        fields = Counter(
            one.line
            for one in self._cells
            if one.label is None and not one.is_label and not _is_tag(text, one)
        )
        self._rows = {line for line, count in fields.items() if count >= _FEWEST_OF_A_ROW}

    def __iter__(self) -> Iterator[TextCell]:
        return iter(self._cells)

    def groups(self, chosen: Iterable[tuple[TextCell, _T]]) -> Iterator[list[tuple[TextCell, _T]]]:
        """Yield each of some cells, in order, behind those before it that may be of the same person."""
        near: list[tuple[TextCell, _T]] = []
        for cell, said in chosen:
            near = [one for one in near if cell.number - one[0].number <= _FAR]
            yield [*(one for one in near if self._are_together(one[0], cell)), (cell, said)]
            near.append((cell, said))

    def _are_together(self, one: TextCell, other: TextCell) -> bool:
        if one.record != other.record or self._brackets.part(one, other):
            return False
        if one.line != other.line and {one.line, other.line} <= self._rows:
            return False
        between = self._cells[one.number + 1 : other.number]
        if one.label is not None and any(cell.label == one.label for cell in (*between, other)):
            return False
        return other.label is None or all(cell.label != other.label for cell in between)


class _Brackets:
    """The brackets of a text, and which of them are members of a list before its last."""

    def __init__(self) -> None:
        self._parents = [0]
        self._open = [0]
        self._ended: list[int] = []
        self._cells_before: list[int] = []

    @property
    def innermost(self) -> int:
        return self._open[-1]

    def see(self, bracket: str, cells: int, *, is_member: bool) -> None:
        """Take the next bracket, behind so many cells; whether the next member of a list follows it."""
        if bracket in "{[":
            self._parents.append(self._open[-1])
            self._open.append(len(self._parents) - 1)
        elif len(self._open) > 1:
            ended = self._open.pop()
            if is_member:
                self._ended.append(ended)
                self._cells_before.append(cells)

    def part(self, one: TextCell, other: TextCell) -> bool:
        """Whether a member of a list that has the first cell ends before the other."""
        ended = self._ended[
            bisect_right(self._cells_before, one.number) : bisect_right(
                self._cells_before, other.number
            )
        ]
        return bool(ended) and not set(ended).isdisjoint(self._around(one.bracket))

    def _around(self, bracket: int) -> Iterator[int]:
        for _ in range(_DEEPEST):
            if not bracket:
                return
            yield bracket
            bracket = self._parents[bracket]


def _cut(text: str, brackets: _Brackets) -> Iterator[TextCell]:
    ends = sorted(
        [
            *(found.end() for found in _NEXT_ITEM.finditer(text)),
            *(found.start() for found in _NEXT_ELEMENT.finditer(text)),
        ]
    )
    members = {found.start() for found in _NEXT_MEMBER.finditer(text)}
    done = number = line = 0
    before = ""
    label = None
    for separator in (*_BETWEEN.finditer(text), None):
        start, end = (len(text), len(text)) if separator is None else separator.span()
        said = text[done:start].strip()
        is_label = _LABELED.search(text, start, end) is not None
        if any(map(str.isalnum, said)):
            first = text.index(said, done)
            record = bisect_right(ends, first)
            yield TextCell(
                first,
                first + len(said),
                number,
                label,
                is_label,
                record,
                line,
                brackets.innermost,
            )
            number += 1
            before, label = said, None
        if is_label and before:
            label = before
        for found in _BRACKET.finditer(text, start, end):
            brackets.see(found.group(), number, is_member=found.start() in members)
        line += text.count("\n", start, end)
        done = end


def _is_tag(text: str, cell: TextCell) -> bool:
    return text[max(0, cell.start - 1) : cell.start] in ("<", "/")
