"""Texts are scored by their runs of letters, each text by its own alone."""

import numpy as np
import pytest

from lacuna.redaction.languages.letter_weights import (
    LONGEST_RUN,
    NOTHING,
    ROWS,
    LetterWeights,
    hashed_runs,
    read_letter_weights,
)


def test_runs_are_of_one_to_four_letters_and_end_in_their_text() -> None:
    runs, sizes = hashed_runs(["ab", "ab"])
    assert sizes.tolist() == [4, 4]
    assert runs.shape == (8, LONGEST_RUN)
    assert (runs[:4] == runs[4:]).all()
    assert [(row != ROWS).sum() for row in runs[:4]] == [4, 3, 2, 1]
    # The blank before and behind is the same letter.
    assert runs[0, 0] == runs[3, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ab, cd!", "ab cd"),
        ("ab-12-cd", "ab cd"),
        ("AB CD \u4e2d\u6587", "ab cd"),
        ("caf\u00e9", "cafe\u0301"),
        ("", "  12 "),
        # Names within a sentence, but not the first word of one, nor capitals throughout.
        ("hej Łucja Østberg-Ek, tak", "hej -ek, tak"),
        ("Hej. Tak", "hej tak"),
        ("HEJ TAK", "hej tak"),
    ],
)
def test_case_marks_digits_and_other_alphabets_do_not_count(one: str, other: str) -> None:
    assert (hashed_runs([one])[0] == hashed_runs([other])[0]).all()


def test_a_surrogate_alone_is_no_letter() -> None:
    assert (hashed_runs(["a\ud800b"])[0] == hashed_runs(["a b"])[0]).all()


def test_a_score_is_the_sum_of_the_weights_over_the_root_of_the_letters_and_a_bias() -> None:
    (row,) = {int(run) for run in hashed_runs(["x"])[0][1, :1]}
    weights = np.zeros((ROWS, 2), np.int8)
    weights[row] = (3, -1)
    arrays = {
        "languages": np.array(["da", NOTHING]),
        "weights": weights,
        "scale": np.array(0.5),
        "bias": np.array([0.25, 0]),
    }
    scores = LetterWeights(arrays).scores(["x", "xx xx"])
    assert scores == pytest.approx(
        np.array([[1.5 / 3**0.5 + 0.25, -0.5 / 3**0.5], [6 / 7**0.5 + 0.25, -2 / 7**0.5]])
    )


def test_the_weights_that_come_along_are_of_twelve_languages_and_of_nothing() -> None:
    languages = read_letter_weights().languages
    assert len(languages) == len(set(languages)) == 13
    assert languages[-1] == NOTHING
