"""The gate over corrections: the wrong value stands nowhere but in what people wrote (Art. 16).

The residual search finds it, as if somebody known by it had been erased. This module decides which of its
matches stay: what people wrote or sent, rows of somebody else who holds the value too, and the right
value where the wrong one is part of it. What says nothing by itself (a town, a given name) is looked
for in the person's own rows, in columns that say the same.
"""

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import quote

from lacuna.model.correction import Correction, is_told, is_written, may_copy, says_alike
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat
from lacuna.model.finding import Finding, Gate
from lacuna.model.identity import IdentifierKind, Person, SubjectRef
from lacuna.model.location import TableName
from lacuna.ports import Verifying
from lacuna.verify.file_texts import parquet_columns
from lacuna.verify.folding import fold, words_of
from lacuna.verify.search import KnownValues

_MAILBOX: Final = re.compile(r"[\w.+-]+@[\w.-]+|\w+(?:[._-]+\w+)+")
_SENT: Final = (ObjectFormat.MAIL, ObjectFormat.TEXT, ObjectFormat.BINARY, ObjectFormat.DETECT)


@dataclass(frozen=True)
class CorrectedValue:
    """A value that a request corrected.

    Attributes:
        number: of the request's corrections.
        person: whose it was.
    """

    number: int
    person: Person
    correction: Correction

    @property
    def ref(self) -> SubjectRef:
        """Under which name it is searched for."""
        return SubjectRef(f"{self.person.ref}/{self.number}")

    @property
    def sought(self) -> Person:
        """Somebody who is known by it alone; by nothing, where it means many (see `find_left`)."""
        one = self.correction
        if not one.is_everywhere:
            return Person(self.ref, self.person.org_id, (), ())
        shared = {one.old: one.holders} if one.holders else {}
        return Person(self.ref, self.person.org_id, (), (one.old,), shared=shared)

    def may_stay(self, owners: frozenset[str]) -> bool:
        """Whether it stays in a row of these people: it may be that of another who holds it too."""
        holders = self.correction.holders
        return bool(holders) and (bool(holders & owners) or not owners & {*self.person.keys})

    def is_of_another(self, text: str, owners: frozenset[str]) -> bool:
        """Whether a text in a row of these people holds longer names alone: another's, not this one."""
        if self.correction.old.kind is not IdentifierKind.NAME or owners & {*self.person.keys}:
            return False
        wanted = sorted(words_of(fold(self.correction.old.value)).split())
        names = (one.partition("<")[0] for one in _strings_of(text))
        return all(sorted(words_of(fold(name)).split()) != wanted for name in names)

    def stands_in(self, text: str) -> bool:
        """Whether a text in which it was found holds more of it than the right value does."""
        left = text
        for pattern in self._spared:
            left = pattern.sub("\n", left)
        if self.correction.old.kind is IdentifierKind.NAME:
            left = _MAILBOX.sub(self._without_mailbox, left)
        return left == text or bool(self._known_values.find(left))

    def is_left(self, text: str, owners: frozenset[str]) -> bool:
        """Whether a text in which it was found, in a row of these people, is a copy."""
        is_anothers = self.may_stay(owners) or self.is_of_another(text, owners)
        return not is_anothers and self.stands_in(text)

    def _without_mailbox(self, match: re.Match[str]) -> str:
        """Return nothing of an address, or of a name in one word: of a mailbox, corrected by itself."""
        old, said = self.correction.old.value, match.group()
        if said.casefold() == old.casefold():
            return said
        is_mailbox = "@" in said or {*words_of(fold(old)).split()} <= {
            *words_of(fold(said)).split()
        }
        return "\n" if is_mailbox else said

    @cached_property
    def _known_values(self) -> KnownValues:
        return KnownValues([(self.ref, [self.correction.old])])

    @cached_property
    def _spared(self) -> Sequence[re.Pattern[str]]:
        """What is another value, and holds this one."""
        old, new = self.correction.old, self.correction.new
        spared: list[re.Pattern[str]] = []
        if self._known_values.find(new):
            forms = {new, json.dumps(new)[1:-1], quote(new, safe=""), html.escape(new)}
            spared += [re.compile(re.escape(form), re.IGNORECASE) for form in sorted(forms)]
        if old.kind is IdentifierKind.EMAIL:
            local, _, domain = old.value.partition("@")
            tagged = rf"{re.escape(local)}\+[^@\s\"<>]+@{re.escape(domain)}"
            spared.append(re.compile(tagged, re.IGNORECASE))
        return spared


def _strings_of(text: str) -> Iterator[str]:
    """Yield a text, or the strings of one that is a JSON document."""
    try:
        waiting = [json.loads(text)] if text.startswith(("{", "[")) else [text]
    except ValueError:
        waiting = [text]
    while waiting:
        match waiting.pop():
            case str() as one:
                yield one
            case dict() as inner:
                waiting += [*inner.keys(), *inner.values()]
            case list() as inner:
                waiting += inner
            case _:
                continue


@dataclass(frozen=True)
class CopyRules:
    """Which matches of the residual search are copies that were left, and which keep what was written.

    Attributes:
        written: ref → place → which rows or files of what people wrote hold a wrong value.
    """

    datamap: DataMap
    values: Mapping[SubjectRef, CorrectedValue]
    written: dict[SubjectRef, dict[str, set[object]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def is_written(self, table: TableName, name: str) -> bool:
        """Whether a column holds what people wrote, or names a file that they sent."""
        if table not in self.datamap.tables:
            return False
        column = self.datamap.tables[table].column(name)
        return is_written(column) or column.object_store is not None

    def may_copy(self, table: TableName, name: str) -> bool:
        """Whether a column of the person's own rows is corrected."""
        mapped = self.datamap.tables[table]
        return may_copy(mapped.column(name), mapped)

    def keep(self, ref: SubjectRef, place: str, which: object) -> None:
        """Note a row or file of what people wrote."""
        self.written[ref][place].add(which)

    def is_sent(self, pattern: FilePattern | None, *, is_name: bool) -> bool:
        """Whether a file of a store is what people wrote or sent; the name of any file stays."""
        return is_name or pattern is None or pattern.format in _SENT

    def left_in_export(
        self, content: bytes, pattern: FilePattern | None, ref: SubjectRef
    ) -> tuple[bool, bool]:
        """Return whether a Parquet file holds a copy, and whether what people wrote in it holds one.

        What the search found in it and no row says stands in its metadata: that is one left, too.

        Raises:
            UnsearchableError: it cannot be read.
        """
        value = self.values[ref]
        table = self.datamap.tables.get(pattern.table) if pattern and pattern.table else None
        columns = {} if table is None else {one.name: one for one in table.columns}
        subject = self.datamap.subject.table
        links: set[str] = set()
        if table is not None:
            links = {link.column for link in table.links_to(subject) if link.is_plain}
            links |= set(table.key) if table.name == subject else set()
        is_left = is_said = is_seen = False
        known_values = KnownValues([(ref, [value.correction.old])])
        for name, cells in parquet_columns(content, links):
            for number in known_values.find_all([text for _, text in cells]):
                is_seen = True
                owners, text = cells[number]
                if name in columns and (
                    is_written(columns[name]) or columns[name].object_store is not None
                ):
                    is_said = True
                elif value.is_left(text, owners):
                    is_left = True
        return is_left or not is_seen, is_said


def find_left(
    values: Collection[CorrectedValue], verifying: Verifying, datamap: DataMap
) -> Counter[str]:
    """Return by column in how many of the person's own rows a value stands that says nothing by itself."""
    found: Counter[str] = Counter()
    for one in values:
        if one.correction.is_everywhere:
            continue
        for table in datamap.tables.values():
            columns = {
                column.name: column.category
                for column in table.columns
                if may_copy(column, table) and is_told(column, table, datamap)
            }
            if not columns:
                continue
            rows = verifying.rows_of_people(
                table.name, one.person.keys, one.person.org_id, [*columns]
            )
            for _, _, contents in rows:
                for name, category in columns.items():
                    if _says(contents[name], one.correction, category):
                        found[f"{table.name}.{name}"] += 1
    return found


def _says(content: object, correction: Correction, category: str) -> bool:
    """Whether a value says what was corrected, in a column or member that says the same."""
    match content:
        case str():
            is_it = content.strip().casefold() == correction.old.value.strip().casefold()
            return is_it and says_alike(category, correction.category)
        case dict():
            return any(
                _says(
                    inner, correction, correction.category if key in correction.names else category
                )
                for key, inner in content.items()
            )
        case list():
            return any(_says(inner, correction, category) for inner in content)
        case _:
            return False


def findings_of(left: Mapping[str, int], pending: int, blind: Sequence[str]) -> tuple[Finding, ...]:
    """Return the findings of the gate about one request.

    Args:
        left: by place, rows or files that hold a copy.
        pending: exports that were not rewritten yet.
        blind: places in which a canary was not seen.
    """
    found = [Finding(Gate.COPIES, place, count) for place, count in sorted(left.items())]
    if pending:
        found.append(Finding(Gate.COPIES, "lacuna.file_effect", pending))
    return (*found, *(Finding(Gate.CANARY, place, 1) for place in blind))
