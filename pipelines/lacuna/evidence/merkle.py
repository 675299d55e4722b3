"""The Merkle tree of RFC 6962 (section 2.1) over the ledger's leaves.

A root says what the first n leaves are. An inclusion proof shows one leaf to be among them. Hashes
are 32 bytes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from lacuna.errors import EvidenceBroken

_EMPTY_ROOT: Final = hashlib.sha256().digest()
_HASH_BYTES: Final = 32


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of a zero byte and the data."""
    return hashlib.sha256(b"\x00" + data).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes.

    >>> root([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


class Frontier:
    """A tree that only grows, of which no more is kept than the next root needs.

    Holds the roots of the perfect subtrees from left to right, one for each one bit of the
    size: memory grows with the logarithm of the size.
    """

    def __init__(self) -> None:
        self._size = 0
        self._subtrees: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash on the right."""
        node, size = leaf, self._size
        while size & 1:
            node, size = _node(self._subtrees.pop(), node), size >> 1
        self._subtrees.append(node)
        self._size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        if not self._subtrees:
            return _EMPTY_ROOT
        *rest, node = self._subtrees
        for left in reversed(rest):
            node = _node(left, node)
        return node


class Tree:
    """A tree that was read whole, and gives proofs at the cost of its height.

    Holds the root of every perfect subtree: 64 bytes a leaf.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [bytearray().join(leaves)]
        while (pairs := len(self._levels[-1]) // (2 * _HASH_BYTES)) > 0:
            below = self._levels[-1]
            level = bytearray()
            for at in range(0, pairs * 2 * _HASH_BYTES, 2 * _HASH_BYTES):
                level += hashlib.sha256(b"\x01" + below[at : at + 2 * _HASH_BYTES]).digest()
            self._levels.append(level)

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0]) // _HASH_BYTES

    def leaf(self, index: int) -> bytes:
        """Return the hash of leaf `index`."""
        return self._root(index, index + 1)

    def root(self) -> bytes:
        """Return the root over all leaves."""
        return self._root(0, self.size) if self.size else _EMPTY_ROOT

    def root_of(self, size: int) -> bytes:
        """Return the root over the first leaves, of which there are at least so many."""
        return self._root(0, size) if size else _EMPTY_ROOT

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Return the path from leaf `index` to the root, from the leaf upwards.

        Raises:
            ValueError: there is no such leaf.

        Source: RFC 6962, section 2.1.1.
        """
        if not 0 <= index < self.size:
            raise ValueError(f"leaf {index} is not among {self.size}")
        path: list[bytes] = []
        start, end = 0, self.size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(start, middle))
                start = middle
        return tuple(reversed(path))

    def _root(self, start: int, end: int) -> bytes:
        """Return the root over a range as the tree splits it."""
        count = end - start
        if count & (count - 1) == 0:
            at = start // count * _HASH_BYTES
            return bytes(self._levels[count.bit_length() - 1][at : at + _HASH_BYTES])
        middle = start + _split(count)
        return _node(self._root(start, middle), self._root(middle, end))


def verify_inclusion(
    leaf: bytes, index: int, *, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` is number `index` of the `size` leaves under `root`.

    Raises:
        EvidenceBroken: the proof does not show it.

    Source: RFC 9162, section 2.1.3.2.
    """
    problem = EvidenceBroken(f"leaf {index} is not proven to be in the tree of size {size}")
    if not 0 <= index < size:
        raise problem
    place, last, node = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise problem
        if place & 1 or place == last:
            node = _node(step, node)
            while not place & 1 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            node = _node(node, step)
        place, last = place >> 1, last >> 1
    if last != 0 or node != root:
        raise problem


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
