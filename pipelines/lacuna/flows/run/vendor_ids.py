"""What recognizes an erased person who comes back: kept when the request closes, then destroyed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from lacuna.errors import VerificationFailed
from lacuna.evidence import SUPERSEDED_AT, files_in, is_statement_of, read_whole
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.certificate_folders import statements_folder
from lacuna.flows.run.steps import Steps
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Person
from lacuna.model.reappearance import ErasedPerson, vendor_ids
from lacuna.model.request import NEXT, Level, Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.request import forget

LOCATION: Final = "keys.erased"


def keep_vendor_ids(
    batch: Batch, request: Request, people: Sequence[Person], holds: Sequence[ItemHold]
) -> int:
    """Keep what recognizes the person whom a request erased; return how many ids.

    Called before the request closes: afterwards nothing of the person is known any more. A crash
    in between leaves a record that the next run finds there.

    Args:
        holds: on tables of the request: whoever comes back with a restore has them again.
    """
    if RequestKind.ERASURE not in request.kinds or request.level is not Level.CONTACT:
        return 0
    kept = 0
    now = batch.stores.clock.now()
    for person in people:
        ids = vendor_ids(person)
        kept += len(ids)
        days = timedelta(days=batch.datamap.longest_backup_days)
        batch.stores.erased.keep(
            ErasedPerson(
                request.request_id,
                request.org_id,
                ids,
                now + days,
                request.person_kind,
                tuple(one for one in holds if one.until > now),
                person.led,
            )
        )
    return kept


def keeps_key(datamap: DataMap) -> bool:
    """Whether an erased person's row stays under its key: then the key alone recognizes nobody."""
    subject = datamap.tables[datamap.subject.table]
    return subject.rows is not RowErasure.DELETE and not any(
        subject.column(name).erasure.treatment is Treatment.NEW_KEY for name in subject.key
    )


def withdraw_restored(batch: Batch) -> int:
    """Withdraw requests that were closed before the database was put back; return how many.

    That they were is known outside the database alone, so the executor says it, as it says who is
    there again; what was kept for them is then forgotten.
    """
    closed = closed_outside(batch)
    restored = []
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        for request in desk.queue.requests.in_states():
            if request.request_id in closed and RequestState.WITHDRAWN in NEXT[request.state]:
                restored.append(
                    desk.queue.requests.move(request, RequestState.WITHDRAWN, at=desk.now)
                )
                desk.queue.people.unrestrict(request.request_id)
                desk.record(Action.WITHDRAWN, LOCATION, request_id=request.request_id)
    with batch.stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        # Those too that a crash left between the two.
        for request in desk.queue.requests.unforgotten():
            if request.request_id in closed and request.state is RequestState.WITHDRAWN:
                forget(request, desk)
    return len(restored)


def closed_outside(batch: Batch) -> frozenset[str]:
    """Return the requests that were closed once, whatever the database says.

    A statement is written once nothing leads back: an open request that has one was put back. Of an
    erasure that is not enough, for nobody signed it: who was erased is in the encrypted record.
    """
    home = batch.stores.home
    # Those too that a restore superseded, once it was acknowledged.
    folders = [each / "statements" for each in files_in(home / SUPERSEDED_AT, "")]
    stated: dict[str, list[Path]] = defaultdict(list)
    for folder in (statements_folder(batch.stores), *folders):
        for path in files_in(folder, ".json"):
            stated[path.stem].append(path)
    erased = batch.stores.erased.request_ids()
    states = [state for state in RequestState if not state.is_final]
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        going_on = transaction.queue.requests.in_states(states)
    # Of these alone it matters what a statement says, and they are few.
    not_closed = {
        request.request_id
        for request in going_on
        if RequestKind.ERASURE in request.kinds
        or not any(
            is_statement_of(read_whole(path), request.request_id)
            for path in stated.get(request.request_id, ())
        )
    }
    return erased | (stated.keys() - not_closed)


def require_all_kept(batch: Batch, steps: Steps) -> None:
    """Compare what recognizes erased people with what the ledger says is kept.

    Raises:
        VerificationFailed: something is gone before its time: those people would come back unseen.
    """
    now = batch.stores.clock.now()
    days = timedelta(days=batch.datamap.longest_backup_days)
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        entries = [
            one.entry for one in transaction.ledger.outcomes(Action.KEEP_VENDOR_IDS, after=-1)
        ]
        forgotten = len(transaction.ledger.outcomes(Action.FORGET_VENDOR_IDS, after=-1))
    kept = {one.request_id: one.at for one in entries}
    absent = kept.keys() - batch.stores.erased.request_ids()
    too_early = sum(kept[one] + days > now for one in absent)
    # A map that keeps longer than before makes nothing early that was forgotten in time.
    missing = min(too_early, len(absent) - forgotten)
    if missing > 0:
        raise VerificationFailed(
            f"{LOCATION}: {missing} of {len(kept)} records that recognize erased people are gone "
            "too early. If these people come back, nobody notices. Restore the folder "
            "keys/erased. Until then, restore no backup and repeat no export without searching "
            "for them"
        )


def forget_vendor_ids(batch: Batch, steps: Steps) -> None:
    """Destroy what recognizes people whom no backup can bring back any more, and record it."""
    now = batch.stores.clock.now()
    over = [one.request_id for one in batch.stores.erased.people() if one.until <= now]
    for request_id in over:
        was_there = batch.stores.erased.destroy(request_id)
        with batch.stores.transaction(Role.PLANNER) as transaction:
            batch.desk(transaction).record(
                Action.FORGET_VENDOR_IDS,
                LOCATION,
                # Not of the request: after a restore there may be none.
                counts=(int(was_there), int(not was_there)),
            )
    if over:
        steps.add("vendor_ids_forgotten", counts={"records": len(over)})
