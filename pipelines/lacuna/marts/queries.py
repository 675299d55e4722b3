"""The queries of the marts as they lie in their folders, with what they share put in its place."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lacuna.marts.metadata import FOLDER
from lacuna.model.mart import Mart

_PERSON: Final = FOLDER / "person.sql"
_INCLUDE: Final = re.compile(r"^-- include person of (\w+)(,?)$", re.MULTILINE)
_ROWS: Final = re.compile(r"\bpicked\b")


def query_text(file: Path) -> str:
    """Return a query; the line `-- include person of ROWS` becomes the people of these rows.

    ROWS is an earlier part of the query (`with recursive ROWS as …`) with a column `requester_id`.
    After the line, `person` has for each of them (`start`) the contact that it counts as (`root`).
    """
    return _INCLUDE.sub(_person, file.read_text(encoding="utf-8"))


def definitions_digest(marts: Iterable[Mart]) -> str:
    """Return the SHA-256 hex over the declarations and queries of marts, by their names."""
    digest = hashlib.sha256()
    for mart in sorted(marts, key=lambda each: each.name):
        for file in (mart.folder / "metadata.yaml", *sorted(mart.folder.glob("*.sql"))):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{content}  {mart.name}/{file.name}\n".encode())
    digest.update(_PERSON.read_bytes())
    return digest.hexdigest()


def _person(found: re.Match[str]) -> str:
    rows, comma = found.groups()
    text = _PERSON.read_text(encoding="utf-8").rstrip()
    return _ROWS.sub(rows, text) + comma
