"""Records in the ledger what the step lines of runs say, so that certificates can rest on them."""

import hashlib

from pipelines.evidence import RECORDED_AT, TASK, TASK_LOG, RunRecord, first_lines, line_count
from pipelines.model.evidence import Action, Leaf
from pipelines.model.run import Role, StepLine
from pipelines.ports import Desk, Stores, Transaction


def record_runs(stores: Stores, batch_id: str) -> int:
    """Record the step lines of every run that wrote to the ledger since the seal before the last.

    The last seal is one of them: it could not record itself. A run that is going on is recorded as far as it is, and again at the next seal if it wrote more.
    The digests of the orchestrator's logs of its tasks become lines of it first: a task cannot
    know the digest of the log that it writes.

    Args:
        batch_id: of the seal. What it writes itself is recorded by the next one.

    Returns:
        How many runs were recorded.
    """
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        fresh = transaction.ledger.recent_batches()
        runs = {each: transaction.queue.run_of(each)[1] for each in fresh if each != batch_id}
    count = 0
    for worked, run_id in runs.items():
        _add_logs(stores, run_id)
        lines = stores.run_log.lines_of(run_id)
        covered = line_count(lines)
        digest = hashlib.sha256(first_lines(lines, covered)).hexdigest()
        with stores.transaction(Role.PLANNER) as transaction:
            last = _last_record(transaction, worked)
            if not covered or (last is not None and last.entry.digest == digest):
                continue
            now = stores.clock.now()
            Desk(
                transaction.queue, transaction.ledger, stores.keys, now, "flow:seal", worked
            ).record(Action.RUN_RECORDED, RECORDED_AT, counts=(covered, None), digest=digest)
        count += 1
    return count


def recorded_run(batch_id: str, transaction: Transaction, stores: Stores) -> RunRecord | None:
    """Return the run of a batch as the ledger names it; None where no line of it was recorded."""
    entry = _last_record(transaction, batch_id)
    if entry is None or entry.entry.rows is None:
        return None
    flow, run_id = transaction.queue.run_of(batch_id)
    lines = first_lines(stores.run_log.lines_of(run_id), entry.entry.rows)
    return RunRecord(flow, run_id, lines, entry)


def _last_record(transaction: Transaction, batch_id: str) -> Leaf | None:
    return transaction.ledger.last_of_batch(Action.RUN_RECORDED, batch_id)


def _add_logs(stores: Stores, run_id: str) -> None:
    """Add a line for each log of a task's try that has ended and has none yet."""
    lines = stores.run_log.read(run_id)
    told = {line.task for line in lines if line.step == TASK_LOG}
    for line in lines:
        if line.step != TASK or line.outcome == "began" or line.task is None or line.task in told:
            continue
        found = stores.run_log.log_of(run_id, line.task)
        if found is None:
            continue
        octets, digest = found
        stores.run_log.add(
            run_id,
            StepLine(
                TASK_LOG,
                "kept",
                counts=(("octets", octets),),
                digest=digest,
                at=stores.clock.now(),
                task=line.task,
            ),
        )
