"""Chooses the files of a bundle and gives each a neutral place in it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO, Final

from lacuna.bundle.other_people import TextCover, cover_object
from lacuna.errors import PipelineError
from lacuna.model.bundle import (
    Article,
    Exclusion,
    IncompleteSource,
    ObjectContent,
    SourceChecked,
    SourceKind,
)
from lacuna.model.datamap import FilePattern, ObjectFormat, Store
from lacuna.model.location import ObjectPath
from lacuna.model.plan import ObjectFound
from lacuna.ports import Objects

# An id of these forms says nothing: it may stand in a file name.
_NEUTRAL_ID: Final = re.compile(r"[0-9]{1,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SUFFIX: Final = re.compile(
    r"\.(csv|docx?|eml|gif|html|jpe?g|json|m4a|mp3|mp4|odt|ogg|pdf|png|txt|wav|web[mp]|xlsx?|xml|zip)"
)


@dataclass(frozen=True)
class Reference:
    """A path in a row of the person.

    Attributes:
        key: the row's last key column.
        conversation: key of the row's conversation; None for none.
        is_shown: whether row and column go into this bundle.
        is_portable: whether they belong to the portability subset.
    """

    path: ObjectPath
    key: str = field(repr=False)
    conversation: str | None = field(repr=False)
    is_shown: bool
    is_portable: bool


@dataclass(frozen=True)
class FileContext:
    """Where files are, and how they are copied.

    Attributes:
        cover_version: changes whenever `cover` does.
        has_access: whether the bundle has a folder `access`.
        has_portability: whether it has a folder `portability`: that takes what the person
            provided, so that it can be passed on as it is.
    """

    stores: Mapping[str, Store]
    objects: Mapping[str, Objects]
    cover: TextCover
    cover_version: str
    has_access: bool
    has_portability: bool

    def root_of(self, reference: Reference) -> str:
        """Return the folder of the bundle that takes a file."""
        is_portable = self.has_portability and (reference.is_portable or not self.has_access)
        return "portability" if is_portable else "access"


@dataclass(frozen=True)
class FileChoice:
    """The files that go in, the place of each, and what became of the others."""

    contents: tuple[ObjectContent, ...]
    places: Mapping[ObjectPath, str] = field(repr=False)
    checked: tuple[SourceChecked, ...]
    incomplete: tuple[IncompleteSource, ...]
    excluded: tuple[Exclusion, ...]


def choose(
    references: Iterable[Reference], found: Sequence[ObjectFound], context: FileContext
) -> FileChoice:
    """Return which files go into the bundle.

    A file is the person's if a row of theirs names it. What the inventory found beside that
    mentions the person and belongs to somebody else, or to nobody known: it stays out.
    """
    own: dict[ObjectPath, Reference] = {}
    for each in references:
        known = own.get(each.path)
        if known is None or _weight(each) > _weight(known):
            own[each.path] = each
    patterns = {each.path: each.pattern for each in found}
    of_pattern: dict[tuple[str, str], list[ObjectPath]] = defaultdict(list)
    for path in sorted(own.keys() | patterns.keys(), key=lambda each: (each.store, each.path)):
        pattern = _pattern_of(path, patterns.get(path), context.stores)
        of_pattern[path.store, pattern].append(path)
    chooser = _Chooser(own, context)
    for name, store in sorted(context.stores.items()):
        for file_pattern in store.files:
            paths = of_pattern.pop((name, file_pattern.pattern), [])
            chooser.look_at(f"{name}/{file_pattern.pattern}", file_pattern, paths)
    for (name, _), paths in sorted(of_pattern.items()):
        chooser.lack(name, "files that match no pattern of the data map", len(paths))
    return chooser.choice()


class _Chooser:
    """The files of one bundle in the making."""

    def __init__(self, own: Mapping[ObjectPath, Reference], context: FileContext) -> None:
        self._own = own
        self._context = context
        self._numbers: Counter[str] = Counter()
        self._contents: list[ObjectContent] = []
        self._places: dict[ObjectPath, str] = {}
        self._checked: list[SourceChecked] = []
        self._incomplete: list[IncompleteSource] = []
        self._excluded: list[Exclusion] = []

    def choice(self) -> FileChoice:
        """Return the files chosen so far, and those left out."""
        return FileChoice(
            contents=tuple(self._contents),
            places=self._places,
            checked=tuple(self._checked),
            incomplete=tuple(self._incomplete),
            excluded=tuple(self._excluded),
        )

    def lack(self, source: str, reason: str, count: int) -> None:
        """Record files that cannot be given."""
        self._incomplete.append(IncompleteSource(source, f"{reason}: {count}"))

    def look_at(self, source: str, pattern: FilePattern, paths: Sequence[ObjectPath]) -> None:
        """Take the files of one pattern that go in; account for the others."""
        self._checked.append(SourceChecked(source, SourceKind.FILES, len(paths)))
        missing = 0
        grounds: Counter[tuple[str, str]] = Counter()
        for path in paths:
            reference = self._own.get(path)
            if pattern.format is ObjectFormat.PARQUET:
                grounds[
                    "files with rows of many people; the person's rows are in the tables", "15(4)"
                ] += 1
            elif reference is None:
                grounds["files that no row names as the person's", "15(4)"] += 1
            elif not reference.is_shown:
                grounds["files that nothing in the bundle names", "15(4)"] += 1
            elif _size(path, self._context.objects) is None:
                missing += 1
            else:
                self._take(source, pattern, reference)
        if missing:
            self.lack(source, "files that could not be found in the store", missing)
        for (reason, article), count in sorted(grounds.items()):
            self._excluded.append(Exclusion(source, f"{reason}: {count}", article))

    def _take(self, source: str, pattern: FilePattern, reference: Reference) -> None:
        place = _place(pattern, reference, self._numbers, self._context.root_of(reference))
        self._places[reference.path] = place
        self._contents.append(_content(source, pattern, reference, place, self._context))


def is_neutral(key: str) -> bool:
    """Whether a key is a number or a random id, which may stand in a file name."""
    return _NEUTRAL_ID.fullmatch(key) is not None


def _weight(reference: Reference) -> tuple[bool, bool]:
    return reference.is_shown, reference.is_portable


def _pattern_of(path: ObjectPath, found: str | None, stores: Mapping[str, Store]) -> str:
    """Return the pattern that a file falls under; empty for none."""
    if found is not None:
        return found
    store = stores.get(path.store)
    patterns = () if store is None else (each.pattern for each in store.files)
    return next((each for each in patterns if fnmatchcase(path.path, each)), "")


def _size(path: ObjectPath, objects: Mapping[str, Objects]) -> int | None:
    """Return a file's size; None if it is not there or cannot be reached."""
    store = objects.get(path.store)
    if store is None:
        return None
    try:
        return store.size(path.path)
    except PipelineError:
        return None


def _place(pattern: FilePattern, reference: Reference, numbers: Counter[str], root: str) -> str:
    """Return where a file goes: words of the data map, neutral ids and numbers, nothing else."""
    is_mail = pattern.format is ObjectFormat.MAIL
    conversation = reference.conversation or ""
    if is_mail and is_neutral(reference.key) and is_neutral(conversation):
        place = f"{root}/mail/{conversation}/{reference.key}.eml"
        numbers[place] += 1
        if numbers[place] == 1:
            return place
    folders = PurePosixPath(pattern.pattern).parent.parts
    words = [part for part in folders if re.fullmatch(r"[a-z][a-z0-9_-]*", part)]
    stem = f"{root}/{'mail' if is_mail else 'media'}/{_singular(words[-1]) if words else 'file'}"
    numbers[stem] += 1
    return f"{stem}-{numbers[stem]:04d}{_suffix(pattern, reference.path)}"


def _singular(word: str) -> str:
    return word if word.endswith("ss") else word.removesuffix("s")


def _suffix(pattern: FilePattern, path: ObjectPath) -> str:
    for name in (pattern.pattern, path.path):
        suffix = PurePosixPath(name).suffix.lower()
        if _SUFFIX.fullmatch(suffix):
            return suffix
    return ""


def _content(
    source: str, pattern: FilePattern, reference: Reference, place: str, context: FileContext
) -> ObjectContent:
    path = reference.path
    store = context.objects[path.store]

    def copy(file: IO[bytes]) -> int:
        if pattern.format is ObjectFormat.BINARY:
            for piece in store.stream(path.path):
                file.write(piece)
            return 0
        covered = cover_object(store.read(path.path), pattern.format, context.cover)
        file.write(covered.content)
        return covered.redactions

    return ObjectContent(
        source=source,
        path=place,
        article=Article.BOTH if reference.is_portable else Article.ACCESS,
        version=repr((path, store.version(path.path), pattern.format, context.cover_version)),
        copy=copy,
    )
