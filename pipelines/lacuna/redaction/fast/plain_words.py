"""Words and numbers that spaCy never splits, and their features, without asking it.

Four of five new runs of a text are letters or digits alone, or end in one punctuation mark. What
spaCy makes of them is known: one token, or two. A probe at the start makes sure of that for the
tokenizer at hand; the exceptions of its language are left to it.
"""

import re
from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from spacy.attrs import LOWER, NORM, ORTH, PREFIX, SHAPE, SUFFIX
from spacy.language import Language

from lacuna.redaction.fast.long_words import BoundedTokenizer

U64 = npt.NDArray[np.uint64]

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿ"
# A full stop stays with a capital letter or a single one: those may be abbreviations.
_PLAIN = re.compile(rf"([{_LETTER}]+|[0-9]+)([,;:!?]?)|([{_LETTER}]+[a-z]|[0-9]+)(\.)", re.ASCII)
_PUNCTUATION = ",;:!?."
_LONGEST = 40
_RUN = 4
_KEPT_ENDINGS = 1 << 15
_KNOWN = frozenset((ORTH, LOWER, NORM, PREFIX, SUFFIX, SHAPE))


class PlainWords:
    """Tells which runs are plain, and what the features of their tokens are."""

    def __init__(self, nlp: Language, columns: Sequence[int]) -> None:
        """Learn the exceptions of `nlp`; `columns` are the features wanted."""
        self._columns = tuple(columns)
        self._strings = nlp.vocab.strings
        self._exceptions = frozenset(cast(BoundedTokenizer, nlp.tokenizer).exceptions)
        table = nlp.vocab.lookups.get_table("lexeme_norm", {})
        self._norms = {int(key): self._strings[value] for key, value in table.items()}
        self._prefixes: dict[str, int] = {}
        self._suffixes: dict[str, int] = {}
        self._shapes: dict[str, int] = {}
        self._punctuation: dict[str, tuple[int, ...]] = {}
        self.usable = _KNOWN.issuperset(columns) and self._holds_for(nlp)

    def parts(self, run: str) -> tuple[str, str] | None:
        """Return a run's word and the punctuation mark behind it, or None: spaCy has to split it."""
        match = _PLAIN.fullmatch(run)
        if match is None or len(run) > _LONGEST:
            return None
        word, mark = (match[1], match[2]) if match[1] is not None else (match[3], match[4])
        if run in self._exceptions or word in self._exceptions:
            return None
        return word, mark

    def features(self, word: str) -> tuple[int, ...]:
        """Return the features of a word or mark, in the order of the columns."""
        return self._punctuation.get(word) or self._features(word)

    def _features(self, word: str) -> tuple[int, ...]:
        strings = self._strings
        orth = strings[word]
        lower = strings[word.lower()]
        if (prefix := self._prefixes.get(word[0])) is None:
            prefix = self._prefixes[word[0]] = strings[word[0]]
        ending = word[-3:]
        if (suffix := self._suffixes.get(ending)) is None:
            if len(self._suffixes) > _KEPT_ENDINGS:
                self._suffixes.clear()
            suffix = self._suffixes[ending] = strings[ending]
        form = _shape(word)
        if (shape := self._shapes.get(form)) is None:
            if len(self._shapes) > _KEPT_ENDINGS:
                self._shapes.clear()
            shape = self._shapes[form] = strings[form]
        values = {
            ORTH: orth,
            LOWER: lower,
            NORM: self._norms.get(orth, lower),
            PREFIX: prefix,
            SUFFIX: suffix,
            SHAPE: shape,
        }
        return tuple([values[column] for column in self._columns])

    def _holds_for(self, nlp: Language) -> bool:
        """Compare with what the tokenizer says, for every letter and mark and some words."""
        letters = [chr(code) for code in range(256) if re.match(f"[{_LETTER}]", chr(code))]
        probes = [first + "ou" + first for first in (*letters, *"0123456789")]
        probes += ["7" * size for size in range(1, 8)] + letters
        probes += ["Hello", "McDonald", "IBM", "iPhone", "straße", "ÆRØ", "colour", "DATE", "Mon"]
        probes += [word + mark for word in (*probes, "42") for mark in _PUNCTUATION]
        with nlp.memory_zone():
            for mark in _PUNCTUATION:
                self._punctuation[mark] = self._by_spacy(nlp, mark)[1][0]
            for probe in probes:
                parts = self.parts(probe)
                if parts is None:
                    continue
                tokens = [part for part in parts if part]
                if self._by_spacy(nlp, probe) != (tokens, [*map(self.features, tokens)]):
                    return False
        return True

    def _by_spacy(self, nlp: Language, text: str) -> tuple[list[str], list[tuple[int, ...]]]:
        doc = nlp.tokenizer(text)
        values = cast(U64, doc.to_array(list(self._columns))).reshape(len(doc), -1)
        return [token.text for token in doc], [tuple(map(int, row)) for row in values]


def _shape(word: str) -> str:
    """Return spaCy's shape of a word of letters or digits: runs longer than four are cut."""
    size = len(word)
    if word.islower():
        return "x" * min(size, _RUN)
    if word.isupper():
        return "X" * min(size, _RUN)
    if word[0].isdigit():
        return "d" * min(size, _RUN)
    parts: list[str] = []
    last, run = "", 0
    for letter in word:
        kind = "X" if letter.isupper() else "x"
        run = run + 1 if kind == last else 1
        last = kind
        if run <= _RUN:
            parts.append(kind)
    return "".join(parts)
