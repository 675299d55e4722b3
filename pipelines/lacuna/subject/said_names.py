"""What people are called by their texts alone: a signature, where no column has a name."""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import RowKey, TableName
from lacuna.model.table import Table
from lacuna.ports import Passage, PlatformReading, Redacted, Redactor
from lacuna.subject.inventory_scope import Own

_PERSON: Final = "PERSON"
_FULL_NAME: Final = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,4}")
_FEWEST_LETTERS: Final = 6
_MOST_ROWS: Final = 500
"""Rows of a table in which names are looked for: whoever writes so much signs more than once."""
_MOST_NAMES: Final = 50
"""Names of one person, the most frequent: whoever writes may write any number."""


def with_said_names(
    people: Mapping[SubjectRef, Person],
    own: Own,
    datamap: DataMap,
    reading: PlatformReading,
    redactor: Redactor,
) -> Mapping[SubjectRef, Person]:
    """Return people, those whom no column names with the full names that their texts say.

    Names that somebody else has, an agent or another person, are not theirs.

    Args:
        redactor: knows nobody: what it detects are the names.

    Raises:
        RedactionFailed: a text could not be read.
    """
    nameless: dict[str, list[SubjectRef]] = defaultdict(list)
    for ref, person in people.items():
        if not person.is_named:
            nameless[person.org_id].append(ref)
    said: dict[SubjectRef, list[Identifier]] = {}
    for org_id, refs in nameless.items():
        kept = reading.other_names(org_id)
        found: dict[SubjectRef, Counter[str]] = {ref: Counter() for ref in refs}
        for name, owners in _owners(refs, own).items():
            for passages in _passages(datamap.tables[name], owners, reading, kept):
                treated = redactor.redact([passage for _, passage in passages])
                for (key, passage), result in zip(passages, treated, strict=True):
                    for ref in owners[key]:
                        found[ref].update(_full_names(passage.text, result))
        frequent = {
            ref: {name for name, _ in counts.most_common(_MOST_NAMES)}
            for ref, counts in found.items()
        }
        said |= _without_those_of_others(frequent, org_id, reading)
    return {
        ref: replace(one, said_names=tuple(dict.fromkeys((*one.said_names, *said.get(ref, ())))))
        for ref, one in people.items()
    }


def _owners(
    refs: Iterable[SubjectRef], own: Own
) -> Mapping[TableName, Mapping[RowKey, list[SubjectRef]]]:
    owners: dict[TableName, dict[RowKey, list[SubjectRef]]] = defaultdict(dict)
    for ref in refs:
        for table, keys in own.get(ref, {}).items():
            for key in sorted(keys)[:_MOST_ROWS]:
                owners[table].setdefault(key, []).append(ref)
    return owners


def _passages(
    table: Table,
    owners: Mapping[RowKey, Sequence[SubjectRef]],
    reading: PlatformReading,
    kept_names: tuple[str, ...],
) -> Iterator[list[tuple[RowKey, Passage]]]:
    """Yield the free texts of some people's rows, in batches."""
    types = {column.name: column.media_type for column in table.columns if column.is_text}
    for rows in reading.texts_of(table.name, [*types], owners) if types else ():
        yield [
            (
                row.key,
                Passage(
                    text,
                    types[name],
                    row.language,
                    kept_names=kept_names,
                    is_document=name in row.documents,
                ),
            )
            for row in rows
            for name, text in row.texts.items()
        ]


def _full_names(text: str, treated: Redacted) -> Iterator[str]:
    for span in treated.spans:
        written = " ".join(html.unescape(text[span.start : span.end]).split())
        if (
            span.label == _PERSON
            and _FULL_NAME.fullmatch(written)
            and sum(map(str.isalpha, written)) >= _FEWEST_LETTERS
        ):
            yield written


def _without_those_of_others(
    said: Mapping[SubjectRef, set[str]], org_id: str, reading: PlatformReading
) -> Mapping[SubjectRef, list[Identifier]]:
    names = sorted(set().union(*said.values()))
    parts = {name: (name.split()[0], name.split()[-1]) for name in names}
    asked = {*names, *(part for pair in parts.values() for part in pair)}
    holders = reading.holders(
        org_id, [Identifier(IdentifierKind.NAME, one) for one in sorted(asked)]
    )
    by_text = {one.value: keys for one, keys in holders.items()}
    others = {
        name
        for name, pair in parts.items()
        if by_text[name] or reduce(lambda one, two: one & two, (by_text[part] for part in pair))
    }
    return {
        ref: [Identifier(IdentifierKind.NAME, one) for one in sorted(found - others)]
        for ref, found in said.items()
    }
