"""Every language has every text, with the same facts to fill in."""

import itertools
import re
import string

import pytest

from lacuna.bundle.words import Words
from lacuna.intake import read_mail, what_is_asked, write_letter
from lacuna.intake.affirmations import affirmations_in
from lacuna.intake.sentences import fold
from lacuna.model.ground import MEANINGS
from lacuna.model.letter import LetterKind, LetterSender
from lacuna.model.request import RequestKind
from lacuna.translations import languages_of, texts
from tests.code_words import code_words

PARTS = [
    (part, language)
    for part in ("letters", "bundles", "delivery")
    for language in languages_of(part)
]


def facts_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize(("part", "language"), PARTS)
def test_a_language_has_the_texts_that_all_have(part, language):
    english, found = texts(part, "en"), texts(part, language)
    file = f"{part}/{language}.toml"
    assert list(found) == list(english), f"{file}: not the names of {part}/en.toml in their order"
    for name, text in found.items():
        parts = {"": text} if isinstance(text, str) else text
        wanted = {"": english[name]} if isinstance(text, str) else english[name]
        assert list(parts) == list(wanted), f"{file}: {name}"
        for key, one in parts.items():
            assert one.strip() == one != "", f"{file}: {name} {key} is empty, or has blanks around"
            facts, expected = facts_in(one), facts_in(wanted[key])
            assert facts == expected, f"{file}: {name} {key} fills in {facts}, en.toml {expected}"


@pytest.mark.parametrize(("part", "language"), [one for one in PARTS if one[1] != "en"])
def test_no_text_is_still_the_english_one(part, language):
    english = texts(part, "en")
    for name, text in texts(part, language).items():
        parts = {"": text} if isinstance(text, str) else text
        for key, one in parts.items():
            same = english[name] if isinstance(text, str) else english[name][key]
            assert one != same or len(one.split()) < 2, f"{part}/{language}.toml: {name} {key}"


@pytest.mark.parametrize(
    ("part", "language"),
    [
        (part, language)
        for part in (
            "letters",
            "bundles",
            "delivery",
            "alerts",
            "notices",
            "reports",
            "report_mails",
        )
        for language in languages_of(part)
    ],
)
def test_no_text_that_people_read_has_a_code_word(part, language):
    for name, text in texts(part, language).items():
        if name != "locale":
            for one in [text] if isinstance(text, str) else text.values():
                assert code_words(re.sub(r"\{\w+\}", "", one)) == [], name


def long_texts(part: str, language: str) -> dict[str, str]:
    """Return the texts of a part that two languages hardly write alike."""
    found: dict[str, str] = {}
    for name, text in texts(part, language).items():
        parts = {"": text} if isinstance(text, str) else text
        found |= {f"{name} {key}": one for key, one in parts.items() if len(one) > 8}
    return found


@pytest.mark.parametrize(
    "part", ["affirmations", "bundles", "delivery", "letters", "mail_words", "phrases"]
)
def test_no_language_is_a_copy_of_another(part):
    for one, other in itertools.combinations(languages_of(part), 2):
        first, second = long_texts(part, one), long_texts(part, other)
        same = [name for name, text in first.items() if text == second.get(name)]
        # Danish and Norwegian share a third of the words by which mails quote.
        assert 2 * len(same) < len(first), f"{part}/{one}.toml and {other}.toml: {same}"


def test_there_is_a_letter_of_every_kind_and_a_sentence_for_every_right_and_ground():
    found = texts("letters", "en")
    tables = {name: list(table) for name, table in found.items() if not isinstance(table, str)}
    assert set(tables) == {"law", "rights", "confirmed", "done", "nothing", "grounds", *LetterKind}
    assert all(tables[kind] == ["subject", "body"] for kind in LetterKind)
    assert all(
        tables[name] == list(RequestKind) for name in ("rights", "confirmed", "done", "nothing")
    )
    assert tables["grounds"] == list(MEANINGS)
    assert tables["law"] == ["article", "paragraph", "point"]


@pytest.mark.parametrize("language", languages_of("letters"))
def test_sentences_are_whole(language):
    """They stand for themselves: after a colon, or behind another one."""
    for name in ("confirmed", "done", "nothing", "grounds"):
        table = texts("letters", language)[name]
        assert all(one[0].isupper() and one.endswith(".") for one in table.values()), name


@pytest.mark.parametrize("language", languages_of("letters"))
def test_an_answer_to_a_letter_can_agree_in_the_language_of_the_letter(language):
    assert language in languages_of("affirmations")
    found = texts("affirmations", language)
    affirmations = affirmations_in(language)
    for first in found["agreeing"].split("|")[:3]:
        assert affirmations.agrees(f"{first.strip()} ")
    last = fold(found["beside"].rpartition("|")[2])
    assert affirmations.is_courtesy(f"{last.strip()} ")
    assert not affirmations.agrees(f"{last.strip()} ")


@pytest.mark.parametrize("language", languages_of("phrases"))
def test_a_language_in_which_mails_are_read_has_the_words_of_their_parts(language):
    assert list(texts("mail_words", language)) == list(texts("mail_words", "en"))
    may_be_empty = {"device_ends", "particles", "labels", "answered", "abbreviations", "letters"}
    assert {
        name for name, text in texts("mail_words", language).items() if not text
    } <= may_be_empty


def test_no_other_language_has_mail_words():
    assert languages_of("mail_words") == languages_of("phrases")


TAGS = {
    "no": "nb", "nn": "nb", "nb-NO": "nb", "NN_no": "nb", "pt-BR": "pt", "de-AT": "de", "de_CH": "de",
    "de-Latn-DE-1996": "de", "SV": "sv", " fr ": "fr", "en-GB": "en", "fil": "en", "el": "en", "": "en",
}  # fmt: skip
"""Tags as platforms and mails write them (BCP 47, or with an underscore), and what answers them."""


@pytest.mark.parametrize(("tag", "language"), TAGS.items())
def test_a_tag_of_a_language_is_answered_in_that_language_or_the_nearest(tag, language):
    shop = LetterSender("Shop", "en", "The Authority", "dpo@example.org")
    letter = write_letter(LetterKind.COMPLETION, tag, {}, shop)
    assert letter == write_letter(LetterKind.COMPLETION, language, {}, shop)
    assert letter.language == language
    assert affirmations_in(tag) is affirmations_in(language)
    assert Words(tag).language == language


@pytest.mark.parametrize(("tag", "language"), {"no": "nb", "nn-NO": "nb", "fil": "en"}.items())
def test_a_mail_of_few_words_is_answered_in_the_language_that_its_header_names(tag, language):
    head = f"From: somebody@example.org\r\nTo: privacy@example.com\r\nContent-Language: {tag}\r\n"
    mail = read_mail(f"{head}Subject: GDPR\r\n\r\nGDPR art. 15\r\n".encode())
    assert what_is_asked(mail, default_language="da").language == language


def test_a_language_that_a_part_has_not_is_an_error():
    with pytest.raises(FileNotFoundError):
        texts("letters", "xx")
