"""The seal flow: the ledger is checked, a checkpoint signed, certificates issued, the report written."""

import hashlib
from dataclasses import replace
from pathlib import Path

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    OF_SCRUBS,
    WHAT_NOW,
    CheckedLedger,
    SealedLedger,
    SigningKey,
    Tree,
    leaf_of,
    publish_checkpoint,
    published_note,
    sign_checkpoint,
    verify_checkpoint,
)
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.installation_keys import (
    checkpoint_folders,
    first_key,
    known_keys,
    next_key,
    publish_keys,
    put_in_place,
    signing_key,
)
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.flows.run.steps import Steps
from lacuna.flows.seal.acknowledgement import finish_acknowledging
from lacuna.flows.seal.certificates import expire_all, issue_all, state_refusals
from lacuna.flows.seal.dpo_report import finish_report, mail_report, write_report
from lacuna.flows.seal.ledger_audit import FLOW, AuditedLedger, audit
from lacuna.flows.seal.recorded_runs import record_runs
from lacuna.model.evidence import Action, Leaf
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check the ledger, sign a checkpoint, issue certificates, report; return the ledger's size.

    The officers are told: what is overdue, the report, and a seal that ends red.

    Raises:
        FlowHeld: another run is at work; nothing was done.
        EvidenceBroken: the ledger is shorter than something that was signed says, or another one,
            or what has to be there is not; nothing was signed.
        DependencyUnreachable: all that is done, and an officer could not be told.
    """
    # Alone: what another run has begun would look like what one left that died.
    with (
        stores.exclusive(PLATFORM),
        stores.exclusive(FLOW),
        telling(stores, options, batch_id, "seal"),
    ):
        size, page = _seal(stores, options, batch_id)
        untold = None
        if page is not None:
            untold = mail_report(
                stores, page, Steps(stores, options, "mail_report"), page_url=options.page_url
            )
        if untold is not None:
            raise untold
        return size


def _seal(stores: Stores, options: RunOptions, batch_id: str) -> tuple[int, Path | None]:
    """Return the ledger's size and the report's page; no page while the ledger is empty."""
    steps = Steps(stores, options, "seal")
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "seal", options.run_id, stores.clock.now())
    try:
        finish_report(stores)
        finish_acknowledging(stores)
        # Before anything is written: nothing is added to a ledger that does not hold.
        audited = audit(stores, will_seal=True)
    except EvidenceBroken as error:
        steps.add("refused", error=error)
        raise
    if audited.unfinished is not None:
        begun = audited.unfinished
        _finish(stores, audited, (begun.size, begun.root), _key(stores, audited))
    expire_all(stores, audited.closed, batch_id, steps)
    state_refusals(stores, batch_id, steps)
    recorded = record_runs(stores, batch_id)
    tree, scrubs = _grown(stores, audited.ledger)
    if tree.size == 0:
        steps.add("empty", counts={"entries": 0})
        return 0, None
    root = tree.root().hex()
    note = _last_note(stores)
    if note is None or verify_checkpoint(note, known_keys(stores)).size != tree.size:
        note = _add_checkpoint(stores, tree.size, root, audited)
    key = signing_key(stores)
    night = options.scrub_window.next_night(stores.clock.now())
    issued = issue_all(stores, SealedLedger(tree, note, scrubs, night), key, steps)
    steps.add(
        "done",
        counts={"entries": tree.size, "issued": issued, "runs": recorded.count},
        digest=root,
    )
    checked = replace(audited.ledger, size=tree.size, root=root)
    return checked.size, write_report(stores, checked, batch_id, recorded.added_to)


def rotate_key(stores: Stores, actor: str) -> str:
    """Replace the signing key; return the new public key.

    The old key and the new one sign one checkpoint, so that whoever trusts the old one can
    trust the new one. A crash leaves the old key in place, and the next call goes on.

    Raises:
        EvidenceBroken: the ledger does not hold; nothing was signed.
        RequestError: a seal is going on.
    """
    with stores.exclusive(PLATFORM), stores.exclusive(FLOW):
        return _rotate(stores, actor)


def _rotate(stores: Stores, actor: str) -> str:
    audited = audit(stores, will_seal=True)
    old = _key(stores, audited)
    if audited.unfinished is not None:
        begun = audited.unfinished
        _finish(stores, audited, (begun.size, begun.root), old)
    new = next_key(stores)
    # In an officer's name, so under the officer's role.
    with stores.transaction(Role.DPO, org_id=EVERY_TENANT) as transaction:
        now = stores.clock.now()
        Desk(transaction.queue, transaction.ledger, stores.keys, now, actor).record(
            Action.KEY_NAMED, "keys", digest=hashlib.sha256(new.public_text.encode()).hexdigest()
        )
    # Known before it signs: what it signed could not be read after a crash.
    publish_keys(stores, old, new)
    tree, _ = _grown(stores, audited.ledger)
    _begin(stores, tree.size, tree.root().hex())
    _finish(stores, audited, (tree.size, tree.root().hex()), old, new)
    put_in_place(stores)
    return new.public_text


def _key(stores: Stores, audited: AuditedLedger) -> SigningKey:
    """Return the signing key, made where no checkpoint was signed yet."""
    ended = len(audited.seals) - (audited.unfinished is not None)
    return signing_key(stores) if ended else first_key(stores)


def _add_checkpoint(stores: Stores, size: int, root: str, audited: AuditedLedger) -> str:
    known = signing_key(stores) if audited.seals else None
    _begin(stores, size, root)
    # The first key is made only by one whom the database lets seal.
    return _finish(stores, audited, (size, root), known or first_key(stores))


def _begin(stores: Stores, size: int, root: str) -> None:
    """Let the database remember the seal, before anything of it is signed."""
    with stores.transaction(Role.SEALER) as transaction:
        transaction.ledger.begin_seal(size=size, root=root, at=stores.clock.now())


def _finish(
    stores: Stores, audited: AuditedLedger, sealed: tuple[int, str], *keys: SigningKey
) -> str:
    """Sign a seal of this size and root that was begun; again it has the same bytes."""
    size, root = sealed
    publish_keys(stores, *keys)
    folders = checkpoint_folders(stores)
    known = known_keys(stores)
    # Two keys sign together where one follows the other: that note is another one.
    note = published_note(size, root, known, folders) if len(keys) == 1 else None
    note = note or sign_checkpoint(size, root, *keys)
    # The copies first: a checkpoint of the database that has no copy would look like a loss.
    superseded = {each for one in audited.ledger.superseded for each in one.signed}
    publish_checkpoint(note, known, folders, superseded)
    with stores.transaction(Role.SEALER) as transaction:
        transaction.ledger.add_checkpoint(note, size=size, root=root, at=stores.clock.now())
    return note


def _last_note(stores: Stores) -> str | None:
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        notes = transaction.ledger.checkpoints()
    return notes[-1] if notes else None


def _grown(stores: Stores, checked: CheckedLedger) -> tuple[Tree, list[Leaf]]:
    """Return the ledger as it is now: what was checked, and entries that came since.

    Raises:
        EvidenceBroken: it is not what was checked, or an entry since then does not hold.
    """
    hashes: list[bytes] = []
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        for leaf in transaction.ledger.leaves():
            is_new = leaf.position >= checked.size
            if leaf.position != len(hashes) or (
                is_new and leaf_of(leaf.entry, leaf.position) != leaf
            ):
                raise EvidenceBroken(f"ledger: position {leaf.position} is invalid. {WHAT_NOW}")
            hashes.append(bytes.fromhex(leaf.leaf_hash))
        scrubs = transaction.ledger.outcomes(*OF_SCRUBS, after=-1)
    tree = Tree(hashes)
    if tree.size < checked.size or tree.root_of(checked.size).hex() != checked.root:
        raise EvidenceBroken(f"ledger: it changed during the seal. {WHAT_NOW}")
    return tree, scrubs
