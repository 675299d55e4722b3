"""Finds names with spaCy's weights, without spaCy's time: the same tokens, the same entities."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
import numpy.typing as npt
import spacy.attrs
from spacy.language import Language
from threadpoolctl import ThreadpoolController

from lacuna.redaction.fast import loops
from lacuna.redaction.fast.named_spans import Found
from lacuna.redaction.fast.network import Embedding, network_of
from lacuna.redaction.fast.plain_words import PlainWords
from lacuna.redaction.fast.token_tables import ChunkTable, Embedder, TableLimits, TypeTable
from lacuna.redaction.fast.word_rows import WordRows, rows_of

_BLANKS = (
    *range(0x09, 0x0E),
    *range(0x1C, 0x21),
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
)
_TILES_AT_ONCE = 96
_TOKENS_AT_ONCE = 512
U64 = npt.NDArray[np.uint64]
_NEEDED = frozenset((spacy.attrs.ORTH, spacy.attrs.NORM, spacy.attrs.LENGTH, spacy.attrs.IS_SPACE))


class FastNames:
    """Finds the tokens and entities that a spaCy pipeline finds with its name finder alone.

    Not thread-safe: its arrays are used again for every batch.
    """

    def __init__(
        self,
        nlp: Language,
        *,
        limits: TableLimits | None = None,
        words: Callable[[Embedding], WordRows] | None = None,
    ) -> None:
        """Take the weights out of `nlp`.

        Args:
            words: makes the rows of tables and vectors; by default from those of `nlp`.

        Raises:
            OtherArchitecture: the model is built in another way.
        """
        self._nlp = nlp
        self._network = network_of(nlp)
        self._limits = limits or TableLimits()
        self._columns = [spacy.attrs.ORTH, spacy.attrs.NORM, *self._network.embedding.columns]
        self._plain = PlainWords(nlp, self._columns)
        self._blank = np.zeros(_BLANKS[-1] + 1, np.uint8)
        self._blank[list(_BLANKS)] = 1
        self._work = BatchArrays(1 << 12, len(self._network.transitions.kinds))
        self.labels = self._network.transitions.labels
        # Made here, when all libraries of linear algebra are loaded.
        self._threads = ThreadpoolController()
        self._chunks = ChunkTable()
        embedding = self._network.embedding
        rows = rows_of(nlp.vocab.vectors, embedding) if words is None else words(embedding)
        self._types = self._type_table(Embedder(nlp, embedding, rows))

    def _type_table(self, embedder: Embedder) -> TypeTable:
        return TypeTable(self._network, embedder)

    def forget(self) -> None:
        """Clear the tables; nothing that is found depends on them."""
        self._chunks.clear()
        self._types.clear()

    def find(self, texts: Sequence[str]) -> Found:
        """Return the tokens and entities of the texts."""
        chunks, characters, _ = self._chunks.filled
        limits = self._limits
        if (
            self._types.size > limits.types
            or chunks > limits.chunks
            or characters > limits.characters
        ):
            self.forget()
        together = "".join(texts)
        codes = _codes(together)
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
        work = self._work
        needed = len(together) + loops.PAD * (len(texts) + 1)
        if needed > work.rows:
            work = self._work = BatchArrays(needed, len(self._network.transitions.kinds))
        first_row = np.zeros(len(texts) + 1, np.int32)
        while True:
            rows, missing = loops.split(
                codes,
                offsets,
                self._blank,
                *self._chunks.arrays,
                work.types,
                work.token_types,
                work.starts,
                work.ends,
                first_row,
                work.missing,
            )
            if not missing:
                break
            places = work.missing[:missing].tolist()
            with self._threads.limit(limits=1, user_api="blas"):
                self._learn(list(dict.fromkeys(together[at : at + size] for at, size in places)))
        # The products are small: more threads only wait for one another, and for other workers.
        with self._threads.limit(limits=1, user_api="blas"):
            self._compute(rows, first_row, work)
            count = self._entities(first_row, work)
        first_token = first_row - loops.PAD * np.arange(1, len(texts) + 2, dtype=np.int32)
        return Found(work.found[:count], work.starts, work.ends, first_token)

    # --- the network ------------------------------------------------------------------------------

    def _compute(self, rows: int, first_row: npt.NDArray[np.int32], work: "BatchArrays") -> None:
        """Compute the four layers of all rows, the last without the empty ones."""
        layers = self._network.layers
        first = layers[0]
        loops.first_layer(
            work.types,
            rows,
            self._types.sums,
            self._types.embedded,
            first.bias,
            first.gain,
            first.shift,
            work.one,
        )
        for number, (source, target) in enumerate(
            ((work.one, work.other), (work.other, work.one), (work.one, work.last)), start=2
        ):
            layer = layers[number - 1]
            tiles = loops.lay_tiles(first_row, number, work.tiles)
            for start in range(0, tiles, _TILES_AT_ONCE):
                count = min(_TILES_AT_ONCE, tiles - start)
                loops.before_products(source, work.tiles, start, count, work.sides)
                np.matmul(work.sides[:, :count], layer.filters, out=work.products[:, :count])
                loops.after_products(
                    work.products,
                    work.tiles,
                    start,
                    count,
                    layer.bias,
                    layer.gain,
                    layer.shift,
                    source,
                    target,
                )

    def _entities(self, first_row: npt.NDArray[np.int32], work: "BatchArrays") -> int:
        network = self._network
        ways = network.transitions
        texts = len(first_row) - 1
        tokens = int(first_row[-1]) - loops.PAD * (texts + 1)
        for start in range(0, tokens, _TOKENS_AT_ONCE):
            count = min(_TOKENS_AT_ONCE, tokens - start)
            self._score_outside(start, count, work)
            loops.choose_outside(
                work.scores,
                network.output_bias,
                ways.kinds,
                self._types.blank,
                work.token_types,
                start,
                count,
                work.best,
            )
        return loops.find_entities(
            work.last,
            network.own,
            network.own_bias,
            network.others,
            network.others_bias,
            network.hidden_bias,
            network.output,
            network.output_bias,
            ways.kinds,
            ways.label_of,
            ways.inside,
            ways.last,
            work.best,
            first_row,
            work.starts,
            work.ends,
            work.found,
        )

    def _score_outside(self, start: int, count: int, work: "BatchArrays") -> None:
        """Score the transitions of tokens as if they stood in no entity."""
        network = self._network
        own = np.matmul(work.last[start : start + count], network.own, out=work.own[:count])
        loops.hidden_outside(own, network.outside_bias, count, work.hidden)
        np.matmul(work.hidden[:count], network.output, out=work.scores[:count])

    # --- what is not in the tables yet ------------------------------------------------------------

    def _learn(self, runs: list[str]) -> None:
        """Enter runs and the new types of their tokens in the tables."""
        plain: list[tuple[str, tuple[str, str]]] = []
        words: list[str] = []
        blanks: list[str] = []
        for run in runs:
            if run[0].isspace():
                blanks.append(run)
            elif self._plain.usable and (parts := self._plain.parts(run)) is not None:
                plain.append((run, parts))
            else:
                words.append(run)
        if plain:
            self._enter_plain(plain)
        with self._nlp.memory_zone(), _only(self._nlp, _NEEDED | {*self._columns}):
            if words:
                # A line break is a token of its own, and no exception of a language holds one.
                self._enter("\n".join(words), _places(words, apart=1))
            for run in blanks:
                self._enter(run, _places([run], apart=0))

    def _enter_plain(self, plain: list[tuple[str, tuple[str, str]]]) -> None:
        places = _places([run for run, _ in plain], apart=0)
        features = []
        starts = []
        lengths = []
        for (_, parts), start in zip(plain, places[:, 0].tolist(), strict=True):
            at = start
            for part in parts:
                if part:
                    features.append(self._plain.features(part))
                    starts.append(at)
                    lengths.append(len(part))
                    at += len(part)
        types = self._types.numbers(
            np.array(features, np.uint64), np.zeros(len(features), np.uint8)
        )
        self._chunks.add(
            _codes("".join([run for run, _ in plain])),
            places,
            np.array(starts, np.int64),
            np.array(lengths, np.int64),
            types,
        )

    def _enter(self, text: str, wanted: npt.NDArray[np.int64]) -> None:
        doc = self._nlp.tokenizer(text)
        width = len(self._columns)
        fixed = [spacy.attrs.LENGTH, spacy.attrs.SPACY, spacy.attrs.IS_SPACE]
        values = cast(U64, doc.to_array([*self._columns, *fixed])).reshape(-1, width + 3)
        lengths = values[:, width].astype(np.int64)
        starts = np.zeros(len(lengths), np.int64)
        np.cumsum((lengths + values[:, width + 1].astype(np.int64))[:-1], out=starts[1:])
        blank = values[:, width + 2].astype(np.uint8)
        types = self._types.numbers(values[:, :width], blank)
        self._chunks.add(_codes(text), wanted, starts, lengths, types)


class BatchArrays:
    """The arrays that a batch is computed in."""

    def __init__(self, rows: int, transitions: int) -> None:
        self.rows = rows
        self.types = np.zeros(rows, np.int32)
        self.token_types = np.zeros(rows, np.int32)
        self.starts = np.zeros(rows, np.int32)
        self.ends = np.zeros(rows, np.int32)
        self.missing = np.zeros((rows, 2), np.int64)
        self.one = np.zeros((rows, loops.WIDTH), np.float32)
        self.other = np.zeros((rows, loops.WIDTH), np.float32)
        self.last = np.zeros((rows, loops.WIDTH), np.float32)
        self.tiles = np.zeros((rows, 3), np.int32)
        self.best = np.zeros((rows, 2), np.int32)
        self.found = np.zeros((rows, 4), np.int32)
        sides = (loops.TILE_SIDES, _TILES_AT_ONCE)
        self.sides = np.zeros((*sides, loops.WIDTH), np.float32)
        self.products = np.zeros((*sides, loops.WIDE), np.float32)
        self.own = np.zeros((_TOKENS_AT_ONCE, 2 * loops.HIDDEN), np.float32)
        self.hidden = np.zeros((_TOKENS_AT_ONCE, loops.HIDDEN), np.float32)
        self.scores = np.zeros((_TOKENS_AT_ONCE, transitions), np.float32)


@contextmanager
def _only(nlp: Language, attributes: frozenset[int]) -> Iterator[None]:
    """Let new words have only the attributes that the network reads; they are forgotten soon."""
    getters = nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]
    kept = dict(getters)
    for attribute in kept.keys() - attributes:
        del getters[attribute]
    try:
        yield
    finally:
        getters.update(kept)


def _places(runs: Sequence[str], *, apart: int) -> npt.NDArray[np.int64]:
    """Return start and length of each run where they stand behind one another."""
    places = np.zeros((len(runs), 2), np.int64)
    places[:, 1] = np.fromiter(map(len, runs), np.int64, len(runs))
    np.cumsum(places[:-1, 1] + apart, out=places[1:, 0])
    return places


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass") or b"\0" * 4, np.uint32)
