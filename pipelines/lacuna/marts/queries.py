"""The queries of the marts as they lie in their folders, with what they share put in its place."""

import re
from pathlib import Path
from typing import Final

from lacuna.marts.metadata import FOLDER

_INCLUDE: Final = re.compile(r"^-- include person of (\w+)(,?)$", re.MULTILINE)
_ROWS: Final = re.compile(r"\bpicked\b")


def query_text(file: Path) -> str:
    """Return a query; the line `-- include person of ROWS` becomes the people of these rows.

    ROWS is an earlier part of the query (`with recursive ROWS as …`) with a column `requester_id`.
    After the line, `person` has for each of them (`start`) the contact that it counts as (`root`).
    """
    return _INCLUDE.sub(_person, file.read_text(encoding="utf-8"))


def _person(found: re.Match[str]) -> str:
    rows, comma = found.groups()
    text = (FOLDER / "person.sql").read_text(encoding="utf-8").rstrip()
    return _ROWS.sub(rows, text) + comma
