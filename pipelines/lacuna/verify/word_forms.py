"""The forms in which a gate knows a word or a name."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import Final

from lacuna.model.everyday_words import EVERYDAY
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.verify.folding import fold, words_of

TITLES: Final = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "hr", "herr", "frau", "fru", "mme", "sr", "sra")
)
_WRITTEN_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"}
)
_DIGRAPH: Final = re.compile(r"([ou])e|(?<!a)(a)a")
_WORD: Final = re.compile(r"[^\W_]+")
# A street and its number in one word.
GLUED: Final = re.compile(r"\b([^\W\d_]{4,})(\d{1,4}[a-z]?(?:-\d{1,4}[a-z]?)?)\b")
_SHORTEST_TELLING: Final = 3  # letters


def word_forms(identifier: Identifier) -> frozenset[str]:
    """Return the ways in which a value is written as words, with one space between two.

    >>> sorted(word_forms(Identifier(IdentifierKind.NAME, "Jørgen Berg")))
    ['berg joergen', 'berg jorgen', 'joergen berg', 'jorgen berg']
    """
    value = identifier.value
    match identifier.kind:
        case IdentifierKind.NAME:
            return frozenset(form for text in _spellings(value) for form in _orders(words_of(text)))
        case IdentifierKind.ADDRESS:
            written = [words_of(text) for text in _spellings(value)]
            return frozenset((*written, *(GLUED.sub(r"\1 \2", text) for text in written)))
        case IdentifierKind.FILE | IdentifierKind.OTHER:
            return frozenset((words_of(fold(value)),))
        case IdentifierKind.EXTERNAL_ID | IdentifierKind.CONTACT_ID:
            words = words_of(fold(value))
            apart = re.split(r"[ .-]+", words)
            return frozenset((words, " ".join(apart), "".join(apart), *_network_forms(words)))
        case IdentifierKind.EMAIL:
            return frozenset(_said_aloud(fold(value).strip()))
        case _:
            return frozenset()


def _network_forms(words: str) -> Iterator[str]:
    """Yield the forms of an IPv6 address: short, in full, and with each group but no zeros ahead."""
    if words.count(":") < 2:
        return
    try:
        address = IPv6Address(words)
    except ValueError:
        return
    yield address.compressed
    yield address.exploded
    yield ":".join(group.lstrip("0") or "0" for group in address.exploded.split(":"))


def _spellings(value: str) -> frozenset[str]:
    """Return a value folded, as with and without the letters that a keyboard may lack."""
    plain = fold(value)
    return frozenset(
        (plain, fold(value.casefold().translate(_WRITTEN_OUT)), _DIGRAPH.sub(r"\1\2", plain))
    )


def _orders(name: str) -> Iterator[str]:
    """Yield a name in its orders: "anna berg hansen", "berg hansen anna", "hansen anna berg"."""
    words = name.split()
    while len(words) > 2 and words[0] in TITLES:
        words = words[1:]
    for first in range(len(words)):
        yield " ".join(words[first:] + words[:first])


def is_whole_phrase(identifier: Identifier) -> bool:
    """Whether a name is of words of everyday texts, such as Hope Young."""
    return identifier.kind is IdentifierKind.NAME and all(
        len(word) < _SHORTEST_TELLING or word in EVERYDAY
        for word in words_of(fold(identifier.value)).split(" ")
    )


def has_capitals(identifier: Identifier, text: str) -> bool:
    """Whether a name stands somewhere in a text with a capital for each word.

    >>> has_capitals(Identifier(IdentifierKind.NAME, "Hope Young"), "I hope young people come.")
    False
    """
    written = _WORD.findall(text)
    folded = [fold(word) for word in written]
    for form in word_forms(identifier):
        words = form.split(" ")
        for start in range(len(written) - len(words) + 1):
            end = start + len(words)
            said = folded[start:end]
            said[-1] = words[-1] if said[-1] == f"{words[-1]}s" else said[-1]
            if said == words and all(word[0].isupper() for word in written[start:end]):
                return True
    return False


def _said_aloud(address: str) -> Iterator[str]:
    local, _, domain = address.partition("@")
    for dot in (" ", " dot "):
        left, right = (
            dot.join(words_of(part) for part in side.split(".")) for side in (local, domain)
        )
        yield f"{left} at {right}"
        yield f"{words_of(local)} at {right}"
