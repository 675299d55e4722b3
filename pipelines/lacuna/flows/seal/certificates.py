"""Issues certificates: what the closed requests' statements say, under the seal of the ledger."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from lacuna.evidence import (
    About,
    ClosedRequest,
    RunRecord,
    SealedLedger,
    SigningKey,
    certificate_page,
    certify,
    files_in,
    issue,
    read_whole,
    write_once,
    write_statement,
)
from lacuna.flows.run.certificate_folders import certificates_folder, statements_folder
from lacuna.flows.run.steps import Steps
from lacuna.flows.seal.recorded_runs import recorded_run
from lacuna.flows.seal.request_particulars import particulars_of
from lacuna.model.evidence import Action, Leaf
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores, Transaction


def state_refusals(stores: Stores, batch_id: str, steps: Steps) -> None:
    """Write the statement of every refusal that has none: refusing needed no run."""
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        refusals = transaction.queue.requests.unstated_refusals()
    for request_id, ground in refusals:
        with stores.transaction(Role.PLANNER) as transaction:
            leaves = list(transaction.ledger.leaves(request_id=request_id))
            about = About(kind=transaction.queue.requests.get(request_id).person_kind)
            statement = certify(leaves, plan=None, verification=None, about=about, ground=ground)
            write_statement(statement, statements_folder(stores))
            desk = Desk(
                transaction.queue,
                transaction.ledger,
                stores.keys,
                stores.clock.now(),
                "flow:seal",
                batch_id=batch_id,
            )
            desk.record(
                Action.COMPLETED,
                "lacuna.request",
                request_id=request_id,
                digest=statement.digest,
            )
        steps.add("stated", request_id=request_id, digest=statement.digest)


def expired_before(stores: Stores) -> datetime:
    """Return the time before which requests were closed whose certificates are kept no longer."""
    return stores.clock.now() - timedelta(days=stores.certificate_days)


def expire_all(stores: Stores, closed: Mapping[str, datetime], batch_id: str, steps: Steps) -> None:
    """Delete each certificate whose retention is over, with its page and its statement.

    The ledger names it first. The certificate goes last, so that the next seal ends what a crash began.

    Args:
        closed: when each request was closed, by the ledger.
    """
    limit = expired_before(stores)
    for path in files_in(certificates_folder(stores), ".json"):
        if path.stem not in closed or closed[path.stem] >= limit:
            continue
        digest = hashlib.sha256(read_whole(path)).hexdigest()
        with stores.transaction(Role.SEALER) as transaction:
            now = stores.clock.now()
            Desk(
                transaction.queue, transaction.ledger, stores.keys, now, "flow:seal", batch_id
            ).record(
                Action.CERTIFICATE_EXPIRED,
                "evidence/certificates",
                request_id=path.stem,
                digest=digest,
            )
        for each in (statements_folder(stores) / path.name, path.with_suffix(".html"), path):
            each.unlink(missing_ok=True)
        steps.add("expired", request_id=path.stem, digest=digest)


def issue_all(stores: Stores, ledger: SealedLedger, key: SigningKey, steps: Steps) -> int:
    """Issue the certificate of every closed request that has none; return how many.

    A statement whose closing was rolled back waits for the closing that is made again.

    Raises:
        EvidenceBroken: a statement is not the one that the ledger names.
    """
    issued = 0
    folder = certificates_folder(stores)
    for path in files_in(statements_folder(stores), ".json"):
        target = folder / path.name
        if target.exists() and target.with_suffix(".html").exists():
            continue
        content = read_whole(path)
        with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            leaves = list(transaction.ledger.leaves(request_id=path.stem))
            closing = [leaf for leaf in leaves if leaf.entry.action is Action.COMPLETED]
            if not closing or closing[-1].position >= ledger.tree.size:
                continue
            runs = _runs(leaves, transaction, stores)
            request = transaction.queue.requests.get(path.stem)
        if not target.exists():
            # The page of a certificate that was removed: it is made with the one that is issued now.
            target.with_suffix(".html").unlink(missing_ok=True)
        certificate = read_whole(target) if target.exists() else b""
        if not certificate:
            closed = ClosedRequest(closing[-1], particulars_of(request, stores), runs)
            certificate = issue(content, closed, ledger, key)
        write_once(target, certificate)
        write_once(target.with_suffix(".html"), certificate_page(certificate))
        steps.add("issued", request_id=path.stem, digest=hashlib.sha256(certificate).hexdigest())
        issued += 1
    return issued


def _runs(leaves: Sequence[Leaf], transaction: Transaction, stores: Stores) -> list[RunRecord]:
    """Return the runs whose batches worked on a request, in the order of the entries."""
    batches = dict.fromkeys(leaf.entry.batch_id for leaf in leaves if leaf.entry.batch_id)
    found = (recorded_run(batch_id, transaction, stores) for batch_id in batches)
    return [run for run in found if run is not None]
