"""Which language a text is read as: that of its row, or the one that its own words tell."""

import re
from collections.abc import Collection
from functools import lru_cache
from importlib import resources
from pathlib import Path
from runpy import run_path

from lacuna.redaction.languages.common_words import EVERYDAY_WORDS
from lacuna.redaction.options import EngineOptions
from lacuna.translations import NEAREST

OTHER = "xx"
"""Every language that has neither a model nor words that are known here."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CODE = re.compile(r"\s*(?P<code>[a-z]{2})(?:[-_][a-z0-9]{2,8})*\s*", re.IGNORECASE)
_READ_CHARACTERS = 600
# So many words more a text must have of another language than of the one that it would be read as
# without asking its words, or than of the one that its row says.
_TOLD = 2
_SURE = 3


class Languages:
    """Tells what a text is read as; made once, it may be asked by many threads."""

    def __init__(self, modelled: Collection[str]) -> None:
        """Name the languages that have a model; a text that tells nothing is read as the first."""
        self._first = next(iter(modelled))
        self._modelled = frozenset(modelled)
        known = dict.fromkeys((*modelled, *EVERYDAY_WORDS))
        words = {code: words for code in known if (words := everyday_words(code))}
        self._codes = tuple(words)
        self._known = frozenset((*self._codes, *modelled))
        languages_of: dict[str, list[int]] = {}
        for number, some in enumerate(words.values()):
            for word in some:
                languages_of.setdefault(word, []).append(number)
        self._languages_of = {word: tuple(some) for word, some in languages_of.items()}

    def has_model(self, code: str) -> bool:
        """Whether a model reads the texts of a language."""
        return code in self._modelled

    def of(self, text: str, given: str | None) -> str:
        """Return the language that a text is read as.

        Args:
            given: what its row or its reader says, as any system writes it (`da`, `da-DK`). Only
                a text that is surely in another language is not believed to be in this one.
        """
        code = self.code(given)
        if code is not None and code not in self._codes:
            return code
        expected, least = (self._first, _TOLD) if code is None else (code, _SURE)
        counts = [0] * len(self._codes)
        weights = [0.0] * len(self._codes)
        for word in _WORD.finditer(text, 0, _READ_CHARACTERS):
            languages = self._languages_of.get(word.group().lower(), ())
            for number in languages:
                counts[number] += 1
                weights[number] += 1 / len(languages)
        # Of languages that are alike, the one whose own words are more.
        best = weights.index(max(weights))
        own = counts[self._codes.index(expected)] if expected in self._codes else 0
        return expected if counts[best] - own < least else self._codes[best]

    def code(self, given: str | None) -> str | None:
        """Return the code of a language as it is known here; None if nothing was said."""
        match = None if given is None else _CODE.fullmatch(given)
        if match is None:
            return None
        code = match["code"].lower()
        code = NEAREST.get(code, code)
        return code if code in self._known else OTHER


@lru_cache(maxsize=4)
def languages_of(options: EngineOptions) -> Languages:
    """Return the languages that an engine with these options can tell apart."""
    return Languages([code for code, _ in options.models])


@lru_cache(maxsize=32)
def everyday_words(code: str) -> frozenset[str]:
    """Return the commonest words of a language, in small letters; none if it is not known."""
    words = frozenset(EVERYDAY_WORDS.get(code, "").split())
    # Run by itself: to import it would import the whole language, which takes up to a second.
    path = Path(str(resources.files("spacy"))) / "lang" / code / "stop_words.py"
    if not path.is_file():
        return words
    return words | frozenset(word.lower() for word in run_path(str(path))["STOP_WORDS"])
