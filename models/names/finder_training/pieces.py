"""Cuts words into the pieces of a vocabulary: of all ways the one with the best sum of scores."""

import unicodedata
from collections.abc import Sequence

__all__ = ["BLANK", "Pieces"]

# Stands before a piece that begins a word.
BLANK = "\u2581"
_LETTERS = 48
_MOST = 12
_UNKNOWN_COSTS = 10.0


class Pieces:
    """A vocabulary of pieces with their scores. Words that were cut once are remembered."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        """`unknown` is the number of the piece that stands for a letter without one."""
        self._number = {piece: number for number, piece in enumerate(pieces) if piece}
        self._number.pop(pieces[unknown], None)
        self._scores = [float(score) for score in scores]
        self._unknown = unknown
        self._unknown_score = min(self._scores) - _UNKNOWN_COSTS
        self._longest = max(map(len, self._number))
        self._cut: dict[tuple[str, bool], tuple[int, ...]] = {}

    def cut(self, word: str, *, begins: bool) -> tuple[int, ...]:
        """Return the numbers of a word's pieces, at most 12; `begins`: a blank stands before it."""
        key = (word, begins)
        if key not in self._cut:
            text = unicodedata.normalize("NFKC", word[:_LETTERS]).replace(" ", BLANK)
            self._cut[key] = self._best(BLANK + text if begins else text)
        return self._cut[key]

    def _best(self, text: str) -> tuple[int, ...]:
        size = len(text)
        best = [0.0] + [float("-inf")] * size
        came: list[tuple[int, int]] = [(0, self._unknown)] * (size + 1)
        for start in range(size):
            for end, number, score in self._from(text, start):
                if best[start] + score > best[end]:
                    best[end], came[end] = best[start] + score, (start, number)
        found, at = [], size
        while at:
            at, number = came[at]
            found.append(number)
        return tuple(found[::-1][:_MOST])

    def _from(self, text: str, start: int) -> list[tuple[int, int, float]]:
        """Return the pieces that begin at a letter: end, number, score."""
        found = [(start + 1, self._unknown, self._unknown_score)]
        for end in range(start + 1, min(len(text), start + self._longest) + 1):
            number = self._number.get(text[start:end])
            if number is not None:
                found.append((end, number, self._scores[number]))
        return found
