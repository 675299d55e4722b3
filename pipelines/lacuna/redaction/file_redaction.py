"""Redacts one column of a file, batch by batch; the whole of it is published, or nothing.

Three formats: JSON lines (other members of a row stay byte for byte), Parquet (other columns stay
as they are), and plain text, of which each line is a row.
"""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from lacuna.errors import ConfigurationError, DependencyUnreachable, RedactionFailed
from lacuna.ports import Passage, Redacted, Redactor

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH_ROWS = 512
_BATCH_BYTES = 4 * 2**20
_LONGEST_LINE = 64 * 2**20
_ROW_GROUP_BYTES = 32 * 2**20
_NO_PARQUET = "is not a Parquet file, or is damaged"
_BLANK = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class FileJob:
    """What is redacted, and how.

    Attributes:
        column: the member or column that holds the text; a text file has none.
        is_spans: write JSON lines of ids, redacted texts and spans instead of the whole rows.
        language: of every row, ISO 639-1; None if unknown.
    """

    source: Path
    target: Path
    column: str = "text"
    is_spans: bool = False
    language: str | None = None
    media_type: str = "text/plain"


@dataclass(frozen=True)
class FileReport:
    """What was done: rows read, rows whose text changed, spans covered.

    Attributes:
        unmodelled: rows in a language whose names no model finds, by language.
    """

    rows: int = 0
    changed_rows: int = 0
    spans: int = 0
    unmodelled: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _RowBatch:
    """Some rows of a file.

    Attributes:
        ids: of the rows: their member or column `id`, else their number, from 1.
        texts: None where a row has no text.
        write: writes the rows with other texts.
    """

    ids: Sequence[str | int]
    texts: Sequence[str | None]
    write: Callable[[Sequence[str | None]], None]


_Batches = Generator[_RowBatch, None, None]


def redact_file(
    job: FileJob, redactor: Redactor, tell: Callable[[str], None] = lambda _: None
) -> FileReport:
    """Redact every row of a file into another one, which appears whole and at once.

    Memory holds a batch of rows, whatever the length of the file.

    Args:
        tell: takes a line that says how many rows are done.

    Raises:
        ConfigurationError: the input is not what its name says; nothing was written.
        RedactionFailed: a row could not be analyzed; nothing was written.
        DependencyUnreachable: the output cannot be written.
    """
    read = _reader_of(job)
    report = FileReport()
    with _published(job.target) as output, closing(read(job, output)) as batches:
        for batch in batches:
            results = _redacted(batch, job, redactor, done=report.rows)
            if job.is_spans:
                output.writelines(map(_spans_line, batch.ids, results))
            else:
                batch.write([one.text if one is not None else None for one in results])
            report = _added(report, batch, results)
            tell(f"{report.rows} rows redacted")
    return report


def _redacted(
    batch: _RowBatch, job: FileJob, redactor: Redactor, *, done: int
) -> list[Redacted | None]:
    passages = [
        Passage(text, job.media_type, job.language) for text in batch.texts if text is not None
    ]
    try:
        results = iter(redactor.redact(passages))
    except RedactionFailed as error:
        raise RedactionFailed(
            f"{job.source}: one of the rows {done + 1} to {done + len(batch.texts)} could not be "
            "analyzed, so no output was written. Raise the engine's time limits or report the "
            "detector, then run again."
        ) from error
    return [next(results) if text is not None else None for text in batch.texts]


def _added(report: FileReport, batch: _RowBatch, results: Sequence[Redacted | None]) -> FileReport:
    changed = sum(
        one is not None and one.text != text for text, one in zip(batch.texts, results, strict=True)
    )
    known = [one for one in results if one is not None]
    unmodelled = Counter(one.unmodelled for one in known if one.unmodelled is not None)
    return FileReport(
        report.rows + len(results),
        report.changed_rows + changed,
        report.spans + sum(len(one.spans) for one in known),
        Counter(report.unmodelled) + unmodelled,
    )


def _spans_line(row_id: str | int, result: Redacted | None) -> bytes:
    spans = [
        {"start": one.start, "end": one.end, "entity_type": one.label, "score": one.score}
        for one in (result.spans if result is not None else ())
    ]
    document = {"id": row_id, "text": result.text if result is not None else None, "spans": spans}
    return json.dumps(document).encode() + b"\n"


# --- text -----------------------------------------------------------------------------------------


def _text_rows(job: FileJob, output: BinaryIO) -> _Batches:
    for number, lines in _lines(job):
        rows = [line.rstrip("\r\n") for line in lines]
        ends = [line[len(row) :] for line, row in zip(lines, rows, strict=True)]
        yield _RowBatch(
            range(number, number + len(rows)), rows, partial(_write_lines, output, ends)
        )


def _write_lines(output: BinaryIO, ends: Sequence[str], texts: Sequence[str | None]) -> None:
    output.writelines(f"{text}{end}".encode() for text, end in zip(texts, ends, strict=True))


def _lines(job: FileJob) -> Iterator[tuple[int, list[str]]]:
    """Yield batches of lines, each with the number of its first."""
    number = 1
    with job.source.open("rb") as file:
        while lines := list(islice(_bounded(file, job, number), _BATCH_ROWS)):
            yield number, [_decoded(line, job, number + at) for at, line in enumerate(lines)]
            number += len(lines)


def _bounded(file: BinaryIO, job: FileJob, number: int) -> Iterator[bytes]:
    byte_count = 0
    while byte_count < _BATCH_BYTES and (line := file.readline(_LONGEST_LINE + 1)):
        if len(line) > _LONGEST_LINE:
            raise _refusal(job, f"has a line longer than {_LONGEST_LINE} bytes, number {number}")
        byte_count += len(line)
        number += 1
        yield line


def _decoded(line: bytes, job: FileJob, number: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise _refusal(job, f"is not UTF-8 in line {number}") from None


# --- JSON lines -----------------------------------------------------------------------------------


def _json_rows(job: FileJob, output: BinaryIO) -> _Batches:
    for number, lines in _lines(job):
        rows = [_JsonRow(line, job, number + at) for at, line in enumerate(lines)]
        yield _RowBatch(
            [row.id for row in rows], [row.text for row in rows], partial(_write_json, output, rows)
        )


def _write_json(output: BinaryIO, rows: Sequence["_JsonRow"], texts: Sequence[str | None]) -> None:
    output.writelines(row.with_text(text) for row, text in zip(rows, texts, strict=True))


class _JsonRow:
    """A line with one JSON object; the bytes around its text are never rewritten."""

    def __init__(self, line: str, job: FileJob, number: int) -> None:
        self._line = line
        members = _members(line) if _is_object(line) else ()
        values = [(value, place) for name, value, place in members if name == job.column]
        value, self._place = values[0] if len(values) == 1 else (0, (0, 0))
        if not isinstance(value, str | None):
            raise _refusal(
                job, f"line {number} is not a JSON object with one text member `{job.column}`"
            )
        self.text = value
        ids = [value for name, value, _ in members if name == "id" != job.column]
        self.id = _id_or(ids[0] if ids else None, number)

    def with_text(self, text: str | None) -> bytes:
        """Return the line with another text."""
        if text == self.text:
            return self._line.encode()
        start, end = self._place
        is_ascii = self._line[start:end].isascii() or bool(_SURROGATE.search(text or ""))
        new = json.dumps(text, ensure_ascii=is_ascii)
        return f"{self._line[:start]}{new}{self._line[end:]}".encode()


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _members(line: str) -> list[tuple[str, object, tuple[int, int]]]:
    """Return name, value and place of the value of each member of a valid JSON object."""
    members = []
    at = _skip(line, line.index("{") + 1)
    while line[at] != "}":
        name, at = _DECODER.raw_decode(line, at)
        start = _skip(line, line.index(":", at) + 1)
        value, end = _DECODER.raw_decode(line, start)
        members.append((name, value, (start, end)))
        at = _skip(line, end)
        if line[at] == ",":
            at = _skip(line, at + 1)
    return members


def _skip(line: str, at: int) -> int:
    blank = _BLANK.match(line, at)
    return blank.end() if blank is not None else at


# --- Parquet --------------------------------------------------------------------------------------


def _parquet_rows(job: FileJob, output: BinaryIO) -> _Batches:
    # Only here: the import takes a moment and brings NumPy.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with ExitStack() as stack:
            file = stack.enter_context(pq.ParquetFile(job.source))
            schema, at = _text_schema(file.schema_arrow, job)
            sink: _RowGroups | None = None
            if not job.is_spans:
                sink = _RowGroups(stack.enter_context(pq.ParquetWriter(output, schema)))
            number = 1
            for rows in file.iter_batches(_BATCH_ROWS):
                texts = rows.column(at).cast(schema.field(at).type).to_pylist()
                write = partial(_write_batch, rows, at, schema, sink)
                yield _RowBatch(_parquet_ids(rows, number, job), texts, write)
                number += rows.num_rows
            if sink is not None:
                sink.flush()
    except (pa.ArrowException, UnicodeDecodeError):
        raise _refusal(job, _NO_PARQUET) from None
    except OSError as error:
        # Of a damaged page Arrow says so; it is not the file system that failed.
        if error.errno is not None:
            raise
        raise _refusal(job, _NO_PARQUET) from None


class _RowGroups:
    """Collects batches, so that row groups become neither small nor endless."""

    def __init__(self, writer: "pq.ParquetWriter") -> None:
        self._writer = writer
        self._batches: list[pa.RecordBatch] = []

    def add(self, batch: "pa.RecordBatch") -> None:
        self._batches.append(batch)
        if sum(one.nbytes for one in self._batches) > _ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa

        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches))
            self._batches.clear()


def _write_batch(
    rows: "pa.RecordBatch",
    at: int,
    schema: "pa.Schema",
    sink: _RowGroups | None,
    texts: Sequence[str | None],
) -> None:
    import pyarrow as pa

    columns = list(rows.columns)
    columns[at] = pa.array(texts, schema.field(at).type)
    if sink is not None:
        sink.add(pa.RecordBatch.from_arrays(columns, schema=schema))


def _text_schema(schema: "pa.Schema", job: FileJob) -> tuple["pa.Schema", int]:
    """Return the schema of the output, and which column holds the text.

    A dictionary of texts becomes plain text: its values would outlive their rows.
    """
    import pyarrow as pa

    at = schema.get_field_index(job.column)
    field = schema.field(at) if at >= 0 else None
    kind = field.type if field is not None else None
    if kind is not None and pa.types.is_dictionary(kind):
        kind = kind.value_type
    if (
        field is None
        or kind is None
        or not (pa.types.is_string(kind) or pa.types.is_large_string(kind))
    ):
        raise _refusal(job, f"has no single column {job.column} with text")
    return schema.set(at, field.with_type(kind)), at


def _parquet_ids(rows: "pa.RecordBatch", number: int, job: FileJob) -> list[str | int]:
    at = rows.schema.get_field_index("id")
    ids = rows.column(at).to_pylist() if at >= 0 and job.column != "id" else [None] * rows.num_rows
    return [_id_or(each, number + index) for index, each in enumerate(ids)]


# --- the output -----------------------------------------------------------------------------------


_FORMATS: Mapping[str, Callable[[FileJob, BinaryIO], _Batches]] = MappingProxyType(
    {".jsonl": _json_rows, ".parquet": _parquet_rows, ".txt": _text_rows}
)


def _reader_of(job: FileJob) -> Callable[[FileJob, BinaryIO], _Batches]:
    suffix = job.source.suffix.lower()
    if suffix not in _FORMATS:
        raise ConfigurationError(
            f"redact: the name of the input must end in one of {', '.join(sorted(_FORMATS))}"
        )
    if not job.source.is_file():
        raise _refusal(job, "is not a file")
    if job.target.exists() and job.target.samefile(job.source):
        raise ConfigurationError("redact: input and output are the same file; name another output")
    if not job.is_spans and job.target.suffix.lower() != suffix:
        raise ConfigurationError(
            f"redact: the output must have the format of the input; its name must end in {suffix}"
        )
    if not job.target.parent.is_dir():
        raise ConfigurationError(
            f"redact: {job.target.parent} is not a folder; create it, or name another output"
        )
    return _FORMATS[suffix]


def _refusal(job: FileJob, problem: str) -> ConfigurationError:
    return ConfigurationError(f"redact: {job.source} {problem}; nothing was written")


def _id_or(value: object, number: int) -> str | int:
    if value is None or isinstance(value, bool):
        return number
    return value if isinstance(value, str | int) else str(value)


@contextmanager
def _published(target: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the target's name, in one step, if the block ends well."""
    part: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise DependencyUnreachable(
            f"redact: the input cannot be read or {target} cannot be written ({error.strerror}); "
            "nothing was written"
        ) from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
