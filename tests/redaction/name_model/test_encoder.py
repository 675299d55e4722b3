"""The encoder computes what the network says, and reads its file as it was written."""

import math
from random import Random

import numpy as np
import pytest

from lacuna.redaction.name_model.encoder import Encoder, piece_row, read_encoder, unpacked
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import Gap, gaps, shape, split
from lacuna.redaction.time_limits import OutOfTime, deadline
from tests.redaction.name_model.made_up_weights import (
    ENCODED,
    ENCODER_LAYERS,
    HEADS,
    PIECES,
    made_up_encoder,
)

TEXTS = [
    "ada told ben, and zoe",
    "no\n\nada n0 row",
    "ada",
    "Z\u0142oty e\u0301t\u00e9 \ufdfa \U0001f600 x",
    "cab roz wet ten " * 24,
]


@pytest.fixture(scope="module")
def pieces():
    return Pieces(PIECES, np.linspace(-1, -3, len(PIECES)).tolist(), 0)


@pytest.fixture(scope="module")
def encoder(pieces):
    return Encoder(*made_up_encoder(), pieces)


def _row(text):
    at = split(text)
    return [text[start:end] for start, end in at], gaps(text, at)


def _plain_scores(pieces, words, before):
    """Compute one row piece by piece, in double precision."""
    weights, blocks = made_up_encoder()
    numbers, places = piece_row(words, before, pieces, len(PIECES))

    def line(name, given):
        return given @ weights[f"{name}.weight"].astype(float).T + weights[f"{name}.bias"]

    def settled(name, given):
        middle = given - given.mean(1, keepdims=True)
        spread = np.sqrt((middle**2).mean(1, keepdims=True))
        return middle / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def bent(given):
        return given * (1 + np.vectorize(math.erf)(given / math.sqrt(2))) / 2

    states = unpacked(blocks)[numbers].astype(float) + weights["places.weight"][: len(numbers)]
    states = settled("norm", states)
    for layer in range(ENCODER_LAYERS):
        name = f"layers.{layer}"
        asks, keys, says = np.split(line(f"{name}.all", states), 3, axis=1)
        size = ENCODED // HEADS
        seen = np.empty_like(states)
        for head in range(HEADS):
            own = slice(head * size, (head + 1) * size)
            likely = np.exp(asks[:, own] @ keys[:, own].T / math.sqrt(size))
            seen[:, own] = likely / likely.sum(1, keepdims=True) @ says[:, own]
        states = settled(f"{name}.norm", states + line(f"{name}.out", seen))
        thought = line(f"{name}.down", bent(line(f"{name}.up", states)))
        states = settled(f"{name}.last_norm", states + thought)
    first, last = np.array(places).T
    looks = weights["shapes.weight"][[shape(word) for word in words]]
    scores = line("head.4", bent(line("head.1", np.hstack([states[first], states[last], looks]))))
    return scores - np.log(np.exp(scores).sum(1, keepdims=True))


@pytest.mark.parametrize("text", TEXTS)
def test_words_have_the_scores_that_the_network_says(encoder, pieces, text):
    (scores,) = encoder.scores([_row(text)])
    assert scores.shape == (len(_row(text)[0]), 7)
    assert np.abs(scores - _plain_scores(pieces, *_row(text))).max() < 1e-3


@pytest.mark.thorough
def test_rows_read_together_are_read_as_each_alone(encoder):
    rng = Random(1)
    rows = [_row(" ".join(rng.choices(TEXTS, k=rng.randrange(1, 4)))) for _ in range(40)]
    together = encoder.scores(rows)
    for row, scores in zip(rows, together, strict=True):
        assert np.abs(scores - encoder.scores([row])[0]).max() < 1e-4


def test_rows_are_not_read_beyond_the_time_of_their_batch(encoder):
    with deadline(0), pytest.raises(OutOfTime):
        encoder.scores([_row("ada")])


def test_a_line_end_and_a_blank_are_not_the_same(pieces):
    line_end, blank = ((("ada", "ben"), (Gap.BLANK, gap)) for gap in (Gap.LINE_END, Gap.BLANK))
    assert piece_row(*line_end, pieces, 99) != piece_row(*blank, pieces, 99)


def test_of_a_row_that_is_too_long_each_word_has_scores(encoder, pieces):
    words = ["bcdecdecdebcde"] * 100
    numbers, places = piece_row(words, [Gap.BLANK] * 100, pieces, 99)
    assert len(numbers) <= 512
    assert len(places) == 100
    (scores,) = encoder.scores([(words, [Gap.BLANK] * 100)])
    assert np.isfinite(scores).all()


def test_blocks_of_four_bits_are_read():
    numbers = [-8, 7, 0, 3] * 8
    low, high = numbers[:16], numbers[16:]
    bits = [(a + 8) | (b + 8) << 4 for a, b in zip(low, high, strict=True)]
    scale = np.array([0.25], np.float16).view(np.uint8)
    block = np.concatenate([scale, np.array(bits, np.uint8)])
    assert unpacked(block[None]).tolist() == [[number / 4 for number in numbers]]


def test_a_file_is_read_as_it_was_written(encoder, pieces, tmp_path):
    weights, blocks = made_up_encoder()
    arrays = {"pieces.blocks": blocks}
    for name, values in weights.items():
        if name == "layers.1.up.weight":
            scale = (np.abs(values).max(1, keepdims=True) / 127).astype(np.float16)
            arrays[f"{name}.packed"] = np.rint(values / scale).clip(-127, 127).astype(np.int8)
            arrays[f"{name}.scale"] = scale
        else:
            arrays[name] = values.astype(np.float16)
    np.savez(tmp_path / "encoder.npz", **arrays)
    read = read_encoder(tmp_path / "encoder.npz", pieces)
    for text in TEXTS:
        (one,), (other,) = encoder.scores([_row(text)]), read.scores([_row(text)])
        assert np.abs(np.exp(one) - np.exp(other)).max() < 0.02
