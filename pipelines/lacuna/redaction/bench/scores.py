"""How well detections fit a corpus with annotated spans: recall, precision, and what was covered too much.

A corpus is a file of JSON lines, `{"id", "text", "spans": [{"start", "end", "label"}]}`, offsets
in code points, ends exclusive. Labels that start with `_` are for what is no personal data but may
look like it: a detection there counts neither for nor against precision.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from lacuna.errors import ConfigurationError
from lacuna.ports import Span

_KINDS: Mapping[str, str | None] = MappingProxyType(
    {
        "PER": "PERSON",
        "LOC": "LOCATION",
        "GPE": "LOCATION",
        "STREET_ADDRESS": "ADDRESS",
        "PHONE_NUMBER": "PHONE",
        "EMAIL_ADDRESS": "EMAIL",
        "DATE": "DATE_TIME",
        "DATETIME": "DATE_TIME",
        "DATE_OF_BIRTH": "DATE_TIME",
        "DOMAIN_NAME": "URL",
        "DEM": "NRP",
        "REFERENCE_NUMBER": "CODE",
        # Annotated in corpora, but no personal data, or no kind that a detector could name.
        "ORG": None,
        "ORGANIZATION": None,
        "MISC": None,
        "QUANTITY": None,
        "TITLE": None,
        "PREFIX": None,
        "AGE": None,
    }
)

_PLACES = frozenset({"LOCATION", "ADDRESS"})
_WORDED = _PLACES | {"PERSON", "DATE_TIME", "NRP"}

STRUCTURED = "(structured)"
"""All kinds that have a form of their own, as one: numbers, addresses on the network, codes."""


@dataclass(frozen=True)
class AnnotatedSpan:
    """A span that a corpus annotates, with the corpus's own label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class CorpusRow:
    """One text of a corpus and what is annotated in it."""

    text: str = field(repr=False)
    spans: tuple[AnnotatedSpan, ...] = ()


@dataclass(frozen=True)
class KindScore:
    """How one kind of personal data was found.

    Attributes:
        annotated: annotated spans of this kind.
        found: how many of them a detection of this kind overlaps.
        annotated_characters: their length together.
        covered_characters: how much of it detections of any kind cover: what redaction hides.
        detected: detections of this kind, without those that touch only other slots (`_`).
        right: how many of them overlap a annotated span of this kind.
    """

    kind: str
    annotated: int = 0
    found: int = 0
    annotated_characters: int = 0
    covered_characters: int = 0
    detected: int = 0
    right: int = 0

    @property
    def recall(self) -> float | None:
        """Share of annotated spans that were found; None where nothing is annotated."""
        return self.found / self.annotated if self.annotated else None

    @property
    def coverage(self) -> float | None:
        """Share of annotated characters that were covered, whatever as; None without any."""
        return (
            self.covered_characters / self.annotated_characters
            if self.annotated_characters
            else None
        )

    @property
    def precision(self) -> float | None:
        """Share of detections that were right; None without detections."""
        return self.right / self.detected if self.detected else None


@dataclass(frozen=True)
class Score:
    """How detections fit the rows of a corpus.

    Attributes:
        kinds: one for each kind that the corpus annotates, and `STRUCTURED`.
        quiet_rows: rows in which nothing personal is annotated.
        quiet_characters: their length together.
        quiet_covered: how many of their characters detections cover. A corpus that annotates only
            some kinds makes this too high, for every engine alike.
    """

    kinds: tuple[KindScore, ...]
    quiet_rows: int
    quiet_characters: int
    quiet_covered: int


def read_corpus(path: Path) -> tuple[CorpusRow, ...]:
    """Return the rows of a corpus.

    Raises:
        ConfigurationError: the file cannot be read, or a line of it is no row.
    """
    rows = []
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                rows.append(_row(line, f"{path}:{number}"))
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"corpus: {path} cannot be read; name a file of JSON lines in UTF-8"
        ) from None
    if not rows:
        raise ConfigurationError(f"corpus: {path} contains no row")
    return tuple(rows)


def drawn(rows: Sequence[CorpusRow], limit: int | None, *, seed: int = 7) -> tuple[CorpusRow, ...]:
    """Return at most `limit` rows, drawn from a seed; None means all, in their order."""
    if limit is None or limit >= len(rows):
        return tuple(rows)
    return tuple(random.Random(seed).sample(rows, limit))  # noqa: S311 - reproducible on purpose


def kind_of(label: str) -> str | None:
    """Return the kind that a label stands for; None if it is no personal data.

    >>> kind_of("GPE"), kind_of("IBAN_CODE"), kind_of("_movie"), kind_of("ORG")
    ('LOCATION', 'IBAN_CODE', None, None)
    """
    if label.startswith("_"):
        return None
    return _KINDS.get(label, label)


def score(rows: Sequence[CorpusRow], found: Sequence[Sequence[Span]]) -> Score:
    """Return how detections fit: one sequence of spans for each row, in order.

    A detection is right where it overlaps a annotated span of its kind. A street address and a
    place count for one another, and a code counts as found under the name of any number.
    """
    annotated, match, characters, covered = (
        Counter[str](),
        Counter[str](),
        Counter[str](),
        Counter[str](),
    )
    detected, right = Counter[str](), Counter[str]()
    quiet = [0, 0, 0]
    for row, spans in zip(rows, found, strict=True):
        known = [(span, kind) for span in row.spans if (kind := kind_of(span.label)) is not None]
        guesses = [(span, kind) for span in spans if (kind := kind_of(span.label)) is not None]
        mask = _mask(len(row.text), spans)
        if not known:
            quiet[0] += 1
            quiet[1] += len(row.text)
            quiet[2] += sum(mask)
        for span, kind in known:
            is_found = any(_overlap(span, other) and _fits(kind, name) for other, name in guesses)
            for group in _groups(kind):
                annotated[group] += 1
                match[group] += is_found
                characters[group] += span.end - span.start
                covered[group] += sum(mask[span.start : span.end])
        others = [span for span in row.spans if span.label.startswith("_")]
        for guess, kind in guesses:
            same = {name for span, name in known if _overlap(span, guess)}
            is_right = any(_fits(name, kind) for name in same)
            if not is_right and not same and any(_overlap(guess, other) for other in others):
                continue
            detected[kind] += 1
            right[kind] += is_right
            if kind not in _WORDED:
                detected[STRUCTURED] += 1
                # A card that was taken for an account is no false alarm of its group.
                right[STRUCTURED] += any(name not in _WORDED for name in same)
    scores = tuple(
        KindScore(
            kind,
            annotated[kind],
            match[kind],
            characters[kind],
            covered[kind],
            detected[kind],
            right[kind],
        )
        for kind in sorted(annotated)
    )
    return Score(scores, *quiet)


def same_rows(left: Sequence[Sequence[Span]], right: Sequence[Sequence[Span]]) -> int:
    """Return in how many rows both found the same places, labels and scores (to 4 digits)."""
    return sum(
        _comparable(one) == _comparable(other) for one, other in zip(left, right, strict=True)
    )


def _comparable(spans: Sequence[Span]) -> frozenset[tuple[int, int, str, float]]:
    return frozenset((span.start, span.end, span.label, round(span.score, 4)) for span in spans)


def _groups(kind: str) -> Iterator[str]:
    yield kind
    if kind not in _WORDED:
        yield STRUCTURED


def _fits(annotated: str, detected: str) -> bool:
    if annotated == detected or {annotated, detected} <= _PLACES:
        return True
    return annotated == "CODE" and detected not in _WORDED and detected not in ("URL", "EMAIL")


def _overlap(left: AnnotatedSpan | Span, right: AnnotatedSpan | Span) -> bool:
    return left.start < right.end and right.start < left.end


def _mask(length: int, spans: Sequence[Span]) -> bytearray:
    mask = bytearray(length)
    for span in spans:
        mask[span.start : span.end] = b"\x01" * (min(span.end, length) - span.start)
    return mask


def _row(line: str, where: str) -> CorpusRow:
    try:
        document = json.loads(line)
        text = document["text"]
        spans = tuple(
            AnnotatedSpan(span["start"], span["end"], span["label"])
            for span in document.get("spans", ())
        )
        is_row = isinstance(text, str) and all(
            0 <= span.start <= span.end <= len(text) and isinstance(span.label, str)
            for span in spans
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        is_row = False
    if not is_row:
        raise ConfigurationError(
            f'corpus: {where} is not a row; write {{"id", "text", "spans": [{{"start", "end", '
            '"label"}]}, with offsets in code points inside the text'
        )
    return CorpusRow(text, spans)
