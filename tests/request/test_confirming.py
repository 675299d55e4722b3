"""Which answers to a challenge agree: in every language, and never by what they quote."""

from __future__ import annotations

import pytest

from pipelines.model.answer import AnswerKind
from pipelines.request import confirms, instructs, read_mail
from pipelines.request.letters import LETTERHEADS

SECRET = "0123456789abcdef0123456789abcdef"
CODE = f"L-00000000-0000-4000-8000-000000000001-{SECRET}"


def answer(text: str):
    head = "From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: Re: confirm\r\n\r\n"
    return read_mail(f"{head}{text}\r\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Yes, that was me.",
        "Hello,\n\nI confirm my request.\n\nKind regards\nAda Example",
        "Yes, it was me: 41118",
        "Ja.\n\nMit freundlichen Grüßen\nAda Example\nExample Street 1",
        "OK",
        "Ja, das war ich.",
        "Hiermit bestätige ich meine Anfrage.",
        "Ja, det var mig.",
        "Jeg bekræfter hermed.",
        "Ja, det var meg.",
        "Jag bekräftar.",
        "Ja, dat was ik.",
        "Oui, c'est bien moi.",
        "Je confirme ma demande.",
        "Sí, confirmo.",
        "Sì, confermo.",
        "Sim, confirmo.",
        "Kyllä, vahvistan.",
        "Tak, potwierdzam.",
    ],
)
def test_an_answer_that_agrees_or_says_nothing_confirms(text):
    assert confirms(answer(f"{text}\n\n> {CODE}"))
    assert instructs(answer(f"{text}\n\n{CODE}"), SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "\u274c",
        "\U0001f44e",
        "OK, but who asked for that.",
        "Ok, stop this at once.",
        "Yes, cancel it please.",
        "Yes, wrong person.",
        "Correct, this is a mistake.",
        "I confirm my account was hacked.",
        "Yes I got this letter. Somebody is impersonating me.",
        "I confirm receipt of your letter and forward it to my lawyer.",
        "OK, I am on holiday until Monday.",
        "Ja, das war jemand anders.",
        "Oui, c'est quelqu'un d'autre. Laissez tomber.",
        "Yes.\n\n-- \nI never asked for this. Delete nothing.",
        "ok, ben istemedim",
        "No.",
        "Nein!",
        "Non",
        "Nie.",
        "Yes, but I did not write this.",
        "Ja, aber ich war das nicht.",
        "Stop this.",
        "Please withdraw the request.",
        "Is this a scam",
        "?",
        "This mail reached me in error, it is confidential and meant for the addressee alone.",
        "Who are you",
        "Yes.\n" * 600,
    ],
)
def test_an_answer_that_denies_asks_or_says_something_else_confirms_nothing(text):
    assert not confirms(answer(f"{text}\n\n> {CODE}"))
    assert text in ("", "!!!") or not instructs(answer(f"{text}\n\n{CODE}"), SECRET)


def test_a_denial_in_the_subject_or_below_a_quoted_header_confirms_nothing():
    head = "From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: {}\r\n\r\n{}\r\n"
    shouted = head.format("I NEVER ASKED FOR THIS", f"Yes.\n\n> {CODE}")
    assert not confirms(read_mail(shouted.encode()))
    below = f"-----Original Message-----\nFrom: privacy@example.com\n\n{CODE}\n\nI never asked."
    assert not confirms(answer(below))


@pytest.mark.parametrize("language", sorted(LETTERHEADS))
def test_an_answer_to_our_own_letter_has_a_subject_that_denies_nothing(language):
    subject, _ = LETTERHEADS[language].texts[AnswerKind.CHALLENGE]
    head = (
        f"From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: Re: {subject}\r\n\r\n"
    )
    assert confirms(read_mail(f"{head}Yes\r\n\r\n> {CODE}\r\n".encode()))


def test_a_code_that_is_only_quoted_or_another_instructs_nothing():
    assert not instructs(answer(f"Yes.\n\n> {CODE}"), SECRET)
    assert not instructs(answer(f"Yes.\n\n{CODE}"), SECRET[::-1])
    assert instructs(answer(f"Yes.\n\n{CODE}"), SECRET)
