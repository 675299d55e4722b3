"""Commands about agreements: versions of a text, who accepted them, and which are missing."""

import hashlib
import uuid
from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, TenantName, read_file
from lacuna.cli.decisions import recording
from lacuna.cli.output import say, show_json, show_result, show_table
from lacuna.cli.request_arguments import moment
from lacuna.consent import accept_version, add_version
from lacuna.errors import RequestError
from lacuna.flows.intake import submission_check_of
from lacuna.flows.run.opening import open_datamap
from lacuna.model.agreement import Acceptance, AcceptanceMethod, Agreement, AgreementKind
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import canary_org_of, open_stores

agreement = typer.Typer(no_args_is_help=True)

_TextKind = Annotated[AgreementKind, typer.Option(help="Kind of text.")]
_VersionName = Annotated[str, typer.Option(help="Name of the version.")]
_ActingOfficer = Annotated[
    str, typer.Option("--as", help="Officer who does it. The ledger records only a key id.")
]


@agreement.command("add")
def add(
    org: TenantName,
    kind: _TextKind,
    version: _VersionName,
    text: Annotated[Path, typer.Option(help="File with the text. Lacuna stores its digest only.")],
    as_: _ActingOfficer,
    valid_from: Annotated[
        str | None,
        typer.Option(
            metavar="<date>", help="Time from which the version applies, ISO 8601. Default: now."
        ),
    ] = None,
    standing: Annotated[
        list[RequestKind] | None,
        typer.Option(
            help="For a dpa: right that needs no instruction for each request. Can be repeated."
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Add a version of a text. It must be accepted before it applies."""
    digest = hashlib.sha256(read_file(text, "agreement: the text")).hexdigest()
    stores = open_stores()
    submission_check_of(stores).require_tenant(org)
    with recording(stores, org, as_) as (transaction, desk):
        added = Agreement(
            agreement_id=str(uuid.uuid4()),
            org_id=org,
            kind=kind,
            version=version,
            text_digest=digest,
            valid_from=desk.now if valid_from is None else moment(valid_from),
            standing=tuple(one for one in RequestKind if one in (standing or ())),
        )
        add_version(added, transaction.agreements, desk)
    show_result(
        {
            "org_id": org,
            "kind": kind,
            "version": version,
            "text_digest": digest,
            "valid_from": added.valid_from.isoformat(),
            "standing": list(added.standing),
        },
        f"Added {kind} {version}, SHA-256 {digest}",
        as_json=as_json,
    )


@agreement.command("accept")
def accept(
    org: TenantName,
    kind: _TextKind,
    version: _VersionName,
    method: Annotated[AcceptanceMethod, typer.Option(help="How it was accepted.")],
    as_: Annotated[str, typer.Option("--as", help="Officer who records the acceptance.")],
    at: Annotated[
        str | None,
        typer.Option(metavar="<date>", help="Time of acceptance, ISO 8601. Default: now."),
    ] = None,
    contact_id: Annotated[
        str | None, typer.Option(help="Contact who accepted it. Default: the tenant accepted it.")
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Record that the tenant or one of its contacts accepted a version."""
    stores = open_stores()
    submission_check_of(stores).require_tenant(org)
    with recording(stores, org, as_, role="controller") as (transaction, desk):
        if contact_id is not None:
            transaction.queue.people.keep(org)
            _require_contact(stores, org, contact_id)
        acceptance = Acceptance(
            agreement_id="",
            org_id=org,
            method=method,
            accepted_at=desk.now if at is None else moment(at),
            contact=contact_id,
            accepted_by=desk.actor if contact_id is None else None,
        )
        accept_version((org, kind, version), acceptance, transaction.agreements, desk)
    show_result(
        {
            "org_id": org,
            "kind": kind,
            "version": version,
            "accepted_at": acceptance.accepted_at.isoformat(),
        },
        f"Recorded the acceptance of {kind} {version}",
        as_json=as_json,
    )


@agreement.command("list")
def list_agreements(
    contacts_too: Annotated[
        bool, typer.Option("--contacts", help="Also list the keys of the contacts who accepted.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """List all versions and who accepted them. Exit 1 if a tenant has no accepted DPA in force.

    `lacuna officer list` shows the names of those who accepted for the tenants.
    """
    stores = open_stores()
    datamap = open_datamap(stores)
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        versions = transaction.agreements.versions()
        acceptances = transaction.agreements.acceptances()
        # Nobody is in the canary's organization whose data could be processed.
        found = {*transaction.reading(datamap).tenants()} - {canary_org_of(transaction.queue)}
        tenants = sorted(found | {one.org_id for one, _, _ in versions})
        dpas = [transaction.agreements.dpa(org_id, now) for org_id in tenants]
    stopped = [dpa.org_id for dpa in dpas if not dpa.stands]
    counting = {dpa.agreement.agreement_id for dpa in dpas if dpa.agreement is not None}
    if as_json:
        show_json(
            {
                "stopped": stopped,
                "versions": [
                    {
                        "org_id": one.org_id,
                        "kind": one.kind,
                        "version": one.version,
                        "text_digest": one.text_digest,
                        "valid_from": one.valid_from.isoformat(),
                        "standing": list(one.standing),
                        "accepted_at": None if accepted_at is None else accepted_at.isoformat(),
                        "contacts": contacts,
                        "accepted": [
                            {
                                "by": by.accepted_by,
                                "contact_id": by.contact,
                                "method": by.method,
                                "at": by.accepted_at.isoformat(),
                            }
                            for by in acceptances.get(one.agreement_id, ())
                            if contacts_too or by.accepted_by is not None
                        ],
                    }
                    for one, contacts, accepted_at in versions
                ],
            }
        )
    else:
        show_table(
            "Agreements",
            (
                "tenant",
                "kind",
                "version",
                "valid from",
                "SHA-256",
                "accepted by tenant",
                "contacts",
                "standing instructions",
                "in force",
            ),
            (
                (
                    one.org_id,
                    one.kind,
                    one.version,
                    one.valid_from.date().isoformat(),
                    one.text_digest,
                    "no" if accepted_at is None else accepted_at.date().isoformat(),
                    str(contacts),
                    ", ".join(one.standing),
                    "yes" if one.agreement_id in counting and accepted_at is not None else "",
                )
                for one, contacts, accepted_at in versions
            ),
        )
        for one, _, _ in versions:
            for by in acceptances.get(one.agreement_id, ()):
                if by.accepted_by is not None or contacts_too:
                    day = by.accepted_at.date().isoformat()
                    what = f"{one.org_id}, {one.kind} {one.version}"
                    who = by.accepted_by or f"contact {by.contact or '(erased)'}"
                    say(f"{what}: accepted by {who}, {by.method}, {day}")
        for org_id in stopped:
            say(
                f"{org_id}: no accepted data processing agreement. Sweeps and reporting do not "
                "process this tenant's data."
            )
    if stopped:
        raise typer.Exit(1)


def _require_contact(stores: OpenedStores, org_id: str, contact_id: str) -> None:
    """Refuse a contact that the tenant does not have."""
    given = Identifier(IdentifierKind.CONTACT_ID, contact_id)
    datamap = open_datamap(stores)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        if not transaction.reading(datamap).holders(org_id, [given])[given]:
            raise RequestError("agreement: the tenant has no contact with this id")
