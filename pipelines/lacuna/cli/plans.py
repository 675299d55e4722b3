"""`lacuna plan`: the dry run of a request, or of several."""

from dataclasses import replace
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, RequestIds, as_named
from lacuna.cli.next_commands import how_to_go_on, officer_of
from lacuna.cli.output import complain, is_terminal, say, show_json
from lacuna.cli.plan_output import SeenRequest, approval_lines, brief_lines, plan_document, whole
from lacuna.errors import PipelineError, RequestError
from lacuna.flows.fulfilment import locks_of, locks_of_all, rehearse, would_be_plan
from lacuna.flows.run.batch import Batch
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores, run_options


def plan(
    request_ids: RequestIds,
    is_tried: Annotated[
        bool,
        typer.Option(
            "--try", help="Also run each plan on the database in a transaction that is rolled back."
        ),
    ] = False,
    has_steps: Annotated[
        bool,
        typer.Option(
            "--steps",
            help="Print every step with its columns, the digest and what a scrub locks. Another "
            "program that reads one plan gets them anyway.",
        ),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Show the dry run: what changes, counts, and what is retained and why. Changes nothing."""
    stores = open_stores()
    batch = replace(Batch.open(stores, run_options("plan"), flow="fulfilment"), is_dry=True)
    is_one = len(request_ids) == 1
    seen: list[SeenRequest] = []
    errors: list[PipelineError] = []
    for request_id in request_ids:
        try:
            seen.append(_seen(batch, stores, request_id, is_tried=is_tried))
        except PipelineError as error:
            if is_one:
                raise
            errors.append(error)
    if as_json:
        documents = [plan_document(one) for one in seen]
        show_json(documents[0] if is_one else documents)
    elif seen:
        plans = [restore(one.request, one.plan) for one in seen]
        if has_steps or (is_one and not is_terminal()):
            for one, planned in zip(seen, plans, strict=True):
                say(whole(one, planned, locks_of(batch, planned)))
        else:
            for line in brief_lines(seen, plans, locks_of_all(batch, plans)):
                say(line)
        for line in approval_lines(seen):
            say(line)
    for other in errors[:-1]:
        complain(as_named(str(other)))
    if errors:
        raise errors[-1]


def _seen(batch: Batch, stores: OpenedStores, request_id: str, *, is_tried: bool) -> SeenRequest:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.get(request_id)
        obstacle = transaction.queue.requests.obstacle(request_id)
        officer = officer_of(found.org_id, transaction)
    shown = would_be_plan(batch, request_id)
    if shown is None:
        raise RequestError(
            f"{found.number}: there is no plan; the request is {found.state}"
            + (
                f" and waits ({obstacle}). {how_to_go_on(obstacle, [found.number], officer)}"
                if obstacle
                else ""
            )
        )
    tried = rehearse(batch, request_id) if is_tried else None
    return SeenRequest(found, shown, officer, tried)
