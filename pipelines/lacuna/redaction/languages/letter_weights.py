"""How much the letters of a text speak for each language: runs of one to four of them, weighed.

The weights are a file beside this one, learnt from sentences; `models/languages` has the training,
the sources and their credits.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

LONGEST_RUN = 4
ROWS = 1 << 14
"""How many rows of weights there are; runs of one hash share a row."""
NOTHING = ""
"""Instead of a language: what a text says that is only a name, an address or a number."""

# Letters of other alphabets say nothing about languages that are written in this one.
_WORD = re.compile(r"[a-z\u00df-\u00f6\u00f8-\u024f]+")
_CAPITALS = "".join(chr(code) for code in range(0x250) if chr(code).isupper())
# A word with a capital within a sentence is a name, or a German noun: names tell no language.
_NAME = re.compile(rf"(?<=[a-z\u00df-\u00f6\u00f8-\u00ff,]) [{_CAPITALS}][^\W\d_]*")
_READ_CHARACTERS = 600
_TEXTS_AT_ONCE = 256
_FACTOR = np.uint32(0x9E3779B1)
_MIX = np.uint32(0x85EBCA6B)
_FIRST_SHIFT = np.uint32(15)
_LAST_SHIFT = np.uint32(32 - (ROWS.bit_length() - 1))


class LetterWeights:
    """Weights by run and language; read once, they may be asked by many threads."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Take the arrays of a file.

        Args:
            arrays: `languages` (codes and NOTHING), `weights` (int8, ROWS by languages), `scale`
                (what a weight of 1 means) and `bias` (by language).
        """
        self.languages: tuple[str, ...] = tuple(map(str, arrays["languages"]))
        weights = arrays["weights"].astype(np.float32) * arrays["scale"].astype(np.float32)
        # The last row is that of no run.
        self._weights = np.vstack([weights, np.zeros_like(weights[:1])])
        self._bias: F32 = arrays["bias"].astype(np.float32)

    def scores(self, texts: Sequence[str]) -> F32:
        """Return how much each text speaks for each of `languages`, shape (texts, languages).

        A difference is the logarithm of how much likelier one is than the other. Of each text the
        first 600 characters are read.
        """
        scores = np.empty((len(texts), len(self.languages)), np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            some = slice(start, start + _TEXTS_AT_ONCE)
            runs, sizes = hashed_runs(texts[some])
            ones = np.ones(int(sizes.max()) * LONGEST_RUN, np.float32)
            end = 0
            # A product for each text: numpy's sums over parts of an array take longer.
            for number, size in enumerate(sizes.tolist(), start):
                begin, end = end, end + size
                weights = self._weights.take(runs[begin:end].ravel(), axis=0)
                scores[number] = ones[: len(weights)] @ weights
            scores[some] /= np.sqrt(sizes, dtype=np.float32)[:, None]
        return scores + self._bias


def read_letter_weights() -> LetterWeights:
    """Return the weights that come with this package."""
    with (
        (resources.files(__package__) / "letter_weights.npz").open("rb") as file,
        np.load(file) as arrays,
    ):
        return LetterWeights(arrays)


def hashed_runs(texts: Sequence[str]) -> tuple[I32, I64]:
    """Return the hashes of all runs of letters, and how many letters each text has.

    A blank between words, and at each end of a text, counts as a letter. The hashes have the shape
    (letters, LONGEST_RUN): at each letter, text after text, those of the runs of one, two ...
    letters from there, or ROWS where the text is too short.
    """
    lines = [_letters(text) for text in texts]
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    ends = np.cumsum(sizes)
    codes = np.frombuffer("".join(lines).encode("utf-32-le"), np.uint32)
    runs = np.full((len(codes), LONGEST_RUN), ROWS, np.int32)
    digest = np.zeros(len(codes), np.uint32)
    for more in range(LONGEST_RUN):
        digest = digest[: len(codes) - more] * _FACTOR + codes[more:]
        mixed = (digest ^ (digest >> _FIRST_SHIFT)) * _MIX
        runs[: len(mixed), more] = mixed >> _LAST_SHIFT
        for missing in range(1, more + 1):
            runs[ends - missing, more] = ROWS
    return runs, sizes


def _letters(text: str) -> str:
    text = unicodedata.normalize("NFC", text[:_READ_CHARACTERS])
    return f" {' '.join(_WORD.findall(_NAME.sub('', text).lower()))} "
