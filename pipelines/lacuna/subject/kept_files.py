"""Finds people in the files that rows keep in columns of bytes: raw mails, attachments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from lacuna.model.datamap import ObjectFormat
from lacuna.model.identity import TAKES_NO_FILE, Identifier, Person, SubjectRef
from lacuna.model.location import TableName
from lacuna.ports import FileRow, FileSearch, Matcher, Passage, PeopleOfRows
from lacuna.subject.mentions import allowed_here
from lacuna.subject.object_text import texts_in

_HEAD: Final = 8192
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_HEADER: Final = re.compile(
    rb"^(?:from|to|subject|date|message-id|mime-version|received|return-path)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FEWEST_HEADERS: Final = 2
_NOTHING: Final = frozenset[Identifier]()


@dataclass(frozen=True)
class _SeenFile:
    """A file that may name people.

    Attributes:
        values: what the gate would find, by person; of whom only the matcher found something, nothing.
    """

    row: FileRow
    column: str
    values: Mapping[SubjectRef, frozenset[Identifier]] = field(repr=False)
    passages: Sequence[Passage] = field(repr=False)


@dataclass(frozen=True)
class KeptFiles:
    """Looks in files for people of all tenants: for whatever the gate will find, and for disguises of it.

    Attributes:
        matchers: one a tenant, knowing the people of that tenant.
    """

    people: Mapping[SubjectRef, Person] = field(repr=False)
    matchers: Mapping[str, Matcher] = field(repr=False)
    search: FileSearch = field(repr=False)

    def named_in(
        self, table: TableName, rows: Sequence[FileRow], reading: PeopleOfRows
    ) -> Iterator[tuple[FileRow, str, SubjectRef]]:
        """A value may stay in a row of somebody who holds it too, and a company's in a row of anybody."""
        seen = [
            self._seen(row, name)
            for row in rows
            for name in row.files
            if self._are_here(row.org_id)
        ]
        seen = [one for one in seen if one.values]
        keys = list(dict.fromkeys(one.row.key for one in seen))
        owners = reading.owners_of(table, keys) if keys else {}
        staying = reading.people_of(table, keys) if keys else {}
        for one in seen:
            is_of_others = bool(staying.get(one.row.key, frozenset()) - self._erased)
            for ref in one.values:
                person = self.people[ref]
                allowed = allowed_here(person, owners.get(one.row.key, frozenset()))
                if is_of_others:
                    allowed |= {each for each in person.known if each.kind in TAKES_NO_FILE}
                if one.values[ref] - allowed or self._is_matched(one, ref, allowed):
                    yield one.row, one.column, ref

    @cached_property
    def _erased(self) -> frozenset[str]:
        return frozenset(key for person in self.people.values() for key in person.keys)

    def _are_here(self, org_id: str) -> bool:
        return not org_id or org_id in self.matchers

    def _seen(self, row: FileRow, name: str) -> _SeenFile:
        content = row.files[name]
        passages = [
            Passage(text, media_type) for media_type, text in texts_in(content, _format_of(content))
        ]
        values = {
            ref: found
            for ref, found in self.search.in_bytes(content).items()
            if not row.org_id or self.people[ref].org_id == row.org_id
        }
        for ref in self._matched(row.org_id, passages) - values.keys():
            values[ref] = _NOTHING
        return _SeenFile(row, name, values, passages)

    def _matched(self, org_id: str, passages: Sequence[Passage]) -> frozenset[SubjectRef]:
        """Return whom matchers find; in a row of no tenant those of all tenants."""
        return frozenset(
            ref
            for one, matcher in self.matchers.items()
            if not org_id or one == org_id
            for spans in matcher.find_all(passages)
            for span in spans
            for ref in span.subjects
            if ref in self.people
        )

    def _is_matched(self, one: _SeenFile, ref: SubjectRef, allowed: frozenset[Identifier]) -> bool:
        passages = [replace(passage, allowed=allowed) for passage in one.passages]
        return ref in self._matched(self.people[ref].org_id, passages)


def _format_of(content: bytes) -> ObjectFormat:
    r"""Return how a file is read that nobody says the format of: as mail, as text, or not as text.

    >>> str(_format_of(b"From: a@example.org\nTo: b@example.org\n\nHello")), str(_format_of(b"Hello"))
    ('mail', 'text')
    >>> str(_format_of(b"\x89PNG\r\n\x1a\n\0"))
    'binary'
    """
    head = content[:_HEAD]
    if _CONTROLS.search(head) is not None:
        return ObjectFormat.BINARY
    is_mail = len(_HEADER.findall(head)) >= _FEWEST_HEADERS
    return ObjectFormat.MAIL if is_mail else ObjectFormat.TEXT
