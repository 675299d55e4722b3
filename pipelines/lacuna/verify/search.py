"""Searches texts for every identifier of many people at once, in every view of each text.

Ways of writing that count as the same value: case, marks on letters, order of a name's words,
separators between words, national and international forms of a number, unsalted hashes.
"""

import base64
import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address
from typing import Final, TypeVar

import ahocorasick

from lacuna.model.everyday_words import EVERYDAY
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.model.scripts import HAN, UNSPACED
from lacuna.verify.digit_meanings import is_day_or_money
from lacuna.verify.views import (
    BARRIER,
    as_is,
    digits_of,
    fold,
    fold_characters,
    hexadecimal,
    numbers_in,
    views_of,
    words_of,
)

_T = TypeVar("_T")

_FEWEST_DIGITS: Final = 7
_FEWEST_OF_ID: Final = 5
_FEWEST_OF_STREET: Final = 10
# Scripts without blanks between words: a value is searched for within whatever stands there.
_WITHOUT_BLANKS: Final = re.compile(f"[{UNSPACED}]")
_IN_HAN: Final = re.compile(f"[{HAN}]")
_BETWEEN_LETTERS: Final = dict.fromkeys(
    map(ord, " \t\r\n\u00a0\u3000\u200b\u00ad\u30fb\uff65\u00b7-\uff0d_.,\uff0c\u3001>|")
)
# A shorter key of a row is any number; links to it are compared as such.
_FEWEST_OF_KEY: Final = 16
_HASHES: Final = ("md5", "sha1", "sha256", "sha512")
_TITLES: Final = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "hr", "herr", "frau", "fru", "mme", "sr", "sra")
)
_WRITTEN_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"}
)
_DIGRAPH: Final = re.compile(r"([ou])e|(?<!a)(a)a")
_DIGITS: Final = "0123456789"
_WORD: Final = re.compile(r"[^\W_]+")
# A street and its number in one word.
_GLUED: Final = re.compile(r"\b([^\W\d_]{4,})(\d{1,4}[a-z]?(?:-\d{1,4}[a-z]?)?)\b")
_SHORTEST_TELLING: Final = 3  # letters
_LONGEST_CODE: Final = 4  # with the 0 that some write after it
_NO_DIGIT: Final = re.compile(r"\D+", re.ASCII)
# An id or a digest: a number in it is part of it.
_TOKEN: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}"
)
_DECODED: Final = re.compile(r"[<&%=\\]")
# A moment as programs write it (RFC 3339), or a date that is all of a text or JSON string: a number in it
# is part of it. In each million seconds and microseconds `20.304050` is one, and logs have many.
_MOMENT: Final = re.compile(
    r"(?<!\d)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:(?<![^\"\0]\d{4}-\d{2}-\d{2})(?![^\"\0])"
    r"|[t ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d{1,9}(?!\d))?)?"
    r"(?:z|[+-](?:[01]\d|2[0-3]):?[0-5]\d(?!\d))?)"
)
_LONGEST_MOMENT: Final = 40
_LONGEST_FORWARDING: Final = 320
# Country calling codes (ITU-T E.164): of one digit 1 and 7, of two these; the rest have three.
_TWO_DIGIT_CODE: Final = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


@dataclass(frozen=True)
class KnownValue:
    """One value that is searched for, and whose it is.

    Attributes:
        is_phrase: whether what was found may be words of a language: a name of such words, which
            nowhere in the text has its capitals.
        within: the person's address of mail in which it stands, and nowhere else in the text: the
            name of a mailbox may be a name.
    """

    ref: SubjectRef
    identifier: Identifier = field(repr=False)
    is_phrase: bool = False
    within: Identifier | None = field(repr=False, default=None)

    @property
    def held_as(self) -> Identifier:
        """The value whose holders may keep what was found."""
        return self.within or self.identifier


@dataclass(frozen=True)
class _Number:
    """A telephone number, and the digits that may stand right before it; None: any code."""

    known_value: KnownValue
    before: frozenset[str] | None = field(repr=False)


class KnownValues:
    """The identifiers of many people, ready to be searched for in one pass over many texts.

    Names and numbers must stand alone: `Anna Berg` is not found in `Anna Bergstrom`. E-mail,
    phone and external id are also searched as unsalted hashes, which anybody could reverse.
    """

    def __init__(self, people: Iterable[tuple[SubjectRef, Collection[Identifier]]]) -> None:
        """Prepare the search.

        Args:
            people: each with their identifiers. One that is too weak to search for (see
                `is_searchable`) is left out.
        """
        exact: dict[str, set[KnownValue]] = defaultdict(set)
        digests: dict[str, frozenset[KnownValue]] = {}
        words: dict[str, set[KnownValue]] = defaultdict(set)
        anchors: set[str] = set()
        digits: dict[str, set[_Number]] = defaultdict(set)
        within: dict[str, set[KnownValue]] = defaultdict(set)
        self._phrases: set[KnownValue] = set()
        for ref, identifiers in people:
            for identifier in identifiers:
                if not is_searchable(identifier):
                    continue
                known_value = KnownValue(ref, identifier)
                if _is_phrase(identifier):
                    self._phrases.add(known_value)
                for text in _addresses_of(identifier):
                    exact[text].add(known_value)
                for text in _digests_of(identifier):
                    digests[text] = digests.get(text, frozenset()) | {known_value}
                for text in _forms_within(identifier):
                    within[text].add(known_value)
                for text in word_forms(identifier):
                    words[text].add(known_value)
                    anchors.add(_anchor_of(text, identifier))
                if identifier.kind is IdentifierKind.PHONE:
                    for number, before in _numbers(identifier.value):
                        digits[number].add(_Number(known_value, before))
        self._values = _automaton(
            {text: (exact.get(text, ()), text in anchors) for text in {*exact, *anchors}}
        )
        # Looked up, not searched for: in an automaton they take a hundred times as much memory.
        self._digests = digests
        self._words = _automaton(
            {text: tuple(known_values) for text, known_values in words.items()}
        )
        self._digits = _automaton({text: tuple(numbers) for text, numbers in digits.items()})
        self._within = _automaton(
            {text: tuple(known_values) for text, known_values in within.items()}
        )
        # A nickname between quotes, say: then no text may be divided there.
        self._has_quotes = any('"' in text for text in (*exact, *words))

    def find(self, text: str) -> frozenset[KnownValue]:
        """Return every known value that a text holds, in any of its views."""
        return self.find_all([text]).get(0, frozenset())

    def find_all(self, texts: Sequence[str]) -> Mapping[int, frozenset[KnownValue]]:
        """Return what each text holds, by its number; texts that hold nothing are left out.

        The texts are searched as one: with few hits it takes no longer than one long text. What
        repeats in them is searched once, which is most of what programs write.
        """
        places: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            for part in (text,) if self._has_quotes else _parts_of(text):
                places[part].append(number)
        tokens = [part for part in places if _TOKEN.fullmatch(part)]
        # An id or a digest is read as hexadecimal digits, and as nothing else that it may be.
        for token in tokens:
            if "-" not in token:
                places[hexadecimal(token)] += places[token]
        others = [part for part in places if not _TOKEN.fullmatch(part)]
        found: dict[int, frozenset[KnownValue]] = {}
        for parts, hits in (
            (tokens, self.find_as_is(tokens)),
            (others, self._find(views_of(others))),
        ):
            for which, known_values in hits.items():
                for number in places[parts[which]]:
                    found[number] = found.get(number, frozenset()) | known_values
        return found

    def find_as_is(self, texts: Sequence[str]) -> Mapping[int, frozenset[KnownValue]]:
        """Return what each text holds as it stands; nothing is decoded."""
        return self._find([as_is(texts)])

    def _find(
        self, shown: Iterable[tuple[Sequence[int], str]]
    ) -> Mapping[int, frozenset[KnownValue]]:
        found: dict[int, set[KnownValue]] = defaultdict(set)
        for numbers, view in shown:
            folded = fold_characters(view)
            if self._within is not None and _WITHOUT_BLANKS.search(view):
                plain = _without_blanks(view)
                for place, known_value in _placed(plain, _found_within(self._within, plain)):
                    found[numbers[place]].add(known_value)
            texts: list[str] = []
            for place, known_value in self._outside_of_addresses(folded):
                if known_value in self._phrases:
                    texts = texts or view.split(BARRIER)
                    if not _has_capitals(known_value.identifier, texts[place]):
                        known_value = replace(known_value, is_phrase=True)
                found[numbers[place]].add(known_value)
        return {number: frozenset(known_values) for number, known_values in found.items()}

    def _outside_of_addresses(self, folded: str) -> Iterator[tuple[int, KnownValue]]:
        """Yield the same as `_in_view`, of what stands in an address alone with that address."""
        hits = dict.fromkeys(self._in_view(folded))
        addresses: dict[tuple[int, SubjectRef], list[KnownValue]] = defaultdict(list)
        for place, known_value in hits:
            if known_value.identifier.kind is IdentifierKind.EMAIL:
                addresses[place, known_value.ref].append(known_value)
        texts = folded.split(BARRIER) if addresses else []
        besides: dict[tuple[int, KnownValue], frozenset[KnownValue]] = {}
        for place, known_value in hits:
            is_address = known_value.identifier.kind is IdentifierKind.EMAIL
            for address in () if is_address else addresses.get((place, known_value.ref), ()):
                if (place, address) not in besides:
                    besides[place, address] = self._beside(texts[place], address)
                if known_value not in besides[place, address]:
                    known_value = replace(known_value, within=address.identifier)
                    break
            yield place, known_value

    def _beside(self, folded: str, address: KnownValue) -> frozenset[KnownValue]:
        """Return what a text still holds without an address."""
        for form in _addresses_of(address.identifier):
            folded = folded.replace(form, " @ ")
        return frozenset(known_value for _, known_value in self._in_view(folded))

    def _in_view(self, folded: str) -> Iterator[tuple[int, KnownValue]]:
        """Yield the number of the text in a view, and the known value found in it."""
        promising: set[int] = set()
        if self._values is not None:
            for number, found in _placed(folded, _values_in(self._values, folded)):
                if found is None:
                    promising.add(number)
                else:
                    yield number, found
        if self._digests:
            yield from _placed(folded, _digests_in(self._digests, folded))
        if self._words is not None and promising:
            numbers, blob = _only(promising, folded)
            line = words_of(blob)
            for place, known_value in _placed(line, _words_in(self._words, line)):
                yield numbers[place], known_value
        if self._digits is not None:
            digits = digits_of(folded)
            ends = ((last, None) for last, _ in self._digits.iter(digits))
            promising = {number for number, _ in _placed(digits, ends)}
            if promising:
                numbers, blob = _only(promising, folded)
                for place, known_value in _placed(blob, _numbers_in(self._digits, blob)):
                    yield numbers[place], known_value


def _only(promising: Collection[int], folded: str) -> tuple[list[int], str]:
    """Return some of the texts in a view, with their numbers in it."""
    texts = folded.split(BARRIER)
    numbers = sorted(promising)
    return numbers, BARRIER.join(texts[number] for number in numbers)


def _parts_of(text: str) -> Collection[str]:
    """Return a text in parts of which each value without quotes that it holds is in one.

    No such value goes on across a double quote, nor does any decoding, unless there is something that
    is decoded beside: a tag may have quotes within, and so may an encoded word.
    """
    if '"' not in text or _DECODED.search(text):
        return (text,)
    return text.split('"')


def is_searchable(identifier: Identifier) -> bool:
    """Whether a value says enough to be searched for in everything there is.

    A name of one word, or an id of a few digits, is found all over; the rows that belong to
    the person are known by their links.
    """
    if any(_forms_within(identifier)):
        return True
    value = fold(identifier.value)
    match identifier.kind:
        case IdentifierKind.EMAIL:
            local, _, domain = value.partition("@")
            return bool(local.strip() and domain.strip())
        case IdentifierKind.PHONE:
            return len(_NO_DIGIT.sub("", value)) >= _FEWEST_DIGITS
        case IdentifierKind.NAME:
            return " " in words_of(value)
        case IdentifierKind.ADDRESS:
            words = words_of(value)
            return " " in words or (
                len(words) >= _FEWEST_OF_STREET and _GLUED.fullmatch(words) is not None
            )
        case IdentifierKind.EXTERNAL_ID:
            glued = "".join(filter(str.isalnum, value))
            return len(glued) >= (_FEWEST_DIGITS if glued.isdigit() else _FEWEST_OF_ID)
        case IdentifierKind.CONTACT_ID:
            return len(words_of(value).replace(" ", "")) >= _FEWEST_OF_KEY
        case IdentifierKind.FILE | IdentifierKind.OTHER:
            return " " in words_of(value)
        case IdentifierKind.DATE_OF_BIRTH:
            return False
        case IdentifierKind.CONVERSATION_ID | IdentifierKind.MESSAGE_ID:
            # They stay in the data: no person is known by them once the links are gone.
            return False


def _automaton(entries: Mapping[str, object]) -> ahocorasick.Automaton | None:
    """Return an automaton that gives the length and the entry of each text that it meets."""
    filled = {text: entry for text, entry in entries.items() if text and BARRIER not in text}
    if not filled:
        return None
    automaton = ahocorasick.Automaton()
    for text, entry in filled.items():
        automaton.add_word(text, (len(text), entry))
    automaton.make_automaton()
    return automaton


def _placed(view: str, hits: Iterable[tuple[int, _T]]) -> Iterator[tuple[int, _T]]:
    """Turn places in a view into numbers of the texts joined in it."""
    barriers: list[int] | None = None
    for place, known_value in hits:
        if barriers is None:
            barriers = [found.start() for found in re.finditer(BARRIER, view)]
        yield bisect_right(barriers, place), known_value


# --- values as they are written -------------------------------------------------------------------


def _values_in(
    automaton: ahocorasick.Automaton, text: str
) -> Iterator[tuple[int, KnownValue | None]]:
    """Yield the place of each value, and None for each anchor: words are worth a look there."""
    for last, (length, (known_values, is_anchor)) in automaton.iter(text):
        start, end = last - length + 1, last + 1
        if is_anchor:
            yield start, None
        for known_value in known_values:
            if known_value.identifier.kind is IdentifierKind.EMAIL and "@" in text[start:end]:
                is_alone = _address_stands_alone(text, start, end)
            elif known_value.identifier.kind is IdentifierKind.EMAIL:
                is_alone = _is_return_path(known_value.identifier, text, start, end)
            else:
                is_alone = not (
                    text[end : end + 1].isalnum() or text[max(0, start - 1) : start].isalnum()
                )
            if is_alone:
                yield start, known_value


def _address_stands_alone(text: str, start: int, end: int) -> bool:
    """Whether an address is neither the end of a longer one, nor goes on with another domain."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or before[-1:] == "_":
        return False
    if before[-1:] in tuple(".%+-&'") and before[:-1].isalnum():
        return False
    return not (after[:1].isalnum() or (after[:1] in (".", "-") and after[1:].isalnum()))


def _is_return_path(identifier: Identifier, text: str, start: int, end: int) -> bool:
    """Whether an address stands in one to which mail comes back, or that a server forwards for.

    Or in that of a guest: `bo_example.org#EXT#@`.
    """
    before = text[max(0, start - _LONGEST_FORWARDING) : start]
    local, _, _ = fold(identifier.value.strip()).partition("@")
    is_guest = text.startswith(f"{local}_", start)
    if not text.startswith("#ext#@" if is_guest else "@", end) or before[-1:].isalnum():
        return False
    if is_guest or text.startswith((f"{local}=", f"{local}%"), start):
        return re.search(r"\w\.$", before) is None
    return before[-1:] == "=" and "srs" in before


def _addresses_of(identifier: Identifier) -> Iterator[str]:
    if identifier.kind is IdentifierKind.EMAIL:
        for address in _addresses(identifier.value.strip()):
            local, at, domain = address.partition("@")
            yield address
            if local and at and domain:
                for separator in "=%_":
                    yield f"{local}{separator}{domain}"
                yield f"{domain}={local}"


# --- digests --------------------------------------------------------------------------------------

_DIGEST_LENGTHS: Final = (22, 27, 43, 86, 32, 40, 64, 128)
"""Of the digests in base64, without what fills it up, and in hexadecimal."""
_DIGEST_RUN: Final = re.compile(r"[0-9a-z+/_-]{22,}")
_SEPARATOR_IN_RUN: Final = re.compile(r"[+/_-]")


def _digests_in(
    digests: Mapping[str, frozenset[KnownValue]], folded: str
) -> Iterator[tuple[int, KnownValue]]:
    """Yield the place and the known value of each digest that stands alone."""
    for run in _DIGEST_RUN.finditer(folded):
        text, place = run.group(), run.start()
        ends = {len(text)} if not folded[run.end() : run.end() + 1].isalnum() else set[int]()
        separators = [found.start() for found in _SEPARATOR_IN_RUN.finditer(text)]
        ends.update(separators)
        starts = [at + 1 for at in separators]
        if not folded[max(0, place - 1) : place].isalnum():
            starts.append(0)
        for start in starts:
            for length in _DIGEST_LENGTHS:
                if start + length in ends:
                    for known_value in digests.get(text[start : start + length], ()):
                        yield place + start, known_value


def _digests_of(identifier: Identifier) -> Iterator[str]:
    match identifier.kind:
        case IdentifierKind.EMAIL:
            yield from _hashes({identifier.value, identifier.value.strip().lower()})
        case IdentifierKind.PHONE:
            digits = _NO_DIGIT.sub("", identifier.value)
            yield from _hashes({identifier.value, digits, f"+{digits}", f"00{digits}"})
        case IdentifierKind.EXTERNAL_ID:
            yield from _hashes(
                {identifier.value, identifier.value.strip(), identifier.value.strip().lower()}
            )
        case _:
            return


def _addresses(value: str) -> Iterator[str]:
    """Yield an address, its domain in letters and as DNS writes them."""
    yield fold(value)
    local, _, domain = value.partition("@")
    try:
        yield fold(f"{local}@{domain.encode('idna').decode()}")
        yield fold(f"{local}@{domain.encode().decode('idna')}")
    except UnicodeError:
        return


def _hashes(texts: Collection[str]) -> Iterator[str]:
    for text in texts:
        for name in _HASHES:
            digest = hashlib.new(name, text.encode("utf-8", "replace"), usedforsecurity=False)
            yield digest.hexdigest()
            packed = base64.b64encode(digest.digest()).decode().rstrip("=").lower()
            yield packed
            yield packed.replace("+", "-").replace("/", "_")


# --- words ----------------------------------------------------------------------------------------


def _words_in(automaton: ahocorasick.Automaton, line: str) -> Iterator[tuple[int, KnownValue]]:
    for last, (length, known_values) in automaton.iter(line):
        start, end = last - length + 1, last + 1
        before, after = line[max(0, start - 1) : start], line[end : end + 2]
        if before.isalnum():
            continue
        # A genitive s still is the name.
        is_genitive = after[:1] == "s" and not after[1:].isalnum()
        for known_value in known_values:
            kind = known_value.identifier.kind
            if kind is IdentifierKind.NAME:
                is_alone = is_genitive or not after[:1].isalnum()
            elif kind is IdentifierKind.EMAIL:
                is_alone = not after[:1].isalnum()
            else:
                # A hyphen or point stands here between digits only: a longer id.
                is_alone = before not in ("-", ".") and not (
                    after[:1].isalnum() or after[:1] in ("-", ".")
                )
            if is_alone:
                yield start, known_value


def word_forms(identifier: Identifier) -> frozenset[str]:
    """Return the ways in which a value is written as words, with one space between two.

    >>> sorted(word_forms(Identifier(IdentifierKind.NAME, "Jørgen Berg")))
    ['berg joergen', 'berg jorgen', 'joergen berg', 'jorgen berg']
    """
    value = identifier.value
    match identifier.kind:
        case IdentifierKind.NAME:
            return frozenset(form for text in _spellings(value) for form in _orders(words_of(text)))
        case IdentifierKind.ADDRESS:
            written = [words_of(text) for text in _spellings(value)]
            return frozenset((*written, *(_GLUED.sub(r"\1 \2", text) for text in written)))
        case IdentifierKind.FILE | IdentifierKind.OTHER:
            return frozenset((words_of(fold(value)),))
        case IdentifierKind.EXTERNAL_ID | IdentifierKind.CONTACT_ID:
            words = words_of(fold(value))
            apart = re.split(r"[ .-]+", words)
            return frozenset((words, " ".join(apart), "".join(apart), *_network_forms(words)))
        case IdentifierKind.EMAIL:
            return frozenset(_said_aloud(fold(value).strip()))
        case _:
            return frozenset()


def _network_forms(words: str) -> Iterator[str]:
    """Yield the forms of an IPv6 address: short, in full, and with each group but no zeros ahead."""
    if words.count(":") < 2:
        return
    try:
        address = IPv6Address(words)
    except ValueError:
        return
    yield address.compressed
    yield address.exploded
    yield ":".join(group.lstrip("0") or "0" for group in address.exploded.split(":"))


def _anchor_of(form: str, identifier: Identifier) -> str:
    """Return a word of a form: where it does not stand, the form does not either.

    Words of a text are searched for only in texts that hold an anchor.
    """
    if identifier.kind is IdentifierKind.EMAIL:
        # Many people share a domain.
        form = form.rpartition(" at ")[0]
    return max(form.split(" "), key=len)


def _spellings(value: str) -> frozenset[str]:
    """Return a value folded, as with and without the letters that a keyboard may lack."""
    plain = fold(value)
    return frozenset(
        (plain, fold(value.casefold().translate(_WRITTEN_OUT)), _DIGRAPH.sub(r"\1\2", plain))
    )


def _orders(name: str) -> Iterator[str]:
    """Yield a name in its orders: "anna berg hansen", "berg hansen anna", "hansen anna berg"."""
    words = name.split()
    while len(words) > 2 and words[0] in _TITLES:
        words = words[1:]
    for first in range(len(words)):
        yield " ".join(words[first:] + words[:first])


def _is_phrase(identifier: Identifier) -> bool:
    """Whether a name is of words that stand in anybody's text, such as Hope Young."""
    return identifier.kind is IdentifierKind.NAME and all(
        len(word) < _SHORTEST_TELLING or word in EVERYDAY
        for word in words_of(fold(identifier.value)).split(" ")
    )


def _has_capitals(identifier: Identifier, text: str) -> bool:
    """Whether a name stands somewhere in a text with a capital for each word.

    >>> _has_capitals(Identifier(IdentifierKind.NAME, "Hope Young"), "I hope young people come.")
    False
    """
    written = _WORD.findall(text)
    folded = [fold(word) for word in written]
    for form in word_forms(identifier):
        words = form.split(" ")
        for start in range(len(written) - len(words) + 1):
            end = start + len(words)
            said = folded[start:end]
            said[-1] = words[-1] if said[-1] == f"{words[-1]}s" else said[-1]
            if said == words and all(word[0].isupper() for word in written[start:end]):
                return True
    return False


def _said_aloud(address: str) -> Iterator[str]:
    local, _, domain = address.partition("@")
    for dot in (" ", " dot "):
        left, right = (
            dot.join(words_of(part) for part in side.split(".")) for side in (local, domain)
        )
        yield f"{left} at {right}"
        yield f"{words_of(local)} at {right}"


# --- scripts without blanks -----------------------------------------------------------------------


def _forms_within(identifier: Identifier) -> Iterator[str]:
    """Yield a value of such a script that says enough, without blanks; a name in its orders."""
    value = identifier.value
    letters = len(_WITHOUT_BLANKS.findall(value))
    words = value.split()
    match identifier.kind:
        case IdentifierKind.NAME:
            fewest = 3 if _IN_HAN.search(value) else 5 if len(words) > 1 else 9
            is_other = any(one.isalpha() and not _WITHOUT_BLANKS.match(one) for one in value)
            if letters >= fewest and not is_other:
                for at in range(len(words)):
                    yield _without_blanks("".join(words[at:] + words[:at]))
        case IdentifierKind.ADDRESS:
            if letters >= 6 and any(map(str.isdigit, value)):
                yield _without_blanks(value)
        case _:
            return


def _without_blanks(text: str) -> str:
    """Return a text decomposed, without what may stand between two letters; NULs stay."""
    return unicodedata.normalize("NFKD", text).casefold().translate(_BETWEEN_LETTERS)


def _found_within(automaton: ahocorasick.Automaton, plain: str) -> Iterator[tuple[int, KnownValue]]:
    for last, (length, known_values) in automaton.iter(plain):
        start, end = last - length + 1, last + 1
        before, after = plain[max(0, start - 1) : start], plain[end : end + 1]
        if after and unicodedata.category(after).startswith("M"):
            continue
        if (before.isdigit() and plain[start].isdigit()) or (
            after.isdigit() and plain[end - 1].isdigit()
        ):
            continue
        for known_value in known_values:
            yield start, known_value


# --- numbers --------------------------------------------------------------------------------------


def _numbers_in(automaton: ahocorasick.Automaton, folded: str) -> Iterator[tuple[int, KnownValue]]:
    """Yield the place and the known value of each telephone number.

    It begins and ends where a group of digits does: two numbers beside one another are two.
    """
    numbers = numbers_in(folded)
    digits = digits_of(BARRIER.join([group for _, group in numbers]))
    starts: list[int] = []
    for last, (length, found) in automaton.iter(digits):
        if not starts:
            starts = [0, *(one.end() for one in re.finditer(BARRIER, digits))]
        which = bisect_right(starts, last) - 1
        first = last - length + 1 - starts[which]
        place, group = numbers[which]
        spots = [spot for spot, character in enumerate(group) if character.isdigit()]
        end = spots[first + length - 1] + 1
        if group[end : end + 1].isdigit() or _in_token(folded, place + spots[first]):
            continue
        where = (place + spots[first], place + end)
        if _in_moment(folded, *where) or is_day_or_money(folded, *where):
            continue
        ahead = group[: spots[first]]
        before = ahead[len(ahead.rstrip(_DIGITS)) :]
        is_code = _is_code(before, folded[: place + spots[first] - len(before)][-1:])
        for number in found:
            if is_code if number.before is None else before in number.before:
                yield place + spots[first], number.known_value


def _is_code(digits: str, before: str) -> bool:
    """Whether digits right before a number are nothing, or a calling code after `+` or `00`."""
    if not digits:
        return True
    if before == "+":
        return len(digits) <= _LONGEST_CODE
    return digits.startswith("00") and len(digits) - 2 <= _LONGEST_CODE


def _in_token(folded: str, place: int) -> bool:
    start = place
    while start and place - start < 128 and (folded[start - 1] in "0123456789abcdef-"):
        start -= 1
    token = re.match(r"[0-9a-f-]*", folded[start : place + 129])
    return token is not None and _TOKEN.fullmatch(token.group()) is not None


def _in_moment(folded: str, start: int, end: int) -> bool:
    """Whether digits are all within one moment; what goes on beside it is a number."""
    around = max(0, start - _LONGEST_MOMENT)
    return any(
        around + found.start() <= start and end <= around + found.end()
        for found in _MOMENT.finditer(folded[around : end + _LONGEST_MOMENT])
    )


def _numbers(value: str) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield a number as its digits, each with the digits that may stand right before it."""
    number = _NO_DIGIT.sub("", value)
    is_international = value.strip().startswith(("+", "00"))
    if is_international and not value.strip().startswith("+"):
        number = number[2:]
    if not is_international:
        yield number, None
        if number.startswith("0") and len(number) > _FEWEST_DIGITS:
            yield number[1:], None
        return
    yield number, frozenset({"", "00", "011"})
    code, national = number[: _code_length(number)], number[_code_length(number) :]
    with_trunk = f"{code}0{national}"
    yield with_trunk, frozenset({"", "00", "011"})
    if len(national) >= _FEWEST_DIGITS:
        yield national, frozenset({"", "0"})


def _code_length(number: str) -> int:
    if number[:1] in ("1", "7"):
        return 1
    return 2 if _TWO_DIGIT_CODE.match(number) else 3
