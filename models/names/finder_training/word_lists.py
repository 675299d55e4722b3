"""What lists say of a word: part of a given name, of a surname, or a word in common use."""

import gzip
import json
import re
from collections import Counter
from enum import IntFlag
from pathlib import Path
from typing import Protocol

from finder_training.name_lists import listed
from finder_training.words import folded, split

__all__ = ["Listed", "WordLists", "word_lists"]

_PART = re.compile(r"[^\W\d_]{2,}")
_COMMON_FROM = 3


class Listed(IntFlag):
    """In which lists a folded word stands."""

    GIVEN = 1
    SURNAME = 2
    OFTEN = 4
    COMMON = 8


class WordLists(Protocol):
    """Knows words."""

    def of(self, word: str) -> Listed:
        """Return the lists that hold a word."""


def word_lists(data: Path) -> dict[str, Listed]:
    """Return the lists of each folded word: name lists, and lower-case words of the plain text."""
    found: dict[str, Listed] = {}
    for name, kind, languages, sources in listed(data):
        own = Listed.GIVEN if kind == "given" else Listed.SURNAME
        if len(sources) > 1 or len(languages) > 2:
            own |= Listed.OFTEN
        parts = _PART.findall(name)
        for part in parts:
            if len(part) > 2 or len(parts) == 1:
                word = folded(part)
                found[word] = found.get(word, Listed(0)) | own
    for word, times in _lower_words(data).items():
        if times >= _COMMON_FROM and len(word) > 1:
            found[word] = found.get(word, Listed(0)) | Listed.COMMON
    return found


def _lower_words(data: Path) -> Counter[str]:
    seen: Counter[str] = Counter()
    for path in sorted((data / "unlabelled").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                text = json.loads(line)["text"]
                words = (text[start:end] for start, end in split(text))
                seen.update(folded(word) for word in words if word.islower())
    return seen
