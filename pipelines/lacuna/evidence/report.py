"""The report to the data protection officer: what ran, what failed, what is due; ids and counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from html import escape
from typing import Final

import rfc8785

from lacuna.evidence.canonical_bytes import instant
from lacuna.evidence.canonical_json import Json
from lacuna.evidence.ledger_check import CheckedLedger
from lacuna.evidence.runs import BEGAN, RUN, TASK
from lacuna.evidence.superseded_histories import location_of
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.model.next_step import next_step
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import StepLine, TaskTry
from lacuna.translations import Wording

_MOST_DAYS: Final = 366
_DAY: Final = timedelta(days=1)
_NIGHT_ENDS: Final = timedelta(hours=6, minutes=30)
"""Time of day, UTC, between the last flow of a night and the seal."""
FORM: Final = "lacuna-report/5"
_TEXTS: Final = Wording("reports", "en")
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:64rem;"
    "margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #d0d7de}"
)


@dataclass(frozen=True)
class RunLines:
    """A run of a flow with its step lines.

    Attributes:
        lines: all that a seal recorded by now.
        told: how many of them were there for the report before.
        is_going_on: a process is at it: that it has no end yet says nothing.
        was_going_on: it was so for the report before.
    """

    flow: str
    run_id: str
    started_at: datetime
    lines: tuple[StepLine, ...] = field(repr=False)
    told: int = 0
    is_going_on: bool = False
    was_going_on: bool = False

    @property
    def failures(self) -> tuple[StepLine, ...]:
        """What made it red: lines that say so, no line at all, or a beginning without an end."""
        if not self.lines:
            return (StepLine("lines", "missing", is_failure=True),)
        return (*(line for line in self.lines[self.told :] if line.is_failure), *self._unended())

    def _unended(self) -> Iterator[StepLine]:
        if self.is_going_on:
            return
        began: dict[TaskTry | None, int] = {}
        for number, line in enumerate(self.lines):
            if line.step in (RUN, TASK) and line.outcome == BEGAN:
                began[line.task] = number
            elif line.step in (RUN, TASK):
                began.pop(line.task, None)
        for task, number in began.items():
            if number >= self.told or self.was_going_on:
                yield StepLine(RUN if task is None else TASK, "not_ended", is_failure=True)


@dataclass(frozen=True)
class Happenings:
    """What a report is about.

    Attributes:
        since: when the report before this one ended; None: from the beginning.
        runs: those that wrote lines since, or that were going on then.
        started: flow and time of every run that left lines, from a day before `since` on.
        requests: all requests, the open ones with what each waits for.
        entries: those that the ledger got meanwhile.
        datamap_digest: of the data map in use.
        datamap_lines: the data map as text, to compare it with the one of the report before.
        drift: differences between the data map and the live schema.
        nightly: flows of which a run is due at least once a day.
    """

    since: datetime | None
    until: datetime
    ledger: CheckedLedger
    runs: Sequence[RunLines]
    requests: Sequence[tuple[Request, str | None]]
    entries: Iterable[Entry]
    datamap_digest: str
    drift: int
    datamap_lines: tuple[str, ...] = ()
    nightly: tuple[str, ...] = ()
    started: Sequence[tuple[str, datetime]] = ()


def report(happened: Happenings, before: Mapping[str, Json] | None) -> bytes:
    """Return the report about all tenants as canonical JSON; `of_tenant` takes one out of it.

    Args:
        before: the report before this one, to say what changed in the data map.
    """
    earlier = None if before is None else before.get("datamap_digest")
    entries = tuple(happened.entries)
    requests = {request.request_id: request for request, _ in happened.requests}
    rows = sorted(
        (each for each in happened.requests if not each[0].state.is_final),
        key=lambda each: (each[0].act_by, each[0].request_id),
    )
    return rfc8785.dumps(
        {
            "form": FORM,
            "since": None if happened.since is None else instant(happened.since),
            "until": instant(happened.until),
            "ledger": {"entries": happened.ledger.size, "root": happened.ledger.root},
            "datamap_digest": happened.datamap_digest,
            "drift": happened.drift,
            "is_datamap_changed": earlier not in (None, happened.datamap_digest),
            "datamap_lines": list(happened.datamap_lines),
            "datamap_changes": _changes(before, happened.datamap_lines),
            "runs": [
                {
                    "flow": run.flow,
                    "run_id": run.run_id,
                    "started_at": instant(run.started_at),
                    "steps": len(run.lines) - run.told,
                    "is_going_on": run.is_going_on,
                    "failures": [
                        {
                            "step": line.step,
                            "outcome": line.outcome,
                            "request_id": line.request_id,
                            "org_id": requests[line.request_id].org_id
                            if line.request_id in requests
                            else None,
                        }
                        for line in run.failures
                    ],
                }
                for run in happened.runs
            ],
            "not_run": _not_run(happened, entries),
            "done": _counted(entries),
            "tenants": {
                org_id: {
                    "done": _counted(
                        entry
                        for entry in entries
                        if entry.request_id in requests
                        and requests[entry.request_id].org_id == org_id
                    )
                }
                for org_id in sorted({request.org_id for request in requests.values()})
            },
            **_unnamed(entries),
            **_superseded(entries),
            "closed": [
                {
                    "request_id": request.request_id,
                    "number": request.number,
                    "org_id": request.org_id,
                    "closed_at": instant(entry.at),
                    "how": _how(entry),
                    "due_at": instant(request.due_at),
                    "is_late": entry.at.date() > request.due_at.astimezone(UTC).date(),
                }
                for request, entry in _closed(entries, requests)
            ],
            "open": [
                {
                    "request_id": request.request_id,
                    "number": request.number,
                    "org_id": request.org_id,
                    "rights": [kind.value for kind in request.kinds],
                    "state": request.state.value,
                    "waits_for": obstacle,
                    "received_at": instant(request.received_at),
                    "due_at": instant(request.act_by),
                    "is_overdue": request.is_overdue(happened.until),
                }
                for request, obstacle in rows
            ],
        }
    )


def of_tenant(document: Mapping[str, Json], org_id: str) -> dict[str, Json]:
    """Return a report cut down to one tenant, and to the part that is the same for all."""
    tenants = document.get("tenants")
    own = tenants.get(org_id) if isinstance(tenants, dict) else None
    runs = []
    for run in entries_of(document, "runs"):
        failures: list[Json] = [
            each for each in entries_of(run, "failures") if each["org_id"] in (None, org_id)
        ]
        runs.append({**run, "failures": failures})
    return {
        **document,
        "org_id": org_id,
        "runs": list(runs),
        "done": own["done"] if isinstance(own, dict) else {},
        "tenants": {},
        "open": [each for each in entries_of(document, "open") if each["org_id"] == org_id],
        "closed": [each for each in entries_of(document, "closed") if each["org_id"] == org_id],
    }


_OF_LISTS: Final[Mapping[Action, str]] = {
    Action.QUARANTINE_OBJECTS: "quarantined",
    Action.RESTORE_OBJECTS: "restored",
    Action.DELETE_OBJECTS: "deleted",
}
_CLOSING: Final = frozenset(
    {Action.COMPLETED, Action.NOTHING_FOUND, Action.REFUSED, Action.WITHDRAWN}
)


def _closed(
    entries: Iterable[Entry], requests: Mapping[str, Request]
) -> Iterator[tuple[Request, Entry]]:
    """Yield the requests that were closed, each with its first entry that says so."""
    seen: set[str] = set()
    for entry in entries:
        request = requests.get(entry.request_id or "")
        if entry.action in _CLOSING and request is not None and request.request_id not in seen:
            seen.add(request.request_id)
            yield request, entry


def _how(entry: Entry) -> str:
    """Return how a request was closed; what a flow withdraws was closed before a restore."""
    if entry.action is Action.WITHDRAWN and entry.actor.startswith("flow:"):
        return "closed before a restore"
    return entry.action.value.replace("_", " ")


def _not_run(happened: Happenings, entries: Sequence[Entry]) -> list[Json]:
    """Return the nights in which a flow that is due every day left no line, each by its end.

    Nights end at one time of day, so that each is judged by one report however many there are. The
    first report judges those that were whole, from the first entry of the ledger on.
    """
    start = happened.since or (entries[0].at + _DAY if entries else happened.until)
    start = max(start, happened.until - _MOST_DAYS * _DAY)
    ends = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + _NIGHT_ENDS
    missing: list[Json] = []
    while ends <= happened.until:
        ran = {flow for flow, at in happened.started if ends - _DAY < at <= ends}
        if ends > start:
            missing += [
                {"flow": flow, "night": ends.date().isoformat()}
                for flow in happened.nightly
                if flow not in ran
            ]
        ends += _DAY
    return missing


def _counted(entries: Iterable[Entry]) -> dict[str, int]:
    return dict(sorted(Counter(entry.action.value for entry in entries).items()))


def _unnamed(entries: Iterable[Entry]) -> dict[str, Json]:
    """Return how many files that no row names were moved and deleted; nothing where none were.

    What deletes others' files names a request, or no digest of a list.
    """
    files: Counter[str] = Counter()
    for entry in entries:
        is_list = entry.digest is not None and entry.request_id is None
        if is_list and entry.phase is Phase.OUTCOME and entry.action in _OF_LISTS:
            files[_OF_LISTS[entry.action]] += entry.rows or 0
    counted: dict[str, Json] = {name: files[name] for name in _OF_LISTS.values()}
    return {"unnamed": counted} if files.total() else {}


def _superseded(entries: Iterable[Entry]) -> dict[str, Json]:
    """Return the restores that officers acknowledged; nothing where none was."""
    found: list[Json] = [
        {
            "at": instant(entry.at),
            "actor": entry.actor,
            "location": location_of(entry.digest),
            "files": entry.rows,
            "digest": entry.digest,
        }
        for entry in entries
        if entry.action is Action.RESTORE_ACKNOWLEDGED and entry.digest is not None
    ]
    return {"superseded": found} if found else {}


def _changes(before: Mapping[str, Json] | None, lines: Sequence[str]) -> list[str]:
    """Return the lines of the data map that went (`-`) and came (`+`)."""
    earlier = None if before is None else before.get("datamap_lines")
    if not isinstance(earlier, list):
        return []
    compared = unified_diff([str(each) for each in earlier], list(lines), lineterm="", n=0)
    return [each for each in compared if not each.startswith(("---", "+++", "@@"))]


@dataclass(frozen=True)
class _ReportTable:
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    if_none: str


def as_markdown(document: Mapping[str, Json]) -> str:
    """Return a report as Markdown."""
    parts = [f"# {_title(document)}", *(text for _, text in sentences(document))]
    for section in _sections(document):
        parts.append(f"## {section.title}")
        if not section.rows:
            parts.append(section.if_none)
            continue
        table = [section.heads, ("---",) * len(section.heads), *section.rows]
        parts.append("\n".join("| " + " | ".join(map(_plain, row)) + " |" for row in table))
    return "\n\n".join(parts) + "\n"


def as_page(document: Mapping[str, Json]) -> str:
    """Return a report as one page of HTML that loads nothing."""
    parts = [f"<h1>{escape(_title(document))}</h1>"]
    parts += [f"<p>{escape(text)}</p>" for _, text in sentences(document)]
    for section in _sections(document):
        parts.append(f"<h2>{escape(section.title)}</h2>")
        if not section.rows:
            parts.append(f"<p>{escape(section.if_none)}</p>")
            continue
        head = "".join(f'<th scope="col">{escape(each)}</th>' for each in section.heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in section.rows
        )
        parts.append(f"<table><tr>{head}</tr>{body}</table>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(document))}</title><style>{_STYLE}</style></head>\n<body><main>"
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def _title(document: Mapping[str, Json]) -> str:
    date = str(document["until"])[:10]
    org_id = document.get("org_id")
    if not org_id:
        return _TEXTS.said("title", date=date)
    return _TEXTS.said("title_of_tenant", date=date, org_id=org_id)


def subject_of(document: Mapping[str, Json]) -> str:
    """Return the subject of the mail with a report."""
    return _TEXTS.said("subject", date=str(document["until"])[:10])


def sentences(document: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Return the sentences of a report, each behind the name of its text."""
    ledger, unnamed = document["ledger"], document.get("unnamed")
    open_ones, closed = entries_of(document, "open"), entries_of(document, "closed")
    not_run = entries_of(document, "not_run")
    period = _TEXTS.said(
        "period",
        since=_minute(document["since"]) if document["since"] else _TEXTS.said("beginning"),
        until=_minute(document["until"]),
        entries=ledger["entries"] if isinstance(ledger, dict) else 0,
    )
    red = _TEXTS.said(
        "red",
        red=sum(bool(run["failures"]) for run in entries_of(document, "runs")),
        overdue=sum(bool(each["is_overdue"]) for each in open_ones),
        open=len(open_ones),
    )
    late = sum(bool(each["is_late"]) for each in closed)
    said = [("period", period)]
    said += [
        ("superseded", _TEXTS.said("superseded", **{**each, "date": str(each["at"])[:10]}))
        for each in entries_of(document, "superseded")
    ]
    said.append(("red", red))
    if not_run:
        nights = len({each["night"] for each in not_run})
        said.append(("not_run", _TEXTS.said("not_run", nights=nights)))
    said.append(("closed", _TEXTS.said("closed", closed=len(closed), late=late)))
    if isinstance(unnamed, dict):
        said.append(("unnamed", _TEXTS.said("unnamed", **unnamed)))
    if document["is_datamap_changed"]:
        said.append(("datamap_changed", _TEXTS.said("datamap_changed")))
    if document["drift"]:
        said.append(("drift", _TEXTS.said("drift", drift=document["drift"])))
    return said


def _minute(moment: Json) -> str:
    return str(moment)[:16].replace("T", " ")


def next_step_of(each: Mapping[str, Json]) -> str:
    """Return the next step of an open request of a report, as the page says it."""
    rights, waits_for = each["rights"], each["waits_for"]
    return next_step(
        RequestState(str(each["state"])),
        [RequestKind(str(one)) for one in (rights if isinstance(rights, list) else [])],
        None if waits_for is None else Obstacle(str(waits_for)),
    )


def _sections(document: Mapping[str, Json]) -> Iterator[_ReportTable]:
    runs, done = entries_of(document, "runs"), document["done"]
    rows = {
        "failed": (
            (
                str(run["flow"]),
                str(run["run_id"]),
                str(each["step"]),
                str(each["outcome"]).replace("_", " "),
                str(each["request_id"] or ""),
            )
            for run in runs
            for each in entries_of(run, "failures")
        ),
        "not_run": (
            (str(each["night"]), str(each["flow"])) for each in entries_of(document, "not_run")
        ),
        "open": (
            (
                f"{str(each['due_at'])[:10]}{_TEXTS.said('is_overdue') if each['is_overdue'] else ''}",
                _named(each),
                str(each["org_id"]),
                ", ".join(map(str, each["rights"] if isinstance(each["rights"], list) else [])),
                next_step_of(each),
            )
            for each in entries_of(document, "open")
        ),
        "closed": (
            (
                str(each["closed_at"])[:10],
                str(each.get("how") or ""),
                _named(each),
                str(each["org_id"]),
                str(each["due_at"])[:10],
                _TEXTS.said("is_late" if each["is_late"] else "is_in_time"),
            )
            for each in entries_of(document, "closed")
        ),
        "datamap": ((str(each),) for each in _texts(document, "datamap_changes")),
        "runs": (
            (
                str(run["started_at"])[:16],
                str(run["flow"]),
                str(run["run_id"]),
                f"{run['steps']}{_TEXTS.said('is_going_on') if run.get('is_going_on') else ''}",
                str(len(entries_of(run, "failures"))),
            )
            for run in runs
        ),
        "ledger": (
            (name.replace("_", " "), str(count))
            for name, count in (done.items() if isinstance(done, dict) else ())
        ),
    }
    for name, table in rows.items():
        section = f"section_{name}"
        heads = tuple(head.strip() for head in _TEXTS.said(section, "heads").split("|"))
        yield _ReportTable(
            _TEXTS.said(section, "title"), heads, tuple(table), _TEXTS.said(section, "none")
        )


def entries_of(found: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    """Return the objects that a report lists under a name; none where it lists none."""
    value = found.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _named(each: Mapping[str, Json]) -> str:
    """Return number and id of a request; reports of earlier versions have the id alone."""
    return " ".join(str(each[name]) for name in ("number", "request_id") if each.get(name))


def _texts(found: Mapping[str, Json], name: str) -> list[str]:
    value = found.get(name)
    return [str(each) for each in value] if isinstance(value, list) else []


def _plain(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
