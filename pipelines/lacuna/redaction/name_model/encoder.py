"""Reads segments with an encoder: eight transformer layers over pieces, and a head over words.

It takes many times what the finder's own layers take, and knows more.
Source: multilingual-e5-small (Wang et al. 2024, MIT), trained further; `models/names` says how.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.encoder_loops import bend, settle
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import Gap, shape
from lacuna.redaction.time_limits import check

__all__ = [
    "BLOCK",
    "BLOCK_BYTES",
    "Encoder",
    "PieceRow",
    "WordRow",
    "piece_row",
    "read_encoder",
    "unpacked",
]

F32 = npt.NDArray[np.float32]
WordRow = tuple[Sequence[str], Sequence[Gap]]
PieceRow = tuple[list[int], list[tuple[int, int]]]
BLOCK, BLOCK_BYTES = 32, 18
"""A block of 4-bit weights: their scale in half precision, and 4 bits for each of 32 weights."""
_HEADS = 12
_ROWS_AT_ONCE = 16
_MOST_PIECES = 510
# Behind the pieces of the vocabulary; the third is never looked at.
_BEGIN, _END, _SPECIAL = 0, 2, 3
# The piece put before the first word of a line: the encoder itself does not see line ends.
_LINE = "|"


class Encoder:
    """The layers and the head, in single precision."""

    def __init__(
        self, weights: Mapping[str, F32], blocks: npt.NDArray[np.uint8], pieces: Pieces
    ) -> None:
        """Take the weights.

        Args:
            weights: matrices and vectors by name, as `read_encoder` says.
            blocks: the vectors of the pieces and, behind them, of begin, padding and end, packed
                [pieces + 3, width / 32 * 18].
            pieces: the vocabulary.
        """
        # The layers keep matrices of their own, the other way round.
        self._weights = {name: one for name, one in weights.items() if "layers." not in name}
        self._blocks, self._pieces = blocks, pieces
        self._first = len(blocks) - _SPECIAL
        count = sum(name.endswith(".out.weight") for name in weights)
        self._layers = [_AttentionLayer(weights, f"layers.{number}") for number in range(count)]
        self._head = [_transposed(weights[f"head.{number}.weight"]) for number in (1, 4)]

    def scores(self, rows: Sequence[WordRow]) -> list[F32]:
        """Return the logarithms of each word's chances [words, tags], row by row.

        Raises:
            OutOfTime: the time of the batch is over.
        """
        found: list[F32] = []
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            check()
            found += self._scores(rows[start : start + _ROWS_AT_ONCE])
        return found

    def _scores(self, rows: Sequence[WordRow]) -> list[F32]:
        laid = [piece_row(words, gaps, self._pieces, self._first) for words, gaps in rows]
        ends = np.cumsum([0, *(len(numbers) for numbers, _ in laid)])
        states = unpacked(self._blocks[[one for numbers, _ in laid for one in numbers]])
        for start, end in pairwise(ends.tolist()):
            states[start:end] += self._weights["places.weight"][: end - start]
        nothing = np.zeros(states.shape[1], np.float32)
        settle(states, np.zeros_like(states), nothing, *self._norm("norm"))
        for layer in self._layers:
            layer.apply(states, ends.tolist())
        return list(self._words(states, rows, laid, ends.tolist()))

    def _words(
        self, states: F32, rows: Sequence[WordRow], laid: Sequence[PieceRow], starts: Sequence[int]
    ) -> Iterator[F32]:
        first, last, shapes = [], [], []
        for start, (_, places), (words, _) in zip(starts, laid, rows, strict=False):
            first += [start + place for place, _ in places]
            last += [start + place for _, place in places]
            shapes += [shape(word) for word in words]
        looks = self._weights["shapes.weight"][shapes]
        given = np.concatenate([states[first], states[last], looks], 1) @ self._head[0]
        bend(given, self._weights["head.1.bias"])
        scores = given @ self._head[1] + self._weights["head.4.bias"]
        scores -= scores.max(1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(1, keepdims=True))
        at = 0
        for words, _ in rows:
            yield scores[at : at + len(words)]
            at += len(words)

    def _norm(self, name: str) -> tuple[F32, F32]:
        return self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]


class _AttentionLayer:
    """Attention among a row's pieces, then two lines with a bend between them."""

    def __init__(self, weights: Mapping[str, F32], name: str) -> None:
        self._lines = {
            line: (_transposed(weights[f"{name}.{line}.weight"]), weights[f"{name}.{line}.bias"])
            for line in ("all", "out", "up", "down")
        }
        self._norms = [
            (weights[f"{name}.{norm}.weight"], weights[f"{name}.{norm}.bias"])
            for norm in ("norm", "last_norm")
        ]

    def apply(self, states: F32, ends: Sequence[int]) -> None:
        """Put what the layer makes of the states in their place."""
        matrix, bias = self._lines["all"]
        split = states @ matrix
        split += bias
        seen = np.empty_like(states)
        for start, end in pairwise(ends):
            seen[start:end] = _attended(split[start:end])
        matrix, bias = self._lines["out"]
        settle(states, seen @ matrix, bias, *self._norms[0])
        matrix, bias = self._lines["up"]
        inner: F32 = states @ matrix
        bend(inner, bias)
        matrix, bias = self._lines["down"]
        more: F32 = inner @ matrix
        settle(states, more, bias, *self._norms[1])


def _attended(split: F32) -> F32:
    """Return the mixtures of what a row's pieces say [pieces, width]; `split`: asks, keys, says."""
    size, width = len(split), split.shape[1] // 3
    asks, keys, says = split.reshape(size, 3, _HEADS, -1).transpose(1, 2, 0, 3)
    scores = (asks * np.float32(1 / np.sqrt(width // _HEADS))) @ keys.transpose(0, 2, 1)
    scores -= scores.max(2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(2, keepdims=True)
    return np.asarray((scores @ says).transpose(1, 0, 2).reshape(size, width))


def piece_row(words: Sequence[str], gaps: Sequence[Gap], pieces: Pieces, special: int) -> PieceRow:
    """Return the pieces of a row of words, and the first and last place of each word among them.

    A word whose pieces do not fit into 510 has the last place that is filled. `special` is the
    number of the piece that begins a row.
    """
    (line,) = pieces.cut(_LINE, begins=False)
    numbers, places = [special + _BEGIN], []
    for word, gap in zip(words, gaps, strict=True):
        cut = [line] * (gap == Gap.LINE_END) + list(pieces.cut(word, begins=gap > 0))
        if len(numbers) + len(cut) > _MOST_PIECES:
            places.append((len(numbers) - 1, len(numbers) - 1))
            continue
        first = len(numbers) + (gap == Gap.LINE_END)
        numbers += cut
        places.append((first, len(numbers) - 1))
    return [*numbers, special + _END], places


def unpacked(blocks: npt.NDArray[np.uint8]) -> F32:
    """Return rows of 4-bit weights [rows, columns]."""
    one = blocks.reshape(-1, BLOCK_BYTES)
    scale = one[:, :2].copy().view("<f2").astype(np.float32)
    low = (one[:, 2:] & 15).astype(np.float32) - 8
    high = (one[:, 2:] >> 4).astype(np.float32) - 8
    return np.asarray((np.concatenate([low, high], 1) * scale).reshape(len(blocks), -1))


def read_encoder(path: Path, pieces: Pieces) -> Encoder:
    """Return the encoder of a package's file.

    Arrays: `pieces.blocks`, and the weights: `NAME` in half precision, `NAME.blocks` in 4 bits, or
    `NAME.packed` (signed 8 bits) with `NAME.scale` per row. Names: `places.weight`, `norm`,
    `layers.0` to `.7` with `all` (what a piece asks, is and says), `out`, `norm`, `up`, `down`,
    `last_norm`, then `shapes.weight`, `head.1`, `head.4`.
    """
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    blocks = kept.pop("pieces.blocks")
    weights: dict[str, F32] = {}
    for name, values in kept.items():
        plain, _, form = name.rpartition(".")
        if form == "blocks":
            weights[plain] = unpacked(values)
        elif form == "packed":
            weights[plain] = values * kept[f"{plain}.scale"].astype(np.float32)
        elif form != "scale":
            weights[name] = values.astype(np.float32)
    return Encoder(weights, blocks, pieces)


def _transposed(matrix: F32) -> F32:
    return np.ascontiguousarray(matrix.T)
