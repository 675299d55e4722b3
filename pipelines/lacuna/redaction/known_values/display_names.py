"""The name that a mail program writes beside an address: `"Berg, Anna" <anna@...>`, `anna@... (Anna Berg)`."""

import re
from collections.abc import Iterator
from typing import Final

from lacuna.model.everyday_words import EVERYDAY
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.value_spellings import PARTICLES

_MOST: Final = 100
"""Characters of a name that is looked for."""
_MOST_WORDS: Final = 5
_WORD: Final = r"[^\W\d_][\w.'’-]*"
_BRACKET: Final = re.compile(r"[ \t]*<(?:mailto:)?\Z", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"([^\"\n<>@]{2,})\"\Z")
_WORDS: Final = re.compile(rf"(?<![\w@]){_WORD}(?:[ ]{_WORD})*\Z")
_TURNED: Final = re.compile(rf"(?:^|[:;>\n][ \t]*)({_WORD}, {_WORD})\Z")
_BEHIND: Final = re.compile(rf"[ ]?\(({_WORD}(?: {_WORD}){{1,{_MOST_WORDS - 1}}})\)")


def display_names(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the name beside an e-mail address stands (RFC 5322, section 3.4).

    Args:
        start: of the address.
        end: of the address.
    """
    begin = max(0, start - _MOST)
    before = text[begin:start]
    if (bracket := _BRACKET.search(before)) is not None and text[end : end + 1] == ">":
        before = before[: bracket.start()]
        if (found := _QUOTED.search(before) or _TURNED.search(before)) is not None:
            yield begin + found.start(1), begin + found.end(1)
        elif (name := _last_words(before)) is not None:
            yield begin + name, begin + len(before)
    elif (behind := _BEHIND.match(text, end, end + _MOST)) is not None and _is_name(behind[1]):
        yield behind.span(1)


def _last_words(before: str) -> int | None:
    """Return where a name at the end of a text begins: words with a capital, and particles between."""
    if (words := _WORDS.search(before)) is None:
        return None
    start, taken = None, 0
    for match in [*re.finditer(r"\S+", before[words.start() :])][-_MOST_WORDS:][::-1]:
        if _has_capital(match[0]):
            if taken > 1 and fold(match[0]) in EVERYDAY:
                break  # "On 3 May Anna Berg": a name is there already
            start, taken = words.start() + match.start(), taken + 1
        elif match[0] not in PARTICLES:
            break
    return start


def _is_name(written: str) -> bool:
    first, *between, last = written.split()
    return (
        _has_capital(first)
        and _has_capital(last)
        and all(_has_capital(word) or word in PARTICLES for word in between)
    )


def _has_capital(word: str) -> bool:
    """Whether a word begins as names do; most scripts have no small letters."""
    return not word[0].islower()
