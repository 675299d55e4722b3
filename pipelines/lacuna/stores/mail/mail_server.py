"""A mailbox on an IMAP server."""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.mail import WaitingMail

_SET_ASIDE: Final = "Set-aside"
_SECONDS: Final = 60
_PORTS: Final = {"imaps": 993, "imap": 143}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SIZE: Final = re.compile(rb"RFC822\.SIZE ([0-9]{1,12})")


class ServerMailbox:
    """The mails of one IMAP mailbox, as `ports.Mailbox`.

    Args:
        url: `imaps://user:password@host/mailbox`, or `imap://` for STARTTLS; user and password
            percent-encoded, the mailbox INBOX if none is named. In clear only on this machine.

    Raises:
        ConfigurationError: the address is incomplete.
        DependencyUnreachable: the server does not answer, or lets nobody in.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if (
            parts.scheme not in _PORTS
            or not parts.hostname
            or not parts.username
            or parts.password is None
        ):
            raise ConfigurationError(
                "mailbox: write imaps://user:password@host/mailbox, user and password "
                "percent-encoded"
            )
        self._name = unquote(parts.path.strip("/")) or "INBOX"
        with _boundary():
            self._server = _connect(parts.scheme, parts.hostname, parts.port)
            try:
                self._server.login(unquote(parts.username), unquote(parts.password))
                self._expect(self._server.select(_quoted(self._name)))
            except BaseException:
                self._server.shutdown()
                raise

    def waiting(self, limit: int) -> list[WaitingMail]:
        """They are in the order in which they arrived."""
        with _boundary():
            (numbers,) = self._expect(self._server.uid("SEARCH", "UNDELETED"))
            found = []
            for place in numbers.decode().split()[:limit]:
                (line,) = self._expect(
                    self._server.uid("FETCH", place, "(RFC822.SIZE INTERNALDATE)")
                )
                size = _SIZE.search(line or b"")
                if size is not None:
                    found.append(WaitingMail(place, int(size[1]), _stored_at(line), is_dated=True))
            return found

    def read(self, mail: WaitingMail) -> bytes:
        """Return the mail's bytes; it stays unread."""
        with _boundary():
            response = self._expect_parts(self._server.uid("FETCH", mail.place, "(BODY.PEEK[])"))
            for part in response:
                if isinstance(part, tuple):
                    return bytes(part[1])
        raise DependencyUnreachable("mailbox: a mail disappeared before it was read; run again")

    def remove(self, mail: WaitingMail) -> None:
        """Delete the mail and have the server forget it."""
        with _boundary():
            self._expect(self._server.uid("STORE", mail.place, "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in self._server.capabilities:
                self._expect(self._server.uid("EXPUNGE", mail.place))
            else:
                self._expect(self._server.expunge())

    def set_aside(self, mail: WaitingMail) -> None:
        with _boundary():
            self._server.create(_SET_ASIDE)  # it says no where there is one already
            self._expect(self._server.uid("COPY", mail.place, _SET_ASIDE))
        self.remove(mail)

    def close(self) -> None:
        """Log out."""
        with _boundary():
            self._server.logout()

    def _expect(self, response: tuple[str, Sequence[object]]) -> list[bytes]:
        return [part for part in self._expect_parts(response) if isinstance(part, bytes)]

    @staticmethod
    def _expect_parts(response: tuple[str, Sequence[object]]) -> list[object]:
        status, parts = response
        if status != "OK":
            raise DependencyUnreachable(
                "mailbox: the server refused a command; check the name of the mailbox and your "
                "permissions"
            )
        return list(parts)


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(
            host, port or _PORTS[scheme], ssl_context=context, timeout=_SECONDS
        )
    server = imaplib.IMAP4(host, port or _PORTS[scheme], timeout=_SECONDS)
    if "STARTTLS" in server.capabilities and host not in _LOOPBACK:
        server.starttls(context)
    elif host not in _LOOPBACK:
        server.logout()
        raise ConfigurationError(
            "mailbox: the server offers no encryption, and Lacuna sends no password in clear "
            "text; use imaps://"
        )
    return server


def _quoted(name: str) -> str:
    if any(ord(character) < 32 or character in '"\\' for character in name):
        raise ConfigurationError(
            "mailbox: its name contains a character that a mailbox name must not contain"
        )
    return f'"{name}"'


def _stored_at(line: bytes) -> datetime:
    found = imaplib.Internaldate2tuple(line)
    if found is None:
        return datetime.now(UTC)
    # The tuple is in local time, as its author left it.
    return datetime(*found[:6]).astimezone(UTC)


@contextmanager
def _boundary() -> Iterator[None]:
    """Let no response of the server out: it can quote a mail."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as error:
        raise DependencyUnreachable(
            f"mailbox: the mail server answered unexpectedly ({type(error).__name__}); check "
            "address, user and password, then run again"
        ) from None
