"""Takes mails in: each becomes a request, an answer to a challenge, or waits for a person.

A mail is recorded first and removed from the mailbox then: after a crash in between it is read
again, and recognized. Whatever is kept of it is encrypted.
"""

import json
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from lacuna.consent import instruct
from lacuna.datamap import load_tenants
from lacuna.errors import EvidenceBroken, RequestError, UnknownRequest
from lacuna.flows.intake.taken_mail import Letterbox, MailSources, TakenMail
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.steps import Steps
from lacuna.intake import (
    Chosen,
    choices_in,
    code_for,
    codes_in,
    confirms,
    content_digest,
    doubts_about,
    email_identifiers,
    grade,
    instructs,
    is_oversized,
    is_stranger_to,
    letter_kind_of,
    only_chooses,
    read_mail,
    time_of_receipt,
    what_is_asked,
    what_is_named,
    whose_was_handed_on,
)
from lacuna.model.agreement import InstructionSource
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentityBasis
from lacuna.model.letter import Envelope, LetterKind
from lacuna.model.mail import (
    Asked,
    Doubt,
    Flaw,
    Mail,
    MailOutcome,
    MailRecord,
    WaitingMail,
)
from lacuna.model.queue import Purpose, Submission
from lacuna.model.request import Pause, Request, RequestKind
from lacuna.model.run import Role, RunOptions
from lacuna.model.sender import Sender, SenderRole
from lacuna.model.tenant import Tenant
from lacuna.ports import Mailbox, Stores
from lacuna.request import (
    CODE_BYTES,
    Opened,
    accept,
    identifiers_of,
    keep_requester,
    open_mail,
    pause,
    resume,
    settle_mail,
    take_back,
    theirs_to_take_back,
    verify_identity,
)

_PUT_OFF = timedelta(days=1)


@dataclass(frozen=True)
class MailIntake(MailSources):
    """Takes the mails of one mailbox in."""

    def take_all(self, mailbox: Mailbox, steps: Steps) -> int:
        """Take in what waits; return the number of requests opened.

        An unreadable mail is set aside and reported; it keeps no other back.
        """
        remembered = self._remember()
        outcomes: Counter[str] = Counter()
        for waiting in mailbox.waiting(self.options.limit):
            record = self._take(mailbox, waiting, remembered)
            outcomes[record.outcome] += 1
            if record.outcome is MailOutcome.REJECTED:
                mailbox.set_aside(waiting)
            else:
                mailbox.remove(waiting)
            steps.add(record.outcome, request_id=record.request_id)
        if outcomes:
            steps.add("mails", counts=dict(outcomes))
        return outcomes[MailOutcome.OPENED]

    def _take(self, mailbox: Mailbox, waiting: WaitingMail, remembered: Letterbox) -> MailRecord:
        content = b""
        mail = _unread(Flaw.OVERSIZED)
        if not is_oversized(waiting.byte_count):
            content = mailbox.read(waiting)
            mail = read_mail(content)
        try:
            record = self._taken(waiting, remembered, mail, content)
        except RequestError:
            # An address that is none by the rules of requests, say; nothing of it was kept.
            mail = _unread(Flaw.UNREADABLE)
            record = self._taken(waiting, remembered, mail, b"")
        if record.facts is not None:
            remembered.keep(mail.message_id, content_digest(mail, content), record)
        return record

    def _taken(
        self, waiting: WaitingMail, remembered: Letterbox, mail: Mail, content: bytes
    ) -> MailRecord:
        with self.stores.transaction(Role.PLANNER) as transaction:
            taker = _Taker(self, transaction, remembered, mail, content)
            record = taker.take(waiting)
        remembered.senders[taker.counted_as] += 1
        return record

    def _remember(self) -> Letterbox:
        """Read what is kept of earlier mails; what cannot be read is nobody's repetition."""
        remembered = Letterbox()
        since = self.stores.clock.now().timestamp() - 86_400
        with self.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            kept = transaction.mails.kept()
        for record in kept:
            try:
                facts = json.loads(self.stores.keys.decrypt(record.owner_id, record.facts or b""))
            except (EvidenceBroken, UnknownRequest):
                continue
            # Of mails from before there were digests, none is repeated.
            remembered.keep(facts["message_id"], facts.get("content", ""), record)
            if facts["sender"] and record.taken_at.timestamp() >= since:
                remembered.senders[facts["sender"], facts.get("is_vouched", False)] += 1
        return remembered


def _unread(flaw: Flaw) -> Mail:
    return replace(read_mail(b""), flaws=(flaw,))


def open_intake(stores: Stores, options: RunOptions, batch_id: str) -> MailIntake:
    """Return the intake of mails, once data map and tenants hold together."""
    return MailIntake(
        stores, options, open_datamap(stores), load_tenants(stores.tenants_path), batch_id
    )


class _Taker(TakenMail):
    """Takes one mail in, within one transaction."""

    def take(self, waiting: WaitingMail) -> MailRecord:
        """Record the mail and everything that follows from it."""
        self._received_at, flaw = time_of_receipt(
            self._mail,
            waiting,
            self._now,
            trusted_servers=self._people.tenants.trusted_servers,
        )
        if flaw is not None:
            self._mail = replace(self._mail, flaws=(*self._mail.flaws, flaw))
        record = self._judged()
        self._transaction.mails.add(record)
        if self._taken_back is not None:
            take_back(self._taken_back, record.mail_id, self._desk)
        is_paused = self._specified is not None and self._specified.pause is Pause.CLARIFICATION
        if self._specified is not None and is_paused and self._ends_pause:
            country = None if self._tenant is None else self._tenant.country
            resume(self._specified, self._desk, country=country, at=self._received_at)
        if record.org_id is not None and record.facts is not None:
            self._digests.keep(record.org_id, self._now, self._transaction)
        for letter in self._letters:
            self._transaction.mails.queue_letter(letter)
            if self._is_over_limit and letter.kind is not LetterKind.INSTRUCTION:
                self._transaction.mails.put_off_letter(letter, self._now + _PUT_OFF)
        self._desk.record(
            Action.MAIL_TAKEN,
            "lacuna.mail",
            request_id=record.request_id,
            counts=(1, int(record.outcome is MailOutcome.DUPLICATE)),
        )
        return record

    def _judged(self) -> MailRecord:
        mail, tenant = self._mail, self._tenant
        if any(flaw.is_rejected for flaw in mail.flaws):
            return self._record(MailOutcome.REJECTED, mail.flaws, is_kept=False)
        org_id = None if tenant is None else tenant.org_id
        earlier = self._remembered.with_id(org_id, mail)
        if (same := earlier.get(self._digest)) is not None:
            return self._record(MailOutcome.DUPLICATE, request_id=same.request_id)
        known = frozenset() if org_id is None else self._digests.known(org_id, self._transaction)
        if self._digests.whole in known:
            # Of what it was nothing is left but that it came.
            return self._record(MailOutcome.DUPLICATE, is_kept=False)
        is_others_list = mail.is_listed and not (tenant and tenant.is_list(mail.lists))
        if mail.is_automatic or is_others_list:
            return self._automatic(tenant)
        if tenant is None:
            return self._record(MailOutcome.WAITING, (Doubt.NO_TENANT,))
        if mail.flaws:
            # Before any code counts: what programs read differently may say that, too.
            return self._record(MailOutcome.WAITING, mail.flaws)
        if earlier or not self._digests.parts.isdisjoint(known):
            # Whoever guessed the id first keeps nobody out; nor does an old mail come as a new one.
            return self._record(MailOutcome.WAITING, (Doubt.REPEATED_ID,))
        codes = codes_in(mail)
        self._specified = self._which_specifies(codes, tenant)
        if self._specified is not None:
            # What it says an officer reads; its writer was asked once, and has answered.
            asked = what_is_asked(mail, default_language=tenant.language)
            return self._specifying(self._specified, asked)
        unclear = self._asked_back(codes, tenant)
        if codes and unclear is None and self._about is None:
            return self._confirmed(codes, tenant)
        if unclear is not None:
            return self._chosen(unclear, tenant)
        asked = what_is_asked(mail, default_language=tenant.language)
        sender = self._sender(tenant)
        if sender.role is SenderRole.AGENT:
            # An agent's answer would choose for the person: whose mail it was is asked.
            self._asked = whose_was_handed_on(mail, tenant) or mail.sender
        if asked.is_withdrawal and asked.doubts:
            return self._doubtful(asked, MailOutcome.WAITING)
        if asked.is_withdrawal:
            return self._withdrawn(asked, sender, tenant)
        if not asked.kinds and self._about is not None:
            # Whoever got the letter handed on, or was late, may say what is meant.
            return self._specifying(self._about, asked)
        if not asked.kinds:
            outcome = MailOutcome.WAITING if asked.doubts else MailOutcome.NO_REQUEST
            return self._doubtful(asked, outcome)
        if sender.role is SenderRole.PERSON and (asked.is_impersonal or mail.forwarded):
            asked = replace(asked, doubts=tuple({*asked.doubts, Doubt.ON_BEHALF}))
        return self._asking(asked, sender, tenant, mail)

    def _specifying(self, request: Request, asked: Asked) -> MailRecord:
        """Leave the scope of a request to an officer."""
        reasons = (Doubt.SPECIFICATION,)
        return self._record(
            MailOutcome.WAITING, reasons, request_id=request.request_id, asked=asked
        )

    def _automatic(self, tenant: Tenant | None) -> MailRecord:
        """Leave what a service, or somebody by a list, asks to a person; no program is answered."""
        mail = self._mail
        may_ask = mail.is_generated or not mail.is_automatic
        if tenant is not None and may_ask and not mail.flaws:
            asked = what_is_asked(mail, default_language=tenant.language)
            if asked.kinds:
                doubts = tuple(dict.fromkeys((*asked.doubts, Doubt.ON_BEHALF)))
                return self._record(MailOutcome.WAITING, doubts, asked=asked)
        return self._record(MailOutcome.AUTOMATIC)

    def _asking(self, asked: Asked, sender: Sender, tenant: Tenant, mail: Mail) -> MailRecord:
        """Open a request for what a mail asks, or leave it to a person.

        Args:
            mail: the one that names whom it is about.
        """
        named = what_is_named(
            mail,
            tenant,
            sender.role,
            language=asked.language,
            is_on_behalf=asked.is_on_behalf,
        )
        held = self._people.held(self._mail_id, named, tenant)
        doubts = doubts_about(asked, held, named.writer)
        noted = self._noted(sender, mail)
        if doubts:
            self._seen = held.identifiers
            return self._doubtful(
                replace(asked, doubts=(*doubts, *noted)),
                MailOutcome.WAITING,
                was_asked=sender.is_confirmed,
            )
        evidence = grade(sender, named, held)
        is_verified = evidence.is_enough_for(asked.kinds)
        if self._is_over_limit and not is_verified and not evidence.is_instruction:
            # Nobody would be asked anything, and the request would wait without an end.
            self._seen = held.identifiers
            doubts = (*noted, Doubt.UNANSWERED)
            return self._doubtful(replace(asked, doubts=doubts), MailOutcome.WAITING)
        identifiers = held.identifiers
        if named.writer is not None:
            writers = email_identifiers([named.writer])
            if not set(writers) & set(identifiers):
                identifiers = (writers[0], *identifiers)
        submission = Submission(
            org_id=tenant.org_id,
            kinds=asked.kinds,
            identifiers=identifiers,
            received_at=self._received_at,
            verified_by=str(evidence) if is_verified else None,
            identity_basis=IdentityBasis.MAIL,
        )
        accepted = accept(
            submission,
            str(uuid.uuid4()),
            str(uuid.uuid4()),
            self._desk,
            country=tenant.country,
        )
        is_new = not accepted.is_duplicate
        record = self._record(
            MailOutcome.OPENED if is_new else MailOutcome.DUPLICATE,
            noted if is_new else (),
            request_id=accepted.request_id,
            asked=asked,
        )
        if is_new:
            sent = (sender.address, record.language, self._mail.message_id)
            keep_requester(accepted.request_id, sent, self._desk)
            if not is_verified:
                request = self._desk.queue.requests.get(accepted.request_id)
                pause(request, Pause.IDENTITY, self._desk)
        if evidence.is_instruction:
            # Headers are not enough for it: whoever reads the controller's mail sends a code back.
            self._send_code(LetterKind.INSTRUCTION, record, sender.address)
            return record
        if is_verified:
            if is_new:
                self._write(LetterKind.ACKNOWLEDGEMENT, record, Envelope(sender.address))
            return record
        # Whoever speaks of somebody as of a stranger is asked the same where nobody is found.
        is_stranger = asked.is_impersonal and is_stranger_to(sender, held)
        if asked.is_on_behalf or is_stranger:
            self._write(LetterKind.CLARIFICATION, record, Envelope(sender.address))
        writer = None if is_stranger else named.writer
        if is_new:
            self._challenge(record, writer, held.person)
        elif writer == sender.address:
            # Silence would say that this request is there already, and another one is not.
            self._challenge(record, writer, None)
        return record

    def _sender(self, tenant: Tenant) -> Sender:
        sender = self._people.sender(self._mail, self._content, tenant)
        self._is_vouched = sender.is_vouched
        return sender

    def _chosen(self, unclear: MailRecord, tenant: Tenant) -> MailRecord:
        """Do what the writer of an unclear mail chose; the month of a right counts from that mail.

        Whatever is no choice by numbers, a person reads beside the first mail: nobody is asked twice.
        """
        chosen = choices_in(self._mail)
        sender = replace(self._sender(tenant), is_confirmed=True)
        if chosen is None:
            return self._record(MailOutcome.WAITING, (Doubt.NO_RIGHT,))
        # Of a correction the words are its value; a person reads it anyway.
        is_correction = RequestKind.RECTIFICATION in chosen.kinds
        if not is_correction and not only_chooses(self._mail, unclear.language or "en"):
            return self._record(MailOutcome.WAITING, (Doubt.UNCONFIRMED,))
        try:
            first = open_mail(unclear, self._desk)
        except (EvidenceBroken, UnknownRequest, RequestError):
            return self._record(MailOutcome.WAITING, (Doubt.NO_RIGHT,))
        if not _may_choose(chosen, sender, first):
            return self._record(MailOutcome.WAITING, (Doubt.NOT_AUTHORIZED,))
        if chosen.is_withdrawal:
            return self._withdrawn_by_number(unclear, sender, tenant)
        if not chosen.kinds:
            self._transaction.mails.settle(unclear, MailOutcome.NO_REQUEST, self._now)
            return self._record(MailOutcome.NO_REQUEST)
        original = first.mail
        read = what_is_asked(original, default_language=tenant.language)
        asked = replace(read, kinds=chosen.kinds, is_withdrawal=False, doubts=())
        self._received_at = unclear.received_at
        record = self._asking(asked, sender, tenant, original)
        if record.request_id is not None:
            settle_mail(
                unclear, record.request_id, record.outcome, self._transaction.mails, self._desk
            )
        return record

    def _confirmed(self, codes: Iterable[tuple[str, str]], tenant: Tenant) -> MailRecord:
        """Take an answer with a code: it has to come from where the code went, and to agree."""
        for owner_id, secret in codes:
            request = self._request(owner_id, tenant)
            if request is None:
                continue
            language = self._language_of(owner_id)
            if self._was_sent(request, Purpose.CONFIRMATION, secret):
                return self._instructed(request, secret, tenant, language)
            if not self._was_sent(request, Purpose.CHALLENGE, secret):
                continue
            if not self._people.is_on_file(
                self._mail.sender or "", request, identifiers_of(request, self._desk)
            ):
                # The writer has this mailbox, and the person whom they named has another.
                break
            if not confirms(self._mail, language):
                return self._record(MailOutcome.WAITING, (Doubt.UNCONFIRMED,))
            verify_identity(
                request,
                "reply to a challenge",
                self._desk,
                country=tenant.country,
                basis=IdentityBasis.MAIL,
            )
            return self._record(MailOutcome.CONFIRMED, request_id=request.request_id)
        return self._record(MailOutcome.WAITING, (Doubt.STRANGE_ADDRESS,))

    def _instructed(
        self, request: Request, secret: str, tenant: Tenant, language: str
    ) -> MailRecord:
        """Record the controller's instruction, confirmed by the code that went to their address."""
        if self._mail.sender not in tenant.authorized:
            return self._record(MailOutcome.WAITING, (Doubt.NOT_AUTHORIZED,))
        if not instructs(self._mail, secret, language):
            return self._record(MailOutcome.WAITING, (Doubt.UNCONFIRMED,))
        instruct(request, InstructionSource.MAIL, self._transaction.agreements, self._desk)
        verify_identity(
            request,
            "instruction of the controller, confirmed by a code",
            self._desk,
            country=tenant.country,
            basis=IdentityBasis.MAIL,
        )
        return self._record(MailOutcome.CONFIRMED, request_id=request.request_id)

    def _withdrawn(self, asked: Asked, sender: Sender, tenant: Tenant) -> MailRecord:
        """Take a request back, on the word of whoever made it, and tell them."""
        self._taken_back = theirs_to_take_back(sender, tenant.org_id, self._desk)
        if self._taken_back is None:
            # The same question to everybody: it shows nobody whether there is a request.
            return self._doubtful(
                replace(asked, kinds=(), doubts=(Doubt.WITHDRAWAL,)), MailOutcome.WAITING
            )
        return self._taken_back_by(asked, sender)

    def _withdrawn_by_number(
        self, unclear: MailRecord, sender: Sender, tenant: Tenant
    ) -> MailRecord:
        """Withdraw a request by its number; a person reads which, of several."""
        self._taken_back = theirs_to_take_back(sender, tenant.org_id, self._desk)
        if self._taken_back is None:
            return self._record(MailOutcome.WAITING, (Doubt.WITHDRAWAL,))
        self._transaction.mails.settle(unclear, MailOutcome.WITHDRAWN, self._now)
        asked = Asked(unclear.language or tenant.language, kinds=(), is_withdrawal=True)
        return self._taken_back_by(asked, sender)

    def _taken_back_by(self, asked: Asked, sender: Sender) -> MailRecord:
        record = self._record(MailOutcome.WITHDRAWN, asked=asked)
        self._write(LetterKind.WITHDRAWAL, record, Envelope(sender.address))
        return record

    def _doubtful(
        self, asked: Asked, outcome: MailOutcome, *, was_asked: bool = False
    ) -> MailRecord:
        kind = letter_kind_of(asked.doubts)
        if was_asked and kind in (LetterKind.QUESTION, LetterKind.CLARIFICATION):
            return self._record(outcome, asked.doubts, asked=asked)
        secret = secrets.token_hex(CODE_BYTES)
        if kind is LetterKind.QUESTION:
            self._question = secret
        record = self._record(outcome, asked.doubts, asked=asked)
        recipient = self._asked if kind is LetterKind.QUESTION else self._mail.sender
        if outcome is MailOutcome.WAITING and recipient is not None:
            has_code = kind in (LetterKind.CHALLENGE, LetterKind.QUESTION)
            code = code_for(self._mail_id, secret) if has_code else ""
            self._write(kind, record, Envelope(recipient, code=code))
        return record


def _may_choose(chosen: Chosen, sender: Sender, first: Opened) -> bool:
    """Whether a sender's numbers count for the mail that they answer a question about.

    What an agent chooses the person is asked to confirm; what a controller chooses is an instruction,
    and nobody but them may have sent the first mail. Who handed on a mail does not say it was none.
    """
    if sender.role is SenderRole.CONTROLLER:
        return first.is_vouched
    says_none = not chosen.kinds and not chosen.is_withdrawal
    return sender.role is SenderRole.PERSON or not (says_none and first.mail.forwarded)
