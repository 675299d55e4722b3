"""A word without end costs no more than its length; every other word is read as spaCy reads it."""

import pytest
import spacy
from spacy.attrs import NORM
from spacy.language import Language

from lacuna.redaction.analysis.models import model_path
from lacuna.redaction.fast.long_words import LONGEST, bounded
from lacuna.redaction.options import DEFAULT_MODEL

pytestmark = pytest.mark.starts

AROUND = ("Don't call Mr. Novak, ", " isn't it?\n\n  He can't.")


@pytest.fixture(scope="module")
def plain() -> Language:
    return spacy.load(model_path(DEFAULT_MODEL), enable=[])


@pytest.fixture(scope="module")
def cut() -> Language:
    return bounded(spacy.load(model_path(DEFAULT_MODEL), enable=[]))


def read(nlp: Language, text: str) -> list[tuple[str, str, int]]:
    doc = nlp.make_doc(text)
    assert doc.text == text
    return [(token.text, token.whitespace_, int(doc.to_array(NORM)[token.i])) for token in doc]


@pytest.mark.long
@pytest.mark.parametrize("piece", ["_", "x", "a:", "::", "https://example.org/?a=b&"])
def test_a_word_as_long_as_the_longest_is_read_whole(plain, cut, piece) -> None:
    word = (piece * LONGEST)[:LONGEST]
    text = f"{AROUND[0]}{word}{AROUND[1]}"
    assert read(cut, text) == read(plain, text)


@pytest.mark.parametrize("length", [LONGEST + 1, 3 * LONGEST, 3 * LONGEST + 7])
def test_a_longer_one_is_cut_and_nothing_around_it_is_read_otherwise(plain, cut, length) -> None:
    text = f"{AROUND[0]}{'x' * length}{AROUND[1]}"
    pieces = ["x" * min(LONGEST, length - at) for at in range(0, length, LONGEST)]
    expected = read(plain, text)
    at = next(number for number, (word, *_) in enumerate(expected) if word == "x" * length)
    found = read(cut, text)
    assert found[:at] == expected[:at]
    assert [word for word, *_ in found[at : at + len(pieces)]] == pieces
    assert [space for _, space, _ in found[at : at + len(pieces)]] == [
        *[""] * (len(pieces) - 1),
        expected[at][1],
    ]
    assert found[at + len(pieces) :] == expected[at + 1 :]
