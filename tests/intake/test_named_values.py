"""What in a mail could name the person whom it is about."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail, what_is_asked, what_is_named
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind
from lacuna.model.sender import SenderRole
from lacuna.model.tenant import Tenant

TENANT = Tenant(
    org_id="shop",
    name="Shop",
    country="DK",
    language="en",
    addresses=("privacy@shop.example.org",),
    domains=("shop.example.org",),
    authorized=(),
)


def mail(text: str):
    head = "From: ada@example.org\nTo: privacy@shop.example.org\nSubject: hello\n"
    return read_mail(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


@pytest.mark.parametrize("number", ["CUS-NLKAWTAA", "CUS-PEXG3M9N", "2026-778-B", "4711"])
def test_a_customer_number_is_seen_with_and_without_digits(number):
    read = mail(f"Please delete all my data. My customer number is {number}.")
    named = what_is_named(read, TENANT, SenderRole.PERSON, language="en", is_on_behalf=False)
    ids = [one.value for one in named.others if one.kind is IdentifierKind.EXTERNAL_ID]
    assert ids == [number]
    assert what_is_asked(read).kinds == (RequestKind.ERASURE,)
    assert what_is_asked(read).doubts == ()


@pytest.mark.parametrize("text", ["I AM ANGRY", "a follow-up", "Marie-Louise", "e-mail"])
def test_words_are_no_customer_numbers(text):
    named = what_is_named(mail(text), TENANT, SenderRole.PERSON, language="en", is_on_behalf=False)
    assert named.others == ()
