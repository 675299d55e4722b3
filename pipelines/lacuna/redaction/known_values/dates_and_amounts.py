"""Whether digits that are parted read as a date, a moment or an amount, and not as a number."""

import re
from typing import Final

_AROUND: Final = 32
_CURRENCY: Final = r"(?:[$€£¥]|\b(?:dkk|eur|usd|gbp|sek|nok|chf|pln|kr\.?|euro|zl)\b)"
_DATE: Final = (
    r"(?:(?:19|20)\d\d(?P<s>[-./])(?:0?[1-9]|1[0-2])(?P=s)(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<t>[-./])(?:0?[1-9]|[12]\d|3[01])(?P=t)(?:(?:19|20)\d\d))"
)
_TIME: Final = r"(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d(?:[.,]\d{1,9})?)?"
_GROUPED: Final = r"\d{1,3}(?:(?P<g>[.,'’])\d{3})(?:(?P=g)\d{3})*"
_OTHERWISE: Final = re.compile(
    rf"(?<![\d])(?:{_DATE}(?:(?:[tT]|,? )(?:kl\.? |at |um )?{_TIME})?"
    rf"|{_GROUPED}(?!(?P=g))[.,]\d{{2}}|\d+[.,]\d{{2}})(?!\d|[-./,]\d)"
)
_AMOUNT: Final = re.compile(rf"(?<![\d.,]){_GROUPED}(?![\d]|[.,]\d)")
_BEFORE: Final = re.compile(rf"{_CURRENCY}[ \u00a0]?$", re.IGNORECASE)
_AFTER: Final = re.compile(rf"[ \u00a0]?{_CURRENCY}", re.IGNORECASE)


def reads_otherwise(text: str, start: int, end: int, *, is_telephone: bool) -> bool:
    """Whether the digits from `start` to `end` are within a date, a moment or an amount.

    Args:
        is_telephone: thousands alone, as in `612.345.678`, may be one's; a customer's number is
            not written so.

    >>> reads_otherwise("on 2026-11-28", 3, 13, is_telephone=True)
    True
    >>> reads_otherwise("call 20-26-11-28", 5, 16, is_telephone=True)
    False
    """
    first = max(0, start - _AROUND)
    around = text[first : end + _AROUND]
    start, end = start - first, end - first
    if any(one.start() <= start and end <= one.end() for one in _OTHERWISE.finditer(around)):
        return True
    return any(
        one.start() <= start
        and end <= one.end()
        and (
            not is_telephone
            or _BEFORE.search(around[: one.start()]) is not None
            or _AFTER.match(around, one.end()) is not None
        )
        for one in _AMOUNT.finditer(around)
    )
