"""How results are shown: tables and sentences for people, one JSON document for machines."""

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from lacuna.model.queue import Obstacle
from lacuna.model.request import Request

# What is printed is printed as it stands: no markup, no emoji for a word between colons.
_console = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
_problems = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)
_WIDEST = 10_000
_SEPARATOR: Final = re.compile(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # of cells or lines
_LABELS: Final = {
    "number": "Request",
    "request_id": "Id",
    "org_id": "Tenant",
    "kinds": "Rights",
    "person_kind": "Kind of person",
    "level": "Level",
    "state": "State",
    "obstacle": "Obstacle",
    "received_at": "Received",
    "alarm_at": "Due",
    "due_at": "Legal deadline",
    "extended_at": "Extended",
    "paused_at": "Paused since",
    "pause": "Paused for",
    "paused_days": "Days paused",
    "is_verified": "Identity verified",
    "plan_digest": "Plan digest",
}
_DAYS: Final = frozenset({"due_at", "alarm_at"})
_TIMES: Final = frozenset({"received_at", "extended_at", "paused_at"})
# The other obstacles name what failed; docs/runbook.md lists them by name.
_WAITS_FOR: Final[Mapping[str, str]] = {
    Obstacle.NOT_APPROVED: "approval",
    Obstacle.MODE_OBSERVE: "LACUNA_MODE=act: the plan is approved, and runs only observe",
    Obstacle.AMBIGUOUS: "review",
    Obstacle.IDENTITY: "identity check",
    Obstacle.CONTROLLER: "instruction of the controller",
    Obstacle.OPEN_CONVERSATIONS: "the end of open conversations",
    Obstacle.EARLIER_RIGHTS: "earlier requests of the person",
}
_SENTENCE = 30  # columns of the terminal that a sentence gets at least


def say(text: str) -> None:
    """Print a sentence as it stands."""
    _console.print(text)


def complain(text: str) -> None:
    """Print a sentence on standard error."""
    _problems.print(text)


def show_json(document: object) -> None:
    """Print one JSON document."""
    _console.print(json.dumps(document, indent=2, sort_keys=True))


def show_result(document: object, *sentences: str, as_json: bool) -> None:
    """Print what a command did: one JSON document, or else sentences for people."""
    if as_json:
        show_json(document)
        return
    for sentence in sentences:
        say(sentence)


def show_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], whole: Collection[str] = ()
) -> None:
    """Print a table: what has no space, such as an id, in one piece, however narrow the terminal is.

    For another program, print only the rows: one a line, the cells separated by tabs.

    Args:
        whole: columns that are in one piece although there are spaces.
    """
    shown = [tuple(row) for row in rows]
    if not is_terminal():
        for row in shown:
            print(*(_SEPARATOR.sub(" ", cell) for cell in row), sep="\t")  # noqa: T201
        return
    table = _table(title, columns, shown, whole, _SENTENCE)
    if _width(table) > _console.width:
        table = _table(title, columns, shown, whole, 0)
    width = max(_console.width, _width(table))
    Console(highlight=False, emoji=False, markup=False, width=width).print(table)


def is_terminal() -> bool:
    """Whether a person reads what is printed, and no other program."""
    return sys.stdout.isatty()


def _table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    whole: Collection[str],
    sentence: int,
) -> Table:
    """Return a table whose sentences have `sentence` columns of the terminal, or their longest word."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for place, name in enumerate(columns):
        values = [name, *(row[place] for row in rows)]
        is_whole = name in whole or not any(" " in value for value in values)
        longest = max(map(cell_len, values))
        words = max(cell_len(word) for value in values for word in value.split() or [""])
        least = longest if is_whole else min(max(sentence, words), longest)
        table.add_column(name, overflow="fold", no_wrap=is_whole, min_width=least)
    for row in rows:
        table.add_row(*row)
    return table


def _width(table: Table) -> int:
    return Measurement.get(_console, _console.options.update_width(_WIDEST), table).minimum


def request_document(request: Request, obstacle: str | None = None) -> Mapping[str, object]:
    """Return a request as other programs read it: no identifier of the person is in it."""
    return {
        "request_id": request.request_id,
        "number": request.number,
        "org_id": request.org_id,
        "kinds": [str(kind) for kind in request.kinds],
        "person_kind": request.person_kind,
        "level": str(request.level),
        "state": str(request.state),
        "obstacle": obstacle,
        "received_at": request.received_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "alarm_at": request.act_by.isoformat(),
        "extended_at": _moment(request.extended_at),
        "paused_at": _moment(request.paused_at),
        "pause": request.pause,
        "paused_days": request.paused_days,
        "is_verified": request.is_verified,
        "plan_digest": request.plan_digest,
    }


def state_of(request: Request) -> str:
    """Return the sentence that says where a request stands."""
    return f"Request {request.number} is now {request.state}"


def moved_document(moved: Request) -> Mapping[str, object]:
    """Return a request's new state as other programs read it."""
    return {
        "request_id": moved.request_id,
        "number": moved.number,
        "state": str(moved.state),
    }


def show_moved(
    moved: Request, *sentences: str, facts: Mapping[str, object] | None = None, as_json: bool
) -> None:
    """Print what a decision did to a request.

    Args:
        sentences: for people, instead of the one that says where it stands.
        facts: for machines, beside its id and state.
    """
    document = {**moved_document(moved), **(facts or {})}
    show_result(document, *(sentences or (state_of(moved),)), as_json=as_json)


def due_day(at: datetime) -> str:
    """Return the day of a deadline, as letters and the ledger name it: the same in every zone."""
    return at.astimezone(UTC).date().isoformat()


def local_day(at: datetime, zone: tzinfo) -> str:
    """Return the day of a time in a zone."""
    return at.astimezone(zone).date().isoformat()


def local_time(at: datetime, zone: tzinfo) -> str:
    """Return a time in a zone, to the minute.

    >>> from zoneinfo import ZoneInfo
    >>> local_time(datetime(2026, 11, 24, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Oslo"))
    '2026-11-25 00:30 CET'
    """
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def request_facts(document: Mapping[str, object], zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Yield what `request_document` has, as labels and texts for people; empty fields are left out.

    Args:
        zone: in which times are shown.
    """
    for name, label in _LABELS.items():
        content = document[name]
        if name == "obstacle" and content in _WAITS_FOR:
            label, content = "Waits for", _WAITS_FOR[str(content)]
        if isinstance(content, list):
            content = ", ".join(content)
        if content is True:
            content = "yes"
        if content and name in _DAYS:
            content = due_day(datetime.fromisoformat(str(content)))
        if content and name in _TIMES:
            content = local_time(datetime.fromisoformat(str(content)), zone)
        if content:
            yield label, str(content)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
