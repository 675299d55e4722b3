"""The known values of many people, found in one pass over many texts.

Texts are folded and cut into words and groups of digits, all of a batch at once (runs.py). What
is searched for (keys.py) is found by its letters, however they are parted (indexes.py); only then
is it asked how they are parted and what stands round them (hits.py). In people's own texts streets
are found by the numbers of their houses too (house_numbers.py). Texts that show signs of an encoding
or a disguise are searched again without it (rewriting.py).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.model.identity import Person, SubjectRef
from pipelines.ports import Passage, Span
from pipelines.redaction.folding import View, without_tags
from pipelines.redaction.known_values.colon_ids import ColonIds
from pipelines.redaction.known_values.hits import Hit, counting, with_rest
from pipelines.redaction.known_values.house_numbers import HouseNumbers
from pipelines.redaction.known_values.keys import entries_of, name_parts
from pipelines.redaction.known_values.look import KeptNames, Look
from pipelines.redaction.known_values.ranges import Ranges
from pipelines.redaction.known_values.unspaced import Unspaced
from pipelines.redaction.labels import LABEL_OF_KIND, PLACEHOLDER
from pipelines.redaction.markup import after, attributes, outside, tags

if TYPE_CHECKING:
    from pipelines.redaction.known_values.search import Search

_BATCH_CHARACTERS = 1 << 17
_LONGEST_CHAIN = 2
_REMEMBERED = 64


@dataclass(frozen=True)
class _Text:
    """A view of one of the passages.

    Attributes:
        number: of the passage.
        as_read: whether it shows the passage as a reader sees it.
        depth: how many rewritings lie between it and the passage.
    """

    number: int
    view: View = field(repr=False)
    as_read: bool = True
    depth: int = 0


class KnownValueMatcher:
    """Finds every known value of `persons`, with exact offsets of the original text.

    It sees through what people and mail programs change: case, diacritics, look-alikes of other
    alphabets, invisible characters, line breaks, HTML tags and entities, percent, quoted-printable
    and JSON escapes, base64, the separators and prefixes of numbers, spoken digits, signs for
    letters, the order of names, initials, common nicknames, a genitive s, short forms of streets,
    "at" and "dot" in an address; and through one or two typing errors in long values. In the person's
    own texts a house number near a word of its street is enough.

    Not found: values inside compressed data. In scripts that put no blank between words a value is looked
    for within whatever stands there (unspaced.py).
    Ids of conversations and messages are not searched for: they stay in the data. A number of
    one or two digits, and a single letter, is not searched for either, and a user name of two letters only
    where its place says that it is one; what is too weak to stand alone (a name, a
    street without its town, a short id; a full name or an e-mail address with a typing error, which
    is somebody else's more often) counts in the person's own rows and beside another of their
    values.
    """

    def __init__(self, persons: Sequence[Person], *, strict: bool = False) -> None:
        """Cheap: the keys are made at the first text.

        Args:
            strict: no initials, nicknames, short forms and typing errors: values as they are given.
        """
        self._persons = tuple(persons)
        self._strict = strict
        self._kept: dict[tuple[str, ...], KeptNames] = {}

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value, in order, not overlapping.

        In HTML a value that tags run through gives one span for each part of its text, so
        that covering the spans leaves the tags whole.
        """
        return self.find_all([passage])[0]

    def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Return what `find` does for each passage; far faster for many at once."""
        result: list[tuple[Span, ...]] = [()] * len(passages)
        for batch in _batches(passages):
            for number, spans in self._found([passages[number] for number in batch]).items():
                result[batch[number]] = spans
        return result

    def _found(self, passages: Sequence[Passage]) -> dict[int, tuple[Span, ...]]:
        markups: dict[int, _Markup] = {}
        made: dict[int, _Text] = {}
        texts = [passage.text for passage in passages]
        owners = [passage.own for passage in passages]
        for number, passage in enumerate(passages):
            if passage.media_type == "text/html" and "<" in passage.text:
                markup = _Markup(passage.text)
                if markup.tags:
                    # Read as a reader sees it, and with its tags, for what they hold.
                    markups[number] = markup
                    view = View(passage.text)
                    made[number] = _Text(number, without_tags(view, markup.tags))
                    texts[number] = made[number].view.text
                    made[len(texts)] = _Text(number, view, as_read=False)
                    texts.append(passage.text)
                    owners.append(passage.own)
        found: dict[int, set[Span]] = defaultdict(set)
        while texts:
            hits, marks = self._search.hits(texts, owners)
            further: list[_Text] = []
            for index in hits.keys() | marks.keys():
                text = made.get(index) or _Text(index, View(texts[index]))
                passage = passages[text.number]
                if places := hits.get(index):
                    look = Look(text.view, passage, self._kept_names(passage.kept_names))
                    markup = markups.get(text.number, _NO_MARKUP)
                    for hit in counting(places, look, self._parts):
                        spans = _spans(hit, look, markup, as_read=text.as_read)
                        found[text.number].update(spans)
                if index in marks and text.depth < _LONGEST_CHAIN:
                    further += (
                        replace(text, view=view, depth=text.depth + 1)
                        for view in self._search.rewritings(text.view, marks[index])
                    )
            for index, own in enumerate(owners):
                for hit in self._by_themselves(texts[index], own, index, made, passages):
                    text = made.get(index) or _Text(index, View(texts[index]))
                    passage = passages[text.number]
                    if hit.entries[0].identifier not in passage.allowed:
                        look = Look(text.view, passage, self._kept_names(passage.kept_names))
                        markup = markups.get(text.number, _NO_MARKUP)
                        found[text.number].update(_spans(hit, look, markup, as_read=text.as_read))
            if not any(text.depth for text in made.values()):
                for index, spans in self._near_numbers(texts, owners, made, passages, markups):
                    found[index].update(spans)
            made = dict(enumerate(further))
            texts = [text.view.text for text in further]
            owners = [passages[text.number].own for text in further]
        return {number: _apart(spans, passages[number].text) for number, spans in found.items()}

    def _by_themselves(
        self,
        text: str,
        own: frozenset[SubjectRef],
        index: int,
        made: Mapping[int, _Text],
        passages: Sequence[Passage],
    ) -> Iterator[Hit]:
        """Yield what is not found by its words."""
        yield from self._colon_ids.find(text, own)
        number = made[index].number if index in made else index
        yield from self._unspaced.find(text, own, passages[number].kept_names)

    def _near_numbers(
        self,
        texts: Sequence[str],
        owners: Sequence[frozenset[SubjectRef]],
        made: Mapping[int, _Text],
        passages: Sequence[Passage],
        markups: Mapping[int, "_Markup"],
    ) -> Iterator[tuple[int, Iterator[Span]]]:
        """Yield the passages whose people's streets stand near the numbers of their houses."""
        for index, own in enumerate(owners if not self._strict else ()):
            if not own or (index in made and not made[index].as_read):
                continue
            for hit in self._houses.find(texts[index], own):
                text = made.get(index) or _Text(index, View(texts[index]))
                passage = passages[text.number]
                if hit.entries[0].identifier not in passage.allowed:
                    look = Look(text.view, passage, self._kept_names(passage.kept_names))
                    markup = markups.get(text.number, _NO_MARKUP)
                    yield text.number, _spans(with_rest(hit, look), look, markup, as_read=True)

    @cached_property
    def _colon_ids(self) -> ColonIds:
        return ColonIds(self._persons)

    @cached_property
    def _unspaced(self) -> Unspaced:
        return Unspaced(self._persons)

    @cached_property
    def _houses(self) -> HouseNumbers:
        return HouseNumbers(self._persons)

    @cached_property
    def _search(self) -> "Search":
        # Only here: the import of NumPy takes its time.
        from pipelines.redaction.known_values.search import Search

        return Search(
            [entry for one in self._persons for entry in entries_of(one, strict=self._strict)]
        )

    @cached_property
    def _parts(self) -> dict[SubjectRef, frozenset[str]]:
        return {person.ref: name_parts(person) for person in self._persons}

    def _kept_names(self, names: tuple[str, ...]) -> KeptNames:
        # A tenant's agents come with every passage.
        kept = self._kept.get(names)
        if kept is None:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            kept = self._kept[names] = KeptNames(names)
        return kept


def _batches(passages: Sequence[Passage]) -> Iterator[list[int]]:
    """Yield the numbers of passages that are searched together; none that is empty."""
    batch: list[int] = []
    size = 0
    for number, passage in enumerate(passages):
        if not passage.text:
            continue
        batch.append(number)
        size += len(passage.text)
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


# --- spans ----------------------------------------------------------------------------------------


class _Markup:
    """The tags of an HTML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.tags = tags(text)

    @cached_property
    def values(self) -> Ranges:
        """Where the values of attributes stand."""
        return Ranges(
            (start, end)
            for tag in self.tags
            if tag.named
            for _, start, end in attributes(self._text, tag)
        )


_NO_MARKUP = _Markup("")


def _spans(hit: Hit, look: Look, markup: _Markup, *, as_read: bool) -> Iterator[Span]:
    start, end = look.view.span(hit.start, hit.end)
    parts = outside(start, end, markup.tags)
    if not as_read:
        for tag in after(start, markup.tags):
            if tag.start >= end:
                break
            if hit.is_weak and tag.named and not markup.values.hold(start, end):
                return
            parts.append((max(start, tag.start), min(end, tag.end)))
    for part_start, part_end in sorted(parts):
        piece = look.passage.text[part_start:part_end]
        lead = len(piece) - len(piece.lstrip(" \t\r\n\xa0<>"))
        tail = len(piece.rstrip(" \t\r\n\xa0<>"))
        if lead < tail:
            yield Span(
                part_start + lead,
                part_start + tail,
                LABEL_OF_KIND[hit.entries[0].key.kind],
                1.0,
                frozenset(entry.subject for entry in hit.entries),
            )


def _apart(spans: set[Span], text: str) -> tuple[Span, ...]:
    """Return the spans in order, overlapping ones joined under the label of the longest."""
    if not spans:
        return ()
    placeholders = Ranges(match.span() for match in PLACEHOLDER.finditer(text))
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, s.label)):
        if placeholders.hold(span.start, span.end):
            continue
        if joined and span.start < joined[-1].end:
            last = joined.pop()
            longer = max(last, span, key=lambda s: s.end - s.start)
            end = max(last.end, span.end)
            people = last.subjects | span.subjects
            span = replace(longer, start=last.start, end=end, subjects=people)
        joined.append(span)
    return tuple(joined)
