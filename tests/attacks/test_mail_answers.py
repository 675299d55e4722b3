"""An answer to a letter that denies, or says something else, beside what would agree or choose."""

from __future__ import annotations

import pytest

from tests.flows.correspondence import code_in, text_of
from tests.flows.observation import execute

VERIFIED = "select count(*) from lacuna.request where is_verified"
UNCLEAR = (
    "I have a question about my rights under the GDPR and what you hold, customer {}. Article?"
)


@pytest.mark.parametrize(
    "answer",
    [
        "Ok.\nThanks,\nthat was my brother writing in my name. Leave everything as it is.",
        "Yes\nThanks,\nI got this letter, somebody is impersonating me",
        "Ok\nCheers\nthis is a scam, I am reporting you to the police",
        "Ja.\n__\nHilfe, ich wurde gehackt. Brechen Sie das ab!",
        "Tak.",  # Danish and Norwegian for "Thanks."; Polish for "Yes."
        "Please correct my request.",
        "Please confirm that it was me.",
    ],
)
def test_a_denial_below_a_closing_and_a_word_of_thanks_confirm_nothing(
    attacked, letters, ada, answer
):
    letters.write(ada.emails[0], "Please delete all my data.")
    letters.take()
    (letter,) = letters.letters()
    letters.write(ada.emails[0], f"{answer}\n\n> {code_in(letter)}")
    letters.take()
    assert execute(attacked.url, VERIFIED) == [(0,)]
    assert letters.outcomes()[-1] == ("waiting", ["unconfirmed"])


def test_thanks_in_the_language_of_the_letter_confirm_nothing(attacked, letters, ada):
    letters.write(ada.emails[0], "Jeg vil gerne have slettet alle mine data.")
    letters.take()
    (letter,) = letters.letters()
    assert "Skriv kun JA" in text_of(letter)
    letters.write(ada.emails[0], f"Tak.\n\n> {code_in(letter)}")
    letters.take()
    assert execute(attacked.url, VERIFIED) == [(0,)]
    letters.write(ada.emails[0], f"Ja tak.\n\n> {code_in(letter)}")
    letters.take()
    assert execute(attacked.url, VERIFIED) == [(1,)]


@pytest.mark.parametrize(
    "answer",
    [
        "1\nThis was not me, I never wrote to you. Do nothing.",
        "6\nNo, please do not delete anything, I never wrote to you",
        "6\n\nBut keep my account and my orders.",
        "1, 6\n\nThis was not me, stop.",
        "7\nDelete my account.",
        "6\nThanks,\nit was my brother, do nothing.",
    ],
)
def test_numbers_whose_writer_takes_them_back_choose_nothing(attacked, letters, ada, answer):
    letters.write(ada.emails[0], UNCLEAR.format(ada.external_ids[0]))
    letters.take()
    (letter,) = letters.letters()
    letters.write(ada.emails[0], f"{answer}\n\n> {code_in(letter)}")
    letters.take()
    assert attacked.run() is None
    assert execute(attacked.url, "select count(*) from lacuna.request") == [(0,)]
    assert execute(attacked.url, "select count(*) from lacuna.bundle") == [(0,)]
    assert [outcome for outcome, _ in letters.outcomes()] == ["waiting", "waiting"]
    assert letters.outcomes()[-1] == ("waiting", ["unconfirmed"])
