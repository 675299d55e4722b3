"""Texts, what is found in them, and what covers it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lacuna.model.correction import CellRules, CorrectedCell
from lacuna.model.identity import Identifier, SubjectRef
from lacuna.model.location import RowKey, TableName


@dataclass(frozen=True)
class Passage:
    """A text to be treated.

    Attributes:
        media_type: `text/plain` or `text/html`.
        language: ISO 639-1 code; None if unknown.
        own: the persons whose own row this is: their short names count here too.
        kept_names: names of other people (agents) that stay in the text.
        allowed: persons' identifiers that stay here, because the row belongs to someone who
            holds the same value (a household phone).
        is_document: whether `text` is JSON, whose strings are of the media type. It is JSON
            still when it was treated.
        also: texts that detectors found in another copy of this one, with their labels: they
            are covered here too.
    """

    text: str = field(repr=False)
    media_type: str = "text/plain"
    language: str | None = None
    own: frozenset[SubjectRef] = frozenset()
    kept_names: tuple[str, ...] = field(repr=False, default=())
    allowed: frozenset[Identifier] = field(repr=False, default=frozenset())
    is_document: bool = False
    also: tuple[tuple[str, str], ...] = field(repr=False, default=())


@dataclass(frozen=True)
class Span:
    """A part of a text, by code points of the original, half open.

    Attributes:
        label: what was found, e.g. `EMAIL_ADDRESS`, `PERSON`.
        score: 0 to 1; 1.0 for a known value.
        subjects: the people who hold a known value; empty for a detection.
    """

    start: int
    end: int
    label: str
    score: float
    subjects: frozenset[SubjectRef] = frozenset()


@dataclass(frozen=True)
class Redacted:
    """A treated text and the spans that were covered in the original.

    Attributes:
        unmodelled: the language that the text was read as, where no model of it finds names:
            those without context may have stayed. None if a model did, or none was asked.
    """

    text: str = field(repr=False)
    spans: tuple[Span, ...] = ()
    unmodelled: str | None = None


@dataclass(frozen=True)
class TextRow:
    """One row of the platform with its texts.

    Attributes:
        org_id: its tenant; empty where it belongs to none and may be anybody's.
        version: changes whenever the row does.
        texts: column → text; arrays and documents as JSON. NULLs are left out.
        documents: the columns whose text is JSON.
    """

    key: RowKey = field(repr=False)
    org_id: str
    language: str | None
    version: str
    texts: Mapping[str, str] = field(repr=False)
    documents: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TextChange:
    """New texts for one row, valid only while the row has the version that was read; None for NULL."""

    key: RowKey = field(repr=False)
    version: str
    texts: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True)
class FileRow:
    """One row of the platform with the files that it keeps in columns of bytes.

    Attributes:
        org_id: its tenant; empty where it belongs to none and may be anybody's.
        version: changes whenever the row does.
        files: column → content. NULLs and empty ones are left out.
    """

    key: RowKey = field(repr=False)
    org_id: str
    version: str
    files: Mapping[str, bytes] = field(repr=False)


class OwnersReading(Protocol):
    """Says whose rows are."""

    def owners_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the subject keys that each row of `keys` belongs to."""
        ...


class PeopleOfRows(OwnersReading, Protocol):
    """Says whose rows are, with and without people of other kinds."""

    def people_of(
        self, table: TableName, keys: Collection[RowKey]
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return the keys of the people that each row leads to, of the data map's kind alone."""
        ...


class FileMentions(Protocol):
    """Finds people in files that rows keep in columns of bytes."""

    def named_in(
        self, table: TableName, rows: Sequence[FileRow], reading: PeopleOfRows
    ) -> Iterator[tuple[FileRow, str, SubjectRef]]:
        """Yield whom a file names that does not stay as it is: its row, its column, and who."""
        ...


class Matcher(Protocol):
    """Finds known values of many people in one pass over a text."""

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value, in order, not overlapping.

        Outside `passage.own` only values strong enough to stand alone count (full names,
        addresses, e-mail, phone and order numbers); a short name only beside such a value.
        """
        ...

    def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Call `find` for each passage; many at once cost far less."""
        ...


class Redactor(Protocol):
    """Covers personal data in text. Fails closed: a text that cannot be analyzed raises."""

    def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Cover known values first, then everything that the detectors find.

        Raises:
            RedactionFailed: a time-out or an exception in any detector; says how many texts.
        """
        ...

    def cover(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Cover known values only: for texts that belong to somebody else."""
        ...


class Corrector(Protocol):
    """Corrects one person's values. What holds nothing wrong, or is right already, stays as it is."""

    rules: CellRules

    def whose(
        self, table: TableName, keys: Collection[RowKey], reading: OwnersReading
    ) -> Mapping[RowKey, frozenset[str]]:
        """Return to whom rows of the person lead; to others only where these hold a value too."""
        ...

    def correct(self, cells: Sequence[CorrectedCell]) -> list[str]:
        """Return the texts of cells as they are right.

        Raises:
            RedactionFailed: a document is no JSON.
        """
        ...

    def correct_rows(
        self, table: TableName, rows: Sequence[TextRow], whose: Mapping[RowKey, frozenset[str]]
    ) -> list[TextChange]:
        """Return the rows of which something is corrected, with the new texts.

        Args:
            whose: to whom rows lead, of those of the person at least.

        Raises:
            RedactionFailed: a document is no JSON.
        """
        ...


class LabelDetector(Protocol):
    """Says what kinds of personal data are in texts, and neither where nor which."""

    def labels(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """Return for each text the labels of what was found, e.g. `EMAIL_ADDRESS`.

        Raises:
            RedactionFailed: a text could not be analyzed.
        """
        ...


class OthersCover(Protocol):
    """Covers the identifiers of everybody but one person, in texts of that person's rows.

    `Redactor.cover` is one, where its matcher knows the other people.
    """

    def __call__(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Return the passages with other people's identifiers covered, in the same order.

        Raises:
            RedactionFailed: a text could not be searched.
        """
        ...
