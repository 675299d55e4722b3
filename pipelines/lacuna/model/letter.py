"""Letters to requesters and controllers: which kind, to whom, and what they say beside a template's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from lacuna.model.processing import TenantContacts
from lacuna.model.tenant import Tenant

LONGEST_NOTE: Final = 4000
"""Characters of what an officer adds to a letter."""


class LetterKind(StrEnum):
    """What a letter tells."""

    ACKNOWLEDGEMENT = "acknowledgement"
    CHALLENGE = "challenge"
    CLARIFICATION = "clarification"
    QUESTION = "question"  # which rights, to be answered by their numbers
    SPECIFICATION = "specification"  # which data an access request means
    EXTENSION = "extension"
    REFUSAL = "refusal"
    PARTIAL_REFUSAL = "partial_refusal"  # of some rights; the rest goes on
    COMPLETION = "completion"
    COPY = "copy"  # completion, and that a copy of the data is ready
    DELIVERY = "delivery"  # the link to that copy
    NOTHING_FOUND = "nothing_found"
    PARTLY = "partly"  # completion, but for what is held
    WITHDRAWAL = "withdrawal"  # that an earlier request was taken back, as they asked
    FORWARDING = "forwarding"  # to the controller: a request waits for their instruction
    INSTRUCTION = "instruction"  # to the controller: whether an instruction by mail is theirs


@dataclass(frozen=True)
class Envelope:
    """Whom a letter goes to.

    Attributes:
        code: to be sent back; empty where the letter asks for nothing.
        in_reply_to: Message-ID that is answered; empty for none.
    """

    address: str = field(repr=False)
    code: str = field(repr=False, default="")
    in_reply_to: str = field(repr=False, default="")


@dataclass(frozen=True)
class LetterSender:
    """In whose name a letter is written, and whom it sends the requester to.

    Attributes:
        name: what it is signed with.
        language: of a letter where nobody knows the requester's, ISO 639-1.
        authority: the supervisory authority, and how to reach it.
        contact: address of the data protection officer.
    """

    name: str = field(repr=False)
    language: str
    authority: str = field(repr=False)
    contact: str = field(repr=False)

    @classmethod
    def of(cls, tenant: Tenant, contacts: TenantContacts) -> Self:
        """Return the sender of a tenant's letters."""
        authority = contacts.authority
        if tenant.complaints:
            authority = f"{authority} ({tenant.complaints})"
        return cls(tenant.name, tenant.language, authority, contacts.dpo)


@dataclass(frozen=True)
class Letter:
    """A letter that waits to be delivered.

    Attributes:
        owner_id: id of the request or mail whose key the envelope is encrypted with.
        mail_id: of the mail that a letter refers to; None where it refers to the request.
        facts: dates, rights, articles and purposes; never a name or an address.
        envelope: encrypted: the address, a code, and what the officer wrote.
    """

    letter_id: str
    owner_id: str
    org_id: str | None
    request_id: str | None
    mail_id: str | None
    kind: LetterKind
    language: str
    facts: Mapping[str, str]
    envelope: bytes = field(repr=False)
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True)
class SentLetter:
    """What became of a letter.

    Attributes:
        state: `pending`, `delivered` or `abandoned`.
    """

    kind: LetterKind
    state: str
    created_at: datetime


@dataclass(frozen=True)
class OutgoingMail:
    """A mail in words, ready to be sent: a letter, a notice, an alert or a report.

    Attributes:
        html: the same as a page that loads nothing; empty for plain text alone.
    """

    message_id: str = field(repr=False)
    sender: str = field(repr=False)
    sender_name: str = field(repr=False)
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    in_reply_to: str = field(repr=False, default="")
    html: str = field(repr=False, default="")
