"""Weights by chance, small enough to be computed by hand."""

import numpy as np

from lacuna.redaction.name_model.text_words import SHAPES, TAGS
from lacuna.redaction.name_model.word_features import FLAGS, HASHED

WIDTH, VECTOR, TABLE, LAYERS = 8, 4, 2, 3
ENCODED, INNER, ENCODER_LAYERS, HEADS = 96, 64, 2, 12
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


def made_up_encoder():
    """Return matrices and vectors by name, and the packed vectors of the pieces."""
    rng = np.random.default_rng(2)

    def drawn(*size):
        return rng.normal(0, 0.3, size).astype(np.float32)

    weights = {"places.weight": drawn(512, ENCODED), "shapes.weight": drawn(SHAPES, 16)}
    lines = {"head.1": (2 * ENCODED + 16, 24), "head.4": (24, len(TAGS))}
    norms = ["norm"]
    for number in range(ENCODER_LAYERS):
        name = f"layers.{number}"
        lines |= {f"{name}.all": (ENCODED, 3 * ENCODED), f"{name}.out": (ENCODED, ENCODED)}
        lines |= {f"{name}.up": (ENCODED, INNER), f"{name}.down": (INNER, ENCODED)}
        norms += [f"{name}.norm", f"{name}.last_norm"]
    for name, (size, count) in lines.items():
        weights |= {f"{name}.weight": drawn(count, size), f"{name}.bias": drawn(count)}
    for name in norms:
        weights |= {f"{name}.weight": 1 + drawn(ENCODED), f"{name}.bias": drawn(ENCODED)}
    scale = np.full((len(PIECES) + 3, ENCODED // 32, 1), 0.05, np.float16).view(np.uint8)
    bits = rng.integers(0, 256, (len(PIECES) + 3, ENCODED // 32, 16), np.uint8)
    return weights, np.concatenate([scale, bits], 2).reshape(len(PIECES) + 3, -1)
