"""Which answers to a challenge agree: in every language, and never by what they quote."""

from __future__ import annotations

import re

import pytest

from lacuna.errors import ConfigurationError
from lacuna.intake import confirms, instructs, only_chooses, read_mail
from lacuna.intake.letters import LANGUAGES, letterhead, require_alarms
from lacuna.intake.mail_words import by_language
from lacuna.model.letter import LetterKind

SECRET = "0123456789abcdef0123456789abcdef"
CODE = f"L-00000000-0000-4000-8000-000000000001-{SECRET}"


def answer(text: str, *, subject: str = "Re: confirm"):
    head = f"From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: {subject}\r\n\r\n"
    return read_mail(f"{head}{text}\r\n".encode())


AGREEING = {
    "en": [
        "Yes.",
        "Yes, that was me.",
        "Hello,\n\nI confirm my request.\n\nKind regards\nAda Example",
        "Yes, it was me: 41118",
        "Yes\n\nThanks,\nAda van der Example\nExample Street 1\nTel. +45 12 34 56 78",
        "Yes\n\n--\nSent from my iPhone",
        "OK",
    ],
    "de": [
        "Ja.\n\nMit freundlichen Grüßen\nAda Example\nExample Street 1",
        "Ja, das war ich.",
        "Hiermit bestätige ich meine Anfrage.",
        "Yes",
    ],
    "da": ["Ja, det var mig.", "Jeg bekræfter hermed.", "Ja tak."],
    "nb": ["Ja, det var meg.", "Jeg bekrefter."],
    "sv": ["Jag bekräftar."],
    "nl": ["Ja, dat was ik."],
    "fr": ["Oui, c'est bien moi.", "Je confirme ma demande."],
    "es": ["Sí, confirmo."],
    "it": ["Sì, confermo."],
    "pt": ["Sim, confirmo."],
    "fi": ["Kyllä, vahvistan."],
    "pl": ["Tak, potwierdzam."],
    "el": ["Yes, I confirm."],
}


@pytest.mark.parametrize(
    ("language", "text"), [(each, text) for each, texts in AGREEING.items() for text in texts]
)
def test_an_answer_that_agrees_in_the_letters_language_confirms(language, text):
    assert confirms(answer(f"{text}\n\n> {CODE}"), language)
    assert instructs(answer(f"{CODE}\n{text}"), SECRET, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_that_a_letter_asks_for_agrees(language):
    _, letter = letterhead(language).texts[LetterKind.CHALLENGE]
    (word,) = set(re.findall(r"\b[A-ZÀ-Ý]{2,}\b", letter)) - {
        "GDPR",
        "DSGVO",
        "AVG",
        "RGPD",
        "RODO",
    }
    for text in (word, word.capitalize() + "."):
        assert confirms(answer(f"{text}\n\n> {CODE}"), language)


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
        "Please correct my request.",
        "Please confirm that it was me.",
        "Was that me",
        "Thanks.",
        "I confirm my account was hacked.",
        "Yes I got this letter. Somebody is impersonating me.",
        "I confirm receipt of your letter and forward it to my lawyer.",
        "OK, I am on holiday until Monday.",
        "Ja, das war jemand anders.",
        "Oui, c'est quelqu'un d'autre. Laissez tomber.",
        "Yes.\n\n-- \nI never asked for this. Delete nothing.",
        "Yes\n--\nNo.",
        "Yes\n--\nScam",
        "Yes\n--\nTHAT WAS MY BROTHER",
        "Ok.\nThanks,\nthat was my brother writing in my name. Leave everything as it is.",
        "Ok\nCheers\nthis is a scam, I am reporting you to the police",
        "Ok\n--\nBen Istemedim, Verilerimi Silmeyin Ve Bana Bir Daha Yazmayin",
        "Ok\nSent from my iPhone by my brother",
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
@pytest.mark.parametrize("language", ["en", "de", "fr", "pl"])
def test_an_answer_that_denies_asks_or_says_something_else_confirms_nothing(text, language):
    assert not confirms(answer(f"{text}\n\n> {CODE}"), language)
    # A controller is asked for the code alone.
    if text not in ("", "!!!", "Thanks."):
        assert not instructs(answer(f"{CODE}\n{text}"), SECRET, language)


@pytest.mark.parametrize(("language", "text"), [("da", "Tak."), ("nb", "Tak."), ("en", "Ja, tak.")])
def test_an_agreeing_word_of_another_language_confirms_nothing(language, text):
    assert not confirms(answer(f"{text}\n\n> {CODE}"), language)


def test_a_denial_in_the_subject_or_below_a_quoted_header_confirms_nothing():
    head = "From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: {}\r\n\r\n{}\r\n"
    shouted = head.format("I NEVER ASKED FOR THIS", f"Yes.\n\n> {CODE}")
    assert not confirms(read_mail(shouted.encode()), "en")
    below = f"-----Original Message-----\nFrom: privacy@example.com\n\n{CODE}\n\nI never asked."
    assert not confirms(answer(below), "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_to_our_own_question_has_a_subject_that_denies_nothing(language):
    subject, _ = letterhead(language).texts[LetterKind.QUESTION]
    assert only_chooses(answer("1", subject=f"Re: {subject}"), language)


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("1 and 6", True),
        ("1\n\nThank you!\n", True),
        ("1\nAda Example", True),
        ("1\n\nKind regards\nAda Example\nExample Street 1", True),
        ("1\nThis was not me, I never wrote to you. Do nothing.", False),
        ("6\n\nBut keep my account and my orders.", False),
        ("6\nNo", False),
        ("6\nThanks,\nthat was my brother", False),
        ("7\nDelete my account instead", False),
        ("6\n?", False),
    ],
)
def test_numbers_choose_alone_if_a_name_and_a_courtesy_is_all_beside_them(text, is_alone):
    assert only_chooses(answer(f"{text}\n\n> {CODE}"), "en") is is_alone


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_confirms_or_chooses_below_a_subject_with_a_word_that_alarms(language):
    for word in by_language("alarms")[language].split():
        alarming = f"Re: {word}"
        assert not confirms(answer(f"Yes\n\n> {CODE}", subject=alarming), language)
        assert not only_chooses(answer("1", subject=alarming), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_to_our_own_letter_has_a_subject_that_denies_nothing(language):
    subject, _ = letterhead(language).texts[LetterKind.CHALLENGE]
    head = (
        f"From: somebody@example.org\r\nTo: privacy@example.com\r\nSubject: Re: {subject}\r\n\r\n"
    )
    assert confirms(read_mail(f"{head}Yes\r\n\r\n> {CODE}\r\n".encode()), language)


def test_a_code_that_is_only_quoted_or_another_instructs_nothing():
    assert not instructs(answer(f"Yes.\n\n> {CODE}"), SECRET, "en")
    assert not instructs(answer(f"Yes.\n\n{CODE}"), SECRET[::-1], "en")
    assert instructs(answer(f"Yes.\n\n{CODE}"), SECRET, "en")


def test_a_language_in_which_nobody_can_raise_an_alarm_is_refused():
    with pytest.raises(ConfigurationError, match=r"no mail_words: sk; add mail_words/sk\.toml"):
        require_alarms(["da", "sk"])
