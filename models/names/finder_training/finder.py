"""Finds names with a package and numpy alone: what faster programs are compared with."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from finder_training.package import Package
from finder_training.scores import best_tags, marks_of
from finder_training.sentences import Mark
from finder_training.word_features import HASHED, MOST_PIECES, TypeTable
from finder_training.words import Gap, gaps, split

__all__ = ["Finder"]

F32 = npt.NDArray[np.float32]
_EPSILON = 1e-5
_BROAD_AFTER = 1


class Finder:
    """Scores and marks of texts, one at a time."""

    def __init__(self, package: Package) -> None:
        """Take a package's weights."""
        self._weights = package.weights
        self._none = len(self._weights["vectors.weight"]) - 1
        self._types = TypeTable(package.pieces, package.lists, self._none)
        self._width = self._weights["out.weight"].shape[1]
        self._layers = sum(name.startswith("layers.") for name in self._weights) // 4

    def marks(self, text: str) -> list[Mark]:
        """Return the people, places and organizations of a text."""
        at = split(text)
        if not at:
            return []
        words = [text[start:end] for start, end in at]
        before = gaps(text, at)
        return marks_of(best_tags(self.scores(words, before), before), at)

    def scores(self, words: Sequence[str], before: Sequence[Gap]) -> F32:
        """Return scores [words, tags], no probabilities."""
        states = self._own(np.array(self._types.rows(words, before), np.int64))
        for number in range(self._layers):
            wide = np.pad(states, ((1, 1), (0, 0)))
            near = np.concatenate([wide[:-2], states, wide[2:]], 1)
            states = states + self._maxout(f"layers.{number}", near)
            if number == _BROAD_AFTER:
                states = states + self._line("broad", states.mean(0))
        return self._line("out", states)

    def _own(self, rows: npt.NDArray[np.int64]) -> F32:
        """Return what the words are by themselves."""
        pieces, hashed, flags = self._types.features(rows)
        vectors = self._weights["vectors.weight"][pieces]
        count = (pieces != self._none).sum(1)
        mean = vectors.sum(1) / np.sqrt(count)[:, None]
        last = vectors[np.arange(len(vectors)), np.minimum(count, MOST_PIECES) - 1]
        norm, again, *ends = (
            self._weights[f"hashed.{table}.weight"][hashed[:, table]]
            for table in range(len(HASHED))
        )
        given = np.concatenate([mean, vectors[:, 0], last, norm + again, *ends, flags], 1)
        mixed = self._maxout("mix", given.astype(np.float32))
        return mixed + self._maxout("mix_again", mixed)

    def _maxout(self, name: str, given: F32) -> F32:
        scored = self._line(f"{name}.line", given)
        best = scored.reshape(len(given), self._width, -1).max(2)
        middle = best - best.mean(1, keepdims=True)
        spread = np.sqrt((middle**2).mean(1, keepdims=True) + _EPSILON)
        gain, shift = self._weights[f"{name}.norm.weight"], self._weights[f"{name}.norm.bias"]
        return np.asarray(middle / spread * gain + shift, np.float32)

    def _line(self, name: str, given: F32) -> F32:
        weights, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return np.asarray(given @ weights.T + bias, np.float32)
