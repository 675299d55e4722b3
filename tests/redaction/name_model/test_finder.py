"""The finder computes what the network says, for many texts as for one."""

from collections import Counter
from random import Random

import numpy as np
import pytest

from lacuna.redaction.name_model.encoder import Encoder
from lacuna.redaction.name_model.finder import LEANING, Finder
from lacuna.redaction.name_model.listed_words import HashedLists
from lacuna.redaction.name_model.segments import segments
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.tag_rows import best_rows, runs_of
from lacuna.redaction.name_model.text_words import TAGS, Gap, gaps, split
from lacuna.redaction.name_model.weights import Packed, Weights
from lacuna.redaction.name_model.word_features import HASHED, WordTable
from tests.redaction.name_model.made_up_weights import (
    LAYERS,
    PIECES,
    WIDTH,
    made_up_encoder,
    made_up_weights,
)

TEXTS = [
    "ada told ben, and zoe",
    "",
    "  \n ",
    "no\n\nada n0 row",
    "cab roz wet ten " * 100,
    "ada ... ben! or Roz, 12 " * 40,
    "Z\u0142oty e\u0301t\u00e9 \ufdfa \U0001f600 x",
    "ada",
]


def _packed(values):
    scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-6).astype(np.float16)
    return Packed(np.rint(values / scale).clip(-127, 127).astype(np.int8), scale)


@pytest.fixture(scope="module")
def weights():
    given = made_up_weights()
    # So that the words decide, not the shifts.
    given = {
        n: v / 8 if n.endswith("bias") or n.startswith("broad") else v for n, v in given.items()
    }
    given["out.weight"] *= 4
    tables = {n: _packed(v) for n, v in given.items() if n.startswith(("vectors", "hashed"))}
    matrices = {n: v for n, v in given.items() if n not in tables}
    lists = HashedLists(np.array([], np.uint32), np.array([], np.uint8))
    return Weights(
        Pieces(PIECES, np.linspace(-1, -3, len(PIECES)).tolist(), 0), lists, tables, matrices
    )


def _plain_scores(weights, words, before):
    """Compute one segment word by word, in double precision."""
    none = len(weights.tables["vectors.weight"].values) - 1
    table = WordTable(weights.pieces, weights.lists, none)
    rows = table.rows(words, before)
    states = np.array([_own(weights, none, table, row) for row in rows])
    for layer in range(LAYERS):
        edge = np.zeros((1, WIDTH))
        wide = np.concatenate([edge, states, edge])
        near = [np.concatenate(wide[at : at + 3]) for at in range(len(rows))]
        states = states + np.array([_maxout(weights, f"layers.{layer}", one) for one in near])
        if layer == 1:
            states = states + _line(weights, "broad", states.mean(0))
    return np.array([_line(weights, "out", one) for one in states])


def _own(weights, none, table, row):
    pieces, hashed, flags = (one[0] for one in table.features(np.array([row])))
    vectors = weights.tables["vectors.weight"].rows(pieces[pieces != none])
    tables = [weights.tables[f"hashed.{at}.weight"].rows(hashed[at]) for at in range(len(HASHED))]
    mean = vectors.sum(0) / np.sqrt(len(vectors))
    given = [mean, vectors[0], vectors[-1], tables[0] + tables[1], *tables[2:], flags]
    mixed = _maxout(weights, "mix", np.concatenate(given))
    return mixed + _maxout(weights, "mix_again", mixed)


def _maxout(weights, name, given):
    best = _line(weights, f"{name}.line", given).reshape(WIDTH, -1).max(1)
    best = (best - best.mean()) / np.sqrt(best.var() + 1e-5)
    return best * weights.matrices[f"{name}.norm.weight"] + weights.matrices[f"{name}.norm.bias"]


def _line(weights, name, given):
    return (
        weights.matrices[f"{name}.weight"].astype(float) @ given + weights.matrices[f"{name}.bias"]
    )


def _expected(weights, text):
    at = split(text)
    before = gaps(text, at)
    words = [text[start:end] for start, end in at]
    found = []
    for first, last in segments(words, before):
        scores = _plain_scores(weights, words[first:last], before[first:last])
        begins = np.array([gap == Gap.LINE_END for gap in before[first:last]])
        tags = best_rows((scores + LEANING)[None].astype(np.float32), begins[None])[0].tolist()
        likely = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        for start, end, kind in runs_of(tags):
            tag = TAGS.index(f"B-{kind}")
            sure = likely[start:end, tag : tag + 2].sum(1).min()
            found.append((at[first + start][0], at[first + end - 1][1], kind, sure))
    return found


def _places(found):
    return [one[:3] for one in found]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_names_that_the_network_says(weights, text):
    (found,) = Finder(weights).find([text])
    expected = _expected(weights, text)
    assert [one[:3] for one in found] == [one[:3] for one in expected]
    assert [one.sure for one in found] == pytest.approx([one[3] for one in expected], abs=1e-3)


def test_the_sample_has_names_of_several_kinds(weights):
    kinds = Counter(one.kind for found in Finder(weights).find(TEXTS) for one in found)
    assert len(kinds) > 1
    assert kinds.total() > 20


@pytest.mark.thorough
def test_texts_read_together_are_read_as_each_alone(weights):
    rng = Random(1)
    texts = [rng.choice(TEXTS) + "no " * rng.randrange(90) + rng.choice(TEXTS) for _ in range(120)]
    together = Finder(weights).find(texts)
    alone = [Finder(weights).find([text])[0] for text in texts]
    assert [_places(found) for found in together] == [_places(found) for found in alone]


def test_words_that_were_forgotten_are_learnt_again(weights, monkeypatch):
    finder = Finder(weights)
    monkeypatch.setattr("lacuna.redaction.name_model.finder._WORDS_REMEMBERED", 3)
    again = [finder.find([text])[0] for text in (*TEXTS, *TEXTS)]
    assert [_places(found) for found in again] == 2 * [
        _places(one) for one in Finder(weights).find(TEXTS)
    ]


@pytest.fixture(scope="module")
def encoder(weights):
    return Encoder(*made_up_encoder(), weights.pieces)


def test_unsure_words_have_the_scores_of_both(weights, encoder):
    text = "ada told ben, and zoe"
    at = split(text)
    words, before = [text[start:end] for start, end in at], gaps(text, at)
    own = _plain_scores(weights, words, before)
    own -= np.log(np.exp(own).sum(1, keepdims=True))
    person = np.exp(own[:, 1:3]).sum(1)
    assert ((person > 0.2) & (person < 0.8)).any()
    both = (2 * encoder.scores([(words, before)])[0] + own) / 3
    tags = best_rows((both + LEANING)[None].astype(np.float32), np.zeros((1, len(at)), bool))[0]
    expected = [(at[a][0], at[b - 1][1], kind) for a, b, kind in runs_of(tags.tolist())]
    (found,) = Finder(weights, lambda: encoder).find([text])
    assert [one[:3] for one in found] == expected
    assert found != Finder(weights).find([text])[0]


def test_with_an_encoder_texts_together_are_read_as_each_alone(weights, encoder):
    rng = Random(1)
    texts = [rng.choice(TEXTS) + "no " * rng.randrange(90) + rng.choice(TEXTS) for _ in range(60)]
    together = Finder(weights, lambda: encoder).find(texts)
    alone = [Finder(weights, lambda: encoder).find([text])[0] for text in texts]
    assert [_places(found) for found in together] == [_places(found) for found in alone]


def test_an_encoder_that_is_not_needed_is_not_loaded(weights, encoder):
    loaded = []
    finder = Finder(weights, lambda: loaded.append(1) or encoder)
    finder.find([""])
    assert loaded == []
    finder.find(TEXTS)
    finder.find(["ada told ben"])
    assert loaded == [1]


def test_of_a_long_text_so_many_pieces_are_read_again_and_no_more(weights, encoder, monkeypatch):
    monkeypatch.setattr("lacuna.redaction.name_model.finder._READ_AGAIN_AT_LEAST", 900)
    monkeypatch.setattr("lacuna.redaction.name_model.finder._LETTERS_TO_PIECE", 1 << 20)
    words = ["ada", "told", "ben", "and", "zoe", "cab", "roz"]
    rng = Random(2)
    text, other = (
        " ".join(rng.choice(words) + rng.choice("abcdenortwz") for _ in range(3000)) for _ in "ab"
    )
    read = []

    class Noting(Encoder):
        def scores(self, rows):
            read.append(sum(len(self._pieces.cut(w, begins=True)) for row in rows for w in row[0]))
            return super().scores(rows)

    noting = Noting(*made_up_encoder(), weights.pieces)
    (alone,) = Finder(weights, lambda: noting).find([text])
    assert 0 < sum(read) <= 900
    read.clear()
    together = Finder(weights, lambda: noting).find([other, "ada", text])
    assert _places(together[2]) == _places(alone)
    assert 900 < sum(read) <= 1810
