"""Reads a dump that `pg_dump` wrote, to search it for people: plain, compressed, or for pg_restore.

The rows of each COPY come by column, with the escapes of the format taken off; every other line is
read as it stands, which finds values in INSERT statements of other databases too.
"""

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import Canaries, SearchedRows

_GZIP: Final = b"\x1f\x8b"
_FOR_RESTORE: Final = b"PGDMP"
_TAR: Final = b"toc.dat"
_BATCH_CHARACTERS: Final = 2_000_000
_LONGEST_LINE: Final = 256 * 1024 * 1024
_STATEMENTS: Final = TableName("dump", "statements")
_NAME: Final = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_COPY: Final = re.compile(
    rf"COPY (?P<schema>{_NAME})\.(?P<table>{_NAME}) \((?P<columns>[^()]*|.*)\) FROM stdin;"
)
_ESCAPED: Final = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class DumpReader:
    """One dump, to read.

    Attributes:
        unread: nothing: a dump is read to its end, or not at all.
        opaque: nothing either.
    """

    def __init__(self, path: Path) -> None:
        """Read nothing yet.

        Raises:
            ConfigurationError: there is no such file.
        """
        if not path.is_file():
            raise ConfigurationError("a dump does not exist or is no file; check --dump")
        self._path = path
        self.unread: dict[str, str] = {}
        self.opaque: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of each table that has any, in batches, and the other lines.

        Raises:
            DependencyUnreachable: the file cannot be read, or only by a `pg_restore` that is not there.
        """
        try:
            with self._lines() as lines:
                yield from _parsed(lines)
        except (OSError, EOFError, UnicodeError) as error:
            raise DependencyUnreachable(
                f"a dump cannot be read to its end ({type(error).__name__}); write it again"
            ) from None

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield what is read of a dump that holds the canaries, as COPY and as INSERT."""
        copied = [_copied(text) + "\n" for text in canaries.texts]
        yield from _parsed(["COPY dump.canary (copied) FROM stdin;\n", *copied, "\\.\n"])
        literals = (text.replace("'", "''") for text in canaries.texts)
        yield from _parsed([f"VALUES ('{text}');" for text in literals])

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Yield nothing: a dump has their words as any other text."""
        yield from ()

    @contextmanager
    def _lines(self) -> Iterator[Iterable[str]]:
        with self._path.open("rb") as file:
            head = file.read(512)
        if head.startswith((_FOR_RESTORE, _TAR)):
            with _restored(self._path) as lines:
                yield lines
        elif head.startswith(_GZIP):
            with gzip.open(
                self._path, "rt", encoding="utf-8", errors="replace", newline="\n"
            ) as text:
                yield _lines_of(text)
        else:
            with self._path.open(encoding="utf-8", errors="replace", newline="\n") as text:
                yield _lines_of(text)


@contextmanager
def _restored(path: Path) -> Iterator[Iterable[str]]:
    program = shutil.which("pg_restore")
    if program is None:
        raise DependencyUnreachable(
            "a dump is in a format that only pg_restore reads, which is not installed; install "
            "PostgreSQL's client programs, or write the dump with pg_dump --format=plain"
        )
    with subprocess.Popen(  # noqa: S603 - a program of PostgreSQL, and a file that exists
        [program, "--file=-", "--", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    ) as process:
        if process.stdout is not None:
            yield _lines_of(process.stdout)
    if process.returncode:
        raise DependencyUnreachable(
            f"pg_restore ended with {process.returncode} before the end of a dump; use the version "
            "that fits it, or write it again"
        )


def _lines_of(text: IO[str]) -> Iterator[str]:
    return iter(lambda: text.readline(_LONGEST_LINE), "")


def _parsed(lines: Iterable[str]) -> Iterator[tuple[TableName, SearchedRows]]:
    others: list[str] = []
    size = 0
    lines = iter(lines)
    for line in lines:
        copy = _COPY.match(line)
        if copy is not None:
            table = TableName(_bare(copy["schema"]), _bare(copy["table"]))
            names = [_bare(name) for name in re.findall(_NAME, copy["columns"])]
            yield from _copied_rows(table, names, lines)
            continue
        others.append(line.rstrip("\n").replace("''", "'"))
        size += len(line)
        if size >= _BATCH_CHARACTERS:
            yield _STATEMENTS, SearchedRows({"text": others})
            others, size = [], 0
    if others:
        yield _STATEMENTS, SearchedRows({"text": others})


def _copied_rows(
    table: TableName, names: Sequence[str], lines: Iterator[str]
) -> Iterator[tuple[TableName, SearchedRows]]:
    rows: list[list[str | bytes | None]] = []
    size = 0
    for line in lines:
        if line == "\\.\n":
            break
        cells = line.rstrip("\n").split("\t")
        if len(cells) != len(names):
            yield _STATEMENTS, SearchedRows({"text": [line]})
            continue
        rows.append([_value(cell) for cell in cells])
        size += len(line)
        if size >= _BATCH_CHARACTERS:
            yield table, _by_column(names, rows)
            rows, size = [], 0
    yield table, _by_column(names, rows)


def _by_column(names: Sequence[str], rows: Sequence[Sequence[str | bytes | None]]) -> SearchedRows:
    return SearchedRows(dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {})


def _value(cell: str) -> str | bytes | None:
    """Return the value of a cell in COPY's text format; bytea comes as bytes."""
    if cell == "\\N":
        return None
    text = _ESCAPED.sub(_unescaped, cell) if "\\" in cell else cell
    if text.startswith("\\x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            return text
    return text


def _unescaped(found: re.Match[str]) -> str:
    said = found[1]
    if said[0] == "x" and len(said) > 1:
        return chr(int(said[1:], 16))
    if said[0] in "01234567":
        return chr(int(said, 8) & 0xFF)
    return _LETTERS.get(said, said)


def _copied(text: str) -> str:
    """Return a text as COPY writes it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
