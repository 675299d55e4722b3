"""Weights by chance, small enough to be computed by hand."""

import numpy as np

from lacuna.redaction.name_model.text_words import TAGS
from lacuna.redaction.name_model.word_features import FLAGS, HASHED

WIDTH, VECTOR, TABLE, LAYERS = 8, 4, 2, 3
PIECES = ["<unk>", "\u2581", "\u2581ada", *"abcdenortwz"]


def made_up_weights():
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
