"""What a name finder has seen: runs of characters with their tokens, and types of tokens.

Both are exact: spaCy splits every run between blanks for itself, and before its neighbors count,
a token is the same wherever it stands. They grow with the words of the texts, so they are cleared
whole when they get too large.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from spacy.language import Language

from lacuna.redaction.fast import loops
from lacuna.redaction.fast.network import Embedding, Network
from lacuna.redaction.fast.word_rows import WordRows
from lacuna.redaction.model_packages import name_finders

_FIRST_TYPES = 1 << 14
_FIRST_CHUNKS = 1 << 15
_Item = TypeVar("_Item", bound=np.generic)

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class TableLimits:
    """How much is remembered: about 5 kB for each type of token, 40 bytes for each run.

    Attributes:
        types: types of tokens.
        chunks: runs of characters without a blank.
        characters: characters of all runs.
    """

    types: int = 1 << 15
    chunks: int = 1 << 18
    characters: int = 1 << 22


class ChunkTable:
    """Runs of characters and their tokens, found by a hash of the characters."""

    def __init__(self) -> None:
        self.filled = np.zeros(3, np.int64)
        self.slots = np.zeros(2 * _FIRST_CHUNKS, np.uint64)
        self.slot_chunk = np.zeros(2 * _FIRST_CHUNKS, np.int32)
        self.chunks = np.zeros((_FIRST_CHUNKS, 4), np.int32)
        self.codes = np.zeros(8 * _FIRST_CHUNKS, np.uint32)
        self.types = np.zeros(2 * _FIRST_CHUNKS, np.int32)
        self.starts = np.zeros(2 * _FIRST_CHUNKS, np.int32)
        self.ends = np.zeros(2 * _FIRST_CHUNKS, np.int32)

    def clear(self) -> None:
        """Forget all runs; the arrays stay."""
        self.filled[:] = 0
        self.slots[:] = 0

    @property
    def arrays(
        self,
    ) -> tuple[U64, I32, I32, npt.NDArray[np.uint32], I32, I32, I32]:
        """The arrays, in the order in which the loops take them."""
        return (
            self.slots,
            self.slot_chunk,
            self.chunks,
            self.codes,
            self.types,
            self.starts,
            self.ends,
        )

    def add(
        self,
        codes: npt.NDArray[np.uint32],
        wanted: I64,
        token_starts: I64,
        token_lengths: I64,
        token_types: I32,
    ) -> None:
        """Enter runs of `codes` (start, length), none of them known, and their tokens in order."""
        chunks, characters, tokens = self.filled.tolist()
        self.chunks = _grown(self.chunks, chunks + len(wanted))
        self.codes = _grown(self.codes, characters + int(wanted[:, 1].sum()))
        self.types = _grown(self.types, tokens + len(token_types))
        self.starts = _grown(self.starts, tokens + len(token_types))
        self.ends = _grown(self.ends, tokens + len(token_types))
        if 2 * (chunks + len(wanted)) > len(self.slots):
            size = len(self.slots)
            while 2 * (chunks + len(wanted)) > size:
                size *= 2
            old, old_chunk = self.slots, self.slot_chunk
            self.slots = np.zeros(size, np.uint64)
            self.slot_chunk = np.zeros(size, np.int32)
            loops.move_slots(old, old_chunk, self.slots, self.slot_chunk)
        loops.add_chunks(
            codes, wanted, token_starts, token_lengths, token_types, self.filled, *self.arrays
        )


class TypeTable:
    """Types of tokens: what each is before its neighbors count, and what it adds to theirs."""

    def __init__(self, network: Network, embedder: "Embedder") -> None:
        self._embedder = embedder
        self._first = np.hstack(network.layers[0].plain)
        self._numbers: dict[tuple[int, int], int] = {}
        # Type 0 is the empty row between texts.
        self.size = 1
        self.embedded = np.zeros((_FIRST_TYPES, loops.WIDTH), np.float32)
        self.sums = np.zeros((_FIRST_TYPES, loops.PIECES * loops.WIDE), np.float32)
        self.blank = np.zeros(_FIRST_TYPES, np.uint8)

    def clear(self) -> None:
        """Forget all types but the empty one; the arrays stay."""
        self._numbers.clear()
        self.size = 1

    def numbers(self, features: U64, blank: npt.NDArray[np.uint8]) -> I32:
        """Return the type of each token. Columns: ORTH, NORM, and the network's features."""
        result = np.empty(len(features), np.int32)
        new: list[int] = []
        numbers = self._numbers
        orths, norms = features[:, 0].tolist(), features[:, 1].tolist()
        for at, key in enumerate(zip(orths, norms, strict=True)):
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = self.size + len(new)
                new.append(at)
            result[at] = number
        if new:
            self._enter(features[new], blank[new])
        return result

    def _enter(self, features: U64, blank: npt.NDArray[np.uint8]) -> None:
        start, end = self.size, self.size + len(features)
        self.embedded = _grown(self.embedded, end)
        self.sums = _grown(self.sums, end)
        self.blank = _grown(self.blank, end)
        self._embedder.embed(features[:, 2:], features[:, 0], self.embedded[start:end])
        self._sum(start, end)
        self.blank[start:end] = blank
        self.size = end

    def _sum(self, start: int, end: int) -> None:
        """Compute what new types add to their neighbors and to themselves."""
        np.matmul(self.embedded[start:end], self._first, out=self.sums[start:end])


class Embedder:
    """Computes what a type of token is before its neighbors count: a sum of looked-up rows."""

    def __init__(self, nlp: Language, embedding: Embedding, words: WordRows) -> None:
        self._weights = embedding
        self._ops = nlp.get_pipe(name_finders(nlp)[0]).model.ops  # type: ignore[attr-defined]
        # For each hashed feature: its seed, the length of its table, and where that begins.
        self._hashed: list[tuple[int, int, int]] = []
        placed = 0
        for seed, table in embedding.tables:
            self._hashed.append((seed, len(table), placed))
            placed += len(table)
        self._words = words
        self._has_vectors = embedding.vectors is not None

    def embed(self, features: U64, orths: U64, out: F32) -> None:
        """Write one row for each type; `features` has a column for each hashed table."""
        columns = []
        for column, (seed, size, placed) in enumerate(self._hashed):
            hashes = self._ops.hash(np.ascontiguousarray(features[:, column]), seed)
            columns.append(np.asarray(hashes % size + placed, np.int32))
        if self._has_vectors:
            columns.append(self._words.of(orths).reshape(-1, 1))
        weights = self._weights
        loops.embed(
            np.ascontiguousarray(np.hstack(columns)),
            self._words.table,
            weights.bias,
            weights.gain,
            weights.shift,
            out,
        )


def _grown(array: npt.NDArray[_Item], size: int) -> npt.NDArray[_Item]:
    """Return an array with room for `size` items, and some more if it had to grow."""
    if size <= len(array):
        return array
    room = len(array)
    while room < size:
        room = room * 3 // 2 + 1
    larger = np.empty((room, *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
