"""The certificate as a page to read and to print: one file, no script, nothing loaded."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate import levels_of, predicate_of, signers_of, statement_of
from lacuna.evidence.statement import CROWD
from lacuna.model.approval_rules import BY_REAPPEARANCE
from lacuna.model.finding import Gate

_TITLES: Final = {
    "erasure": "Certificate of erasure",
    "access": "Certificate of access",
    "rectification": "Certificate of rectification",
    "restriction": "Certificate of restriction",
    "nothing_found": "Certificate that nothing was found",
    "refused": "Certificate of refusal",
}
_UNANSWERED: Final = frozenset({"nothing_found", "refused"})
_RESTRICTED: Final = {
    "restriction": "Processing of the person's data is restricted (Art. 18). Sweeps and "
    "reporting exclude it.",
    "objection": "The person's objection (Art. 21) is recorded. Sweeps and reporting exclude "
    "their data.",
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
    "and replicas are not covered.",
    "L1": "L1: the files of this database do not contain the data. Tables, indexes, long values, "
    "statistics and the write-ahead log were rewritten. The storage medium, backups and "
    "replicas are not covered.",
}
_MEANINGS: Final = {
    "L0": "No query returns the data.",
    "L1": "The files of the database do not contain the data.",
    "L2": "The storage medium does not contain the data. Lacuna never claims this.",
    "L3": "Replicas, archives and backups do not contain the data. Lacuna never claims this.",
}
_ACTIONS: Final = {
    "anonymize_rows": "rows anonymized",
    "redact_text": "texts redacted",
    "redact_mentions": "mentions of the person redacted in other people's texts",
    "empty_files": "files that named the person emptied in other people's rows",
    "delete_rows": "rows deleted",
    "link_tombstone": "links to the person replaced by links to one empty contact",
    "refresh_view": "view refreshed",
    "delete_objects": "files deleted",
    "rewrite_objects": "files rewritten without the person",
    "rectify": "rows or files corrected",
    "restrict": "processing restricted",
    "write_bundle": "bundle written",
    "seal_bundle": "bundle sealed for its recipient",
}
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:54rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.7rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
h3{font-size:1rem;margin:1rem 0 .3rem}
.says{border-left:4px solid #1a7f37;background:#f3f9f4;padding:.6rem .9rem;margin:1rem 0}
.says p{margin:.2rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #d0d7de;vertical-align:top}
th{color:#444c56;font-weight:600}th[scope=row]{width:13rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.entries td{font-size:12px;padding:.1rem .6rem .1rem 0}.entries td:nth-child(2){white-space:nowrap}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
@page{margin:16mm}
@media print{body{margin:0;padding:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}
tr,.says{break-inside:avoid}.says{background:none}}
"""


def certificate_page(certificate: bytes) -> bytes:
    """Return the page of a certificate, as UTF-8; it says what the file says, and proves nothing.

    Raises:
        EvidenceBroken: the file is no certificate.
    """
    said, around = statement_of(certificate), predicate_of(certificate)
    title = _title(said)
    if _text(said, "completeness"):
        title += f", {_text(said, 'completeness')}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>Request <code>{escape(_text(said, 'request_id'))}</code><br>"
        f"Certificate <code>{escape(_text(said, 'certificate_id'))}</code></p>",
        _summary(said, _member(around, "deadline")),
        _facts(said, _member(around, "deadline"), set(levels_of(certificate).values())),
        _rows(
            "What was done",
            ("what", "place", "#count", "#already done"),
            [
                {**one, "action": _ACTIONS.get(_text(one, "action"), _text(one, "action"))}
                for one in _records(said, "done")
            ],
            ("action", "location", "rows", "already"),
        ),
        _rows(
            "Files already missing",
            ("place", "#objects"),
            _records(said, "absent"),
            ("location", "objects"),
        ),
        _rows(
            "Retained data and grounds",
            ("place", "ground", "#rows"),
            _records(said, "kept"),
            ("location", "ground", "rows"),
        ),
        _verification(_member(said, "verification")),
        _rows(
            "Level reached at verification",
            ("store", "level", "night planned for L1"),
            _records(said, "levels"),
            ("store", "level", "night"),
        ),
        _rows(
            "Levels not reached at verification, and what might still contain the data",
            ("store", "level", "what might contain the data", "until"),
            _records(said, "unreached"),
            ("store", "level", "why", "until"),
        ),
        _meanings(said),
        _waiting(around, "waiting", "Tables waiting for a scrub (L1)"),
        _waiting(
            around,
            "linkable",
            "Tables in which the rows written by this erasure can still be told apart",
        ),
        _ledger(said, around, signers_of(certificate)),
        _runs(_records(around, "runs")),
        _checking(certificate, said),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        + "\n".join(part for part in parts if part)
        + "</main></body></html>\n"
    ).encode()


def _title(said: Mapping[str, Json]) -> str:
    kind, rights = _text(said, "type"), _texts(said, "rights")
    if kind in _UNANSWERED or not rights:
        return _TITLES.get(kind, "Certificate")
    *first, last = rights
    return f"Certificate of {', '.join(first)} and {last}" if first else f"Certificate of {last}"


def _meanings(said: Mapping[str, Json]) -> str:
    """Return the meaning of each level, where the page names levels."""
    if not (_records(said, "levels") or _records(said, "unreached")):
        return ""
    return f"<h3>What the levels mean</h3>{_pairs(_MEANINGS.items())}"


def _waiting(around: Mapping[str, Json], name: str, title: str) -> str:
    waiting = _member(around, name)
    night = waiting.get("night") or "no scrub window is set"
    return _rows(
        title,
        ("table", "planned night"),
        [{"table": table, "night": night} for table in _texts(waiting, "tables")],
        ("table", "night"),
    )


def _summary(said: Mapping[str, Json], due: Mapping[str, Json]) -> str:
    """Return a summary of the certificate in a few sentences; the tables below it are complete."""
    done, kept = _records(said, "done"), _records(said, "kept")
    verification = _member(said, "verification")
    lines = []
    match said.get("type"):
        case "refused":
            lines.append(f"The request was refused under Art. {_text(said, 'ground')}.")
        case "nothing_found":
            lines.append("Nobody matches the identifiers in the request.")
        case "restriction":
            lines += [
                _RESTRICTED[right] for right in _texts(said, "rights") if right in _RESTRICTED
            ]
        case _:
            rows = sum(count for one in done if isinstance(count := one.get("rows"), int))
            places = len({_text(one, "location") for one in done})
            lines.append(
                f"{_number(rows, 'item')} in {_number(places, 'place')} "
                f"{'was' if rows == 1 else 'were'} changed, deleted or handed "
                f"over{_kept_too(len(kept))}."
            )
    earlier = " and ".join(_texts(said, "repeats"))
    again = [one for one in _records(said, "entries") if one.get("action") == "reappeared"]
    if again:
        rows = sum(count for one in again if isinstance(count := one.get("rows"), int))
        before = f"erased by request {earlier}" if earlier else "erased before"
        lines.append(
            f"The person had been {before} and reappeared ({_number(rows, 'row')}), for example "
            "through a restored backup or a late export. The erasure (Art. 17) was carried out "
            "again."
        )
    elif earlier:
        lines.append(
            f"The database was restored to a copy made before request {earlier} took effect. This "
            "request repeats that request. The right was exercised, and the identity verified, "
            "with the earlier request."
        )
    if verification:
        lines.append(
            f"{_number(verification.get('searched'), 'place')} searched afterwards by other "
            f"means: {_number(verification.get('findings'), 'finding')}. "
            f"{_number(len(_texts(verification, 'opaque')), 'place')} could not be searched."
        )
    if due and earlier:
        lines.append(
            "The deadline of Art. 12(3) was that of the earlier request. The repetition was due "
            f"on {due.get('due_on')}, counted from the day on which it became necessary, and "
            f"closed on {str(due.get('closed_at'))[:10]}."
        )
    elif due:
        lines.append(
            f"The request was due on {due.get('due_on')} and closed on "
            f"{str(due.get('closed_at'))[:10]}. The deadline of Art. 12(3) was {_in_time(due)}."
        )
    return f'<div class="says">{"".join(f"<p>{escape(line)}</p>" for line in lines)}</div>'


def _crowd(crowd: int) -> str:
    """Return among how many erased people the rows of one stand."""
    if crowd >= CROWD:
        return (
            f"at least {CROWD} people of this kind and tenant; the remaining rows of this "
            "person are among theirs"
        )
    return (
        f"{'1 person' if crowd == 1 else f'{crowd} people'} of this kind and tenant with rows in "
        "the same tables; too few to conceal the remaining rows of this person"
    )


def _kept_too(count: int) -> str:
    if not count:
        return ""
    return f". Data in {_number(count, 'place')} was retained on the grounds below"


def _facts(said: Mapping[str, Json], due: Mapping[str, Json], levels: set[str]) -> str:
    facts: list[tuple[str, str]] = []
    rights = said.get("rights")
    if isinstance(rights, list):
        facts.append(("Rights", ", ".join(str(each) for each in rights)))
    for name, label in (
        ("person_kind", "Kind of person"),
        ("completeness", "Completeness"),
        ("covers", "Covers"),
        ("ground", "Article of the refusal"),
    ):
        if text := _text(said, name):
            facts.append((label, text))
    if repeated := _texts(said, "repeats"):
        facts.append(("Repeats request", ", ".join(repeated)))
    if text := _text(said, "approved_by"):
        what = "a rule" if text.startswith("rule:") else "role and key id"
        if text == BY_REAPPEARANCE:
            what = "a rule; the erasure was approved with the request that it repeats"
        facts.append(("Approved by", f"{text} ({what})"))
    times = _member(said, "times")
    facts += [
        (label, _moment(times.get(name))) for name, label in _TIMES.items() if times.get(name)
    ]
    if due:
        facts += [
            ("Due", f"{due.get('due_on')}"),
            ("Closed", _moment(due.get("closed_at"))),
            (
                "Deadline of the repetition" if said.get("repeats") else "Deadline (Art. 12(3))",
                _in_time(due),
            ),
        ]
    level = min(levels, default=_text(said, "level"))
    if level:
        facts.append(("Level reached", _LEVELS.get(level, level)))
    if isinstance(crowd := said.get("crowd"), int):
        facts.append(("Erased people with rows in the same tables", _crowd(crowd)))
    if digests := _texts(said, "subject"):
        facts.append(
            (
                "Person",
                f"{_number(len(digests), 'keyed digest')}; without the key of the request, nobody learns "
                f"anything from {'it' if len(digests) == 1 else 'them'}",
            )
        )
    cells = [(label, escape(text)) for label, text in facts]
    for name, label in (("plan_digest", "Plan"), ("datamap_digest", "Data map")):
        if text := _text(said, name):
            cells.append((f"{label} (SHA-256)", f"<code>{escape(text)}</code>"))
    return f"<h2>Facts</h2>{_pairs(cells)}"


def _in_time(due: Mapping[str, Json]) -> str:
    if due.get("is_met") is True:
        return "met"
    return f"not met: {_number(due.get('days_late'), 'day')} late"


def _verification(found: Mapping[str, Json]) -> str:
    if not found:
        return ""
    shows = {str(gate): gate.shows for gate in Gate}
    gates = [{"gate": gate, "says": shows.get(gate, "")} for gate in _texts(found, "gates")]
    opaque, unnamed = (
        "".join(f"<li>{escape(each)}</li>" for each in _texts(found, name))
        for name in ("opaque", "unnamed")
    )
    return (
        f"<h2>Verification</h2><p>{_number(found.get('searched'), 'place')} searched, "
        f"{_number(found.get('findings'), 'finding')}.</p>"
        + _rows("", ("gate passed", "meaning"), gates, ("gate", "says"))
        + _rows(
            "Known values",
            (
                "class",
                "#searched everywhere",
                "#removed from the person's rows only",
                "#not searched for (ten other people hold them, or an agent or another kind of "
                "person does)",
            ),
            _records(found, "values"),
            ("value_class", "everywhere", "own_rows", "left"),
        )
        + (f"<h3>Places that could not be searched</h3><ul>{opaque}</ul>" if opaque else "")
        + (f"<h3>Files that no row names</h3><ul>{unnamed}</ul>" if unnamed else "")
    )


def _ledger(said: Mapping[str, Json], around: Mapping[str, Json], signed_by: Sequence[str]) -> str:
    """Return the sealed ledger that the certificate rests on, and its entries about the request."""
    # A signed note: origin, size and root, a line each, then the signatures.
    note = _text(_member(around, "log"), "checkpoint")
    origin, size, root, *_ = [*note.split("\n"), "", "", ""]
    facts = [
        ("Sealed ledger", f"{escape(origin)}, {escape(size)} entries"),
        ("Root (base64)", f"<code>{escape(root)}</code>"),
        ("Signed with key", f"<code>{escape(', '.join(signed_by))}</code>"),
    ]
    entries = [*_records(said, "entries"), dict(_member(around, "closing"))]
    entries += _records(around, "scrubs")
    told = [
        {
            "position": entry.get("position"),
            "at": _moment(entry.get("at")).removesuffix(" UTC"),
            "action": _text(entry, "action").replace("_", " ")
            + (" (intent)" if entry.get("phase") == "intent" else ""),
            "location": entry.get("location"),
            "rows": entry.get("rows"),
            "actor": entry.get("actor"),
        }
        for entry in entries
    ]
    table = _rows(
        "",
        ("#entry", "at (UTC)", "action", "place", "#rows", "by"),
        told,
        ("position", "at", "action", "location", "rows", "actor"),
    )
    return f'<h2>Ledger</h2>{_pairs(facts)}<div class="entries">{table}</div>'


def _runs(runs: Sequence[Mapping[str, Json]]) -> str:
    """Return the runs that worked on the request, and each try of each of their tasks."""
    parts = []
    for run in runs:
        digests = [("Step lines", run.get("sha256"))]
        digests += [("Code", run.get("code_sha256")), ("Data map", run.get("datamap_sha256"))]
        cells = [
            (f"{label} (SHA-256)", f"<code>{escape(digest)}</code>")
            for label, digest in digests
            if isinstance(digest, str)
        ]
        name = escape(f"{run.get('flow')}: {run.get('run_id')}")
        parts.append(f"<h3><code>{name}</code></h3>{_pairs(cells)}{_tasks(run)}")
    return f"<h2>Runs that worked on this request</h2>{''.join(parts)}" if parts else ""


def _tasks(run: Mapping[str, Json]) -> str:
    rows = [
        {
            "task": str(task.get("task_id"))
            + (f" [{index}]" if (index := task.get("map_index")) != -1 else ""),
            "try": task.get("number"),
            "state": str(task.get("state")).replace("_", " "),
            "began": _moment(task.get("began_at")),
            "ended": _moment(task.get("ended_at")),
            "log": _text(_member(task, "log"), "sha256") or "-",
        }
        for task in _records(run, "tasks")
    ]
    heads = ("task", "#try", "state", "began", "ended", "log (SHA-256)")
    return _rows("", heads, rows, ("task", "try", "state", "began", "ended", "log"))


def _checking(certificate: bytes, said: Mapping[str, Json]) -> str:
    return (
        "<h2>How to verify this certificate</h2><p>This page is for reading only. The proof is "
        f"the file <code>{escape(_text(said, 'request_id'))}.json</code> beside it. Its SHA-256 "
        f"is <code>{hashlib.sha256(certificate).hexdigest()}</code>. Get the controller's public "
        "keys from another source than this page, then run <code>lacuna evidence verify FILE "
        "--keys KEYS</code>. The command needs no network. It checks the signature, that every "
        "entry named here is in the sealed ledger, and that the statements follow from these "
        "entries. It does not prove that the ledger was correct when it was written.</p>"
    )


# --- parts of a page ------------------------------------------------------------------------------


def _number(count: Json, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _moment(text: Json) -> str:
    """Return a time of the ledger to the second, as people write it."""
    if not isinstance(text, str):
        return "-"
    return f"{text[:10]} {text[11:19]} UTC"


def _pairs(cells: Iterable[tuple[str, str]]) -> str:
    """Return a table of labels and their values, which are markup already."""
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{text}</td></tr>' for label, text in cells
    )
    return f"<table>{rows}</table>"


def _rows(
    title: str,
    heads: Sequence[str],
    records: Iterable[Mapping[str, Json]],
    names: Sequence[str],
) -> str:
    """Return a table with a heading, or nothing where there are no rows.

    Args:
        heads: of the columns; a `#` before one says that it is of numbers.
    """
    columns = [
        (name, ' class="n"' if head.startswith("#") else "")
        for name, head in zip(names, heads, strict=True)
    ]
    lines = [
        "<tr>"
        + "".join(f"<td{kind}>{_said(record.get(name))}</td>" for name, kind in columns)
        + "</tr>"
        for record in records
    ]
    if not lines:
        return ""
    head = "".join(
        f'<th scope="col"{kind}>{escape(each.removeprefix("#"))}</th>'
        for each, (_, kind) in zip(heads, columns, strict=True)
    )
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _said(value: Json) -> str:
    return "" if value is None else escape(str(value))


def _records(said: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    value = said.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(said: Mapping[str, Json], name: str) -> list[str]:
    value = said.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _member(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _text(said: Mapping[str, Json], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
