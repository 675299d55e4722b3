"""Commands about consent to recording: compare, record, withdraw."""

import uuid
from datetime import datetime
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, TenantName
from lacuna.cli.decisions import recording
from lacuna.cli.output import say, show_json, show_result, show_table
from lacuna.cli.request_arguments import identifiers_given, moment
from lacuna.consent import owner_of_call
from lacuna.consent import record as record_entry
from lacuna.consent import withdraw as withdraw_all
from lacuna.errors import RequestError
from lacuna.flows.intake import submission_check_of
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.sweep import compare_recordings
from lacuna.model.consent import (
    ConsentEntry,
    ConsentMethod,
    ConsentPurpose,
    ConsentStatus,
    Reconciliation,
    UnconsentedRecording,
)
from lacuna.model.run import Role
from lacuna.subject import resolve_identifiers
from lacuna.wiring import open_stores

consent = typer.Typer(no_args_is_help=True)

_RecordingOfficer = Annotated[
    str, typer.Option("--as", help="Officer who records it. The ledger records only a key id.")
]
_ConsentPurposeName = Annotated[
    ConsentPurpose, typer.Option(help="Purpose that the consent is about.")
]
_At = Annotated[
    str | None,
    typer.Option(metavar="<date>", help="Time of the statement, ISO 8601. Default: now."),
]


@consent.command("reconcile")
def reconcile(as_json: PrintJson = False) -> None:
    """Compare all recordings and voicemails with the consent ledger. Exit 1 if one lacks consent."""
    stores = open_stores()
    datamap = open_datamap(stores)
    compared = compare_recordings(stores, datamap)
    if as_json:
        show_json(_document(compared))
    else:
        _show(compared)
    if compared.found or compared.unnamed:
        raise typer.Exit(1)


@consent.command("record")
def record(
    org: TenantName,
    call: Annotated[str, typer.Option(help="Key of the call in the platform.")],
    status: Annotated[ConsentStatus, typer.Option(help="What was stated.")],
    method: Annotated[ConsentMethod, typer.Option(help="How it was stated.")],
    as_: _RecordingOfficer,
    at: _At = None,
    purpose: _ConsentPurposeName = ConsentPurpose.RECORDING,
    as_json: PrintJson = False,
) -> None:
    """Record what a person stated about one call outside the IVR."""
    stores = open_stores()
    submission_check_of(stores).require_tenant(org)
    when = _when(at, stores.clock.now())
    stores.officer(as_, org)  # before anything is said of the platform
    datamap = open_datamap(stores)
    with recording(stores, org, as_) as (transaction, desk):
        transaction.queue.people.keep(org)
        entry = ConsentEntry(org, call, status, method, when, purpose=purpose)
        with stores.transaction(Role.PLANNER, is_read_only=True) as now:
            consents, reading = now.consents(datamap), now.reading(datamap)
            owner = owner_of_call(entry, datamap, consents, reading)
        record_entry(entry, owner, transaction.consents(datamap), desk)
    show_result(_recorded(entry), f"Recorded: {status}", as_json=as_json)


@consent.command("withdraw")
def withdraw(
    org: TenantName,
    as_: _RecordingOfficer,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    phone: Annotated[
        list[str] | None, typer.Option(help="Telephone number with +country code.")
    ] = None,
    external_id: Annotated[list[str] | None, typer.Option(help="Customer number.")] = None,
    contact_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Id of the contact.")
    ] = None,
    method: Annotated[ConsentMethod, typer.Option(help="How it was stated.")] = ConsentMethod.MAIL,
    at: _At = None,
    purpose: _ConsentPurposeName = ConsentPurpose.RECORDING,
    as_json: PrintJson = False,
) -> None:
    """Record that a person withdrew consent. Their recordings are locked and deleted."""
    stores = open_stores()
    submission_check_of(stores).require_tenant(org)
    datamap = open_datamap(stores)
    given = identifiers_given(email=email, phone=phone, external_id=external_id, contact=contact_id)
    if not given:
        raise typer.BadParameter("name the person with --email, --phone or another identifier")
    when = _when(at, stores.clock.now())
    stores.officer(as_, org)
    with recording(stores, org, as_) as (transaction, desk):
        transaction.queue.people.keep(org)
        with stores.transaction(Role.PLANNER, is_read_only=True) as now:
            found = resolve_identifiers(str(uuid.uuid4()), org, given, now.reading(datamap))
        if found.person is None:
            raise RequestError(
                f"consent: {len(found.candidates)} people match these identifiers; give the "
                "identifiers of one person"
            )
        entry = ConsentEntry(org, None, ConsentStatus.WITHDRAWN, method, when, purpose=purpose)
        withdraw_all(entry, found.person.row_keys, transaction.consents(datamap), desk)
    if purpose is ConsentPurpose.RECORDING:
        said = "Recorded: withdrawn. The next sweep locks this person's recordings."
    else:
        said = (
            f"Recorded: withdrawn, {purpose}. The platform must stop the processing that relies "
            "on it."
        )
    show_result(_recorded(entry), said, as_json=as_json)


def _recorded(entry: ConsentEntry) -> dict[str, object]:
    return {"org_id": entry.org_id, "status": entry.status, "purpose": entry.purpose}


def _show(compared: Reconciliation) -> None:
    say(f"Recordings with prior consent: {compared.consented}")
    for (table, processing, basis), count in compared.other_basis.items():
        say(f"Recordings on another basis: {count} in {table}, {basis} ({processing})")
    say(f"Recordings made by an agent against the caller's answer: {compared.overrides}")
    say(f"Recording files that no row names: {compared.unnamed}")
    show_table(
        "Recordings without consent",
        ("table", "recording", "call", "why", "locked since", "overridden by"),
        (
            (
                str(one.recording.table),
                ", ".join(one.recording.key),
                one.recording.call or "",
                one.breach,
                _since(one) or ("restricted person" if one.is_restricted else ""),
                one.recording.overridden_by or "",
            )
            for one in compared.found
        ),
    )
    show_table(
        "Calls by week",
        (
            "tenant",
            "week",
            "calls",
            "asked",
            "yes",
            "no",
            "no answer",
            "not asked",
            "recordings",
            "with consent",
            "other basis",
            "without",
            "gone",
        ),
        (
            (
                week.org_id,
                week.label,
                *(
                    str(count)
                    for count in (
                        week.calls,
                        week.asked,
                        week.opted_in,
                        week.opted_out,
                        week.unanswered,
                        week.not_asked,
                        week.recordings,
                        week.consented,
                        week.on_other_basis,
                        week.without_consent,
                        week.gone,
                    )
                ),
            )
            for week in compared.weeks
        ),
    )


def _document(compared: Reconciliation) -> dict[str, object]:
    return {
        "passed": not compared.found and not compared.unnamed,
        "consented": compared.consented,
        "other_basis": [
            {
                "location": str(table),
                "processing": processing,
                "lawful_basis": basis,
                "count": count,
            }
            for (table, processing, basis), count in compared.other_basis.items()
        ],
        "breaches": [
            {"location": str(table), "breach": breach, "count": count}
            for (table, breach), count in compared.breaches().items()
        ],
        "without_consent": [
            {
                "location": str(one.recording.table),
                "key": list(one.recording.key),
                "call": one.recording.call,
                "org_id": one.recording.org_id,
                "breach": one.breach,
                "locked_since": _since(one),
                "is_restricted": one.is_restricted,
                "overridden_by": one.recording.overridden_by,
            }
            for one in compared.found
        ],
        "overrides": compared.overrides,
        "unnamed": compared.unnamed,
        "weeks": [
            {
                "org_id": week.org_id,
                "week": week.label,
                "calls": week.calls,
                "asked": week.asked,
                "opted_in": week.opted_in,
                "opted_out": week.opted_out,
                "unanswered": week.unanswered,
                "not_asked": week.not_asked,
                "recordings": week.recordings,
                "consented": week.consented,
                "on_other_basis": week.on_other_basis,
                "without_consent": week.without_consent,
                "gone": week.gone,
            }
            for week in compared.weeks
        ],
    }


def _since(found: UnconsentedRecording) -> str | None:
    return None if found.lock is None else found.lock.since.isoformat()


def _when(text: str | None, now: datetime) -> datetime:
    return now if text is None else moment(text)
