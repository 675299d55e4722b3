"""Puts the right value where a wrong one stands, found by the search for known values."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote

from lacuna.model.correction import CellRules, CorrectedCell, Correction, says_alike
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.ports import OwnersReading, Passage, Span, TextChange, TextRow
from lacuna.redaction.documents import DocumentMatcher
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values import KnownValueMatcher

_NOBODY: Final = frozenset[str]()
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_COLON: Final = re.compile(r"\s*:")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_MAILBOX: Final = re.compile(r"\w+(?:[._-]+\w+)*")


class ValueCorrector:
    """Corrects one person's values. What holds nothing wrong, or is right already, stays as it is.

    Values are found as they are given: no typing errors, initials or nicknames. One that is part of
    the value that takes its place is not found within that.
    """

    def __init__(self, corrections: Sequence[Correction], rules: CellRules) -> None:
        """Prepare the search for the old values, and for the new ones beside them."""
        self.rules = rules
        self._corrections = tuple(corrections)
        people = []
        for number, one in enumerate(corrections):
            if one.is_everywhere:
                people.append(_person(f"old {number}", one.old))
                people.append(_person(f"new {number}", Identifier(one.old.kind, one.new)))
        self._matcher = DocumentMatcher(KnownValueMatcher(people, strict=True))

    def whose(
        self, table: TableName, keys: Collection[RowKey], reading: OwnersReading
    ) -> Mapping[RowKey, frozenset[str]]:
        if any(one.holders for one in self._corrections):
            return {
                key: owners | self.rules.keys
                for key, owners in reading.owners_of(table, keys).items()
            }
        return dict.fromkeys(keys, self.rules.keys)

    def correct_rows(
        self, table: TableName, rows: Sequence[TextRow], whose: Mapping[RowKey, frozenset[str]]
    ) -> list[TextChange]:
        columns = frozenset(self.rules.columns(table))
        places = [(row, name) for row in rows for name in row.texts if name in columns]
        cells = [
            self.rules.cell(
                row.texts[name],
                ColumnName(table, name),
                whose.get(row.key, _NOBODY),
                is_document=name in row.documents,
            )
            for row, name in places
        ]
        new: dict[RowKey, dict[str, str]] = defaultdict(dict)
        for (row, name), cell, text in zip(places, cells, self.correct(cells), strict=True):
            if text != cell.text:
                new[row.key][name] = text
        return [TextChange(row.key, row.version, new[row.key]) for row in rows if row.key in new]

    def correct(self, cells: Sequence[CorrectedCell]) -> list[str]:
        passages = [Passage(one.text, is_document=one.is_document) for one in cells]
        found = self._matcher.find_all(passages)
        return [self._corrected(cell, spans) for cell, spans in zip(cells, found, strict=True)]

    def _corrected(self, cell: CorrectedCell, spans: Sequence[Span]) -> str:
        edits: list[tuple[int, int, str]] = []
        for span in spans:
            which = self._which(span, cell)
            if which is None or not self._is_written(which, cell, span):
                continue
            edits.append((span.start, span.end, self._corrections[which].new))
        text = cell.text
        for start, end, new in reversed(edits):
            written = _as_written(text[start:end], new)
            text = text[:start] + _fitting(cell, text, (start, end), written) + text[end:]
        return self._told(cell, text)

    def _which(self, span: Span, cell: CorrectedCell) -> int | None:
        """Return the number of the correction that a span is about; None where it stays."""
        if any(one.startswith("new ") for one in span.subjects):
            return None
        for ref in sorted(span.subjects):
            number = int(ref.removeprefix("old "))
            holders = self._corrections[number].holders
            if not holders or (cell.is_own and not holders & cell.owners):
                return number
        return None

    def _is_written(self, number: int, cell: CorrectedCell, span: Span) -> bool:
        """Whether a span is the value, and not just like it: a correction must not change another.

        An address with other dots may be somebody else's; a name in one word is one of a mailbox, and a
        longer one in somebody else's row is that one's.
        """
        old, said = self._corrections[number].old, cell.text[span.start : span.end]
        if cell.is_document:
            said = str(json.loads(f'"{said}"'))
        match old.kind:
            case IdentifierKind.EMAIL:
                return fold(unquote(html.unescape(said))) == fold(old.value.strip())
            case IdentifierKind.NAME:
                is_name_of_mailbox = _MAILBOX.fullmatch(said) or cell.text[span.end :].startswith(
                    "@"
                )
                is_theirs = cell.is_own or _is_whole(cell, span)
                return is_theirs and (not is_name_of_mailbox or said == old.value)
            case _:
                return True

    def _told(self, cell: CorrectedCell, text: str) -> str:
        """Return a text with values that say nothing by themselves corrected: a town, a given name."""
        for one in self._corrections:
            if one.is_everywhere or not (cell.is_own and cell.is_told):
                continue
            is_copy = says_alike(one.category, cell.category)
            if cell.is_document:
                text = _in_document(text, one, is_copy=is_copy)
            elif is_copy and _is_alike(text, one):
                text = one.new
        return text


def _is_whole(cell: CorrectedCell, span: Span) -> bool:
    """Whether a span is all of a text or of a string in a document, but for an address behind it."""
    before, after = cell.text[: span.start].rstrip(" "), cell.text[span.end :].lstrip(" ")
    end = '"' if cell.is_document else ""
    is_end = after.startswith(('"', "<")) if end else after == "" or after.startswith("<")
    return is_end and (before.endswith('"') if end else before == "")


def _person(ref: str, value: Identifier) -> Person:
    return Person(SubjectRef(ref), "", (), (value,))


def _is_alike(text: str, correction: Correction) -> bool:
    return fold(text.strip()) == fold(correction.old.value.strip())


def _in_document(text: str, correction: Correction, *, is_copy: bool) -> str:
    """Return a document with strings corrected that say the same as a column: by their key.

    Args:
        is_copy: whether all of the document says the same: an array of names.
    """
    written: list[str] = []
    done, key = 0, ""
    for match in _STRING.finditer(text):
        if _COLON.match(text, match.end()):
            key = json.loads(match.group())
            continue
        is_member = text[: match.start()].rstrip().endswith(":")
        says_it = (is_member and key in correction.names) or is_copy
        if says_it and _is_alike(json.loads(match.group()), correction):
            written += [text[done : match.start()], json.dumps(correction.new, ensure_ascii=False)]
            done = match.end()
    return "".join(written) + text[done:]


def _as_written(old: str, new: str) -> str:
    """Return a value in the way in which the one before it was written.

    >>> _as_written("anna%40example.org", "ann@example.org")
    'ann%40example.org'
    """
    return quote(new, safe="") if unquote(old) != old else new


def _fitting(cell: CorrectedCell, text: str, place: tuple[int, int], new: str) -> str:
    """Return a value as it fits into a text, which may be JSON."""
    if not cell.is_document:
        return new
    start, end = place
    if any(first < start and end < last for first, last in _strings(text)):
        return json.dumps(new, ensure_ascii=False)[1:-1]
    return new if _NUMBER.fullmatch(new) else json.dumps(new, ensure_ascii=False)


def _strings(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _STRING.finditer(text))
