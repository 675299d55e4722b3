"""Checks the whole ledger: every leaf, then the root at every checkpoint."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.errors import EvidenceBroken
from pipelines.evidence import merkle
from pipelines.evidence.canonical import leaf_of
from pipelines.evidence.checkpoint import Checkpoint
from pipelines.model.evidence import Leaf


@dataclass(frozen=True)
class CheckedLedger:
    """A ledger that holds.

    Attributes:
        size: how many entries it has.
        root: of the tree over all of them, hex.
        checkpoints: how many checkpoints it was compared with. With none, nothing is shown
            but that the entries fit their own hashes.
    """

    size: int
    root: str
    checkpoints: int


def check_ledger(leaves: Iterable[Leaf], checkpoints: Iterable[Checkpoint] = ()) -> CheckedLedger:
    """Recompute every leaf and every root, and compare.

    1. Positions go up from 0 without a gap: none was removed, none changed places.
    2. Every leaf hash is that of its entry: none was edited.
    3. At the size of each checkpoint the root is the checkpoint's: nothing was edited together
       with its hash, and no other history was put in its place.
    4. The ledger is at least as long as each checkpoint: the tail was not cut, and no backup
       was put back. Only a checkpoint that was kept elsewhere shows this.

    Args:
        leaves: all leaves, in order; read once, as a stream.
        checkpoints: with their signatures verified: those of the database and of the copies
            kept elsewhere, in any order.

    Raises:
        EvidenceBroken: says at which position, or between which two.
    """
    waiting = sorted(set(checkpoints), key=lambda each: each.size, reverse=True)
    compared = len(waiting)
    tree = merkle.Frontier()
    sound = 0
    for leaf in leaves:
        if leaf.position != tree.size:
            raise EvidenceBroken(
                f"ledger: position {leaf.position} where {tree.size} is due; entries were "
                "removed or moved. Stop all processing and compare with a backup"
            )
        if leaf_of(leaf.entry, leaf.position) != leaf:
            raise EvidenceBroken(
                f"ledger: the entry at position {leaf.position} does not fit its hash; it was "
                "edited. Stop all processing and compare with a backup"
            )
        tree.append(bytes.fromhex(leaf.leaf_hash))
        while waiting and waiting[-1].size == tree.size:
            if waiting.pop().root != tree.root().hex():
                raise EvidenceBroken(
                    f"ledger: the root at size {tree.size} is not the checkpoint's; an entry "
                    f"at positions {sound} to {tree.size - 1} was changed together with its "
                    "hash. Stop all processing and compare with a backup"
                )
            sound = tree.size
    if waiting:
        raise EvidenceBroken(
            f"ledger: {tree.size} entries, but a checkpoint was signed over {waiting[0].size}; "
            f"the entries from position {tree.size} on were cut off, or an old copy was "
            "restored. Stop all processing and compare with a backup"
        )
    return CheckedLedger(tree.size, tree.root().hex(), compared)


def check_copies(recorded: Iterable[Checkpoint], copies: Iterable[Checkpoint]) -> None:
    """Check that a place where checkpoints are kept has every one that the database has.

    An empty or incomplete place, for example a folder that is not mounted, would let the
    ledger check pass without showing anything.

    Raises:
        EvidenceBroken: says how many are missing.
    """
    if missing := set(recorded) - set(copies):
        raise EvidenceBroken(
            f"checkpoints: {len(missing)} of the database are missing among the copies, the "
            f"largest of size {max(each.size for each in missing)}; mount the place, or find "
            "out who removed them"
        )
