"""Tells whether the lines below somebody's words are no more than who they are and where they live.

Words there are as much the writer's as those above. A name is told from a sentence by its form: a
few words a line, each with a capital, none of them a word that sentences are made of. Whatever else
it is, a person reads it.
"""

import re
from typing import Final

from lacuna.intake.mail_words import one_of, words
from lacuna.intake.phrases import PHRASES
from lacuna.intake.sentences import fold

_CLOSINGS: Final = re.compile(one_of("closings"), re.IGNORECASE)
_SIGNATURE: Final = re.compile(r"^\s*(--|__|—)\s*$")
_LONGEST: Final = 300
_LONGEST_LINE: Final = 60
_MOST_WORDS: Final = 6
_MOST_LINES: Final = 10
_LINE: Final = re.compile(r"[\w\s.,:()'’/&+|@-]*")
_STOP: Final = re.compile(r"[^\W\d_]{4,}\.$")
"""A sentence's end; an abbreviation's word is shorter."""
_LINK: Final = re.compile(r"\S*(?:@|://|\bwww\.)\S*")
_WORD: Final = re.compile(r"[^\W\d_]+")
ALARMS: Final = frozenset(map(fold, words("alarms")))
_PARTICLES: Final = frozenset(map(fold, words("particles")))
_LABELS: Final = frozenset(map(fold, words("labels")))
_DEVICE: Final = re.compile(
    rf"(?:{one_of('devices')}) (?:iphone|ipad)(?:{one_of('device_ends')})?", re.IGNORECASE
)


def at_signature(text: str) -> tuple[str, str]:
    """Split a text into the part above a signature, and the signature with everything below it."""
    lines = text.split("\n")
    end = len(lines)
    for position, line in enumerate(lines):
        if _SIGNATURE.match(line) or (position > 0 and _is_closing(line)):
            end = position
            break
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _is_closing(line: str) -> bool:
    """Whether a line is one that letters close with, or a rule above a signature."""
    return bool(_SIGNATURE.match(line) or _CLOSINGS.fullmatch(line.strip().rstrip(",.!")))


def is_sign_off(text: str) -> bool:
    """Whether a text is closings, names, addresses and numbers alone; an empty one is."""
    lines = [line for each in text.split("\n") if (line := " ".join(each.split()))]
    return (
        sum(map(len, lines)) <= _LONGEST and len(lines) <= _MOST_LINES and all(map(_names, lines))
    )


def _names(line: str) -> bool:
    if _is_closing(line) or _DEVICE.fullmatch(line):
        return True
    if len(line) > _LONGEST_LINE or not _LINE.fullmatch(line) or _STOP.search(line):
        return False
    words = _WORD.findall(_LINK.sub(" ", line))
    # Whoever shouts writes no name.
    is_shouted = len(words) > 1 and line.isupper()
    return (
        len(words) <= _MOST_WORDS
        and not (is_shouted and not any(map(str.isdigit, line)))
        and all(map(_is_of_name, words))
    )


def _is_of_name(word: str) -> bool:
    folded = fold(word)
    if folded in _PARTICLES or folded in _LABELS:
        return True
    return word[0].isupper() and folded not in _OF_SENTENCES


_OF_SENTENCES: Final = ALARMS.union(*(book.of_names for book in PHRASES)) - _PARTICLES - _LABELS
