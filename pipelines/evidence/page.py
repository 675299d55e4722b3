"""The certificate as a page to read and to print: one file, no script, nothing loaded."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from pipelines.evidence.certificate import levels_of, predicate_of, statement_of
from pipelines.evidence.json_reading import Json

_TITLES: Final = {
    "erasure": "Certificate of erasure",
    "access": "Certificate of access",
    "rectification": "Certificate of rectification",
    "restriction": "Certificate of restriction",
    "nothing_found": "Certificate that nothing was found",
    "refused": "Certificate of refusal",
}
_TIMES: Final = {
    "received_at": "Received",
    "planned_at": "Planned",
    "approved_at": "Approved",
    "done_at": "Carried out",
    "certified_at": "Verified or decided",
}
_LEVELS: Final = {
    "L0": "L0: no query returns the data. Dead rows in table files, the write-ahead log, backups "
    "and replicas are not claimed.",
    "L1": "L1: the files of this database do not hold the data: tables, indexes, long values, "
    "statistics and write-ahead log were written anew. The medium, backups and replicas are not "
    "claimed.",
}
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:52rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:#444c56}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #d0d7de;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
"""


def certificate_page(certificate: bytes) -> bytes:
    """Return the page of a certificate, as UTF-8; it says what the file says, and proves nothing.

    Raises:
        EvidenceBroken: the file is no certificate.
    """
    said, around = statement_of(certificate), predicate_of(certificate)
    title = _TITLES.get(_text(said, "type"), "Certificate")
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>of request <code>{escape(_text(said, 'request_id'))}</code></p>",
        _facts(said, around.get("deadline"), set(levels_of(certificate).values())),
        _rows(
            "What was done",
            ("action", "place", "rows", "already done before"),
            _records(said, "done"),
            ("action", "location", "rows", "already"),
        ),
        _rows(
            "What was named and not there",
            ("place", "objects"),
            _records(said, "absent"),
            ("location", "objects"),
        ),
        _rows(
            "What was kept, and why",
            ("place", "ground", "rows"),
            _records(said, "kept"),
            ("location", "ground", "rows"),
        ),
        _rows(
            "How deep it had reached when it was verified",
            ("store", "level", "the night that is to reach L1"),
            _records(said, "reaches"),
            ("store", "level", "night"),
        ),
        _rows(
            "What it had not reached, and what may hold the data there",
            ("store", "level", "what may hold it", "until"),
            _records(said, "unreached"),
            ("store", "level", "why", "until"),
        ),
        _verification(said.get("verification")),
        _runs(_records(around, "runs")),
        "<h2>How to check it</h2><p>This page is for reading. The proof is the file "
        f"<code>{escape(_text(said, 'request_id'))}.json</code> beside it, whose SHA-256 is "
        f"<code>{hashlib.sha256(certificate).hexdigest()}</code>. With the controller's public "
        "keys, <code>lacuna evidence verify FILE --keys KEYS</code> checks its signature, and "
        "that every entry it rests on is in the sealed ledger; it needs no network.</p>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        + "\n".join(part for part in parts if part)
        + "</main></body></html>\n"
    ).encode()


def _facts(said: Mapping[str, Json], due: Json, levels: set[str]) -> str:
    facts: list[tuple[str, str]] = []
    rights = said.get("rights")
    if isinstance(rights, list):
        facts.append(("Rights", ", ".join(str(each) for each in rights)))
    for name, label in (
        ("completeness", "Completeness"),
        ("reach", "Reach"),
        ("ground", "Ground of the refusal: article"),
        ("approved_by", "Approved by"),
    ):
        if text := _text(said, name):
            facts.append((label, text))
    times = said.get("times")
    if isinstance(times, dict):
        facts += [(label, _text(times, name)) for name, label in _TIMES.items() if times.get(name)]
    if isinstance(due, dict):
        facts += [
            ("Due", f"{due.get('due_on')}"),
            ("Closed", f"{due.get('closed_at')}"),
            ("Deadline (Art. 12(3))", _in_time(due)),
        ]
    level = min(levels, default=_text(said, "level"))
    if level:
        facts.append(("Level reached", _LEVELS.get(level, level)))
    for name, label in (("plan_digest", "Plan"), ("datamap_digest", "Data map")):
        if text := _text(said, name):
            facts.append((f"{label} (SHA-256)", text))
    cells = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(text)}</td></tr>'
        for label, text in facts
    )
    return f"<h2>Facts</h2><table>{cells}</table>"


def _in_time(due: Mapping[str, Json]) -> str:
    if due.get("is_met") is True:
        return "met"
    return f"not met: {due.get('days_late')} days late"


def _runs(runs: Sequence[Mapping[str, Json]]) -> str:
    """Return the runs that worked on the request, and each try of each of their tasks."""
    parts = []
    for run in runs:
        digests = [("Step lines", run.get("sha256"))]
        digests += [("Code", run.get("code_sha256")), ("Data map", run.get("datamap_sha256"))]
        cells = "".join(
            f'<tr><th scope="row">{label} (SHA-256)</th><td><code>{escape(digest)}</code></td></tr>'
            for label, digest in digests
            if isinstance(digest, str)
        )
        name = escape(f"{run.get('flow')}: {run.get('run_id')}")
        parts.append(f"<h3><code>{name}</code></h3><table>{cells}</table>{_tasks(run)}")
    return f"<h2>Runs that worked on it</h2>{''.join(parts)}" if parts else ""


def _tasks(run: Mapping[str, Json]) -> str:
    rows = [
        {
            "task": str(task.get("task_id"))
            + (f" [{index}]" if (index := task.get("map_index")) != -1 else ""),
            "try": task.get("number"),
            "state": str(task.get("state")).replace("_", " "),
            "began": str(task.get("began_at"))[:19],
            "ended": str(task.get("ended_at") or "-")[:19],
            "log": _text(_member(task, "log"), "sha256") or "-",
        }
        for task in _records(run, "tasks")
    ]
    heads = ("task", "try", "state", "began", "ended", "log (SHA-256)")
    return _rows("", heads, rows, ("task", "try", "state", "began", "ended", "log"))


def _verification(found: Json) -> str:
    if not isinstance(found, dict):
        return ""
    gates, opaque = found.get("gates"), found.get("opaque")
    lines = [
        "<h2>Verification</h2>",
        f"<p>{escape(str(found.get('searched')))} places were searched, and "
        f"{escape(str(found.get('findings')))} findings were left.</p>",
        _list("Gates passed", gates),
        _list("Could not be searched", opaque),
    ]
    return "".join(lines)


def _list(title: str, items: Json) -> str:
    if not isinstance(items, list) or not items:
        return ""
    cells = "".join(f"<li>{escape(str(each))}</li>" for each in items)
    return f"<h3>{escape(title)}</h3><ul>{cells}</ul>"


def _rows(
    title: str,
    heads: Sequence[str],
    records: Iterable[Mapping[str, Json]],
    names: Sequence[str],
) -> str:
    lines = [
        "<tr>" + "".join(_cell(record.get(name)) for name in names) + "</tr>" for record in records
    ]
    if not lines:
        return ""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f"{heading}<table><tr>{head}</tr>{''.join(lines)}</table>"


def _cell(value: Json) -> str:
    kind = ' class="n"' if isinstance(value, int) else ""
    return f"<td{kind}>{escape(str(value))}</td>"


def _records(said: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    value = said.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _member(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _text(said: Mapping[str, Json], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
