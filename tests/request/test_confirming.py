"""Which answers to a challenge agree: in every language, and never by what they quote."""

from __future__ import annotations

import pytest

from pipelines.request import confirms, instructs, read_mail

SECRET = "0123456789abcdef0123456789abcdef"
CODE = f"L-00000000-0000-4000-8000-000000000001-{SECRET}"


def answer(text: str):
    head = "From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: Re: confirm\r\n\r\n"
    return read_mail(f"{head}{text}\r\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "Yes, that was me.",
        "Hello,\n\nI confirm my request.\n\nKind regards\nAda Example",
        "Hi, yes it was me, my customer number is SE-41118.",
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
    assert not instructs(answer(f"{text}\n\n{CODE}"), SECRET)


def test_a_code_that_is_only_quoted_or_another_instructs_nothing():
    assert not instructs(answer(f"Yes.\n\n> {CODE}"), SECRET)
    assert not instructs(answer(f"Yes.\n\n{CODE}"), SECRET[::-1])
    assert instructs(answer(f"Yes.\n\n{CODE}"), SECRET)
