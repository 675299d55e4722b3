"""The loops of an encoder's layer that are no product of matrices: no Python objects, only arrays."""

import math

import numpy as np
import numpy.typing as npt

from lacuna.redaction.fast.compiled_loops import compiled

__all__ = ["bend", "settle"]

F32 = npt.NDArray[np.float32]
_STEPS_PER_UNIT = 256
_BEYOND = 6
_EPSILON = np.float32(1e-12)
# Gaussian error linear units (Hendrycks and Gimpel, 2016) at equal steps, straight between them:
# nowhere wrong by more than 2e-6, as the last bits of half-precision weights are.
_BENT = np.array(
    [
        step / _STEPS_PER_UNIT * (1 + math.erf(step / _STEPS_PER_UNIT / math.sqrt(2))) / 2
        for step in range(-_BEYOND * _STEPS_PER_UNIT, _BEYOND * _STEPS_PER_UNIT + 2)
    ],
    np.float32,
)


def bend(values: F32, bias: F32) -> None:
    """Add a bias to the rows of `values` and put GELU of the sums in their place."""
    _bend(values, bias, _BENT)


@compiled
def _bend(values: F32, bias: F32, bent: F32) -> None:
    count, width = values.shape
    beyond, steps = np.float32(_BEYOND), np.float32(_STEPS_PER_UNIT)
    for row in range(count):
        for j in range(width):
            value = values[row, j] + bias[j]
            inside = min(max(value, -beyond), beyond)
            place = (inside + beyond) * steps
            step = int(place)
            part = place - np.float32(step)
            low = bent[step]
            values[row, j] = (
                low
                + part * (bent[step + 1] - low)
                + (value - inside) * (np.float32(1) if value > beyond else np.float32(0))
            )


@compiled
def settle(states: F32, more: F32, bias: F32, gain: F32, shift: F32) -> None:
    """Add `more` and a bias to the rows of `states`, and layer norm."""
    count, width = states.shape
    for row in range(count):
        mean = np.float32(0)
        for j in range(width):
            states[row, j] += more[row, j] + bias[j]
            mean += states[row, j]
        mean /= np.float32(width)
        spread = np.float32(0)
        for j in range(width):
            states[row, j] -= mean
            spread += states[row, j] * states[row, j]
        scale = np.float32(1) / np.sqrt(spread / np.float32(width) + _EPSILON)
        for j in range(width):
            states[row, j] = states[row, j] * scale * gain[j] + shift[j]
