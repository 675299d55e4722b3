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
from lacuna.redaction.known_values.keys import Key, KeyEntry
from lacuna.redaction.known_values.nicknames import is_given_name
from lacuna.redaction.known_values.number_forms import PHONE_DIGITS
from lacuna.redaction.known_values.number_surroundings import is_part_of_a_number, mail_stands_alone
from lacuna.redaction.known_values.ranges import Ranges
from lacuna.redaction.known_values.surroundings import Look

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


class Hit(NamedTuple):
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


Shared = Mapping[SubjectRef, Collection[Identifier | None]]
"""The values of each person that others hold too."""


def counting(
    hits: Sequence[Hit],
    look: Look,
    parts: Mapping[SubjectRef, frozenset[str]],
    shared: Shared,
) -> list[Hit]:
    """Return the hits that count in a view, with the entries that do.

    A value too weak to stand alone counts in the person's own rows, and beside a stronger value
    that is theirs alone.

    Args:
        parts: the words of each person's names.
        shared: what is evidence of nobody.
    """
    hits = [one for hit in hits for one in _holding_together(hit, look)]
    stay = look.passage.allowed
    allowed = Ranges(
        (hit.start, hit.end)
        for hit in (hits if stay else ())
        if any(entry.identifier in stay for entry in hit.entries)
    )
    sure: list[Hit] = []
    doubtful: list[tuple[Hit, list[KeyEntry]]] = []
    for hit in hits:
        if allowed.hold(hit.start, hit.end):
            continue
        certain: list[KeyEntry] = []
        others: list[KeyEntry] = []
        for entry in hit.entries:
            # What never stands alone is asked about only where it could count.
            verdict = _Verdict.IN_PLACE if entry.key.own_only else _verdict(entry, hit, look)
            if verdict is not _Verdict.NO:
                (certain if verdict is _Verdict.YES else others).append(entry)
        if certain:
            sure.append(_with(hit, tuple(certain)))
        if others:
            doubtful.append((hit._replace(is_weak=True), others))
    result = list(sure)
    places = _Places(sure, shared)
    for hit, entries in doubtful:
        in_place = tuple(
            entry
            for entry in entries
            if _is_in_place(entry, hit, look, places, parts[entry.subject])
            and not (entry.key.own_only and _verdict(entry, hit, look) is _Verdict.NO)
        )
        if in_place:
            result.append(hit._replace(entries=in_place))
    return [with_rest(hit, look) for hit in _straight_first(result)]


def with_rest(hit: Hit, look: Look) -> Hit:
    """Take the door, the postcode and the town along, behind a street and its number."""
    if hit.entries[0].key.kind is not IdentifierKind.ADDRESS:
        return hit
    return hit._replace(end=sure_end_of_address(look.text, hit.end))


def _holding_together(hit: Hit, look: Look) -> Iterator[Hit]:
    if len(hit.words) == 1 and not hit.errors and not any(one.key.mailbox for one in hit.entries):
        yield hit
        return
    gaps = [look.between(end, start) for (_, end), (start, _) in pairwise(hit.words)]
    entries = tuple(
        entry
        for entry in hit.entries
        if _holds(hit, gaps, entry.key, look) or _is_as_given(hit, entry, look)
    )
    if entries:
        yield _with(hit, entries)


def _with(hit: Hit, entries: tuple[KeyEntry, ...]) -> Hit:
    """Return a hit of some of its entries."""
    return hit if len(entries) == len(hit.entries) else hit._replace(entries=entries)


def _holds(hit: Hit, gaps: Sequence[str], key: Key, look: Look) -> bool:
    """Whether what stands between the words of a hit may stand inside such a value."""
    if hit.errors and look.text[max(0, hit.start - 1) : hit.start] == "\\":
        # The first letter is an escape's: `\nAnna`.
        return False
    if key.mailbox:
        return _is_mail_address(hit, key, gaps, look)
    if key.kind is IdentifierKind.PHONE or (len(key.words) == 1 and key.words[0].isdigit()):
        return all(map(_BETWEEN_DIGITS.fullmatch, gaps))
    if hit.is_initialled:
        # A capital or a point: "Anna i Berg" is a person in a town.
        start, end = hit.words[1]
        initial = look.text[start:end]
        if not initial.isalpha() or not (initial.isupper() or gaps[1].startswith(".")):
            return False
        if not all(map(_BESIDE_INITIAL.fullmatch, gaps[:2])):
            return False
    return all(map(_GAP.fullmatch, gaps))


def _is_as_given(hit: Hit, entry: KeyEntry, look: Look) -> bool:
    """Whether a hit is part of the value to the letter, whatever characters separate its words."""
    if hit.errors or hit.is_initialled or entry.identifier is None or len(hit.words) == 1:
        return False
    value, said = fold(entry.identifier.value), fold(look.text[hit.start : hit.end])
    if entry.key.mailbox:
        # Quotes and brackets stand at the ends of such an address.
        return value.strip('"[]') == said and mail_stands_alone(look.text, hit.start, hit.end)
    return said in value


def _is_mail_address(hit: Hit, key: Key, gaps: Sequence[str], look: Look) -> bool:
    ats = [index for index, gap in enumerate(gaps) if "@" in gap]
    if not ats and _is_return_path(hit, key, gaps, look):
        return True
    if len(ats) != 1 or not _AT.fullmatch(gaps[ats[0]]):
        return False
    if not all(_WITHIN_MAIL.fullmatch(gap) for gap in gaps if "@" not in gap):
        return False
    if any(
        (">" in gap or "|" in gap) and "\n" not in between
        for gap, between in zip(gaps, _said(hit, look), strict=True)
    ):
        # A mail program breaks an address, and marks what it broke off as a quote.
        return False
    if not mail_stands_alone(look.text, hit.start, hit.end):
        return False
    sizes = _sizes(key)
    left = sizes[: key.mailbox]
    said = hit.sizes[: ats[0] + 1]
    if abs(sum(said) - sum(left)) > hit.errors or hit.sizes[-1] != sizes[-1]:
        return False
    return (
        hit.errors > 0
        or said == left
        or sum(left) >= _GLUED_MAILBOX
        or _whole_sizes(hit, look)[: len(left)] == left
    )


def _is_return_path(hit: Hit, key: Key, gaps: Sequence[str], look: Look) -> bool:
    """Whether an address stands within one of another server's: `return-bo=example.org@`."""
    if hit.errors or hit.sizes != _sizes(key):
        return False
    at = key.mailbox - 1
    after = _WITHIN_ANOTHER.get(gaps[at])
    return (
        after is not None
        and look.text[hit.end : hit.end + len(after)].upper() == after
        and all(_WITHIN_MAIL.fullmatch(gap) for index, gap in enumerate(gaps) if index != at)
        and _RETURNED.search(look.text[max(0, hit.start - 2) : hit.start]) is not None
    )


def _said(hit: Hit, look: Look) -> Iterator[str]:
    """Yield what stands between the words of a hit, as it is."""
    for (_, end), (start, _) in pairwise(hit.words):
        yield look.text[end:start]


def _sizes(key: Key) -> tuple[int, ...]:
    return _sizes_of(key.words)


@lru_cache(maxsize=1 << 14)
def _sizes_of(words: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(len(word.encode()) for word in words)


def _verdict(entry: KeyEntry, hit: Hit, look: Look) -> _Verdict:
    key = entry.key
    if hit.errors or hit.is_initialled:
        surely = _is_likely(hit, key, look)
    else:
        parted = _parted(hit, key, look)
        if parted is _Verdict.NO:
            return _Verdict.NO
        surely = parted is _Verdict.YES
    if key.kind is IdentifierKind.EXTERNAL_ID and is_part_of_a_number(
        look.text, hit.start, hit.end
    ):
        return _Verdict.NO
    if key.kind is IdentifierKind.PHONE and len(key.letters) < PHONE_DIGITS:
        start, end = hit.words[0][0], hit.words[-1][1]
        if _GROUP_BEFORE.search(look.text[max(0, start - 3) : start]) or _GROUP_AFTER.match(
            look.text, end
        ):
            return _Verdict.NO
    is_own = entry.subject in look.passage.own
    if not is_own and _is_date_or_amount(hit, key, look):
        return _Verdict.NO
    sure = surely and not key.own_only
    if key.kind is IdentifierKind.NAME:
        if key.turned and key.short and len(key.words) > 1 and not _is_pointed(hit, look):
            return _Verdict.NO
        as_given = sure and not (key.familiar or hit.errors or hit.is_initialled)
        if as_given:
            is_kept = " ".join(key.words) in look.kept_names.keys
            # Of their own texts a name that an agent bears too is theirs.
            if is_kept and not is_own and look.kept.hold(hit.start, hit.end):
                return _Verdict.NO
        elif look.kept.hold(hit.start, hit.end) or look.is_company(hit.end):
            return _Verdict.NO
        if sure and key.everyday and not is_own and not look.capitalized(hit.start, hit.end):
            return _Verdict.NO
        if not sure and look.is_in_host(hit.start):
            return _Verdict.NO
    return _Verdict.YES if sure else _Verdict.IN_PLACE


def _is_date_or_amount(hit: Hit, key: Key, look: Look) -> bool:
    is_telephone = key.kind is IdentifierKind.PHONE
    is_number = is_telephone or (key.kind is IdentifierKind.EXTERNAL_ID and key.letters.isdigit())
    if not is_number or len(hit.words) == 1:
        return False
    start, end = hit.words[0][0], hit.words[-1][1]
    return reads_otherwise(look.text, start, end, is_telephone=is_telephone)


def _whole_sizes(hit: Hit, look: Look) -> tuple[int, ...]:
    """Return the sizes of the words, one that a hyphen breaks at the end of a line as one."""
    whole = list(hit.sizes[:1])
    for size, ((_, end), (start, _)) in zip(hit.sizes[1:], pairwise(hit.words), strict=True):
        if _HYPHENATED.fullmatch(look.text, end, start):
            whole[-1] += size
        else:
            whole.append(size)
    return tuple(whole)


def _parted(hit: Hit, key: Key, look: Look) -> _Verdict:
    """Return what it says that the words of a hit are parted as they are."""
    given = _sizes(key)
    if hit.sizes == given:
        return _Verdict.YES
    if len(hit.sizes) > len(given) and _whole_sizes(hit, look) == given:
        return _Verdict.YES
    letters = sum(given)
    cuts, given_cuts = set(accumulate(hit.sizes)), set(accumulate(given))
    match key.kind:
        case IdentifierKind.NAME | IdentifierKind.EMAIL if not key.mailbox:
            if key.short:
                return _Verdict.NO
            if max(hit.sizes) == 1:
                return _Verdict.YES if letters >= _SPACED_NAME else _Verdict.NO
            if len(hit.sizes) == 1:
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
            if len(given) == 1 < len(hit.sizes) and _WORD_AND_NUMBER.fullmatch(key.letters):
                # A user name, windows11, and no Windows 11.
                return _Verdict.IN_PLACE
            return _Verdict.YES if cuts < given_cuts or letters >= _SPLIT_ID else _Verdict.NO
        case _:
            return _Verdict.YES


def _is_pointed(hit: Hit, look: Look) -> bool:
    """Whether initials after a name are set off by a comma or a point: "Berg, A" or "Berg A."."""
    end = hit.words[0][1]
    return "," in look.text[end : hit.end] or look.text[hit.end : hit.end + 1] == "."


def _is_likely(hit: Hit, key: Key, look: Look) -> bool:
    """Whether what was typed is hardly another name or address than the one that is meant."""
    wrong = [
        (fold(look.text[start:end]), word)
        for (start, end), word in zip(hit.words, _words_met(hit, key), strict=True)
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
    return key.kind not in (IdentifierKind.NAME, IdentifierKind.EMAIL) or not hit.errors


def _words_met(hit: Hit, key: Key) -> Iterator[str | None]:
    """Yield the word of the key for each word of the hit; None for an initial between them."""
    words = iter(key.words)
    for index in range(len(hit.words)):
        yield None if hit.is_initialled and index == 1 else next(words)


class _Places:
    """Where a value stands that is one person's alone, for each person.

    Whether somebody else holds it is known of the person, whoever is searched for beside them.
    """

    def __init__(self, sure: Sequence[Hit], shared: Shared) -> None:
        starts: dict[SubjectRef, set[int]] = defaultdict(set)
        ends: dict[SubjectRef, set[int]] = defaultdict(set)
        for hit in sure:
            subject, *others = {entry.subject for entry in hit.entries}
            known = {entry.identifier for entry in hit.entries}
            if not others and known.isdisjoint(shared[subject]):
                starts[subject].add(hit.start)
                ends[subject].add(hit.end)
        self._starts = {subject: sorted(places) for subject, places in starts.items()}
        self._ends = {subject: sorted(places) for subject, places in ends.items()}

    def are_beside(self, hit: Hit, subject: SubjectRef, look: Look) -> bool:
        """Whether the nearest such value before or after a hit is its neighbor."""
        starts, ends = self._starts.get(subject, []), self._ends.get(subject, [])
        after = bisect_left(starts, hit.end)
        before = bisect_right(ends, hit.start) - 1
        return (after < len(starts) and look.is_beside(hit.end, starts[after])) or (
            before >= 0 and look.is_beside(ends[before], hit.start)
        )


def _is_in_place(
    entry: KeyEntry, hit: Hit, look: Look, places: _Places, parts: frozenset[str]
) -> bool:
    key = entry.key
    is_own = entry.subject in look.passage.own
    if not is_own and not places.are_beside(hit, entry.subject, look):
        return False
    if key.login and not look.is_login(hit.start, hit.end):
        return False
    is_name = key.kind is IdentifierKind.NAME
    # A nickname without the capital that the writer gives other words: a billy goat.
    # Particles are written small: of a longer name the first word says it.
    end = hit.end if len(key.words) == 1 else hit.words[0][1]
    is_word = key.everyday or (
        key.familiar and look.has_capitals and not look.capitalized(hit.start, end)
    )
    if is_name and is_word and not look.is_introduced(hit.start, hit.end, parts):
        return False
    return is_own or not (is_name and look.is_part_of_another_name(hit.start, hit.end, parts))


def _straight_first(hits: list[Hit]) -> list[Hit]:
    """Drop turned names that reach into something else of the same person.

    In "Anna Berg, Anna" there is one name.
    """
    if not any(entry.key.turned for hit in hits for entry in hit.entries):
        return hits
    straight: dict[SubjectRef, list[tuple[int, int]]] = defaultdict(list)
    for hit in hits:
        for entry in hit.entries:
            if not entry.key.turned:
                straight[entry.subject].append((hit.start, hit.end))
    others = {subject: Ranges(places) for subject, places in straight.items()}
    result = []
    for hit in hits:
        entries = tuple(
            entry
            for entry in hit.entries
            if not (
                entry.key.turned
                and entry.subject in others
                and others[entry.subject].cut(hit.start, hit.end)
            )
        )
        if entries:
            result.append(_with(hit, entries))
    return result
