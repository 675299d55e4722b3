"""Texts are cut into words, and words into pieces, alike in training and in use."""

import pytest

from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import Gap, folded, gaps, shape, split


def _words(text):
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anne-Marie Müller's", ["Anne", "-", "Marie", "Müller", "'", "s"]),
        ("J.Nowak@example.org", ["J", ".", "Nowak", "@", "example", ".", "org"]),
        ("A12 b_c", ["A", "12", "b", "_", "c"]),
        ("Jose\u0301 \n", ["Jose\u0301"]),
        ("", []),
    ],
)
def test_letters_digits_and_signs_are_words(text, words):
    assert _words(text) == words


def test_what_stands_before_a_word_is_told():
    text = "Best,\nAda!"
    assert gaps(text, split(text)) == [Gap.BLANK, Gap.NOTHING, Gap.LINE_END, Gap.NOTHING]


def test_looks_differ():
    looks = ["7", ".", "-", "@", "(", "A", "a", "ada", "ADA", "Ada", "McA"]
    assert [shape(word) for word in looks] == list(range(1, 12))


def test_marks_and_case_are_folded():
    assert folded("ŽİVKO\u0301") == folded("zivko")


def test_the_best_pieces_are_chosen():
    pieces = Pieces(["<unk>", "\u2581", "a", "b", "ab", "\u2581ab"], [0, -3, -2, -2, -3, -4], 0)
    assert pieces.cut("ab", begins=True) == (5,)
    assert pieces.cut("ab", begins=False) == (4,)
    assert pieces.cut("ba", begins=False) == (3, 2)
    assert pieces.cut("axb", begins=False) == (2, 0, 3)
