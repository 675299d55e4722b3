"""Where mails go out: files in a folder, or a mail server."""

import os
import smtplib
import ssl
from datetime import UTC
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from lacuna.errors import ConfigurationError, DependencyUnreachable, RequestError
from lacuna.model.letter import OutgoingMail

_SECONDS: Final = 60
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final = {"smtp": 25, "smtps": 465}


class FolderOutbox:
    """Mails as files, one each, by the id of their message: delivered again, it is the same file.

    Somebody else takes them from there; until then they hold an address in clear.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder when the first mail comes."""
        self._folder = folder

    def deliver(self, mail: OutgoingMail) -> None:
        """Write a mail durably, whole or not at all.

        Raises:
            DependencyUnreachable: the folder cannot be written.
            RequestError: the recipient's address is none.
        """
        content = _message(mail).as_bytes()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{mail.message_id.partition('@')[0]}.eml"
            half = self._folder / f".{name}"
            with os.fdopen(
                os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.rename(self._folder / name)
        except OSError as error:
            raise DependencyUnreachable(
                f"outbox: the folder of mails cannot be written ({error.strerror})"
            ) from None


class ServerOutbox:
    """Mails by SMTP.

    A crash after the server took a mail sends it again, with the same Message-ID.

    Args:
        url: `smtps://user:password@host:port`, or `smtp://` for STARTTLS; user and password
            percent-encoded, or none. In clear only to this machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigurationError("outbox: write smtps://user:password@host:port, or smtp://…")
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def deliver(self, mail: OutgoingMail) -> None:
        """Hand a mail to the server.

        Raises:
            DependencyUnreachable: it could not be delivered now; try again later.
            RequestError: the server refuses the recipient for good.
        """
        try:
            with self._connect() as server:
                server.send_message(_message(mail))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if all(code >= 500 for code in codes):
                raise RequestError(
                    "outbox: the mail server rejects the recipient permanently"
                ) from None
            raise DependencyUnreachable("outbox: the recipient's server is busy") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DependencyUnreachable(
                f"outbox: the mail server does not accept a mail ({type(error).__name__})"
            ) from None

    def check(self) -> None:
        """Log in and out again; no mail is sent.

        Raises:
            DependencyUnreachable: the server does not answer, or refuses the login.
        """
        try:
            with self._connect() as server:
                server.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise DependencyUnreachable(
                f"outbox: the mail server lets nobody in ({type(error).__name__})"
            ) from None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._scheme == "smtps":
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_SECONDS)
            if self._host not in _LOOPBACK:
                server.starttls(context=context)
        if self._user:
            server.login(self._user, self._password)
        return server


def _message(mail: OutgoingMail) -> EmailMessage:
    try:
        recipient = Address(addr_spec=mail.recipient)
    except (ValueError, IndexError, MessageError):
        raise RequestError("outbox: no mail can be addressed to the recipient") from None
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
    message["To"] = recipient
    message["Subject"] = mail.subject
    message["Date"] = localtime().astimezone(UTC)
    message["Message-ID"] = f"<{mail.message_id}>"
    if mail.in_reply_to:
        message["In-Reply-To"] = f"<{mail.in_reply_to}>"
    # So that no other machine answers it (RFC 3834).
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message
