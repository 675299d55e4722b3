"""The plain arrays that the package `lacuna-names` holds: written after training, read by numpy alone."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from finder_training.pieces import Pieces
from finder_training.vocabulary import Vocabulary
from finder_training.word_lists import Listed
from finder_training.words import TAGS, folded

__all__ = ["HashedLists", "Package", "hashed_lists", "read_package", "write_package"]

F32 = npt.NDArray[np.float32]
# These tables are most of the weights: 8 bits each, and a scale per row.
_PACKED = ("vectors", "hashed")


class HashedLists:
    """Lists of words, of which only checksums are kept."""

    def __init__(self, numbers: npt.NDArray[np.uint32], bits: npt.NDArray[np.uint8]) -> None:
        """`numbers` are CRC-32 of folded words, ascending; `bits` are their lists."""
        self.numbers, self.bits = numbers, bits

    def of(self, word: str) -> Listed:
        """Return the lists that hold a word, or one with the same checksum."""
        number = np.uint32(zlib.crc32(folded(word).encode("utf-8", "replace")))
        at = int(np.searchsorted(self.numbers, number))
        known = at < len(self.numbers) and self.numbers[at] == number
        return Listed(int(self.bits[at])) if known else Listed(0)


@dataclass(frozen=True)
class Package:
    """What a finder needs: how words are cut, what lists say of them, and the weights by name."""

    pieces: Pieces
    lists: HashedLists
    weights: Mapping[str, F32]


def hashed_lists(lists: Mapping[str, Listed]) -> HashedLists:
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

    Arrays: `pieces` (UTF-8, one a line), `scores`, `unknown`, `listed` (checksums, ascending) with
    `lists` (bits), `tags` (JSON), and the weights: `NAME` in half precision, or `NAME.packed`
    (signed 8 bits) with `NAME.scale` per row.
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
        arrays |= _packed(name, values)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def read_package(path: Path) -> Package:
    """Return what a file of `write_package` holds."""
    kept = np.load(path)
    pieces = kept["pieces"].tobytes().decode("utf-8").split("\n")
    fixed = {"pieces", "scores", "unknown", "listed", "lists", "tags"}
    weights: dict[str, F32] = {}
    for name in sorted(set(kept.files) - fixed):
        plain, _, form = name.rpartition(".")
        if form == "packed":
            weights[plain] = kept[name].astype(np.float32) * kept[f"{plain}.scale"]
        elif form != "scale":
            weights[name] = kept[name].astype(np.float32)
    return Package(
        Pieces(pieces, kept["scores"].tolist(), int(kept["unknown"])),
        HashedLists(kept["listed"], kept["lists"]),
        weights,
    )


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _packed(name: str, weights: F32) -> dict[str, npt.NDArray[np.generic]]:
    if not name.startswith(_PACKED):
        return {name: weights.astype(np.float16)}
    scale = np.abs(weights).max(1, keepdims=True) / 127
    scale[scale == 0] = 1
    half = scale.astype(np.float16)
    return {
        f"{name}.packed": np.rint(weights / half).clip(-127, 127).astype(np.int8),
        f"{name}.scale": half,
    }
