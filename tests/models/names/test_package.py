"""A package is written and read alike, and numpy alone finds names with it."""

import numpy as np
import pytest

from finder_training.finder import Finder
from finder_training.package import hashed_lists, read_package, write_package
from finder_training.vocabulary import Vocabulary
from finder_training.word_features import FLAGS, HASHED, LISTED_AT
from finder_training.word_lists import Listed
from finder_training.words import TAGS, Gap

WIDTH, VECTOR, TABLE, LAYERS = 8, 4, 2, 3
PIECES = ["<unk>", "\u2581", "\u2581ada", *"abcdenortwz"]


def _weights():
    rng = np.random.default_rng(1)

    def drawn(*size):
        return rng.normal(0, 0.5, size).astype(np.float32)

    given = 3 * VECTOR + (len(HASHED) - 1) * TABLE + FLAGS
    lines = {"mix": (given, 3), "mix_again": (WIDTH, 3)}
    lines |= {f"layers.{number}": (3 * WIDTH, 2) for number in range(LAYERS)}
    weights = {"vectors.weight": drawn(len(PIECES) + 1, VECTOR)}
    weights["vectors.weight"][-1] = 0
    weights |= {f"hashed.{at}.weight": drawn(rows, TABLE) for at, rows in enumerate(HASHED)}
    for name, (size, pieces) in lines.items():
        weights |= {f"{name}.line.weight": drawn(WIDTH * pieces, size)}
        weights |= {f"{name}.line.bias": drawn(WIDTH * pieces)}
        weights |= {f"{name}.norm.weight": drawn(WIDTH), f"{name}.norm.bias": drawn(WIDTH)}
    for name, size in (("broad", WIDTH), ("out", len(TAGS))):
        weights |= {f"{name}.weight": drawn(size, WIDTH), f"{name}.bias": drawn(size)}
    return weights


@pytest.fixture(scope="module")
def weights():
    return _weights()


@pytest.fixture(scope="module")
def package(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "finder.npz"
    scores = np.linspace(-1, -3, len(PIECES), dtype=np.float32)
    vocabulary = Vocabulary(PIECES, scores, weights["vectors.weight"][:-1], 0)
    lists = hashed_lists({"ada": Listed.GIVEN, "nowak": Listed.SURNAME | Listed.OFTEN})
    write_package(path, weights, vocabulary, lists)
    return read_package(path)


def test_weights_are_read_nearly_as_they_were(package, weights):
    assert package.weights.keys() == weights.keys()
    for name, values in weights.items():
        assert np.abs(package.weights[name] - values).max() < 0.02


def test_lists_are_asked_by_folded_words(package):
    assert package.lists.of("ADÁ") == Listed.GIVEN
    assert package.lists.of("Nowak") == Listed.SURNAME | Listed.OFTEN
    assert package.lists.of("Meier") == Listed(0)


def test_pieces_are_cut_alike(package):
    assert package.pieces.cut("ada", begins=True) == (2,)
    assert package.pieces.cut("ada", begins=False) == (3, 6, 3)


def test_a_far_word_counts_through_the_whole_sentence_alone(package):
    finder = Finder(package)
    words = ["ada"] + ["no"] * 20
    gaps = [Gap.BLANK] * len(words)
    scores = finder.scores(words, gaps)
    other = finder.scores([*words[:-1], "wed"], gaps)
    assert scores.shape == (21, len(TAGS))
    assert not np.allclose(scores, other, atol=1e-4)
    finder._weights = {**package.weights, "broad.weight": np.zeros((WIDTH, WIDTH), np.float32)}
    near, far = finder.scores(words, gaps), finder.scores([*words[:-1], "wed"], gaps)
    assert np.allclose(near[: -LAYERS - 1], far[: -LAYERS - 1], atol=1e-5)
    assert not np.allclose(near[-LAYERS - 1 :], far[-LAYERS - 1 :], atol=1e-4)


def test_a_list_changes_what_is_thought_of_a_word(package):
    weights = dict(package.weights)
    mixed = weights["mix.line.weight"].copy()
    start = mixed.shape[1] - FLAGS
    mixed[:, start + LISTED_AT : start + LISTED_AT + len(Listed)] = 0
    deaf = Finder(package)
    deaf._weights = {**weights, "mix.line.weight": mixed}
    given = ["ada", "row"], [Gap.BLANK, Gap.BLANK]
    assert not np.allclose(Finder(package).scores(*given), deaf.scores(*given), atol=1e-4)


def test_marks_stand_in_the_text(package):
    text = "ada nowak,\ntold ben"
    for start, end, kind in Finder(package).marks(text):
        assert text[start:end].strip() == text[start:end] != ""
        assert kind in ("PER", "LOC", "ORG")
    assert Finder(package).marks("") == []
