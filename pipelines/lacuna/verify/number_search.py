"""Numbers in a text, whole and as they are written in pieces, for the search for known values."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import ahocorasick

from lacuna.model.identity import Identifier, SubjectRef
from lacuna.verify.decodings import BARRIER
from lacuna.verify.digit_meanings import is_day_or_money
from lacuna.verify.folding import digits_of, numbers_in

FEWEST_DIGITS: Final = 7
_DIGITS: Final = "0123456789"
_LONGEST_CODE: Final = 4  # with the 0 that some write after it
NO_DIGIT: Final = re.compile(r"\D+", re.ASCII)
# An id or a digest: a number in it is part of it.
TOKEN: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}"
)
# A moment as programs write it (RFC 3339), or a date that is all of a text or JSON string: a number in it
# is part of it. In each million seconds and microseconds `20.304050` is one, and logs have many.
_MOMENT: Final = re.compile(
    r"(?<!\d)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:(?<![^\"\0]\d{4}-\d{2}-\d{2})(?![^\"\0])"
    r"|[t ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d{1,9}(?!\d))?)?"
    r"(?:z|[+-](?:[01]\d|2[0-3]):?[0-5]\d(?!\d))?)"
)
_LONGEST_MOMENT: Final = 40
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
class KnownNumber:
    """A telephone number, and the digits that may stand right before it; None: any code."""

    known_value: KnownValue
    before: frozenset[str] | None = field(repr=False)


# --- numbers --------------------------------------------------------------------------------------


def numbers_of(automaton: ahocorasick.Automaton, folded: str) -> Iterator[tuple[int, KnownValue]]:
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
    return token is not None and TOKEN.fullmatch(token.group()) is not None


def _in_moment(folded: str, start: int, end: int) -> bool:
    """Whether digits are all within one moment; what goes on beside it is a number."""
    around = max(0, start - _LONGEST_MOMENT)
    return any(
        around + found.start() <= start and end <= around + found.end()
        for found in _MOMENT.finditer(folded[around : end + _LONGEST_MOMENT])
    )


def number_forms(value: str) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield a number as its digits, each with the digits that may stand right before it."""
    number = NO_DIGIT.sub("", value)
    is_international = value.strip().startswith(("+", "00"))
    if is_international and not value.strip().startswith("+"):
        number = number[2:]
    if not is_international:
        yield number, None
        if number.startswith("0") and len(number) > FEWEST_DIGITS:
            yield number[1:], None
        return
    yield number, frozenset({"", "00", "011"})
    code, national = number[: _code_length(number)], number[_code_length(number) :]
    with_trunk = f"{code}0{national}"
    yield with_trunk, frozenset({"", "00", "011"})
    if len(national) >= FEWEST_DIGITS:
        yield national, frozenset({"", "0"})


def _code_length(number: str) -> int:
    if number[:1] in ("1", "7"):
        return 1
    return 2 if _TWO_DIGIT_CODE.match(number) else 3
