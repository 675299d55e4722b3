"""The fields of the form that confirms an action: what they ask, and what they take."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from lacuna.dpo_page.forms import InvalidFields
from lacuna.model.letter import LONGEST_NOTE

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST: Final = 320
_YEARS_AHEAD: Final = timedelta(days=3660)


@dataclass(frozen=True)
class AskedField:
    """A field of the form that confirms an action.

    Attributes:
        type: of the input: `text`, `paragraph`, `date`, `hidden`; `choice` where there are choices.
        value: what it holds before anybody wrote into it.
        choices: value and text of each choice.
        is_optional: whether it may stay empty.
        hint: what else whoever fills it in has to know.
        most: characters that it takes; 0: as many as its type.
    """

    name: str
    label: str
    type: str = "text"
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_optional: bool = False
    hint: str = ""
    most: int = 0

    @property
    def longest(self) -> int:
        """How many characters it takes."""
        return self.most or (LONGEST_NOTE if self.type == "paragraph" else _LONGEST)

    def wrong(self, text: str, now: datetime) -> str:
        """Return the error of a text, in the words of the form; empty where it fits."""
        if self.type == "hidden":
            return "" if _DIGEST.fullmatch(text) else "Read the plan again."
        if not text:
            return "" if self.is_optional else "Choose one." if self.choices else "Fill this in."
        if self.choices and text not in dict(self.choices):
            return "Choose one of the list."
        if len(text) > self.longest:
            return f"Write at most {self.longest:,} characters."
        return _wrong_date(text, now) if self.type == "date" else ""


def read_fields(
    asked: Sequence[AskedField], given: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """Return the contents of fields, stripped, by their names.

    Raises:
        InvalidFields: one is missing, too long, no choice, or no day to come.
    """
    read = {each.name: given.get(each.name, "").replace("\r\n", "\n").strip() for each in asked}
    errors = {each.name: wrong for each in asked if (wrong := each.wrong(read[each.name], now))}
    if errors:
        raise InvalidFields(errors, read)
    return read


def _wrong_date(text: str, now: datetime) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "Write a date as year-month-day, such as 2027-01-31."
    if not now.date() < day < (now + _YEARS_AHEAD).date():
        return "Choose a later date, at most ten years ahead."
    return ""
