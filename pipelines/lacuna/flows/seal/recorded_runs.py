"""Records in the ledger what the step lines of runs say, so that certificates can rest on them."""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    BEGAN,
    RECORDED_AT,
    TASK,
    TASK_LOG,
    RunRecord,
    first_lines,
    line_count,
    lines_after_the_end,
)
from lacuna.model.evidence import Action, Leaf
from lacuna.model.run import Role, StepLine
from lacuna.ports import Desk, Stores, Transaction

NIGHTLY: Final = ("intake", "fulfilment", "sweep", "reporting", "deadlines", "seal")
"""The flows whose schedules start them at least once a day."""

_FLOW: Final = re.compile(r"(?:gdpr_)?(?P<flow>[a-z]+)[.-]")
_UNKNOWN: Final = uuid.UUID("0d0a5f2e-8c2e-4b7c-9f5b-6a1e8f3c4d21")
"""Namespace of the batches of runs that opened none."""


@dataclass(frozen=True)
class RecordedRuns:
    """What a seal recorded of runs.

    Attributes:
        count: how many were recorded.
        added_to: flow and id of those that somebody added lines to after their end.
    """

    count: int
    added_to: tuple[tuple[str, str], ...]


def record_runs(stores: Stores, batch_id: str) -> RecordedRuns:
    """Record the step lines of every run that may have written some since the seal before the last.

    The last seal is one of them: it could not record itself. A run of which the database knows
    nothing, since it did not come that far, gets a batch. A run that is going on is recorded as
    far as it is, and again at the next seal if it wrote more.
    The digests of the orchestrator's logs of its tasks become lines of it first: a task cannot
    know the digest of the log that it writes. What was added after a run's end is recorded by no
    seal, nor what follows it.

    Args:
        batch_id: of the seal. What it writes itself is recorded by the next one.

    Raises:
        EvidenceBroken: lines that an earlier seal recorded are not there as they were.
    """
    with stores.transaction(Role.PLANNER) as transaction:
        opened = _open_unknown(stores, transaction)
        # Whatever time the lines of the latter name.
        fresh = dict.fromkeys([*transaction.ledger.recent_batches(), *opened])
        runs = {each: transaction.queue.requests.run_of(each) for each in fresh if each != batch_id}
        batches: dict[str, set[str]] = defaultdict(set)
        for worked, (_, run_id) in runs.items():
            # One that opened a batch after it was given one has two.
            batches[run_id] |= {worked, _batch_of(run_id)}
        vouched = {run_id: _vouched(transaction, of) for run_id, of in batches.items()}
    count, added_to = 0, {}
    for worked, (flow, run_id) in runs.items():
        if not lines_after_the_end(stores.run_log.lines_of(run_id), vouched[run_id]):
            _add_logs(stores, run_id)
        lines = stores.run_log.lines_of(run_id)
        strays = lines_after_the_end(lines, vouched[run_id])
        if strays:
            added_to[run_id] = flow
        covered = min([line_count(lines), *strays])
        digest = hashlib.sha256(first_lines(lines, covered)).hexdigest()
        with stores.transaction(Role.SEALER) as transaction:
            last = _last_record(transaction, worked)
            if last is not None:
                _require_lines(lines, run_id, last)
            if not covered or (last is not None and last.entry.digest == digest):
                continue
            now = stores.clock.now()
            Desk(
                transaction.queue, transaction.ledger, stores.keys, now, "flow:seal", worked
            ).record(Action.RUN_RECORDED, RECORDED_AT, counts=(covered, None), digest=digest)
        count += 1
    return RecordedRuns(count, tuple((flow, run_id) for run_id, flow in added_to.items()))


def _vouched(transaction: Transaction, batch_ids: Collection[str]) -> int:
    """Return how many lines of a run the ledger vouches for, by all its batches."""
    records = (_last_record(transaction, each) for each in batch_ids)
    return max((each.entry.rows or 0 for each in records if each is not None), default=0)


def _open_unknown(stores: Stores, transaction: Transaction) -> list[str]:
    """Give a batch to each run that left lines and has none; return those that no seal recorded yet.

    So the ledger can name them. A file that is no run's own is left: `strange_runs` tells of it.
    """
    known = {run_id for _, run_id, _ in transaction.queue.requests.runs_since(None)}
    left = stores.run_log.runs()
    for run_id in left:
        if run_id in known or not stores.run_log.is_own(run_id):
            continue
        found = _FLOW.match(run_id)
        flow = found["flow"] if found and found["flow"] in NIGHTLY else "other"
        times = (line.at for line in stores.run_log.read(run_id))
        began = next((at for at in times if at is not None), stores.clock.now())
        transaction.queue.requests.open_batch(_batch_of(run_id), flow, run_id, began)
    return transaction.ledger.unrecorded([_batch_of(run_id) for run_id in left])


def _batch_of(run_id: str) -> str:
    """Return the batch of a run that opened none itself."""
    return str(uuid.uuid5(_UNKNOWN, run_id))


def strange_runs(stores: Stores, transaction: Transaction) -> list[str]:
    """Return the names of files among the step lines that are no run's.

    The lines name another run, as a copied file's do, or none, and the database knows of no run with
    that name.
    """
    known = {run_id for _, run_id, _ in transaction.queue.requests.runs_since(None)}
    log = stores.run_log
    return [run_id for run_id in log.runs() if run_id not in known and not log.is_own(run_id)]


def check_runs(stores: Stores) -> int:
    """Compare the step lines of every recorded run with what the ledger says of them.

    Returns:
        How many runs were compared.

    Raises:
        EvidenceBroken: names the first run whose lines were changed, cut or removed, or that has
            lines after its end, and says how many there are.
    """
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        records: dict[str, list[Leaf]] = defaultdict(list)
        for leaf in transaction.ledger.outcomes(Action.RUN_RECORDED, after=-1):
            if leaf.entry.batch_id is not None:
                records[leaf.entry.batch_id].append(leaf)
        runs = {batch_id: transaction.queue.requests.run_of(batch_id)[1] for batch_id in records}
        strange = strange_runs(stores, transaction)
    broken: dict[str, EvidenceBroken] = {}
    vouched: dict[str, int] = defaultdict(int)
    for batch_id, run_id in runs.items():
        vouched[run_id] = max(
            vouched[run_id], *(leaf.entry.rows or 0 for leaf in records[batch_id])
        )
        lines = stores.run_log.lines_of(run_id)
        try:
            for leaf in records[batch_id]:
                _require_lines(lines, run_id, leaf)
        except EvidenceBroken as error:
            broken.setdefault(run_id, error)
    for run_id, count in vouched.items():
        strays = lines_after_the_end(stores.run_log.lines_of(run_id), count)
        if strays and run_id not in broken:
            broken[run_id] = _added(run_id, strays)
    if broken:
        others = f"; also {len(broken) - 1} other runs" if len(broken) > 1 else ""
        raise EvidenceBroken(f"{next(iter(broken.values()))}{others}")
    if strange:
        raise EvidenceBroken(
            f"{RECORDED_AT}: {len(strange)} files belong to no run, because their lines name "
            f"another run or none (first: {strange[0]}.jsonl). Find out who put them there, then "
            "remove them"
        )
    return len(set(runs.values()))


def _require_lines(lines: bytes, run_id: str, record: Leaf) -> None:
    count = record.entry.rows or 0
    if hashlib.sha256(first_lines(lines, count)).hexdigest() == record.entry.digest:
        return
    said = (
        f"the first {count} lines differ from those"
        if lines
        else f"the file is missing; it had {count} lines"
    )
    raise EvidenceBroken(
        f"{RECORDED_AT}/{run_id}.jsonl: {said} that the ledger names at position "
        f"{record.position}. Stop all processing and compare with a backup"
    )


def _added(run_id: str, strays: list[int]) -> EvidenceBroken:
    return EvidenceBroken(
        f"{RECORDED_AT}/{run_id}.jsonl: {len(strays)} lines follow the end of their run or task, "
        f"and no ledger entry names them (first: line {strays[0] + 1}). Find out who wrote them, "
        "then remove them"
    )


def recorded_run(batch_id: str, transaction: Transaction, stores: Stores) -> RunRecord | None:
    """Return the run of a batch as the ledger names it; None where no line of it was recorded."""
    entry = _last_record(transaction, batch_id)
    if entry is None or entry.entry.rows is None:
        return None
    flow, run_id = transaction.queue.requests.run_of(batch_id)
    lines = first_lines(stores.run_log.lines_of(run_id), entry.entry.rows)
    return RunRecord(flow, run_id, lines, entry)


def _last_record(transaction: Transaction, batch_id: str) -> Leaf | None:
    return transaction.ledger.last_of_batch(Action.RUN_RECORDED, batch_id)


def _add_logs(stores: Stores, run_id: str) -> None:
    """Add a line for each log of a task's try that has ended and has none yet."""
    lines = stores.run_log.read(run_id)
    told = {line.task for line in lines if line.step == TASK_LOG}
    for line in lines:
        if line.step != TASK or line.outcome == BEGAN or line.task is None or line.task in told:
            continue
        found = stores.run_log.log_of(run_id, line.task)
        if found is None:
            continue
        told.add(line.task)
        byte_count, digest = found
        stores.run_log.add(
            run_id,
            StepLine(
                TASK_LOG,
                "kept",
                counts=(("bytes", byte_count),),
                digest=digest,
                at=stores.clock.now(),
                task=line.task,
            ),
        )
