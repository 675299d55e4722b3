"""The best row of tags for each segment, and the names that it means."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.text_words import KINDS, TAGS

__all__ = ["best_rows", "runs_of"]

F32 = npt.NDArray[np.float32]
_NEVER = -1e9
# An inner tag comes only behind the first or another inner tag of its kind.
_STEPS = np.zeros((len(TAGS), len(TAGS)), np.float32)
for _inner in range(2, len(TAGS), 2):
    _STEPS[:, _inner] = _NEVER
    _STEPS[_inner - 1 : _inner + 1, _inner] = 0
_FIRST = np.array([_NEVER if tag.startswith("I-") else 0 for tag in TAGS], np.float32)


def best_rows(scores: F32, begins: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the best valid tags [rows, words] of many rows at once.

    Args:
        scores: [rows, words, tags]; behind a row's end let no tag but the first score.
        begins: [rows, words]: the word begins a line.
    """
    count, size, tags = scores.shape
    came = np.zeros((size, count, tags), np.int8)
    best = scores[:, 0] + _FIRST
    every = np.arange(count)
    for at in range(1, size):
        ways = best[:, :, None] + _STEPS
        came[at] = ways.argmax(1)
        best = ways.max(1) + scores[:, at] + np.where(begins[:, at, None], _FIRST, 0)
    found = np.zeros((count, size), np.int64)
    found[:, -1] = best.argmax(1)
    for at in range(size - 1, 0, -1):
        found[:, at - 1] = came[at][every, found[:, at]]
    return found


def runs_of(tags: Sequence[int]) -> list[tuple[int, int, str]]:
    """Return the names that valid tags mean: the first word, the one behind the last, the kind."""
    found: list[tuple[int, int, str]] = []
    for at, tag in enumerate(tags):
        if tag % 2:
            found.append((at, at + 1, KINDS[tag // 2]))
        elif tag:
            found[-1] = (found[-1][0], at + 1, found[-1][2])
    return found
