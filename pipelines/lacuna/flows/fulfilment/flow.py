"""The fulfilment flow: claimed requests are resolved, planned, applied, verified and closed.

Each stage is a function over one batch, so that Airflow can run it as a task: only the
batch's id passes between them. Every stage is safe to run again. No two stages that change
anything run at once: the command holds one lock for all of them, a task for its own.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from lacuna.datamap import load
from lacuna.errors import DeadlinePassed, PipelineError, VerificationFailed
from lacuna.evidence import DATAMAP, TASK
from lacuna.flows.fulfilment.application import apply_all, forget_gone_mentions
from lacuna.flows.fulfilment.canary_contact import approve_canary, send_canary
from lacuna.flows.fulfilment.changed_plans import renew_plans
from lacuna.flows.fulfilment.completion import finish_effects, level_folders, rewrite_objects
from lacuna.flows.fulfilment.file_scrub import renew_statistics, scrub_files, tables_changed_by
from lacuna.flows.fulfilment.planning import plan_all, renew_by_map
from lacuna.flows.fulfilment.request_closure import close_all
from lacuna.flows.fulfilment.resolution import resolve_all
from lacuna.flows.fulfilment.run_scope import ids_within
from lacuna.flows.fulfilment.verification import verify_all
from lacuna.flows.run.alerts import notify, telling
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.chunks import FLOW, divide, in_chunk, of_chunk, share_of
from lacuna.flows.run.edge import ENDED_ILL
from lacuna.flows.run.failure_causes import causes_of
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.flows.run.restored_rights import put_back
from lacuna.flows.run.steps import Steps
from lacuna.model.queue import FAILURES
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.model.scrub import LOG, STATISTICS
from lacuna.ports import Stores
from lacuna.request import lift_lapsed_holds

_S = RequestState
# What a run can move on; the others wait for a person.
_MOVABLE = (_S.RECEIVED, _S.RESOLVED, _S.APPROVED, _S.APPLIED, _S.VERIFIED)


_A_NIGHT: Final = timedelta(days=1)


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Run all stages in turn; return the number of requests taken.

    Raises:
        DataMapDrift: before any row is read.
        FlowHeld: another run is going on; nothing was done.
        VerificationFailed: a request failed; the others went on.
    """
    with (
        stores.keeping_connections(),
        stores.sharing(PLATFORM),
        stores.exclusive(FLOW),
        telling(stores, options, batch_id, FLOW),
    ):
        taken = 0
        for name, stage in STAGES.items():
            if name not in _OF_TASKS:
                taken = stage(stores, options, batch_id) or taken
    return taken


def stage_of(name: str, chunk: int | None = None) -> Callable[[Stores, RunOptions, str], object]:
    """Return a stage as an orchestrator runs it.

    Args:
        name: one of `STAGES`.
        chunk: the number of a chunk, for a stage over one.
    """
    stage = STAGES[name]
    if chunk is not None:
        return in_chunk(stage, chunk)
    # These two change nothing that a run beside them could.
    return stage if name in ("divide", "conclude") else alone(stage)


def alone(stage: Callable[[Stores, RunOptions, str], object]) -> Callable[..., None]:
    """Return a stage that takes the lock of `run`, for an orchestrator that runs it as a task.

    Between two tasks another run may go on; a request that it claims is its own from then on,
    and the first run's tasks find nothing more to do for it.
    """

    def guarded(stores: Stores, options: RunOptions, batch_id: str) -> None:
        with stores.sharing(PLATFORM), stores.exclusive(FLOW), stores.keeping_connections():
            stage(stores, options, batch_id)

    return guarded


def check_skip(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Check that a night that does nothing leaves nothing behind that is due before the next one.

    Raises:
        DeadlinePassed: requests are; the night must not look like one in which nothing was to be done.
    """
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        by = transaction.queue.requests.overdue(stores.clock.now() + _A_NIGHT)
    if due := [one for one in by if not one.state.is_final]:
        raise DeadlinePassed(
            f"this run begins too late and does nothing. Open requests that are due today: {len(due)}; "
            "trigger gdpr_fulfilment by hand at an hour that suits the platform"
        )


def claim(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check the data map against the live schema, then take requests for this batch.

    Raises:
        DataMapDrift: before any row is read.
        RequestError: the run is limited to requests that are not there.
    """
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    Steps(stores, options, DATAMAP).add("checked", digest=batch.datamap.digest)
    steps = Steps(stores, options, "claim")
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        only = ids_within(transaction, options.scope)
    send_canary(batch, steps)
    states: tuple[RequestState, ...] = _MOVABLE
    if options.approval is ApprovalMode.AUTO:
        states = (*_MOVABLE, _S.PLANNED)
    put = put_back(batch, steps)
    with stores.transaction(Role.PLANNER) as transaction:
        lapsed = lift_lapsed_holds(batch.desk(transaction))
        transaction.queue.requests.open_batch(
            batch_id, "fulfilment", options.run_id, stores.clock.now()
        )
        requests = transaction.queue.requests
        claimed = requests.claim(batch_id, states, options.limit, only, but=put.decided)
        # What waits for an officer takes no place of what can go on.
        outdated = requests.planned_by_another_map(batch.datamap.digest)
        outdated = outdated if only is None else [one for one in outdated if one in only]
        left = options.limit - len(claimed)
        claimed = requests.claim(batch_id, (_S.PLANNED,), left, outdated, but=put.decided)
    counts = {"requests": len(claimed), "lapsed_holds": lapsed, "restored": put.restored}
    steps.add("done", counts=counts)
    return len(claimed)


def resolve_and_plan(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Find out who each request is about, and plan what it needs."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    # What a crash left half-written lies among the objects that are searched now.
    pending = [one.request_id for one in batch.requests()]
    finish_effects(batch, pending, Steps(stores, options, "apply"))
    resolve_all(batch, batch.requests(), Steps(stores, options, "resolve"))
    steps = Steps(stores, options, "plan")
    renew_by_map(batch, batch.requests(), steps)
    plan_all(batch, batch.requests(), steps)
    approve_canary(batch, batch.requests())


def apply_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Apply what was approved of one chunk, but leave the objects that are rewritten."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    steps = Steps(stores, options, "apply")
    requests = of_chunk(stores, batch_id, number)
    apply_all(batch, requests, steps, is_chunk=True)


def rewrite_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Rewrite the objects of one chunk, each once for all requests of the batch."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    ids = [one.request_id for one in batch.requests()]
    steps = Steps(stores, options, "apply")
    is_mine = share_of(stores, batch_id, number)
    rewrite_objects(batch, ids, steps, is_mine)


def apply(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Apply what was approved, and what chunks left."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    steps = Steps(stores, options, "apply")
    apply_all(batch, batch.requests(), steps)
    forget_gone_mentions(batch)
    renew_plans(batch, batch.requests(), steps)
    renew_statistics(batch, tables_changed_by(batch, batch.requests()), steps)


def verify(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Search again, by other means, for what was applied."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    verify_all(batch, batch.requests(), Steps(stores, options, "verify"))


def close_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Do what `close` does for the verified requests of one chunk."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    verified = [
        one for one in of_chunk(stores, batch_id, number) if one.state is RequestState.VERIFIED
    ]
    close_all(batch, verified, Steps(stores, options, "close"), is_chunk=True)


def close(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Issue certificates for verified requests, and forget what was kept for them."""
    batch = Batch.open(stores, options, batch_id, flow=FLOW)
    steps = Steps(stores, options, "close")
    requests = batch.requests()
    close_all(batch, requests, steps)
    if requests:
        level_folders(batch, steps)


def scrub(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Take what was erased out of the database's files, where its tables may be locked now."""
    scrub_files(Batch.open(stores, options, batch_id, flow=FLOW), Steps(stores, options, "scrub"))


def conclude(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Say how the batch ended, to the officers too.

    Raises:
        VerificationFailed: at least one request failed: the run must end red.
        DependencyUnreachable: an officer could not be told what is new.
    """
    steps = Steps(stores, options, "verdict")
    with stores.transaction(Role.PLANNER) as transaction:
        requests = transaction.queue.requests.of_batch(batch_id)
        obstacles = [transaction.queue.requests.obstacle(one.request_id) for one in requests]
    failed = sum(obstacle in FAILURES for obstacle in obstacles)
    closed = sum(one.state.is_final for one in requests)
    error: PipelineError | None = None
    if failed:
        causes = causes_of(requests, obstacles, stores.run_log.read(options.run_id))
        error = VerificationFailed(f"{failed} of {len(requests)} requests failed. {causes}")
    steps.add(
        "failed" if failed else "done",
        counts={
            "requests": len(requests),
            "closed": closed,
            "failed": failed,
            **_unscrubbed(stores, options),
        },
        error=error,
    )
    is_red = error is not None or _has_failed_task(stores, options)
    untold = notify(stores, options, batch_id, red="fulfilment" if is_red else None)
    if error is not None:
        raise error
    if untold is not None:
        raise untold


def _unscrubbed(stores: Stores, options: RunOptions) -> dict[str, int]:
    """Return how many tables wait for a scrub, and how many of the places that all have in common.

    Asked of the database, since a scrub that did not run left no line.
    """
    if options.mode is Mode.OBSERVE:
        return {}
    tables = stores.scrubber.tables(load(stores.datamap_path).schemas)
    counts = {"tables_waiting": sum(one.is_due for one in tables)}
    said = [line for line in stores.run_log.read(options.run_id) if line.step == "scrub"]
    if said and said[-1].outcome == "scrub_unfinished":
        reasons = (name for name, _ in said[-1].counts)
        common = sum(name.startswith((STATISTICS, LOG)) for name in reasons)
        counts |= {"common_waiting": common} if common else {}
    return {name: count for name, count in counts.items() if count}


def _has_failed_task(stores: Stores, options: RunOptions) -> bool:
    """Whether a task of this run failed at its last try: the orchestrator's verdict will be red."""
    last = {
        (line.task.task_id, line.task.map_index): line.outcome
        for line in stores.run_log.read(options.run_id)
        if line.step == TASK and line.task is not None
    }
    own = options.task
    others = [
        outcome
        for task, outcome in last.items()
        if own is None or task != (own.task_id, own.map_index)
    ]
    return any(outcome in ENDED_ILL for outcome in others)


STAGES: Final[dict[str, Callable[..., Any]]] = {
    one.__name__: one
    for one in (
        claim,
        resolve_and_plan,
        divide,
        apply_chunk,
        rewrite_chunk,
        apply,
        verify,
        close_chunk,
        close,
        scrub,
        conclude,
    )
}
"""All stages by name, in their order; the first returns how many requests it took, the others None."""
_OF_TASKS: Final = frozenset({"divide", "apply_chunk", "rewrite_chunk", "close_chunk"})
"""What an orchestrator alone needs: a run does a batch in one."""
