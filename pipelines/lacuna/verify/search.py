"""Searches texts for every identifier of many people at once, in every view of each text.

Ways of writing that count as the same value: case, accents, order of a name's words,
separators between words, national and international forms of a number, unsalted hashes.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import ahocorasick

from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.model.scripts import HAN, UNSPACED
from lacuna.verify.address_forms import addresses_of, is_return_path, stands_alone
from lacuna.verify.decodings import BARRIER, as_is, batches, hexadecimal, views_of
from lacuna.verify.digest_search import digests_in, digests_of
from lacuna.verify.folding import digits_of, fold, fold_characters, words_of
from lacuna.verify.name_parts import NameParts
from lacuna.verify.number_search import (
    FEWEST_DIGITS,
    NO_DIGIT,
    TOKEN,
    KnownNumber,
    KnownValue,
    number_forms,
    numbers_of,
)
from lacuna.verify.word_forms import GLUED, has_capitals, is_whole_phrase, word_forms

_T = TypeVar("_T")
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
_DECODED: Final = re.compile(r"[<&%=\\]")


class KnownValues:
    """The identifiers of many people, ready to be searched for in one pass over many texts.

    Names and numbers must stand alone: `Anna Berg` is not found in `Anna Bergstrom`. E-mail,
    phone and external id are also searched as unsalted hashes, which anybody could reverse.

    Attributes:
        name_parts: the parts of the names, which stand apart in some texts.
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
        digits: dict[str, set[KnownNumber]] = defaultdict(set)
        within: dict[str, set[KnownValue]] = defaultdict(set)
        self._phrases: set[KnownValue] = set()
        self.name_parts = NameParts()
        for ref, identifiers in people:
            for identifier in identifiers:
                if not is_searchable(identifier):
                    continue
                known_value = KnownValue(ref, identifier)
                if is_whole_phrase(identifier):
                    self._phrases.add(known_value)
                for text in addresses_of(identifier):
                    exact[text].add(known_value)
                for text in digests_of(identifier):
                    digests[text] = digests.get(text, frozenset()) | {known_value}
                for text in _forms_within(identifier):
                    within[text].add(known_value)
                forms = word_forms(identifier)
                if identifier.kind is IdentifierKind.NAME:
                    self.name_parts.add(known_value, forms)
                for text in forms:
                    words[text].add(known_value)
                    anchors.add(_anchor_of(text, identifier))
                if identifier.kind is IdentifierKind.PHONE:
                    for number, before in number_forms(identifier.value):
                        digits[number].add(KnownNumber(known_value, before))
        anchors.update(self.name_parts.longest_words)
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
        """Return the known values in each text, by its number; texts without any are left out.

        The texts are searched as one: with few matches it takes no longer than one long text. What
        repeats in them is searched once, which is most of what programs write.
        """
        places: dict[str, list[int]] = defaultdict(list)
        divided: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            parts = (text,) if self._has_quotes else _parts_of(text)
            if len(parts) > 1:
                divided[text].append(number)
            for part in parts:
                places[part].append(number)
        tokens = [part for part in places if TOKEN.fullmatch(part)]
        # An id or a digest is read as hexadecimal digits, and as nothing else that it may be.
        for token in tokens:
            if "-" not in token:
                places[hexadecimal(token)] += places[token]
        others = [part for part in places if not TOKEN.fullmatch(part)]
        found: dict[int, frozenset[KnownValue]] = {}

        def add(
            texts: Sequence[str],
            numbers: Mapping[str, Sequence[int]],
            matches: Mapping[int, frozenset[KnownValue]],
        ) -> None:
            for which, known_values in matches.items():
                for number in numbers[texts[which]]:
                    found[number] = found.get(number, frozenset()) | known_values

        add(tokens, places, self.find_as_is(tokens))
        add(others, places, self._find(views_of(others)))
        known = [found.get(numbers[0], frozenset()) for numbers in divided.values()]
        add(list(divided), divided, self._names_apart(list(divided), known))
        return found

    def _names_apart(
        self, texts: Sequence[str], known: Sequence[frozenset[KnownValue]]
    ) -> Mapping[int, frozenset[KnownValue]]:
        """Return the names in each text whose words stand apart in it; nothing is decoded.

        Args:
            known: what was found in each text.
        """
        if self._values is None or not texts:
            return {}
        _, view = as_is(texts)
        folded = fold_characters(view)
        promising: dict[int, set[str]] = defaultdict(set)
        for number, value in _placed(folded, _values_in(self._values, folded)):
            if isinstance(value, str):
                promising[number].add(value)
        found: dict[int, set[KnownValue]] = defaultdict(set)
        for number, known_value in self._told(
            view, self._apart(folded, promising, dict(enumerate(known)))
        ):
            found[number].add(known_value)
        return {number: frozenset(known_values) for number, known_values in found.items()}

    def _apart(
        self,
        folded: str,
        promising: Mapping[int, Collection[str]],
        known: Mapping[int, Collection[KnownValue]],
    ) -> Iterator[tuple[int, KnownValue]]:
        """Yield the names whose words stand apart in texts, given the anchors in each."""
        if promising and not self.name_parts.is_empty:
            texts = folded.split(BARRIER)
            for number, anchors in promising.items():
                # A name that was found in one piece is not looked for in several.
                if self.name_parts.may_be_in(texts[number], anchors, known.get(number, ())):
                    for known_value in self.name_parts.in_text(texts[number]):
                        yield number, known_value

    def find_in(self, texts: Iterable[tuple[_T, str]]) -> Mapping[_T, frozenset[KnownValue]]:
        """Return the known values in each place of several texts; never are all held at once."""
        found: dict[_T, frozenset[KnownValue]] = {}
        for batch in batches(texts, lambda one: len(one[1])):
            for number, known_values in self.find_all([text for _, text in batch]).items():
                place = batch[number][0]
                found[place] = found.get(place, frozenset()) | known_values
        return found

    def find_as_is(self, texts: Sequence[str]) -> Mapping[int, frozenset[KnownValue]]:
        """Return the known values in each text as it stands; nothing is decoded."""
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
            for place, known_value in self._told(view, self._outside_of_addresses(folded)):
                found[numbers[place]].add(known_value)
        return {number: frozenset(known_values) for number, known_values in found.items()}

    def _told(
        self, view: str, matches: Iterable[tuple[int, KnownValue]]
    ) -> Iterator[tuple[int, KnownValue]]:
        """Yield matches in a view, and say which may be words of a language."""
        texts: list[str] = []
        for place, known_value in matches:
            if known_value in self._phrases:
                texts = texts or view.split(BARRIER)
                said = texts[place]
                if not (
                    has_capitals(known_value.identifier, said)
                    or known_value in self.name_parts.in_text(said, capitals=True)
                ):
                    known_value = replace(known_value, is_phrase=True)
            yield place, known_value

    def _outside_of_addresses(self, folded: str) -> Iterator[tuple[int, KnownValue]]:
        """Yield the same as `_in_view`, of the text in an address only, with that address."""
        matches = dict.fromkeys(self._in_view(folded))
        addresses: dict[tuple[int, SubjectRef], list[KnownValue]] = defaultdict(list)
        for place, known_value in matches:
            if known_value.identifier.kind is IdentifierKind.EMAIL:
                addresses[place, known_value.ref].append(known_value)
        others = {
            match: addresses.get((match[0], match[1].ref), ())
            for match in matches
            if match[1].identifier.kind is not IdentifierKind.EMAIL
        }
        beside = self._beside(
            folded, {(place, one): None for (place, _), some in others.items() for one in some}
        )
        for place, known_value in matches:
            for address in others.get((place, known_value), ()):
                if known_value not in beside[place, address]:
                    known_value = replace(known_value, within=address.identifier)
                    break
            yield place, known_value

    def _beside(
        self, folded: str, addresses: Collection[tuple[int, KnownValue]]
    ) -> Mapping[tuple[int, KnownValue], Collection[KnownValue]]:
        """Return the known values that texts still hold without an address, by text and address."""
        if not addresses:
            return {}
        texts = folded.split(BARRIER)
        found: dict[tuple[int, KnownValue], set[KnownValue]] = {one: set() for one in addresses}
        for batch in batches(addresses, lambda one: len(texts[one[0]])):
            views = (_without(texts[place], address) for place, address in batch)
            for number, known_value in self._in_view(BARRIER.join(views)):
                found[batch[number]].add(known_value)
        return found

    def _in_view(self, folded: str) -> Iterator[tuple[int, KnownValue]]:
        """Yield the number of the text in a view, and the known value found in it."""
        promising: dict[int, set[str]] = defaultdict(set)
        known: dict[int, set[KnownValue]] = defaultdict(set)
        if self._values is not None:
            for number, found in _placed(folded, _values_in(self._values, folded)):
                if isinstance(found, str):
                    promising[number].add(found)
                else:
                    known[number].add(found)
                    yield number, found
        if self._digests:
            yield from _placed(folded, digests_in(self._digests, folded))
        if self._words is not None and promising:
            numbers, blob = _only(promising, folded)
            line = words_of(blob)
            for place, known_value in _placed(line, _words_in(self._words, line)):
                known[numbers[place]].add(known_value)
                yield numbers[place], known_value
            yield from self._apart(folded, promising, known)
        if self._digits is not None:
            digits = digits_of(folded)
            ends = ((last, None) for last, _ in self._digits.iter(digits))
            numbered = {number for number, _ in _placed(digits, ends)}
            if numbered:
                numbers, blob = _only(numbered, folded)
                for place, known_value in _placed(blob, numbers_of(self._digits, blob)):
                    yield numbers[place], known_value


def _without(folded: str, address: KnownValue) -> str:
    for form in addresses_of(address.identifier):
        folded = folded.replace(form, " @ ")
    return folded


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
            return len(NO_DIGIT.sub("", value)) >= FEWEST_DIGITS
        case IdentifierKind.NAME:
            return " " in words_of(value)
        case IdentifierKind.ADDRESS:
            words = words_of(value)
            return " " in words or (
                len(words) >= _FEWEST_OF_STREET and GLUED.fullmatch(words) is not None
            )
        case IdentifierKind.EXTERNAL_ID:
            glued = "".join(filter(str.isalnum, value))
            return len(glued) >= (FEWEST_DIGITS if glued.isdigit() else _FEWEST_OF_ID)
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


def _placed(view: str, matches: Iterable[tuple[int, _T]]) -> Iterator[tuple[int, _T]]:
    """Turn places in a view into numbers of the texts joined in it."""
    barriers: list[int] | None = None
    for place, known_value in matches:
        if barriers is None:
            barriers = [found.start() for found in re.finditer(BARRIER, view)]
        yield bisect_right(barriers, place), known_value


# --- values as they are written -------------------------------------------------------------------


def _values_in(
    automaton: ahocorasick.Automaton, text: str
) -> Iterator[tuple[int, KnownValue | str]]:
    """Yield the place of each value, and of each anchor: words are worth a look there."""
    for last, (length, (known_values, is_anchor)) in automaton.iter(text):
        start, end = last - length + 1, last + 1
        if is_anchor:
            yield start, text[start:end]
        for known_value in known_values:
            if known_value.identifier.kind is IdentifierKind.EMAIL and "@" in text[start:end]:
                is_alone = stands_alone(text, start, end)
            elif known_value.identifier.kind is IdentifierKind.EMAIL:
                is_alone = is_return_path(known_value.identifier, text, start, end)
            else:
                is_alone = not (
                    text[end : end + 1].isalnum() or text[max(0, start - 1) : start].isalnum()
                )
            if is_alone:
                yield start, known_value


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


def _anchor_of(form: str, identifier: Identifier) -> str:
    """Return a word of a form: where it does not stand, the form does not either.

    Words of a text are searched for only in texts that hold an anchor.
    """
    if identifier.kind is IdentifierKind.EMAIL:
        # Many people share a domain.
        form = form.rpartition(" at ")[0]
    return max(form.split(" "), key=len)


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
