"""Commands that read requests: list, show.

What a flow or a mail needs is imported by the commands that use it.
"""

import json
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, RequestId
from lacuna.cli.decisions import deciding
from lacuna.cli.next_commands import how_to_go_on, officer_of
from lacuna.cli.output import request_document, request_facts, say, show_json
from lacuna.cli.request_arguments import moment, named, zone_of
from lacuna.cli.request_output import comment_documents, show_comments, show_requests
from lacuna.model.assignment import OfficerComment
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.request_reference import RequestFilter
from lacuna.model.run import Role
from lacuna.request import disclose
from lacuna.wiring import open_stores

request = typer.Typer(no_args_is_help=True)


@request.command("list")
def list_requests(
    overdue: Annotated[bool, typer.Option(help="List only requests past their deadline.")] = False,
    state: Annotated[
        list[RequestState] | None,
        typer.Option(help="Only requests in this state. Can be repeated."),
    ] = None,
    org: Annotated[str | None, typer.Option(help="Only requests to this tenant.")] = None,
    right: Annotated[
        list[RequestKind] | None,
        typer.Option(help="Only requests for this right. Can be repeated."),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option(metavar="BEFORE", help="Only open requests that are due before this date."),
    ] = None,
    assigned_to: Annotated[
        str | None, typer.Option(metavar="USER", help="Only requests that this officer has.")
    ] = None,
    unassigned: Annotated[bool, typer.Option(help="Only requests that no officer has.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many, the oldest.")] = None,
    as_json: PrintJson = False,
) -> None:
    """List requests in order of receipt. With --overdue, exit 1 if there are any."""
    stores = open_stores()
    asked = RequestFilter(
        org_id=org,
        states=tuple(state or ()),
        kinds=tuple(right or ()),
        due_before=None if due is None else moment(due),
        overdue_at=stores.clock.now() if overdue else None,
        assigned_to=assigned_to,
        is_unassigned=unassigned,
        limit=limit,
    )
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.listed(asked)
    if as_json:
        show_json([request_document(one, obstacle) for one, obstacle in found])
    else:
        show_requests(found)
    if overdue and found:
        raise typer.Exit(1)


@request.command("show")
def show_request(
    request_id: RequestId,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Officer who reads it. Also shows the person, or the people it could be, and "
            "the new values of a correction, and the comments. The ledger records the access.",
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Show one request. With --as, also show an officer the person's data stored with it."""
    from lacuna.intake import visible

    stores = open_stores()
    with stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.requests.get(request_id)
        obstacle = transaction.queue.requests.obstacle(request_id)
        document = dict(request_document(found, obstacle))
        who = officer_of(found.org_id, transaction)
        officer = transaction.assignments.of([request_id]).get(request_id)
        document["officer"] = officer
        names = transaction.assignments.officers(found.org_id)
    given: list[tuple[str, str]] = []
    comments: tuple[OfficerComment, ...] = ()
    on_file: list[tuple[str, str]] = []
    new_values: dict[str, str] = {}
    candidates: list[tuple[str, list[tuple[str, str]]]] = []
    if as_ is not None:
        with deciding(stores, request_id, as_) as decision:
            # The plan whose digest binds the values, as of the same transaction.
            document["plan_digest"] = decision.found.plan_digest
            shown = disclose(decision.found, decision.desk)
        given = named(shown.identifiers)
        on_file = named(shown.on_file)
        new_values = dict(shown.corrections)
        comments = shown.comments
        candidates = [(visible(one.key), named(one.known)) for one in shown.candidates]
        document |= {
            "given": given,
            "on_file": on_file,
            "new_values": new_values,
            "candidates": [{"contact_id": key, "known": known} for key, known in candidates],
            "comments": comment_documents(comments),
        }
    if as_json:
        show_json(document)
        return
    zone = zone_of(stores, found.org_id)
    for label, content in request_facts(document, zone):
        say(f"{label}: {content}")
    if obstacle is not None and not found.state.is_final:
        say(f"Next: {how_to_go_on(obstacle, [found.number], who)}")
    if officer is not None:
        say(f"Assigned to: {names.get(officer, officer)}")
    show_comments(comments, names, zone)
    for kind, text in given:
        say(f"identifier, {kind}: {text}")
    for kind, text in on_file:
        say(f"on file, {kind}: {text}")
    for name, text in new_values.items():
        # On one line: a value must not look like another one.
        say(f"new value, {name}: {json.dumps(text, ensure_ascii=False)}")
    for key, known in candidates:
        say(f"candidate {key}: lacuna request resolve {found.number} --contact-id {key} --as USER")
        for kind, text in known:
            is_everyones = all((kind, text) in others for _, others in candidates)
            whose = "shared" if is_everyones else "own"
            say(f"  {whose}, {kind}: {json.dumps(text, ensure_ascii=False)}")
