"""One mail while it is taken in: its sender, what is kept of it, and what it is answered."""

import json
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.flows.intake.mail_memory import MailDigests
from lacuna.flows.intake.mail_people import MailPeople
from lacuna.intake import (
    code_for,
    content_digest,
    is_same_code,
)
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person
from lacuna.model.letter import Envelope, Letter, LetterKind
from lacuna.model.mail import (
    Asked,
    Doubt,
    Mail,
    MailOutcome,
    MailRecord,
    secrets_owner,
)
from lacuna.model.queue import Purpose
from lacuna.model.request import Request
from lacuna.model.run import RunOptions
from lacuna.model.sender import Sender, SenderRole
from lacuna.model.tenant import Tenant, Tenants
from lacuna.ports import Desk, Stores, Transaction
from lacuna.request import (
    CODE_BYTES,
    Due,
    due,
    requester_of,
)
from lacuna.treatment import compared

_MOST_CODES = 20
_CODES = {
    LetterKind.CHALLENGE: Purpose.CHALLENGE,
    LetterKind.INSTRUCTION: Purpose.CONFIRMATION,
}
"""Under which purpose the codes of a letter are kept: one answers no other letter's question."""
_MOST_LETTERS = 5
"""Mails of one sender within a day that are answered: a loop of machines ends by itself.

Those that nobody vouches for count apart: who forges them silences nobody.
"""


@dataclass(frozen=True)
class Letterbox:
    """What is remembered of earlier mails while new ones are taken in."""

    message_ids: dict[tuple[str | None, str], dict[str, MailRecord]] = field(default_factory=dict)
    senders: Counter[tuple[str | None, bool]] = field(default_factory=Counter)

    def keep(self, message_id: str, digest: str, record: MailRecord) -> None:
        """Remember a mail by its id and its content; one without an id repeats none."""
        if message_id:
            self.message_ids.setdefault((record.org_id, message_id), {})[digest] = record

    def with_id(self, org_id: str | None, mail: Mail) -> Mapping[str, MailRecord]:
        """Return the earlier mails with the id of this one, by the digests of their content."""
        return self.message_ids.get((org_id, mail.message_id), {}) if mail.message_id else {}


@dataclass(frozen=True)
class MailSources:
    """What mails are taken in with."""

    stores: Stores
    options: RunOptions
    datamap: DataMap
    tenants: Tenants
    batch_id: str


class TakenMail:
    """A mail while it is taken in: what is known of its sender, what is kept of it, and what it is answered."""

    def __init__(
        self,
        intake: MailSources,
        transaction: Transaction,
        remembered: Letterbox,
        mail: Mail,
        content: bytes,
    ) -> None:
        self._intake, self._transaction, self._mail = intake, transaction, mail
        self._remembered, self._content = remembered, content
        self._digest = content_digest(mail, content)
        self._mail_id = str(uuid.uuid4())
        stores = intake.stores
        self._now = stores.clock.now()
        self._keys = stores.keys
        self._desk = Desk(
            transaction.queue,
            transaction.ledger,
            stores.keys,
            self._now,
            "flow:intake",
            batch_id=intake.batch_id,
        )
        self._people = MailPeople(
            transaction.reading(intake.datamap), intake.tenants, stores.mail_keys
        )
        self._tenant = intake.tenants.of_addresses(mail.recipients)
        org_id = "" if self._tenant is None else self._tenant.org_id
        self._digests = MailDigests.of(mail, self._digest, org_id, self._keys, transaction.mails)
        self._received_at = self._now
        self._letters: list[Letter] = []
        self._seen: tuple[Identifier, ...] = ()
        self._question: str | None = None
        self._asked = mail.sender
        self._taken_back: Request | None = None
        self._specified: Request | None = None
        self._about: Request | None = None
        self._ends_pause = False
        self._is_vouched = False

    @property
    def counted_as(self) -> tuple[str | None, bool]:
        """As whose the mail counts: its sender's, or of whoever writes in their name."""
        return self._mail.sender, self._is_vouched

    @property
    def _is_over_limit(self) -> bool:
        return self._remembered.senders[self.counted_as] >= _MOST_LETTERS

    def _noted(self, sender: Sender, mail: Mail) -> tuple[Doubt, ...]:
        """Return that an agent speaks in words of their own, instead of handing on a mail."""
        is_own_word = sender.role is SenderRole.AGENT and not mail.forwarded
        return (Doubt.NOT_AUTHORIZED,) if is_own_word else ()

    def _challenge(self, record: MailRecord, writer: str | None, person: Person | None) -> None:
        """Ask for a confirmation: of whoever wrote, if anybody, and at the address on file.

        Who wrote gets the same letter whether they are known or not, with a code of this mail, so that
        no two letters show that they belong to one request.
        """
        targets: dict[str, None] = {}
        if writer is not None:
            targets[writer] = None
        if person is not None:
            on_file = [
                compared(one.value)
                for one in person.identifiers
                if one.kind is IdentifierKind.EMAIL
            ]
            if on_file and not set(on_file) & targets.keys():
                targets[on_file[0]] = None
        for address in targets:
            self._send_code(LetterKind.CHALLENGE, record, address)

    def _send_code(self, kind: LetterKind, record: MailRecord, address: str) -> None:
        """Send a new code to an address, and remember which letters it may be answered from."""
        request_id = record.request_id or ""
        purpose = _CODES[kind]
        sent = self._sent_codes(request_id, purpose)
        secret = secrets.token_hex(CODE_BYTES)
        sent[address] = [*sent.get(address, [])[-_MOST_CODES:], secret]
        self._desk.queue.secrets.put(
            request_id, purpose, self._keys.encrypt(request_id, json.dumps(sent).encode())
        )
        self._write(kind, record, Envelope(address, code=code_for(self._mail_id, secret)))

    def _sent_codes(self, request_id: str, purpose: Purpose) -> dict[str, list[str]]:
        """Return the secrets that were sent for a request, by the address that each went to."""
        sealed = self._desk.queue.secrets.get(request_id, purpose)
        if sealed is None:
            return {}
        sent: dict[str, list[str]] = json.loads(self._keys.decrypt(request_id, sealed))
        return sent

    def _request(self, owner_id: str, tenant: Tenant) -> Request | None:
        """Return the open request of a code: that of its mail, or, before there were such, itself."""
        request_id: str | None
        try:
            request_id = self._transaction.mails.get(owner_id).request_id
        except UnknownRequest:
            request_id = owner_id
        if request_id is None:
            return None
        request = self._of_tenant(request_id, tenant)
        return None if request is None or request.state.is_final else request

    def _of_tenant(self, request_id: str, tenant: Tenant) -> Request | None:
        try:
            request = self._desk.queue.requests.get(request_id)
        except UnknownRequest:
            return None
        return request if request.org_id == tenant.org_id else None

    def _which_specifies(self, codes: Iterable[tuple[str, str]], tenant: Tenant) -> Request | None:
        """Return the open request whose requester answers our letter about which data they mean.

        Nobody but who got the letter knows its id: the code holds it, and it is the Message-ID. An
        answer from elsewhere, or to a letter of a closed request, is noted alone: it may ask for
        something else.
        """
        quoted = (str(uuid.UUID(secret)) for _, secret in codes)
        for letter_id in (*quoted, *(one.partition("@")[0] for one in self._mail.replied_to)):
            asked = self._transaction.mails.request_asked_by(letter_id)
            request = None if asked is None else self._of_tenant(asked[0], tenant)
            if asked is None or request is None:
                continue
            if not request.state.is_final and self._is_of_requester(request):
                self._ends_pause = asked[1]
                return request
            self._about = self._about or request
        return None

    def _is_of_requester(self, request: Request) -> bool:
        """Whether the mail comes from where the letters of a request go."""
        try:
            requester = requester_of(request, self._desk)
        except (EvidenceBroken, UnknownRequest):
            return False
        return requester is not None and requester["address"] == self._mail.sender

    def _asked_back(self, codes: Iterable[tuple[str, str]], tenant: Tenant) -> MailRecord | None:
        """Return the unclear mail whose writer answers our question, if this is such an answer.

        It has to come from where the question went, and the mail has to wait still.
        """
        for mail_id, secret in codes:
            try:
                record = self._transaction.mails.get(mail_id)
                waits = record.outcome is MailOutcome.WAITING and record.org_id == tenant.org_id
                if not waits or record.facts is None:
                    continue
                facts = json.loads(self._keys.decrypt(record.owner_id, record.facts))
            except (EvidenceBroken, UnknownRequest):
                continue
            expected = facts.get("question")
            went_to = facts.get("asked", facts["sender"])
            is_from_there = expected is not None and went_to == self._mail.sender
            if is_from_there and is_same_code(expected, secret):
                return record
        return None

    def _was_sent(self, request: Request, purpose: Purpose, secret: str) -> bool:
        """Whether a code was sent for this to where the mail comes from."""
        sent = self._sent_codes(request.request_id, purpose).get(self._mail.sender or "", [])
        return any(is_same_code(one, secret) for one in sent)

    def _language_of(self, mail_id: str) -> str:
        """Return the language in which a mail was answered."""
        try:
            return self._transaction.mails.get(mail_id).language or "en"
        except UnknownRequest:
            return "en"

    def _record(
        self,
        outcome: MailOutcome,
        reasons: Iterable[str] = (),
        *,
        request_id: str | None = None,
        asked: Asked | None = None,
        is_kept: bool = True,
    ) -> MailRecord:
        owner = secrets_owner(self._mail_id, request_id, outcome)
        facts = {
            "message_id": self._mail.message_id,
            "content": self._digest,
            "sender": self._mail.sender,
            "is_vouched": self._is_vouched,
            "identifiers": [[str(one.kind), one.value] for one in self._seen],
            "question": self._question,
            "asked": self._asked,
        }
        return MailRecord(
            mail_id=self._mail_id,
            org_id=None if self._tenant is None else self._tenant.org_id,
            request_id=request_id,
            outcome=outcome,
            reasons=tuple(str(each) for each in reasons),
            kinds=() if asked is None else asked.kinds,
            language=None if asked is None else asked.language,
            received_at=self._received_at,
            due_at=self._due().alarm_at,
            taken_at=self._now,
            facts=self._keys.encrypt(owner, json.dumps(facts).encode()) if is_kept else None,
            content=self._keys.encrypt(owner, self._content) if is_kept else None,
        )

    def _due(self) -> Due:
        country = None if self._tenant is None else self._tenant.country
        return due(self._received_at, country=country)

    def _write(self, kind: LetterKind, record: MailRecord, envelope: Envelope) -> None:
        # A mail that waits is read by a person; what was done is said, if a day later. An instruction
        # is of somebody vouched for, and only asks.
        is_told_later = kind in (LetterKind.ACKNOWLEDGEMENT, LetterKind.WITHDRAWAL)
        is_put_off = self._is_over_limit and kind is not LetterKind.INSTRUCTION
        if is_put_off and not is_told_later:
            return
        # Whoever is not known yet is written to about their mail: two letters that refer to the same
        # request would say that it is there.
        is_about_request = kind is LetterKind.ACKNOWLEDGEMENT and record.request_id is not None
        articles = ", ".join(str(number) for number in sorted(one.article for one in record.kinds))
        clear = {
            "address": envelope.address,
            "code": envelope.code,
            "in_reply_to": self._mail.message_id if envelope.address == self._mail.sender else "",
        }
        self._letters.append(
            Letter(
                letter_id=str(uuid.uuid4()),
                owner_id=record.owner_id,
                org_id=record.org_id,
                request_id=record.request_id,
                mail_id=None if is_about_request else record.mail_id,
                kind=kind,
                language=record.language or "en",
                facts={
                    "received": record.received_at.date().isoformat(),
                    # As each later letter names it; a reminder comes on the day of the record.
                    "due": self._due().due_at.date().isoformat(),
                    **({"articles": articles} if kind is LetterKind.INSTRUCTION else {}),
                    **({"rights": ",".join(record.kinds)} if kind is LetterKind.CHALLENGE else {}),
                },
                envelope=self._keys.encrypt(record.owner_id, json.dumps(clear).encode()),
                created_at=self._now,
            )
        )
