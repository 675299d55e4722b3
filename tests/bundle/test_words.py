"""What the pages say: every phrase in every language, with the same places to fill in."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.bundle import collection, information, other_people, portable_rows, readme, words
from lacuna.bundle.words import LANGUAGES, Words
from lacuna.model.request import RequestKind, RequestState
from lacuna.translations import languages_of, texts


def phrases_said() -> set[str]:
    """Every phrase that the code of the pages gives to `words`, and those it takes from tables."""
    found = {
        other_people.OTHERS,
        other_people.STAFF,
        collection.UNWRITABLE,
        *information.BASES.values(),
        *information.GROUPS.values(),
        "files",
        "locale",
    }
    found |= {*portable_rows.PHRASES}
    found |= {right for right, _ in information._RIGHTS} | {
        "access_with_article",
        "portability_with_article",
    }
    found |= {str(kind) for kind in RequestKind}
    found |= {f"state_{state}" for state in RequestState}
    folder = Path(words.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node, "func", None)
            is_said = "words" in (getattr(called, "id", ""), getattr(called, "attr", "").strip("_"))
            if is_said and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_that_is_said_is_translated_and_no_other(language):
    assert phrases_said() == set(texts("bundles", language))


def test_a_language_without_translations_is_english():
    assert Words("xx").language == "en"
    assert Words("")("title") == "Your personal data"
    assert Words("da")("rows") == "Rækker"
    for language in LANGUAGES:
        assert Words(language)("rows") == texts("bundles", language)["rows"]


def test_phrases_have_names_of_a_few_words():
    for name in texts("bundles", "en"):
        assert re.fullmatch("[a-z]+(_[a-z]+){0,4}", name)


def test_a_bundle_speaks_every_language_that_letters_are_written_in():
    assert set(LANGUAGES) == set(languages_of("letters"))


def test_a_phrase_that_is_in_no_file_is_a_mistake():
    with pytest.raises(KeyError):
        Words("en")("something_new")


def test_what_the_map_says_is_marked_as_english_where_nobody_translated_it():
    spoken = Words("da", {"Answer questions.": "Besvare spørgsmål."})
    assert spoken.of_map("Answer questions.") == "Besvare spørgsmål."
    assert spoken.of_map("Record <calls>.") == '<span lang="en">Record &lt;calls&gt;.</span>'
    assert Words("en").of_map("Record <calls>.") == "Record &lt;calls&gt;."
    assert spoken.from_map("Record <calls>.") == "Record <calls>."


def test_what_the_map_says_is_in_the_language_that_a_tag_means(content):
    translations = {"nb": {"Answer.": "Svare."}, "pt-BR": {"Answer.": "Responder."}}
    datamap = replace(content.datamap, translations=translations)
    said = {
        tag: Words.of(replace(content, language=tag, datamap=datamap)).from_map("Answer.")
        for tag in ("no", "nn-NO", "pt-br", "pt", "da")
    }
    assert said == {
        "no": "Svare.",
        "nn-NO": "Svare.",
        "pt-br": "Responder.",
        "pt": "Answer.",
        "da": "Answer.",
    }


def test_the_page_and_the_information_use_the_same_words():
    assert readme.Words is information.Words is Words
