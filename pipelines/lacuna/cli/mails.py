"""Commands about request mails: take them in, list those that wait, read one, decide on it."""

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.arguments import DecidingOfficer, MailId, PrintJson
from lacuna.cli.decisions import record_disclosure, recording
from lacuna.cli.output import due_day, local_day, show_json, show_result, show_table
from lacuna.cli.request_arguments import country_of, identifiers_given, pair
from lacuna.cli.request_output import show_accepted
from lacuna.datamap import load_tenants
from lacuna.errors import ConfigurationError, MalformedRequest, RequestError
from lacuna.flows.intake import submission_check_of, take_in
from lacuna.flows.run.edge import NamedRun, carry
from lacuna.intake import visible
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.queue import Submission
from lacuna.model.request import RequestKind, is_past
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Desk, Stores
from lacuna.request import (
    Inquiry,
    Opened,
    accept_mail,
    accept_part,
    ask_writer,
    checked,
    dismiss_mail,
    open_mail,
)
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import OPENERS, open_stores, run_options

mail = typer.Typer(no_args_is_help=True)


def intake(
    mailbox: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH|imap[s]://…]",
            help="Maildir, mbox, folder of .eml files, or IMAP mailbox. Default: LACUNA_MAILBOX.",
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Take in mails and rows of the inbox. Lacuna removes from the mailbox what it took in."""
    if mailbox is not None and not (
        Path(mailbox).exists() or mailbox.startswith(("imap://", "imaps://"))
    ):
        raise typer.BadParameter(
            "this is neither an existing file or folder nor an imaps:// address"
        )
    batch_id, taken = str(uuid.uuid4()), list[int]()

    def work(stores: Stores, options: RunOptions, batch_id: str) -> None:
        taken.append(take_in(stores, options, batch_id, mailbox))

    carry(work, OPENERS, run_options, NamedRun(f"intake-{batch_id}", batch_id))
    (queued,) = taken
    show_result(
        {"batch_id": batch_id, "queued": queued},
        f"{queued} request{'' if queued == 1 else 's'} queued. See lacuna mail list for mails that "
        "need review.",
        as_json=as_json,
    )


@mail.command("list")
def list_mails(
    every: Annotated[bool, typer.Option("--all", help="List all mails.")] = False,
    overdue: Annotated[bool, typer.Option(help="List only mails past their deadline.")] = False,
    as_json: PrintJson = False,
) -> None:
    """List the mails that need review, oldest first. With --overdue, exit 1 if there are any."""
    stores = open_stores()
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.mails.mails(None if every else MailOutcome.WAITING)
        asked = transaction.mails.asked_back()
        numbers = transaction.queue.requests.numbers(
            [one.request_id for one in found if one.request_id is not None]
        )
    tenants = load_tenants(stores.tenants_path).by_org
    zones = {org_id: tenant.zone for org_id, tenant in tenants.items()}
    if overdue:
        found = [
            one for one in found if one.outcome is MailOutcome.WAITING and is_past(one.due_at, now)
        ]
    if as_json:
        show_json(
            [
                _document(one, one.mail_id in asked) | {"number": numbers.get(one.request_id or "")}
                for one in found
            ]
        )
    else:
        show_table(
            "Mails",
            (
                "mail",
                "tenant",
                "outcome",
                "reasons",
                "question sent",
                "rights",
                "received",
                "due",
                "request",
            ),
            (
                (
                    one.mail_id,
                    one.org_id or "",
                    one.outcome,
                    ", ".join(one.reasons),
                    "yes" if one.mail_id in asked else "",
                    ", ".join(one.kinds),
                    local_day(one.received_at, zones.get(one.org_id or "", UTC)),
                    due_day(one.due_at),
                    numbers.get(one.request_id or "", ""),
                )
                for one in found
            ),
        )
    if overdue and found:
        raise typer.Exit(1)


@mail.command("show")
def show_mail(
    mail_id: MailId,
    as_: Annotated[
        str, typer.Option("--as", help="Officer who reads it. The ledger records only a key id.")
    ],
    save: Annotated[
        Path | None,
        typer.Option(help="New file for the whole mail with its attachments, such as mail.eml."),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Show a mail to an officer. Hidden characters are made visible."""
    if save is not None and (save.exists() or not save.parent.is_dir()):
        raise ConfigurationError(f"{save}: name a new file in an existing folder")
    stores = open_stores()
    record, opened = _opened(stores, mail_id)
    org_id = record.org_id or EVERY_TENANT
    record_disclosure(stores, as_, org_id, "lacuna.mail", record.request_id)
    if save is not None:
        # Readable by the officer alone; what lies under the name meanwhile is not overwritten.
        try:
            with open(os.open(save, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(opened.content)
        except OSError as error:
            raise ConfigurationError(f"{save}: not written: {error.strerror}") from None
    show_result(_content(record, opened, save), *_sentences(record, opened, save), as_json=as_json)


def _content(record: MailRecord, opened: Opened, saved: Path | None) -> dict[str, object]:
    """Return the parts of a mail that an officer reads, hidden characters made visible."""
    read = opened.mail
    return {
        "mail_id": record.mail_id,
        "reasons": list(record.reasons),
        **_written(read.senders, read.subject, read.text),
        "shows_other_address": read.shows_other_address,
        "has_hidden_characters": read.has_hidden_characters,
        "identifiers": [{"kind": str(one.kind), "value": one.value} for one in opened.identifiers],
        "forwarded": [_written(each.senders, each.subject, each.text) for each in read.forwarded],
        "attachments": [
            {"name": one.name, "media_type": one.media_type, "bytes": one.byte_count}
            for one in opened.attachments
        ],
        "saved": None if saved is None else str(saved),
    }


def _written(senders: Sequence[str], subject: str, text: str) -> dict[str, object]:
    return {
        "from": list(map(visible, senders)),
        "subject": visible(subject),
        "text": visible(text),
    }


def _sentences(record: MailRecord, opened: Opened, saved: Path | None) -> Iterator[str]:
    read = opened.mail
    if saved is not None:
        yield f"Saved as {saved}. Its attachments may be harmful. Delete the file after use."
    yield f"From: {visible(', '.join(read.senders))}"
    if read.shows_other_address:
        yield "Warning: the name shown beside the sender's address is a different address."
    if read.has_hidden_characters:
        yield "Warning: hidden characters were removed."
    yield f"Subject: {visible(read.subject)}"
    for one in opened.attachments:
        yield f"Attached: {one.name}, {one.media_type}, {one.byte_count} bytes"
    if record.reasons:
        yield f"Needs review because: {', '.join(record.reasons)}"
    found = ", ".join(f"{one.kind.words} {one.value}" for one in opened.identifiers)
    yield f"Identifiers found: {found}"
    yield ""
    yield visible(read.text)
    for each in read.forwarded:
        yield f"\nForwarded mail from {visible(', '.join(each.senders))}: {visible(each.subject)}\n"
        yield visible(each.text)


@mail.command("accept")
def accept(
    mail_id: MailId,
    as_: DecidingOfficer,
    kind: Annotated[
        list[RequestKind] | None,
        typer.Option(help="Right. Default: the rights that Lacuna found in the mail."),
    ] = None,
    org: Annotated[str | None, typer.Option(help="Tenant, if the mail does not show it.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    phone: Annotated[
        list[str] | None, typer.Option(help="Telephone number with +country code.")
    ] = None,
    external_id: Annotated[list[str] | None, typer.Option(help="Customer number.")] = None,
    contact_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Id of the contact.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE to correct. Can be repeated.")
    ] = None,
    verified_by: Annotated[
        str | None,
        typer.Option(
            help="How identity was verified. Without it the request is "
            "paused for the identity check."
        ),
    ] = None,
    more: Annotated[
        bool, typer.Option(help="Keep the mail for another request that it contains.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Queue the request in a mail. Its deadline counts from the receipt of the mail."""
    stores = open_stores()
    given = identifiers_given(email=email, phone=phone, external_id=external_id, contact=contact_id)
    record = _record(stores, mail_id)
    if org is not None and record.org_id not in (None, org):
        raise MalformedRequest(f"{mail_id}: the mail was sent to another tenant; leave --org out")
    org_id = record.org_id or org or ""
    # A mail of no tenant is decided on by whoever may read it.
    stores.officer(as_, record.org_id or EVERY_TENANT)
    submission = Submission(
        org_id=org_id,
        kinds=tuple(kind or record.kinds),
        identifiers=given or _opened(stores, mail_id)[1].identifiers,
        received_at=record.received_at,
        verified_by=verified_by,
        rectifications=dict(pair(one) for one in set_ or ()),
    )
    check = submission_check_of(stores)
    check.require_tenant(checked(submission, stores.clock.now()).org_id)
    check.require(submission)
    country = country_of(stores, org_id)
    with recording(stores, org_id, as_) as (transaction, desk):
        take = accept_part if more else accept_mail
        accepted = take(record, submission, transaction.mails, desk, country=country)
    show_accepted([accepted], as_json=as_json, is_list=False)


@mail.command("ask")
def ask(
    mail_id: MailId,
    letter: Annotated[
        Inquiry, typer.Option(help="Which rights they mean, or what they want and for whom.")
    ],
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Ask the writer of an unclear mail, if somebody vouched for the address. The mail stays."""
    stores = open_stores()
    record = _record(stores, mail_id)
    with recording(stores, record.org_id or EVERY_TENANT, as_) as (transaction, desk):
        tenant = load_tenants(stores.tenants_path).by_org.get(record.org_id or "")
        if tenant is None:
            raise RequestError(f"{mail_id}: no tenant got this mail, so nobody can ask its writer")
        ask_writer(record, letter, tenant, transaction.mails, desk)
    show_result(
        {"mail_id": mail_id, "letter": str(letter)},
        f"{mail_id}: the next run of intake writes to its sender",
        as_json=as_json,
    )


@mail.command("dismiss")
def dismiss(mail_id: MailId, as_: DecidingOfficer, as_json: PrintJson = False) -> None:
    """Record that a mail is not a request, or no more than was taken from it. Lacuna later deletes its copy."""
    stores = open_stores()
    record = _record(stores, mail_id)
    with recording(stores, record.org_id or EVERY_TENANT, as_) as (transaction, desk):
        outcome = dismiss_mail(record, transaction.mails, desk)
    document = {"mail_id": mail_id, "outcome": outcome}
    said = "dismissed" if outcome is MailOutcome.DISMISSED else "settled"
    show_result(document, f"{mail_id} {said}", as_json=as_json)


def _record(stores: OpenedStores, mail_id: str) -> MailRecord:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.mails.get(mail_id)


def _opened(stores: OpenedStores, mail_id: str) -> tuple[MailRecord, Opened]:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        record = transaction.mails.get(mail_id)
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), "")
        return record, open_mail(record, desk)


def _document(record: MailRecord, is_asked_back: bool) -> dict[str, object]:
    return {
        "mail_id": record.mail_id,
        "org_id": record.org_id,
        "request_id": record.request_id,
        "outcome": str(record.outcome),
        "reasons": list(record.reasons),
        "asked_back": is_asked_back,
        "kinds": [str(kind) for kind in record.kinds],
        "received_at": record.received_at.isoformat(),
        "due_at": record.due_at.isoformat(),
    }
