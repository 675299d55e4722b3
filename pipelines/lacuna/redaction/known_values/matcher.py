"""The known values of many people, found in one pass over many texts.

Texts are folded and cut into words and groups of digits, all of a batch at once (text_runs.py). What
is searched for (value_spellings.py) is found by its letters, however they are parted (indexes.py); only then
is it asked how they are parted and what surrounds them (value_matches.py). In people's own texts streets
are found by the numbers of their houses too (house_numbers.py). Texts that show signs of an encoding
or a disguise are searched again without it (disguises.py), together with those of many other passages.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Span
from lacuna.redaction.folding import View, without_tags
from lacuna.redaction.known_values.colon_ids import ColonIds
from lacuna.redaction.known_values.disguise_kinds import GUESSED, MADE, DisguiseKind
from lacuna.redaction.known_values.display_names import display_names
from lacuna.redaction.known_values.house_numbers import HouseNumbers
from lacuna.redaction.known_values.parted_names import PartedNames
from lacuna.redaction.known_values.ranges import Ranges
from lacuna.redaction.known_values.surroundings import KeptNames, Look
from lacuna.redaction.known_values.unspaced_scripts import Unspaced
from lacuna.redaction.known_values.value_hashes import Digests
from lacuna.redaction.known_values.value_matches import ValueMatch, counting, with_rest
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry, entries_of, name_parts
from lacuna.redaction.markup import (
    Tag,
    after,
    all_tags,
    attributes,
    is_parted_within_words,
    outside,
    tags,
)
from lacuna.redaction.operators.labels import LABEL_OF_KIND, PLACEHOLDER

if TYPE_CHECKING:
    from lacuna.redaction.known_values.search import Search

_SEARCHED_TOGETHER = 1 << 17
"""Characters of the texts of one search."""
_READ_TOGETHER = 1 << 20
"""Characters of the passages that are read to their end before the next are begun."""
_LONGEST_CHAIN = 3
_LONGEST_GUESS = 2
_REACH = 400
"""Characters beside a disguise that may belong to the same value, or say what it is."""
_REMEMBERED = 64
_DISPLAY_NAME = Key((), IdentifierKind.NAME, own_only=True)


class _Markup:
    """The tags of a text."""

    def __init__(self, text: str, ranges: Sequence[Tag] = ()) -> None:
        self._text = text
        self.tags = ranges

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
_NO_DISGUISE = DisguiseKind(0)


@dataclass(frozen=True)
class _PassageView:
    """A view of one of the passages.

    Attributes:
        number: of the passage.
        as_read: whether it shows the passage as a reader sees it.
        markup: the tags that stay in the passage, whatever is found around them.
        spares_tags: whether tags between two parts of a value stay, though it shows what is in tags.
        is_apart: whether it shows what was in some runs of the passage alone, and nothing around.
        is_guessed: whether characters were taken for others, as people write them to disguise a value.
        depth: how many rewritings lie between it and the passage.
    """

    number: int
    view: View = field(repr=False)
    as_read: bool = True
    markup: _Markup = field(repr=False, default=_NO_MARKUP)
    spares_tags: bool = False
    is_apart: bool = False
    is_guessed: bool = False
    depth: int = 0

    @property
    def is_last(self) -> bool:
        """Whether it is not read further without whatever disguises it still has."""
        return self.depth == (_LONGEST_GUESS if self.is_guessed else _LONGEST_CHAIN)


class _SearchedTexts(NamedTuple):
    """Texts that are searched at once.

    Attributes:
        said: the characters of each.
        passages: whose they are.
        read: the texts, or the numbers of passages that are read as they are.
    """

    said: Sequence[str]
    passages: Sequence[Passage]
    read: Sequence[_PassageView | int]

    def text(self, index: int) -> _PassageView:
        one = self.read[index]
        return _PassageView(one, View(self.said[index])) if isinstance(one, int) else one


class KnownValueMatcher:
    """Finds every known value of `persons`, with exact offsets of the original text.

    It sees through what people and mail programs change: case, diacritics, look-alikes of other
    alphabets, invisible characters, line breaks, HTML tags and entities, percent, quoted-printable
    and JSON escapes, base64, the separators and prefixes of numbers, spoken digits, characters for
    letters, the order of names, initials, common nicknames, a genitive s, short forms of streets,
    "at" and "dot" in an address; and through one or two typing errors in long values. In the person's
    own texts a house number near a word of its street is enough.

    Not found: values inside compressed data. In scripts that put no blank between words a value is looked
    for within whatever stands there (unspaced_scripts.py).
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
        """Find within markup too.

        In HTML a value that tags run through gives one span for each part of its text, so
        that covering the spans leaves the tags whole.
        """
        return self.find_all([passage])[0]

    def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Search all passages in one pass."""
        result: list[tuple[Span, ...]] = [()] * len(passages)
        if not self._persons:
            return result
        numbers = [number for number, passage in enumerate(passages) if passage.text]
        filled = [passages[number] for number in numbers]
        for part in _cut([passage.text for passage in filled], _READ_TOGETHER):
            for number, spans in self._found(filled[part]).items():
                result[numbers[part.start + number]] = spans
        return result

    def _found(self, passages: Sequence[Passage]) -> dict[int, tuple[Span, ...]]:
        found: dict[int, set[Span]] = defaultdict(set)
        pages = [one for one, passage in enumerate(passages) if passage.media_type == "text/html"]
        made = {number: texts for number in pages if (texts := _as_html(number, passages[number]))}
        waiting = deque(text for texts in made.values() for text in texts)
        # Two disguises may be taken off in either order.
        seen: set[tuple[int, bool, str, tuple[int, int]]] = set()

        def read(texts: _SearchedTexts) -> None:
            for text, spans, further in self._searched(texts):
                found[text.number].update(spans)
                for one in further:
                    said = one.view.text
                    where = one.view.span(0, len(said)) if said else (0, 0)
                    if (key := (one.number, one.as_read, said, where)) not in seen:
                        seen.add(key)
                        waiting.append(one)

        # Most passages are plain, and say nothing: for them no view is made.
        numbers: Sequence[int] = range(len(passages))
        if made:
            numbers = [number for number in numbers if number not in made]
        plain = [passages[number] for number in numbers] if made else passages
        said = [passage.text for passage in plain]
        for part in _cut(said, _SEARCHED_TOGETHER):
            read(_SearchedTexts(said[part], plain[part], numbers[part]))
        # The few texts that are read again are searched with those of all the others.
        while waiting:
            some = _together(waiting)
            asked = [passages[text.number] for text in some]
            read(_SearchedTexts([text.view.text for text in some], asked, some))
        return {number: _apart(spans, passages[number].text) for number, spans in found.items()}

    def _searched(
        self, texts: "_SearchedTexts"
    ) -> Iterator[tuple[_PassageView, Iterator[Span], Iterator[_PassageView]]]:
        """Yield the texts that may hold something, where values stand, and what is read further."""
        owners = [passage.own for passage in texts.passages]
        matches, disguises, anchored = self._search.matches(texts.said, owners)
        owned = [index for index, own in enumerate(owners) if own] if any(owners) else ()
        beyond = self._beyond_words(texts.said)
        for index in sorted({*matches, *disguises, *anchored, *owned, *beyond}):
            text, passage = texts.text(index), texts.passages[index]
            kinds = disguises.get(index, _NO_DISGUISE)
            further = self._rewritten(text, kinds) if kinds and not text.is_last else iter(())
            apart = self._names_in_parts(text, passage, anchored.get(index, ()))
            spans = self._spans_in(text, passage, (matches.get(index, ()), apart), kinds)
            yield text, spans, further

    def _beyond_words(self, texts: Sequence[str]) -> Iterator[int]:
        """Yield the texts that may hold what is not found by its words, whatever their disguises."""
        if not self._colon_ids.is_empty:
            yield from (index for index, text in enumerate(texts) if ":" in text)
        if not self._unspaced.is_empty:
            yield from (index for index, text in enumerate(texts) if not text.isascii())

    def _rewritten(self, text: _PassageView, kinds: DisguiseKind) -> Iterator[_PassageView]:
        """Yield a text without its disguises."""
        further = replace(text, depth=text.depth + 1)
        if guesses := kinds & GUESSED:
            guessed = replace(further, is_guessed=True)
            for view in self._search.rewritings(text.view, guesses):
                yield replace(guessed, view=view.around_edits(_REACH))
        # A program's work comes off first: it was done to what a person wrote, never under it.
        if text.is_guessed:
            return
        if made := kinds & MADE:
            for view in self._search.rewritings(text.view, made):
                yield replace(further, view=view.around_edits(_REACH))
        if DisguiseKind.DENSE in kinds:
            for view in self._search.within_dense(text.view):
                yield replace(further, view=view, is_apart=True)
        if DisguiseKind.TAGS in kinds:
            yield from _without_signs_of_tags(text, further)

    def _spans_in(
        self,
        text: _PassageView,
        passage: Passage,
        found_by: tuple[Sequence[ValueMatch], Iterable[ValueMatch]],
        kinds: DisguiseKind,
    ) -> Iterator[Span]:
        """Yield where values are in a passage, by one view of it."""
        matches, apart = found_by
        others = [
            match
            for match in chain(
                apart,
                self._by_themselves(text.view.text, passage, is_dense=DisguiseKind.DENSE in kinds),
            )
            if match.entries[0].identifier not in passage.allowed
        ]
        near = self._near_numbers(text, passage)
        if not (matches or others or near):
            return
        look = Look(text.view, passage, self._kept_names(passage.kept_names))
        found = [*counting(matches, look, self._parts, self._shared), *others]
        if not self._strict:
            found += [name for match in found for name in self._display_names(match, look)]
        for match in (*found, *(with_rest(one, look) for one in near)):
            yield from _spans(match, look, text)

    def _display_names(self, match: ValueMatch, look: Look) -> Iterator[ValueMatch]:
        """Yield the name that is written beside an address, where the mailbox is one person's."""
        owners = tuple(
            replace(entry, key=_DISPLAY_NAME)
            for entry in match.entries
            if entry.key.mailbox and entry.identifier not in self._shared[entry.subject]
        )
        for start, end in display_names(look.text, match.start, match.end) if owners else ():
            if not look.kept.hold(start, end):
                yield match._replace(start=start, end=end, entries=owners, words=((start, end),))

    def _names_in_parts(
        self, text: _PassageView, passage: Passage, names: Sequence[KeyEntry]
    ) -> Iterator[ValueMatch]:
        # Without tags two people's names are words of one line.
        if names and not text.spares_tags:
            kept = self._kept_names(passage.kept_names)
            yield from self._parted_names.find(text.view.text, names, passage.own, kept)

    def _by_themselves(
        self, text: str, passage: Passage, *, is_dense: bool
    ) -> Iterator[ValueMatch]:
        """Yield what is not found by its words."""
        yield from self._colon_ids.find(text, passage.own)
        yield from self._unspaced.find(text, passage.own, passage.kept_names)
        if is_dense:
            yield from self._digests.find(text, passage.own)

    def _near_numbers(self, text: _PassageView, passage: Passage) -> list[ValueMatch]:
        """Return the streets of a passage's people near the numbers of their houses."""
        if self._strict or not passage.own or text.depth or not text.as_read:
            return []
        return [
            match
            for match in self._houses.find(text.view.text, passage.own)
            if match.entries[0].identifier not in passage.allowed
        ]

    @cached_property
    def _digests(self) -> Digests:
        return Digests(self._persons)

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
        from lacuna.redaction.known_values.search import Search

        return Search(
            [entry for one in self._persons for entry in entries_of(one, strict=self._strict)],
            self._parted_names.anchors,
        )

    @cached_property
    def _parted_names(self) -> PartedNames:
        return PartedNames(self._persons)

    @cached_property
    def _parts(self) -> dict[SubjectRef, frozenset[str]]:
        return {person.ref: name_parts(person) for person in self._persons}

    @cached_property
    def _shared(self) -> dict[SubjectRef, frozenset[Identifier | None]]:
        return {person.ref: frozenset(person.shared) for person in self._persons}

    def _kept_names(self, names: tuple[str, ...]) -> KeptNames:
        # A tenant's agents come with every passage.
        kept = self._kept.get(names)
        if kept is None:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            kept = self._kept[names] = KeptNames(names)
        return kept


def _cut(texts: Sequence[str], most: int) -> Iterator[slice]:
    """Yield parts of some texts, none of which is empty, of `most` characters or just over."""
    ends = list(accumulate(map(len, texts)))
    start = done = 0
    while start < len(ends):
        end = min(bisect_left(ends, done + most) + 1, len(ends))
        yield slice(start, end)
        start, done = end, ends[end - 1]


# --- spans ----------------------------------------------------------------------------------------


def _as_html(number: int, passage: Passage) -> list[_PassageView]:
    """Return HTML as a reader sees it, and with its tags, for what they hold; nothing without tags."""
    ranges = tags(passage.text) if "<" in passage.text else []
    if not ranges:
        return []
    view, markup = View(passage.text), _Markup(passage.text, ranges)
    return [
        _PassageView(number, without_tags(view, ranges), markup=markup),
        _PassageView(number, view, as_read=False, markup=markup),
    ]


def _together(waiting: deque[_PassageView]) -> list[_PassageView]:
    """Take as many texts as are searched at once."""
    some: list[_PassageView] = []
    size = 0
    while waiting and size < _SEARCHED_TOGETHER:
        text = waiting.popleft()
        some.append(text)
        size += len(text.view.text)
    return some


def _without_signs_of_tags(text: _PassageView, further: _PassageView) -> Iterator[_PassageView]:
    """Yield a text without what looks like tags, whatever its declared type.

    A plain text may hold HTML, and a value may stand on both sides of any tag: `An<b>na</b>`. A tag
    within a word parts two words that are laid out apart: `Anna<i>Berg</i>`.
    """
    said = text.view.text
    ranges = all_tags(said)
    markup = text.markup
    if not text.depth and not markup.tags:
        markup = _Markup(said, ranges)
    further = replace(further, markup=markup, spares_tags=True)
    is_shown = not (text.as_read or text.is_apart) and len(ranges) == len(markup.tags)
    if not is_shown:
        yield replace(further, view=without_tags(text.view, ranges))
    if is_parted_within_words(said):
        parted = [one._replace(breaks=True) for one in ranges]
        yield replace(further, view=without_tags(text.view, parted))


def _spans(match: ValueMatch, look: Look, text: _PassageView) -> Iterator[Span]:
    markup = text.markup
    start, end = look.view.span(match.start, match.end)
    parts = outside(start, end, markup.tags)
    if not text.as_read:
        for tag in after(start, markup.tags):
            if tag.start >= end:
                break
            if text.spares_tags and parts:
                continue
            if match.is_weak and tag.named and not markup.values.hold(start, end):
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
                LABEL_OF_KIND[match.entries[0].key.kind],
                1.0,
                frozenset(entry.subject for entry in match.entries),
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
