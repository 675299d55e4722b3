"""Which of the found keys are the value itself: how its words are parted, and what is round it."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from lacuna.model.everyday_words import EVERYDAY
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.redaction.address_ends import sure_end_of_address
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.dates_and_amounts import reads_otherwise
from lacuna.redaction.known_values.nicknames import is_given_name
from lacuna.redaction.known_values.number_forms import PHONE_DIGITS
from lacuna.redaction.known_values.number_surroundings import is_part_of_a_number, mail_stands_alone
from lacuna.redaction.known_values.ranges import Ranges
from lacuna.redaction.known_values.surroundings import Look
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry, names_in_order

# What may stand between the words of one value: line breaks, quote marks of a reply, three other characters.
# No double quote: in a JSON text a value would reach from one string into the next.
_GAP = re.compile(r"(?:[\s>|]*(?:_|[^\w\s!?;:@>|\"])){0,3}[\s>|]*")
_BESIDE_INITIAL = re.compile(r"[\s._-]*")
_BETWEEN_DIGITS = re.compile(r"(?:[^\w\"]|_){0,4}")
# More digits beside a short number: it is part of a longer one.
_GROUP_BEFORE = re.compile(r"\d[ .,/()-]{0,2}$")
_GROUP_AFTER = re.compile(r"[ ./()-]{0,2}\d|,\d")
_AT = re.compile(r"[\s>|]*+@[\s>|]*+")
_BROKEN = r"(?:[-\u2010\u00ad][ \t]*\r?\n[ \t>|]*)?"
_WITHIN_MAIL = re.compile(rf"{_BROKEN}[\s>|]*+(?:--|[-._+'])?+[\s>|]*+{_BROKEN}")

# What stands for the at sign of an address in another one, and what follows it there: return paths,
# relays, guests of an organization.
_WITHIN_ANOTHER = {"=": "@", "%": "@", "_": "#EXT#@"}
# What stands before an address in one to which mail comes back; behind a point it is another.
_RETURNED = re.compile(r"(?:^|\W|_)(?<!\w\.)$")

# At the end of a line, within a word.
_HYPHENATED = re.compile(r"[-\u2010\u00ad][ \t]*\r?\n[ \t>|]*")

_GLUED_NAME = 8
# Theodor, Theodore, Theodora.
_ENDINGS = "aeio"
_SURE_NAME = 12
_SPACED_NAME = 8
_SPLIT_ID = 5
_WORD_AND_NUMBER = re.compile(r"[^\W\d_]{5,}\d{1,3}")
_GLUED_MAILBOX = 8


class ValueMatch(NamedTuple):
    """Entries whose key stands at `start` to `end` of a view's text.

    Attributes:
        words: where each of its words stands.
        sizes: how many folded letters of the key each word holds.
        errors: typing errors.
        is_initialled: whether an initial stands between its words that is not the key's.
        is_weak: whether it counts because of its place alone.
    """

    start: int
    end: int
    entries: tuple[KeyEntry, ...]
    words: tuple[tuple[int, int], ...]
    sizes: tuple[int, ...]
    errors: int = 0
    is_initialled: bool = False
    is_weak: bool = False


class _Verdict(Enum):
    NO = 0
    IN_PLACE = 1
    YES = 2


SharedValues = Mapping[SubjectRef, Collection[Identifier | None]]
"""The values of each person that others hold too."""


def counting(
    matches: Sequence[ValueMatch],
    look: Look,
    parts: Mapping[SubjectRef, frozenset[str]],
    shared: SharedValues,
) -> list[ValueMatch]:
    """Return the matches that count in a view, with the entries that do.

    A value too weak to stand alone counts in the person's own rows, and beside a stronger value
    that is theirs alone.

    Args:
        parts: the words of each person's names.
        shared: what is evidence of nobody.
    """
    matches = [one for match in matches for one in _holding_together(match, look)]
    stay = look.passage.allowed
    allowed = Ranges(
        (match.start, match.end)
        for match in (matches if stay else ())
        if any(entry.identifier in stay for entry in match.entries)
    )
    sure: list[ValueMatch] = []
    doubtful: list[tuple[ValueMatch, list[KeyEntry]]] = []
    for match in matches:
        if allowed.hold(match.start, match.end):
            continue
        certain: list[KeyEntry] = []
        others: list[KeyEntry] = []
        for entry in match.entries:
            # What never stands alone is asked about only where it could count.
            verdict = _Verdict.IN_PLACE if entry.key.own_only else _verdict(entry, match, look)
            if verdict is not _Verdict.NO:
                (certain if verdict is _Verdict.YES else others).append(entry)
        if certain:
            sure.append(_with(match, tuple(certain)))
        if others:
            doubtful.append((match._replace(is_weak=True), others))
    result = list(sure)
    places = _UnsharedPlaces(sure, shared)
    for match, entries in doubtful:
        in_place = tuple(
            entry
            for entry in entries
            if _is_in_place(entry, match, look, places, parts[entry.subject])
            and not (entry.key.own_only and _verdict(entry, match, look) is _Verdict.NO)
        )
        if in_place:
            result.append(match._replace(entries=in_place))
    return [with_rest(match, look) for match in _straight_first(result)]


def with_rest(match: ValueMatch, look: Look) -> ValueMatch:
    """Take the door, the postcode and the town along, behind a street and its number."""
    if match.entries[0].key.kind is not IdentifierKind.ADDRESS:
        return match
    return match._replace(end=sure_end_of_address(look.text, match.end))


def _holding_together(match: ValueMatch, look: Look) -> Iterator[ValueMatch]:
    if (
        len(match.words) == 1
        and not match.errors
        and not any(one.key.mailbox for one in match.entries)
    ):
        yield match
        return
    gaps = [look.between(end, start) for (_, end), (start, _) in pairwise(match.words)]
    entries = tuple(
        entry
        for entry in match.entries
        if _holds(match, gaps, entry.key, look) or _is_as_given(match, entry, look)
    )
    if entries:
        yield _with(match, entries)


def _with(match: ValueMatch, entries: tuple[KeyEntry, ...]) -> ValueMatch:
    """Return a match of some of its entries."""
    return match if len(entries) == len(match.entries) else match._replace(entries=entries)


def _holds(match: ValueMatch, gaps: Sequence[str], key: Key, look: Look) -> bool:
    """Whether the text between the words of a match may be inside such a value."""
    if match.errors and look.text[max(0, match.start - 1) : match.start] == "\\":
        # The first letter is an escape's: `\nAnna`.
        return False
    if key.mailbox:
        return _is_mail_address(match, key, gaps, look)
    if key.kind is IdentifierKind.PHONE or (len(key.words) == 1 and key.words[0].isdigit()):
        return all(map(_BETWEEN_DIGITS.fullmatch, gaps))
    if match.is_initialled:
        # A capital or a point: "Anna i Berg" is a person in a town.
        start, end = match.words[1]
        initial = look.text[start:end]
        if not initial.isalpha() or not (initial.isupper() or gaps[1].startswith(".")):
            return False
        if not all(map(_BESIDE_INITIAL.fullmatch, gaps[:2])):
            return False
    return all(map(_GAP.fullmatch, gaps))


def _is_as_given(match: ValueMatch, entry: KeyEntry, look: Look) -> bool:
    """Whether a match is part of the value to the letter, whatever characters separate its words."""
    if match.errors or match.is_initialled or entry.identifier is None or len(match.words) == 1:
        return False
    value, said = fold(entry.identifier.value), fold(look.text[match.start : match.end])
    if entry.key.mailbox:
        # Quotes and brackets stand at the ends of such an address.
        return value.strip('"[]') == said and mail_stands_alone(look.text, match.start, match.end)
    return said in value


def _is_mail_address(match: ValueMatch, key: Key, gaps: Sequence[str], look: Look) -> bool:
    ats = [index for index, gap in enumerate(gaps) if "@" in gap]
    if not ats and _is_return_path(match, key, gaps, look):
        return True
    if len(ats) != 1 or not _AT.fullmatch(gaps[ats[0]]):
        return False
    if not all(_WITHIN_MAIL.fullmatch(gap) for gap in gaps if "@" not in gap):
        return False
    if any(
        (">" in gap or "|" in gap) and "\n" not in between
        for gap, between in zip(gaps, _said(match, look), strict=True)
    ):
        # A mail program breaks an address, and marks what it broke off as a quote.
        return False
    if not mail_stands_alone(look.text, match.start, match.end):
        return False
    sizes = _sizes(key)
    left = sizes[: key.mailbox]
    said = match.sizes[: ats[0] + 1]
    if abs(sum(said) - sum(left)) > match.errors or match.sizes[-1] != sizes[-1]:
        return False
    return (
        match.errors > 0
        or said == left
        or sum(left) >= _GLUED_MAILBOX
        or _whole_sizes(match, look)[: len(left)] == left
    )


def _is_return_path(match: ValueMatch, key: Key, gaps: Sequence[str], look: Look) -> bool:
    """Whether an address stands within one of another server's: `return-bo=example.org@`."""
    if match.errors or match.sizes != _sizes(key):
        return False
    at = key.mailbox - 1
    after = _WITHIN_ANOTHER.get(gaps[at])
    return (
        after is not None
        and look.text[match.end : match.end + len(after)].upper() == after
        and all(_WITHIN_MAIL.fullmatch(gap) for index, gap in enumerate(gaps) if index != at)
        and _RETURNED.search(look.text[max(0, match.start - 2) : match.start]) is not None
    )


def _said(match: ValueMatch, look: Look) -> Iterator[str]:
    """Yield the text between the words of a match, as it is."""
    for (_, end), (start, _) in pairwise(match.words):
        yield look.text[end:start]


def _sizes(key: Key) -> tuple[int, ...]:
    return _sizes_of(key.words)


@lru_cache(maxsize=1 << 14)
def _sizes_of(words: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(len(word.encode()) for word in words)


def _verdict(entry: KeyEntry, match: ValueMatch, look: Look) -> _Verdict:
    key = entry.key
    if match.errors or match.is_initialled:
        surely = _is_likely(match, key, look)
    else:
        parted = _parted(match, key, look)
        if parted is _Verdict.NO:
            return _Verdict.NO
        surely = parted is _Verdict.YES
    if key.kind is IdentifierKind.EXTERNAL_ID and is_part_of_a_number(
        look.text, match.start, match.end
    ):
        return _Verdict.NO
    if key.kind is IdentifierKind.PHONE and len(key.letters) < PHONE_DIGITS:
        start, end = match.words[0][0], match.words[-1][1]
        if _GROUP_BEFORE.search(look.text[max(0, start - 3) : start]) or _GROUP_AFTER.match(
            look.text, end
        ):
            return _Verdict.NO
    is_own = entry.subject in look.passage.own
    if not is_own and _is_date_or_amount(match, key, look):
        return _Verdict.NO
    sure = surely and not key.own_only
    if key.kind is IdentifierKind.NAME:
        if key.turned and key.short and len(key.words) > 1 and not _is_pointed(match, look):
            return _Verdict.NO
        # What others hold too counts in full in the person's own texts.
        is_full = sure or (surely and is_own and _is_full_name(entry))
        if is_full and not (key.familiar or match.errors or match.is_initialled):
            is_kept = " ".join(key.words) in look.kept_names.keys
            # Of their own texts a name that an agent bears too is theirs.
            if is_kept and not is_own and look.kept.hold(match.start, match.end):
                return _Verdict.NO
        elif look.kept.hold(match.start, match.end) or look.is_company(match.end):
            return _Verdict.NO
        if sure and key.everyday and not is_own and not look.capitalized(match.start, match.end):
            return _Verdict.NO
        if not sure and look.is_in_host(match.start):
            return _Verdict.NO
    return _Verdict.YES if sure else _Verdict.IN_PLACE


def _is_full_name(entry: KeyEntry) -> bool:
    """Whether a key has every word of the name, which has two or more."""
    words = names_in_order("" if entry.identifier is None else entry.identifier.value)
    return any(len(entry.key.words) == len(one) > 1 for one in words)


def _is_date_or_amount(match: ValueMatch, key: Key, look: Look) -> bool:
    is_telephone = key.kind is IdentifierKind.PHONE
    is_number = is_telephone or (key.kind is IdentifierKind.EXTERNAL_ID and key.letters.isdigit())
    if not is_number or len(match.words) == 1:
        return False
    start, end = match.words[0][0], match.words[-1][1]
    return reads_otherwise(look.text, start, end, is_telephone=is_telephone)


def _whole_sizes(match: ValueMatch, look: Look) -> tuple[int, ...]:
    """Return the sizes of the words, one that a hyphen breaks at the end of a line as one."""
    whole = list(match.sizes[:1])
    for size, ((_, end), (start, _)) in zip(match.sizes[1:], pairwise(match.words), strict=True):
        if _HYPHENATED.fullmatch(look.text, end, start):
            whole[-1] += size
        else:
            whole.append(size)
    return tuple(whole)


def _parted(match: ValueMatch, key: Key, look: Look) -> _Verdict:
    """Return the verdict on how the words of a match are parted."""
    given = _sizes(key)
    if match.sizes == given:
        return _Verdict.YES
    if len(match.sizes) > len(given) and _whole_sizes(match, look) == given:
        return _Verdict.YES
    letters = sum(given)
    cuts, given_cuts = set(accumulate(match.sizes)), set(accumulate(given))
    match key.kind:
        case IdentifierKind.NAME | IdentifierKind.EMAIL if not key.mailbox:
            if key.short:
                return _Verdict.NO
            if max(match.sizes) == 1:
                return _Verdict.YES if letters >= _SPACED_NAME else _Verdict.NO
            if len(match.sizes) == 1:
                if letters < _GLUED_NAME:
                    return _Verdict.NO
                return _Verdict.YES if letters >= _SURE_NAME else _Verdict.IN_PLACE
            if cuts < given_cuts:
                return _Verdict.YES
            return _Verdict.IN_PLACE if letters >= _SPACED_NAME else _Verdict.NO
        case IdentifierKind.ADDRESS:
            written = key.letters.encode()
            inside = [
                at
                for at in cuts ^ given_cuts
                if written[at - 1 : at + 1].isdigit() and at < letters
            ]
            return _Verdict.NO if inside else _Verdict.YES
        case IdentifierKind.DATE_OF_BIRTH:
            return _Verdict.NO
        case IdentifierKind.EXTERNAL_ID:
            if len(given) == 1 < len(match.sizes) and _WORD_AND_NUMBER.fullmatch(key.letters):
                # A user name, windows11, and no Windows 11.
                return _Verdict.IN_PLACE
            return _Verdict.YES if cuts < given_cuts or letters >= _SPLIT_ID else _Verdict.NO
        case _:
            return _Verdict.YES


def _is_pointed(match: ValueMatch, look: Look) -> bool:
    """Whether initials after a name are set off by a comma or a point: "Berg, A" or "Berg A."."""
    end = match.words[0][1]
    return "," in look.text[end : match.end] or look.text[match.end : match.end + 1] == "."


def _is_likely(match: ValueMatch, key: Key, look: Look) -> bool:
    """Whether what was typed is hardly another name or address than the one that is meant."""
    wrong = [
        (fold(look.text[start:end]), word)
        for (start, end), word in zip(match.words, _words_met(match, key), strict=True)
        if word is not None
    ]
    for said, meant in wrong:
        if said != meant and (
            is_given_name(said)
            or said in EVERYDAY
            or said[:1] != meant[:1]
            or said.rstrip(_ENDINGS) == meant.rstrip(_ENDINGS)
        ):
            return False
    # In somebody else's row, a name or an address that differs by a letter is theirs.
    return key.kind not in (IdentifierKind.NAME, IdentifierKind.EMAIL) or not match.errors


def _words_met(match: ValueMatch, key: Key) -> Iterator[str | None]:
    """Yield the word of the key for each word of the match; None for an initial between them."""
    words = iter(key.words)
    for index in range(len(match.words)):
        yield None if match.is_initialled and index == 1 else next(words)


class _UnsharedPlaces:
    """Where a value stands that is one person's alone, for each person.

    Whether somebody else holds it is known of the person, whoever is searched for beside them.
    """

    def __init__(self, sure: Sequence[ValueMatch], shared: SharedValues) -> None:
        starts: dict[SubjectRef, set[int]] = defaultdict(set)
        ends: dict[SubjectRef, set[int]] = defaultdict(set)
        for match in sure:
            subject, *others = {entry.subject for entry in match.entries}
            known = {entry.identifier for entry in match.entries}
            if not others and known.isdisjoint(shared[subject]):
                starts[subject].add(match.start)
                ends[subject].add(match.end)
        self._starts = {subject: sorted(places) for subject, places in starts.items()}
        self._ends = {subject: sorted(places) for subject, places in ends.items()}

    def are_anywhere(self, subject: SubjectRef) -> bool:
        """Whether there is such a value."""
        return subject in self._starts

    def are_beside(self, match: ValueMatch, subject: SubjectRef, look: Look) -> bool:
        """Whether the nearest such value before or after a match is its neighbor."""
        starts, ends = self._starts.get(subject, []), self._ends.get(subject, [])
        after = bisect_left(starts, match.end)
        before = bisect_right(ends, match.start) - 1
        return (after < len(starts) and look.is_beside(match.end, starts[after])) or (
            before >= 0 and look.is_beside(ends[before], match.start)
        )


def _is_in_place(
    entry: KeyEntry, match: ValueMatch, look: Look, places: _UnsharedPlaces, parts: frozenset[str]
) -> bool:
    key = entry.key
    is_own = entry.subject in look.passage.own
    if not (
        is_own
        or places.are_beside(match, entry.subject, look)
        or (key.said and places.are_anywhere(entry.subject))
    ):
        return False
    if key.login and not look.is_login(match.start, match.end):
        return False
    is_name = key.kind is IdentifierKind.NAME
    # A nickname without the capital that the writer gives other words: a billy goat.
    # Particles are written small: of a longer name the first word says it.
    end = match.end if len(key.words) == 1 else match.words[0][1]
    is_word = key.everyday or (
        key.familiar and look.has_capitals and not look.capitalized(match.start, end)
    )
    if is_name and is_word and not look.is_introduced(match.start, match.end, parts):
        return False
    return is_own or not (is_name and look.is_part_of_another_name(match.start, match.end, parts))


def _straight_first(matches: list[ValueMatch]) -> list[ValueMatch]:
    """Drop turned names that reach into something else of the same person.

    In "Anna Berg, Anna" there is one name.
    """
    if not any(entry.key.turned for match in matches for entry in match.entries):
        return matches
    straight: dict[SubjectRef, list[tuple[int, int]]] = defaultdict(list)
    for match in matches:
        for entry in match.entries:
            if not entry.key.turned:
                straight[entry.subject].append((match.start, match.end))
    others = {subject: Ranges(places) for subject, places in straight.items()}
    result = []
    for match in matches:
        entries = tuple(
            entry
            for entry in match.entries
            if not (
                entry.key.turned
                and entry.subject in others
                and others[entry.subject].cut(match.start, match.end)
            )
        )
        if entries:
            result.append(_with(match, entries))
    return result
