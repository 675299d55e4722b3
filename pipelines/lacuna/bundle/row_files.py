"""Rows that are ready for a bundle, kept in files until it is sealed.

A bundle that was interrupted is taken up again: a part whose rows, columns and cover are the
same as before is read from its file, and only what is missing is made. The files are as
secret as the bundle; they lie beside it and go with it.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from lacuna.bundle.values import to_json_text
from lacuna.model.bundle import BundleRow


@dataclass(frozen=True)
class Part:
    """Some rows of a table as the bundle shows them.

    Attributes:
        places: places covered or replaced, by column.
        reasons: the same places, by reason.
        places_left: those of `places` that are in rows left out of the portability subset.
    """

    rows: Sequence[BundleRow] = field(repr=False)
    places: Mapping[str, int]
    reasons: Mapping[str, int]
    places_left: Mapping[str, int] = field(default_factory=dict)


class Parts:
    """The parts of one table, in a folder of mode 0700."""

    def __init__(self, folder: Path, table: str) -> None:
        """Keep the parts of `table` in `folder`, which is made where it is missing."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._name = quote(table, safe="")
        self._paths: list[Path] = []

    def add(self, version: str, make: Callable[[], Part]) -> Part:
        """Return the next part: the one that is there, or else what `make` makes.

        Args:
            version: everything that the part is made from, as text.
        """
        digest = hashlib.sha256(version.encode("utf-8", "surrogatepass")).hexdigest()
        path = self._folder / f"{self._name}-{len(self._paths):06d}.part"
        self._paths.append(path)
        if path.exists():
            with path.open("rb") as file:
                header = json.loads(file.readline())
                if header["version"] == digest:
                    rows = [_row(line) for line in file]
                    reasons = Counter[str](header["reasons"])
                    return Part(rows, header["places"], reasons, header["places_left"])
        part = make()
        header = {
            "version": digest,
            "places": part.places,
            "reasons": part.reasons,
            "places_left": part.places_left,
        }
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            file.write(f"{json.dumps(header)}\n".encode())
            file.writelines(f"{to_json_text(row)}\n".encode() for row in part.rows)
        new.replace(path)
        return part

    def read(self) -> Iterator[Sequence[BundleRow]]:
        """Yield the rows of every part in order."""
        for path in self._paths:
            with path.open("rb") as file:
                file.readline()
                yield [_row(line) for line in file]


def _row(line: bytes) -> BundleRow:
    return tuple(json.loads(line))
