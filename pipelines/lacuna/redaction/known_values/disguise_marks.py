"""The signs that a text may hold a value in disguise."""

from enum import Flag, auto


class DisguiseMark(Flag):
    """A sign that a text may hold a value in disguise."""

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
    DisguiseMark.AT_AND_DOT
    | DisguiseMark.TAG
    | DisguiseMark.LEET
    | DisguiseMark.NUMBER_WORDS
    | DisguiseMark.LETTERS_FOR_DIGITS
)
"""What people write for a value."""
MADE = ~GUESSED
"""What programs make of it."""
