"""Commands that change requests: submit, resolve, approve, refuse, hold, withdraw.

What a flow or a mail needs is imported by the commands that use it: most commands only read the queue.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from lacuna.cli.arguments import (
    DecidingOfficer,
    PlanDigest,
    PrintJson,
    RequestId,
    RequestIds,
    RightsFilter,
)
from lacuna.cli.decisions import deciding, deciding_together, org_of, part_of, recording
from lacuna.cli.next_commands import some_of
from lacuna.cli.output import (
    moved_document,
    say,
    show_json,
    show_moved,
    show_result,
    state_of,
)
from lacuna.cli.request_arguments import (
    country_of,
    identifiers_given,
    moment,
    pair,
    table_named,
)
from lacuna.cli.request_output import show_accepted
from lacuna.cli.request_views import request as request
from lacuna.consent import instruct
from lacuna.flows.run.opening import open_datamap
from lacuna.model.agreement import InstructionSource
from lacuna.model.hold import ItemHold
from lacuna.model.queue import Submission
from lacuna.model.request import CONTACT, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    Accepted,
    OpenRequests,
    approve_together,
    checked,
    force,
    hold,
    hold_item,
    keep_instruction,
    lift,
    revoke,
    verify_identity,
    withdraw,
)
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores, run_options

_COMMAND_LINE = "system:command-line"


@request.command("submit")
def submit(
    kind: Annotated[list[RequestKind], typer.Option(help="Right. Can be repeated.")],
    org: Annotated[
        str | None,
        typer.Option(
            help="Tenant that the person wrote to. Default: the one whose people have the identifiers."
        ),
    ] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    phone: Annotated[
        list[str] | None, typer.Option(help="Telephone number with +country code.")
    ] = None,
    external_id: Annotated[list[str] | None, typer.Option(help="Customer number.")] = None,
    contact_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Id of the contact.")
    ] = None,
    conversation_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this conversation.")
    ] = None,
    message_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this message.")
    ] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            metavar="<date>", help="Time when the controller received it, ISO 8601. Default: now."
        ),
    ] = None,
    verified_by: Annotated[
        str | None,
        typer.Option(
            help="How identity was verified. Without it the request is "
            "paused for the identity check."
        ),
    ] = None,
    is_forced: Annotated[
        bool, typer.Option("--force", help="Continue despite open conversations.")
    ] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE to correct. Can be repeated.")
    ] = None,
    bundle_key: Annotated[
        str | None, typer.Option(help="age recipient to whom the bundle is encrypted.")
    ] = None,
    instructed_by: Annotated[
        str | None,
        typer.Option(
            help="How the controller instructed the request. Without it, standing instructions "
            "apply."
        ),
    ] = None,
    is_each: Annotated[
        bool, typer.Option("--each", help="Each identifier is another person: a request for each.")
    ] = False,
    as_: Annotated[
        str | None,
        typer.Option("--as", help="Officer who records the controller's instruction."),
    ] = None,
    person_kind: Annotated[
        str, typer.Option(help="Kind of person in the platform. The data map lists the kinds.")
    ] = CONTACT,
    as_json: PrintJson = False,
) -> None:
    """Queue a request and print its number. If the same request is already open, print its number."""
    if bundle_key is not None:
        from lacuna.bundle import parse_recipient

        parse_recipient(bundle_key)
    if instructed_by is not None and as_ is None:
        raise typer.BadParameter(
            "an officer must record the controller's instruction; add --as NAME"
        )
    if is_each and (set_ or bundle_key is not None):
        raise typer.BadParameter("--set and --bundle-key are about one person; leave --each out")
    stores = open_stores()
    now = stores.clock.now()
    submission = Submission(
        org_id=org or "",
        kinds=tuple(kind),
        identifiers=identifiers_given(
            email=email,
            phone=phone,
            external_id=external_id,
            contact=contact_id,
            conversation=conversation_id,
            message=message_id,
        ),
        received_at=now if received_at is None else moment(received_at),
        verified_by=verified_by,
        is_forced=is_forced,
        rectifications=dict(pair(one) for one in set_ or ()),
        bundle_key=bundle_key,
        person_kind=person_kind,
    )
    told = [submission]
    if is_each and submission.identifiers:
        told = [replace(submission, identifiers=(one,)) for one in submission.identifiers]
    accepted = _accept_all(
        [_of_tenant(one, instructed_by, stores, now) for one in told], as_, stores
    )
    if instructed_by is not None and as_ is not None:
        for one in accepted:
            _record_instruction(stores, one.request_id, instructed_by, as_)
    show_accepted(accepted, as_json=as_json, is_list=is_each)


@request.command("resolve")
def resolve(
    request_id: RequestId,
    contact_id: Annotated[str, typer.Option(help="Id of the right contact.")],
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Decide which person an ambiguous request is about."""
    from lacuna.flows.fulfilment import choose_person
    from lacuna.flows.run.batch import Batch

    stores = open_stores()
    batch = Batch.open(stores, run_options(f"resolve-{request_id}"), flow="fulfilment")
    actor = stores.officer(as_, org_of(stores, request_id))
    moved = choose_person(batch, request_id, contact_id, actor)
    show_moved(moved, as_json=as_json)


@request.command("verify-identity")
def verify(
    request_id: RequestId,
    by: Annotated[str, typer.Option(help="How identity was verified.")],
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Record how identity was verified. The request continues."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = verify_identity(decision.found, by, decision.desk, country=country)
    show_moved(moved, as_json=as_json)


@request.command("instruct")
def instruct_request(
    request_id: RequestId,
    by: Annotated[
        str, typer.Option(help="Written instruction of the controller: reference and date.")
    ],
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Record the instruction of the tenant's controller. The request continues."""
    number, is_new = _record_instruction(open_stores(), request_id, by, as_)
    show_result(
        {"request_id": request_id, "number": number, "new": is_new},
        f"Request {number} is instructed" + ("" if is_new else " (already recorded before)"),
        as_json=as_json,
    )


@request.command("lift")
def lift_restriction(
    request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False
) -> None:
    """Lift a restriction or objection. Inform the data subject first (Art. 18(3))."""
    with deciding(open_stores(), request_id, as_) as decision:
        lifted = lift(decision.found, decision.desk)
        number = decision.found.number
    show_result(
        {"request_id": request_id, "number": number, "lifted": lifted},
        f"{number}: {lifted} restrictions or objections lifted. Sweeps and reporting include "
        "the person again.",
        as_json=as_json,
    )


@request.command("approve")
def approve_plans(
    request_ids: RequestIds,
    plan: PlanDigest,
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Approve exactly the plan, or the plans, with this digest: all of them or none.

    The digest also covers the new values of a correction. `lacuna request show ID --as USER` shows them.
    """
    with deciding_together(open_stores(), request_ids, as_) as (found, desk):
        moved = approve_together(found, plan, desk)
    if as_json:
        documents = [moved_document(one) for one in moved]
        show_json(documents if len(request_ids) > 1 else documents[0])
        return
    approved = [one.number for one in moved if one.state is RequestState.APPROVED]
    first = [one.number for one in moved if one.state is not RequestState.APPROVED]
    if approved:
        say(f"Approved: {some_of(approved)}. Next: lacuna run fulfilment")
    if first:
        say(f"{some_of(first)}: approval recorded. A second officer must approve it too.")


@request.command("revoke")
def revoke_approval(
    request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False
) -> None:
    """Revoke the approval of a plan. Possible until a run carries it out."""
    with deciding(open_stores(), request_id, as_) as decision:
        moved = revoke(decision.found, decision.desk)
    show_moved(moved, f"{moved.number}: the plan waits for approval again", as_json=as_json)


@request.command("hold")
def hold_request(
    request_id: RequestId,
    ground: Annotated[str, typer.Option(help="Article, such as 17(3)(e).")],
    until: Annotated[str, typer.Option(metavar="<date>", help="Date on which the hold ends.")],
    as_: DecidingOfficer,
    kind: RightsFilter = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            help="Hold only the rows of this table, as schema.table. "
            "The rest continues. Can be repeated."
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Hold a request, some of its rights, or the person's rows in some tables, until a date.

    On that date Lacuna plans them again.
    """
    lapses_at = moment(until)
    stores = open_stores()
    datamap = open_datamap(stores)
    with deciding(stores, request_id, as_) as decision:
        desk = decision.desk
        found = part_of(decision, kind)
        moved = found if table else hold(found, ground, lapses_at, desk)
        held = [table_named(text) for text in table or ()]
        for name in held:
            moved = hold_item(moved, ItemHold(name, ground, lapses_at), datamap, desk)
    show_moved(
        moved,
        *(f"{moved.number}: rows in {name} are on hold" for name in held),
        state_of(moved),
        facts={"tables": list(map(str, held)), "until": lapses_at.isoformat()},
        as_json=as_json,
    )


@request.command("force")
def force_requests(
    request_ids: RequestIds, as_: DecidingOfficer, as_json: PrintJson = False
) -> None:
    """Let erasures go on despite open conversations: all of them or none."""
    with deciding_together(open_stores(), request_ids, as_) as (found, desk):
        for one in found:
            force(one, desk)
    numbers = [one.number for one in found]
    show_result(
        {"numbers": numbers},
        f"{some_of(numbers)}: open conversations do not block any more. Next: lacuna run fulfilment",
        as_json=as_json,
    )


@request.command("withdraw")
def withdraw_request(
    request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False
) -> None:
    """Withdraw a request at the requester's wish."""
    with deciding(open_stores(), request_id, as_) as decision:
        moved = withdraw(decision.found, decision.desk)
    show_moved(moved, as_json=as_json)


def _of_tenant(
    submission: Submission, instructed_by: str | None, stores: OpenedStores, now: datetime
) -> Submission:
    """Return a submission with its tenant, after everything of it was checked."""
    from lacuna.flows.intake import submission_check_of, tenant_of

    if not submission.org_id:
        submission = replace(submission, org_id=tenant_of(stores, submission, now))
    check = submission_check_of(stores)
    check.require_tenant(checked(replace(submission, instructed_by=instructed_by), now).org_id)
    check.require(submission)
    return submission


def _accept_all(
    submissions: Sequence[Submission], user: str | None, stores: OpenedStores
) -> list[Accepted]:
    """Queue submissions, all of them or none."""
    if user is not None:
        for org_id in dict.fromkeys(one.org_id for one in submissions):
            stores.officer(user, org_id)
    with stores.transaction(Role.PLANNER) as transaction:
        requests = OpenRequests(_desk(stores, transaction, _COMMAND_LINE))
        return [
            requests.accept(
                one, str(uuid.uuid4()), str(uuid.uuid4()), country=country_of(stores, one.org_id)
            )
            for one in submissions
        ]


def _record_instruction(
    stores: OpenedStores, request_id: str, how: str, user: str
) -> tuple[str, bool]:
    """Record in an officer's name that the controller instructed a request.

    Returns:
        The request's number, and whether this is new.
    """
    org_id = org_of(stores, request_id)
    with recording(stores, org_id, user, role="controller") as (transaction, desk):
        found = transaction.queue.requests.get(request_id)
        is_new = instruct(found, InstructionSource.WRITTEN, transaction.agreements, desk)
        keep_instruction(request_id, how.strip(), desk)
    return found.number, is_new


def _desk(stores: OpenedStores, transaction: Transaction, actor: str) -> Desk:
    return Desk(transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), actor)
