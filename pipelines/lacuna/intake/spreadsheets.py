"""Tables that people save from a spreadsheet, as CSV."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import Final

from lacuna.errors import MalformedRequest

_SEPARATORS: Final = ",;\t"


def spreadsheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file with the numbers of their lines, without empty rows.

    Cells are separated by commas, semicolons or tabs, whichever the first line has most of. The
    text is UTF-8, or UTF-16 that says so in its first bytes. What Excel saves in the code page of
    a computer is not guessed: another one would make other letters of the same bytes.

    Raises:
        MalformedRequest: names line and column, and never what is there.
    """
    is_wide = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedRequest(
            f"the file cannot be read: {_unreadable(content, is_wide=is_wide)}; save the file as CSV UTF-8, then try again"
        ) from None
    yield from _rows(text)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield reader.line_num, cells
    except csv.Error:
        raise MalformedRequest(
            f"the file cannot be read: line {reader.line_num} is not valid CSV; check its quotation marks"
        ) from None


def _unreadable(content: bytes, *, is_wide: bool) -> str:
    """Return which cell is the first that cannot be read."""
    if is_wide:
        return "it is cut off, or not UTF-16"
    for line, cells in _rows(content.decode("latin-1")):
        for column, cell in enumerate(cells, 1):
            try:
                cell.encode("latin-1").decode()
            except UnicodeDecodeError:
                return f"line {line}, column {column} is not UTF-8"
    return "it is not UTF-8"
