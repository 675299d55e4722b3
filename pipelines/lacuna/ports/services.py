"""What lies outside the database: time, keys, mailboxes, letters, recipients, files of runs."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from lacuna.model.kept_right import KeptRight
from lacuna.model.letter import OutgoingMail
from lacuna.model.mail import WaitingMail
from lacuna.model.reappearance import ErasedPerson
from lacuna.model.run import StepLine, TaskTry


class Clock(Protocol):
    """The time, in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Server(Protocol):
    """A PostgreSQL that belongs to one installation, which starts and stops it."""

    def up(self) -> str:
        """Start it unless it answers already; return its SQLAlchemy URL, without a secret.

        Raises:
            DependencyUnreachable: it cannot run here; the message says what to do.
        """
        ...

    def down(self) -> None:
        """Stop it; committed work is kept. Does nothing if none runs."""
        ...

    def is_running(self) -> bool:
        """Whether it answers."""
        ...

    def url(self) -> str:
        """Return its SQLAlchemy URL, without a secret."""
        ...


SEALED_FORM: Final = b"\x01"
"""What every value begins with that was encrypted with a request's key."""


class Keys(Protocol):
    """One secret key per request, kept outside the database.

    Destroying the key makes everything encrypted with it unreadable, in backups too.
    """

    def encrypt(self, request_id: str, clear: bytes) -> bytes:
        """Return `clear` encrypted with the request's key; the key is made at the first call."""
        ...

    def decrypt(self, request_id: str, secret: bytes) -> bytes:
        """Return the clear bytes.

        Raises:
            EvidenceBroken: the key does not fit the bytes.
            UnknownRequest: the key is gone.
        """
        ...

    def derive(self, request_id: str, purpose: str) -> bytes:
        """Return a key of 32 bytes for one purpose, which does not tell the request's own key.

        Raises:
            UnknownRequest: the key is gone.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy the key; return whether there was one."""
        ...


class Erased(Protocol):
    """Who was erased, by vendor ids, encrypted outside the database: to recognize who comes back."""

    def keep(self, person: ErasedPerson) -> None:
        """Keep a record durably; one of the same request stays as it was."""
        ...

    def request_ids(self) -> frozenset[str]:
        """Return the requests that erased somebody of whom a record is kept."""
        ...

    def people(self) -> Iterator[ErasedPerson]:
        """Yield every record, in order of request ids.

        Raises:
            EvidenceBroken: a record was altered.
            UnknownRequest: its key is gone; whoever it is about would not be recognized.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy a record, then its key; return whether there was one."""
        ...

    def searched(self) -> Mapping[str, datetime]:
        """Return by store the newest arrival of a file that was searched for erased people."""
        ...

    def note_searched(self, newest: Mapping[str, datetime]) -> None:
        """Keep what `searched` returns, durably."""
        ...


class KeptRights(Protocol):
    """What a restore must not take back, of people who stay: encrypted outside the database."""

    def keep(self, right: KeptRight) -> None:
        """Keep a record durably, together with what one of the same request says."""
        ...

    def rights(self) -> Iterator[KeptRight]:
        """Yield every record, in order of request ids.

        Raises:
            EvidenceBroken: a record was altered.
            UnknownRequest: its key is gone.
        """
        ...

    def destroy(self, request_id: str) -> bool:
        """Destroy a record, then its key; return whether there was one."""
        ...


class Mailbox(Protocol):
    """Mails that wait to be taken in: a folder of files, or a mailbox on a server."""

    def waiting(self, limit: int) -> list[WaitingMail]:
        """Return up to `limit` mails, in a fixed order; nothing of them is read."""
        ...

    def read(self, mail: WaitingMail) -> bytes:
        """Return the mail's bytes; the caller has judged its size."""
        ...

    def remove(self, mail: WaitingMail) -> None:
        """Delete the mail; it was taken in."""
        ...

    def set_aside(self, mail: WaitingMail) -> None:
        """Move the mail to where it is kept for a person and not read again."""
        ...


class Outbox(Protocol):
    """Delivers mails; the same one again arrives once, as far as the other side can tell."""

    def deliver(self, mail: OutgoingMail) -> None:
        """Deliver a mail.

        Raises:
            DependencyUnreachable: it could not be delivered now; try again later.
            RequestError: it cannot be delivered at all.
        """
        ...


class MailKeys(Protocol):
    """Finds the public keys with which mail domains sign (DKIM)."""

    def text(self, name: bytes) -> bytes | None:
        """Return the TXT record of a DNS name, or None."""
        ...


class RunLog(Protocol):
    """Keeps the step lines of runs as evidence."""

    def path(self, run_id: str) -> Path:
        """Return the file of a run."""
        ...

    def add(self, run_id: str, *lines: StepLine) -> None:
        """Append lines durably."""
        ...

    def read(self, run_id: str) -> tuple[StepLine, ...]:
        """Return the lines of a run, in order; none where there is no file.

        A line that cannot be read, because it was cut in a crash or edited, is a failure, and so is
        one that says that it is of another run.
        """
        ...

    def lines_of(self, run_id: str) -> bytes:
        """Return the content of the file of a run now; empty where there is none."""
        ...

    def going_on(self, run_id: str) -> AbstractContextManager[None]:
        """Let a run count as going on until the block ends, or this process dies."""
        ...

    def is_going_on(self, run_id: str) -> bool:
        """Say whether any process is in such a block."""
        ...

    def is_own(self, run_id: str) -> bool:
        """Whether the lines say that they are of this run: one at least does, and none of another."""
        ...

    def runs(self) -> list[str]:
        """Return the ids of runs that have a file of lines."""
        ...

    def log_of(self, run_id: str, task: TaskTry) -> tuple[int, str] | None:
        """Return bytes and SHA-256 of the orchestrator's log of a task's try; None for none."""
        ...


class Webhooks(Protocol):
    """Tells recipients of erasures."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Post a body; return the receipt.

        Raises:
            DependencyUnreachable: it could not be delivered now; try again later.
        """
        ...
