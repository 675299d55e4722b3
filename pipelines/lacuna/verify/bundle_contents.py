"""What the gate reads of a finished bundle: rows of its tables, and every text of its other files."""

import email
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Final, TextIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

BundleJson: TypeAlias = "str | int | float | bool | list[BundleJson] | dict[str, BundleJson] | None"

_ROWS_AT_ONCE: Final = 500
CHARACTERS_AT_ONCE: Final = 2**17
SMALL: Final = 2**16  # files of at most so many bytes are searched together
_LARGE: Final = 2**20  # a larger JSON document is not decoded as a whole
_PIECE: Final = 2**18  # characters of a JSON file that are read at once
_WINDOW: Final = 2**22  # bytes of any other file
_OVERLAP: Final = 2**12  # of two windows: what stands across their border is in the next
UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)


def records(value: BundleJson) -> Iterator[dict[str, BundleJson]]:
    """Yield the objects of an array; nothing of any other value."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def json_rows(path: Path) -> Iterator[dict[str, BundleJson]]:
    """Yield the rows of a JSON file, an array of objects, a piece of it at a time."""
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8") as file:
        text = _after_space(file, "")
        if text[:1] != "[":
            raise ValueError("not an array")
        text = _after_space(file, text[1:])
        while text[:1] != "]":
            row, text = _next_value(decoder, file, text)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            yield row
            text = _after_space(file, text)
            if text[:1] not in (",", "]"):
                raise ValueError("neither another object nor the end")
            if text[0] == ",":
                text = _after_space(file, text[1:])
                if text[:1] == "]":
                    raise ValueError("a comma before the end")
        if _after_space(file, text[1:]):
            raise ValueError("more behind the end")


def _after_space(file: TextIO, text: str) -> str:
    """Return the rest after white space; empty at the end of the file."""
    text = text.lstrip(" \t\r\n")
    while not text and (more := file.read(_PIECE)):
        text = more.lstrip(" \t\r\n")
    return text


def _next_value(decoder: json.JSONDecoder, file: TextIO, text: str) -> tuple[BundleJson, str]:
    """Return the value that a text begins with, and what follows it."""
    piece = _PIECE
    while True:
        try:
            value, end = decoder.raw_decode(text)
            return value, text[end:]
        except ValueError:
            more = file.read(piece)
            if not more:
                raise
            text += more
            piece = len(text)  # a long value is not begun again too often


def parquet_rows(path: Path) -> Iterator[dict[str, BundleJson]]:
    """Yield the rows of a Parquet file; documents are decoded where the field says so."""
    with pq.ParquetFile(path) as file:
        encoded = {
            field.name
            for field in file.schema_arrow
            if (field.metadata or {}).get(b"encoding") == b"json"
        }
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            row: dict[str, BundleJson]
            for row in batch.to_pylist():
                for name in encoded:
                    value = row[name]
                    row[name] = json.loads(value) if isinstance(value, str) else value
                yield row


def paths_inside(folder: Path, above: str = "") -> Iterator[str]:
    """Yield the path of everything in a folder, folders too, one folder after the other."""
    with os.scandir(folder / above) as entries:
        found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in found:
        yield f"{above}{name}"
        if is_folder:
            yield from paths_inside(folder, f"{above}{name}/")


def texts_in(value: BundleJson) -> Iterator[str]:
    """Yield every text in a value, names of documents included."""
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from texts_in(each)
        case dict():
            for name, each in value.items():
                yield name
                yield from texts_in(each)
        case _:  # numbers are ids, counts and times of the person's own rows
            return


# Runs of text inside bytes, in the encodings that tags of sound and images are written in.
_RUNS: Final = (
    (rb"(?:[\t\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){5,}", "utf-8"),
    (rb"(?:[A-Za-z ,.'-]{1,30}[\xc0-\xff]){1,5}[A-Za-z ,.'-]{1,30}", "latin-1"),
    (rb"(?:[\t\x20-\x7e\xa0-\xff]\x00){5,}", "utf-16-le"),
    (rb"(?:\x00[\t\x20-\x7e\xa0-\xff]){5,}", "utf-16-be"),
)
# In an indented document: a count, a size, an id. A text never holds a line break as it is.
_NUMBER_LINE: Final = re.compile(r'^\s*(?:"[^"\n]*": )?-?\d+(?:\.\d+)?,?$', re.MULTILINE)
_COUNT_CELL: Final = re.compile(r"<(td|dd|li)>-?\d+</\1>")


def texts_of(path: Path) -> Iterator[str]:
    """Yield every reading of a file: as bytes, and decoded by what its name says it is."""
    match path.suffix:
        case ".json" if path.stat().st_size > _LARGE:
            yield from _text_windows(path, _NUMBER_LINE)
        case ".json":
            content = path.read_bytes()
            try:
                yield from texts_in(json.loads(content))
            except ValueError:
                yield content.decode("utf-8", "replace")
        case ".html":
            # A cell that is a whole number is an id or a count; as text it is in a table's file.
            yield from _text_windows(path, _COUNT_CELL)
        case ".eml":
            content = path.read_bytes()
            yield content.decode("utf-8", "replace")
            yield from _mail_texts(content)
        case ".vcf":
            # A line is cut after 75 bytes, in the middle of a word too.
            yield re.sub(r"\r?\n[ \t]", "", path.read_bytes().decode("utf-8", "replace"))
        case _:
            for window in _windows(path):
                yield from _runs_in(window)


def _text_windows(path: Path, bare: re.Pattern[str]) -> Iterator[str]:
    """Yield a page or a large JSON document as text in pieces that overlap, without its bare numbers.

    Escapes in it are among the readings that the search knows.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        tail = ""
        # To the end of a line: no number is cut in two.
        while piece := file.read(CHARACTERS_AT_ONCE) + file.readline(CHARACTERS_AT_ONCE):
            yield bare.sub("", tail + piece)
            tail = piece[-_OVERLAP:]
            line = tail.find("\n") + 1
            tail = tail[line:] or tail


def _windows(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces that overlap; of a sound file, everything but the samples."""
    with path.open("rb") as file:
        left = _before_samples(file)
        tail = b""
        while piece := file.read(_WINDOW if left is None else min(_WINDOW, left)):
            yield tail + piece
            tail = piece[-_OVERLAP:]
            if left is not None:
                left -= len(piece)
            if left == 0:
                break


def _before_samples(file: BinaryIO) -> int | None:
    """Return how many bytes of a WAV file stand before its samples, if these are its rest.

    Samples are a voice: no text is in them, and they are nearly all of the file.
    """
    head = file.read(12)
    place, size = 12, file.seek(0, 2)
    if (
        head[:4] == b"RIFF"
        and head[8:] == b"WAVE"
        and int.from_bytes(head[4:8], "little") + 8 == size
    ):
        while place + 8 <= size:
            file.seek(place)
            name, length = file.read(4), int.from_bytes(file.read(4), "little")
            place += 8
            if name == b"data" and place + length + length % 2 == size:
                file.seek(0)
                return place
            place += length + length % 2
    file.seek(0)
    return None


def _runs_in(content: bytes) -> Iterator[str]:
    for pattern, encoding in _RUNS:
        runs = (run.decode(encoding, "replace") for run in re.findall(pattern, content))
        # A line break keeps what was apart from becoming one word.
        yield "\n".join(runs)


def _mail_texts(content: bytes) -> Iterator[str]:
    """Yield the headers and the parts of a message, decoded as far as they can be."""
    try:
        parts = list(email.message_from_bytes(content, policy=policy.compat32).walk())
    except RecursionError:
        # Nested too deep to be taken apart.
        yield from _runs_in(content)
        return
    for part in parts:
        for _, value in part.items():
            try:
                yield str(make_header(decode_header(str(value))))
            except (ValueError, LookupError):
                yield str(value)
        yield _file_name(part)
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload.decode("utf-8", "replace")
            if not _is_utf8(part):
                yield from _runs_in(payload)


def _file_name(part: Message) -> str:
    with suppress(LookupError, ValueError):
        return str(part.get_filename(""))
    return ""


def _is_utf8(part: Message) -> bool:
    with suppress(LookupError, ValueError):
        return part.get_content_charset() == "utf-8"
    return False


def portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts a few at a time, as many as one search takes at once."""
    portion: list[str] = []
    characters = 0
    for text in texts:
        portion.append(text)
        characters += len(text)
        if characters >= CHARACTERS_AT_ONCE:
            yield portion
            portion, characters = [], 0
    if portion:
        yield portion
