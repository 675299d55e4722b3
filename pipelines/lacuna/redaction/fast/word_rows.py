"""The rows that a model's tables and word vectors become, kept on disk between processes.

To read the vectors of 685,000 words and to multiply them takes a second; the result is mapped into
memory instead, and only what the words of the texts need is read from it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from spacy.vectors import Mode, Vectors

from lacuna.redaction.fast.file_cache import keep_file, note_use
from lacuna.redaction.fast.network import Embedding, OtherArchitecture

_FORM = 1
_KEPT_FILES = 12

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class WordRows:
    """Rows whose sum is a type of token, and which of them each word with a vector has.

    Attributes:
        table: the tables of the hashed features, a row for words without a vector, the vectors; each
            multiplied with its part of the mixing matrix [rows, numbers].
        keys: spaCy's hashes of the words that have a vector, in order.
        rows: the row of each of them.
    """

    table: F32
    keys: U64
    rows: I32

    def of(self, orths: U64) -> I32:
        """Return the row of each word."""
        missing = len(self.table) - 1
        if not len(self.keys):
            return np.full(len(orths), missing, np.int32)
        at = np.minimum(np.searchsorted(self.keys, orths), len(self.keys) - 1)
        return np.where(self.keys[at] == orths, self.rows[at], np.int32(missing))


def rows_of(vectors: Vectors, embedding: Embedding) -> WordRows:
    """Return the rows of a model.

    Raises:
        OtherArchitecture: its vectors are of another kind.
    """
    parts = []
    at = placed = 0
    for _, table in embedding.tables:
        parts.append(np.matmul(table, embedding.mix[at : at + table.shape[1]]))
        at += table.shape[1]
        placed += len(table)
    keys, rows = np.zeros(0, np.uint64), np.zeros(0, np.int32)
    if embedding.vectors is not None:
        width = embedding.vectors.shape[1]
        if vectors.mode != Mode.default or len(embedding.mix) != at + width:
            raise OtherArchitecture("the model has vectors of another kind")
        product = np.matmul(np.asarray(vectors.data, np.float32), embedding.vectors)
        parts.append(np.matmul(product, embedding.mix[at:]))
        count = len(vectors.key2row)
        keys = np.fromiter(vectors.key2row.keys(), np.uint64, count)
        rows = np.fromiter(vectors.key2row.values(), np.int32, count)
        order = np.argsort(keys)
        keys, rows = keys[order], rows[order] + np.int32(placed)
        parts.append(np.zeros((1, embedding.mix.shape[1]), np.float32))
    elif len(embedding.mix) != at:
        raise OtherArchitecture("the model has another embedding")
    return WordRows(np.vstack(parts), keys, rows)


def kept_rows(directory: Path, model: str, made: Callable[[], WordRows]) -> WordRows:
    """Return the rows that `made` returns, from `directory` if they are kept there.

    Args:
        model: the digest of the model's files.
    """
    parts = repr((_FORM, version("numpy"), version("spacy"), model))
    digest = hashlib.sha256(parts.encode()).hexdigest()[:32]
    paths = [directory / f"words-{digest}-{field.name}.npy" for field in fields(WordRows)]
    try:
        # Copied where they are written to, which nobody does: the loops take them like all arrays.
        found = WordRows(*(np.asarray(np.load(path, mmap_mode="c")) for path in paths))
        for path in paths:
            note_use(path)
        return found
    except (OSError, ValueError, EOFError):
        # Not there, or not whole: made again.
        rows = made()
    arrays: tuple[npt.NDArray[np.generic], ...] = (rows.table, rows.keys, rows.rows)
    for path, array in zip(paths, arrays, strict=True):
        keep_file(path, partial(_save, array), like="words-*.npy", most=_KEPT_FILES)
    return rows


def _save(array: npt.NDArray[np.generic], file: IO[bytes]) -> None:
    np.save(file, array)
