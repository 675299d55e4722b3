"""The fulfilment flow: claimed requests are resolved, planned, applied, verified and closed.

Each stage is a function over one batch, so that Airflow can run it as a task: only the
batch's id passes between them. Every stage is safe to run again. No two stages that change
anything run at once: the command holds one lock for all of them, a task for its own.
"""

from collections.abc import Callable

from lacuna.datamap import load
from lacuna.errors import PipelineError, VerificationFailed
from lacuna.evidence import DATAMAP, TASK
from lacuna.flows.fulfilment.application import Applier
from lacuna.flows.fulfilment.bundles import Bundler
from lacuna.flows.fulfilment.canary_contact import approve_canary, send_canary
from lacuna.flows.fulfilment.closure import close_all
from lacuna.flows.fulfilment.completion import Finisher
from lacuna.flows.fulfilment.file_scrub import renew_statistics, tables_changed_by
from lacuna.flows.fulfilment.file_scrub import scrub as scrub_files
from lacuna.flows.fulfilment.planning import Planner
from lacuna.flows.fulfilment.restored_rights import put_back
from lacuna.flows.fulfilment.verification import verify_all
from lacuna.flows.run.alerts import notify, telling
from lacuna.flows.run.chunks import FLOW, divide, in_chunk, of_chunk, share_of
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.steps import Steps
from lacuna.model.queue import FAILURES
from lacuna.model.request import Request, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.model.scrub import LOG, STATISTICS
from lacuna.ports import Stores
from lacuna.request import lift_lapsed_holds

_S = RequestState
# What a run can move on; the others wait for a person.
_MOVABLE = (_S.RECEIVED, _S.RESOLVED, _S.APPROVED, _S.APPLIED, _S.VERIFIED)


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Run all stages in turn; return the number of requests taken.

    Raises:
        DataMapDrift: before any row is read.
        RequestError: another run is going on; nothing was done.
        VerificationFailed: a request failed; the others went on.
    """
    with stores.keeping_connections(), stores.exclusive(FLOW):
        return _run(stores, options, batch_id)


@telling("fulfilment")
def _run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    taken = claim(stores, options, batch_id)
    for stage in (resolve_and_plan, apply, verify, close, scrub, conclude):
        stage(stores, options, batch_id)
    return taken


def alone(stage: Callable[[Stores, RunOptions, str], object]) -> Callable[..., None]:
    """Return a stage that takes the lock of `run`, for an orchestrator that runs it as a task.

    Between two tasks another run may go on; a request that it claims is its own from then on,
    and the first run's tasks find nothing more to do for it.
    """

    def guarded(stores: Stores, options: RunOptions, batch_id: str) -> None:
        with stores.exclusive(FLOW), stores.keeping_connections():
            stage(stores, options, batch_id)

    return guarded


def stage_of(name: str, chunk: int | None = None) -> Callable[[Stores, RunOptions, str], object]:
    """Return a stage as an orchestrator runs it.

    Args:
        name: of a stage of `run`, or `divide`.
        chunk: the number of a chunk, for `apply`, `rewrite` and `close` over it alone.
    """
    if chunk is not None:
        in_chunks = {"apply": apply_chunk, "rewrite": rewrite_chunk, "close": close_chunk}
        return in_chunk(in_chunks[name], chunk)
    stages: dict[str, Callable[[Stores, RunOptions, str], object]] = {
        "claim": claim,
        "resolve_and_plan": resolve_and_plan,
        "apply": apply,
        "verify": verify,
        "close": close,
        "scrub": scrub,
    }
    if name in stages:
        return alone(stages[name])
    return {"divide": divide, "conclude": conclude}[name]


def claim(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Check the data map against the live schema, then take requests for this batch."""
    planner = _planner(stores, options, batch_id)
    Steps(stores, options, DATAMAP).add("checked", digest=planner.datamap.digest)
    steps = Steps(stores, options, "claim")
    send_canary(planner, steps)
    states: tuple[RequestState, ...] = _MOVABLE
    if options.approval is ApprovalMode.AUTO:
        states = (*_MOVABLE, _S.PLANNED)
    put = put_back(planner, steps)
    with stores.transaction(Role.PLANNER) as transaction:
        lapsed = lift_lapsed_holds(planner.desk(transaction))
        transaction.queue.open_batch(batch_id, "fulfilment", options.run_id, stores.clock.now())
        claimed = transaction.queue.claim(batch_id, states, options.limit, but=put.decided)
    counts = {"requests": len(claimed), "lapsed_holds": lapsed, "restored": put.restored}
    steps.add("done", counts=counts)
    return len(claimed)


def resolve_and_plan(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Find out who each request is about, and plan what it needs."""
    planner = _planner(stores, options, batch_id)
    # What a crash left half-written lies among the objects that are searched now.
    pending = [one.request_id for one in _requests(stores, batch_id)]
    Finisher(planner).finish_effects(pending, Steps(stores, options, "apply"))
    planner.resolve_all(_requests(stores, batch_id), Steps(stores, options, "resolve"))
    planner.plan_all(_requests(stores, batch_id), Steps(stores, options, "plan"))
    approve_canary(planner, _requests(stores, batch_id))


def apply_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Apply what was approved of one chunk, but leave the objects that are written anew."""
    planner = _planner(stores, options, batch_id)
    steps = Steps(stores, options, "apply")
    requests = of_chunk(stores, batch_id, number)
    Applier(planner, Bundler(planner)).apply_all(requests, steps, is_chunk=True)


def rewrite_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Write the objects of one chunk anew, each once for all requests of the batch."""
    planner = _planner(stores, options, batch_id)
    ids = [one.request_id for one in _requests(stores, batch_id)]
    steps = Steps(stores, options, "apply")
    is_mine = share_of(stores, batch_id, number)
    Finisher(planner).rewrite_objects(ids, steps, is_mine)


def apply(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Apply what was approved, and what chunks left."""
    planner = _planner(stores, options, batch_id)
    steps = Steps(stores, options, "apply")
    applier = Applier(planner, Bundler(planner))
    applier.apply_all(_requests(stores, batch_id), steps)
    applier.renew_plans(_requests(stores, batch_id), steps)
    renew_statistics(planner, tables_changed_by(planner, _requests(stores, batch_id)), steps)


def verify(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Search again, by other means, for what was applied."""
    planner = _planner(stores, options, batch_id)
    verify_all(planner, _requests(stores, batch_id), Steps(stores, options, "verify"))


def close_chunk(stores: Stores, options: RunOptions, batch_id: str, number: int) -> None:
    """Do what `close` does for the verified requests of one chunk."""
    planner = _planner(stores, options, batch_id)
    verified = [
        one for one in of_chunk(stores, batch_id, number) if one.state is RequestState.VERIFIED
    ]
    close_all(planner, verified, Steps(stores, options, "close"), is_chunk=True)


def close(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Issue certificates for verified requests, and forget what was kept for them."""
    planner = _planner(stores, options, batch_id)
    steps = Steps(stores, options, "close")
    requests = _requests(stores, batch_id)
    close_all(planner, requests, steps)
    if requests:
        Finisher(planner).level_folders(steps)


def scrub(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Take what was erased out of the database's files, where its tables may be locked now."""
    scrub_files(_planner(stores, options, batch_id), Steps(stores, options, "scrub"))


def conclude(stores: Stores, options: RunOptions, batch_id: str) -> None:
    """Say how the batch ended, to the officers too.

    Raises:
        VerificationFailed: at least one request failed: the run must end red.
        DependencyUnreachable: an officer could not be told what is new.
    """
    steps = Steps(stores, options, "verdict")
    with stores.transaction(Role.PLANNER) as transaction:
        requests = transaction.queue.of_batch(batch_id)
        obstacles = [transaction.queue.obstacle(one.request_id) for one in requests]
    failed = sum(obstacle in FAILURES for obstacle in obstacles)
    closed = sum(one.state.is_final for one in requests)
    error: PipelineError | None = None
    if failed:
        error = VerificationFailed(
            f"{failed} of {len(requests)} requests failed; see lacuna request list and "
            f"{stores.run_log.path(options.run_id).name}"
        )
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
    return "failed" in last.values()


def _planner(stores: Stores, options: RunOptions, batch_id: str) -> Planner:
    return Planner(stores, options, open_datamap(stores), batch_id)


def _requests(stores: Stores, batch_id: str) -> list[Request]:
    with stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.of_batch(batch_id)
