"""Takes erased values out of the database's files, in the window in which tables may be locked.

A rule of the sweep, and the last step of the fulfilment. Certificates read what it records: an
entry for each table whose rows and one for each whose files were rewritten, one for the statistics, one for the log, and
one for the whole database once nothing that was due is left.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from lacuna.flows.fulfilment.locks import changed_tables
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.evidence import Action
from lacuna.model.location import TableName
from lacuna.model.request import Request, RequestState
from lacuna.model.run import Mode, Role
from lacuna.model.scrub import DATABASE, LOG, STATISTICS, Rewriting, ScrubRefusal
from lacuna.plan import restore
from lacuna.ports import Scrubber
from lacuna.verify import check_unlinkability

_COMMON = (STATISTICS, LOG)


def scrub_files(batch: Batch, steps: Steps) -> int:
    """Rewrite the files of all tables that changed, one after another; return how many.

    Where a table is locked, or a right is missing, the certificate stays at L0, and the next
    scrub tries again.
    """
    options, clock = batch.options, batch.stores.clock
    if options.mode is Mode.OBSERVE or not options.scrub_window.is_open(clock.now()):
        steps.add("observed" if options.mode is Mode.OBSERVE else "scrub_window_closed")
        return 0
    scrubber = batch.stores.scrubber
    due = scrubber.due(batch.datamap.schemas)
    if not due:
        steps.add("nothing_to_scrub")
        return 0
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        batch.desk(transaction).intend(Action.SCRUB, DATABASE, rows=len(due))
    keys = {table.name: table.key for table in batch.datamap.tables.values()}
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        since = transaction.verifying(batch.datamap).transaction_number()
    tried: list[Rewriting] = []
    for files in due:
        if not options.scrub_window.is_open(clock.now()):
            break
        tried.append(scrubber.rewrite(files, keys.get(files.table, ())))
    tried = _seen(batch, tried, since)
    reasons: Counter[str] = Counter(why for one in tried for why in one.refusals)
    finished = _finish(scrubber, reasons)
    _record(batch, tried, finished, waiting=len(due) - len(tried))
    done = sum(not one.refusals for one in tried)
    steps.add(
        "scrubbed" if done == len(due) and len(finished) == len(_COMMON) else "scrub_unfinished",
        counts={
            "tables": done,
            "waiting": len(due) - done,
            "longest_lock_ms": round(max((one.lock_seconds for one in tried), default=0.0) * 1000),
            **reasons,
        },
    )
    return done


def _seen(batch: Batch, tried: Sequence[Rewriting], since: str) -> list[Rewriting]:
    """Return the rewritings of the tables, as the gate sees them."""
    written = [one.files for one in tried if one.rows is not None and one.linked is None]
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(batch.datamap)
        found = check_unlinkability((one.table for one in written), verifying, since)
    told = {finding.location for finding in found}
    return [
        replace(one, linked=ScrubRefusal.TOLD_APART) if one.files.table.location in told else one
        for one in tried
    ]


def _finish(scrubber: Scrubber, reasons: Counter[str]) -> list[str]:
    """Clear what the tables have in common; return what was reached."""
    finished = []
    acts = dict(zip(_COMMON, (scrubber.rewrite_statistics, scrubber.clear_log), strict=True))
    for place, act in acts.items():
        refusal = act()
        if refusal is None:
            finished.append(place)
        else:
            reasons[f"{place}_{refusal}"] = 1
    return finished


def _record(
    batch: Batch, tried: Sequence[Rewriting], finished: Collection[str], *, waiting: int
) -> None:
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        desk = batch.desk(transaction)
        for one in tried:
            if not one.refusals:
                transaction.scrubs.put(one.files, one.lock_seconds, desk.now)
            if one.linked is None and (one.rows is not None or one.files.is_view):
                desk.record(Action.RENUMBER, one.files.table.location)
            if one.kept is None:
                desk.record(Action.SCRUB, one.files.table.location)
        for place in finished:
            desk.record(Action.SCRUB, place)
        counts = (len(tried), None)
        if not waiting and not any(one.linked for one in tried):
            desk.record(Action.RENUMBER, DATABASE, counts=counts)
        if not (waiting or any(one.kept for one in tried)) and len(finished) == len(_COMMON):
            desk.record(Action.SCRUB, DATABASE, counts=counts)


def renew_statistics(batch: Batch, tables: Collection[TableName], steps: Steps) -> None:
    """Refresh the statistics of tables: whoever may read a table reads them too."""
    if batch.options.mode is Mode.OBSERVE or not tables:
        return
    own = {one.table for one in batch.stores.scrubber.tables(())}
    refused = batch.stores.scrubber.renew_statistics(sorted(own.union(tables)))
    if refused:
        # What they hold is found by the gate.
        steps.add("statistics_refused", counts={"tables": len(refused)})


def tables_changed_by(batch: Batch, requests: Sequence[Request]) -> set[TableName]:
    """Return the tables that the plans of applied requests changed."""
    changed: set[TableName] = set()
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        applied = {one.request_id: one for one in requests if one.state is RequestState.APPLIED}
        for stored in transaction.queue.plans.each(list(applied)):
            changed |= changed_tables(restore(applied[stored.request_id], stored))
    return changed
