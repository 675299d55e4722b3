"""Acknowledges that an older copy of the ledger was restored, so that it can be sealed again.

What was signed since that copy stays, apart from the rest and named by a signed list; the entry that
names the list stands in the ledger for good, and in the next report to the officer.
"""

from pathlib import Path

from lacuna.errors import PlanRefused
from lacuna.evidence import (
    SUPERSEDED_AT,
    Noted,
    SupersededHistory,
    files_in,
    files_of_none,
    is_there,
    list_paths,
    location_of,
    read_history,
    read_list,
    read_whole,
    sign_manifest,
    write_once,
)
from lacuna.flows.run.installation_keys import known_keys, signing_key
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.flows.seal.ledger_audit import FLOW, FoundRestore, audit, superseded_by_restore
from lacuna.model.evidence import Action
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores


def find_superseded(stores: Stores) -> FoundRestore:
    """Return the restore to acknowledge, once an interrupted acknowledgement was finished or undone.

    Raises:
        EvidenceBroken: more is wrong than that an older copy was restored.
        RequestError: nothing contradicts the ledger, or a seal is going on.
    """
    with stores.exclusive(PLATFORM), stores.exclusive(FLOW):
        finish_acknowledging(stores)
        return _found(stores)


def acknowledge_restore(stores: Stores, actor: str, digest: str) -> SupersededHistory:
    """Put apart what a restore superseded, and let the ledger say so; return it.

    Interrupted, it is repeated: files go after the entry that names them.

    Args:
        actor: the officer who acknowledges it.
        digest: of the list that the officer was shown.

    Raises:
        EvidenceBroken: more is wrong than that an older copy was restored; nothing was changed.
        PlanRefused: the list is another one by now; nothing was changed.
        RequestError: nothing contradicts the ledger, or a seal is going on.
    """
    with stores.exclusive(PLATFORM), stores.exclusive(FLOW):
        finish_acknowledging(stores)
        found = _found(stores).history
        if found.digest != digest:
            raise PlanRefused(
                f"evidence: the list of superseded files is now {found.digest}, not {digest}; "
                "read it again, then acknowledge it"
            )
        with stores.transaction(Role.DPO, org_id=EVERY_TENANT, is_read_only=True):
            pass  # Who may not say so is told before anything is written.
        # The list first, and its signature last: what an interruption leaves is told by that.
        content, note = list_paths(stores.home, found.location)
        write_once(content, found.content)
        for path, to in found.moved().items():
            write_once(stores.home / to, read_whole(stores.home / path))
        key, byte_count = signing_key(stores), len(found.content)
        write_once(note, sign_manifest(key, byte_count, found.digest, Noted.SUPERSEDED).encode())
        with stores.transaction(Role.DPO, org_id=EVERY_TENANT) as transaction:
            now = stores.clock.now()
            Desk(transaction.queue, transaction.ledger, stores.keys, now, actor).record(
                Action.RESTORE_ACKNOWLEDGED,
                SUPERSEDED_AT,
                counts=(len(found.files), None),
                digest=found.digest,
            )
        remove_copied(stores.home, found)
    return found


def finish_acknowledging(stores: Stores) -> None:
    """Finish an interrupted acknowledgement, and undo one that this ledger has not.

    After its entry the originals go. Before its list is signed the copies go. A signed one that no
    entry names was acknowledged in a history that was itself superseded: its files go back to where
    they lay, for this ledger may be the one that they belong to, and nothing goes.

    Raises:
        EvidenceBroken: a list that the ledger names is not there as it was.
    """
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        found = transaction.ledger.outcomes(Action.RESTORE_ACKNOWLEDGED, after=-1)
    digests = [leaf.entry.digest for leaf in found if leaf.entry.digest is not None]
    public = known_keys(stores)
    histories = [read_history(stores.home, location_of(one), public, one) for one in digests]
    for history in histories:
        remove_copied(stores.home, history)
    settled = {path for one in histories for path in one.kept()}
    settled |= {_name(stores, list_paths(stores.home, one.location)[0]) for one in histories}
    for folder in files_in(stores.home / SUPERSEDED_AT, ""):
        location = f"{SUPERSEDED_AT}/{folder.name}"
        content, note = list_paths(stores.home, location)
        if _name(stores, content) in settled:
            continue
        if note.exists():
            _put_back(stores.home, read_history(stores.home, location, public))
        elif content.exists():
            _take_back(stores.home, read_list(stores.home, location))


def _name(stores: Stores, path: Path) -> str:
    return path.relative_to(stores.home).as_posix()


def _found(stores: Stores) -> FoundRestore:
    found = superseded_by_restore(stores)
    audit(stores, will_seal=True, proposed=found.history)
    return found


def remove_copied(home: Path, history: SupersededHistory) -> None:
    """Remove each file that was copied, where it is still the same one."""
    for path, to in history.moved().items():
        before, after = home / path, home / to
        # A certificate that was issued since has the name of one that was superseded.
        if before.exists() and read_whole(before) == read_whole(after):
            before.unlink()


def _put_back(home: Path, history: SupersededHistory) -> None:
    """Copy the files back to where they lay, unless another one took the place."""
    for path, to in history.moved().items():
        if not (home / path).exists() and is_there(home / to, history.files[path]):
            write_once(home / path, read_whole(home / to))


def _take_back(home: Path, history: SupersededHistory) -> None:
    """Remove the copies of files that still lie where they lay, and the list."""
    if not history.is_in_place(home):
        return
    ours = {*history.moved().values()}
    ours |= {path.relative_to(home).as_posix() for path in list_paths(home, history.location)}
    # What lies there and is reached by no link: nobody signed this list.
    for copy in ours.intersection(files_of_none(home, ())):
        (home / copy).unlink()
