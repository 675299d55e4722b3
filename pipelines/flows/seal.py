"""The seal flow: the ledger is checked, a checkpoint is signed, and copied elsewhere."""

from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.evidence import (
    CheckedLedger,
    Checkpoint,
    SigningKey,
    check_copies,
    check_ledger,
    create_key,
    load_key,
    publish_checkpoint,
    published_checkpoints,
    verify_checkpoint,
)
from pipelines.flows.steps import Steps
from pipelines.model.run import Role, RunOptions
from pipelines.ports import Stores


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check the ledger, sign a checkpoint of it, and copy it; return the ledger's size.

    Raises:
        EvidenceBroken: an entry was edited, removed or moved, or the ledger was put back.
    """
    steps = Steps(stores, options, "seal")
    checked = check_evidence(stores)
    if checked.size == 0:
        steps.add("empty", counts={"entries": 0})
        return 0
    key = signing_key(stores)
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        notes = transaction.ledger.checkpoints()
    if notes and verify_checkpoint(notes[-1], key.public_text).size == checked.size:
        steps.add("unchanged", counts={"entries": checked.size}, digest=checked.root)
        return checked.size
    note = key.sign(checked.size, checked.root)
    # The copies first: a checkpoint of the database that has no copy would look like a loss.
    publish_checkpoint(note, key.public_text, _folders(stores))
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.open_batch(batch_id, "seal", options.run_id, stores.clock.now())
        transaction.ledger.add_checkpoint(
            note, size=checked.size, root=checked.root, at=stores.clock.now()
        )
    steps.add("done", counts={"entries": checked.size}, digest=checked.root)
    return checked.size


def check_evidence(stores: Stores) -> CheckedLedger:
    """Check the ledger against its own hashes, its checkpoints and their copies.

    Raises:
        EvidenceBroken: says at which position, or how many checkpoints are missing.
    """
    public = signing_key(stores).public_text
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        recorded = [verify_checkpoint(note, public) for note in transaction.ledger.checkpoints()]
        copies: list[Checkpoint] = []
        for folder in _folders(stores):
            found = published_checkpoints(folder, public)
            check_copies(recorded, found)
            copies += found
        return check_ledger(transaction.ledger.leaves(), [*recorded, *copies])


def signing_key(stores: Stores) -> SigningKey:
    """Return the installation's signing key, made before the first checkpoint.

    Raises:
        ConfigurationError: the key is gone, and checkpoints were signed with it.
    """
    path = stores.home / "keys" / "signing.pem"
    if path.exists():
        return load_key(path)
    if any(folder.is_dir() and any(folder.iterdir()) for folder in _folders(stores)):
        raise ConfigurationError(
            f"the signing key {path} is gone, and there are checkpoints that it signed; put it back"
        )
    return create_key(path)


def _folders(stores: Stores) -> tuple[Path, ...]:
    return (stores.home / "evidence" / "checkpoints", stores.home / "checkpoints-copy")
