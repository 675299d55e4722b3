"""Attacks an installation on its own data: what is promised is tried to be broken, and nothing lasts."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    Signed,
    compare_ledger,
    create_key,
    files_in,
    leaf_of,
    read_whole,
    sign_checkpoint,
    verify_certificate,
    verify_checkpoint,
)
from lacuna.flows.run.certificate_folders import certificates_folder
from lacuna.flows.run.installation_keys import known_keys
from lacuna.flows.run.opening import read_datamap
from lacuna.flows.seal import everything_signed
from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.evidence import Leaf
from lacuna.model.run import Role
from lacuna.ports import Stores

_FORGED_ACTOR: Final = "dpo:0badcafe"
_Forgery = Callable[[Iterable[Leaf], int], Iterator[Leaf]]
"""Makes another ledger of one, given how many entries were signed."""


def attack(stores: Stores, platform_roles: Sequence[str] = ()) -> Iterator[Attack]:
    """Yield each attack with its end.

    Args:
        platform_roles: roles of the platform's own software, which reach its tables.

    Raises:
        ConfigurationError: the file is no valid data map.
        DependencyUnreachable: the database does not answer, or evidence cannot be read.
        StatementRefused: the login may not take on Lacuna's roles.
    """
    yield from stores.attacker(read_datamap(stores).schemas, platform_roles).attacks()
    yield from _linked(stores)
    signed = everything_signed(stores)
    for attempt, forge in FORGERIES.items():
        yield _forged(attempt, forge, signed, stores)
    yield _with_another_key(signed, stores)
    yield _with_another_certificate(stores)


def _linked(stores: Stores) -> Iterator[Attack]:
    """Try to tell rows of erased people apart, and to join them to requests, by transaction numbers."""
    datamap = read_datamap(stores)
    told = [
        table.name
        for table in datamap.tables.values()
        # A row of a living person may name somebody erased as who entered it.
        if table.erased_at is not None or {*table.tombstone_links} - {*table.references}
    ]
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(datamap)
        found = [verifying.erased_traces(table) for table in told]
    apart, join = "tell erased people's rows apart", "join erased people's rows to their requests"
    rows = sum(one.rows for one in found)
    if not rows:
        for attempt in (apart, join):
            why = "nobody was erased yet" if told else "no table says which rows were erased"
            yield replace(_not_tried(attempt, why), area="rows")
        return
    groups = sum(one.numbers for one in found if one.numbers > 1)
    joined = sum(one.joined for one in found)
    held = AttackOutcome.HELD
    yield Attack(
        "rows",
        apart,
        AttackOutcome.SUCCEEDED if groups else held,
        f"{rows} rows fall into {groups} groups by the transaction that wrote them; the next "
        "scrub rewrites them (LACUNA_SCRUB_WINDOW)"
        if groups
        else f"{rows} rows: no table shows a second transaction number for them",
    )
    yield Attack(
        "rows",
        join,
        AttackOutcome.SUCCEEDED if joined else held,
        f"{joined} of {rows} rows share a transaction number with a row that names a request",
    )


def _forged(attempt: str, forge: _Forgery, signed: tuple[Signed, ...], stores: Stores) -> Attack:
    """Compare a forged ledger, which exists in memory alone, with all that was signed."""
    size = max((one.size for one in signed), default=0)
    if not size:
        return _not_tried(attempt, "nothing is signed yet; run lacuna run seal")
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        found = compare_ledger(forge(transaction.ledger.leaves(), size), signed)
    if not found.problems:
        return Attack(
            "evidence", attempt, AttackOutcome.SUCCEEDED, f"{found.size} entries pass as the ledger"
        )
    return _held(attempt, f"{len(signed)} signed sizes reveal it")


def _with_another_key(signed: tuple[Signed, ...], stores: Stores) -> Attack:
    attempt = "sign a checkpoint with another key"
    if not signed:
        return _not_tried(attempt, "nothing is signed yet; run lacuna run seal")
    with tempfile.TemporaryDirectory() as folder:
        note = sign_checkpoint(signed[0].size, signed[0].root, create_key(Path(folder) / "key.pem"))
    try:
        verify_checkpoint(note, known_keys(stores))
    except EvidenceBroken:
        return _held(attempt, "the signature is rejected")
    return Attack("evidence", attempt, AttackOutcome.SUCCEEDED, "a foreign signature is accepted")


def _with_another_certificate(stores: Stores) -> Attack:
    attempt = "change a certificate"
    path = next(iter(files_in(certificates_folder(stores), ".json")), None)
    if path is None:
        return _not_tried(attempt, "no certificate was issued yet")
    content = read_whole(path)
    public = known_keys(stores)
    try:
        verify_certificate(content, public)
    except EvidenceBroken:
        return _not_tried(
            attempt, "a certificate is invalid without any change; run lacuna evidence verify"
        )
    # Every place in turn would take hours: of each of 64 parts of the file one byte.
    for at in range(0, len(content), max(1, len(content) // 64)):
        changed = bytearray(content)
        changed[at] ^= 1
        try:
            verify_certificate(bytes(changed), public)
        except EvidenceBroken:
            continue
        return Attack(
            "evidence", attempt, AttackOutcome.SUCCEEDED, f"a changed byte at {at} is not noticed"
        )
    return _held(attempt, "each of 64 changed bytes is noticed")


def _cut(leaves: Iterable[Leaf], size: int) -> Iterator[Leaf]:
    return islice(leaves, size - 1)


def _emptied(leaves: Iterable[Leaf], size: int) -> Iterator[Leaf]:
    del leaves, size
    return iter(())


def _rewritten(leaves: Iterable[Leaf], size: int) -> Iterator[Leaf]:
    """Change the last signed entry together with its hash."""
    for leaf in leaves:
        if leaf.position == size - 1:
            yield leaf_of(replace(leaf.entry, actor=_FORGED_ACTOR), leaf.position)
        else:
            yield leaf


def _without_first(leaves: Iterable[Leaf], size: int) -> Iterator[Leaf]:
    """Take the first entry out and renumber the others, each with a hash that fits."""
    del size
    for leaf in islice(leaves, 1, None):
        yield leaf_of(leaf.entry, leaf.position - 1)


FORGERIES: Final[dict[str, _Forgery]] = {
    "cut entries off the end of the signed ledger": _cut,
    "replace the ledger with an empty one": _emptied,
    "change an entry together with its hash": _rewritten,
    "remove an entry and renumber the others": _without_first,
}


def _held(attempt: str, found: str) -> Attack:
    return Attack("evidence", attempt, AttackOutcome.HELD, found)


def _not_tried(attempt: str, why: str) -> Attack:
    return Attack("evidence", attempt, AttackOutcome.NOT_TRIED, why)
