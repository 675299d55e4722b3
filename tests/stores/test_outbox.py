"""Where answers go: files, and a mail server that is a real one here."""

from __future__ import annotations

import email
import socket
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from aiosmtpd.controller import Controller

from lacuna.errors import ConfigurationError, DependencyUnreachable, RequestError
from lacuna.model.letter import OutgoingMail
from lacuna.stores.mail.outbox import FolderOutbox, ServerOutbox

LETTER = OutgoingMail(
    message_id="0b7c9a52@nord.example.com",
    sender="privacy@nord.example.com",
    sender_name="Nord, Süd & Søn",
    recipient="ada@example.org",
    subject="Bekræft venligst",
    text="Hej\n\nDette er en prøve.\n",
    in_reply_to="m1@example.org",
    html=f"<p>Hej</p>\n<p>Dette er en prøve.{' Lang linje.' * 100}</p>\n",
)


class Sink:
    """Keeps what it is sent, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusal is not None:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def sink():
    handler = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


def checked(content: bytes) -> None:
    message = email.message_from_bytes(content, policy=policy.default)
    assert message["From"].addresses[0].display_name == LETTER.sender_name
    assert (message["To"], message["Subject"]) == (LETTER.recipient, LETTER.subject)
    assert message["Message-ID"] == f"<{LETTER.message_id}>"
    assert message["In-Reply-To"] == f"<{LETTER.in_reply_to}>"
    assert message["Auto-Submitted"] == "auto-replied"
    sent = message["Date"].datetime
    assert abs(sent - datetime.now(UTC)) < timedelta(minutes=10)
    assert message.get_content_type() == "multipart/alternative"
    first, second = message.iter_parts()
    assert (first.get_content_type(), second.get_content_type()) == ("text/plain", "text/html")
    assert first.get_content().replace("\r\n", "\n") == LETTER.text
    assert second.get_content().replace("\r\n", "\n") == LETTER.html


def test_a_mail_without_a_page_is_plain_text(tmp_path):
    FolderOutbox(tmp_path).deliver(replace(LETTER, html=""))
    (path,) = tmp_path.iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == LETTER.text


def test_a_letter_is_one_file_however_often_it_is_delivered(tmp_path):
    folder = tmp_path / "outbox"
    for _ in range(2):
        FolderOutbox(folder).deliver(LETTER)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    checked(path.read_bytes())


def test_a_letter_reaches_a_mail_server(sink):
    ServerOutbox(sink.url).deliver(LETTER)
    ((recipients, content),) = sink.mails
    assert recipients == [LETTER.recipient]
    checked(content)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [("550 no such user", RequestError), ("451 come back later", DependencyUnreachable)],
)
def test_a_refusal_says_whether_to_try_again_and_not_for_whom(sink, refusal, error):
    sink.refusal = refusal
    with pytest.raises(error) as caught:
        ServerOutbox(sink.url).deliver(LETTER)
    assert "ada@" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_server_that_does_not_answer_is_unreachable():
    with pytest.raises(DependencyUnreachable):
        ServerOutbox("smtp://127.0.0.1:9").deliver(LETTER)


@pytest.mark.parametrize("url", ["http://example.org", "smtp:", "smtps://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigurationError):
        ServerOutbox(url)
