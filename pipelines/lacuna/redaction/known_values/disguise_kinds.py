"""The kinds of disguise that a text may hold a value in."""

from enum import Flag, auto


class DisguiseKind(Flag):
    """How a value in a text may be disguised; several at once."""

    ESCAPES = auto()
    MISREAD = auto()
    BASE64 = auto()
    AT_AND_DOT = auto()
    TAG = auto()
    LEET = auto()
    NUMBER_WORDS = auto()
    LETTERS_FOR_DIGITS = auto()
    FORWARDED = auto()
    DENSE = auto()
    ENCODED_WORDS = auto()
    TAGS = auto()


GUESSED = (
    DisguiseKind.AT_AND_DOT
    | DisguiseKind.TAG
    | DisguiseKind.LEET
    | DisguiseKind.NUMBER_WORDS
    | DisguiseKind.LETTERS_FOR_DIGITS
)
"""What people write for a value."""
MADE = ~GUESSED
"""What programs make of it."""
