"""The rights that 720 realistic mails ask for, by their words alone: none other, and none is lost."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail, what_is_asked
from tests.flows.request_mails import request_mails

MAILS = request_mails()


@pytest.fixture(scope="module")
def readings():
    """What each mail is taken for: the rights it opens, None where it is asked back or a person reads it."""
    found = {}
    for mail in MAILS:
        read = read_mail(mail.content)
        asked = what_is_asked(read)
        opened = frozenset(map(str, asked.kinds))
        if ((read.is_automatic or read.is_listed) and not read.is_generated) or (
            asked.is_withdrawal and not asked.doubts
        ):
            opened = frozenset()
        elif asked.doubts or read.flaws:
            opened = None
        found[mail.name] = opened
    return found


def test_there_are_all_of_them():
    assert len(MAILS) == 720


def test_no_mail_opens_what_it_does_not_ask_for(readings):
    wrong = [
        mail.name
        for mail in MAILS
        if readings[mail.name] and (readings[mail.name] != mail.rights or not mail.is_decidable)
    ]
    assert wrong == []


def test_no_request_is_taken_for_none(readings):
    lost = [mail.name for mail in MAILS if mail.rights and readings[mail.name] == frozenset()]
    assert lost == []
