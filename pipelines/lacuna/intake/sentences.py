"""Folds texts and splits them into sentences, in a form in which phrases are looked for."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from lacuna.intake.mail_words import words

_LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)
_PART: Final = re.compile(r"[^\W_]+")
_ABBREVIATIONS: Final = words("abbreviations")
_BULLET: Final = re.compile(r"\s*(?:[-*•☐☑]|\w{1,2}[.)])\s")
_SHORT_LINE: Final = 50
_VALUE: Final = "0"
"""The placeholder for an address, a number or a code, whose value changes no sentence."""
_LONGEST_NUMBER: Final = 2
"""Digits of a number that may be an article's, and is kept."""
CODE_OF_CAPITALS: Final = re.compile(r"[A-Z]{2,10}[-/][A-Z]{4,20}")
"""A customer number without a digit, as in `CUS-NLKAWTAA`."""
_FEW_LETTERS: Final = 5
"""Letters before a number, as in `CUS-0815`: more are words that somebody glued to it."""


def fold(text: str) -> str:
    """Return a text without case, accents and the letters that keyboards lack.

    >>> fold("Löschung ændre Łódź")
    'loschung aendre lodz'
    """
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(character for character in folded if not unicodedata.combining(character))


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text: folded words with a space before, between and behind.

    A question ends in `?` as a word of its own. A line break ends a sentence after a short line.

    >>> list(sentences("Delete my data, ada@example.org! Now?"))
    [' delete my data 0 ', ' now ? ']
    """
    said: list[str] = []
    previous = ""
    for line in text.split("\n"):
        is_going_on = len(previous) > _SHORT_LINE or line.lstrip()[:1].islower()
        if said and (not line.strip() or _BULLET.match(line) or not is_going_on):
            yield f" {' '.join(said)} "
            said = []
        for token in line.split():
            said.extend(each for each in _words(token) if [*said[-1:], each] != [_VALUE, _VALUE])
            if said and _ends(token):
                yield f" {' '.join(said)} "
                said = []
        previous = line
    if said:
        yield f" {' '.join(said)} "


def _words(token: str) -> Iterator[str]:
    """Yield the words of a token between spaces; an address or a code is one value."""
    is_address = "@" in token or "://" in token or token.startswith("www.")
    parts = _PART.findall(fold(token))
    plain = [one for one in parts if not any(map(str.isdigit, one))]
    is_code = any(
        one not in plain and (len(one) > _LONGEST_NUMBER or not one.isdecimal()) for one in parts
    )
    is_value = (
        is_address
        or (is_code and sum(map(len, plain)) <= _FEW_LETTERS)
        or CODE_OF_CAPITALS.fullmatch(token.rstrip(".,;:!?)"))
    )
    yield from [_VALUE] if is_value else parts
    if "?" in token and not is_address:
        yield "?"


def _ends(token: str) -> bool:
    bare = token.rstrip("\"'”»)]")
    return bare.endswith((".", "!", "?", "…")) and bare.lower() not in _ABBREVIATIONS
