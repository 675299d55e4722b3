"""Weights fitted to examples: a regression with one output for each language."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from lacuna.redaction.languages.letter_weights import F32, ROWS, hashed_runs

__all__ = ["Fitting", "fitted"]

_TEXTS_AT_ONCE = 4000
_BATCH = 512
_RATE = 0.5
_LAST_RATE = 0.1
_DECAY = 1e-7
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fitting:
    """How the weights are fitted.

    Attributes:
        epochs: how often each example is seen.
    """

    epochs: int
    seed: int


def fitted(
    texts: Sequence[str], labels: npt.NDArray[np.int64], fitting: Fitting
) -> dict[str, npt.NDArray[np.generic]]:
    """Return `weights` (int8, ROWS by labels), their `scale`, and `bias`, by Adagrad."""
    runs, count = _matrix(texts), int(labels.max()) + 1
    weights = np.zeros((ROWS, count), np.float32)
    squares = np.full_like(weights, 1e-4)
    bias = np.zeros(count, np.float32)
    rng = np.random.default_rng(fitting.seed)
    for epoch in range(fitting.epochs):
        rate = _RATE + (_LAST_RATE - _RATE) * epoch / max(1, fitting.epochs - 1)
        order = rng.permutation(len(labels))
        loss = 0.0
        for at in range(0, len(order), _BATCH):
            some = order[at : at + _BATCH]
            errors = _probabilities(runs[some] @ weights + bias)
            right = np.arange(len(some)), labels[some]
            loss -= float(np.log(errors[right] + 1e-9).sum())
            errors[right] -= 1
            errors /= len(some)
            slope = runs[some].T @ errors + _DECAY * weights
            squares += slope * slope
            weights -= rate * slope / np.sqrt(squares)
            bias -= _LAST_RATE * errors.sum(0)
        _logger.info("epoch %d: loss %.4f", epoch, loss / len(labels))
    scale = np.array(np.abs(weights).max() / np.iinfo(np.int8).max)
    return {"weights": np.round(weights / scale).astype(np.int8), "scale": scale, "bias": bias}


def _probabilities(scores: F32) -> F32:
    powers: F32 = np.exp(scores - scores.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _matrix(texts: Sequence[str]) -> csr_matrix:
    """Return which runs each text has, scaled as in scores."""
    columns, values, counts = [], [], []
    for at in range(0, len(texts), _TEXTS_AT_ONCE):
        runs, sizes = hashed_runs(texts[at : at + _TEXTS_AT_ONCE])
        is_run = runs != ROWS
        of_text = np.add.reduceat(is_run.sum(axis=1), np.cumsum(sizes) - sizes)
        columns.append(runs[is_run])
        counts.append(of_text)
        values.append(np.repeat(1 / np.sqrt(sizes, dtype=np.float32), of_text))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    content = np.concatenate(values), np.concatenate(columns), starts
    return csr_matrix(content, shape=(len(texts), ROWS))
