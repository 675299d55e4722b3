"""The loops of a layer over neighbors: no Python objects, only arrays.

Rows are in one array, a row of nothing between two segments. A tile is four rows in order; six
products make its four results where three each would be twelve.
Source: Winograd's minimal filtering F(4, 3), Lavin and Gray (2016).
"""

import numpy as np
import numpy.typing as npt

from lacuna.redaction.fast.compiled_loops import compiled

__all__ = ["SIDES", "TILE_ROWS", "add_results", "lay_sides", "transformed"]

F32 = npt.NDArray[np.float32]
TILE_ROWS = 4
SIDES = 6
_FILTERS = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)


def transformed(filters: F32) -> F32:
    """Return the six matrices [6, in, out] for the rows before, here and after [3, in, out]."""
    found = np.einsum("ij,jab->iab", np.array(_FILTERS), filters.astype(np.float64))
    return np.ascontiguousarray(found, np.float32)


@compiled
def lay_sides(rows: F32, first: int, tiles: int, out: F32) -> None:
    """Transform six neighboring rows per tile; what is before the first row or behind the last is nothing."""
    count, width = rows.shape
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    v = np.zeros((SIDES, width), np.float32)
    for t in range(tiles):
        row = first + TILE_ROWS * t - 1
        for i in range(SIDES):
            if 0 <= row + i < count:
                for j in range(width):
                    v[i, j] = rows[row + i, j]
            else:
                for j in range(width):
                    v[i, j] = np.float32(0)
        for j in range(width):
            a, b, c, d, e, f = v[0, j], v[1, j], v[2, j], v[3, j], v[4, j], v[5, j]
            out[0, t, j] = four * a - five * c + e
            out[1, t, j] = (e - four * c) + (d - four * b)
            out[2, t, j] = (e - four * c) - (d - four * b)
            out[3, t, j] = (e - c) + two * (d - b)
            out[4, t, j] = (e - c) - two * (d - b)
            out[5, t, j] = four * b - five * d + f


@compiled
def add_results(
    products: F32,
    first: int,
    tiles: int,
    bias: F32,
    gain: F32,
    shift: F32,
    epsilon: float,
    rows: F32,
    laid: npt.NDArray[np.int64],
    out: F32,
) -> None:
    """Turn the products of each tile into its rows: the larger of two, layer norm, residual.

    A row of nothing (`laid` 0) stays nothing.
    """
    count, width = rows.shape
    y = np.empty((TILE_ROWS, 2 * width), np.float32)
    two, four, eight = np.float32(2), np.float32(4), np.float32(8)
    for t in range(tiles):
        for j in range(2 * width):
            inner = products[1, t, j] + products[2, t, j]
            inner_odd = products[1, t, j] - products[2, t, j]
            outer = products[3, t, j] + products[4, t, j]
            outer_odd = products[3, t, j] - products[4, t, j]
            y[0, j] = products[0, t, j] + inner + outer + bias[j]
            y[1, j] = inner_odd + two * outer_odd + bias[j]
            y[2, j] = inner + four * outer + bias[j]
            y[3, j] = inner_odd + eight * outer_odd + products[5, t, j] + bias[j]
        for side in range(TILE_ROWS):
            row = first + TILE_ROWS * t + side
            if row >= count:
                break
            if laid[row] == 0:
                for j in range(width):
                    out[row, j] = np.float32(0)
                continue
            mean = np.float32(0)
            for j in range(width):
                y[side, j] = max(y[side, j], y[side, width + j])
                mean += y[side, j]
            mean /= np.float32(width)
            spread = np.float32(0)
            for j in range(width):
                y[side, j] -= mean
                spread += y[side, j] * y[side, j]
            scale = np.float32(1) / np.sqrt(spread / np.float32(width) + np.float32(epsilon))
            for j in range(width):
                out[row, j] = rows[row, j] + y[side, j] * scale * gain[j] + shift[j]
