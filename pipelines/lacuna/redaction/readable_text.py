"""Texts as a person reads them, where they are written so that a pattern does not.

Look-alike letters, invisible characters, full-width digits, entities, encoded bytes and tags inside
a value: a view without them is read beside the text itself, so that nothing found there is lost.
"""

import re
import unicodedata

from lacuna.redaction.folding import LOOK_ALIKE, Edit, View, decoded, without_tags
from lacuna.redaction.markup import tags

# Soft hyphens and what has no width; forms of Latin letters and digits; digits of other scripts.
_MASKED = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    "\u2070-\u209c\u2460-\u24ea\uff01-\uff5e\U0001d400-\U0001d7ff\U000e0000-\U000e007f]|(?![0-9])\\d"
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_ENCODED = re.compile(r"&[#A-Za-z]|[%=][0-9A-Fa-f]{2}|\\[uUx][0-9A-Fa-f]{2}")
_LIKE = re.compile("[" + "".join(sorted({*LOOK_ALIKE, *(x.upper() for x in LOOK_ALIKE)})) + "]")


def unmasked(view: View) -> View | None:
    """Return a view of `view` without what hides values; None if it hides none."""
    result = view
    if _ENCODED.search(result.text) is not None:
        result = decoded(result) or result
    if "<" in result.text and (found := tags(result.text)):
        result = without_tags(result, found)
    if not result.text.isascii() and (edits := _edits(result.text)):
        result = result.edited(edits)
    return None if result.text == view.text else result


def _edits(text: str) -> list[Edit]:
    edits: list[Edit] = []
    for match in _MASKED.finditer(text):
        if (plain := _plain(match.group())) != match.group():
            edits.append((*match.span(), plain))
    if _LIKE.search(text) is not None:
        for word in _WORD.finditer(text):
            # A word of another alphabet is that; one of two alphabets is a disguise.
            if _LATIN.search(word.group()) is not None:
                edits += [
                    (word.start() + like.start(), word.start() + like.end(), _latin(like.group()))
                    for like in _LIKE.finditer(word.group())
                ]
    return sorted(edits)


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(character) in ("Cf", "Mn"):
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() else character


def _latin(character: str) -> str:
    small = LOOK_ALIKE[character.lower()]
    return small if character.islower() else small.upper()
