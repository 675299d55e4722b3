"""Finds names with spaCy's weights in bytes: faster than `FastNames`, and a few names are others.

Three things make a text's result its own, whatever stands beside it in a batch: the scale of every
channel is fixed, products of bytes are whole numbers, and everything between two products is
computed row by row. A text in which a value is larger than its channel holds is read by spaCy itself;
one in which a value is no number fails.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from threadpoolctl import threadpool_limits

from pipelines.errors import ConfigurationError
from pipelines.redaction import int8_loops, loops
from pipelines.redaction.fast_names import TOKENS_AT_ONCE, FastNames, Work
from pipelines.redaction.found import Found
from pipelines.redaction.int8_graph import Dense, in_bytes
from pipelines.redaction.int8_scales import Scales, scales_of
from pipelines.redaction.ner import SpacyNames
from pipelines.redaction.network import Network, OtherArchitecture, network_of
from pipelines.redaction.tables import Embedder, Limits, TypeTable, grown

_ROWS_AT_ONCE = 512
_ROWS = 1 << 12
F32 = npt.NDArray[np.float32]


class Int8Names(FastNames):
    """Finds the tokens that a spaCy pipeline finds, and nearly the same entities.

    Not thread-safe: its arrays are used again for every batch.
    """

    def __init__(self, nlp: Language, *, limits: Limits | None = None) -> None:
        """Take the weights out of `nlp`, which must be the model that the scales were measured on.

        Raises:
            ConfigurationError: it is another model, or this processor rounds products of bytes.
        """
        try:
            network = network_of(nlp)
        except OtherArchitecture as error:
            raise ConfigurationError(
                "redaction: int8 is for another model, whose network has another shape; leave it off"
            ) from error
        self._scales = scales_of(nlp)
        # The tables of products are computed here, the same in every process.
        with threadpool_limits(limits=1, user_api="blas"):
            super().__init__(nlp, limits=limits)
        self._steps = _steps(self._scales)
        self._layers = [
            _Layer(np.vstack(layer.plain), np.tile(largest, 3))
            for layer, largest in zip(network.layers[1:], self._scales.ranges[1:4], strict=True)
        ]
        self._own = _Layer(network.own, self._scales.ranges[4])
        self._spacy = SpacyNames(nlp)
        self._bytes = _Bytes(_ROWS)

    def _type_table(self, embedder: Embedder) -> TypeTable:
        self._wild_types = Int8Types(self._network, embedder, self._scales)
        return self._wild_types

    def find(self, texts: Sequence[str]) -> Found:
        """Return the tokens and entities of the texts.

        Raises:
            FloatingPointError: a value was no number.
        """
        found = super().find(texts)
        notes = self._bytes.of_texts[: len(texts)]
        if not notes.any():
            return found
        return self._read_again(found, texts, np.flatnonzero(notes))

    def _read_again(
        self, found: Found, texts: Sequence[str], wanted: npt.NDArray[np.intp]
    ) -> Found:
        """Return what was found, with spaCy's entities in the texts that are wanted."""
        kept = found.entities[~np.isin(found.entities[:, 0], wanted)]
        again = self._spacy.find([texts[number] for number in wanted.tolist()]).entities.copy()
        numbers = {label: number for number, label in enumerate(self.labels)}
        label_of = np.array([numbers[label] for label in self._spacy.labels], np.int32)
        again[:, 0] = wanted[again[:, 0]]
        again[:, 3] = label_of[again[:, 3]]
        entities = np.concatenate([kept, again])
        order = np.lexsort((entities[:, 1], entities[:, 0]))
        return Found(entities[order], found.starts, found.ends, found.first_token)

    # --- the network ------------------------------------------------------------------------------

    def _compute(self, rows: int, first_row: npt.NDArray[np.int32], work: Work) -> None:
        """Compute the four layers of all rows, the last without the empty ones."""
        if max(rows, len(first_row)) > self._bytes.rows:
            self._bytes = _Bytes(max(rows, len(first_row)))
        own = self._bytes
        own.notes[:rows] = int8_loops.FITS
        types = self._wild_types
        first = self._network.layers[0]
        weights = first.bias, first.gain, first.shift
        loops.first_layer(work.types, rows, types.sums, types.embedded, *weights, work.one)
        int8_loops.quantize(work.one, rows, self._steps[1], own.one, own.notes)
        self._layer(2, first_row, (work.one, own.one), (work.other, own.other))
        self._layer(3, first_row, (work.other, own.other), (work.one, own.one))
        self._layer(4, first_row, (work.one, own.one), (work.last, own.other))
        every = int8_loops.notes_of_texts(
            first_row, work.types, types.notes, own.notes, own.of_texts
        )
        if every & int8_loops.NO_NUMBER:
            raise FloatingPointError("a value of the network is no number")

    def _layer(
        self,
        number: int,
        first_row: npt.NDArray[np.int32],
        source: "_Rows",
        target: "_Rows",
    ) -> None:
        layer, dense, own = self._network.layers[number - 1], self._layers[number - 2], self._bytes
        rows = int8_loops.lay_rows(first_row, number, own.wanted)
        for start in range(0, rows, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, rows - start)
            int8_loops.before_product(source[1], own.wanted, start, count, own.sides)
            dense.product.multiply(own.sides, count, own.products)
            int8_loops.after_product(
                own.products,
                own.wanted,
                start,
                count,
                dense.scale,
                layer.bias,
                layer.gain,
                layer.shift,
                source[0],
                target[0],
                self._steps[number],
                target[1],
                own.notes,
            )

    def _score_outside(self, start: int, count: int, work: Work) -> None:
        """Score the transitions of tokens as if they stood in no entity."""
        own, network = self._bytes, self._network
        self._own.product.multiply(own.other[start : start + count], count, own.own)
        bias = network.outside_bias
        int8_loops.hidden_outside(own.own, self._own.scale, bias, count, work.hidden)
        # All rows, however many count: a product of another shape may be rounded in another way.
        np.matmul(work.hidden, network.output, out=work.scores)


class Int8Types(TypeTable):
    """Types of tokens whose part in their neighbours is a product of bytes."""

    def __init__(self, network: Network, embedder: Embedder, scales: Scales) -> None:
        super().__init__(network, embedder)
        first = _Layer(np.vstack(network.layers[0].plain), np.tile(scales.ranges[0], 3))
        self._product = Dense(np.hstack(np.split(first.weights, 3)))
        self._scale = np.tile(first.scale, 3)
        self._steps = _steps(scales)[0]
        self.notes = np.zeros(len(self.sums), np.uint8)
        self._rows = np.zeros((_ROWS_AT_ONCE, loops.WIDTH), np.uint8)
        self._products = np.zeros((_ROWS_AT_ONCE, len(self._scale)), np.int32)

    def _sum(self, start: int, end: int) -> None:
        self.notes = grown(self.notes, len(self.sums))
        self.notes[start:end] = int8_loops.FITS
        for first in range(start, end, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, end - first)
            embedded, notes = self.embedded[first:], self.notes[first:]
            int8_loops.quantize(embedded, count, self._steps, self._rows, notes)
            self._product.multiply(self._rows, count, self._products)
            int8_loops.scale_products(self._products, count, self._scale, self.sums[first:])


class _Layer:
    """A dense layer in bytes."""

    def __init__(self, weights: F32, ranges: F32) -> None:
        self.weights, self.scale = in_bytes(weights, ranges)
        self.product = Dense(self.weights)


_Rows = tuple[F32, npt.NDArray[np.uint8]]


class _Bytes:
    """The arrays that a batch is computed in, beside those of `Work`."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.one = np.zeros((rows, loops.WIDTH), np.uint8)
        self.other = np.zeros((rows, loops.WIDTH), np.uint8)
        self.wanted = np.zeros((rows, 2), np.int32)
        self.notes = np.zeros(rows, np.uint8)
        self.of_texts = np.zeros(rows, np.uint8)
        self.sides = np.zeros((_ROWS_AT_ONCE, 3 * loops.WIDTH), np.uint8)
        self.products = np.zeros((_ROWS_AT_ONCE, loops.WIDE), np.int32)
        self.own = np.zeros((TOKENS_AT_ONCE, 2 * loops.HIDDEN), np.int32)


def _steps(scales: Scales) -> list[F32]:
    return [np.float32(int8_loops.MOST) / largest for largest in scales.ranges]
