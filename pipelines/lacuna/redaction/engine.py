"""The redactor: known values first, then what Presidio's detectors find."""

import itertools
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lacuna.errors import RedactionFailed
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Matcher, Passage, Redacted, Span
from lacuna.redaction.encoded_text import covered_inside
from lacuna.redaction.folding import View, fold
from lacuna.redaction.known_values import KnownValueMatcher
from lacuna.redaction.markup import apart, outside, tags
from lacuna.redaction.operators.labels import PLACEHOLDER
from lacuna.redaction.operators.placeholders import connected, edits, joined
from lacuna.redaction.operators.serialized_text import readable_again
from lacuna.redaction.options import EngineOptions, Profile
from lacuna.redaction.passages import Reading, reading
from lacuna.redaction.watchdog import Watch

_WORD = re.compile(r"[^\W_]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DAY = re.compile(
    r"(?<!\d)(?:\d{1,2}\D{1,12}(?:19|20)\d\d|(?:19|20)\d\d\D{1,12}\d{1,2}|"
    r"\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2})(?!\d)"
)
_NAMING = frozenset({"PERSON", "LOCATION", "NRP", "ORGANIZATION"})
_KEPT_MATCHERS = 256
_ROUNDS_OF_NAMES = 6
_COPIED = 0.9


class Detector(Protocol):
    """Finds personal data in texts without knowing whose it is."""

    def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
        """Return the spans in each text (with its language).

        Raises:
            RedactionFailed: a text could not be analyzed.
        """
        ...


class PresidioRedactor:
    """Covers personal data in text with placeholders: `[NAME]`, `[EMAIL]`, `[PHONE]`, and so on.

    Each text is read in its language: that of the passage, or the one that its words tell. One
    finder of names knows twelve languages; in any other one without a spaCy model it guesses, and
    the result says so. What detectors miss, they miss: names most of all. Names of organizations
    and nationalities stay, and dates that name no day and year.

    A text that was redacted once does not change when it is redacted again, in the same language:
    covering goes on until the detectors find nothing more in what is left. Where each name that is
    covered makes the next word look like one, names are left after six rounds; mails take four.
    """

    def __init__(
        self,
        matcher: Matcher,
        *,
        options: EngineOptions | None = None,
        detector: Detector | None = None,
    ) -> None:
        """Use `matcher` for known values; `detector` stands in for the stock detectors."""
        self._matcher = matcher
        self._options = options or EngineOptions()
        self._detector = detector
        # A detector that comes back late says so itself; this is for one that never does.
        self._watch = Watch(self._options.hang_seconds)
        self._staying: OrderedDict[tuple[frozenset[str], frozenset[Identifier]], _Staying]
        self._staying = OrderedDict()

    def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
        works = {passage: _CoveredPassage(passage) for passage in passages}
        pending = list(works.values())
        for number in itertools.count(1):
            if not pending:
                break
            found = self._detected(pending, names=number <= _ROUNDS_OF_NAMES)
            known = self._known([work.passage for work in pending])
            pending = [
                work
                for work, detections, values in zip(pending, found, known, strict=True)
                if work.cover(joined([*values, *detections])) or work.is_read_again()
            ]
        return [works[passage].result() for passage in passages]

    def cover(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Ask the known values alone, and no detector.

        Raises:
            RedactionFailed: a text could not be searched; says how many texts.
        """
        works = {passage: _CoveredPassage(passage) for passage in passages}
        pending = list(works.values())
        while pending:
            # What is covered may have hidden what stands beside it.
            known = self._known([work.passage for work in pending])
            pending = [
                work for work, values in zip(pending, known, strict=True) if work.cover([*values])
            ]
        return [works[passage].result() for passage in passages]

    def _known(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        try:
            return self._matcher.find_all(passages)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text
            failure = type(error).__name__
        # Raised here, so that no exception that quotes a text hangs on it as its context.
        raise RedactionFailed(
            f"redaction: the search for known values failed with {failure}; {len(passages)} texts "
            "were left unchanged. Report it, then run again."
        )

    def _detected(self, works: Sequence["_CoveredPassage"], *, names: bool) -> list[list[Span]]:
        """Return the spans of each text; without `names` those of people and places are left out."""
        clearing = self._options.profile is Profile.DEFAULT
        readings = [
            reading(work.passage, clearing=clearing, changed=work.changed) for work in works
        ]
        self._tell_languages(
            [
                (work, one.views[0].text)
                for work, one in zip(works, readings, strict=True)
                if work.language is None
            ]
        )
        wanted: dict[tuple[str, str | None], int] = {}
        for work, one in zip(works, readings, strict=True):
            work.in_parts = one.in_parts
            for view in one.views:
                text = _SURROGATE.sub("\ufffd", view.text)
                wanted.setdefault((text, work.language), len(wanted))
        detector = self._detector_in_use()
        found = self._watch.run(lambda: detector.detect(list(wanted)))
        detected: list[list[Span]] = []
        for work, one in zip(works, readings, strict=True):
            spans = list(one.plain_spans)
            for number, view in enumerate(one.views):
                key = (_SURROGATE.sub("\ufffd", view.text), work.language)
                spans += [
                    span
                    for span in _in_passage(
                        (*found[wanted[key]], *_repeated(view.text, work.passage.also)),
                        view,
                        one if number < one.running else None,
                    )
                    if one.asks(number, span.start, span.end)
                    and (names or span.label not in _NAMING)
                ]
            detected.append(spans)
        passages = [work.passage for work, spans in zip(works, detected, strict=True) if spans]
        stays = self._what_stays(passages)
        return [
            list(_left(spans, work.passage, stays[work.passage])) if spans else []
            for work, spans in zip(works, detected, strict=True)
        ]

    def _tell_languages(self, works: Sequence[tuple["_CoveredPassage", str]]) -> None:
        """Note what passages are read as, once: what is left of a covered one tells less."""
        if self._options.profile is Profile.EXACT:
            for work, _ in works:
                work.language = work.passage.language
            return
        # Only here: the import of numpy takes a tenth of a second.
        from lacuna.redaction.languages.text_language import languages_of

        languages = languages_of(self._options)
        # The words of placeholders are English, whatever the text is.
        told = languages.of_all(
            [(PLACEHOLDER.sub(" ", text), work.passage.language) for work, text in works]
        )
        for (work, _), language in zip(works, told, strict=True):
            work.language = language
            if not self._options.reads_names(language):
                work.unmodelled = language

    def _what_stays(self, passages: Sequence[Passage]) -> dict[Passage, "_Stay"]:
        """Return the values that stay in each passage, searched for in all of them at once."""
        alike: dict[tuple[frozenset[str], frozenset[Identifier]], list[Passage]] = {}
        for passage in passages:
            key = (frozenset(passage.kept_names), passage.allowed)
            alike.setdefault(key, []).append(passage)
        found: dict[Passage, _Stay] = {}
        for key, some in alike.items():
            if key not in self._staying:
                self._staying[key] = _Staying(*key)
                if len(self._staying) > _KEPT_MATCHERS:
                    self._staying.popitem(last=False)
            found.update(zip(some, self._staying[key].places(some), strict=True))
        return found

    def _detector_in_use(self) -> Detector:
        if self._detector is None:
            # Only here: the imports of spaCy and Presidio take seconds.
            from lacuna.redaction.analysis.analyzer import shared_analyzer

            self._detector = shared_analyzer(self._options)
        return self._detector


@dataclass
class _CoveredPassage:
    """A passage while it is covered, pass after pass."""

    passage: Passage
    spans: list[Span] = field(default_factory=list)
    language: str | None = None
    unmodelled: str | None = None
    changed: Sequence[tuple[int, int]] | None = None
    in_parts: bool = False

    def __post_init__(self) -> None:
        self._original = self.passage.text
        self._view = View(self._original)

    def cover(self, spans: list[Span]) -> bool:
        """Cover spans of the text as it is now; return whether there were any."""
        if not spans:
            return False
        text = self.passage.text
        ranges = tags(text) if self.passage.media_type == "text/html" else []
        spans = connected(text, spans, ranges)
        for span in spans:
            start, end = self._view.span(span.start, span.end)
            self.spans.append(replace(span, start=start, end=end))
        covering = edits(text, spans, ranges)
        self._view = self._view.edited(covered_inside(text, spans, covering))
        self.changed = self._view.edited_ranges
        self.passage = replace(self.passage, text=self._view.text)
        return True

    def is_read_again(self) -> bool:
        """Whether its parts alone were read last: nothing may be left in the whole."""
        self.changed = None
        return self.in_parts

    def result(self) -> Redacted:
        spans = joined(self.spans)
        text = readable_again(self._original, spans, self.passage.text)
        return Redacted(text, tuple(spans), self.unmodelled)


class _Staying:
    """The names and values that stay in passages."""

    def __init__(self, names: frozenset[str], allowed: frozenset[Identifier]) -> None:
        self._words = [frozenset(_WORD.findall(fold(name))) for name in names]
        self._names = _matcher_of(Identifier(IdentifierKind.NAME, name) for name in names)
        self._allowed = _matcher_of(allowed) if allowed else None

    def is_named(self, text: str) -> bool:
        """Whether a text is a name that stays, or a part of one."""
        words = frozenset(_WORD.findall(fold(text)))
        return any(
            words <= name or {w.removesuffix("s") for w in words} <= name for name in self._words
        )

    def places(self, passages: Sequence[Passage]) -> Iterator["_Stay"]:
        """Yield where they stand in each passage; far faster for many at once."""
        texts = [Passage(one.text, one.media_type) for one in passages]
        names = self._names.find_all(texts) if self._words else [()] * len(texts)
        allowed = [()] * len(texts) if self._allowed is None else self._allowed.find_all(texts)
        for some, others in zip(names, allowed, strict=True):
            yield _Stay(self, _ranges(some), _ranges(others))


@dataclass(frozen=True)
class _Stay:
    """Where names and values that stay stand in one passage, from start to end."""

    staying: _Staying
    names: list[tuple[int, int]]
    allowed: list[tuple[int, int]]


def _left(spans: list[Span], passage: Passage, stay: _Stay) -> Iterator[Span]:
    """Yield the detections to cover: no placeholder, nothing that stays."""
    fixed = [match.span() for match in PLACEHOLDER.finditer(passage.text)]
    fixed += stay.allowed
    closed = apart(fixed)
    names = apart([*fixed, *stay.names])
    for span in spans:
        if _is_no_day(span, passage.text):
            continue
        naming = span.label in _NAMING
        if naming and stay.staying.is_named(passage.text[span.start : span.end]):
            continue
        for start, end in outside(span.start, span.end, names if naming else closed):
            start, end = _trimmed(passage.text, start, end)
            whole = (start, end) == (span.start, span.end)
            if _enough(passage.text[start:end], whole=whole):
                yield replace(span, start=start, end=end)


def _ranges(spans: Sequence[Span]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]


def _matcher_of(identifiers: Iterator[Identifier] | frozenset[Identifier]) -> KnownValueMatcher:
    # What stays is what is written as it is known: a likeness of a name that stays may be anybody.
    person = Person(SubjectRef("stays"), "", (), tuple(identifiers))
    return KnownValueMatcher([person], strict=True)


def _in_passage(spans: tuple[Span, ...], view: View, running: Reading | None) -> Iterator[Span]:
    """Yield the spans of a view where they stand in the passage, cut where its tags are."""
    # A date that names no day stays, and must not take a number with it that is another's.
    for span in joined(one for one in spans if not _is_no_day(one, view.text)):
        start, end = view.span(span.start, span.end)
        closed = running.closed if running is not None else ()
        for part_start, part_end in outside(start, end, closed):
            yield replace(span, start=part_start, end=part_end)


def _repeated(text: str, also: Sequence[tuple[str, str]]) -> Iterator[Span]:
    """Yield where a text holds what was found in another copy of it, as whole words."""
    for said, label in also:
        words = r"\s+".join(map(re.escape, said.split()))
        for match in re.finditer(rf"(?<!\w){words}(?!\w)", text):
            yield Span(match.start(), match.end(), label, _COPIED)


def _is_no_day(span: Span, text: str) -> bool:
    return span.label == "DATE_TIME" and not _DAY.search(text, span.start, span.end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    return start + lead, start + max(lead, len(piece.rstrip()))


def _enough(text: str, *, whole: bool) -> bool:
    """Whether a detection, or what is left of it beside a placeholder, is worth covering."""
    letters = sum(map(str.isalnum, text))
    return letters > 0 if whole else letters > 1
