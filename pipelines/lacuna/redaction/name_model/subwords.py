"""The pieces of a vocabulary that a word is cut into: of all ways the one with the best sum of scores."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import ahocorasick

__all__ = ["BLANK", "Pieces"]

# Stands before a piece that begins a word.
BLANK = "\u2581"
_LETTERS = 48
_MOST = 12
_UNKNOWN_COSTS = 10.0
_REMEMBERED = 1 << 17


class Pieces:
    """A vocabulary of pieces with their scores. Words that were cut lately are remembered."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        """`unknown` is the number of the piece for a letter without one."""
        self._automaton = ahocorasick.Automaton()
        for number, piece in enumerate(pieces):
            if piece and number != unknown:
                self._automaton.add_word(piece, (len(piece), number, float(scores[number])))
        self._automaton.make_automaton()
        self._unknown = unknown
        self._unknown_score = min(map(float, scores)) - _UNKNOWN_COSTS
        self._remembered = lru_cache(_REMEMBERED)(self._best)

    def cut(self, word: str, *, begins: bool) -> tuple[int, ...]:
        """Return the numbers of a word's pieces, at most 12; `begins`: a blank is before it."""
        text = unicodedata.normalize("NFKC", word[:_LETTERS]).replace(" ", BLANK)
        return self._remembered(BLANK + text if begins else text)

    def _best(self, text: str) -> tuple[int, ...]:
        # For each place the best sum up to it, and the piece that ends there.
        best, came = [0.0], [(0, self._unknown)]
        for last, (size, number, score) in self._automaton.iter(text):
            self._reach(last + 1, best, came)
            start = last + 1 - size
            if best[start] + score > best[last + 1]:
                best[last + 1], came[last + 1] = best[start] + score, (start, number)
        self._reach(len(text), best, came)
        found, at = [], len(text)
        while at:
            at, number = came[at]
            found.append(number)
        return tuple(found[::-1][:_MOST])

    def _reach(self, end: int, best: list[float], came: list[tuple[int, int]]) -> None:
        """Go on up to a place, as if no piece ended on the way."""
        for at in range(len(best), end + 1):
            best.append(best[-1] + self._unknown_score)
            came.append((at - 1, self._unknown))
