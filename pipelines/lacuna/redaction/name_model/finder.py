"""Finds people, places and organizations in texts of any language, many texts at once.

A word is mixed once from its pieces, hashes and flags, and remembered; layers over a word and its
two neighbors follow. A segment with a word of which they are unsure is read again by an encoder.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from lacuna.redaction.name_model.encoder import Encoder, read_encoder
from lacuna.redaction.name_model.installed_weights import (
    ENCODER,
    FINDER,
    weights_digest,
    weights_path,
)
from lacuna.redaction.name_model.neighbor_loops import (
    SIDES,
    TILE_ROWS,
    add_results,
    lay_sides,
    transformed,
)
from lacuna.redaction.name_model.segments import segments
from lacuna.redaction.name_model.tag_rows import best_rows, runs_of
from lacuna.redaction.name_model.text_words import KINDS, TAGS, Gap, WordSpan, gaps, split
from lacuna.redaction.name_model.weights import Weights, read_weights
from lacuna.redaction.name_model.word_features import HASHED, MOST_PIECES, WordTable

__all__ = ["LEANING", "Finder", "FoundName", "shared_finder"]

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
_EPSILON = 1e-5
_BROAD_AFTER = 1
_WORDS_AT_ONCE = 2048
_TILES_AT_ONCE = 96
_WORDS_REMEMBERED = 1 << 16
# Mails quote mails: what was read again lately need not be once more.
_WINDOWS_REMEMBERED = 1 << 12
_Window = tuple[tuple[str, ...], tuple[Gap, ...]]
LEANING = np.array([0.6 if "PER" in tag else 0.0 for tag in TAGS], np.float32)
"""Added to the scores of tags: to miss a person costs more than to hide a word too many."""
_PERSON = [at for at, tag in enumerate(TAGS) if "PER" in tag]
# A word that is a person's with a chance between these is read again, with so many words on each
# side; the nearer ones then have the scores of both. Chosen on the dev sets, as how far the encoder
# is believed: both together know more than either alone.
_UNSURE = 0.2
_AROUND, _NEAR = 12, 6
_BELIEVED = 2 / 3
# Pieces of a text that are read again: so many, and about half of a longer text's. More are unsure
# only where somebody heaps up strange words.
_READ_AGAIN_AT_LEAST = 1_000
_LETTERS_TO_PIECE = 8
_NOTHING = np.array([0.0] + [-1e9] * (len(TAGS) - 1), np.float32)


class FoundName(NamedTuple):
    """A name: start and end, half open, its kind, and from 0 to 1 how sure its least sure word is."""

    start: int
    end: int
    kind: str
    sure: float


@dataclass(frozen=True)
class _Segment:
    """Some words of a text that are read together."""

    text: int
    at: Sequence[WordSpan]
    words: Sequence[str]
    gaps: Sequence[Gap]
    rows: Sequence[int]


@lru_cache(maxsize=2)
def shared_finder(*, asks_encoder: bool) -> "Finder":
    """Return the finder with the installed weights, loaded once per process.

    Raises:
        ConfigurationError: the package that holds the weights is not installed, or damaged.
    """
    weights_digest()
    weights = read_weights(weights_path(FINDER))
    if not asks_encoder:
        return Finder(weights)
    return Finder(weights, lambda: read_encoder(weights_path(ENCODER), weights.pieces))


class Finder:
    """Reads texts with a package's weights. It remembers words that it met; one batch at a time."""

    def __init__(self, weights: Weights, encoder: Callable[[], Encoder] | None = None) -> None:
        """Take the weights, and what loads the encoder when it is first asked; None: it never is."""
        self._weights = weights
        self._encoder = None if encoder is None else lru_cache(1)(encoder)
        self._read_again: dict[_Window, F32] = {}
        none = len(weights.tables["vectors.weight"].values) - 1
        self._none = none
        self._words = WordTable(weights.pieces, weights.lists, none)
        self._out = _Line(weights, "out")
        self._broad = _Line(weights, "broad")
        self._mix = [_Maxout(weights, name) for name in ("mix", "mix_again")]
        names = sorted(name for name in weights.matrices if name.startswith("layers."))
        count = len({name.split(".")[1] for name in names})
        self._layers = [_NeighborLayer(weights, f"layers.{number}") for number in range(count)]
        self._width = self._out.matrix.shape[0]
        self._states = np.zeros((1024, self._width), np.float32)
        self._mixed = 1
        # Made here, when the library of linear algebra is loaded.
        self._threads = ThreadpoolController()
        self._lock = Lock()

    def find(self, texts: Sequence[str]) -> list[list[FoundName]]:
        """Return the names of each text, in order."""
        found: list[list[FoundName]] = [[] for _ in texts]
        # The products are small: more threads only wait for one another, and for other workers.
        with self._lock, self._threads.limit(limits=1, user_api="blas"):
            again = [_READ_AGAIN_AT_LEAST + len(text) // _LETTERS_TO_PIECE for text in texts]
            for batch in self._batches(texts):
                for segment, names in zip(batch, self._read(batch, again), strict=True):
                    found[segment.text] += names
        return found

    def _batches(self, texts: Sequence[str]) -> Iterator[list[_Segment]]:
        batch: list[_Segment] = []
        size = 0
        for number, text in enumerate(texts):
            at = split(text)
            before = gaps(text, at)
            words = [text[start:end] for start, end in at]
            for first, last in segments(words, before):
                if batch and size + last - first > _WORDS_AT_ONCE:
                    yield batch
                    batch, size = [], 0
                if not batch and self._words.size > _WORDS_REMEMBERED:
                    self._words.clear()
                    self._mixed = 1
                rows = self._words.rows(words[first:last], before[first:last])
                batch.append(
                    _Segment(number, at[first:last], words[first:last], before[first:last], rows)
                )
                size += last - first
        if batch:
            yield batch

    def _read(self, batch: Sequence[_Segment], again: list[int]) -> Iterator[list[FoundName]]:
        """Yield the names of each segment; `again`: how many pieces of each text may be read again."""
        sizes = np.array([len(one.rows) for one in batch])
        # A row of nothing comes before each segment, and one behind the last.
        starts = np.concatenate([[1], 1 + np.cumsum(sizes + 1)[:-1]])
        laid = np.zeros(int(sizes.sum()) + len(batch) + 1, np.int64)
        for start, one in zip(starts.tolist(), batch, strict=True):
            laid[start : start + len(one.rows)] = one.rows
        scores = self._scores(laid, starts, sizes)
        scores[laid == 0] = _NOTHING
        self._ask_encoder(batch, scores, starts, again)
        named = np.maximum.reduceat((scores + LEANING).argmax(1), starts) > 0
        tags = _tags(
            scores, starts[named], [one for one, has in zip(batch, named, strict=True) if has]
        )
        for start, one, has in zip(starts.tolist(), batch, named.tolist(), strict=True):
            yield list(_names(one, scores[start:], next(tags))) if has else []

    def _scores(self, laid: I64, starts: I64, sizes: I64) -> F32:
        """Return scores [rows, tags] of all rows; those of nothing mean nothing."""
        self._learn()
        states, other = self._states[laid], np.empty((len(laid), self._width), np.float32)
        for number, layer in enumerate(self._layers):
            layer.add(states, laid, other)
            states, other = other, states
            if number == _BROAD_AFTER:
                sums: F32 = np.add.reduceat(states, starts, axis=0)
                means = self._broad(np.divide(sums, sizes[:, None], dtype=np.float32))
                states[starts[0] :] += np.repeat(means, sizes + 1, axis=0)
                states[laid == 0] = 0
        return self._out(states)

    def _ask_encoder(
        self, batch: Sequence[_Segment], scores: F32, starts: I64, again: list[int]
    ) -> None:
        """Put what both say of words that are unsure, and of those near them, in place of scores."""
        if self._encoder is None:
            return
        logs = scores - scores.max(1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(1, keepdims=True))
        person = np.exp(logs[:, _PERSON]).sum(1)
        unsure = (person > _UNSURE) & (person < 1 - _UNSURE)
        asked: dict[tuple[int, int], _Window] = {}
        for start, one in zip(starts.tolist(), batch, strict=True):
            size = len(one.rows)
            for first, last in _windows(np.flatnonzero(unsure[start : start + size]), size):
                window = tuple(one.words[first:last]), tuple(one.gaps[first:last])
                again[one.text] -= self._pieces(window)
                if again[one.text] < 0:
                    break
                asked[start + first, start + last] = window
        known = self._scores_of(dict.fromkeys(asked.values()))
        for (first, last), window in asked.items():
            away = np.arange(last - first)[:, None] - np.flatnonzero(unsure[first:last])
            near = np.abs(away).min(1) <= _NEAR
            both = _BELIEVED * known[window] + (1 - _BELIEVED) * logs[first:last]
            scores[first:last][near] = both[near]

    def _pieces(self, window: _Window) -> int:
        cut = self._weights.pieces.cut
        return sum(len(cut(word, begins=gap > 0)) for word, gap in zip(*window, strict=True))

    def _scores_of(self, windows: Collection[_Window]) -> Mapping[_Window, F32]:
        """Return the encoder's scores [words, tags] of windows; it reads those that are new."""
        known = self._read_again
        new = [one for one in windows if one not in known]
        if new and self._encoder is not None:
            if len(known) + len(new) > _WINDOWS_REMEMBERED:
                known = {one: known[one] for one in windows if one in known}
            known |= zip(new, self._encoder().scores(new), strict=True)
            self._read_again = known
        return known

    def _learn(self) -> None:
        """Mix the words that are new."""
        size = self._words.size
        if size > len(self._states):
            more = np.zeros((2 * size - len(self._states), self._width), np.float32)
            self._states = np.concatenate([self._states, more])
        if size > self._mixed:
            rows = np.arange(self._mixed, size)
            for start in range(0, len(rows), _WORDS_AT_ONCE):
                part = rows[start : start + _WORDS_AT_ONCE]
                self._states[part] = self._own(part)
            self._mixed = size

    def _own(self, rows: I64) -> F32:
        """Return the states of words by themselves [rows, width]."""
        pieces, hashed, flags = self._words.features(rows)
        vectors = self._weights.tables["vectors.weight"].rows(pieces)
        count = (pieces != self._none).sum(1)
        mean = vectors.sum(1) / np.sqrt(np.maximum(count, 1))[:, None]
        last = vectors[np.arange(len(vectors)), np.clip(count, 1, MOST_PIECES) - 1]
        norm, again, *ends = (
            self._weights.tables[f"hashed.{table}.weight"].rows(hashed[:, table])
            for table in range(len(HASHED))
        )
        given = np.concatenate([mean, vectors[:, 0], last, norm + again, *ends, flags], 1)
        mixed = self._mix[0](given.astype(np.float32))
        return mixed + self._mix[1](mixed)


class _Line:
    """A matrix and what is added."""

    def __init__(self, weights: Weights, name: str) -> None:
        self.matrix = np.ascontiguousarray(weights.matrices[f"{name}.weight"].T)
        self.bias = weights.matrices[f"{name}.bias"]

    def __call__(self, given: F32) -> F32:
        return np.asarray(given @ self.matrix + self.bias)


class _Maxout:
    """The largest of several lines, then a layer norm."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._gain = weights.matrices[f"{name}.norm.weight"]
        self._shift = weights.matrices[f"{name}.norm.bias"]
        width = len(self._gain)
        matrix = weights.matrices[f"{name}.line.weight"]
        matrix = matrix.reshape(width, -1, matrix.shape[1])
        bias = weights.matrices[f"{name}.line.bias"].reshape(width, -1)
        # One after the other in memory, so that the largest is taken of whole rows.
        self._lines = [
            (np.ascontiguousarray(matrix[:, one].T), np.ascontiguousarray(bias[:, one]))
            for one in range(bias.shape[1])
        ]

    def __call__(self, given: F32) -> F32:
        (matrix, bias), *others = self._lines
        best = given @ matrix
        best += bias
        for matrix, bias in others:
            other = given @ matrix
            other += bias
            np.maximum(best, other, out=best)
        best -= best.mean(1, keepdims=True)
        spread = np.einsum("ij,ij->i", best, best) / best.shape[1]
        best *= (1 / np.sqrt(spread + _EPSILON))[:, None]
        best *= self._gain
        best += self._shift
        return np.asarray(best)


class _NeighborLayer:
    """A layer over a word and its two neighbors."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._gain = weights.matrices[f"{name}.norm.weight"]
        self._shift = weights.matrices[f"{name}.norm.bias"]
        width = len(self._gain)
        # The two lines of a maxout one behind the other, not in turns.
        order = np.arange(2 * width).reshape(width, 2).T.ravel()
        matrix = weights.matrices[f"{name}.line.weight"][order]
        self._bias = weights.matrices[f"{name}.line.bias"][order]
        self._filters = transformed(matrix.reshape(2 * width, 3, width).transpose(1, 2, 0))
        self._sides = np.empty((SIDES, _TILES_AT_ONCE, width), np.float32)
        self._products = np.empty((SIDES, _TILES_AT_ONCE, 2 * width), np.float32)

    def add(self, states: F32, laid: I64, out: F32) -> None:
        """Write the rows with what the layer says of them; a row of nothing stays nothing."""
        tiles = -(-len(states) // TILE_ROWS)
        for start in range(0, tiles, _TILES_AT_ONCE):
            count = min(_TILES_AT_ONCE, tiles - start)
            first = start * TILE_ROWS
            lay_sides(states, first, count, self._sides)
            np.matmul(self._sides[:, :count], self._filters, out=self._products[:, :count])
            add_results(
                self._products,
                first,
                count,
                self._bias,
                self._gain,
                self._shift,
                _EPSILON,
                states,
                laid,
                out,
            )


def _windows(unsure: I64, size: int) -> Iterator[tuple[int, int]]:
    """Yield which words of a segment are read with the unsure ones: first, and behind the last."""
    first = last = 0
    for at in unsure.tolist():
        if last and at - _AROUND > last:
            yield first, last
            last = 0
        first, last = first if last else max(0, at - _AROUND), min(size, at + _AROUND + 1)
    if last:
        yield first, last


def _tags(scores: F32, starts: I64, segments: Sequence[_Segment]) -> Iterator[list[int]]:
    """Yield the best tags of each segment."""
    if not segments:
        return
    longest = max(len(one.rows) for one in segments)
    at = np.minimum(starts[:, None] + np.arange(longest), len(scores) - 1)
    sizes = np.array([len(one.rows) for one in segments])
    beyond = np.arange(longest) >= sizes[:, None]
    laid = scores[at] + LEANING
    laid[beyond] = _NOTHING
    begins = np.zeros((len(segments), longest), np.bool_)
    for row, one in enumerate(segments):
        begins[row, : len(one.gaps)] = [gap == Gap.LINE_END for gap in one.gaps]
    for tags, size in zip(best_rows(laid, begins), sizes.tolist(), strict=True):
        yield tags[:size].tolist()


def _names(segment: _Segment, scores: F32, tags: Sequence[int]) -> Iterator[FoundName]:
    for first, last, kind in runs_of(tags):
        those = scores[first:last]
        likely = np.exp(those - those.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        tag = 1 + 2 * KINDS.index(kind)
        sure = float(likely[:, tag : tag + 2].sum(1).min())
        yield FoundName(segment.at[first][0], segment.at[last - 1][1], kind, sure)
