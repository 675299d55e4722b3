"""The annex: tables of what was done and kept, of gates and levels, of ledger entries, runs and digests."""

from collections.abc import Iterable, Mapping
from typing import Final

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate_page.counted_rows import UNCOUNTED_ACTIONS
from lacuna.evidence.certificate_page.page_parts import (
    PageMarkup,
    code,
    counted,
    escaped,
    joined,
    moment,
    pairs,
    paragraphs,
    section,
    table,
)
from lacuna.evidence.certificate_page.statement_reader import (
    CertificateContents,
    count_of,
    member_of,
    records_of,
    text_of,
    texts_of,
)
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from lacuna.model.identity import ValueClass
from lacuna.model.searched_places import OwnRowsSearched, SearchedPlaces, ValuesSought

ACTIONS: Final[Mapping[str, str]] = {
    Action.ANONYMIZE_ROWS: "rows anonymized",
    Action.REDACT_TEXT: "rows whose text was redacted",
    Action.REDACT_MENTIONS: "rows of other people in which the person's identifiers were covered",
    Action.EMPTY_FILES: "rows of other people of which a file that named the person was emptied",
    Action.DELETE_ROWS: "rows deleted",
    Action.LINK_TOMBSTONE: "links to the person that lead to one empty contact",
    Action.REFRESH_VIEW: "rows of the person in a view that was computed again",
    Action.DELETE_OBJECTS: "files deleted",
    Action.REWRITE_OBJECTS: "files rewritten without the person",
    Action.RECTIFY: "rows or files corrected",
    Action.RESTRICT: "processing restricted",
    Action.WRITE_BUNDLE: "rows in the bundle",
    Action.SEAL_BUNDLE: "bundle encrypted for its recipient",
}
"""What was done, by the ledger's action."""
_TIMES: Final = {
    "received_at": "Recorded",
    "planned_at": "Planned",
    "approved_at": "Approved",
    "done_at": "Carried out",
    "certified_at": "Verified or decided",
}
_LEVELS: Final = {
    "L0": "No query returns the data.",
    "L1": "The files of the database do not contain the data.",
    "L2": "The storage medium does not contain the data. Lacuna never claims this.",
    "L3": "Replicas, archives and backups do not contain the data. Lacuna never claims this.",
}


def annex(found: CertificateContents) -> PageMarkup:
    """Return the tables; a certificate without an erasure has few of them."""
    parts = (
        _part("Dates (UTC)", _dates(found)),
        _part(
            "What was done, by place",
            table(
                ("place", "what", "#count", "#done already"),
                _done_by_place(found.done),
                ("place", "what", "count", "already"),
            ),
        ),
        _part(
            "Files already missing",
            table(("place", "#files"), records_of(found.said, "absent"), ("location", "objects")),
        ),
        _part(
            "What was kept, by place",
            table(
                ("place", "ground", "#rows"),
                records_of(found.said, "kept"),
                ("location", "ground", "rows"),
            ),
        ),
        _verification(member_of(found.said, "verification")),
        _levels(found),
        _waiting(found, "waiting", "Tables waiting for a scrub (L1)"),
        _waiting(
            found,
            "linkable",
            "Tables in which the rows written by this erasure can still be told apart",
        ),
        _digests(found),
        _ledger(found),
        _runs(records_of(found.around, "runs")),
    )
    return joined('<section class="annex"><h2>Annex</h2>', *parts, "</section>")


def _done_by_place(done: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Return a record for each place and what was done to its rows, every row in one of them.

    Rows of the person that were anonymized and whose text was redacted are one record.
    """
    own: dict[str, dict[str, Json]] = {}
    records: list[dict[str, Json]] = []
    for one in done:
        action, place = text_of(one, "action"), text_of(one, "location")
        what = ACTIONS.get(action, action.replace("_", " "))
        rows, already = count_of(one, "rows"), count_of(one, "already")
        if action in (Action.ANONYMIZE_ROWS, Action.REDACT_TEXT) and (both := own.get(place)):
            texts = rows if action == Action.REDACT_TEXT else count_of(both, "count")
            both["count"] = max(count_of(both, "count"), rows)
            both["already"] = max(count_of(both, "already"), already)
            of_all = "" if texts == both["count"] else f" in {texts} of them"
            both["what"] = f"rows anonymized, and text redacted{of_all}"
            continue
        counts: dict[str, Json] = {"count": rows, "already": already}
        record: dict[str, Json] = {"place": place, "what": what}
        record |= {} if action in UNCOUNTED_ACTIONS else counts
        records.append(record)
        if action in (Action.ANONYMIZE_ROWS, Action.REDACT_TEXT):
            own[place] = record
    return records


def _part(title: str, *parts: PageMarkup) -> PageMarkup:
    return section(title, *parts, level=3)


def _dates(found: CertificateContents) -> PageMarkup:
    times = member_of(found.said, "times")
    cells = [
        (label, escaped(moment(times.get(name))))
        for name, label in _TIMES.items()
        if times.get(name)
    ]
    closed_at = found.due.get("closed_at") or member_of(found.around, "closing").get("at")
    return pairs([*cells, ("Closed", escaped(moment(closed_at)))])


def _verification(found: Mapping[str, Json]) -> PageMarkup:
    shows = {str(gate): gate.shows for gate in Gate}
    gates: list[dict[str, Json]] = [
        {"gate": gate, "says": shows.get(gate, "")} for gate in texts_of(found, "gates")
    ]
    return joined(
        _part("Gates passed", table(("gate", "meaning"), gates, ("gate", "says"))),
        _sought(found),
    )


def _sought(found: Mapping[str, Json]) -> PageMarkup:
    """Return which kinds of values were searched for, and where; in old certificates, how many."""
    values, places = records_of(found, "values"), member_of(found, "places")
    if not places:
        heads = ("class", "#everywhere", "#in the person's rows only", "#not searched for")
        names = ("value_class", "everywhere", "own_rows", "left")
        return _part("Values searched for", table(heads, values, names))
    own_rows = records_of(places, "own_rows")
    searched = SearchedPlaces(
        count_of(places, "columns"),
        count_of(places, "tables"),
        count_of(places, "file_groups"),
        tuple(
            OwnRowsSearched(
                ValueClass(text_of(one, "value_class")),
                *(count_of(one, name) for name in ("values", "columns", "tables")),
            )
            for one in own_rows
        ),
    )
    sought = [
        ValuesSought(
            ValueClass(text_of(one, "value_class")),
            *(count_of(one, name) for name in ("everywhere", "own_rows", "left")),
        )
        for one in values
    ]
    lines: list[dict[str, Json]] = [
        {"kind": kind, "count": count, "where": where}
        for kind, count, where in searched.by_kind(sought)
    ]
    return _part(
        "Values searched for, by kind and place",
        table(("kind", "#values", "where"), lines, ("kind", "count", "where")),
        paragraphs(
            escaped(
                "“Everywhere” is every column of the platform, of Lacuna and, where it is known, of "
                "Airflow's database in which such a value can be, and every group of files in the "
                "stores and in Lacuna's folders."
            )
        ),
    )


def _levels(found: CertificateContents) -> PageMarkup:
    reached = table(
        ("store", "level", "night planned for L1"),
        records_of(found.said, "levels"),
        ("store", "level", "night"),
    )
    unreached = table(
        ("store", "level", "what might contain the data", "until"),
        records_of(found.said, "unreached"),
        ("store", "level", "why", "until"),
    )
    meanings = pairs((level, escaped(meaning)) for level, meaning in _LEVELS.items())
    return joined(
        _part("Levels reached at verification", reached),
        _part("Levels not reached at verification", unreached),
        _part("What the levels mean", meanings) if reached or unreached else "",
    )


def _waiting(found: CertificateContents, name: str, title: str) -> PageMarkup:
    waiting = member_of(found.around, name)
    night = waiting.get("night") or "no scrub window is set"
    rows: list[dict[str, Json]] = [
        {"table": each, "night": night} for each in texts_of(waiting, "tables")
    ]
    return _part(title, table(("table", "planned night"), rows, ("table", "night")))


def _digests(found: CertificateContents) -> PageMarkup:
    digests = texts_of(found.said, "subject")
    person = (
        f"{counted(len(digests), 'keyed digest')} of the person's identifiers; without the key of the "
        f"request, {'it shows' if len(digests) == 1 else 'they show'} nothing"
        if digests
        else ""
    )
    # A signed note: origin, size and root, a line each, then the signatures.
    note = text_of(member_of(found.around, "log"), "checkpoint")
    origin, size, root, *_ = [*note.split("\n"), "", "", ""]
    return _part(
        "Ids and digests",
        pairs(
            [
                ("Request", _code(text_of(found.said, "request_id"))),
                ("Certificate", _code(text_of(found.said, "certificate_id"))),
                ("Plan (SHA-256)", _code(text_of(found.said, "plan_digest"))),
                ("Data map (SHA-256)", _code(text_of(found.said, "datamap_digest"))),
                ("Person", escaped(person)),
                ("Sealed ledger", escaped(f"{origin}, {size} entries")),
                ("Root (base64)", _code(root)),
                ("Signed with key", _code(", ".join(found.signers))),
            ]
        ),
    )


def _ledger(found: CertificateContents) -> PageMarkup:
    """Return the entries that the certificate rests on."""
    entries = [*records_of(found.said, "entries"), dict(member_of(found.around, "closing"))]
    entries += records_of(found.around, "scrubs")
    told: list[dict[str, Json]] = [
        {
            "position": entry.get("position"),
            "at": moment(entry.get("at")).removesuffix(" UTC"),
            "action": text_of(entry, "action").replace("_", " ")
            + (" (intent)" if entry.get("phase") == "intent" else ""),
            "location": entry.get("location"),
            "rows": entry.get("rows"),
            "actor": entry.get("actor"),
        }
        for entry in entries
    ]
    heads = ("#entry", "at (UTC)", "action", "place", "#rows", "by")
    names = ("position", "at", "action", "location", "rows", "actor")
    return _part("Entries in the ledger", table(heads, told, names))


def _runs(runs: Iterable[Mapping[str, Json]]) -> PageMarkup:
    """Return the runs that worked on the request, and each try of each of their tasks."""
    parts: list[PageMarkup] = []
    for run in runs:
        digests = [("Step lines", run.get("sha256"))]
        digests += [("Code", run.get("code_sha256")), ("Data map", run.get("datamap_sha256"))]
        cells = [("Run", code(f"{run.get('flow')}: {run.get('run_id')}"))]
        cells += [
            (f"{label} (SHA-256)", code(digest))
            for label, digest in digests
            if isinstance(digest, str)
        ]
        parts += [pairs(cells), _tasks(run)]
    return _part("Runs that worked on this request", *parts)


def _tasks(run: Mapping[str, Json]) -> PageMarkup:
    rows: list[dict[str, Json]] = [
        {
            "task": str(task.get("task_id"))
            + (f" [{index}]" if (index := task.get("map_index")) != -1 else ""),
            "try": task.get("number"),
            "state": str(task.get("state")).replace("_", " "),
            "began": moment(task.get("began_at")),
            "ended": moment(task.get("ended_at")),
            "log": text_of(member_of(task, "log"), "sha256") or "-",
        }
        for task in records_of(run, "tasks")
    ]
    heads = ("task", "#try", "state", "began", "ended", "log (SHA-256)")
    return table(heads, rows, ("task", "try", "state", "began", "ended", "log"))


def _code(text: str) -> PageMarkup:
    return code(text) if text else escaped("")
