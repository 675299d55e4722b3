"""A package is written and read alike."""

import numpy as np
import pytest

from finder_training.package import hashed_lists, write_package
from finder_training.vocabulary import Vocabulary
from lacuna.redaction.name_model.listed_words import InLists
from lacuna.redaction.name_model.weights import read_weights
from tests.redaction.name_model.made_up_weights import PIECES, made_up_weights


@pytest.fixture(scope="module")
def given():
    return made_up_weights()


@pytest.fixture(scope="module")
def package(given, tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "finder.npz"
    scores = np.linspace(-1, -3, len(PIECES), dtype=np.float32)
    vocabulary = Vocabulary(PIECES, scores, given["vectors.weight"][:-1], 0)
    lists = hashed_lists({"ada": InLists.GIVEN, "nowak": InLists.SURNAME | InLists.OFTEN})
    write_package(path, given, vocabulary, lists)
    return read_weights(path)


def test_weights_are_read_nearly_as_they_were(package, given):
    assert {*package.tables, *package.matrices} == given.keys()
    for name, values in package.matrices.items():
        assert np.abs(values - given[name]).max() < 0.02
    for name, table in package.tables.items():
        rows = table.rows(np.arange(len(given[name])))
        assert np.abs(rows - given[name]).max() < 0.02


def test_lists_are_asked_by_folded_words(package):
    assert package.lists.of("ADÁ") == InLists.GIVEN
    assert package.lists.of("Nowak") == InLists.SURNAME | InLists.OFTEN
    assert package.lists.of("Meier") == InLists(0)


def test_pieces_are_cut_alike(package):
    assert package.pieces.cut("ada", begins=True) == (2,)
    assert package.pieces.cut("ada", begins=False) == (3, 6, 3)
