"""Days and times as a page writes them: a month is a word, so that no row of digits looks like a number."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

from lacuna.bundle.page_text import attribute, text

_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(Z)?)?"
)


def month_of(at: str) -> str:
    """Return the month of a time in ISO 8601, e.g. `2026-03`; empty if it is no time."""
    found = _TIME.fullmatch(at)
    return at[:7] if found is not None and _date(found[1]) is not None else ""


def month_name(month: str, locale: str) -> str:
    """Return a month of a year in words, e.g. `March 2026`."""
    from babel.dates import format_skeleton

    day = date.fromisoformat(f"{month}-01")
    return str(format_skeleton("yMMMM", day, locale=locale))


def plain_moment(at: str, locale: str) -> str:
    """Return a time for people as plain text; what is no time, as it is."""
    found = _TIME.fullmatch(at)
    day = None if found is None else _day(found[1], locale)
    if found is None or day is None:
        return at
    clock = "" if found[2] is None else f", {found[2]}"
    return f"{day}{clock} UTC" if found[3] else f"{day}{clock}"


def moment(at: str, locale: str) -> str:
    """Return a time as markup, for people and for programs; what is no time, as text."""
    said = text(plain_moment(at, locale))
    return f'<time datetime="{attribute(at)}">{said}</time>' if month_of(at) else said


@lru_cache(maxsize=4096)
def _day(day: str, locale: str) -> str | None:
    from babel.dates import format_date

    known = _date(day)
    return None if known is None else str(format_date(known, "long", locale=locale))


def _date(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
