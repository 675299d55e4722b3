"""The command that proves a data map on people of the platform."""

from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.failures import told_once
from lacuna.cli.output import say, show_json, show_table
from lacuna.cli.progress import Progress
from lacuna.datamap import merged
from lacuna.flows.fulfilment import PEOPLE
from lacuna.flows.fulfilment import prove as prove_map
from lacuna.model.proof import Fate, Proof, ProvedPlace
from lacuna.wiring import open_stores

_ERASED: Final = {
    Fate.ERASED: "yes",
    Fate.COVERED: "yes: covered",
    Fate.DELETED: "yes: deleted",
    Fate.STAYS: "no: stays",
    Fate.REFUSED: "plan refused",
    Fate.UNREACHED: "plan refused: no link",
}


def prove(
    people: Annotated[
        int, typer.Option(min=1, help="Number of people of each kind to look for.")
    ] = PEOPLE,
    every: Annotated[
        bool, typer.Option("--all", help="Also list where an erasure takes the values.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Look for people in every column and file, and show what an erasure would leave.

    Reads only. Half of the people have most rows in some table, the others are chosen by chance.
    Another program gets a line for each place: found in, mapped as, erased?, rows, people, values,
    kind of people, separated by tabs; or --json, which lists every place.
    Exit 1 if something would be left. No erasure is planned until the data map has passed.
    """
    with told_once():
        stores = open_stores()
        proof = prove_map(stores, people, Progress.tell)
    if as_json:
        show_json(_document(proof))
    else:
        _show(proof, stores.datamap_path, every=every)
    if not proof.passed:
        raise typer.Exit(1)


def _show(proof: Proof, datamap: Path, *, every: bool) -> None:
    shown = [place for place in proof.places if every or not place.fate.is_lost]
    if shown:
        show_table(
            "Values of people",
            ("found in", "mapped as", "erased?", "rows", "people", "values", "of"),
            map(_row, shown),
            whole=("found in",),
        )
    for one in proof.unread:
        say(f"Not searched: {one}")
    for schema, count in proof.outside.items():
        say(
            f"Not searched, outside of the map: {count} tables of schema {schema}, which "
            "lacuna_verifier may not read"
        )
    if more := len(proof.places) - len(shown):
        say(f"Places where an erasure takes or covers the values: {more} (--all lists them).")
    sampled = ", ".join(f"{count} of kind {kind}" for kind, count in proof.people.items())
    say(f"People: {sampled}. Tables: {proof.tables}. Stores: {proof.stores}.")
    refusing = sum(one.fate in (Fate.REFUSED, Fate.UNREACHED) for one in proof.places)
    if refusing:
        say(
            f"Places where the map expects nobody, or lacks a link: {refusing}. The plans of these "
            "people will be refused."
        )
    if not proof.sampled:
        say("There is nobody to look for, so that nothing is proved.")
    elif proof.passed:
        say(f"Proved: an erasure by data map {proof.datamap_digest} leaves none of these values.")
    else:
        say(f"Places to settle: {len(proof.findings) + len(proof.unread)}.")
        for place, what in dict.fromkeys((one.place, one.settlement) for one in proof.findings):
            if what:
                say(f"  {place}: {what}")
        _show_entries([one.entry for one in proof.findings if one.entry], datamap)
        say(
            "Where values may stay, write stays: REASON at the column instead. Then run lacuna up "
            "and this again."
        )


def _show_entries(entries: Sequence[str], datamap: Path) -> None:
    """Print the change of the map that makes these entries, as a unified diff."""
    if not entries:
        return
    old = new = datamap.read_text("utf-8")
    # What an erasure does to a person's own rows goes over what covers others.
    for entry in sorted(set(entries), key=lambda one: (" erase:" in one, one)):
        new = merged(new, entry)
    name = str(datamap)
    say("This change of the map settles them (- is replaced by +):")
    for line in unified_diff(old.splitlines(), new.splitlines(), name, name, n=0, lineterm=""):
        say(line)


def _row(one: ProvedPlace) -> tuple[str, ...]:
    classes = ", ".join(one.classes)
    fate = "no: accepted" if one.reason else _ERASED[one.fate]
    return one.place, one.mapped_as, fate, str(one.rows), str(one.people), classes, one.kind


def _document(proof: Proof) -> dict[str, object]:
    return {
        "passed": proof.passed,
        "datamap_digest": proof.datamap_digest,
        "people": proof.people,
        "tables": proof.tables,
        "stores": proof.stores,
        "unread": list(proof.unread),
        "outside": dict(proof.outside),
        "places": [
            {
                "place": one.place,
                "kind": one.kind,
                "mapped_as": one.mapped_as,
                "fate": str(one.fate),
                "finding": one.is_finding,
                "reason": one.reason,
                "settlement": one.settlement,
                "entry": one.entry,
                "rows": one.rows,
                "people": one.people,
                "classes": [str(said) for said in one.classes],
            }
            for one in proof.places
        ],
    }
