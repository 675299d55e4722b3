"""Realistic request mails, written by people who did not know how they are read, through intake."""

from __future__ import annotations

import email
import json
import os
import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.utils import format_datetime

import psycopg
import pytest

from lacuna.datamap import load
from lacuna.flows import intake
from lacuna.intake import CHOICES, read_mail
from lacuna.intake.triage import NONE_OF_THESE, TAKE_BACK
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import identifiers_of
from lacuna.subject import resolve_identifiers
from tests.flows import request_mails as corpus
from tests.flows.correspondence import text_of
from tests.flows.request_mails import RequestMail
from tests.media_stores import empty

MAILS = corpus.request_mails()
HALVES = {
    "1-120": [mail for mail in MAILS if mail.number <= 120],
    "121 and on": [mail for mail in MAILS if mail.number > 120],
}
in_halves = pytest.mark.parametrize(
    "installation", ["1-120", pytest.param("121 and on", marks=pytest.mark.long)], indirect=True
)
BATCHES = [range(first, first + 60) for first in range(1, 720, 60)]
LEFT_AT_ONCE = dict(zip(BATCHES, (44, 45, 45, 44, 48, 48, 44, 46, 46, 47, 48, 45), strict=True))
"""Most of the 50 decidable mails of each batch that are not decided at once: what was reached."""
LEFT_AFTER_A_QUESTION = dict(zip(BATCHES, (1, 1, 1, 1, 2, 1, 1, 0, 1, 1, 4, 0), strict=True))
"""The same once those who were asked which rights they mean have answered: what was reached."""
WRITTEN = datetime(2026, 12, 2, tzinfo=UTC)
"""When the last of the mails had been written."""
NO_REQUEST = {MailOutcome.NO_REQUEST, MailOutcome.AUTOMATIC, MailOutcome.WITHDRAWN}


class NotBefore:
    """The clock, but never before all mails were written."""

    def now(self) -> datetime:
        return max(datetime.now(UTC), WRITTEN)


@pytest.fixture
def installation(little, tmp_path, request):
    """An installation whose tenant gets these mails, with the people whom they are about."""
    little.mails = HALVES[request.param]
    senders = {mail.name: read_mail(mail.content).sender or "" for mail in little.mails}
    path = tmp_path / "tenants.yaml"
    corpus.write_tenants(path, little.mails, senders)
    empty(little.stores.home / "mail")
    little.stores = replace(little.stores, tenants_path=path, clock=NotBefore())
    little.people = corpus.add_people(little.url, little.mails)
    for mail in little.mails:
        if mail.kind == "withdrawal":
            little.submit((IdentifierKind.EMAIL, senders[mail.name]), verified_by=None)
    return little


def deliver(installation, *, vouched: bool) -> None:
    folder = installation.stores.home / "mail" / "inbox"
    folder.mkdir(exist_ok=True)
    # Some mails say a day of the end of November 2026: they arrive when all of them have been written.
    last = max(time.time(), WRITTEN.timestamp())
    for mail in installation.mails:
        read = read_mail(mail.content)
        # Of one that no server says to have taken, the file's time says when it came.
        is_taken = read.received_at is not None or read.written_at is None
        arrived = last if is_taken else read.written_at.timestamp()
        (folder / mail.name).write_bytes(mail.vouched if vouched else mail.content)
        os.utime(folder / mail.name, (arrived, arrived))


@dataclass(frozen=True)
class Judged:
    """What was made of a mail: its record, and the one person that it was taken to be about."""

    mail: RequestMail
    record: MailRecord
    person: str | None

    @property
    def is_right(self) -> bool:
        """Whether it was classified without a person, rights and person right."""
        if not self.mail.rights:
            return self.record.outcome in NO_REQUEST
        is_taken = self.record.outcome is MailOutcome.OPENED or (
            # Right as far as words go: which value is to be set, a person reads.
            self.record.outcome is MailOutcome.WAITING and self.record.reasons == ("correction",)
        )
        return is_taken and self.rights == self.mail.rights and self.person is not None

    @property
    def rights(self) -> frozenset[str]:
        return frozenset(map(str, self.record.kinds))


def judged(installation, answers: dict[str, RequestMail] | None = None) -> list[Judged]:
    """Return what was made of each mail; of answers to questions, by Message-ID, instead."""
    by_message_id = answers or {
        read_mail(mail.content).message_id: mail for mail in installation.mails
    }
    keys, datamap = installation.stores.keys, load(installation.stores.datamap_path)
    found = []
    with installation.stores.transaction(Role.PLANNER) as transaction:
        desk = installation.desk(transaction)
        reading = transaction.reading(datamap)
        for record in transaction.mails.mails():
            facts = json.loads(keys.decrypt(record.owner_id, record.facts))
            if facts["message_id"] not in by_message_id:
                continue
            identifiers = [
                Identifier(IdentifierKind(kind), value) for kind, value in facts["identifiers"]
            ]
            if record.request_id is not None:
                identifiers = identifiers_of(
                    transaction.queue.requests.get(record.request_id), desk
                )
            resolution = resolve_identifiers(
                record.mail_id, corpus.ORG, tuple(identifiers), reading
            )
            person = None if resolution.person is None else resolution.person.keys[0]
            found.append(Judged(by_message_id[facts["message_id"]], record, person))
    return found


def answer(installation, results: list[Judged]) -> dict[str, RequestMail]:
    """Let everybody who was asked choose what the author of their mail says; return the answers."""
    asked = {
        code[2]: (one["To"], code[1])
        for path in (installation.stores.home / "outbox").glob("*.eml")
        if (one := email.message_from_bytes(path.read_bytes(), policy=policy.default))
        and (code := re.search(r"    (L-([0-9a-f-]{36})-[0-9a-f]{32})\s", text_of(one)))
    }
    answers: dict[str, RequestMail] = {}
    for one in results:
        if one.record.outcome is not MailOutcome.WAITING or one.record.mail_id not in asked:
            continue
        address, code = asked[one.record.mail_id]
        numbers = [1 + CHOICES.index(RequestKind(right)) for right in one.mail.rights] or [
            TAKE_BACK if one.mail.kind == "withdrawal" else NONE_OF_THESE
        ]
        name = f"answer.{one.mail.number}@example.org"
        answers[name] = one.mail
        (installation.stores.home / "mail" / "inbox" / f"{name}.eml").write_bytes(
            f"Authentication-Results: {corpus.SERVER}; dmarc=pass "
            f"header.from={address.rpartition('@')[2]}\r\nMessage-ID: <{name}>\r\n"
            f"From: {address}\r\nTo: {read_mail(one.mail.content).recipients[0]}\r\n"
            f"Date: {format_datetime(datetime.now(UTC))}\r\nSubject: Re\r\n\r\n{', '.join(map(str, numbers))}\r\n\r\n> {code}\r\n".encode()
        )
    return answers


@pytest.mark.thorough
@in_halves
def test_most_mails_are_settled_by_their_writers_and_none_is_opened_wrongly_or_lost(
    installation, record_property
):
    deliver(installation, vouched=True)
    assert installation.run(intake) is None
    results = judged(installation)
    assert len(results) == len(installation.mails)
    for one in results:
        if one.record.outcome is MailOutcome.OPENED:
            assert one.rights == one.mail.rights, one.mail.name
            # None: two people fit, and a person chooses.
            assert one.person in {None, *installation.people.get(one.mail.name, ())}, one.mail.name
        elif not one.mail.is_decidable:
            assert one.record.outcome is MailOutcome.WAITING, one.mail.name
    # Whoever asks in words that nobody planned is read by a person, and not lost.
    lost = [one for one in results if one.mail.rights and one.record.outcome in NO_REQUEST]
    assert [one.mail.name for one in lost] == []
    numbers = {mail.number for mail in installation.mails}
    for batch, most_left in LEFT_AT_ONCE.items():
        if batch[0] not in numbers:
            continue
        decidable = [one for one in results if one.mail.is_decidable and one.mail.number in batch]
        wrong = [one.mail.name for one in decidable if not one.is_right]
        record_property(f"decided at once from {batch[0]} on", 50 - len(wrong))
        assert len(decidable) == 50
        assert len(wrong) <= most_left, wrong
    answers = answer(installation, results)
    assert installation.run(intake) is None
    chosen = judged(installation, answers)
    assert len(chosen) == len(answers)
    for one in chosen:
        if one.record.outcome is MailOutcome.OPENED:
            assert one.rights == one.mail.rights, one.mail.name
            assert one.person in {None, *installation.people.get(one.mail.name, ())}, one.mail.name
    settled = {one.mail.name for one in (*results, *chosen) if one.is_right}
    for batch, most_left in LEFT_AFTER_A_QUESTION.items():
        decidable = [m for m in installation.mails if m.is_decidable and m.number in batch]
        left = [mail.name for mail in decidable if mail.name not in settled]
        record_property(f"after a question from {batch[0]} on", 50 - len(left))
        assert len(left) <= most_left, left


@in_halves
@pytest.mark.long
def test_nobody_is_acted_on_whom_the_mail_is_not_about_or_who_did_not_ask(installation):
    """Whoever sends is vouched for here, and every plan is approved: nothing else protects."""
    deliver(installation, vouched=True)
    assert installation.run(intake) is None
    results = judged(installation)
    answered = set(answer(installation, results).values())
    assert installation.run(intake) is None
    installation.run()
    with installation.stores.transaction(Role.PLANNER) as transaction:
        planned = [
            one
            for one in transaction.queue.requests.in_states()
            if one.state is RequestState.PLANNED
        ]
    for one in planned:
        installation.approve(one.request_id)
    installation.run()
    asked_for_erasure = {
        person
        for one in results
        # Nobody could decide some of them: their writers have, with the number of it.
        if "erasure" in one.mail.rights and (one.mail.is_decidable or one.mail in answered)
        for person in installation.people.get(one.mail.name, ())
    }
    with psycopg.connect(installation.url.replace("+psycopg", "")) as connection:
        there = {
            str(contact_id)
            for (contact_id,) in connection.execute(
                "select contact_id from contact_center.contacts where anonymized_at is null"
            )
        }
    gone = {person for people in installation.people.values() for person in people} - there
    assert gone
    who = {person: name for name, people in installation.people.items() for person in people}
    assert {who[person] for person in gone - asked_for_erasure} == set()
