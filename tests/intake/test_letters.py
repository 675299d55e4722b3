"""Letters: every sort in every language, and nobody in them."""

from __future__ import annotations

import string

import pytest

from lacuna.intake import write_letter
from lacuna.intake.letters import LANGUAGES, letterhead
from lacuna.intake.phrases import PHRASES
from lacuna.model.letter import LetterKind

FACTS = {
    "received": "2026-11-01",
    "due": "2026-12-01",
    "reference": "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10",
    "code": "L-0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10-00112233445566778899aabbccddeeff",
    "ground": "17(3)(b)",
    "authority": "The Authority",
    "articles": "15, 17",
    "until": "2027-11-01",
    "link": "https://data.example.org/abc",
}
NEEDED = {
    LetterKind.ACKNOWLEDGEMENT: {"received", "due", "reference"},
    LetterKind.CHALLENGE: {"received", "code", "reference"},
    LetterKind.CLARIFICATION: {"received", "reference"},
    LetterKind.QUESTION: {"received", "code", "reference"},
    LetterKind.SPECIFICATION: {"received", "code", "reference"},
    LetterKind.EXTENSION: {"received", "due", "reference"},
    LetterKind.REFUSAL: {"received", "ground", "authority", "reference"},
    LetterKind.PARTIAL_REFUSAL: {"received", "articles", "ground", "authority", "reference"},
    LetterKind.COMPLETION: {"received", "reference"},
    LetterKind.COPY: {"received", "reference"},
    LetterKind.DELIVERY: {"received", "until", "link", "reference"},
    LetterKind.NOTHING_FOUND: {"received", "authority", "reference"},
    LetterKind.PARTLY: {"received", "until", "ground", "authority", "reference"},
    LetterKind.WITHDRAWAL: {"received", "reference"},
    LetterKind.FORWARDING: {"received", "due", "articles", "reference"},
    LetterKind.INSTRUCTION: {"received", "articles", "code", "reference"},
}


def test_every_language_that_is_read_is_answered():
    assert set(LANGUAGES) >= {book.language for book in PHRASES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_says_what_its_sort_has_to_say_and_nothing_else(language, kind):
    subject, body = letterhead(language).texts[kind]
    named = {name for _, name, _, _ in string.Formatter().parse(body) if name}
    assert named == NEEDED[kind]
    assert "{" not in subject
    _, text = write_letter(kind, language, FACTS, "Shop")
    for name in NEEDED[kind]:
        assert FACTS[name] in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 78
    assert text.endswith("Shop\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_challenge_asks_for_nothing_beside_a_word_and_the_code(language):
    """Whatever a reply says beside the word that agrees, an officer has to read."""
    _, body = letterhead(language).texts[LetterKind.CHALLENGE]
    unasked, reference = body.partition("{code}")[2].strip().split("\n\n")
    assert unasked.count(".") == 2  # what to do if they did not write: nothing
    assert reference.endswith("{reference}")


def test_letters_of_a_language_differ_and_languages_do_too():
    texts = [text for language in LANGUAGES for text in letterhead(language).texts.values()]
    assert len(set(texts)) == len(LANGUAGES) * len(LetterKind)


def test_an_unknown_language_is_answered_in_english():
    assert write_letter(LetterKind.COMPLETION, "xx", FACTS, "Shop") == write_letter(
        LetterKind.COMPLETION, "en", FACTS, "Shop"
    )
