"""Commands about requests: submit, list, resolve, plan, approve, refuse, hold, withdraw."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from lacuna.bundle import parse_recipient
from lacuna.cli.arguments import PlanDigest, RequestId, RuleDigest
from lacuna.cli.decisions import deciding, org_of, recording
from lacuna.cli.output import due_of, request_document, say, show_json, show_table
from lacuna.consent import inherit_instruction, instruct
from lacuna.datamap import load, load_tenants
from lacuna.errors import RequestError
from lacuna.flows.fulfilment.choice import choose_person
from lacuna.flows.fulfilment.planning import locks_of
from lacuna.flows.fulfilment.rehearsal import rehearse, would_be_plan
from lacuna.flows.intake.admission import admission_of
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.opening import open_datamap
from lacuna.intake import visible
from lacuna.model.agreement import InstructionSource
from lacuna.model.answer import AnswerKind
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Submission
from lacuna.model.request import CONTACT, Pause, Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    accept,
    approve,
    checked,
    disclose,
    extend,
    hold,
    hold_item,
    keep_instruction,
    lift,
    pause,
    refuse,
    resume,
    split,
    tell,
    verify_identity,
    withdraw,
)
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores, run_options

request = typer.Typer(no_args_is_help=True)
rule = typer.Typer(no_args_is_help=True)

_COMMAND_LINE = "system:command-line"

_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Kinds = Annotated[
    list[RequestKind] | None,
    typer.Option("--kind", help="These of its rights alone; the others go on."),
]
_As = Annotated[str, typer.Option("--as", help="Who decides; the ledger gets a key id only.")]


@request.command("submit")
def submit(
    org: Annotated[str, typer.Option(help="The tenant that the person wrote to.")],
    kind: Annotated[list[RequestKind], typer.Option(help="A right; give several together.")],
    email: Annotated[list[str] | None, typer.Option(help="An e-mail address.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="A number with +country code.")] = None,
    external_id: Annotated[list[str] | None, typer.Option(help="A customer number.")] = None,
    contact_id: Annotated[list[str] | None, typer.Option(help="The contact's id.")] = None,
    conversation_id: Annotated[
        list[str] | None, typer.Option(help="One conversation alone.")
    ] = None,
    message_id: Annotated[list[str] | None, typer.Option(help="One message alone.")] = None,
    received_at: Annotated[
        str | None, typer.Option(help="When it reached the controller, ISO 8601.")
    ] = None,
    verified_by: Annotated[
        str | None, typer.Option(help="How identity was verified; without it the request waits.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Open conversations do not block.")] = False,
    set_: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE to correct.")] = None,
    bundle_key: Annotated[str | None, typer.Option(help="age recipient for the bundle.")] = None,
    instructed_by: Annotated[
        str | None,
        typer.Option(
            help="How the controller instructed it; without it, standing instructions count."
        ),
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option("--as", help="The officer who records the controller's instruction."),
    ] = None,
    person_kind: Annotated[
        str, typer.Option(help="What the person is to the platform; the data map has the kinds.")
    ] = CONTACT,
    as_json: _Json = False,
) -> None:
    """Queue a request and print its id; the same one while it is open is not queued twice."""
    if bundle_key is not None:
        parse_recipient(bundle_key)
    if instructed_by is not None and as_ is None:
        raise typer.BadParameter("an officer records what the controller instructed: add --as NAME")
    stores = open_stores()
    now = stores.clock.now()
    submission = Submission(
        org_id=org,
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
        is_forced=force,
        rectifications=dict(pair(one) for one in set_ or ()),
        bundle_key=bundle_key,
        person_kind=person_kind,
    )
    admission = admission_of(stores)
    told = replace(submission, instructed_by=instructed_by)
    admission.require_tenant(checked(told, now).org_id)
    admission.require(submission)
    if as_ is not None:
        stores.officer(as_, org)
    with stores.transaction(Role.PLANNER) as transaction:
        desk = _desk(stores, transaction, _COMMAND_LINE)
        accepted = accept(
            submission,
            str(uuid.uuid4()),
            str(uuid.uuid4()),
            desk,
            country=country_of(stores, org),
        )
    if instructed_by is not None and as_ is not None:
        _record_instruction(stores, accepted.request_id, instructed_by, as_)
    if as_json:
        show_json({"request_id": accepted.request_id, "duplicate": accepted.is_duplicate})
    else:
        say(accepted.request_id)


@request.command("list")
def list_requests(
    overdue: Annotated[bool, typer.Option(help="Only those past their deadline.")] = False,
    as_json: _Json = False,
) -> None:
    """List requests in order of receipt; with --overdue exit 1 if there is any."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER) as transaction:
        queue = transaction.queue
        found = (
            queue.requests.overdue(stores.clock.now()) if overdue else queue.requests.in_states()
        )
        obstacles = {one.request_id: queue.requests.obstacle(one.request_id) for one in found}
    if as_json:
        show_json([request_document(one, obstacles[one.request_id]) for one in found])
    else:
        show_table(
            "Requests",
            ("request", "tenant", "rights", "state", "waits for", "due"),
            (
                (
                    one.request_id,
                    one.org_id,
                    ", ".join(one.kinds),
                    one.state,
                    str(obstacles[one.request_id] or ""),
                    due_of(one),
                )
                for one in found
            ),
        )
    if overdue and found:
        raise typer.Exit(1)


@request.command("show")
def show_request(
    request_id: RequestId,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="The officer to whom it also shows whom it names or could mean, and a correction's new values; "
            "the ledger gets an entry.",
        ),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Show one request; to an officer also what is kept of the person for it, or of those it could mean."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.requests.get(request_id)
        document = dict(request_document(found, transaction.queue.requests.obstacle(request_id)))
    given: list[tuple[str, str]] = []
    new_values: dict[str, str] = {}
    candidates: list[tuple[str, list[tuple[str, str]]]] = []
    if as_ is not None:
        with deciding(stores, request_id, as_) as decision:
            # The plan whose digest binds the values, as of the same transaction.
            document["plan_digest"] = decision.found.plan_digest
            shown = disclose(decision.found, decision.desk)
        given = named(shown.identifiers)
        new_values = dict(shown.corrections)
        candidates = [(visible(one.key), named(one.known)) for one in shown.candidates]
        document |= {
            "given": given,
            "new_values": new_values,
            "candidates": [{"contact_id": key, "known": known} for key, known in candidates],
        }
    if as_json:
        show_json(document)
        return
    for name, content in document.items():
        if name not in ("given", "new_values", "candidates"):
            say(f"{name}: {content}")
    for kind, text in given:
        say(f"given, {kind}: {text}")
    for name, text in new_values.items():
        # On one line: a value must not look like another one.
        say(f"new value, {name}: {json.dumps(text, ensure_ascii=False)}")
    for key, known in candidates:
        say(f"candidate {key}: lacuna request resolve {request_id} --contact-id {key} --as USER")
        for kind, text in known:
            is_everyones = all((kind, text) in others for _, others in candidates)
            whose = "of each" if is_everyones else "theirs"
            say(f"  {whose}, {kind}: {json.dumps(text, ensure_ascii=False)}")


@request.command("resolve")
def resolve(
    request_id: RequestId,
    contact_id: Annotated[str, typer.Option(help="The contact that is meant.")],
    as_: _As,
) -> None:
    """Say which of several people an ambiguous request is about."""
    stores = open_stores()
    batch = Batch.open(stores, run_options(f"resolve-{request_id}"))
    actor = stores.officer(as_, org_of(stores, request_id))
    moved = choose_person(batch, request_id, contact_id, actor)
    say(f"{request_id} is {moved.state}")


@request.command("verify-identity")
def verify(
    request_id: RequestId,
    by: Annotated[str, typer.Option(help="How identity was verified.")],
    as_: _As,
) -> None:
    """Record how identity was verified; the request goes on."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = verify_identity(decision.found, by, decision.desk, country=country)
    say(f"{moved.request_id} is {moved.state}")


@request.command("instruct")
def instruct_request(
    request_id: RequestId,
    by: Annotated[str, typer.Option(help="The controller's written instruction: what and when.")],
    as_: _As,
) -> None:
    """Record that the tenant's controller instructed what a request asks; it goes on."""
    is_new = _record_instruction(open_stores(), request_id, by, as_)
    say(f"{request_id} is instructed" + ("" if is_new else "; it was before"))


@request.command("lift")
def lift_restriction(request_id: RequestId, as_: _As) -> None:
    """Lift the restriction or objection that a request recorded; tell the person first (Art. 18(3))."""
    with deciding(open_stores(), request_id, as_) as decision:
        marks = lift(decision.found, decision.desk)
    say(f"{request_id}: {marks} marks are lifted; sweeps and reporting take the person in again")


@request.command("extend")
def extend_request(request_id: RequestId, as_: _As) -> None:
    """Extend a request by two months, and tell the requester; within the first month only."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = extend(decision.found, decision.desk, country=country)
        mails = decision.transaction.mails
        is_told = tell(moved, AnswerKind.EXTENSION, {}, mails, decision.desk)
    say(f"{request_id} is due on {moved.due_at.date().isoformat()}")
    if not is_told:
        say("It came by no mail: tell the requester yourself, with the reasons (Art. 12(3)).")


@request.command("ask")
def ask_to_specify(request_id: RequestId, as_: _As) -> None:
    """Ask an access requester to specify; its clock is paused until `request resume`."""
    with deciding(open_stores(), request_id, as_) as decision:
        moved = pause(decision.found, Pause.CLARIFICATION, decision.desk)
        tell(moved, AnswerKind.CLARIFICATION, {}, decision.transaction.mails, decision.desk)
    say(f"{request_id}: paused, {moved.pause}")


@request.command("resume")
def resume_request(request_id: RequestId, as_: _As) -> None:
    """Let the clock run again; whole days of the pause are added."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = resume(decision.found, decision.desk, country=country)
    say(f"{request_id} is due on {moved.due_at.date().isoformat()}")


@request.command("approve")
def approve_plan(
    request_id: RequestId,
    plan: PlanDigest,
    as_: _As,
) -> None:
    """Approve exactly the plan with this digest.

    It binds a correction's new values: request show ID --as USER shows them.
    """
    with deciding(open_stores(), request_id, as_) as decision:
        moved = approve(decision.found, plan, decision.desk)
    if moved.state is RequestState.APPROVED:
        say(f"{moved.request_id} is {moved.state}")
    else:
        say(f"{moved.request_id}: the approval is recorded; another officer has to approve it too")


@request.command("refuse")
def refuse_request(
    request_id: RequestId,
    ground: Annotated[str, typer.Option(help="The article, e.g. 17(3)(b).")],
    as_: _As,
    kind: _Kinds = None,
) -> None:
    """Refuse a request, or some of its rights, on the ground of an article."""
    stores = open_stores()
    datamap = load(stores.datamap_path)
    with deciding(stores, request_id, as_) as decision:
        desk, transaction = decision.desk, decision.transaction
        found = _item(decision.found, kind, transaction, desk)
        facts = {"ground": ground, "authority": datamap.tenant(found.org_id).authority}
        if kind:
            facts["articles"] = ", ".join(f"Art. {one.article}" for one in found.kinds)
        # Told first: with the refusal goes whatever says whom.
        tell(found, AnswerKind.REFUSAL, facts, transaction.mails, desk)
        moved = refuse(found, ground, desk)
    say(f"{moved.request_id} is {moved.state}")


@request.command("hold")
def hold_request(
    request_id: RequestId,
    ground: Annotated[str, typer.Option(help="The article, e.g. 17(3)(e).")],
    until: Annotated[str, typer.Option(help="Date at which the hold lapses.")],
    as_: _As,
    kind: _Kinds = None,
    table: Annotated[
        list[str] | None, typer.Option(help="schema.table whose rows stay; the rest goes on.")
    ] = None,
) -> None:
    """Hold a request, some of its rights, or the person's rows of tables, until a date.

    They are planned anew then.
    """
    lapses_at = moment(until)
    stores = open_stores()
    datamap = open_datamap(stores)
    with deciding(stores, request_id, as_) as decision:
        desk = decision.desk
        found = _item(decision.found, kind, decision.transaction, desk)
        moved = found if table else hold(found, ground, lapses_at, desk)
        for text in table or ():
            item = ItemHold(table_named(text), ground, lapses_at)
            moved = hold_item(moved, item, datamap, desk)
            say(f"{moved.request_id}: its rows of {item.table} are held")
    say(f"{moved.request_id} is {moved.state}")


@request.command("withdraw")
def withdraw_request(request_id: RequestId, as_: _As) -> None:
    """Withdraw a request on the requester's word."""
    with deciding(open_stores(), request_id, as_) as decision:
        moved = withdraw(decision.found, decision.desk)
    say(f"{moved.request_id} is {moved.state}")


def plan(
    request_id: RequestId,
    is_tried: Annotated[
        bool,
        typer.Option("--try", help="Also try it on the database, in a transaction rolled back."),
    ] = False,
    as_json: _Json = False,
) -> None:
    """Show the dry run: every step, counts, what stays and why. Changes nothing, not even a state."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.requests.get(request_id)
        obstacle = transaction.queue.requests.obstacle(request_id)
    batch = replace(Batch.open(stores, run_options(f"plan-{request_id}")), is_dry=True)
    shown = would_be_plan(batch, request_id)
    if shown is None:
        raise RequestError(
            f"{request_id}: no plan; the request is {found.state}"
            + (f" and waits for {obstacle}" if obstacle else "")
        )
    tried = rehearse(batch, request_id) if is_tried else None
    is_stored = found.plan_digest == shown.digest
    if as_json:
        show_json(
            {
                "request_id": request_id,
                "digest": shown.digest,
                "stored": is_stored,
                "steps": json.loads(shown.steps),
                **({} if tried is None else {"tried_rows": tried}),
            }
        )
        return
    locks = locks_of(batch, restore(found, shown))
    say(f"{shown.readable}Digest: {shown.digest}\n{locks}")
    if not is_stored:
        say(f"The request is {found.state}: lacuna run fulfilment stores this plan for approval.")
    if tried is not None:
        say(f"Tried on the database and rolled back: {tried} rows would change")


@rule.command("list")
def list_rules(as_json: _Json = False) -> None:
    """List sweep rules, drops of legacy tables and restatements with their digests, and which are approved."""
    from lacuna.flows.sweep.rules import known_rules

    stores = open_stores()
    rules = known_rules(stores)
    if as_json:
        show_json(
            [{"rule": one.name, "digest": one.digest, "approved": one.is_approved} for one in rules]
        )
        return
    show_table(
        "Rules",
        ("rule", "what it does", "digest", "approved"),
        ((one.name, one.meaning, one.digest, "yes" if one.is_approved else "no") for one in rules),
    )


@rule.command("approve")
def approve_rule(
    name: Annotated[str, typer.Argument(help="The rule's name.")],
    digest: RuleDigest,
    as_: _As,
    max_rows: Annotated[
        int | None, typer.Option(min=1, help="Most rows a night; a larger night stops.")
    ] = None,
) -> None:
    """Approve a rule exactly as its digest says."""
    from lacuna.flows.sweep.rules import approve_rule as approve_known

    stores = open_stores()
    approve_known(stores, (name, digest, max_rows), stores.officer(as_))
    say(f"{name} is approved")


def _item(
    found: Request, kinds: list[RequestKind] | None, transaction: Transaction, desk: Desk
) -> Request:
    """Return the request, or, for some of its rights, one of their own, instructed as it was."""
    if not kinds:
        return found
    new = split(found, kinds, (str(uuid.uuid4()), str(uuid.uuid4())), desk)
    inherit_instruction(new, found, transaction.agreements, desk)
    return new


def _record_instruction(stores: OpenedStores, request_id: str, how: str, user: str) -> bool:
    """Record in an officer's name that the controller instructed a request; return whether it is new."""
    org_id = org_of(stores, request_id)
    with recording(stores, org_id, user, role="controller") as (transaction, desk):
        found = transaction.queue.requests.get(request_id)
        is_new = instruct(found, InstructionSource.WRITTEN, transaction.agreements, desk)
        keep_instruction(request_id, how.strip(), desk)
    return is_new


def _desk(stores: OpenedStores, transaction: Transaction, actor: str) -> Desk:
    return Desk(transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), actor)


def country_of(stores: OpenedStores, org_id: str) -> str | None:
    """Return the country of a tenant, whose holidays move due dates; None for an unlisted one."""
    tenant = load_tenants(stores.tenants_path).by_org.get(org_id)
    return None if tenant is None else tenant.country


def named(identifiers: Iterable[Identifier]) -> list[tuple[str, str]]:
    """Return kind and value of identifiers, to read: what nobody sees shows as its code."""
    return [(str(one.kind), visible(one.value)) for one in identifiers]


def identifiers_given(**texts: list[str] | None) -> tuple[Identifier, ...]:
    """Return the identifiers that options gave, in the order of the options."""
    kinds = {
        "email": IdentifierKind.EMAIL,
        "phone": IdentifierKind.PHONE,
        "external_id": IdentifierKind.EXTERNAL_ID,
        "contact": IdentifierKind.CONTACT_ID,
        "conversation": IdentifierKind.CONVERSATION_ID,
        "message": IdentifierKind.MESSAGE_ID,
    }
    return tuple(
        Identifier(kinds[name], text) for name, given in texts.items() for text in given or ()
    )


def moment(text: str) -> datetime:
    """Return the moment that an option says; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date or a time as ISO 8601, e.g. 2026-11-24") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def table_named(text: str) -> TableName:
    """Return the table that an option names."""
    try:
        return TableName.parse(text)
    except ValueError:
        raise typer.BadParameter("write --table schema.table") from None


def pair(text: str) -> tuple[str, str]:
    """Return field and value of `FIELD=VALUE`."""
    name, separator, content = text.partition("=")
    if not separator or not name:
        raise typer.BadParameter("write --set FIELD=VALUE")
    return name, content
