"""What the finder sees of a word: each word once, its lists, its look, what stands before it."""

import numpy as np
import pytest

from lacuna.redaction.name_model.listed_words import InLists
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import Gap
from lacuna.redaction.name_model.word_features import LISTED_AT, MOST_PIECES, WordTable

NONE = 4


class _Lists:
    def of(self, word):
        return {"ada": InLists.GIVEN | InLists.OFTEN, "the": InLists.COMMON}.get(word, InLists(0))


@pytest.fixture
def table():
    return WordTable(Pieces(["<unk>", "a", "d", "ada"], [0, -1, -1, -1], 0), _Lists(), NONE)


def test_a_word_has_one_row_and_another_behind_another_gap(table):
    rows = table.rows(["ada", "ada", "ada"], [Gap.BLANK, Gap.NOTHING, Gap.BLANK])
    assert rows == [1, 2, 1]
    table.clear()
    assert table.rows(["the"], [Gap.BLANK]) == [1]


def test_lists_are_flags(table):
    rows = table.rows(["ada", "the", "zoe"], [Gap.BLANK] * 3)
    *_, flags = table.features(np.array(rows))
    listed = flags[:, LISTED_AT : LISTED_AT + len(InLists)]
    assert listed.tolist() == [[1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_long_word_keeps_its_first_and_last_pieces(table):
    (row,) = table.rows(["aaaaad"], [Gap.NOTHING])
    (pieces, *_) = table.features(np.array([row]))
    assert pieces[0].tolist() == [1, 1, 1, 1, 1, 2]
    (row,) = table.rows(["daaaaaad"], [Gap.NOTHING])
    (pieces, *_) = table.features(np.array([row]))
    assert pieces[0].tolist() == [2, 1, 1, 1, 1, 2]
    assert len(pieces[0]) == MOST_PIECES


def test_of_a_long_word_only_its_beginning_is_remembered(table):
    rows = table.rows(["a" * 5000, "a" * 5000 + "d", "a" * 64], [Gap.BLANK] * 3)
    assert rows == [1, 1, 1]
