"""The known values of many people, found in one pass over a text.

Values and texts are folded alike (folding.py): case, diacritics, compatibility forms and
invisible characters do not count, nor does what parts the words of a name. Three searches run
over each view of a text: words (names, addresses, ids), e-mail addresses, digits (phones).
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import assert_never

import ahocorasick
import phonenumbers

from pipelines.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from pipelines.ports import Passage, Span
from pipelines.redaction.everyday_words import EVERYDAY, INTRODUCTION, LEGAL_FORM
from pipelines.redaction.folding import View, decoded, fold, folded, without_tags
from pipelines.redaction.labels import LABEL_OF_KIND, PLACEHOLDER
from pipelines.redaction.markup import Tag, after, attributes, outside, tags

_WORD = re.compile(r"[^\W_]+")
# What may stand between the words of one value: line breaks, quote marks of a reply, three signs.
# No double quote: in a JSON text a value would reach from one string into the next.
_GAP = re.compile(r"(?:[\s>|]*(?:_|[^\w\s!?;:@>|\"])){0,3}[\s>|]*")
_DIGITS = re.compile(r"\d+", re.ASCII)
_NUMBER = re.compile(r"\d(?:(?:[^\w\"]|_){0,4}\d){6,}", re.ASCII)
_TAGGED = re.compile(r"\+[a-z0-9._%+=-]{0,64}@")
_HOST = re.compile(r"(?:@|://|\bwww\.)[a-z0-9.-]*$")
_EDGES = " \t\r\n,.:;!-<>|\"'()[]{}/=*_"

_PHONE_DIGITS = 7
_LONE_ID = 5
_SHORTEST_ID = 3
_UNMISTAKABLE = 16
_ADDRESS_LENGTH = 10
_GLUED = 7
_LONGEST_CHAIN = 2
_REMEMBERED = 64
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "hr", "herr", "frau", "fru", "mme", "sr", "sra")
)
_DIGRAPH = re.compile(r"([ou])e|(?<!a)(a)a")
_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


@dataclass(frozen=True)
class _Key:
    """A folded form of a value, to be searched for.

    Attributes:
        own_only: too weak to count outside the person's own rows.
        everyday: made of ordinary words: capitals (and for one word, the place) must fit.
        turned: a name in another order, "berg anna": the straight order wins over it.
    """

    text: str
    kind: IdentifierKind
    own_only: bool = False
    everyday: bool = False
    turned: bool = False


@dataclass(frozen=True)
class _Entry:
    """A key and one person whose value it is; `identifier` is None for a short name."""

    key: _Key
    subject: SubjectRef
    identifier: Identifier | None


@dataclass(frozen=True)
class _Hit:
    """Entries whose key stands at `start` to `end` of a folded view."""

    start: int
    end: int
    entries: tuple[_Entry, ...] = field(repr=False)


class KnownValueMatcher:
    """Finds every known value of `persons`, with exact offsets of the original text.

    It folds what people and mail programs change: case, diacritics, invisible characters,
    line breaks, HTML tags and entities, percent, quoted-printable and JSON escapes, the
    separators and prefixes of phone numbers, the order of names, a genitive s.

    Not found: misspellings, nicknames, initials, values inside base64 or compressed data,
    names in scripts that put no space between words. Ids of conversations and messages are
    not searched for: they stay in the data. An id of one or two letters or digits is not
    searched for either; one of three or four only in the person's own rows.
    """

    def __init__(self, persons: Sequence[Person]) -> None:
        words: dict[str, list[_Entry]] = defaultdict(list)
        mails: dict[str, list[_Entry]] = defaultdict(list)
        digits: dict[str, list[_Entry]] = defaultdict(list)
        for person in persons:
            for key, identifier in _keys_of(person):
                entry = _Entry(key, person.ref, identifier)
                if key.kind is IdentifierKind.EMAIL and "@" in key.text:
                    mails[key.text].append(entry)
                elif key.text.isdigit() and len(key.text) >= _PHONE_DIGITS:
                    digits[key.text].append(entry)
                else:
                    words[f" {key.text}"].append(entry)
        self._words = _automaton(words)
        self._mails = _automaton(mails)
        self._digits = _automaton(digits)
        self._kept: dict[tuple[str, ...], _KeptNames] = {}
        self._name_parts = {person.ref: _name_parts(person) for person in persons}

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value, in order, not overlapping.

        In HTML a value that tags run through gives one span for each part of its text, so
        that covering the spans leaves the tags whole.
        """
        if not passage.text:
            return ()
        markup = _Markup(passage)
        kept_names = self._kept_names(passage.kept_names)
        spans: set[Span] = set()
        for view, as_read in _views(passage.text, markup.tags):
            look = _Look(folded(view), passage, kept_names)
            for hit in self._hits(look):
                spans.update(self._spans(hit, look, markup, as_read=as_read))
        return _apart(spans, passage.text)

    def _kept_names(self, names: tuple[str, ...]) -> "_KeptNames":
        # A tenant's agents come with every passage.
        kept = self._kept.get(names)
        if kept is None:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            kept = self._kept[names] = _KeptNames(names)
        return kept

    def _hits(self, look: "_Look") -> list[_Hit]:
        hits = [*self._word_hits(look), *self._mail_hits(look.text), *self._number_hits(look.text)]
        if not hits:
            return []
        allowed = _Ranges(
            (hit.start, hit.end)
            for hit in hits
            if any(entry.identifier in look.passage.allowed for entry in hit.entries)
        )
        counting = []
        for hit in hits:
            if allowed.hold(hit.start, hit.end):
                continue
            entries = tuple(entry for entry in hit.entries if self._counts(entry, hit, look))
            if entries:
                counting.append(_Hit(hit.start, hit.end, entries))
        return _straight_first(counting)

    def _word_hits(self, look: "_Look") -> Iterator[_Hit]:
        if not self._words:
            return
        line = look.line
        for last, entries in self._words.iter(line):
            after = last + 1
            genitive = line.startswith("s ", after)
            if line[after] != " " and not genitive:
                continue
            starts, ends = look.words
            at = last + 1 - len(entries[0].key.text)
            first = bisect_left(look.places, at)
            count = entries[0].key.text.count(" ") + 1
            if not all(
                _GAP.fullmatch(look.text, ends[index], starts[index + 1])
                for index in range(first, first + count - 1)
            ):
                continue
            end = ends[first + count - 1] - (1 if genitive else 0)
            if genitive:
                entries = tuple(e for e in entries if e.key.kind is IdentifierKind.NAME)
            if entries:
                yield _Hit(starts[first], end, tuple(entries))

    def _mail_hits(self, text: str) -> Iterator[_Hit]:
        if not self._mails or "@" not in text:
            return
        for last, entries in self._mails.iter(text):
            end = last + 1
            start = end - len(entries[0].key.text)
            if _address_stands_alone(text, start, end):
                yield _Hit(start, end, tuple(entries))
        # A tag after a plus sign names the same mailbox.
        for match in _TAGGED.finditer(text):
            local = text[max(0, match.start() - 64) : match.start()]
            domain = text[match.end() : match.end() + 255]
            for last, entries in self._mails.iter(f"{local}@{domain}"):
                key = entries[0].key.text
                at = last + 1 - len(key)
                if at + key.index("@") == len(local):
                    start = match.start() - len(local) + at
                    end = match.end() + last - len(local)
                    if _address_stands_alone(text, start, end):
                        yield _Hit(start, end, tuple(entries))

    def _number_hits(self, text: str) -> Iterator[_Hit]:
        if not self._digits:
            return
        for number in _NUMBER.finditer(text):
            groups = [match.span() for match in _DIGITS.finditer(text, *number.span())]
            stream = "".join(text[start:end] for start, end in groups)
            places = [place for start, end in groups for place in range(start, end)]
            for last, entries in self._digits.iter(stream):
                first = last + 1 - len(entries[0].key.text)
                if last + 1 < len(places) and places[last + 1] == places[last] + 1:
                    continue
                start = places[first]
                if first and places[first - 1] == start - 1:
                    calling = _calling_code(text, start, places[:first])
                    if calling is None:
                        continue
                    start = calling
                start, end = _with_signs(text, start, places[last] + 1)
                yield _Hit(start, end, tuple(entries))

    def _counts(self, entry: _Entry, hit: _Hit, look: "_Look") -> bool:
        key = entry.key
        if key.kind is IdentifierKind.EXTERNAL_ID and _part_of_a_number(look.text, hit):
            return False
        if key.own_only and entry.subject not in look.passage.own:
            return False
        if key.kind is not IdentifierKind.NAME:
            return True
        if not key.own_only:
            if key.text in look.kept_names.keys and look.kept.hold(hit.start, hit.end):
                return False
            return not key.everyday or look.capitalized(hit)
        return (
            not look.kept.hold(hit.start, hit.end)
            and not _HOST.search(look.text, max(0, hit.start - 255), hit.start)
            and not look.company(hit)
            and (not key.everyday or self._introduced(entry, hit, look))
        )

    def _introduced(self, entry: _Entry, hit: _Hit, look: "_Look") -> bool:
        """Whether the place of an everyday word says that it is a name."""
        if not look.capitalized(hit):
            return False
        line_start = look.text_before(hit)
        if INTRODUCTION.search(line_start):
            return True
        before = line_start.rsplit("\n", 1)[-1].strip(_EDGES)
        after = look.text_after(hit).split("\n", 1)[0].strip(_EDGES)
        parts = self._name_parts[entry.subject]
        neighbours = (_WORD.findall(before)[-1:], _WORD.findall(after)[:1])
        beside = any(words and words[0] in parts for words in neighbours)
        return beside or (not before and not after)

    @staticmethod
    def _spans(hit: _Hit, look: "_Look", markup: "_Markup", *, as_read: bool) -> Iterator[Span]:
        start, end = look.view.span(hit.start, hit.end)
        entry = hit.entries[0]
        parts = outside(start, end, markup.tags)
        if not as_read:
            short = entry.identifier is None or entry.key.own_only
            for tag in after(start, markup.tags):
                if tag.start >= end:
                    break
                if short and tag.named and not markup.values.hold(start, end):
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
                    LABEL_OF_KIND[entry.key.kind],
                    1.0,
                    frozenset(entry.subject for entry in hit.entries),
                )


class _Ranges:
    """Ranges of a text, joined where they touch."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._joined: list[tuple[int, int]] = []
        for start, end in sorted(ranges):
            if self._joined and start <= self._joined[-1][1]:
                end = max(end, self._joined[-1][1])
                start = self._joined.pop()[0]
            self._joined.append((start, end))
        self._ends = [end for _, end in self._joined]

    def hold(self, start: int, end: int) -> bool:
        """Whether one range holds all of `start` to `end`."""
        index = bisect_left(self._ends, end)
        return index < len(self._joined) and self._joined[index][0] <= start

    def cut(self, start: int, end: int) -> bool:
        """Whether a range holds a part of `start` to `end` and goes on outside."""
        for at in (start, end):
            index = bisect_right(self._ends, at)
            if index < len(self._joined) and self._joined[index][0] < at:
                return True
        return False


class _KeptNames:
    """Names that stay in a text, folded: in their order, and turned."""

    def __init__(self, names: tuple[str, ...]) -> None:
        forms = [_name_forms(fold(name)) for name in names]
        self.straight = tuple(dict.fromkeys(form[0] for form in forms if form))
        self.turned = tuple(dict.fromkeys(turned for form in forms for turned in form[1:]))
        self.keys = frozenset((*self.straight, *self.turned))


class _Markup:
    """The tags of a passage, none if it is no HTML."""

    def __init__(self, passage: Passage) -> None:
        self._text = passage.text
        self.tags = tags(passage.text) if passage.media_type == "text/html" else []

    @cached_property
    def values(self) -> _Ranges:
        """Where the values of attributes stand."""
        return _Ranges(
            (start, end)
            for tag in self.tags
            if tag.named
            for _, start, end in attributes(self._text, tag)
        )


class _Look:
    """One folded view of a passage and what is worked out about it, once and only if needed."""

    def __init__(self, view: View, passage: Passage, kept_names: "_KeptNames") -> None:
        self.view = view
        self.passage = passage
        self.kept_names = kept_names
        self.text = view.text

    @cached_property
    def line(self) -> str:
        """The words alone, each after one space."""
        return f" {' '.join(_WORD.findall(self.text))} "

    @cached_property
    def words(self) -> tuple[list[int], list[int]]:
        """Where each word starts and ends in `text`."""
        found = [match.span() for match in _WORD.finditer(self.text)]
        return [start for start, _ in found], [end for _, end in found]

    @cached_property
    def places(self) -> list[int]:
        """Where each word starts in `line`."""
        places = []
        place = 1
        for start, end in zip(*self.words, strict=True):
            places.append(place)
            place += end - start + 1
        return places

    @cached_property
    def kept(self) -> _Ranges:
        """Where the names stand that stay."""
        straight = self._standing(self.kept_names.straight)
        turned = self._standing(self.kept_names.turned)
        apart = _Ranges(straight)
        return _Ranges([*straight, *(range_ for range_ in turned if not apart.cut(*range_))])

    def _standing(self, keys: Iterable[str]) -> list[tuple[int, int]]:
        """Return where folded names stand."""
        ranges = []
        starts, ends = self.words
        for key in keys:
            at = self.line.find(f" {key}")
            while at >= 0:
                after = at + 1 + len(key)
                if self.line[after] == " " or self.line.startswith("s ", after):
                    first = bisect_left(self.places, at + 1)
                    ranges.append((starts[first], ends[first + key.count(" ")]))
                at = self.line.find(f" {key}", at + 1)
        return ranges

    def capitalized(self, hit: _Hit) -> bool:
        source = self.view.source.text
        return all(
            source[self.view.in_source(match.start(), match.end())[0]].isupper()
            for match in _WORD.finditer(self.text, hit.start, hit.end)
        )

    def company(self, hit: _Hit) -> bool:
        _, end = self.view.in_source(hit.start, hit.end)
        return LEGAL_FORM.match(self.view.source.text, end) is not None

    def text_before(self, hit: _Hit) -> str:
        """The folded text before a hit, with its line breaks."""
        start, _ = self.view.in_source(hit.start, hit.end)
        return _fold_lines(self.view.source.text[max(0, start - 80) : start])

    def text_after(self, hit: _Hit) -> str:
        """The folded text after a hit, with its line breaks."""
        _, end = self.view.in_source(hit.start, hit.end)
        return _fold_lines(self.view.source.text[end : end + 80])


def _fold_lines(text: str) -> str:
    return "\n".join(fold(line) for line in text.split("\n"))


def _straight_first(hits: list[_Hit]) -> list[_Hit]:
    """Drop turned names that reach into something else: in "Anna Berg, Anna" there is one name."""
    turned = [all(entry.key.turned for entry in hit.entries) for hit in hits]
    others = _Ranges(
        (hit.start, hit.end) for hit, is_turned in zip(hits, turned, strict=True) if not is_turned
    )
    return [
        hit
        for hit, is_turned in zip(hits, turned, strict=True)
        if not (is_turned and others.cut(hit.start, hit.end))
    ]


def _views(text: str, ranges: list[Tag]) -> Iterator[tuple[View, bool]]:
    """Yield the views of a text to be searched, and whether each shows the text as it is read.

    HTML is also searched with its tags, for the values inside attributes and comments.
    """
    original = View(text)
    starts: list[tuple[View, bool]] = [(original, not ranges)]
    if ranges:
        starts.insert(0, (without_tags(original, ranges), True))
    for start, as_read in starts:
        view: View | None = start
        for _ in range(1 + _LONGEST_CHAIN):
            if view is None:
                break
            yield view, as_read
            view = decoded(view)


def _apart(spans: set[Span], text: str) -> tuple[Span, ...]:
    """Return the spans in order, overlapping ones joined under the label of the longest."""
    if not spans:
        return ()
    placeholders = _Ranges(match.span() for match in PLACEHOLDER.finditer(text))
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


def _automaton(keys: dict[str, list[_Entry]]) -> ahocorasick.Automaton | None:
    if not keys:
        return None
    automaton = ahocorasick.Automaton()
    for text, entries in keys.items():
        automaton.add_word(text, entries)
    automaton.make_automaton()
    return automaton


def _keys_of(person: Person) -> Iterator[tuple[_Key, Identifier | None]]:
    seen: set[tuple[str, IdentifierKind, Identifier | None]] = set()
    for identifier in person.known:
        for key in _keys(identifier):
            if (name := (key.text, key.kind, identifier)) not in seen:
                seen.add(name)
                yield key, identifier
    for short in person.short_names:
        for text in {" ".join(_WORD.findall(written)) for written in _spellings(short)}:
            if len(text) > 1:
                yield _name_key(text, own_only=True), None


def _keys(identifier: Identifier) -> Iterator[_Key]:
    kind, value = identifier.kind, identifier.value
    match kind:
        case IdentifierKind.NAME:
            for written in _spellings(value):
                yield from _name_keys(written)
        case IdentifierKind.ADDRESS:
            for written in _spellings(value):
                yield from _address_keys(written)
        case IdentifierKind.EMAIL:
            yield from _mail_keys(fold(value.strip()))
        case IdentifierKind.PHONE:
            for digits in _phone_forms(value):
                yield _Key(digits, kind)
        case IdentifierKind.EXTERNAL_ID:
            yield from _id_keys(fold(value))
        case IdentifierKind.CONTACT_ID:
            # A short one (a serial number) is any number; a uuid is nobody else's.
            words = _WORD.findall(fold(value))
            if len("".join(words)) >= _UNMISTAKABLE:
                yield _Key(" ".join(words), kind)
                yield _Key("".join(words), kind)
        case IdentifierKind.CONVERSATION_ID | IdentifierKind.MESSAGE_ID:
            return
        case _:
            assert_never(kind)


def _spellings(value: str) -> set[str]:
    """Return a value folded, as with and without the letters that a keyboard may lack.

    >>> sorted(_spellings("Jørgen")), sorted(_spellings("Aarhus"))
    (['joergen', 'jorgen'], ['aarhus', 'arhus'])
    """
    composed = unicodedata.normalize("NFC", value).lower()
    plain = fold(value)
    return {plain, fold(composed.translate(_TRANSLITERATED)), _DIGRAPH.sub(r"\1\2", plain)}


def _name_key(text: str, *, own_only: bool, turned: bool = False) -> _Key:
    everyday = all(len(word) < 3 or word in EVERYDAY for word in text.split(" "))
    return _Key(text, IdentifierKind.NAME, own_only, everyday, turned)


def _name_forms(folded_name: str) -> list[str]:
    """Return a full name in its orders: "anna berg hansen", then "berg hansen anna" and so on."""
    words = _WORD.findall(folded_name)
    while len(words) > 2 and words[0] in _TITLES:
        words = words[1:]
    return [" ".join(words[first:] + words[:first]) for first in range(len(words))]


def _name_keys(folded_name: str) -> Iterator[_Key]:
    for number, form in enumerate(_name_forms(folded_name)):
        words = form.split(" ")
        yield _name_key(form, own_only=len(words) == 1, turned=number > 0)
        if len(words) > 2:
            yield _name_key(f"{words[0]} {words[-1]}", own_only=True, turned=number > 0)
        if len(words) > 1 and len(form) > _GLUED:
            yield _name_key("".join(words), own_only=True)


def _address_keys(folded_address: str) -> Iterator[_Key]:
    words = _WORD.findall(folded_address)
    whole = " ".join(words)
    if len(words) < 2:
        return
    yield _Key(whole, IdentifierKind.ADDRESS, own_only=len(whole) < _ADDRESS_LENGTH)
    street = _WORD.findall(re.split(r"[,;\n]", folded_address.strip())[0])
    if len(street) > 1 and any(word[0].isdigit() for word in street):
        yield _Key(" ".join(street), IdentifierKind.ADDRESS, own_only=True)


def _mail_keys(address: str) -> Iterator[_Key]:
    address = address.removeprefix("mailto:")
    local, at, domain = address.partition("@")
    if not (local and at and domain):
        return
    for mailbox in {local, local.partition("+")[0] or local}:
        yield _Key(f"{mailbox}@{domain}", IdentifierKind.EMAIL)
        for dot in (" ", " dot "):
            left, right = (
                dot.join(" ".join(_WORD.findall(part)) for part in side.split("."))
                for side in (mailbox, domain)
            )
            yield _Key(f"{left} at {right}", IdentifierKind.EMAIL)
            yield _Key(f"{' '.join(_WORD.findall(mailbox))} at {right}", IdentifierKind.EMAIL)


def _id_keys(folded_id: str) -> Iterator[_Key]:
    words = _WORD.findall(folded_id)
    glued = "".join(words)
    if len(glued) < _SHORTEST_ID:
        return
    weak = len(glued) < (_PHONE_DIGITS if glued.isdigit() else _LONE_ID)
    yield _Key(" ".join(words), IdentifierKind.EXTERNAL_ID, own_only=weak)
    if len(words) > 1:
        yield _Key(glued, IdentifierKind.EXTERNAL_ID, own_only=weak)


def _phone_forms(value: str) -> set[str]:
    """Return the digits by which a number is written: national, international, as given."""
    given = fold(value)
    digits = "".join(_DIGITS.findall(given))
    forms = {digits}
    if digits.startswith("00"):
        given = f"+{digits[2:]}"
    elif digits.startswith("0") and len(digits) > _PHONE_DIGITS + 1:
        forms.add(digits[1:])
    try:
        number = phonenumbers.parse(given if "+" in given else f"+{digits}")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and ("+" in given or phonenumbers.is_valid_number(number)):
        code = str(number.country_code)
        national = phonenumbers.national_significant_number(number)
        trunk = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        dialled = "".join(_DIGITS.findall(trunk))
        for prefix in ("", "00", "011"):
            forms |= {
                prefix + code + national,
                prefix + code + dialled,
                f"{prefix}{code}0{national}",
            }
        forms |= {national, dialled, f"0{national}"}
    return {form for form in forms if len(form) >= _PHONE_DIGITS}


def _name_parts(person: Person) -> frozenset[str]:
    names = [i.value for i in person.known if i.kind is IdentifierKind.NAME]
    return frozenset(
        word
        for name in (*names, *person.short_names)
        for written in _spellings(name)
        for word in _WORD.findall(written)
    )


def _address_stands_alone(text: str, start: int, end: int) -> bool:
    """Whether an e-mail address is whole here, not the end or the start of a longer one."""
    before = text[max(0, start - 2) : start]
    after = text[end : end + 2]
    longer_before = re.search(r"[\w]$|[\w][-.+%&']$", before)
    longer_after = re.match(r"[^\W_]|[-.][^\W_]", after)
    return longer_before is None and longer_after is None


def _part_of_a_number(text: str, hit: _Hit) -> bool:
    """Whether an id goes on with more digits after a hyphen or point: another id."""
    before = text[max(0, hit.start - 2) : hit.start]
    after = text[hit.end : hit.end + 2]
    return bool(
        (text[hit.start].isdigit() and re.search(r"\d[-.]$", before))
        or (text[hit.end - 1].isdigit() and re.match(r"[-.]\d", after))
    )


def _calling_code(text: str, start: int, before: list[int]) -> int | None:
    """Return where a calling code starts that is written right before a number, if there is one."""
    first = start
    while before and before[-1] == first - 1:
        first = before.pop()
    prefix = text[first:start]
    if first and text[first - 1] == "+":
        code = prefix
    elif prefix.startswith("00"):
        code = prefix[2:]
    else:
        return None
    codes = {code, code.removesuffix("0")} - {""}
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return first if any(len(c) < 4 and int(c) in known for c in codes) else None


def _with_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """Take a plus sign and a bracket before a number along."""
    if start and text[start - 1] == "+":
        start -= 1
    if start and text[start - 1] == "(" and ")" in text[start:end]:
        start -= 1
    return start, end
