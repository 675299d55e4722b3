"""The seal flow: the ledger is checked, a checkpoint signed, certificates issued, the report written."""

import hashlib
from itertools import islice
from pathlib import Path

from pipelines.errors import EvidenceBroken
from pipelines.evidence import (
    CheckedLedger,
    Checkpoint,
    SealedLedger,
    SigningKey,
    Tree,
    check_copies,
    check_ledger,
    publish_checkpoint,
    published_checkpoints,
    sign_checkpoint,
    verify_checkpoint,
)
from pipelines.flows.alerting import telling
from pipelines.flows.dpo_report import mail_report, write_report
from pipelines.flows.issuing import issue_all, state_refusals
from pipelines.flows.recording import record_runs
from pipelines.flows.signing import (
    checkpoint_folders,
    known_keys,
    next_key,
    publish_keys,
    put_in_place,
    signing_key,
)
from pipelines.flows.steps import Steps
from pipelines.model.evidence import Action
from pipelines.model.run import Role, RunOptions
from pipelines.ports import Desk, Stores


@telling("seal")
def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check the ledger, sign a checkpoint, issue certificates, report; return the ledger's size.

    The officers are told: what is overdue, the report, and a seal that ends red.

    Raises:
        EvidenceBroken: an entry was edited, removed or moved, or the ledger was put back.
        DependencyUnreachable: all that is done, and an officer could not be told.
    """
    size, page = _seal(stores, options, batch_id)
    untold = None
    if page is not None:
        untold = mail_report(stores, page, Steps(stores, options, "mail_report"))
    if untold is not None:
        raise untold
    return size


def _seal(stores: Stores, options: RunOptions, batch_id: str) -> tuple[int, Path | None]:
    """Return the ledger's size and the report's page; no page while the ledger is empty."""
    steps = Steps(stores, options, "seal")
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.open_batch(batch_id, "seal", options.run_id, stores.clock.now())
    state_refusals(stores, batch_id, steps)
    recorded = record_runs(stores, batch_id)
    checked = check_evidence(stores)
    if checked.size == 0:
        steps.add("empty", counts={"entries": 0})
        return 0, None
    key = signing_key(stores)
    note = _last_note(stores)
    if note is None or verify_checkpoint(note, known_keys(stores)).size != checked.size:
        note = _add_checkpoint(stores, checked, key)
    issued = issue_all(stores, _sealed(stores, checked, note), key, steps)
    steps.add(
        "done",
        counts={"entries": checked.size, "issued": issued, "runs": recorded},
        digest=checked.root,
    )
    return checked.size, write_report(stores, checked)


def check_evidence(stores: Stores) -> CheckedLedger:
    """Check the ledger against its own hashes, its checkpoints and their copies.

    Raises:
        EvidenceBroken: says at which position, or how many checkpoints are missing.
    """
    public = known_keys(stores)
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        recorded = [verify_checkpoint(note, public) for note in transaction.ledger.checkpoints()]
        copies: list[Checkpoint] = []
        for folder in checkpoint_folders(stores):
            found = published_checkpoints(folder, public)
            check_copies(recorded, found)
            copies += found
        return check_ledger(transaction.ledger.leaves(), [*recorded, *copies])


def rotate_key(stores: Stores, actor: str) -> str:
    """Replace the signing key; return the new public key.

    The old key and the new one sign one checkpoint, so that whoever trusts the old one can
    trust the new one. A crash leaves the old key in place, and the next call goes on.

    Raises:
        EvidenceBroken: the ledger does not hold; nothing was signed.
    """
    check_evidence(stores)
    old, new = signing_key(stores), next_key(stores)
    with stores.transaction(Role.PLANNER) as transaction:
        now = stores.clock.now()
        Desk(transaction.queue, transaction.ledger, stores.keys, now, actor).record(
            Action.CHECKPOINT, "keys", digest=hashlib.sha256(new.public_text.encode()).hexdigest()
        )
    # Known before it signs: what it signed could not be read after a crash.
    publish_keys(stores, old, new)
    _add_checkpoint(stores, check_evidence(stores), old, new)
    put_in_place(stores)
    return new.public_text


def _add_checkpoint(stores: Stores, checked: CheckedLedger, *keys: SigningKey) -> str:
    publish_keys(stores, *keys)
    note = sign_checkpoint(checked.size, checked.root, *keys)
    # The copies first: a checkpoint of the database that has no copy would look like a loss.
    publish_checkpoint(note, known_keys(stores), checkpoint_folders(stores))
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.ledger.add_checkpoint(
            note, size=checked.size, root=checked.root, at=stores.clock.now()
        )
    return note


def _last_note(stores: Stores) -> str | None:
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        notes = transaction.ledger.checkpoints()
    return notes[-1] if notes else None


def _sealed(stores: Stores, checked: CheckedLedger, note: str) -> SealedLedger:
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        leaves = islice(transaction.ledger.leaves(), checked.size)
        tree = Tree(bytes.fromhex(leaf.leaf_hash) for leaf in leaves)
        scrubs = [
            leaf
            for leaf in transaction.ledger.outcomes(Action.SCRUB, after=-1)
            if leaf.position < checked.size
        ]
    if tree.root().hex() != checked.root:
        raise EvidenceBroken("ledger: it changed while it was sealed; stop all processing")
    return SealedLedger(tree, note, scrubs)
