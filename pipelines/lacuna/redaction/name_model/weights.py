"""The arrays that the package `lacuna-names` holds, read into what the finder computes with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.listed_words import HashedLists
from lacuna.redaction.name_model.subwords import Pieces

__all__ = ["Packed", "Weights", "read_weights"]

F32 = npt.NDArray[np.float32]
_FIXED = ("pieces", "scores", "unknown", "listed", "lists", "tags")


@dataclass(frozen=True)
class Packed:
    """A table in signed 8 bits [rows, width], with a scale for each row [rows, 1]."""

    values: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float16]

    def rows(self, numbers: npt.NDArray[np.integer]) -> F32:
        """Return some rows, the numbers' shape and the width."""
        return np.asarray(self.values[numbers] * self.scale[numbers].astype(np.float32))


@dataclass(frozen=True)
class Weights:
    """What a finder needs: how words are cut, what lists say of them, tables and matrices by name."""

    pieces: Pieces
    lists: HashedLists
    tables: Mapping[str, Packed]
    matrices: Mapping[str, F32]


def read_weights(path: Path) -> Weights:
    """Return the weights of a package's file.

    Arrays: `pieces` (UTF-8, one a line), `scores`, `unknown`, `listed` (checksums, ascending) with
    `lists` (bits), `tags` (JSON), and the weights: `NAME` in half precision, or `NAME.packed`
    (signed 8 bits) with `NAME.scale` per row.
    """
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    pieces = kept["pieces"].tobytes().decode("utf-8").split("\n")
    tables: dict[str, Packed] = {}
    matrices: dict[str, F32] = {}
    for name in sorted(kept.keys() - set(_FIXED)):
        plain, _, form = name.rpartition(".")
        if form == "packed":
            tables[plain] = Packed(kept[name], kept[f"{plain}.scale"])
        elif form != "scale":
            matrices[name] = kept[name].astype(np.float32)
    return Weights(
        Pieces(pieces, kept["scores"].tolist(), int(kept["unknown"])),
        HashedLists(kept["listed"], kept["lists"]),
        tables,
        matrices,
    )
