"""Searches places of others for people whom another tool was to delete, and signs what was found.

It needs no installation: no schema of Lacuna's, no officer, no data map. What is searched is only read.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.evidence import (
    Noted,
    SigningKey,
    create_key,
    load_key,
    read_whole,
    sign_manifest,
    verify_manifest,
    write_once,
)
from lacuna.intake import spreadsheet_rows
from lacuna.model.absence import AbsencePlace, AbsenceReport
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.ports import OutsideTables, SearchedBucket
from lacuna.verify import ENCODINGS, AbsenceSearch, Place

FORM: Final = "lacuna/absence/1"
"""What a report says that it is."""
_KEY_NAME: Final = "lacuna/absence"
_COLUMNS: Final = ("person", "kind", "value")
_KINDS: Final = {
    str(one): one
    for one in IdentifierKind
    # These stay in the data when a person is gone, and no one is known by a date of birth alone.
    if one
    not in (
        IdentifierKind.CONVERSATION_ID,
        IdentifierKind.MESSAGE_ID,
        IdentifierKind.DATE_OF_BIRTH,
    )
}
_LONGEST_VALUE: Final = 1_000
_FEWEST_DIGITS: Final = 5


def read_people(content: bytes) -> tuple[tuple[Identifier, ...], ...]:
    """Return the identifiers of each person of a list, in the order in which it names them first.

    Args:
        content: CSV, as `spreadsheet_rows` reads it, with the columns `person`, `kind` and `value`, an identifier a line;
            `person` is any label that the lines of one person share.

    Raises:
        ConfigurationError, MalformedRequest: it is no such list; says in which line.
    """
    people: dict[str, dict[Identifier, None]] = {}
    rows = spreadsheet_rows(content)
    if tuple(next(rows, (1, ()))[1]) != _COLUMNS:
        raise ConfigurationError(
            f"the list of identifiers must begin with the line {','.join(_COLUMNS)}"
        )
    for line, row in rows:
        people.setdefault(_cell(row, 0, line), {})[_identifier(row, line)] = None
    if not people:
        raise ConfigurationError(
            "the list of identifiers names nobody; write a line for each identifier"
        )
    return tuple(tuple(one) for one in people.values())


def _identifier(row: Sequence[str], line: int) -> Identifier:
    kind = _KINDS.get(_cell(row, 1, line))
    if kind is None:
        raise ConfigurationError(
            f"line {line} of the list of identifiers has no known kind; kinds: {', '.join(_KINDS)}"
        )
    identifier = Identifier(kind, _cell(row, 2, line))
    is_mistaken = {
        IdentifierKind.EMAIL: "@" not in identifier.value or len(identifier.value.split()) > 1,
        IdentifierKind.PHONE: sum(map(str.isdecimal, identifier.value)) < _FEWEST_DIGITS,
    }
    if is_mistaken.get(kind):
        raise ConfigurationError(f"line {line} of the list of identifiers is no {kind}")
    return identifier


def _cell(row: Sequence[str], place: int, line: int) -> str:
    cell = row[place].strip() if len(row) == len(_COLUMNS) else ""
    if not cell or len(cell) > _LONGEST_VALUE or "\0" in cell:
        raise ConfigurationError(
            f"line {line} of the list of identifiers must have {len(_COLUMNS)} values of 1 to "
            f"{_LONGEST_VALUE} characters"
        )
    return cell


def prove_absent(
    people: Sequence[Sequence[Identifier]],
    tables: Mapping[str, OutsideTables],
    files: Mapping[str, Path | SearchedBucket],
    tell: Callable[[str], None] = lambda _: None,
    datamap: DataMap | None = None,
) -> AbsenceReport:
    """Search every place for everybody.

    Args:
        people: the identifiers of each.
        tables: databases and dumps, by the name that the report has for them.
        files: folders and buckets of files, by name.
        tell: takes a line that says what is searched now.
        datamap: says what becomes of a column in which something is found; None: nobody does.
    """
    search = AbsenceSearch(people, datamap)
    places: list[AbsencePlace] = []
    number = len(tables) + len(files)
    for place, (name, each) in enumerate(tables.items(), 1):
        tell(f"searching {name}, place {place} of {number}")
        places.append(search.search_tables(name, each))
    for place, (name, one) in enumerate(files.items(), len(tables) + 1):
        tell(f"searching {name}, place {place} of {number}")
        found = Place(name, one) if isinstance(one, Path) else Place(name, Path(), bucket=one)
        places.append(search.search_files(found))
    return AbsenceReport(
        len(people),
        dict(search.values),
        dict(search.weak),
        tuple(places),
        ENCODINGS,
        search.unsearchable,
    )


def document_of(report: AbsenceReport, searched_at: datetime) -> dict[str, object]:
    """Return a report as the JSON document that is signed; nothing in it is a person's value."""
    return {
        "form": FORM,
        "searched_at": searched_at.isoformat(timespec="seconds"),
        "result": str(report.result),
        "people": report.people,
        "values": {str(said): count for said, count in report.values.items()},
        "too_weak_to_search": {str(said): count for said, count in report.weak.items()},
        "unsearchable_people": list(report.unsearchable),
        "encodings": list(report.encodings),
        "places": [_place(one) for one in report.places],
    }


def _place(place: AbsencePlace) -> dict[str, object]:
    return {
        "place": place.name,
        "result": str(place.result),
        "searched": place.searched,
        "rows": place.rows,
        **({} if place.mapped is None else {"mapped": place.mapped}),
        "found": [
            {
                "where": one.where,
                "rows": one.rows,
                "people": list(one.people),
                "classes": [str(said) for said in one.classes],
                "doubtful": one.is_doubtful,
                **({"mapped_as": one.mapped_as} if one.mapped_as else {}),
            }
            for one in place.found
        ],
        "unread": dict(place.unread),
        "blind": list(place.blind),
        "opaque": dict(place.opaque),
    }


def list_files(report: AbsenceReport) -> bytes:
    """Return as CSV, which a path may make personal data, the files in which something was found."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("place", "path", "people"))
    for place in report.places:
        for path, people in place.files:
            # A spreadsheet would take some names for formulas.
            shown = f"./{path}" if path.startswith(("=", "+", "-", "@", "\t", "\r")) else path
            lines.writerow((place.name, shown, " ".join(map(str, people))))
    return text.getvalue().encode("utf-8", "surrogateescape")


def report_key(path: Path, key_file: Path) -> SigningKey:
    """Return the key that signs a report, once it is seen that the report can be written.

    Args:
        key_file: the key, made where there is none; its public part lies beside it as `NAME.pub`.

    Raises:
        ConfigurationError: the report exists, its folder does not, or the key cannot be read or
            others may read it.
        DependencyUnreachable: the folder of the key cannot be written.
    """
    if path.exists() or _note_of(path).exists() or not path.absolute().parent.is_dir():
        raise ConfigurationError(
            "the report, or its signature, exists already, or its folder does not exist; check --report"
        )
    if key_file.exists():
        return load_key(key_file, name=_KEY_NAME)
    key = create_key(key_file, name=_KEY_NAME)
    write_once(key_file.with_suffix(".pub"), f"{key.public_text}\n".encode())
    return key


def sign_report(document: Mapping[str, object], path: Path, key: SigningKey) -> None:
    """Write a report and, beside it, `NAME.sig`.

    Raises:
        DependencyUnreachable: the folder cannot be written.
    """
    content = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
    write_once(path, content)
    note = sign_manifest(key, len(content), hashlib.sha256(content).hexdigest(), Noted.ABSENCE)
    write_once(_note_of(path), note.encode())


def is_report(path: Path) -> bool:
    """Whether a file is a report of absence, by the signature beside it."""
    return _note_of(path).is_file()


def verify_report(path: Path, public_keys: str) -> Mapping[str, object]:
    """Return a report that one of these keys signed.

    Raises:
        ConfigurationError: a public key cannot be read.
        DependencyUnreachable: the report or its signature cannot be read.
        EvidenceBroken: it was changed, or somebody else signed it.
    """
    content = read_whole(path)
    note = read_whole(_note_of(path)).decode("utf-8", "replace")
    verify_manifest(
        note, len(content), hashlib.sha256(content).hexdigest(), public_keys, Noted.ABSENCE
    )
    document = json.loads(content)
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise EvidenceBroken("the file is signed, and is no report of absence")
    return document


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")
