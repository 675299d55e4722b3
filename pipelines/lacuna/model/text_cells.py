"""Cuts texts into cells: members of a document, fields of a line, lines of a form, contents of tags."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

_T = TypeVar("_T")
_QUOTES: Final = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2039\u203a\u00ab\u00bb\u300c-\u300f\u3010\u3011"
_DASHES: Final = "*\u2022\u2192~\u00b7\u2010-\u2015\u2212-"
_BETWEEN: Final = re.compile(
    rf"(?:[;,\t|:{_QUOTES}=<>{{}}\[\]()&?#\\\r\n\u2502\u060c\u061b\u3001\uff5c\uff08\uff09\uff0c\uff1a\uff1b\uff1d]"
    rf"|\s[{_DASHES}](?=\s)|\.{{3,}}+|[^\S\r\n]{{2,}}+)+"
)
_LABELED: Final = re.compile(r"[:=\uff1a\uff1d\u2192]")
_FAR: Final = 12  # cells
# One member of a list ends and the next begins. Rows of HTML may be the lines of one form.
_NEXT_MEMBER: Final = re.compile(
    r"\}[\s\"'\\]*,[\s\"'\\]*\{|\][\s\"'\\]*,[\s\"'\\]*\[|\)[\s\"'\\]*,[\s\"'\\]*\("
)
_NEXT_ELEMENT: Final = re.compile(
    r"</(?!(?:t[rdh]|p|div|span|li|d[td]|b|i|strong|em|a|font)>)([\w:.-]{1,64})>\s*<\1\b", re.I
)
_NEXT_RECORD: Final = re.compile(r"^(?:BEGIN:|---[ \t]*\r?$|-\[ RECORD )", re.MULTILINE | re.I)
_DASHED: Final = re.compile(r"[ \t]*-[ \t]")
_BRACKET: Final = re.compile(r"[{}\[\]()]")
_OPENING: Final = frozenset("{[(")
_DEEPEST: Final = 50
_FEWEST_OF_A_ROW: Final = 3
# What is said beside such a label is named elsewhere: two of them may be of one person.
_OF_ANYTHING: Final = frozenset(
    [
        "a",
        "answer",
        "content",
        "current",
        "customer",
        "data",
        "me",
        "new",
        "newvalue",
        "string",
        "text",
        "to",
        "tostring",
        "user",
        "val",
        "value",
        "visitor",
        "you",
    ]
)


class TextCell(NamedTuple):
    """A piece of a text that separators enclose.

    Attributes:
        start, end: where it stands, without blanks around it.
        number: how many cells come before it.
        label: the text of the cell before it, if a colon or an equals sign is between them.
        is_label: whether such a character follows it.
        is_open: whether its value may end before it: another label, or whatever, may follow a blank.
        is_tag: whether it is what a tag begins with.
        record: how many ends of a record come before it.
        line: how many lines come before it.
        bracket: the innermost one around it, by its number in the text; 0 for none.
    """

    start: int
    end: int
    number: int
    label: str | None
    is_label: bool
    is_open: bool
    is_tag: bool
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
            if one.label is None and not (one.is_label or one.is_tag)
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
        if one.record != other.record:
            return False
        if one.line != other.line and {one.line, other.line} <= self._rows:
            return False
        if one.label == other.label and (one.label or "").casefold() in _OF_ANYTHING:
            return True
        if self._brackets.part(one, other):
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
        if bracket in _OPENING:
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
            *_items(text),
            *(found.start() for found in _NEXT_RECORD.finditer(text)),
            *(found.start() for found in _NEXT_ELEMENT.finditer(text)),
        ]
    )
    members = {found.start() for found in _NEXT_MEMBER.finditer(text)}
    done = number = line = 0
    before = ""
    label = None
    is_assigned = False
    for separator in (*_BETWEEN.finditer(text), None):
        start, end = (len(text), len(text)) if separator is None else separator.span()
        said = text[done:start].strip()
        is_label = _LABELED.search(text, start, end) is not None
        if any(map(str.isalnum, said)):
            first = text.index(said, done)
            yield TextCell(
                first,
                first + len(said),
                number,
                label,
                is_label,
                label is not None and (is_label or is_assigned),
                text[max(0, first - 1) : first] in ("<", "/"),
                bisect_right(ends, first),
                line,
                brackets.innermost,
            )
            number += 1
            before, label = said, None
        if is_label and before:
            label = before
        is_assigned = text[start:end] == "="
        for found in _BRACKET.finditer(text, start, end):
            brackets.see(found.group(), number, is_member=found.start() in members)
        line += text.count("\n", start, end)
        done = end


def _items(text: str) -> Iterator[int]:
    """Yield where lines with a dash begin, after lines that neither have one nor end in a colon.

    A form may have a dash on each line.
    """
    place = 0
    is_after = False
    for line in text.splitlines(keepends=True):
        is_dashed = _DASHED.match(line) is not None
        if is_dashed and is_after:
            yield place
        if line.strip():
            is_after = not (is_dashed or line.rstrip().endswith(":"))
        place += len(line)
