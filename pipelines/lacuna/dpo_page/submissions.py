"""Routes that hand requests in: one as JSON or by form, many as CSV. All of them go to the inbox.

Whether anybody is known by an identifier is looked up when intake runs, and not here: the answer
is the same for everybody.
"""

import json
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, time
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lacuna.datamap import load
from lacuna.dpo_page.actions import INTAKE
from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.dossier import reading
from lacuna.dpo_page.forms import (
    NEW_VALUE,
    TOKEN,
    TOKEN_HEADER,
    InvalidFields,
    form_words,
    new_values,
    only,
    read_body,
    require_own,
    require_type,
)
from lacuna.dpo_page.responses import page, refuse_fields, to_page, wants_page
from lacuna.dpo_page.route_guard import Guard, Sent
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.uploads import MOST_BYTES, packed, read_csv, unpacked
from lacuna.dpo_page.user_rights import Right, Visit, body_digest
from lacuna.errors import RequestError
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.person_kinds import of_kind
from lacuna.model.queue import Submission
from lacuna.model.register import Upload
from lacuna.model.request import CONTACT, RequestKind
from lacuna.model.run import Role
from lacuna.ports import Transaction
from lacuna.request import EARLIEST_RECEIPT, checked, require_correctable, withdraw_submission

_LARGEST_BODY: Final = 8 * 1024 * 1024
_MOST_VALUES: Final = 100
_RECEIVED: Final = "received_on"
_IDENTIFIERS: Final = (
    (IdentifierKind.EMAIL, IdentifierKind.EMAIL.words),
    (IdentifierKind.PHONE, f"{IdentifierKind.PHONE.words}, with +country code"),
    (IdentifierKind.EXTERNAL_ID, IdentifierKind.EXTERNAL_ID.words),
    (IdentifierKind.CONTACT_ID, IdentifierKind.CONTACT_ID.words),
)
"""What the form takes a person's identifier for, and what it is called."""

_ShortText = Annotated[str, StringConstraints(min_length=1, max_length=320)]
_ShortTexts = Annotated[list[_ShortText], Field(max_length=_MOST_VALUES)]


class Handed(BaseModel):
    """One request as another system hands it in. Nothing else may be in it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    kinds: Annotated[list[RequestKind], Field(min_length=1, max_length=len(RequestKind))]
    emails: _ShortTexts = []
    phones: _ShortTexts = []
    external_ids: _ShortTexts = []
    # Left out, not null: a null is what a program sends whose own lookup failed.
    contact_id: _ShortText = ""
    conversation_id: _ShortText = ""
    message_id: _ShortText = ""
    rectifications: Annotated[dict[str, str], Field(max_length=_MOST_VALUES)] = {}
    is_forced: bool = False
    verified_by: _ShortText = ""
    received_at: AwareDatetime | None = None
    person_kind: _ShortText = CONTACT

    def submission(self, org_id: str, now: datetime) -> Submission:
        """Return the form as a checked submission.

        Raises:
            RequestError: an identifier is malformed, or there is none.
        """
        given = [
            *((IdentifierKind.EMAIL, each) for each in self.emails),
            *((IdentifierKind.PHONE, each) for each in self.phones),
            *((IdentifierKind.EXTERNAL_ID, each) for each in self.external_ids),
            (IdentifierKind.CONTACT_ID, self.contact_id),
            (IdentifierKind.CONVERSATION_ID, self.conversation_id),
            (IdentifierKind.MESSAGE_ID, self.message_id),
        ]
        return checked(
            Submission(
                org_id=org_id,
                kinds=tuple(self.kinds),
                identifiers=tuple(Identifier(kind, text) for kind, text in given if text),
                received_at=self.received_at or now,
                verified_by=self.verified_by or None,
                is_forced=self.is_forced,
                rectifications=self.rectifications,
                person_kind=self.person_kind,
            ),
            now,
        )


def submitting_routes(guard: Guard, schedule: Schedule) -> APIRouter:
    """Return the routes that hand in, and those of what was handed in."""
    router = APIRouter()
    submitter = guard.visit(Right.SUBMIT)
    sent_by_submitter = guard.sent(Right.SUBMIT)
    reader = guard.visit()
    sent_by_decider = guard.sent(Right.DECIDE)

    @router.get("/{org_id}/submit")
    def form(request: Request, visited: Visit = Depends(submitter)) -> HTMLResponse:
        return _form(request, visited)

    @router.post("/{org_id}/requests")
    async def hand_in(request: Request, visited: Visit = Depends(submitter)) -> JSONResponse:
        require_type(request, "application/json")
        require_own(request, visited, request.headers.get(TOKEN_HEADER, ""))
        body = await read_body(request, _LARGEST_BODY)
        key = _idempotency_key(request)
        text = _utf_8(body)
        submission = _read_json(text, visited)
        once = None if key is None else (key, body_digest(visited, text))
        status, inbox_id = _hand_in_once(visited, submission, once)
        return JSONResponse({"inbox_id": inbox_id, "status": "new"}, status)

    @router.post("/{org_id}/submit")
    def hand_in_by_form(request: Request, sent: Sent = Depends(sent_by_submitter)) -> Response:
        visited = sent.visit
        try:
            submission = _read_form(sent.fields, visited)
        except InvalidFields as invalid:
            return refuse_fields(request, invalid, _form(request, visited, invalid))
        _, inbox_id = _hand_in_once(visited, submission, None)
        return to_page(request, visited, f"/inbox/{inbox_id}")

    @router.get("/{org_id}/inbox/{inbox_id}")
    def became(request: Request, inbox_id: int, visited: Visit = Depends(reader)) -> Response:
        _require_id(inbox_id)
        with reading(visited) as transaction:
            result = transaction.inbox.result(inbox_id)
            officers = officer_names(visited, transaction)
        if result is None:
            raise HTTPException(404, "This tenant has no such submission.")
        if wants_page(request):
            times = schedule.in_zone(visited.zone)
            return page(
                request,
                "inbox.html",
                visited,
                result=result,
                officers=officers,
                next_run=times.of(INTAKE),
                warning=times.warning(INTAKE) if result.waits else "",
            )
        return JSONResponse(
            {
                "inbox_id": inbox_id,
                "status": result.status,
                "request_id": result.request_id,
                "reason": result.reason,
            }
        )

    @router.post("/{org_id}/inbox/{inbox_id}/withdraw")
    def withdraw(
        request: Request, inbox_id: int, sent: Sent = Depends(sent_by_decider)
    ) -> Response:
        only(sent.fields)
        _require_id(inbox_id)
        visited = sent.visit
        with visited.deciding() as transaction:
            withdraw_submission(inbox_id, transaction.inbox, visited.desk(transaction))
        return to_page(request, visited, f"/inbox/{inbox_id}")

    @router.post("/{org_id}/upload")
    async def upload(request: Request, visited: Visit = Depends(submitter)) -> HTMLResponse:
        require_type(request, "multipart/form-data")
        # Whoever sends more is stopped here, whatever the form's parser would keep.
        if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
            raise HTTPException(
                413, f"The upload has more than {MOST_BYTES} bytes, or does not state its length."
            )
        async with request.form(max_files=1, max_fields=1) as fields:
            require_own(request, visited, str(fields.get(TOKEN, "")))
            file = fields.get("file")
            if file is None or isinstance(file, str):
                raise HTTPException(422, "Choose a file.")
            content = await file.read()
        return _stage(request, visited, content)

    @router.post("/{org_id}/upload/{upload_id}")
    def confirm(
        request: Request,
        upload_id: uuid.UUID,
        sent: Sent = Depends(sent_by_submitter),
    ) -> HTMLResponse:
        (decision,) = only(sent.fields, "decision")
        if decision not in ("queue", "discard"):
            raise HTTPException(422, "decision: use queue or discard.")
        visited = sent.visit
        with _handing_in(visited) as transaction:
            secret = transaction.inbox.take_upload(str(upload_id))
            if secret is None:
                raise HTTPException(
                    410, "This upload was already confirmed or discarded, or has expired."
                )
            queued = 0
            if decision == "queue":
                clear = visited.stores.keys.decrypt(str(upload_id), secret)
                queued = len(
                    transaction.inbox.add(unpacked(clear), submitted_by=visited.officer or None)
                )
        visited.stores.keys.destroy(str(upload_id))
        times = schedule.in_zone(visited.zone)
        return page(request, "uploaded.html", visited, queued=queued, next_run=times.of(INTAKE))

    return router


def _form(request: Request, visited: Visit, invalid: InvalidFields | None = None) -> HTMLResponse:
    return page(
        request,
        "submit.html",
        visited,
        kinds=RequestKind,
        identifier_kinds=_IDENTIFIERS,
        today=visited.stores.clock.now().astimezone(visited.zone).date(),
        correctable=of_kind(load(visited.stores.datamap_path), CONTACT).correctable,
        given={} if invalid is None else invalid.given,
        errors={} if invalid is None else invalid.errors,
    )


def _read_form(fields: Mapping[str, str], visited: Visit) -> Submission:
    """Return the request of a form.

    Raises:
        InvalidFields: a field cannot be taken.
    """
    names = ("kind", "identifier_kind", "identifier", "verified_by", _RECEIVED)
    others = {name: text for name, text in fields.items() if not name.startswith(NEW_VALUE)}
    kind, identifier_kind, identifier, how, day = only({_RECEIVED: "", **others}, *names)
    now = visited.stores.clock.now()
    received_at = _received_at(day.strip(), now, visited)
    values = new_values(fields)
    errors = {}
    if kind not in tuple(RequestKind):
        errors["kind"] = "Choose a right."
    if identifier_kind not in tuple(IdentifierKind):
        errors["identifier_kind"] = "Choose a kind of identifier."
    if kind == RequestKind.RECTIFICATION and not values:
        errors["values"] = "Write at least one new value."
    if kind != RequestKind.RECTIFICATION and values:
        errors["values"] = "New values need the right to rectification."
    if received_at is None:
        errors[_RECEIVED] = "Write the day on which it came: today or earlier, from 2018-05-25 on."
    if errors or received_at is None:
        raise InvalidFields(errors, fields)
    submission = Submission(
        visited.org_id,
        (RequestKind(kind),),
        (Identifier(IdentifierKind(identifier_kind), identifier),),
        received_at,
        verified_by=how.strip() or None,
        rectifications=values,
    )
    where = "values"
    try:
        require_correctable(submission, load(visited.stores.datamap_path))
        where = "identifier"
        return checked(submission, now)
    except RequestError as error:
        raise InvalidFields({where: form_words(error)}, fields) from None


def _received_at(day: str, now: datetime, visited: Visit) -> datetime | None:
    """Return when a request came: now, or at noon of an earlier day; None for no such day."""
    today = now.astimezone(visited.zone).date()
    try:
        given = date.fromisoformat(day) if day else today
    except ValueError:
        return None
    if given == today:
        return now
    # At noon it is the same day in UTC, by whose days deadlines count.
    at = datetime.combine(given, time(12), visited.zone)
    return at if EARLIEST_RECEIPT <= at < now else None


def _utf_8(body: bytes) -> str:
    try:
        return body.decode("utf-8")  # the one encoding of JSON between systems (RFC 8259, 8.1)
    except UnicodeDecodeError:
        raise HTTPException(422, "Send JSON in UTF-8.") from None


def _read_json(text: str, visited: Visit) -> Submission:
    try:
        document = json.loads(text, object_pairs_hook=_without_duplicates)
        handed = Handed.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"][:1])} for one in error.errors(include_input=False)]
        ) from None
    except (ValueError, RecursionError):
        raise HTTPException(
            422, "The body is not a JSON object, or contains a key twice."
        ) from None
    submission = handed.submission(visited.org_id, visited.stores.clock.now())
    if submission.rectifications:
        require_correctable(submission, load(visited.stores.datamap_path))
    return submission


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key occurs twice")
    return document


def _idempotency_key(request: Request) -> str | None:
    given = request.headers.get("idempotency-key")
    try:
        return None if given is None else str(uuid.UUID(given))
    except ValueError:
        raise HTTPException(422, "Idempotency-Key: use a UUID.") from None


def _hand_in_once(
    visited: Visit, submission: Submission, once: tuple[str, str] | None
) -> tuple[int, int]:
    """Hand a submission in, unless it was before; return status and row."""
    with _handing_in(visited) as transaction:
        before = None if once is None else transaction.inbox.sent(once[0])
        if before is not None and once is not None:
            if before[1] != once[1]:
                raise HTTPException(
                    409, "This Idempotency-Key was already used with a different body."
                )
            return 200, before[0]
        return 202, transaction.inbox.add([submission], once, submitted_by=visited.officer or None)[
            0
        ]


def _stage(request: Request, visited: Visit, content: bytes) -> HTMLResponse:
    now = visited.stores.clock.now()
    read = read_csv(content, visited.org_id, now)
    upload_id = str(uuid.uuid4())
    upload = Upload(upload_id, len(read.good), len(read.bad), now)
    if read.good:
        secret = visited.stores.keys.encrypt(upload_id, packed(read.good))
        with _handing_in(visited) as transaction:
            transaction.inbox.put_upload(visited.org_id, upload, secret)
    return page(request, "upload.html", visited, upload=upload, bad=read.bad)


def _require_id(inbox_id: int) -> None:
    if not 0 < inbox_id < 2**63:
        raise HTTPException(422, "inbox_id: use a positive number.")


def _handing_in(visited: Visit) -> AbstractContextManager[Transaction]:
    return visited.stores.transaction(Role.SUBMITTER, org_id=visited.org_id)
