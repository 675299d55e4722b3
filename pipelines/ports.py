"""What the stages need from the outside, as small protocols; `stores/` and `redaction/` fill them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pipelines.model.evidence import Entry, Leaf
from pipelines.model.identity import Identifier, SubjectRef


class Clock(Protocol):
    """The time, in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Keys(Protocol):
    """One secret key per request, kept outside the database.

    Destroying the key makes everything encrypted with it unreadable, in backups too.
    """

    def encrypt(self, request_id: str, clear: bytes) -> bytes:
        """Return `clear` encrypted with the request's key; the key is made at the first call."""
        ...

    def decrypt(self, request_id: str, secret: bytes) -> bytes:
        """Return the clear bytes.

        Raises:
            EvidenceBroken: the key does not fit the bytes.
            UnknownRequest: the key is gone.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy the key; return whether there was one."""
        ...


class Objects(Protocol):
    """One object store (a folder or a bucket prefix), by paths relative to its root.

    A path that leaves the root, or passes through a symbolic link, is refused.
    """

    @property
    def name(self) -> str:
        """The store's name in the data map."""
        ...

    def size(self, path: str) -> int | None:
        """Return the object's size in bytes, or None if there is no such object."""
        ...

    def read(self, path: str) -> bytes:
        """Return the whole object."""
        ...

    def paths(self) -> Iterator[str]:
        """Yield the path of every object in the store, sorted."""
        ...

    def delete(self, path: str) -> bool:
        """Delete the object durably; return False if it was already absent.

        The object is read back absent before this returns.
        """
        ...

    def replace(self, path: str, content: bytes) -> None:
        """Write the object anew, durably and in one step: old or new, never half."""
        ...


class Ledger(Protocol):
    """The append-only record of what was done. Entries hold no personal data."""

    def append(self, entry: Entry) -> Leaf:
        """Add an entry and return it with its position and leaf hash."""
        ...

    def leaves(self, *, request_id: str | None = None) -> Iterator[Leaf]:
        """Yield entries in order; of one request only if `request_id` is given."""
        ...


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
    """

    text: str = field(repr=False)
    media_type: str = "text/plain"
    language: str | None = None
    own: frozenset[SubjectRef] = frozenset()
    kept_names: tuple[str, ...] = field(repr=False, default=())
    allowed: frozenset[Identifier] = field(repr=False, default=frozenset())


@dataclass(frozen=True)
class Span:
    """A part of a text, by code points of the original, half open.

    Attributes:
        label: what was found, e.g. `EMAIL_ADDRESS`, `PERSON`.
        score: 0 to 1; 1.0 for a known value.
        subject: the person, for a known value; None for a detection.
    """

    start: int
    end: int
    label: str
    score: float
    subject: SubjectRef | None = None


@dataclass(frozen=True)
class Redacted:
    """A treated text and the spans that were covered in the original."""

    text: str = field(repr=False)
    spans: tuple[Span, ...] = ()


class Matcher(Protocol):
    """Finds known values of many people in one pass over a text."""

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value, in order, not overlapping.

        Outside `passage.own` only values strong enough to stand alone count (full names,
        addresses, e-mail, phone and order numbers), not short names.
        """
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


__all__ = [
    "Clock",
    "Keys",
    "Ledger",
    "Matcher",
    "Objects",
    "Passage",
    "Redacted",
    "Redactor",
    "Span",
]
