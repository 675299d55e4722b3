"""What lists say of a word: part of a given name, of a surname, or a word in common use."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

from finder_training.name_lists import listed
from lacuna.redaction.name_model.listed_words import InLists
from lacuna.redaction.name_model.text_words import folded, split

__all__ = ["word_lists"]

_PART = re.compile(r"[^\W\d_]{2,}")
_COMMON_FROM = 3


def word_lists(data: Path) -> dict[str, InLists]:
    """Return the lists of each folded word: name lists, and lower-case words of the plain text."""
    found: dict[str, InLists] = {}
    for name, kind, languages, sources in listed(data):
        own = InLists.GIVEN if kind == "given" else InLists.SURNAME
        if len(sources) > 1 or len(languages) > 2:
            own |= InLists.OFTEN
        parts = _PART.findall(name)
        for part in parts:
            if len(part) > 2 or len(parts) == 1:
                word = folded(part)
                found[word] = found.get(word, InLists(0)) | own
    for word, times in _lower_words(data).items():
        if times >= _COMMON_FROM and len(word) > 1:
            found[word] = found.get(word, InLists(0)) | InLists.COMMON
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
