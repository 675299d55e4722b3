"""What context words decide without lemmas, and what they leave open."""

import re

import pytest
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from spacy.lang.en.stop_words import STOP_WORDS

from lacuna.redaction.analysis.context import ContextWords, Row
from lacuna.redaction.analysis.models import model_path
from lacuna.redaction.analysis.word_forms import WordForms
from lacuna.redaction.options import DEFAULT_MODEL

CONTEXT = ("phone", "call")


@pytest.fixture(scope="module")
def words() -> ContextWords:
    return ContextWords(
        WordForms(model_path(DEFAULT_MODEL)),
        LemmaContextAwareEnhancer(),
        is_stop=lambda word: word.lower() in STOP_WORDS,
        is_punctuation=lambda word: not any(map(str.isalnum, word)),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my phone 55", True),
        ("my lamp 55", False),
        # Five keywords before the match count, stop words do not.
        ("phone a2 a3 a4 a5 55", True),
        ("phone a1 a2 a3 a4 a5 55", False),
        ("phone it is of the a2 a3 a4 a5 55", True),
        # As a verb "calling" is "call", a stop word; as a noun it is itself and holds "call".
        ("calling 55", None),
        ("calling phone 55", True),
        # As a verb "showing" is "show", a stop word; as a noun it takes a place.
        ("phone showing a2 a3 a4 a5 55", None),
        ("phone showing a3 a4 a5 55", True),
        ("phone showing a1 a2 a3 a4 a5 55", False),
        # A part of a token with a colon makes a keyword of the stop word that is equal to it.
        ("phone it a2 a3 a4 a5 55 it:x", False),
        ("phone it a2 a3 a4 a5 55 if:x", True),
    ],
)
def test_context_words_decide_or_leave_it_open(
    words: ContextWords, text: str, expected: bool | None
) -> None:
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    row = Row(text, [start for start, _ in tokens], [end for _, end in tokens])
    assert words.supports(row, text.index("55"), CONTEXT) is expected


def test_a_match_behind_the_last_token_has_the_last_one_before_it(words: ContextWords) -> None:
    assert words.supports(Row("phone  ", [0], [5]), 6, CONTEXT) is True
    assert words.supports(Row("  ", [], []), 1, CONTEXT) is False
