"""Turns rows that other systems inserted into requests, and answers in the rows."""

from collections.abc import Callable
from dataclasses import dataclass

from lacuna.errors import MalformedRequest, RequestError
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import InboxRow, Submission
from lacuna.model.request import RequestKind
from lacuna.ports import Desk, Inbox
from lacuna.request.acceptance import OpenRequests, checked
from lacuna.request.submission_check import SubmissionCheck


@dataclass(frozen=True)
class InboxTaken:
    """How many inbox rows became requests, repeated one, or were rejected."""

    queued: tuple[str, ...]
    duplicates: int
    rejected: int


def take_inbox(
    desk: Desk, new_id: Callable[[], str], limit: int, check: SubmissionCheck
) -> InboxTaken:
    """Queue every new row of the inbox; a malformed one is rejected and nothing else is lost.

    Args:
        check: what the installation has; a row that names something else is rejected.
    """
    queued: list[str] = []
    known = OpenRequests(desk)
    duplicates = rejected = 0
    for row in desk.queue.inbox.new_rows(limit):
        try:
            submission = checked(_submission(row), desk.now)
            check.require(submission)
            country = check.listed.country_of(submission.org_id)
            accepted = known.accept(submission, new_id(), new_id(), country=country)
        except RequestError as error:
            desk.queue.inbox.record_result(
                row.inbox_id, "rejected", request_id=None, reason=str(error)
            )
            rejected += 1
            continue
        status = "duplicate" if accepted.is_duplicate else "queued"
        desk.queue.inbox.record_result(
            row.inbox_id, status, request_id=accepted.request_id, reason=None
        )
        if accepted.is_duplicate:
            duplicates += 1
        else:
            queued.append(accepted.request_id)
    return InboxTaken(tuple(queued), duplicates, rejected)


def submission_location(inbox_id: int) -> str:
    """Return how the ledger names a submission.

    >>> submission_location(1000042)
    'lacuna.request_inbox/1,000,042'
    """
    return f"lacuna.request_inbox/{inbox_id:,}"  # seven digits in a row could be a person's


def withdraw_submission(inbox_id: int, inbox: Inbox, desk: Desk) -> None:
    """Withdraw what was submitted before the intake reads it; its identifiers are wiped.

    Raises:
        RequestError: it does not wait any more, or there is no such submission.
    """
    if not inbox.withdraw(inbox_id):
        raise RequestError(
            f"submission {inbox_id}: it does not wait any more; withdraw the request that it became"
        )
    desk.record(Action.WITHDRAWN, submission_location(inbox_id))


def _submission(row: InboxRow) -> Submission:
    known = {str(kind): kind for kind in RequestKind}
    kinds = [known.get(kind) if isinstance(kind, str) else None for kind in row.kinds]
    if unknown := kinds.count(None):
        raise MalformedRequest(f"request: {unknown} unknown rights; allowed: {', '.join(known)}")
    if not all(isinstance(text, str) for _, text in row.identifiers):
        raise MalformedRequest(
            "request: an identifier is NULL or an array; leave it out of its array"
        )
    if row.received_at is None:
        raise MalformedRequest("request: the time of receipt is not a valid date")
    if row.rectifications is None:
        raise MalformedRequest("request: the corrections are not a JSON object of column and text")
    return Submission(
        org_id=row.org_id,
        kinds=tuple(kind for kind in kinds if kind is not None),
        identifiers=tuple(
            Identifier(IdentifierKind(kind), text)
            for kind, text in row.identifiers
            if isinstance(text, str)
        ),
        received_at=row.received_at,
        verified_by=row.verified_by,
        is_forced=row.is_forced,
        rectifications=row.rectifications,
        instructed_by=row.instructed_by,
        person_kind=row.person_kind,
    )
