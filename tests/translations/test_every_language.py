"""Every language has every text, with the same facts to fill in."""

import string

import pytest

from lacuna.model.answer import AnswerKind
from lacuna.translations import languages_of, texts

PARTS = [(part, language) for part in ("letters", "bundles") for language in languages_of(part)]


def facts_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize(("part", "language"), PARTS)
def test_a_language_has_the_texts_that_all_have(part, language):
    first = texts(part, languages_of(part)[0])
    found = texts(part, language)
    assert list(found) == list(first)
    for name, text in found.items():
        if isinstance(text, str):
            assert text.strip() == text != ""
        else:
            assert list(text) == ["subject", "body"]
            english = texts(part, "en")[name]
            assert facts_in(text["body"]) == facts_in(english["body"])


def test_there_is_a_letter_of_every_kind():
    assert set(texts("letters", "en")) == {"greeting", "closing", *AnswerKind}


def test_a_language_that_a_part_has_not_is_an_error():
    with pytest.raises(FileNotFoundError):
        texts("letters", "xx")
