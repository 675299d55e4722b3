"""`lacuna plan`: the dry run of a request."""

import json
from dataclasses import replace
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, RequestId
from lacuna.cli.next_commands import approval_command, how_to_go_on, officer_of
from lacuna.cli.output import say, show_json
from lacuna.errors import RequestError
from lacuna.flows.fulfilment import TriedErasure, locks_of, rehearse, would_be_plan
from lacuna.flows.run.batch import Batch
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.wiring import open_stores, run_options


def plan(
    request_id: RequestId,
    is_tried: Annotated[
        bool,
        typer.Option(
            "--try", help="Also run the plan on the database in a transaction that is rolled back."
        ),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Show the dry run: all steps, counts, and what is retained and why. Changes nothing."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.get(request_id)
        obstacle = transaction.queue.requests.obstacle(request_id)
        officer = officer_of(found.org_id, transaction)
    batch = replace(
        Batch.open(stores, run_options(f"plan-{request_id}"), flow="fulfilment"), is_dry=True
    )
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
    is_stored = found.plan_digest == shown.digest
    if as_json:
        show_json(
            {
                "request_id": request_id,
                "number": found.number,
                "digest": shown.digest,
                "stored": is_stored,
                "steps": json.loads(shown.steps),
                **({} if tried is None else _tried_as_json(tried)),
            }
        )
        return
    planned = restore(found, shown)
    locks = locks_of(batch, planned)
    say(f"Request {found.number}\n{shown.readable}Digest: {shown.digest}\n{locks}")
    if not is_stored:
        say(
            f"The request is {found.state}. Run lacuna run fulfilment to store this plan for "
            "approval."
        )
    if tried is not None:
        planned_rows = _of_planned(tried.rows, planned.total_rows)
        say(f"Tried on the database and rolled back: {planned_rows}{_that_stay(tried)}")
    if is_stored and found.state is RequestState.PLANNED:
        say(f"Approve it: {approval_command(found, shown.digest, officer)}")


def _tried_as_json(tried: TriedErasure) -> dict[str, object]:
    return {
        "tried_rows": tried.rows,
        "unchanged_texts": {
            str(one.column): {"unchanged": one.unchanged, "read": one.read}
            for one in tried.unchanged
        },
    }


def _that_stay(tried: TriedErasure) -> str:
    """Return in which columns own texts stay as they are: whoever knows the data sees what is odd."""
    if not tried.unchanged:
        return ""
    lines = [f"  {one.column}: {one.unchanged} of {one.read}" for one in tried.unchanged]
    return "\n".join(
        ["\nTexts of the person in which nothing was recognized, so that they stay:", *lines]
    )


def _of_planned(tried: int, planned: int) -> str:
    """Return how many of a plan's rows the erasure would change.

    >>> _of_planned(12, 15)
    '12 of these 15 rows would change; in the others nothing was recognized'
    """
    if tried == planned:
        return f"these {tried} rows would change"
    return f"{tried} of these {planned} rows would change; in the others nothing was recognized"
