"""A package is written and read alike."""

from random import Random

import numpy as np
import pytest

from finder_training.encoder_file import EncoderFile
from finder_training.package import hashed_lists, write_encoder, write_package
from finder_training.vocabulary import Vocabulary
from lacuna.redaction.name_model.encoder import Encoder, read_encoder
from lacuna.redaction.name_model.listed_words import InLists
from lacuna.redaction.name_model.weights import read_weights
from tests.models.names.encoder_files import encoder_bytes, packed
from tests.redaction.name_model.made_up_weights import (
    ENCODED,
    INNER,
    PIECES,
    made_up_encoder,
    made_up_weights,
)


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


def _encoder_file(path):
    """Write a file of which a first layer and the vectors of pieces are taken."""
    rng = Random(3)

    def drawn(rows, columns):
        blocks = rows * columns // 32
        return b"".join(packed(rng.choices(range(-8, 8), k=32), 0.0625) for _ in range(blocks))

    known = ["<s>", "<pad>", "</s>", *PIECES]
    tensors = {"emb.word": drawn(len(known), ENCODED)}
    for name, rows, columns in (
        *((part, ENCODED, ENCODED) for part in ("q", "k", "v", "ao")),
        ("fi", INNER, ENCODED),
        ("fo", ENCODED, INNER),
    ):
        tensors[f"l0.{name}.w"] = drawn(rows, columns)
    path.write_bytes(encoder_bytes(tensors, pieces=known, width=ENCODED, inner=INNER))
    return EncoderFile(path)


def test_an_encoder_is_written_with_the_layers_that_were_not_trained_as_they_were(tmp_path):
    file = _encoder_file(tmp_path / "encoder.bin")
    vocabulary = Vocabulary(PIECES, np.linspace(-1, -3, len(PIECES)), np.zeros((1, 1)), 0)
    weights, _ = made_up_encoder()
    # So that the 8 bits of the second layer change little.
    lines = ("layers.1.all", "layers.1.out", "layers.1.up", "layers.1.down")
    weights = {n: v / 4 if n.startswith(lines) else v for n, v in weights.items()}
    write_encoder(tmp_path / "encoder.npz", weights, file, vocabulary, frozen=1)
    read = read_encoder(tmp_path / "encoder.npz", vocabulary.cutter())

    kept = [file.matrix(f"l0.{part}.w", ENCODED) for part in ("q", "k", "v", "ao", "fi")]
    expected = weights | {
        "layers.0.all.weight": np.concatenate(kept[:3]),
        "layers.0.out.weight": kept[3],
        "layers.0.up.weight": kept[4],
        "layers.0.down.weight": file.matrix("l0.fo.w", INNER),
    }
    special, own = np.split(file.blocks("emb.word", ENCODED), [3])
    encoder = Encoder(expected, np.concatenate([own, special]), vocabulary.cutter())
    row = ["ada", "told", "ben"], [1, 1, 2]
    (found,), (wanted,) = read.scores([row]), encoder.scores([row])
    assert np.abs(np.exp(found) - np.exp(wanted)).max() < 0.02
    (other,) = Encoder(*made_up_encoder(), vocabulary.cutter()).scores([row])
    assert np.abs(np.exp(found) - np.exp(other)).max() > 0.1
