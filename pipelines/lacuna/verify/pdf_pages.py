"""Program: reads PDF files from its standard input and writes what is in them, for `pdf_subprocess`.

A file of somebody else is read by native code, so the program has little memory and nothing else to
lose: it imports nothing of Lacuna's, opens no file, and is ended if it takes too long.

In: frames of content. Out: for each, frames of a letter and content: `T` text, `A` attached file,
`P` pictures are in it, `X` it cannot be read, `E` the end.
"""

import resource
import struct
import sys
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

LENGTH = struct.Struct(">Q")
_MOST_MEMORY = 512 << 20
_NOTED = ("Contents", "V", "T", "TU")  # of an annotation, or a field of a form
_DEEPEST = 4


def main() -> None:
    """Serve until the standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        content = source.read(*LENGTH.unpack(head))
        try:
            for letter, found in _parts_of(content):
                _write(target, letter, found)
        except (pypdfium2.PdfiumError, MemoryError):
            _write(target, b"X")
        _write(target, b"E")
        target.flush()


def _write(target: "object", letter: bytes, content: bytes = b"") -> None:
    target.write(letter + LENGTH.pack(len(content)) + content)  # type: ignore[attr-defined]


def _parts_of(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    document = pypdfium2.PdfDocument(content)
    try:
        for text in (*document.get_metadata_dict(skip_empty=True).values(), *_titles(document)):
            yield b"T", _encoded(text)
        for number in range(document.count_attachments()):
            attached = document.get_attachment(number)
            yield b"T", _encoded(attached.get_name())
            yield b"A", bytes(attached.get_data())
        for page in document:
            text = page.get_textpage().get_text_range()  # also what lies outside of the page
            # PDFium's sign for a word that a line divides.
            yield b"T", _encoded(text.replace("\ufffe\r\n", "").replace("\ufffe", ""))
            yield from ((b"T", _encoded(each)) for each in _annotations(page))
            if any(
                one.type == raw.FPDF_PAGEOBJ_IMAGE for one in page.get_objects(max_depth=_DEEPEST)
            ):
                yield b"P", b""
            page.close()
    finally:
        document.close()


def _titles(document: pypdfium2.PdfDocument) -> Iterator[str]:
    for item in document.get_toc():
        yield item.get_title()


def _annotations(page: pypdfium2.PdfPage) -> Iterator[str]:
    """Yield what is noted on a page, and what was written into its form."""
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        for key in (name.encode() for name in _NOTED):
            byte_count = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
            if byte_count > 2:  # UTF-16, with a zero at its end
                text = (raw.FPDF_WCHAR * (byte_count // 2))()
                raw.FPDFAnnot_GetStringValue(annotation, key, text, byte_count)
                yield bytes(text).decode("utf-16-le", "replace").rstrip("\0")
        raw.FPDFPage_CloseAnnot(annotation)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


if __name__ == "__main__":
    main()
