"""What people write to an installation of the sample, and what comes back to them."""

from __future__ import annotations

import email
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import policy
from email.utils import format_datetime, parsedate_to_datetime

from lacuna.flows import intake
from lacuna.model.run import Role
from tests.flows.observation import execute

BOX = "privacy@fjordlys.example.com"
SERVER = "mx.fjordlys.example.com"


class Post:
    """What people write, and what comes back to them."""

    def __init__(self, installation) -> None:
        self.installation = installation
        self.folder = installation.stores.home / "mail" / "new"
        self.count = 0

    def write(self, sender: str, text: str, *, vouched: bool = False, **headers: str) -> None:
        self.count += 1
        lines = {
            "From": sender,
            "To": BOX,
            "Subject": "Message",
            "Message-ID": f"<{self.count}@example.org>",
            "Received": f"from a by {SERVER}; {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        received = lines["Received"].rpartition(";")[2]
        with suppress(ValueError):
            # No two mails of one person are written in the same second.
            written = parsedate_to_datetime(received) - timedelta(hours=1, seconds=-self.count)
            lines = {"Date": format_datetime(written)} | lines
        if vouched:
            domain = sender.rpartition("@")[2].rstrip(">")
            said = f"{SERVER}; dmarc=pass header.from={domain}"
            lines = {"Authentication-Results": said} | lines
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.put(f"{head}\r\n{text}\r\n".encode())

    def put(self, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.count += 1
        (self.folder / f"{self.count:04}.eml").write_bytes(content)

    def take(self) -> None:
        assert self.installation.run(intake) is None

    def left(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.is_file()]

    def letters(self) -> list[email.message.EmailMessage]:
        paths = sorted(
            (self.installation.stores.home / "outbox").glob("*.eml"),
            key=lambda path: path.stat().st_mtime_ns,
        )
        return [email.message_from_bytes(p.read_bytes(), policy=policy.default) for p in paths]

    def outcomes(self) -> list[tuple[str, list[str]]]:
        return execute(
            self.installation.url,
            "select outcome, reasons from lacuna.mail order by taken_at, received_at",
        )


def text_of(letter) -> str:
    """Return a letter's plain text."""
    return letter.get_body(("plain",)).get_content()


def code_in(letter) -> str:
    return re.search(r"L-[0-9a-f-]{36}-[0-9a-f]{32}", text_of(letter))[0]


def requests(installation):
    with installation.stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.requests.in_states()
