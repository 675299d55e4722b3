"""Routes for a mail that waits: read it, take the request in it, or say that it is none."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from lacuna.datamap import load, load_tenants
from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.dossier import reading
from lacuna.dpo_page.forms import NEW_VALUE, InvalidFields, form_words, new_values, only
from lacuna.dpo_page.responses import page, refuse_fields, to_page, to_request, wants_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.tasks import review_reasons
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.errors import RequestError, UnknownRequest
from lacuna.intake import visible
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.mail import Forwarded, Mail, MailOutcome, MailRecord
from lacuna.model.person_kinds import of_kind
from lacuna.model.queue import Submission
from lacuna.model.request import CONTACT, RequestKind
from lacuna.ports import Transaction
from lacuna.request import (
    Inquiry,
    Opened,
    accept_mail,
    accept_part,
    ask_writer,
    checked,
    dismiss_mail,
    due,
    open_mail,
    parts_of,
    require_correctable,
    writer_address,
)

_KIND: Final = "kind_"
_FOUND: Final = "found_"
_PART: Final = "part"
_AGAIN: Final = "again"
_WRITER: Final = "writer"
_INQUIRIES: Final[Mapping[Inquiry, str]] = {
    Inquiry.QUESTION: "Ask which rights they mean",
    Inquiry.CLARIFICATION: "Ask what they want, and for whom",
}
_WAITING: Final = frozenset({MailOutcome.WAITING, MailOutcome.NO_REQUEST})
_TYPED: Final[Mapping[str, IdentifierKind]] = {
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
    "external_id": IdentifierKind.EXTERNAL_ID,
}


@dataclass(frozen=True)
class MailView:
    """An opened mail as the page shows it: hidden characters as their codes.

    Attributes:
        address: where its writer may be asked; None: Lacuna can trust no address.
        writer: the verified address of who wrote it, where it is not among the identifiers; else None.
        texts: From, subject and text of the mail, then of each mail that it hands on.
        correctable: columns whose new values can be given.
        given: what was written into the form, by field.
        errors: what of it cannot be taken, by field.
    """

    opened: Opened
    address: str | None = field(repr=False)
    writer: str | None = field(repr=False)
    texts: Sequence[tuple[str, str, str]] = field(repr=False)
    correctable: Sequence[str]
    given: Mapping[str, str] = field(repr=False)
    errors: Mapping[str, str]


def mail_routes(guard: Guard) -> APIRouter:
    """Return the routes for mails."""
    router = APIRouter()
    reader, decider = guard.visit(), guard.visit(Right.DECIDE)
    sent_by_discloser = guard.sent(Right.DISCLOSE)
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.get("/{org_id}/mails/{mail_id}")
    def one_mail(
        request: Request, mail_id: uuid.UUID, visited: Visit = Depends(reader)
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            return _page(request, visited, _record(transaction, mail_id), transaction)

    @router.post("/{org_id}/mails/{mail_id}/open")
    def opened_mail(
        request: Request, mail_id: uuid.UUID, sent: Sent = Depends(sent_by_discloser)
    ) -> HTMLResponse:
        only(sent.fields)
        return _opened(request, sent.visit, mail_id)

    @router.post("/{org_id}/mails/{mail_id}/accept")
    def accept(
        request: Request, mail_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> Response:
        visited, fields = sent.visit, sent.fields
        try:
            with visited.deciding() as transaction:
                record = _record(transaction, mail_id)
                desk = visited.desk(transaction)
                submission = _submission(record, open_mail(record, desk), fields, visited)
                country = _country(visited)
                take = accept_part if _PART in fields else accept_mail
                accepted = take(record, submission, transaction.mails, desk, country=country)
        except InvalidFields as invalid:
            if visited.may(Right.DISCLOSE) and wants_page(request):
                return refuse_fields(request, invalid, _opened(request, visited, mail_id, invalid))
            raise HTTPException(422, f"{invalid.sentences} Nothing changed.") from None
        if _PART in fields:
            return to_page(request, visited, f"/mails/{mail_id}")
        done = "accept.duplicate" if accepted.is_duplicate else "accept"
        return to_request(request, visited, accepted.request_id, done)

    @router.get("/{org_id}/mails/{mail_id}/dismiss")
    def ask_to_dismiss(
        request: Request, mail_id: uuid.UUID, visited: Visit = Depends(decider)
    ) -> HTMLResponse:
        with reading(visited) as transaction:
            record = _record(transaction, mail_id)
            _require_waiting(record)
            taken = _taken(record, visited, transaction)
        return page(request, "dismissal.html", visited, record=record, taken=taken)

    @router.post("/{org_id}/mails/{mail_id}/dismiss")
    def dismiss(
        request: Request, mail_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> RedirectResponse:
        only(sent.fields)
        visited = sent.visit
        with visited.deciding() as transaction:
            record = _record(transaction, mail_id)
            _require_waiting(record)
            dismiss_mail(record, transaction.mails, visited.desk(transaction))
        return to_page(request, visited, f"/mails/{mail_id}")

    @router.post("/{org_id}/mails/{mail_id}/ask")
    def ask(
        request: Request, mail_id: uuid.UUID, sent: Sent = Depends(sent_by_decider)
    ) -> Response:
        letter, again = only({_AGAIN: "", **sent.fields}, "letter", _AGAIN)
        if letter not in list(Inquiry):
            raise HTTPException(422, "Choose one of the letters. Nothing changed.")
        visited = sent.visit
        tenant = load_tenants(visited.stores.tenants_path).by_org[visited.org_id]
        with visited.deciding() as transaction:
            record = _record(transaction, mail_id)
            desk = visited.desk(transaction)
            before = [
                one for one in transaction.mails.letters_about(record.mail_id) if one.kind == letter
            ]
            if before and before[-1].state != "pending" and not again:
                # Whoever was asked already is asked again only on purpose.
                return page(
                    request,
                    "asked_before.html",
                    visited,
                    record=record,
                    letter=letter,
                    words=_INQUIRIES[Inquiry(letter)],
                    before=before[-1],
                )
            ask_writer(record, Inquiry(letter), tenant, transaction.mails, desk)
        return to_page(request, visited, f"/mails/{mail_id}")

    return router


def _record(transaction: Transaction, mail_id: uuid.UUID) -> MailRecord:
    try:
        return transaction.mails.get(str(mail_id))
    except UnknownRequest:
        raise HTTPException(404, "This tenant has no such mail.") from None


def _require_waiting(record: MailRecord) -> None:
    if record.outcome is not MailOutcome.WAITING:
        raise HTTPException(409, "Somebody decided on this mail in the meantime. Nothing changed.")


def _number(record: MailRecord, transaction: Transaction) -> str:
    """Return the number of a mail's request; nothing where there is none."""
    if record.request_id is None:
        return ""
    return transaction.queue.requests.numbers([record.request_id]).get(record.request_id, "")


def _taken(record: MailRecord, visited: Visit, transaction: Transaction) -> Mapping[str, str]:
    """Return the numbers of the requests that were taken from a mail that waits, by their ids."""
    if record.outcome not in _WAITING:
        return {}
    parts = parts_of(record, visited.desk(transaction, actor="system:dpo-page"))
    return transaction.queue.requests.numbers(parts)


def _page(
    request: Request,
    visited: Visit,
    record: MailRecord,
    transaction: Transaction,
    view: MailView | None = None,
) -> HTMLResponse:
    return page(
        request,
        "mail.html",
        visited,
        now=visited.stores.clock.now(),
        record=record,
        waits=record.outcome in _WAITING,
        legally_due=due(record.received_at, country=_country(visited)).due_at,
        why=review_reasons(record, transaction.mails.reasons()),
        number=_number(record, transaction),
        officer=transaction.assignments.of([record.mail_id]).get(record.mail_id),
        officers=officer_names(visited, transaction),
        taken=_taken(record, visited, transaction),
        letters=transaction.mails.letters_about(record.mail_id),
        inquiries=_INQUIRIES,
        view=view,
        kinds=RequestKind,
        shown=visible,
    )


def _country(visited: Visit) -> str:
    """Return the country of the controller, whose holidays move due dates."""
    return load_tenants(visited.stores.tenants_path).by_org[visited.org_id].country


def _opened(
    request: Request, visited: Visit, mail_id: uuid.UUID, invalid: InvalidFields | None = None
) -> HTMLResponse:
    """Show what a mail says; sent only after the ledger's entry is there for good."""
    with visited.deciding() as transaction:
        record = _record(transaction, mail_id)
        desk = visited.desk(transaction)
        opened = open_mail(record, desk)
        desk.record(Action.DISCLOSED, "lacuna.mail", request_id=record.request_id)
        written: list[Mail | Forwarded] = [opened.mail, *opened.mail.forwarded]
        view = MailView(
            opened,
            writer_address(record, opened, desk),
            _writer(opened),
            [
                (", ".join(map(visible, one.senders)), visible(one.subject), visible(one.text))
                for one in written
            ],
            of_kind(load(visited.stores.datamap_path), CONTACT).correctable,
            {} if invalid is None else invalid.given,
            {} if invalid is None else invalid.errors,
        )
        return _page(request, visited, record, transaction, view)


def _writer(opened: Opened) -> str | None:
    """Return the address of who wrote a mail if their domain vouched for it and it is not found yet."""
    sender = opened.mail.sender
    found = {one.value.casefold() for one in opened.identifiers}
    is_new = opened.is_vouched and sender is not None and sender.casefold() not in found
    return sender if is_new else None


def _submission(
    record: MailRecord, opened: Opened, fields: Mapping[str, str], visited: Visit
) -> Submission:
    """Return the request that a person read in a mail, by its form.

    Raises:
        InvalidFields: no right, nobody to be found by, or a value that cannot be taken.
    """
    known = {
        *(f"{_KIND}{kind}" for kind in RequestKind),
        *(f"{_FOUND}{number}" for number, _ in enumerate(opened.identifiers)),
        *_TYPED,
        "verified_by",
        _PART,
        _WRITER,
    }
    values = new_values(fields)
    if unknown := [one for one in fields if one not in known and not one.startswith(NEW_VALUE)]:
        raise HTTPException(422, f"This form has no such field: {len(unknown)} unknown fields.")
    kinds = tuple(kind for kind in RequestKind if f"{_KIND}{kind}" in fields)
    found = [one for number, one in enumerate(opened.identifiers) if f"{_FOUND}{number}" in fields]
    typed = [
        Identifier(kind, fields[name].strip())
        for name, kind in _TYPED.items()
        if fields.get(name, "").strip()
    ]
    writer = _writer(opened)
    if _WRITER in fields and writer is not None:
        found.append(Identifier(IdentifierKind.EMAIL, writer))
    errors = {}
    if not kinds:
        errors["kinds"] = "Choose at least one right."
    if not found and not typed:
        errors["identifiers"] = "Choose or write at least one identifier."
    if RequestKind.RECTIFICATION in kinds and not values:
        errors["values"] = "Write at least one new value."
    if errors:
        raise InvalidFields(errors, fields)
    submission = Submission(
        org_id=visited.org_id,
        kinds=kinds,
        identifiers=tuple(dict.fromkeys([*found, *typed])),
        received_at=record.received_at,
        verified_by=fields.get("verified_by", "").strip() or None,
        rectifications=values if RequestKind.RECTIFICATION in kinds else {},
    )
    where = "values"
    try:
        require_correctable(submission, load(visited.stores.datamap_path))
        where = "identifiers"
        return checked(submission, visited.stores.clock.now())
    except RequestError as error:
        raise InvalidFields({where: form_words(error)}, fields) from None
