"""How the command line shows which requests were submitted, and lists of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

from lacuna.cli.output import due_day, is_terminal, local_time, say, show_result, show_table
from lacuna.model.assignment import OfficerComment
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request
from lacuna.request import Accepted


def show_accepted(accepted: Sequence[Accepted], *, as_json: bool, is_list: bool) -> None:
    """Print which requests submissions became or repeat, one a line.

    Args:
        is_list: as JSON in a list; else there is one alone.
    """
    documents = [
        {"request_id": one.request_id, "number": one.number, "duplicate": one.is_duplicate}
        for one in accepted
    ]
    numbers = (one.number for one in accepted)
    show_result(documents if is_list else documents[0], *numbers, as_json=as_json)


def comment_documents(comments: Iterable[OfficerComment]) -> list[Mapping[str, str]]:
    """Return comments as other programs read them."""
    return [
        {"at": one.at.isoformat(), "officer": one.officer, "text": one.text} for one in comments
    ]


def show_comments(
    comments: Iterable[OfficerComment], names: Mapping[str, str], zone: tzinfo
) -> None:
    """Print comments, one a line.

    Args:
        names: of officers, by role and key id.
        zone: in which times are shown.
    """
    for one in comments:
        who = names.get(one.officer, one.officer)
        text = json.dumps(one.text, ensure_ascii=False)
        say(f"comment of {local_time(one.at, zone)} by {who}: {text}")


def show_requests(found: Iterable[tuple[Request, Obstacle | None]]) -> None:
    """Print a list of requests, each with why it waits: for people in 80 columns, if ids are short."""
    columns: tuple[str, ...] = ("number", "tenant", "rights", "state", "waits for", "due", "clock")
    rows: list[tuple[str, ...]] = [
        (
            one.number,
            one.org_id,
            ", ".join(one.kinds),
            str(one.state),
            str(obstacle or ""),
            due_day(one.act_by),
            _clock(one),
        )
        for one, obstacle in found
    ]
    if is_terminal():
        columns = ("number", "tenant", "rights", "state", "due")
        rows = [
            (number, org_id, kinds, _joined(state, obstacle), _joined(due, clock))
            for number, org_id, kinds, state, obstacle, due, clock in rows
        ]
    show_table("Requests", columns, rows)


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def _clock(request: Request) -> str:
    """Return the words for what moved or stops the clock of a request."""
    if request.pause is not None:
        return f"paused: {request.pause}"
    return "" if request.extended_at is None else "extended"
