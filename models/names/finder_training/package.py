"""Writes the plain arrays that the package `lacuna-names` holds."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from finder_training.encoder_file import EncoderFile
from finder_training.vocabulary import Vocabulary, piece_numbers
from lacuna.redaction.name_model.listed_words import HashedLists, InLists
from lacuna.redaction.name_model.text_words import TAGS

__all__ = ["hashed_lists", "write_encoder", "write_package"]

F32 = npt.NDArray[np.float32]
# These tables are most of the weights: 8 bits each, and a scale per row.
_PACKED = ("vectors", "hashed")
_LINES = ("all", "out", "up", "down")


def hashed_lists(lists: Mapping[str, InLists]) -> HashedLists:
    """Return lists as the package keeps them; words of one checksum share their lists."""
    merged: dict[int, int] = {}
    for word, bits in lists.items():
        number = zlib.crc32(word.encode("utf-8", "replace"))
        merged[number] = merged.get(number, 0) | int(bits)
    numbers = np.array(sorted(merged), np.uint32)
    return HashedLists(numbers, np.array([merged[one] for one in sorted(merged)], np.uint8))


def write_package(
    path: Path, weights: Mapping[str, F32], vocabulary: Vocabulary, lists: HashedLists
) -> None:
    """Write a student, its pieces and its lists as one .npz.

    `lacuna.redaction.name_model.weights.read_weights` says what is in it.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "pieces": _bytes("\n".join(vocabulary.pieces)),
        "scores": vocabulary.scores.astype(np.float32),
        "unknown": np.array(vocabulary.unknown),
        "listed": lists.numbers,
        "lists": lists.bits,
        "tags": _bytes(json.dumps(TAGS)),
    }
    for name, values in weights.items():
        arrays |= _packed(name, values, in_bytes=name.startswith(_PACKED))
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def write_encoder(
    path: Path, weights: Mapping[str, F32], file: EncoderFile, vocabulary: Vocabulary, frozen: int
) -> None:
    """Write a teacher's weights as one .npz; its first `frozen` layers stay in 4 bits as they were.

    `lacuna.redaction.name_model.encoder.read_encoder` says what is in it.
    """
    width, inner = file.sizes["width"], file.sizes["inner"]
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "pieces.blocks": file.blocks("emb.word", width)[piece_numbers(vocabulary, file)]
    }
    for number in range(frozen):
        names = {"all": "qkv", "out": ["ao"], "up": ["fi"], "down": ["fo"]}
        for line, parts in names.items():
            columns = inner if line == "down" else width
            packed = [file.blocks(f"l{number}.{part}.w", columns) for part in parts]
            arrays[f"layers.{number}.{line}.weight.blocks"] = np.concatenate(packed)
    for name, values in weights.items():
        if name == "pieces.weight" or f"{name}.blocks" in arrays:
            continue
        in_line = name.startswith("layers.") and name.split(".")[2] in _LINES
        arrays |= _packed(name, values, in_bytes=in_line and values.ndim > 1)
    np.savez(path, **arrays)  # type: ignore[arg-type]


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _packed(name: str, weights: F32, *, in_bytes: bool) -> dict[str, npt.NDArray[np.generic]]:
    if not in_bytes:
        return {name: weights.astype(np.float16)}
    scale = np.abs(weights).max(1, keepdims=True) / 127
    scale[scale == 0] = 1
    half = scale.astype(np.float16)
    return {
        f"{name}.packed": np.rint(weights / half).clip(-127, 127).astype(np.int8),
        f"{name}.scale": half,
    }
