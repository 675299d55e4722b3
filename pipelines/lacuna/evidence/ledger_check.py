"""Checks the whole ledger: every leaf, then the root at every size that something signed names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lacuna.evidence import merkle
from lacuna.evidence.canonical_bytes import leaf_of
from lacuna.evidence.checkpoint import Checkpoint
from lacuna.evidence.superseded_histories import SupersededHistory
from lacuna.model.evidence import Leaf

WHAT_NOW = "Stop all processing and compare with a backup"
"""How every word about a broken ledger ends."""


@dataclass(frozen=True)
class Signed:
    """What something that was handed out says of the ledger: its first `size` entries have `root`.

    Attributes:
        size: number of entries, at least 1.
        root: Merkle root over them, hex.
        source: where it says so, such as the file of a certificate.
        path: that file, under `LACUNA_HOME`; None where it is none of those.
    """

    size: int
    root: str
    source: str = "a checkpoint"
    path: str | None = None

    @classmethod
    def of(cls, checkpoint: Checkpoint, source: str, path: str | None = None) -> "Signed":
        """Return size and root of a checkpoint whose signature was verified."""
        return cls(checkpoint.size, checkpoint.root, source, path)


@dataclass(frozen=True)
class CheckedLedger:
    """A ledger that holds.

    Attributes:
        size: how many entries it has.
        root: of the tree over all of them, hex.
        checkpoints: with how many signed sizes it was compared. With none, nothing is shown but
            that the entries fit their own hashes.
        superseded: histories that restores took away; nothing of them was compared.
    """

    size: int
    root: str
    checkpoints: int
    superseded: tuple[SupersededHistory, ...] = ()


@dataclass(frozen=True)
class ComparedLedger:
    """A ledger, and what is wrong with it.

    Attributes:
        problems: what, where and how many, a sentence each; none where it holds.
        agrees_at: largest signed size at which the root is a signed one; 0: there is none.
        contradicted: what was signed with another root, or of a longer ledger.
    """

    size: int
    root: str
    compared: int
    problems: tuple[str, ...]
    agrees_at: int = 0
    contradicted: tuple[Signed, ...] = ()


def compare_ledger(leaves: Iterable[Leaf], signed: Iterable[Signed] = ()) -> ComparedLedger:
    """Recompute every leaf and every root, compare, and return what is wrong.

    1. Positions go up from 0 without a gap: none was removed, none changed places.
    2. Every leaf hash is that of its entry: none was edited.
    3. One size was signed with one root: nobody was shown another history.
    4. At each signed size the root is the signed one: nothing was edited together with its hash,
       and no other history was put in its place.
    5. The ledger is at least as long as each signed size: the tail was not cut, and no backup
       was put back. Only what was kept elsewhere shows this.

    What comes after an entry that does not fit is not looked at.

    Args:
        leaves: all leaves, in order; read once, as a stream.
        signed: with signatures verified, in any order.
    """
    everything = tuple(signed)
    by_size = _by_size(everything)
    roots: dict[int, str] = {}
    waiting = sorted(by_size, reverse=True)
    problems = list(_two_roots(by_size))
    tree = merkle.Frontier()
    sound, differing = 0, 0
    for leaf in leaves:
        problem = _problem_of(leaf, tree.size)
        if problem is not None:
            problems.append(problem)
            return ComparedLedger(tree.size, tree.root().hex(), len(by_size), tuple(problems))
        tree.append(bytes.fromhex(leaf.leaf_hash))
        if waiting and waiting[-1] == tree.size:
            root, size = tree.root().hex(), waiting.pop()
            roots[size] = root
            wrong = [one for one in by_size[size] if one.root != root]
            if wrong and not differing:
                problems.append(
                    f"ledger: the root at size {size} differs from that of {wrong[0].source}; an "
                    f"entry at positions {sound} to {size - 1} was changed together with its hash"
                )
            differing += bool(wrong)
            sound = sound if wrong else size
    if differing > 1:
        problems.append(f"ledger: the roots differ at {differing} signed sizes")
    if waiting:
        largest = by_size[waiting[0]][0]
        problems.append(
            f"ledger: {tree.size} entries, but {largest.source} names {largest.size} (signed sizes "
            f"beyond the end: {len(waiting)}); the entries from position {tree.size} on were "
            "removed, or an old copy was restored"
        )
    agreeing = [one.size for one in everything if roots.get(one.size) == one.root]
    return ComparedLedger(
        tree.size,
        tree.root().hex(),
        len(by_size),
        tuple(problems),
        max(agreeing, default=0),
        tuple(one for one in everything if roots.get(one.size) != one.root),
    )


def missing_copies(
    recorded: Iterable[Checkpoint], copies: Iterable[Checkpoint], where: str
) -> str | None:
    """Return a message on the database's checkpoints that a place lacks, or None.

    An empty or incomplete place, for example a folder that is not mounted, would let the
    ledger check pass without showing anything.
    """
    missing = set(recorded) - set(copies)
    if not missing:
        return None
    return (
        f"checkpoints: {len(missing)} that the database records are missing in {where}, the "
        f"largest of size {max(each.size for each in missing)}; mount the place, or find out who "
        "removed them"
    )


def _problem_of(leaf: Leaf, due: int) -> str | None:
    if leaf.position != due:
        return f"ledger: position {leaf.position} instead of {due}; entries were removed or moved"
    if leaf_of(leaf.entry, leaf.position) != leaf:
        return (
            f"ledger: the entry at position {leaf.position} does not match its hash; it was edited"
        )
    return None


def _by_size(signed: Iterable[Signed]) -> Mapping[int, Sequence[Signed]]:
    """Return for each size what names it, each root once: by the first place in order."""
    found: dict[int, dict[str, Signed]] = defaultdict(dict)
    for one in sorted(signed, key=lambda each: each.source):
        found[one.size].setdefault(one.root, one)
    return {size: tuple(roots.values()) for size, roots in found.items()}


def _two_roots(by_size: Mapping[int, Sequence[Signed]]) -> Iterable[str]:
    for size in sorted(by_size):
        first, *others = by_size[size]
        if others:
            yield (
                f"ledger: two different roots were signed for its first {size} entries, in "
                f"{first.source} and in {others[0].source}; somebody was shown another history"
            )
            return
