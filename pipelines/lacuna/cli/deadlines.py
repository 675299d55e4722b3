"""Commands about the deadline of a request: extend it, ask which data is meant, resume the clock."""

from lacuna.cli.arguments import DecidingOfficer, PrintJson, RequestId
from lacuna.cli.decisions import deciding
from lacuna.cli.output import due_day, show_moved
from lacuna.cli.request_arguments import country_of
from lacuna.model.letter import LetterKind
from lacuna.model.request import Pause, Request
from lacuna.request import extend, pause, resume, tell
from lacuna.wiring import open_stores


def extend_request(request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False) -> None:
    """Extend a request by two months and inform the requester. Only possible in the first month."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = extend(decision.found, decision.desk, country=country)
        mails = decision.transaction.mails
        is_told = tell(moved, LetterKind.EXTENSION, {}, mails, decision.desk)
    untold = (
        "The request did not come by mail. Inform the requester yourself and state the "
        "reasons (Art. 12(3))."
    )
    show_moved(
        moved,
        _due(moved),
        *(() if is_told else (untold,)),
        facts={"due_at": moved.due_at.isoformat(), "is_told": is_told},
        as_json=as_json,
    )


def ask_to_specify(request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False) -> None:
    """Ask the requester to specify an access request. Pauses the clock until the answer arrives."""
    with deciding(open_stores(), request_id, as_) as decision:
        moved = pause(decision.found, Pause.CLARIFICATION, decision.desk)
        mails = decision.transaction.mails
        is_told = tell(moved, LetterKind.SPECIFICATION, {}, mails, decision.desk)
    resume_it = f"run lacuna request resume {moved.number}"
    show_moved(
        moved,
        f"{moved.number}: paused, {moved.pause}",
        "A reply to the letter from the requester's address resumes the clock and is listed by "
        f"lacuna mail list. If the answer arrives another way, {resume_it}"
        if is_told
        else "The request did not come by mail. Ask the requester yourself which data or which "
        f"period they mean. When the answer arrives, {resume_it}",
        facts={"pause": moved.pause, "is_told": is_told},
        as_json=as_json,
    )


def resume_request(request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False) -> None:
    """Resume the clock. Whole days of the pause are added to the deadline."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = resume(decision.found, decision.desk, country=country)
    show_moved(moved, _due(moved), facts={"due_at": moved.due_at.isoformat()}, as_json=as_json)


def _due(moved: Request) -> str:
    return f"Request {moved.number} is due on {due_day(moved.due_at)}"
