"""Prepares the new texts of rows before the transaction that writes them: detection is slow."""

import html
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lacuna.apply.work import Work
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, SubjectRef
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.plan import lacks_profile
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.ports import Passage, PlatformReading, Redacted, Redactor, TextChange, TextRow
from lacuna.redaction import Obfuscator, is_encoded_file

_SHORTEST_COPY: Final = 4
"""Letters and digits of what is looked for in another copy of a text."""
WITHOUT_LOOKING: Final = frozenset(
    {Treatment.SUPPRESS, Treatment.EMPTY, Treatment.REPLACE, Treatment.SURROGATE}
)
"""What a column becomes whatever it holds."""


@dataclass(frozen=True)
class UnchangedTexts:
    """Own texts of a column that is redacted in which nothing was recognized: they stay.

    Attributes:
        read: how many own texts the column has.
    """

    column: ColumnName
    unchanged: int
    read: int


@dataclass(frozen=True)
class PreparedTexts:
    """New texts by table, and the columns that may change.

    Attributes:
        versions: of every own row whose text was read, changed or not.
        unchanged: by column, where at least one own text stays.
    """

    changes: Mapping[TableName, Sequence[TextChange]]
    columns: Mapping[TableName, tuple[str, ...]]
    versions: Mapping[TableName, Mapping[RowKey, str]] = field(repr=False)
    unchanged: Sequence[UnchangedTexts] = ()


def prepare_texts(
    works: Sequence[Work],
    datamap: DataMap,
    reading: PlatformReading,
    redactors: Mapping[str, Redactor],
) -> PreparedTexts:
    """Treat every own text and every mention of the batch, each row once.

    An own text is redacted in full: known values first, then whatever is detected; or all of
    it is obfuscated, where the map says so and it is HTML, where it is a file in base64, or where
    nothing tells what the person is called: nothing but rows without a profile is there again of
    somebody erased, or somebody without a row has no name in theirs. A row of
    somebody else has the known values covered, except those that its owner holds too.

    Args:
        redactors: one a tenant, knowing the people of this batch.

    Raises:
        RedactionFailed: a text could not be analyzed; nothing was written.
    """
    changes: dict[TableName, list[TextChange]] = {}
    columns: dict[TableName, tuple[str, ...]] = {}
    versions: dict[TableName, dict[RowKey, str]] = {}
    unchanged: list[UnchangedTexts] = []
    kept_names = {org_id: reading.other_names(org_id) for org_id in redactors}
    own, mentioned = rows_by_table(works, datamap)
    unknown = frozenset(
        work.person.ref
        for work in works
        if lacks_profile(work.request, work.plan.steps, datamap.subject.table)
        or work.person.is_nameless
    )
    for table in datamap.tables.values():
        owners = own.get(table.name, {}) if table.rows is RowErasure.ANONYMIZE else {}
        # Of a row that stays as it is, only mentions are covered, its own person's too.
        ours = own.get(table.name, {})
        mentions = mentioned.get(table.name, {})
        wanted = tuple(
            column.name
            for column in table.columns
            if (owners and column.is_rewritten) or (mentions and column.mention is Mention.REDACT)
        )
        keys = owners.keys() | mentions.keys()
        if not wanted or not keys:
            continue
        columns[table.name] = wanted
        changes[table.name] = []
        versions[table.name] = {}
        read: Counter[str] = Counter()
        allowed = _allowed(works, table.name, (ours, mentions), reading)
        for batch in reading.texts_of(table.name, wanted, keys):
            of_owners = [row for row in batch if row.key in owners]
            versions[table.name].update({row.key: row.version for row in of_owners})
            read.update(name for row in of_owners for name, text in row.texts.items() if text)
            passages = {
                org_id: _Passages(table, owners, ours, allowed, kept_names[org_id], unknown)
                for org_id in redactors
            }
            for org_id in {row.org_id for row in batch} - {""}:
                rows = [row for row in batch if row.org_id == org_id]
                changes[table.name] += passages[org_id].treat(rows, redactors[org_id])
            rows = [row for row in batch if not row.org_id]
            changes[table.name] += _treat_for_all(rows, passages, redactors)
        changed = Counter(
            name for one in changes[table.name] if one.key in owners for name in one.texts
        )
        unchanged += _unchanged(table, read - changed, read)
    return PreparedTexts(changes, columns, versions, tuple(unchanged))


def _unchanged(
    table: Table, unchanged: Mapping[str, int], read: Mapping[str, int]
) -> Iterator[UnchangedTexts]:
    for name, count in sorted(unchanged.items()):
        if table.column(name).erasure.treatment is Treatment.REDACT:
            yield UnchangedTexts(ColumnName(table.name, name), count, read[name])


def _treat_for_all(
    rows: Sequence[TextRow],
    passages: Mapping[str, "_Passages"],
    redactors: Mapping[str, Redactor],
) -> list[TextChange]:
    """Treat rows that belong to no tenant, for the people of one tenant after the other."""
    new: dict[RowKey, TextChange] = {}
    for org_id, redactor in redactors.items() if rows else ():
        changes = {one.key: one for one in passages[org_id].treat(rows, redactor)}
        rows = [
            replace(row, texts=_with(row.texts, changes[row.key].texts))
            if row.key in changes
            else row
            for row in rows
        ]
        for key, change in changes.items():
            known = new[key].texts if key in new else {}
            new[key] = replace(change, texts={**known, **change.texts})
    return list(new.values())


def _with(texts: Mapping[str, str], new: Mapping[str, str | None]) -> dict[str, str]:
    """Return texts with new ones in their places; what became NULL is none any more."""
    return {name: text for name, text in {**texts, **new}.items() if text is not None}


_Owners = Mapping[RowKey, frozenset[SubjectRef]]


@dataclass(frozen=True)
class _Passages:
    """How the rows of one table and one tenant are handed to the redactor."""

    table: Table
    owners: _Owners
    ours: _Owners
    allowed: Mapping[RowKey, frozenset[Identifier]]
    kept_names: tuple[str, ...]
    unknown: frozenset[SubjectRef]

    def treat(self, rows: Sequence[TextRow], redactor: Redactor) -> list[TextChange]:
        """Return a change for each row in which a text became another."""
        redacted, obfuscated, covered = (
            self._places(rows, treatment)
            for treatment in (Treatment.REDACT, Treatment.OBFUSCATE, None)
        )
        results = (
            *_redact(redactor, [row.key for row, _ in redacted], self._passages(redacted)),
            *Obfuscator().redact(self._passages(obfuscated)),
            *redactor.cover(self._passages(covered)),
        )
        new: dict[RowKey, dict[str, str | None]] = defaultdict(dict)
        for (row, name), result in zip((*redacted, *obfuscated, *covered), results, strict=True):
            if result.text != row.texts[name]:
                is_others = row.key not in self.owners
                new[row.key][name] = self._left(row, name, result) if is_others else result.text
        return [TextChange(row.key, row.version, new[row.key]) for row in rows if row.key in new]

    def _places(
        self, rows: Sequence[TextRow], treatment: Treatment | None
    ) -> list[tuple[TextRow, str]]:
        """Return the texts that are treated so; None for mentions in what is not rewritten."""
        return [
            (row, name)
            for row in rows
            for name in row.texts
            if treatment is self._treatment(row, self.table.column(name))
            and not self._is_replaced(row, self.table.column(name))
        ]

    def _left(self, row: TextRow, name: str, result: Redacted) -> str | None:
        """Return the covered text of somebody else; in place of a mention alone, what an erasure leaves.

        A label is no address: the platform would send mail to it. In a free text people read it.
        """
        column = self.table.column(name)
        erasure = column.erasure
        covered = sum(span.end - span.start for span in result.spans)
        is_written = column.is_text or column.category.startswith("user.content")
        is_value = not (is_written or name in row.documents)
        is_alone = is_value and covered == len(row.texts[name].strip())
        if is_alone and erasure.treatment is Treatment.SUPPRESS:
            return None
        is_replaced = is_alone and erasure.treatment is Treatment.REPLACE
        return erasure.argument if is_replaced else result.text

    def _is_replaced(self, row: TextRow, column: Column) -> bool:
        """Whether nothing of a text will be left: to cover it first could break a constraint."""
        return row.key in self.owners and column.erasure.treatment in WITHOUT_LOOKING

    def _treatment(self, row: TextRow, column: Column) -> Treatment | None:
        if row.key not in self.owners or not column.is_rewritten:
            return None
        treatment = column.erasure.treatment
        is_known = self.unknown.isdisjoint(self.owners[row.key])
        if treatment is Treatment.REDACT and (
            not is_known or is_encoded_file(row.texts[column.name])
        ):
            return Treatment.OBFUSCATE  # nobody can tell whom a picture shows
        return treatment

    def _passages(self, places: Sequence[tuple[TextRow, str]]) -> list[Passage]:
        return [
            Passage(
                row.texts[name],
                self.table.column(name).media_type,
                row.language,
                own=self.ours.get(row.key, frozenset()),
                kept_names=self.kept_names,
                allowed=self.allowed.get(row.key, frozenset()),
                is_document=name in row.documents,
            )
            for row, name in places
        ]


def _redact(
    redactor: Redactor, keys: Sequence[RowKey], passages: Sequence[Passage]
) -> list[Redacted]:
    """Redact texts, and cover in the other texts of a row what was found in one of them.

    A message is often stored twice, as text and as HTML; the same name beside other words may
    be seen in one and overlooked in the other.
    """
    results = redactor.redact(passages)
    copies: dict[RowKey, list[int]] = defaultdict(list)
    for number, key in enumerate(keys):
        copies[key].append(number)
    again: dict[int, Passage] = {}
    for numbers in copies.values():
        for number in numbers:
            others = (one for one in numbers if one != number)
            said = {found for one in others for found in _found(passages[one], results[one])}
            if said and (also := tuple(_held(said, results[number].text))):
                again[number] = replace(passages[number], also=also)
    for number, result in zip(again, redactor.redact([*again.values()]), strict=True):
        results[number] = result
    return results


def _found(passage: Passage, result: Redacted) -> Iterator[tuple[str, str]]:
    """Yield what detectors found in a text, each with its label."""
    for span in result.spans:
        said = passage.text[span.start : span.end]
        if not span.subjects and sum(map(str.isalnum, said)) >= _SHORTEST_COPY:
            yield said, span.label


def _held(said: Collection[tuple[str, str]], text: str) -> Iterator[tuple[str, str]]:
    """Yield those of which every word is in a text still."""
    left = html.unescape(text)
    for one, label in sorted(said):
        if all(word in left for word in one.split()):
            yield one, label


def rows_by_table(
    works: Sequence[Work], datamap: DataMap
) -> tuple[Mapping[TableName, _Owners], Mapping[TableName, _Owners]]:
    """Return by table the people's own rows, and those that mention them: whose and whom."""
    own: dict[TableName, dict[RowKey, frozenset[SubjectRef]]] = defaultdict(dict)
    mentioned: dict[TableName, dict[RowKey, frozenset[SubjectRef]]] = defaultdict(dict)
    for work in works:
        ref = frozenset({work.person.ref})
        for found in work.inventory.rows:
            rows = own[found.table]
            for key in found.keys:
                rows[key] = rows.get(key, frozenset()) | ref
        for mention in work.inventory.mentions:
            if mention.column.name in datamap.tables[mention.column.table].references:
                continue  # the text of a row that refers to somebody need not name them
            rows = mentioned[mention.column.table]
            for key in mention.keys:
                rows[key] = rows.get(key, frozenset()) | ref
    return own, mentioned


def _allowed(
    works: Sequence[Work],
    table: TableName,
    rows: tuple[_Owners, _Owners],
    reading: PlatformReading,
) -> Mapping[RowKey, frozenset[Identifier]]:
    """Return the shared identifiers that stay in each row, because its owner holds them.

    An owner whose own row is treated in this batch holds nothing any more.

    Args:
        rows: of this table, those that are somebody's own and those that mention somebody.
    """
    ours, mentions = rows
    keys = {work.person.ref: frozenset(work.person.keys) for work in works}
    shared = [work.person.shared for work in works if work.person.shared]
    if not shared or not mentions:
        return {}
    # All people of the batch are searched for in a row, not only those that it mentions.
    owners = {
        key: found.difference(*(keys[ref] for ref in ours.get(key, ())))
        for key, found in reading.owners_of(table, [*mentions]).items()
    }
    return {
        key: frozenset(
            identifier
            for held in shared
            for identifier, holders in held.items()
            if holders & owners[key]
        )
        for key in mentions
    }
