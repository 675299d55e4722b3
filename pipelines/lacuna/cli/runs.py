"""Commands that run a flow now, without Airflow: the same function as the DAG."""

import importlib
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from lacuna.cli.arguments import AnyRequestId, OnlyRequest, PrintJson
from lacuna.cli.failures import told_once
from lacuna.cli.next_commands import some_of, waiting_lines
from lacuna.cli.output import say, show_json, show_table
from lacuna.errors import ConfigurationError, PipelineError, RequestError
from lacuna.flows.fulfilment import examine
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.edge import NamedRun, carry
from lacuna.model.request import Request, RequestState
from lacuna.model.restatement import Reason, Restatement, RestatementScope
from lacuna.model.run import Role, RunOptions, RunScope
from lacuna.ports import Stores
from lacuna.wiring import OPENERS, open_stores, run_options


class Flow(StrEnum):
    """The flows."""

    INTAKE = "intake"
    FULFILMENT = "fulfilment"
    SWEEP = "sweep"
    REPORTING = "reporting"
    SEAL = "seal"
    DEADLINES = "deadlines"


def run(
    flow: Annotated[Flow, typer.Argument(help="Flow to run.")],
    from_: Annotated[
        str | None,
        typer.Option("--from", help="Reporting only: close all past periods since this date."),
    ] = None,
    restate: Annotated[
        str | None,
        typer.Option(
            help="Reporting only: replace the sealed weeks of this day, week, month or range "
            "with a new version."
        ),
    ] = None,
    org: Annotated[
        str | None,
        typer.Option(
            help="Fulfilment: take requests of this tenant only. With --restate: the tenant."
        ),
    ] = None,
    request: OnlyRequest = None,
    is_dry: Annotated[
        bool,
        typer.Option("--dry-run", help="Fulfilment and sweep: change nothing in the platform."),
    ] = False,
    reason: Annotated[Reason | None, typer.Option(help="With --restate: why.")] = None,
    as_json: PrintJson = False,
) -> None:
    """Run one flow now. Exit 1 if any part fails."""
    if (from_ or restate) is not None and flow is not Flow.REPORTING:
        raise typer.BadParameter("--from and --restate are options of reporting")
    is_limited = request is not None or (org is not None and restate is None)
    if is_limited and flow is not Flow.FULFILMENT:
        raise typer.BadParameter("--request and --org limit a fulfilment")
    if is_dry and flow not in (Flow.FULFILMENT, Flow.SWEEP):
        raise typer.BadParameter("--dry-run is an option of fulfilment and sweep")
    if restate is not None:
        if from_ is not None or org is None or reason is None:
            raise typer.BadParameter("--restate needs --org and --reason, and excludes --from")
        _restate(RestatementScope(org, restate, reason), as_json=as_json)
        return
    if org is not None:
        _require_tenant(org)
    scope = RunScope(is_dry, org, request, _day(from_))
    batch_id = str(uuid.uuid4())
    opened: list[tuple[Stores, RunOptions]] = []

    def work(stores: Stores, options: RunOptions, batch_id: str) -> None:
        opened.append((stores, options))
        importlib.import_module(f"lacuna.flows.{flow}").run(stores, options, batch_id)

    error: PipelineError | None = None
    try:
        options_of = partial(run_options, scope=scope)
        with told_once():
            carry(work, OPENERS, options_of, NamedRun(f"{flow}-{batch_id}", batch_id))
    except PipelineError as caught:
        if not opened:
            raise
        error = caught
    ((stores, options),) = opened
    path = stores.run_log.path(options.run_id)
    closed = _closed_by(batch_id, stores)
    if as_json:
        show_json(
            {
                "flow": flow,
                "batch_id": batch_id,
                "mode": options.mode,
                "passed": error is None,
                "closed": [one.number for one in closed],
            }
        )
    else:
        say(
            f"{flow} {'completed' if error is None else 'failed'} in mode {options.mode}. Run "
            f"log: {path}"
        )
        if flow in (Flow.FULFILMENT, Flow.SWEEP):
            _say_what_closed(closed)
            _say_who_waits(stores)
            if any(one.state is not RequestState.WITHDRAWN for one in closed):
                say("Next: lacuna run seal, which issues the certificates.")
    if error is not None:
        raise error


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError("--from needs a date such as 2026-01-31") from None


def _require_tenant(org: str) -> None:
    from lacuna.flows.intake import submission_check_of

    submission_check_of(open_stores()).require_tenant(org)


def _closed_by(batch_id: str, stores: Stores) -> list[Request]:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.of_batch(batch_id)
    return sorted((one for one in found if one.state.is_final), key=lambda one: one.number)


def _say_what_closed(closed: Sequence[Request]) -> None:
    for state in dict.fromkeys(one.state for one in closed):
        numbers = [one.number for one in closed if one.state is state]
        say(f"Closed as {state}: {some_of(numbers)}")


def _say_who_waits(stores: Stores) -> None:
    """Name what open requests wait for: a run that is done may leave some to a person."""
    states = [state for state in RequestState if not state.is_final]
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        waiting = [
            (request, obstacle)
            for request in transaction.queue.requests.in_states(states)
            if (obstacle := transaction.queue.requests.obstacle(request.request_id)) is not None
        ]
        lines = list(waiting_lines(waiting, transaction))
    if waiting:
        counted = Counter(obstacle for _, obstacle in waiting)
        what = ", ".join(f"{obstacle} {count}" for obstacle, count in sorted(counted.items()))
        say(f"Waiting requests: {len(waiting)} ({what}). See lacuna request list.")
        for line in lines:
            say(line)


def _restate(asked: RestatementScope, *, as_json: bool) -> None:
    """Work a restatement out and carry it out if it is approved; say how to approve it if not."""
    from lacuna.flows.reporting import run_restatement

    _require_tenant(asked.org_id)
    found: list[tuple[Restatement, bool]] = []

    def work(stores: Stores, options: RunOptions, _: str) -> None:
        found.append(run_restatement(stores, options, asked))

    batch_id = str(uuid.uuid4())
    with told_once():
        carry(work, OPENERS, run_options, NamedRun(f"restate-{batch_id}", batch_id))
    ((drawn, done),) = found
    if as_json:
        show_json({"rule": drawn.name, "digest": drawn.digest, "restated": done})
        return
    say(
        f"{drawn.name}: {drawn.corrected} rows corrected in {len(drawn.replacements)} periods, "
        f"{drawn.kept} rows unchanged; digest {drawn.digest}"
    )
    if done:
        say("The new version replaced the sealed one.")
    else:
        say(
            "Nothing changed. Approve the restatement, then run it again in mode act: lacuna "
            f"rule approve {drawn.name} --digest {drawn.digest} --as USER"
        )


def verify(
    request_id: AnyRequestId = None,
    every: Annotated[bool, typer.Option("--all", help="Verify all applied requests.")] = False,
    as_json: PrintJson = False,
) -> None:
    """Run the gates without changing anything. Exit 1 if there are findings."""
    stores = open_stores()
    batch = Batch.open(stores, run_options("verify"), flow="fulfilment")
    with stores.transaction(Role.PLANNER) as transaction:
        if every:
            found = transaction.queue.requests.in_states(
                (RequestState.APPLIED, RequestState.VERIFIED)
            )
        elif request_id is not None:
            found = [transaction.queue.requests.get(request_id)]
        else:
            raise typer.BadParameter("give the number of a request, or --all")
    unapplied = [
        one for one in found if one.state not in (RequestState.APPLIED, RequestState.VERIFIED)
    ]
    if unapplied and unapplied[0].state is RequestState.COMPLETED:
        raise RequestError(
            f"{unapplied[0].number} is completed, and the person's values are deleted. Verify "
            "its certificate: lacuna evidence verify FILE."
        )
    if unapplied:
        raise RequestError(
            f"{unapplied[0].number} is {unapplied[0].state}; only an applied request can be "
            "verified, because its values are still known"
        )
    results = []
    for kind in dict.fromkeys(one.person_kind for one in found):
        alike = [one for one in found if one.person_kind == kind]
        results += examine(batch.of(alike[0]), alike)
    findings = [finding for result in results for finding in result.findings]
    opaque = sorted({place for result in results for place in result.opaque})
    unnamed = sorted({group for result in results for group in result.unnamed})
    if as_json:
        show_json(
            {
                "passed": not findings,
                "findings": [
                    {"gate": one.gate, "location": one.location, "count": one.count}
                    for one in findings
                ],
                "opaque": opaque,
                "unnamed": unnamed,
            }
        )
    else:
        show_table(
            f"Findings in {len(results)} requests",
            ("gate", "place", "count"),
            ((one.gate, one.location, str(one.count)) for one in findings),
        )
        say("passed" if not findings else "failed")
    if findings:
        raise typer.Exit(1)
