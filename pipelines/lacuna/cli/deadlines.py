"""The command that resumes the clock of a request."""

from lacuna.cli.arguments import DecidingOfficer, PrintJson, RequestId
from lacuna.cli.decisions import deciding
from lacuna.cli.output import due_day, show_moved
from lacuna.cli.request_arguments import country_of
from lacuna.request import resume
from lacuna.wiring import open_stores


def resume_request(request_id: RequestId, as_: DecidingOfficer, as_json: PrintJson = False) -> None:
    """Resume the clock. Whole days of the pause are added to the deadline."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        country = country_of(stores, decision.found.org_id)
        moved = resume(decision.found, decision.desk, country=country)
    due = f"Request {moved.number} is due on {due_day(moved.act_by)}"
    show_moved(moved, due, facts={"due_at": moved.due_at.isoformat()}, as_json=as_json)
