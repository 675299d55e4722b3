"""Mails as intake sees them: one that waits in a mailbox, one that was read, what was made of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lacuna.model.request import RequestKind


@dataclass(frozen=True)
class WaitingMail:
    """A mail in a mailbox, not read yet.

    Attributes:
        place: how the mailbox finds it again; a file's name can name a person.
        byte_count: its size, known before anything of it is read.
        stored_at: when the mailbox took it; what counts where no header says more.
        is_dated: whether the mailbox keeps that time by itself; a file's changes with each copy.
    """

    place: str = field(repr=False)
    byte_count: int
    stored_at: datetime
    is_dated: bool = False


class Flaw(StrEnum):
    """Why a mail cannot be taken as it is. A closed list: no text of the mail is in it."""

    OVERSIZED = "oversized"  # larger than what is read at all
    HEADER_TOO_LONG = "header_too_long"
    ADDRESS_TOO_LONG = "address_too_long"
    NESTED_TOO_DEEPLY = "nested_too_deeply"
    UNREADABLE = "unreadable"
    NO_SENDER = "no_sender"
    SEVERAL_SENDERS = "several_senders"
    ENCRYPTED = "encrypted"  # S/MIME, PGP, winmail.dat: there is no text to judge
    DIFFERING_FORMS = "differing_forms"  # its plain text and its HTML say different things
    INCOMPLETE = "incomplete"  # one piece of a mail, or a pointer to it (RFC 2046)
    NO_TEXT = "no_text"
    TOO_MANY_PARTS = "too_many_parts"  # or lines
    TEXT_TOO_LONG = "text_too_long"  # or of more sentences than are judged
    IMPLAUSIBLE_DATE = "implausible_date"  # servers do not agree on when it was received
    OLD = "old"  # it was written long before it was received: perhaps it is sent once more
    HIDDEN_TEXT = "hidden_text"  # words that nobody sees who looks at the mail
    MALFORMED_HEADER = "malformed_header"  # programs do not agree on what its header says

    @property
    def is_rejected(self) -> bool:
        """Whether nothing of the mail is stored but this word; the mail itself is set aside."""
        return self in _REJECTED


_REJECTED = frozenset(
    {
        Flaw.OVERSIZED,
        Flaw.HEADER_TOO_LONG,
        Flaw.ADDRESS_TOO_LONG,
        Flaw.NESTED_TOO_DEEPLY,
        Flaw.TOO_MANY_PARTS,
        Flaw.UNREADABLE,
    }
)


@dataclass(frozen=True)
class Forwarded:
    """A mail that the sender handed on, inline or attached.

    Attributes:
        senders: addresses of its From line, as far as there is one.
    """

    senders: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class MethodResult:
    """One result in an Authentication-Results header.

    Attributes:
        method: of authentication, in lower case, `dkim` say.
        result: in lower case, `pass` say.
        properties: what was looked at, by names such as `header.from`, in order.
    """

    method: str = field(repr=False)
    result: str = field(repr=False)
    properties: tuple[tuple[str, str], ...] = field(repr=False)

    def the(self, name: str) -> str | None:
        """Return the one value of a property; None where it has none or several."""
        values = [value for known, value in self.properties if known == name]
        return values[0] if len(values) == 1 else None

    def has(self, name: str) -> bool:
        """Whether a property stands there at all."""
        return any(known == name for known, _ in self.properties)


@dataclass(frozen=True)
class ServerVerdict:
    """An Authentication-Results header (RFC 8601).

    Attributes:
        server: authserv-id that it claims, in lower case; empty for none that can be read.
        findings: its results in order; None where it does not follow the grammar.
        hops: hosts that wrote the Received headers above it; empty where one is not plain.
    """

    server: str = field(repr=False)
    findings: tuple[MethodResult, ...] | None = field(repr=False)
    hops: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """What a mail says, read with care. Texts hold no control characters but line breaks.

    Attributes:
        message_id: as the header has it, without angle brackets; empty for none.
        replied_to: the Message-IDs that it answers or refers to, likewise, those answered first.
        senders: every address of every From header, folded; one in a sound mail.
        shows_other_address: whether the display name pretends to be another address.
        recipients: addresses that it was delivered or written to, folded.
        written_at: when its author says to have sent it; None where that cannot be read.
        written_to: those of To and Cc alone, which its author wrote.
        text: what the sender wrote; what they quoted of earlier mails left out.
        quoted: what they quoted.
        received_at: when the outermost mail server took it; None if no header says so.
        received_by: the name by which that server calls itself; empty where it is not plain.
        handed_on_at: the same of every server before it, as far as it can be read.
        results: each Authentication-Results header, whoever wrote it.
        is_automatic: an auto-reply, a bounce, what was sent in bulk.
        is_listed: whether a list handed it on: a newsletter, or a mailbox that is one.
        lists: names of that list (RFC 2919), and addresses to write to it (RFC 2369), folded.
        is_generated: whether a program calls it its own, and no reply: a service for many, say.
        language_hint: first tag of the Content-Language header; empty for none.
        flaws: why it cannot be taken as it is.
        has_hidden_characters: whether invisible or reordering characters were taken out.
    """

    message_id: str = field(repr=False)
    replied_to: tuple[str, ...] = field(repr=False)
    senders: tuple[str, ...] = field(repr=False)
    shows_other_address: bool
    recipients: tuple[str, ...] = field(repr=False)
    written_at: datetime | None
    written_to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    quoted: str = field(repr=False)
    forwarded: tuple[Forwarded, ...] = field(repr=False)
    received_at: datetime | None
    received_by: str = field(repr=False)
    handed_on_at: tuple[datetime, ...]
    results: tuple[ServerVerdict, ...]
    is_automatic: bool
    is_listed: bool
    lists: tuple[str, ...] = field(repr=False)
    is_generated: bool
    language_hint: str = field(repr=False)
    flaws: tuple[Flaw, ...]
    has_hidden_characters: bool

    @property
    def sender(self) -> str | None:
        """The one sender's address, or None where there is none or more than one."""
        return self.senders[0] if len(self.senders) == 1 else None


class Doubt(StrEnum):
    """Why a mail waits for a person. A closed list: no text of the mail is in it."""

    CONTRADICTORY = "contradictory"  # rights are asked for that exclude one another
    UNEXPLAINED = "unexplained"  # a right is asked for among words that are on no list
    LANGUAGE = "language"  # it is in no language that is read here
    NO_RIGHT = "no_right"  # it may be about privacy, but no right is recognized
    ON_BEHALF = "on_behalf"  # the writer speaks for somebody else
    NO_PERSON = "no_person"  # nobody is named who is known
    STRANGE_ADDRESS = "strange_address"  # an address is named that is not known as the person's
    LABELLED_ADDRESS = "labelled_address"  # u+label@x, where u@x is known: never merged by itself
    NO_TENANT = "no_tenant"
    CORRECTION = "correction"  # a rectification needs its new values from a person
    WITHDRAWAL = "withdrawal"  # a request is taken back, and it is not sure which, or by whom
    REPEATED_ID = "repeated_id"  # its Message-ID came before, with a mail that differs from it
    UNCONFIRMED = "unconfirmed"  # it answers a letter of ours in words that may deny what was asked
    SPECIFICATION = "specification"  # it says which data an open access request means
    UNANSWERED = "unanswered"  # its sender got as many letters in a day as anybody gets
    # An agent's own word is no instruction: whoever they name is asked.
    NOT_AUTHORIZED = "not_authorized"


@dataclass(frozen=True)
class Asked:
    """What a mail asks for.

    Attributes:
        language: of the text, ISO 639-1.
        kinds: rights asked for, in the order of fulfilment.
        is_withdrawal: whether an earlier request is taken back.
        is_on_behalf: whether the writer speaks for somebody else.
        is_impersonal: whether the writer speaks of nobody in particular, as a company does.
        doubts: why a person has to read it; empty if it is plain.
    """

    language: str
    kinds: tuple[RequestKind, ...]
    is_withdrawal: bool = False
    is_on_behalf: bool = False
    is_impersonal: bool = False
    doubts: tuple[Doubt, ...] = ()


class MailOutcome(StrEnum):
    """What a mail was taken for."""

    OPENED = "opened"  # it opened a request
    DUPLICATE = "duplicate"  # it repeats one that is open, or a mail that was taken before
    CONFIRMED = "confirmed"  # it answered a challenge
    WITHDRAWN = "withdrawn"  # it took a request back
    WAITING = "waiting"  # a person has to read it
    NO_REQUEST = "no_request"
    AUTOMATIC = "automatic"
    REJECTED = "rejected"  # it could not be read; the mail itself is set aside
    DISMISSED = "dismissed"  # a person read it, and it was no request


@dataclass(frozen=True)
class MailRecord:
    """A mail that was taken in, as the queue holds it.

    Attributes:
        reasons: flaws or doubts, from closed lists; of a mail that opened a request, what was
            noted beside.
        facts: encrypted: Message-ID, sender, and what it seemed to ask for whom.
        content: encrypted: the mail itself. None once it was forgotten, or was never kept.
    """

    mail_id: str
    org_id: str | None
    request_id: str | None
    outcome: MailOutcome
    reasons: tuple[str, ...]
    kinds: tuple[RequestKind, ...]
    language: str | None
    received_at: datetime
    due_at: datetime
    taken_at: datetime
    facts: bytes | None = field(repr=False, default=None)
    content: bytes | None = field(repr=False, default=None)

    @property
    def owner_id(self) -> str:
        """Id whose key its secrets are encrypted with: while it waits, no request takes them along."""
        return secrets_owner(self.mail_id, self.request_id, self.outcome)


def secrets_owner(mail_id: str, request_id: str | None, outcome: MailOutcome) -> str:
    """Return whose key a mail's secrets are encrypted with: its own while it waits to be read."""
    return mail_id if outcome is MailOutcome.WAITING else request_id or mail_id
