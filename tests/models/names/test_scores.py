"""Scores become marks, and marks are compared with the gold."""

from itertools import pairwise

import numpy as np
import pytest

from finder_training.scores import best_tags, figures, marks_of
from finder_training.sentences import ANY, NO_PERSON, sentence
from lacuna.redaction.name_model.text_words import TAGS, Gap


def _scores(*tags):
    found = np.full((len(tags), len(TAGS)), -5.0, np.float32)
    for at, tag in enumerate(tags):
        found[at, TAGS.index(tag)] = 0
    return found


def test_an_inner_tag_never_begins_a_mark():
    tags = [TAGS[tag] for tag in best_tags(_scores("O", "I-PER", "I-PER", "O"), [Gap.BLANK] * 4)]
    assert tags != ["O", "I-PER", "I-PER", "O"]
    assert all(before != "O" for before, tag in pairwise(tags) if tag[0] == "I")


def test_no_mark_goes_beyond_its_line():
    scores = _scores("B-PER", "I-PER", "I-PER")
    same = [TAGS[tag] for tag in best_tags(scores, [Gap.BLANK] * 3)]
    cut = [TAGS[tag] for tag in best_tags(scores, [Gap.BLANK, Gap.BLANK, Gap.LINE_END])]
    assert same == ["B-PER", "I-PER", "I-PER"]
    assert cut[:2] == same[:2]
    assert cut[2] != "I-PER"


def test_marks_cover_their_words():
    at = [(0, 3), (4, 9), (10, 14)]
    tags = [TAGS.index(tag) for tag in ("B-PER", "I-PER", "B-LOC")]
    assert marks_of(tags, at) == [(0, 9, "PER"), (10, 14, "LOC")]


def test_rates_count_equal_and_overlapping_marks():
    one = sentence("en", "made-up", "Ada Nowak met Bo", [(0, 9, "PER"), (14, 16, "PER")])
    read = lambda part: [_scores("B-PER", "O", "O", "B-PER") for _ in part]  # noqa: E731
    rates = figures(read, {"made-up": [one]})["made-up"]["PER"]
    assert rates == {
        "recall": 0.5,
        "precision": 0.5,
        "overlap_recall": 1,
        "overlap_precision": 1,
    }


@pytest.mark.parametrize(
    ("source", "text", "allowed"),
    [
        ("made-up", "Bo met Ada", (2, 1, 1)),
        ("uner-snk", "Bo met Ada", (2, 1, NO_PERSON)),
        ("broad-twitter", "Bo @Ada hi", (2, ANY, ANY, 1)),
    ],
)
def test_what_a_source_does_not_mark_stays_open(source, text, allowed):
    assert sentence("en", source, text, [(0, 2, "PER")]).allowed == allowed
