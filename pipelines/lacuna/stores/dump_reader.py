"""Reads a dump that `pg_dump` wrote, to search it for people: plain, packed, or for pg_restore.

The rows of each COPY come by column, with the escapes of the format taken off; every other line is
read as it stands, which finds values in INSERT statements of other databases too.
"""

import bz2
import codecs
import gzip
import io
import lzma
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import Canaries, SearchedRows

_FOR_RESTORE: Final = b"PGDMP"
_TAR: Final = b"toc.dat"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_HEAD: Final = 65_536
_BATCH_CHARACTERS: Final = 2_000_000
_LONGEST_STATEMENT: Final = 1_000_000
_LONGEST_LINE: Final = 256 * 1024 * 1024
_STATEMENTS: Final = TableName("dump", "statements")
_NAME: Final = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_COPY: Final = re.compile(
    rf"COPY (?:(?P<schema>{_NAME})\.)?(?P<table>{_NAME}) \((?P<columns>.*)\) FROM stdin;"
)
_BEGINS: Final = re.compile(
    r"-- (?:PostgreSQL database (?:cluster )?dump|My\w+ dump |MariaDB dump )"
)
_ENDS: Final = re.compile(r"-- (?:PostgreSQL database (?:cluster )?dump complete|Dump completed)")
_AFTER_THE_END: Final = re.compile(r"\s*$|--|\\unrestrict ")
_LINES_OF_HEAD: Final = 20
_CLIENT_ENCODING: Final = re.compile(rb"SET client_encoding = '(\w+)';")
_ESCAPED: Final = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class DumpReader:
    """One dump, to read.

    Attributes:
        unread: why it is no whole dump, if it is none.
        opaque: nothing.
    """

    def __init__(self, path: Path) -> None:
        """Read nothing yet.

        Raises:
            ConfigurationError: there is no such file, nor a folder that `pg_dump` wrote.
        """
        if not (path.is_file() or (path / "toc.dat").is_file()):
            raise ConfigurationError("a dump does not exist; check --dump")
        self._path = path
        self.unread: dict[str, str] = {}
        self.opaque: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield the rows of each table that has any, in batches, and the other statements.

        Raises:
            DependencyUnreachable: the file cannot be read, or only by a program that is not there.
        """
        parsing = _DumpParsing()
        try:
            with self._lines() as lines:
                yield from parsing.rows(lines)
        except (OSError, EOFError, UnicodeError, lzma.LZMAError) as error:
            raise DependencyUnreachable(
                f"a dump cannot be read to its end ({type(error).__name__}); write it again"
            ) from None
        if parsing.problem:
            self.unread["dump"] = parsing.problem

    def canary_rows(self, canaries: Canaries) -> Iterator[tuple[TableName, SearchedRows]]:
        """Yield what is read of a dump that holds the canaries, as COPY and as INSERT."""
        copied = [_copied(text) + "\n" for text in canaries.texts]
        yield from _DumpParsing().rows(["COPY canary (copied) FROM stdin;\n", *copied, "\\.\n"])
        literals = (text.replace("'", "''") for text in canaries.texts)
        yield from _DumpParsing().rows([f"VALUES ('{text}');" for text in literals])

    def indexed(self, values: Sequence[str]) -> Iterator[tuple[ColumnName, Mapping[int, int]]]:
        """Yield nothing: a dump has their words as any other text."""
        yield from ()

    @contextmanager
    def _lines(self) -> Iterator[Iterable[str]]:
        head = b"" if self._path.is_dir() else _first_bytes(self._path)
        if self._path.is_dir() or head.startswith((_FOR_RESTORE, _TAR)):
            with _restored(self._path) as lines:
                yield lines
            return
        unpack = next((each for magic, each in _UNPACKED.items() if head.startswith(magic)), None)
        if unpack is None and any(map(head.startswith, _PACKED)):
            raise DependencyUnreachable(
                "a dump is packed in a form that is not read; unpack it first"
            )
        with (unpack or open)(self._path, "rb") as packed:
            encoding = _encoding_of(packed.read(_HEAD))
        with (unpack or open)(
            self._path, "rt", encoding=encoding, errors="replace", newline="\n"
        ) as text:
            yield _lines_of(text)


_UNPACKED: Final[Mapping[bytes, Callable[..., IO[Any]]]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
_PACKED: Final = (b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"7z\xbc\xaf", b"Rar!")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _encoding_of(head: bytes) -> str:
    """Return Python's name of the encoding that a dump states.

    Raises:
        DependencyUnreachable: Python has none of that name.
    """
    if head.startswith(_UTF16):
        return "utf-16"
    stated = _CLIENT_ENCODING.search(head)
    name = "UTF8" if stated is None else stated[1].decode("ascii", "replace")
    name = re.sub(r"^WIN(?=\d)", "cp", name).replace("SQL_ASCII", "UTF8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise DependencyUnreachable(
            f"a dump has the encoding {name}, which is not read; write it with --encoding=UTF8"
        ) from None


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
        bufsize=_HEAD,
    ) as process:
        stdout = cast(io.BufferedReader, process.stdout)
        encoding = _encoding_of(stdout.peek())
        with io.TextIOWrapper(stdout, encoding, "replace", newline="\n") as text:
            yield _lines_of(text)
    if process.returncode:
        raise DependencyUnreachable(
            f"pg_restore ended with {process.returncode} before the end of a dump; use the version "
            "that fits it, or write it again"
        )


def _lines_of(text: IO[str]) -> Iterator[str]:
    return iter(lambda: text.readline(_LONGEST_LINE), "")


class _DumpParsing:
    """Reads the lines of one dump; says afterwards whether they were a whole one."""

    def __init__(self) -> None:
        self._begins = False
        self._ends = False
        self._is_cut = False
        self._count = 0

    @property
    def problem(self) -> str:
        """Why it is no whole dump; empty for one that is."""
        if not self._begins:
            return "it does not begin as a dump does; search it as a file, with --folder"
        if self._is_cut or not self._ends:
            return "it ends before the last line of a dump; write it again"
        return ""

    def rows(self, given: Iterable[str]) -> Iterator[tuple[TableName, SearchedRows]]:
        others, statement, size, length = list[str](), list[str](), 0, 0
        lines = iter(given)
        for line in lines:
            self._look(line)
            if (copy := _COPY.match(line)) is not None:
                table = TableName(_bare(copy["schema"] or "public"), _bare(copy["table"]))
                names = [_bare(name) for name in re.findall(_NAME, copy["columns"])]
                yield from self._copied_rows(table, names, lines)
                continue
            # A value may run over several lines of one statement.
            statement.append(line.rstrip("\r\n").replace("''", "'"))
            length += len(line)
            if line.rstrip().endswith(";") or length > _LONGEST_STATEMENT:
                others.append("\n".join(statement))
                size += length
                statement, length = [], 0
            if size >= _BATCH_CHARACTERS:
                yield _STATEMENTS, SearchedRows({"text": others})
                others, size = [], 0
        if statement:
            others.append("\n".join(statement))
        if others:
            yield _STATEMENTS, SearchedRows({"text": others})

    def _look(self, line: str) -> None:
        self._count += 1
        if self._count <= _LINES_OF_HEAD and _BEGINS.match(line):
            self._begins = True
        # Whatever follows but comments was not the end: a value may hold such a line.
        if _ENDS.match(line):
            self._ends = True
        elif not _AFTER_THE_END.match(line):
            self._ends = False

    def _copied_rows(
        self, table: TableName, names: Sequence[str], lines: Iterator[str]
    ) -> Iterator[tuple[TableName, SearchedRows]]:
        rows: list[list[str | bytes | None]] = []
        size = 0
        self._is_cut = True
        for line in lines:
            said = line.rstrip("\r\n")
            if said == "\\.":
                self._is_cut = False
                break
            cells = said.split("\t")
            if len(cells) != len(names):
                yield _STATEMENTS, SearchedRows({"text": [said]})
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
