"""Numbers of bank accounts (IBAN) by their country's form, whatever the check digits are.

People mistype them, and half of those who change an account write no word before it.
"""

import re
from collections.abc import Iterator
from functools import cache

from stdnum import numdb

from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

__all__ = ["AccountNumberRecognizer"]

_SIGN = r"[ \u00a0\u202f.-]"
_BEGUN = re.compile(
    rf"(?<![\w@=/+])(?P<country>[A-Z]{{2}}(?:{_SIGN}?\d){{2}}|[A-Za-z]{{2}}\d\d)(?=(?:{_SIGN}?[A-Za-z\d]){{11}})"
)
_PART = re.compile(rf"{_SIGN}?(?P<figure>[A-Za-z\d])")
# Groups of four as on a card, whose count of figures may be off by a slip of the pen.
_GROUPS = re.compile(r"[A-Z]{2}\d\d(?: [A-Z\d]{4}){2,7}(?: (?=[A-Z]{0,2}\d)[A-Z\d]{1,3})?(?!\w)")
_MOST_OFF = 2
_FEWEST_DIGITS = 10
_KINDS = {"n": r"\d", "a": "[A-Z]", "c": r"[A-Z\d]"}


class AccountNumberRecognizer(RuleRecognizer):
    """IBANs that are written as their country writes them."""

    prefilter_patterns = (rf"[a-z]{{2}}{_SIGN}?\d{_SIGN}?\d(?:{_SIGN}?[a-z\d]){{11}}",)

    def __init__(self, language: str) -> None:
        super().__init__(["IBAN_CODE"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the account numbers of a text."""
        for begun in _BEGUN.finditer(text):
            form = _form(begun["country"][:2].upper())
            if form is None:
                continue
            length, pattern = form
            end = _end(text, begun.end(), length - 4)
            if end is not None and pattern.fullmatch(_figures(text[begun.end() : end])):
                yield RuleMatch(begun.start(), end, 0.6)
            elif (groups := _GROUPS.match(text, begun.start())) is not None and (
                abs(len(_figures(groups.group())) - length) <= _MOST_OFF
                and sum(map(str.isdigit, groups.group())) >= _FEWEST_DIGITS
            ):
                yield RuleMatch(groups.start(), groups.end(), 0.6)


@cache
def _form(country: str) -> tuple[int, re.Pattern[str]] | None:
    """Return how long a country's IBANs are, and what follows their check digits; None if it has none."""
    known = numdb.get("iban").info(country)[0][1].get("bban")
    if known is None:
        return None
    parts = [(int(count), _KINDS[kind]) for count, kind in re.findall(r"(\d+)!([nac])", known)]
    pattern = "".join(f"{kind}{{{count}}}" for count, kind in parts)
    return 4 + sum(count for count, _ in parts), re.compile(pattern)


def _end(text: str, start: int, figures: int) -> int | None:
    """Return where a number ends that has so many letters and figures from `start` on."""
    end = start
    for _ in range(figures):
        if (part := _PART.match(text, end)) is None:
            return None
        end = part.end()
    return None if end < len(text) and (text[end].isalnum() or text[end] in "_@") else end


def _figures(written: str) -> str:
    return "".join(filter(str.isalnum, written)).upper()
