"""Searches the files of a folder, names and contents, many at a time."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lacuna.model.datamap import FilePattern, ObjectFormat
from lacuna.model.identity import Identifier, Person, SubjectRef
from lacuna.model.treatment import Mention
from lacuna.verify.decodings import batches
from lacuna.verify.file_texts import NOT_SEARCHABLE, FileReading
from lacuna.verify.number_search import KnownValue
from lacuna.verify.places import Place, WalkedEntry
from lacuna.verify.search import KnownValues

_LARGEST_FILE: Final = 256 * 1024 * 1024
_NOT_FOLLOWED: Final = "links and devices not followed"
_OF_ANY_KIND: Final = (ObjectFormat.BINARY, ObjectFormat.DETECT)
_UNFINISHED: Final = "uploads never finished"
# Of a file's name; two letters may end an address.
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{3,8}$")


@dataclass(frozen=True)
class FileMatch:
    """A file, or a name of a file or folder, in which something was found.

    Attributes:
        group: the place, and the pattern that the path fits.
        is_name: found in the name; else in the content.
        is_of_store: whether the place is a store of the data map.
    """

    group: str
    entry: WalkedEntry
    pattern: FilePattern | None
    is_name: bool
    known_values: frozenset[KnownValue]
    is_of_store: bool = False

    @property
    def location(self) -> str:
        """Where it was found, as findings say it."""
        return f"names of {self.group}" if self.is_name else self.group

    @property
    def may_be_deleted(self) -> bool:
        """Whether the data map has a file of others deleted that names somebody."""
        of = self.pattern
        return of is not None and Mention.DELETE_OBJECT in (of.mention, of.otherwise)


@dataclass(frozen=True)
class _FilePart:
    """A text of a file, or its name."""

    entry: WalkedEntry
    text: str
    is_name: bool = False
    is_raw: bool = False


class ObjectSearch:
    """Searches single files for people, before an erasure as the gate will after it."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._known_values = KnownValues((one.ref, one.known) for one in people)

    def in_content(
        self, content: bytes, kind: ObjectFormat
    ) -> Mapping[SubjectRef, frozenset[Identifier]]:
        """A file above the limit is not searched."""
        if len(content) > _LARGEST_FILE:
            return {}
        found: set[frozenset[KnownValue]] = set()
        for texts in batches(FileReading(content, kind).texts(), lambda one: len(one.text)):
            raw = [one.text for one in texts if one.is_raw]
            others = [one.text for one in texts if not one.is_raw]
            found.update(self._known_values.find_as_is(raw).values())
            found.update(self._known_values.find_all(others).values())
        return _by_person(found)

    def in_bytes(self, content: bytes) -> Mapping[SubjectRef, frozenset[Identifier]]:
        texts = FileReading(content).texts()
        return _by_person(self._known_values.find_in((None, one.text) for one in texts).values())

    def in_name(self, path: str) -> Mapping[SubjectRef, frozenset[Identifier]]:
        return _by_person(self._known_values.find_all(list(_names_of(path))).values())


def _by_person(
    found: Iterable[frozenset[KnownValue]],
) -> Mapping[SubjectRef, frozenset[Identifier]]:
    of_each: dict[SubjectRef, frozenset[Identifier]] = {}
    for known_value in (one for one in frozenset[KnownValue]().union(*found) if not one.is_phrase):
        of_each[known_value.ref] = of_each.get(known_value.ref, frozenset()) | {known_value.held_as}
    return of_each


def _names_of(path: str) -> Iterator[str]:
    """Yield a path, and what it is without its endings: an address before one looks longer."""
    yield path
    while (shorter := _SUFFIX.sub("", path)) != path:
        path = shorter
        yield path


@dataclass(frozen=True)
class FileNotes:
    """Who is told of files as they are searched.

    Attributes:
        opaque: told of each that could not be searched, where it is and why.
        unsearchable: told the group of each of these of which the data map says that it can be.
        content: told of each that was read, and its content.
    """

    opaque: Callable[[str], None] = lambda _: None
    unsearchable: Callable[[str], None] = lambda _: None
    content: Callable[[WalkedEntry, bytes], None] = lambda _entry, _content: None


_NO_NOTES: Final = FileNotes()


def search_folder(
    place: Place,
    known_values: KnownValues,
    notes: FileNotes = _NO_NOTES,
    *,
    mention: Mention | None = None,
) -> Iterator[FileMatch]:
    """Yield what is found below a place's folder; a file may be found several times.

    Args:
        mention: only files that the data map treats so; None: all of them.

    Raises:
        OSError: a folder cannot be read.
        DependencyUnreachable: a bucket does not answer, or refuses to.
    """
    parts = (
        part
        for entry in place.entries()
        if mention is None or _is_treated(place.pattern_of(entry.path), mention)
        for part in _texts_of(entry, place, notes)
    )
    for batch in batches(parts, lambda one: len(one.text)):
        yield from _found(batch, place, known_values)


def _is_treated(pattern: FilePattern | None, mention: Mention) -> bool:
    return pattern is not None and pattern.mention is mention


def _found(
    batch: Sequence[_FilePart], place: Place, known_values: KnownValues
) -> Iterator[FileMatch]:
    raw = [one for one in batch if one.is_raw]
    others = [one for one in batch if not one.is_raw]
    for parts, find in ((raw, known_values.find_as_is), (others, known_values.find_all)):
        for number, found in find([one.text for one in parts]).items():
            entry = parts[number].entry
            yield FileMatch(
                group=place.group_of(entry.path),
                entry=entry,
                pattern=place.pattern_of(entry.path),
                is_name=parts[number].is_name,
                known_values=found,
                is_of_store=place.is_store,
            )


def _texts_of(entry: WalkedEntry, place: Place, notes: FileNotes) -> Iterator[_FilePart]:
    for name in _names_of(entry.path):
        yield _FilePart(entry, name, is_name=True)
    group = place.group_of(entry.path)
    if entry.is_strange:
        notes.opaque(f"{group}, {_NOT_FOLLOWED if place.bucket is None else _UNFINISHED}")
    if not entry.is_file:
        return
    if entry.path in place.retained:
        return
    pattern = place.pattern_of(entry.path)
    if entry.byte_count > _LARGEST_FILE:
        notes.opaque(f"{group}, larger than is searched")
        if _is_searchable(pattern):
            notes.unsearchable(group)
        return
    try:
        content, noted = entry.read()
    except FileNotFoundError:
        return
    except OSError:
        notes.opaque(f"{group}, {NOT_SEARCHABLE}")
        return
    notes.content(entry, content)
    if noted:
        yield _FilePart(entry, noted)
    reading = FileReading(content, None if pattern is None else pattern.format, is_own=place.is_own)
    for text in reading.texts():
        yield _FilePart(entry, text.text, is_raw=text.is_raw)
    if entry.path in place.read_elsewhere:
        return
    for reason in sorted(reading.opaque):
        notes.opaque(f"{group}, {reason}")
    if reading.opaque and _is_searchable(pattern):
        notes.unsearchable(group)


def _is_searchable(pattern: FilePattern | None) -> bool:
    """Whether the data map says that there is text in files of a pattern."""
    return pattern is not None and pattern.format not in _OF_ANY_KIND
