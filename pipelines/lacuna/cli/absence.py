"""The command that searches places of others for people whom another tool was to delete."""

import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import PrintJson, read_file
from lacuna.cli.output import say, show_json, show_table
from lacuna.cli.progress import Progress
from lacuna.datamap import load
from lacuna.errors import ConfigurationError
from lacuna.evidence import write_once
from lacuna.flows.absence import document_of, list_files, read_people, report_key, sign_report
from lacuna.flows.absence import prove_absent as search_absent
from lacuna.model.absence import AbsencePlace, AbsenceReport, AbsenceResult
from lacuna.ports import OutsideTables
from lacuna.settings import Home
from lacuna.wiring import open_dump, open_foreign_bucket, open_foreign_database

_NO_RIGHT: Final = "SQLSTATE 42501"
_NAMED_AT_MOST: Final = 5
_SAID: Final = {
    AbsenceResult.ABSENT: "Absent: no value of these people was found.",
    AbsenceResult.FOUND: "Found: values of these people are left.",
    AbsenceResult.INCOMPLETE: "Incomplete: nothing was found, but not everything could be searched.",
}


def prove_absent(
    identifiers: Annotated[
        Path,
        typer.Option(
            help="CSV with the columns person, kind, value: one identifier per line.",
            dir_okay=False,
        ),
    ],
    database: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Database to search, postgresql://USER@HOST/NAME or sqlite:///FILE, without a password.",
        ),
    ] = None,
    dump: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Dump to search, of any pg_dump format."),
    ] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Folder of files to search.")
    ] = None,
    bucket: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Bucket to search, s3://BUCKET/PREFIX."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the signed report here, and REPORT.sig beside it.")
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(
            help="Write here the paths of the files in which something was found, with the numbers "
            "of the people. Paths may be personal data: only you can read this file."
        ),
    ] = None,
    datamap: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Data map of the database: says what an erasure by Lacuna does with each column "
            "in which something is found.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Key that signs. Default: keys/absence.pem in LACUNA_HOME, made when missing."
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Search databases, dumps, folders and buckets for people whom another tool deleted.

    Reads only, and needs no installation: a login that may read and a list of identifiers. Exit 1
    if a value is found, or if something could not be searched.
    """
    if datamap is not None and not datamap.is_file():
        raise ConfigurationError("the data map does not exist; check --datamap")
    mapped = None if datamap is None else load(datamap)
    people = read_people(read_file(identifiers, "the list of identifiers"))
    tables: dict[str, OutsideTables] = {
        **{f"database {n}": open_foreign_database(url) for n, url in enumerate(database or (), 1)},
        **{f"dump {n}": open_dump(path) for n, path in enumerate(dump or (), 1)},
    }
    if any(not path.is_dir() for path in folder or ()):
        raise ConfigurationError("a folder does not exist, or is none; check --folder")
    folders = {f"folder {number}": path for number, path in enumerate(folder or (), 1)}
    buckets = {
        name: open_foreign_bucket(name, address)
        for name, address in ((f"bucket {n}", one) for n, one in enumerate(bucket or (), 1))
    }
    if not tables and not folders and not buckets:
        raise ConfigurationError(
            "there is nothing to search; give --database, --dump, --folder or --bucket"
        )
    if files is not None and (files.exists() or not files.absolute().parent.is_dir()):
        raise ConfigurationError(
            "the list of files exists already, or its folder does not; check --files"
        )
    # Before the search, which takes long.
    signing = None if report is None else report_key(report, key or _default_key())
    found = search_absent(people, tables, {**folders, **buckets}, Progress.tell, mapped)
    document = document_of(found, datetime.now(UTC))
    if report is not None and signing is not None:
        sign_report(document, report, signing)
    if files is not None:
        write_once(files, list_files(found))
    if as_json:
        show_json(document)
    else:
        _show(found)
        if signing is not None:
            say(f"Signed. Public key, for those who verify: {signing.public_text}")
            say(f"It is in {(key or _default_key()).with_suffix('.pub')}")
    if found.result is not AbsenceResult.ABSENT:
        raise typer.Exit(1)


def _default_key() -> Path:
    return Home.read().home / "keys" / "absence.pem"


def _show(report: AbsenceReport) -> None:
    found = [(place, one) for place in report.places for one in place.found]
    if found:
        is_mapped = any(one.mapped_as for _, one in found)
        show_table(
            "Values of people",
            (
                "place",
                "found in",
                *(["mapped as"] if is_mapped else []),
                "rows",
                "people",
                "values",
            ),
            (
                (
                    place.name,
                    one.where,
                    *([one.mapped_as] if is_mapped else []),
                    str(one.rows),
                    ", ".join(map(str, one.people)),
                    ", ".join(one.classes) + (" (doubtful)" if one.is_doubtful else ""),
                )
                for place, one in found
            ),
            whole=("found in",),
        )
    for place in report.places:
        _show_place(place)
    said = ", ".join(f"{count} of {one}" for one, count in report.values.items())
    say(f"People: {report.people}. Values searched for: {said or 'none'}.")
    if report.weak:
        weak = ", ".join(f"{count} of {one}" for one, count in report.weak.items())
        say(f"Not searched for, since they say too little alone: {weak}.")
    say(f"Searched as {', '.join(report.encodings)}.")
    if report.unsearchable:
        numbers = ", ".join(map(str, report.unsearchable))
        say(f"Not searched for at all, for lack of a value that says enough: people {numbers}.")
    say(_SAID[report.result])
    if report.result is AbsenceResult.ABSENT:
        number = sum(map(_opaque_of, report.places))
        say(
            f"{number} files, values or columns were searched in part only: see above."
            if number
            else "Every place was read."
        )


def _opaque_of(place: AbsencePlace) -> int:
    return sum(place.opaque.values())


def _show_place(place: AbsencePlace) -> None:
    rows = f", {place.rows} rows" if place.rows else ""
    mapped = "" if place.mapped is None else f", {place.mapped} tables are in the data map"
    say(f"{place.name}: {place.result}. Searched: {place.searched}{rows}{mapped}.")
    reasons: dict[str, list[str]] = defaultdict(list)
    for where, why in place.unread.items():
        # A reason names its own table again.
        reasons[re.sub(r"(?<=42501)(, \w+ [^,;]+)", "", why)].append(where)
    for why, wheres in reasons.items():
        more = f" and {len(wheres) - _NAMED_AT_MOST} more" if len(wheres) > _NAMED_AT_MOST else ""
        say(f"  Could not be read: {', '.join(wheres[:_NAMED_AT_MOST])}{more}: {why}")
    if any(_NO_RIGHT in why for why in reasons):
        say(
            "  Let the login read these: grant select, or pg_read_all_data. Tables with row-level "
            "security are read whole by a login with BYPASSRLS alone."
        )
    for where in place.blind:
        say(f"  A canary was not seen: {where}")
    for what, count in sorted(place.opaque.items()):
        say(f"  Searched in part only: {what}: {count}")
