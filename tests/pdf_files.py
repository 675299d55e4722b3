"""PDF files, object by object."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a packed stream object."""
    packed = zlib.compress(content)
    head = b"<< /Length %d /Filter /FlateDecode %s >>" % (len(packed), entries)
    return head + b"\nstream\n" + packed + b"\nendstream"


def pdf_file(
    pages: Sequence[bytes],
    objects: Mapping[int, bytes] | None = None,
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    font: bytes = FONT,
    resources: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF file with a page for each stream of operators; the font is `/F1`.

    Args:
        objects: more of them, by number, from 100.
        catalog: more entries of the catalog; likewise of each page, their resources, and the trailer.
    """
    numbers = [*range(4, 4 + 2 * len(pages), 2)]
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    all_objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        3: font,
        **(objects or {}),
    }
    for number, content in zip(numbers, pages, strict=True):
        all_objects[number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R %s "
            b"/Resources << /Font << /F1 3 0 R >> %s >> >>" % (number + 1, page, resources)
        )
        all_objects[number + 1] = stream(content)
    parts, places = [b"%PDF-1.7\n"], {}
    for number, content in sorted(all_objects.items()):
        places[number] = sum(map(len, parts))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = b"".join(b"%d 1\n%010d 00000 n \n" % one for one in sorted(places.items()))
    start = sum(map(len, parts))
    end = b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    parts += [b"xref\n", table, end % (max(places) + 1, trailer, start)]
    return b"".join(parts)


def shown(*lines: str) -> bytes:
    """Return operators that show lines of Latin letters, kerned as programs write them."""
    said = []
    for line in lines:
        half = len(line) // 2
        pieces = (line[:half].encode("cp1252").hex(), line[half:].encode("cp1252").hex())
        said.append(b"[<%s> -12 <%s>] TJ 0 -14 Td" % tuple(each.encode() for each in pieces))
    return b"BT /F1 12 Tf 50 700 Td " + b" ".join(said) + b" ET"
