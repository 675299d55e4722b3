"""Sends a bundle: whole or visibly broken off, in bounded time and memory."""

import asyncio
import hmac
import logging
from collections.abc import Iterator
from typing import IO, Final

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from lacuna.bundle import readable_passphrase
from lacuna.delivery.encrypted_zip import encrypted_zip
from lacuna.delivery.visits import BegunDownload, Visits
from lacuna.errors import PipelineError
from lacuna.request import open_sealed_bundle

_BLOCK: Final = 64 * 1024
_logger: Final = logging.getLogger(__name__)


def zip_passphrase(key: bytes, secret: str) -> str:
    """Return the passphrase of the ZIP file that a secret downloads.

    It is derived and stored nowhere. A download that is repeated with the same secret has the same
    passphrase; the next code makes another one.
    """
    return readable_passphrase(hmac.digest(key, f"zip\0{secret}".encode(), "sha256"))


class Download:
    """The response that sends a bundle.

    It counts as complete once its last byte was handed to the connection. If it does not get so
    far, the connection is cut, so that nobody takes the part for the whole, and the link stays
    valid.
    """

    def __init__(self, begun: BegunDownload, visits: Visits, passphrase: str) -> None:
        """Read nothing yet.

        Args:
            passphrase: of the ZIP file; a bundle for a key is sent as it is.
        """
        self._begun = begun
        self._visits = visits
        self._passphrase = passphrase
        self._is_started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, and record whether that succeeded.

        Raises:
            PipelineError: the file is not the one that was handed over; nothing was sent.
        """
        begun, visits = self._begun, self._visits
        sent = asyncio.create_task(self._send(send))
        others = [asyncio.create_task(_gone(receive)), asyncio.create_task(self._replaced())]
        longest = visits.longest(begun.link.byte_count).total_seconds()
        try:
            await asyncio.wait({sent, *others}, timeout=longest, return_when="FIRST_COMPLETED")
        finally:
            for task in (sent, *others):
                task.cancel()
            (outcome, *_) = await asyncio.gather(sent, *others, return_exceptions=True)
            ended = visits.finish if outcome is True else visits.give_up
            await run_in_threadpool(ended, begun)
        if isinstance(outcome, PipelineError):
            if not self._is_started:
                raise outcome
            # The connection is cut; our own message says nothing of anybody.
            _logger.error("a download stopped: %s", type(outcome).__name__)
        elif isinstance(outcome, Exception):
            raise outcome

    async def _send(self, send: Send) -> bool:
        """Send the parts, the last one only if no other download of the link began meanwhile."""
        begun = self._begun
        home = self._visits.stores.home
        file = await run_in_threadpool(
            open_sealed_bundle, home, begun.link.request_id, begun.link.digest
        )
        with file:
            parts = self._parts(file)
            # Whatever is wrong with the end or the beginning of the file is seen before the head.
            part = await run_in_threadpool(next, parts, b"")
            self._is_started = True
            await send({"type": "http.response.start", "status": 200, "headers": self._headers()})
            while following := await run_in_threadpool(next, parts, b""):
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part = following
            if not await run_in_threadpool(self._visits.keep, begun):
                return False
            await send({"type": "http.response.body", "body": part, "more_body": False})
        return True

    def _parts(self, file: IO[bytes]) -> Iterator[bytes]:
        passphrase = self._begun.content.passphrase
        if passphrase is None:
            return iter(lambda: file.read(_BLOCK), b"")
        return encrypted_zip(file, "the bundle", passphrase, self._passphrase)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        if self._begun.content.passphrase is not None:
            media_type, name, length = b"application/zip", b"my-data.zip", []
        else:
            media_type, name = b"application/octet-stream", b"my-data.zip.age"
            length = [(b"content-length", str(self._begun.link.byte_count).encode())]
        return [
            (b"content-type", media_type),
            (b"content-disposition", b'attachment; filename="' + name + b'"'),
            *length,
        ]

    async def _replaced(self) -> None:
        """Keep the place of the download; end when it has to stop."""
        is_kept = True
        while is_kept:
            await asyncio.sleep(self._visits.renewal.total_seconds())
            try:
                is_kept = await run_in_threadpool(self._visits.keep, self._begun)
            except PipelineError:
                is_kept = False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
