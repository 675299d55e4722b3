"""Texts of PDF files, read by a process of their own: `pdf_pages`."""

import atexit
import os
import select
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from lacuna.verify.raw_bytes import UnsearchableError

_PROGRAM: Final = Path(__file__).with_name("pdf_pages.py")
_LENGTH: Final = struct.Struct(">Q")
_SECONDS: Final = 20  # for one file
_MOST_BYTES: Final = 64 * 1024 * 1024  # of its texts and attached files together


class PdfContent(NamedTuple):
    """What is in a PDF.

    Attributes:
        texts: of pages, their notes and forms, titles, metadata, names of attached files.
        attached: the files.
        has_pictures: whether there may be text that only shows.
    """

    texts: list[str]
    attached: list[bytes]
    has_pictures: bool


def read_pdf(content: bytes) -> PdfContent:
    """Return the texts and attached files of a PDF file.

    Raises:
        UnsearchableError: it is damaged or locked, or takes too much time or memory.
    """
    with _LOCK:
        try:
            return _of_this_process().read(content)
        except (OSError, EOFError) as error:
            _end()
            raise UnsearchableError("a PDF file cannot be read") from error


class _Process:
    """The program, which reads one file after the other."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._program = subprocess.Popen(  # noqa: S603 - nothing of the caller's
            [sys.executable, "-I", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        if self._program.stdin is None or self._program.stdout is None:
            raise AssertionError("pipes were asked for")
        self._to, self._from = self._program.stdin, self._program.stdout

    def read(self, content: bytes) -> PdfContent:
        found, left, is_read = PdfContent([], [], has_pictures=False), _MOST_BYTES, True
        until = time.monotonic() + _SECONDS
        self._write(_LENGTH.pack(len(content)) + content)
        while True:
            head = self._taken(1 + _LENGTH.size, until)
            (length,) = _LENGTH.unpack(head[1:])
            left -= length
            if left < 0:
                raise EOFError("more than is searched")
            data = self._taken(length, until)
            match head[:1]:
                case b"T":
                    found.texts.append(data.decode("utf-8"))
                case b"A":
                    found.attached.append(data)
                case b"P":
                    found = found._replace(has_pictures=True)
                case b"X":
                    is_read = False
                case b"E" if is_read:
                    return found
                case b"E":
                    # The program goes on with the next one: to start it again takes a quarter of a second.
                    raise UnsearchableError("a PDF file is damaged or locked")
                case _:
                    raise EOFError("no frame")

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._to.write(rest) :]

    def _taken(self, count: int, until: float) -> bytes:
        parts = []
        while count:
            if not select.select([self._from], [], [], max(0.0, until - time.monotonic()))[0]:
                raise EOFError("it takes too long")
            part = self._from.read(count)
            if not part:
                raise EOFError("the program ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def end(self) -> None:
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()
        if self.pid == os.getpid():
            self._program.kill()
            self._program.wait()


_LOCK: Final = threading.Lock()
_KEPT: Final[list[_Process]] = []


def _of_this_process() -> _Process:
    # What a fork brought is its parent's.
    if _KEPT and _KEPT[0].pid != os.getpid():
        _end()
    if not _KEPT:
        _KEPT.append(_Process())
    return _KEPT[0]


def _end() -> None:
    while _KEPT:
        _KEPT.pop().end()


atexit.register(_end)
