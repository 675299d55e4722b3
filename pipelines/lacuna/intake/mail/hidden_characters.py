"""Characters that show nothing or show something else: taken out to judge, made visible to read."""

import re
import unicodedata
from typing import Final

_KEPT: Final = frozenset("\n\t")


def plain(text: str) -> str:
    r"""Return a text of several lines without control, format and surrogate characters.

    >>> plain("er\u00adase\r\nme\x00")
    'erase\nme'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    return "".join(
        character for character in text if character in _KEPT or not _is_hidden(character)
    )


def one_line(text: str) -> str:
    r"""Return a text as one line: a header that decodes to line breaks adds no header.

    >>> one_line("a\r\nBcc: b")
    'a Bcc: b'
    """
    return " ".join(plain(text).split())


def hides(text: str) -> bool:
    """Whether a text has characters that nobody sees, or that turn the reading direction."""
    return not text.isascii() and any(
        unicodedata.category(character) in ("Cf", "Cs") for character in text
    )


def turns(text: str) -> bool:
    r"""Whether a text has characters that are read from right to left, or make others be.

    >>> turns("\u202eem esare"), turns("erase me \u2013 \u200ethanks")
    (True, False)
    """
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in ("R", "AL", "RLE", "RLO", "RLI")
        for character in text
    )


def overrides(text: str) -> bool:
    """Whether a text has characters that turn the reading direction of those that follow."""
    return _TURN.search(text) is not None


def visible(text: str) -> str:
    r"""Return a text in which every hidden character shows as its code.

    >>> visible("a\u202eb"), visible("a\u3164b")
    ('a\\u202eb', 'a\\u3164b')
    """
    return "".join(
        f"\\u{ord(character):04x}"
        if character not in _KEPT and (_is_hidden(character) or _BLANK.match(character))
        else character
        for character in text
    )


def visible_words(text: str) -> bool:
    r"""Whether a text has anything that somebody sees.

    >>> visible_words("\u00a0\u200b\u3164 "), visible_words("\u200ba")
    (False, True)
    """
    return bool(text.strip()) and any(
        not (character.isspace() or _is_hidden(character) or _BLANK.match(character))
        for character in text
    )


_TURN: Final = re.compile("[\u202b\u202e\u2067]")
# Unicode, Default_Ignorable_Code_Point, of categories that show something else; the blank of Braille, and
# the separators of lines and paragraphs.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
