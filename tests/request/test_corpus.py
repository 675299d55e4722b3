"""The rights that 720 realistic mails ask for, by their words alone: none other, and none is lost."""

from __future__ import annotations

import pytest

from pipelines.request import read_mail, what_is_asked
from tests.flows.request_mails import request_mails

MAILS = request_mails()
READ_RIGHTLY = {
    range(1, 61): 37,
    range(61, 121): 45,
    range(121, 181): 33,
    range(181, 241): 36,
    range(241, 301): 11,
    range(301, 361): 27,
    range(361, 421): 35,
    range(421, 481): 28,
    range(481, 541): 31,
    range(541, 601): 16,
    range(601, 661): 23,
    range(661, 721): 32,
}
"""Of the 50 decidable mails of each batch: a floor, and no measurement; see docs/requests.md."""


@pytest.fixture(scope="module")
def readings():
    """What each mail is taken for: the rights it opens, None where a person reads it."""
    found = {}
    for mail in MAILS:
        read = read_mail(mail.octets)
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
    assert {len([one for one in MAILS if one.number in batch]) for batch in READ_RIGHTLY} == {60}


def test_no_mail_that_a_person_would_decide_opens_another_right(readings):
    wrong = [
        mail.name
        for mail in MAILS
        if mail.is_decidable
        and readings[mail.name] not in (None, frozenset(), mail.rights)
        # A correction opens nothing: it waits for its new values.
        and "rectification" not in (readings[mail.name] or ())
    ]
    assert wrong == []


def test_no_request_is_taken_for_none(readings):
    lost = [mail.name for mail in MAILS if mail.rights and readings[mail.name] == frozenset()]
    assert lost == []


@pytest.mark.parametrize("batch", READ_RIGHTLY, ids=lambda batch: f"{batch[0]}-{batch[-1]}")
def test_as_many_are_read_without_a_person_as_ever(readings, batch):
    right = [
        mail.name
        for mail in MAILS
        if mail.number in batch and mail.is_decidable and readings[mail.name] == mail.rights
    ]
    assert len(right) >= READ_RIGHTLY[batch]
