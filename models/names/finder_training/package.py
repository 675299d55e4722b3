"""Writes the trained student as the plain arrays that the package `lacuna-names` holds."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from finder_training.student import Student
from finder_training.vocabulary import Vocabulary
from finder_training.word_lists import Listed
from finder_training.words import TAGS

__all__ = ["write_package"]

# These tables are most of the weights: 8 bits each, and a scale per row.
_PACKED = ("vectors", "hashed")


def write_package(
    path: Path, student: Student, vocabulary: Vocabulary, lists: Mapping[str, Listed]
) -> None:
    """Write the student, its pieces and its lists as one .npz.

    Arrays: `pieces` (UTF-8, one a line), `scores`, `unknown`, `listed` (CRC-32 of folded words,
    sorted) with `lists` (bits), `tags` (JSON), and the weights: `NAME` in half precision, or
    `NAME.packed` (signed 8 bits) with `NAME.scale` per row.
    """
    hashed = sorted((zlib.crc32(word.encode()), int(bits)) for word, bits in lists.items())
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "pieces": _bytes("\n".join(vocabulary.pieces)),
        "scores": vocabulary.scores.astype(np.float16),
        "unknown": np.array(vocabulary.unknown),
        "listed": np.array([number for number, _ in hashed], np.uint32),
        "lists": np.array([bits for _, bits in hashed], np.uint8),
        "tags": _bytes(json.dumps(TAGS)),
    }
    for name, weights in student.state_dict().items():
        arrays |= _weights(name, weights.numpy())
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _weights(name: str, weights: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.generic]]:
    if not name.startswith(_PACKED):
        return {name: weights.astype(np.float16)}
    scale = np.abs(weights).max(1, keepdims=True) / 127
    scale[scale == 0] = 1
    packed = np.rint(weights / scale).astype(np.int8)
    return {f"{name}.packed": packed, f"{name}.scale": scale.astype(np.float16)}
