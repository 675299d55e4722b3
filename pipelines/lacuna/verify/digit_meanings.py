"""What digits with separators between them mean, besides a telephone number: a day, a moment, money."""

import re
from datetime import date
from typing import Final

_CHARACTERS: Final = frozenset("0123456789.,:/'-")
_FARTHEST: Final = 24
_DAY: Final = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})(?=$|[t:,]|[^\w-])")
_CLOCK: Final = re.compile(r"(?:t|,? ?(?:kl\.? )?)\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?")
_CENTS: Final = re.compile(r"\d+(?:[.,']\d{3})*[.,]\d\d")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[.,']\d{3})+")
_MONEY_AHEAD: Final = re.compile(r"(?:[$€£¥]|\b(?:dkk|eur|usd|gbp|sek|nok|chf|pln|kr\.?|zl)) ?$")
_MONEY_BEHIND: Final = re.compile(r" ?(?:[$€£¥]|(?:dkk|eur|euro|usd|gbp|sek|nok|chf|pln|kr|zl)\b)")


def is_day_or_money(folded: str, start: int, end: int) -> bool:
    """Whether all digits from `start` to `end` of a folded text are of one day, moment or amount.

    >>> is_day_or_money("on 2026-11-28", 3, 13), is_day_or_money("20-26-11-28", 0, 11)
    (True, False)
    """
    first = start
    while first and start - first < _FARTHEST and folded[first - 1] in _CHARACTERS:
        first -= 1
    while not folded[first].isdigit():
        first += 1
    return _day_ends(folded, first) >= end or _money_ends(folded, first) >= end


def _day_ends(folded: str, start: int) -> int:
    """Return where a day or moment ends that begins here; 0 if none does."""
    found = _DAY.match(folded, start)
    if found is None:
        return 0
    left, _, middle, right = found.groups()
    numbers = (int(left), int(middle), int(right))
    year, *rest = numbers if len(left) == 4 else numbers[::-1]
    if not (1900 <= year < 2100 and any(_is_day(year, *each) for each in (rest, rest[::-1]))):
        return 0
    clock = _CLOCK.match(folded, found.end())
    return found.end() if clock is None else clock.end()


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _money_ends(folded: str, start: int) -> int:
    """Return where an amount ends that begins here; 0 if none does.

    Thousands alone may be a telephone number, unless a currency stands beside them.
    """
    if (cents := _CENTS.match(folded, start)) and _is_whole(folded, cents.end()):
        return cents.end()
    amount = _THOUSANDS.match(folded, start)
    if amount is None or not _is_whole(folded, amount.end()):
        return 0
    ahead = _MONEY_AHEAD.search(folded[max(0, start - _FARTHEST) : start])
    behind = _MONEY_BEHIND.match(folded, amount.end())
    return amount.end() if ahead or behind else 0


def _is_whole(folded: str, end: int) -> bool:
    """Whether no more digits follow, after a separator either."""
    return re.match(r"\d|[.,'/-]\d", folded[end : end + 2]) is None
