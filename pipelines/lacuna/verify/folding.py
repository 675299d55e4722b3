"""Folded texts, in which case, accents and width make no difference, and their words and numbers.

A NUL parts texts that are searched as one, as in lacuna.verify.decodings, and stays where it is.
"""

import re
import unicodedata
from typing import Final

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_NOT_LATIN: Final = re.compile(r"[^\x00-\xff]+")
# Letters that decompose to nothing, as they are commonly written without their accent.
_PLAIN: Final = {
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ħ": "h",
    "ŧ": "t",
    "\u0131": "i",
}
_QUOTES: Final = frozenset("\u2018\u2019\u02bc\u00b4\u2032")
_DASHES: Final = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


class _SearchFoldTable(dict[int, str]):
    """What each character folds to, worked out when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in _QUOTES:
        return "'"
    if character in _DASHES:
        return "-"
    folded = []
    for letter in unicodedata.normalize("NFKC", character).casefold():
        for part in unicodedata.normalize("NFKD", letter):
            if unicodedata.category(part) not in ("Mn", "Me", "Cf"):
                digit = unicodedata.decimal(part, None)
                folded.append(_PLAIN.get(part, part) if digit is None else str(digit))
    return "".join(folded)


_FOLDED: Final = _SearchFoldTable()


def fold(text: str) -> str:
    """Return a text as values compare: no case, no accents, single spaces.

    Each character is folded for itself. Characters that do not show, such as a soft hyphen,
    are left out; dashes, quotes and digits of every script become the plain ones.

    >>> fold("Søren  ÅKESSON")
    'soren akesson'
    """
    return " ".join(fold_characters(text).split())


def fold_characters(text: str) -> str:
    """Return a text with each character folded, as `fold` does, and spaces as they are."""
    if not text.isascii():
        # Western texts fold byte by byte, ten times as fast as character by character.
        text = _NOT_LATIN.sub(_folded, text)
        for character, folded in _LONGER.items():
            if character in text:
                text = text.replace(character, folded)
        try:
            data = text.encode("latin-1")
        except UnicodeEncodeError:
            text = _NOT_ASCII.sub(_folded, text)
        else:
            text = data.translate(_LATIN, _LEFT_OUT).decode("latin-1")
    return text.lower()


def _folded(found: re.Match[str]) -> str:
    return found.group().translate(_FOLDED)


_LONGER: Final = {
    chr(code): folded
    for code in range(128, 256)
    if len(folded := _fold_character(chr(code))) > 1 or folded > "\xff"
}
_LEFT_OUT: Final = bytes(code for code in range(128, 256) if not _fold_character(chr(code)))
_LATIN: Final = bytes(
    ord(folded)
    if code > 127 and len(folded := _fold_character(chr(code))) == 1 and folded <= "\xff"
    else code
    for code in range(256)
)


# What may stand between the words of one name or id: most characters, but not those that end a
# sentence or a JSON string, part a label from its value, or make an address.
_BETWEEN_WORDS: Final = str.maketrans(dict.fromkeys("#$%&'()*+,/<=>[\\]^_`{|}~", " "))
_POINT: Final = re.compile(r"[-.](?:(?<!\d[-.])|(?!\d))")


def words_of(folded: str) -> str:
    r"""Return a folded text with one space for whatever may stand between words of one value.

    A hyphen or point between two digits stays: what goes on with more digits is another id.

    >>> words_of("anna.berg-holm\n> x_y: ext-2024-77")
    'anna berg holm x y: ext 2024-77'
    """
    text = folded.translate(_BETWEEN_WORDS)
    if "-" in text or "." in text:
        text = _POINT.sub(" ", text)
    return " ".join(text.split())


_NUMBER: Final = re.compile(r"\d(?:(?:[^\w\"\0]|_){0,9}\d){6,}", re.ASCII)


def numbers_in(folded: str) -> list[tuple[int, str]]:
    """Return the stretches of a folded text in which at least seven digits follow one another.

    Up to nine characters may separate two digits.

    >>> numbers_in("call +45 12 34-56 78 now, or 11 22")
    [(6, '45 12 34-56 78')]
    """
    return [(found.start(), found.group()) for found in _NUMBER.finditer(folded)]


_ALL_BUT_DIGITS: Final = bytes(code for code in range(1, 256) if not 48 <= code <= 57)


def digits_of(folded: str) -> str:
    """Return the digits of a folded text, whatever parts them, and the NULs.

    A number that is not in here is nowhere in the text; this is fifty times as fast to know.

    >>> digits_of("call +45 12 34-56 78 now, or 11 22")
    '45123456781122'
    """
    data = folded.encode("latin-1", "replace")
    return data.translate(None, _ALL_BUT_DIGITS).decode("ascii")
