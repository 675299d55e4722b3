"""Whoever got a genuine mail of a person hands it on to a company that it was not written to."""

from __future__ import annotations

import pytest

from tests.flows.correspondence import BOX, requests


@pytest.mark.parametrize("header", ["To", "Cc"])
def test_a_mail_to_this_tenant_is_vouched_for(attacked, letters, ada, header):
    others = {"To": "help@elsewhere.invalid"} if header == "Cc" else {}
    letters.write(ada.emails[0], "Please delete my data.", vouched=True, **{**others, header: BOX})
    letters.take()
    assert requests(attacked)[0].verified_by == "recorded"


def test_a_mail_to_another_company_verifies_nobody(attacked, letters, ada):
    letters.write(
        ada.emails[0],
        "Please delete my data.",
        vouched=True,
        To="privacy@elsewhere.invalid",
        Delivered_To=BOX,
    )
    letters.take()
    (request,) = requests(attacked)
    assert request.verified_by is None
    # The person is asked instead.
    assert [letter["To"] for letter in letters.letters()] == [ada.emails[0]]
