"""The loops of the name finder between its 8-bit products.

Rows and texts as in `loops`. A quantized value is an unsigned byte: 128 stands for 0, and 1 to 255
for -127 to 127 steps of its channel. What does not fit, and what is no number, is noted: none of
these loops takes it for granted that values are finite.
"""

import numpy as np
import numpy.typing as npt

from pipelines.redaction.compiling import compiled_for_any_number
from pipelines.redaction.loops import HIDDEN, PAD, WIDTH

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint8]

ZERO = 128
"""The byte that stands for 0."""

MOST = 127
"""How many steps a byte holds in each direction."""

FITS, TOO_LARGE, NO_NUMBER = 0, 1, 2
"""What is noted of a row; of several notes the bits add up."""

_ZERO = np.float32(ZERO)
_MOST = np.float32(MOST)
_BEYOND = np.float32(MOST + 0.5)
_LARGEST = np.float32(3.4e38)
_TINY = np.float32(1e-8)


@compiled_for_any_number
def _quantize(row: F32, steps: F32, out: U8) -> int:
    """Write a row in steps; return what is to be noted of it."""
    beyond = 0
    for j in range(WIDTH):
        value = row[j] * steps[j]
        # Written so that what is no number does not fit.
        beyond |= not abs(value) < _BEYOND
        out[j] = np.uint8(np.int32(np.rint(min(max(value, -_MOST), _MOST)) + _ZERO))
    note = FITS
    if beyond:
        for j in range(WIDTH):
            if not abs(row[j]) < _LARGEST:
                note |= NO_NUMBER
            elif not abs(row[j] * steps[j]) < _BEYOND:
                note |= TOO_LARGE
    return note


@compiled_for_any_number
def quantize(rows: F32, count: int, steps: F32, out: U8, notes: U8) -> None:
    """Write rows in steps, of which `steps[channel]` make one, and add what is to be noted."""
    for i in range(count):
        notes[i] |= _quantize(rows[i], steps, out[i])


@compiled_for_any_number
def scale_products(products: I32, count: int, scale: F32, out: F32) -> None:
    """Write products as the numbers that they stand for."""
    for i in range(count):
        for j in range(scale.shape[0]):
            out[i, j] = np.float32(products[i, j]) * scale[j]


@compiled_for_any_number
def lay_rows(first_row: I32, layer: int, wanted: I32) -> int:
    """List the rows that a layer has to compute, and where each goes; return how many.

    The layers 2, 3 and 4 need two, one and no empty rows round each text; the last layer's
    result has no empty rows.
    """
    around = 4 - layer
    count = 0
    for text in range(first_row.shape[0] - 1):
        start = first_row[text]
        end = first_row[text + 1] - PAD
        if start == end:
            continue
        shift = PAD * (text + 1) if layer == 4 else 0
        for row in range(start - around, end + around):
            wanted[count, 0] = row
            wanted[count, 1] = row - shift
            count += 1
    return count


@compiled_for_any_number
def before_product(rows: U8, wanted: I32, start: int, count: int, out: U8) -> None:
    """Write each wanted row between the one before and the one after it."""
    for i in range(count):
        row = wanted[start + i, 0]
        for j in range(WIDTH):
            out[i, j] = rows[row - 1, j]
            out[i, WIDTH + j] = rows[row, j]
            out[i, 2 * WIDTH + j] = rows[row + 1, j]


@compiled_for_any_number
def after_product(
    products: I32,
    wanted: I32,
    start: int,
    count: int,
    scale: F32,
    bias: F32,
    gain: F32,
    shift: F32,
    rows: F32,
    out: F32,
    steps: F32,
    quantized: U8,
    notes: U8,
) -> None:
    """Turn products into rows (maxout, layer norm, residual), and write those in steps too."""
    v = np.empty(WIDTH, np.float32)
    for i in range(count):
        row = wanted[start + i, 0]
        to = wanted[start + i, 1]
        mean = np.float32(0)
        for j in range(WIDTH):
            k, m = WIDTH + j, 2 * WIDTH + j
            first = np.float32(products[i, j]) * scale[j] + bias[j]
            second = np.float32(products[i, k]) * scale[k] + bias[k]
            third = np.float32(products[i, m]) * scale[m] + bias[m]
            v[j] = max(max(first, second), third)
            mean += v[j]
        mean /= np.float32(WIDTH)
        spread = np.float32(0)
        for j in range(WIDTH):
            spread += (v[j] - mean) * (v[j] - mean)
        factor = np.float32(1) / np.sqrt(spread / np.float32(WIDTH) + _TINY)
        for j in range(WIDTH):
            out[to, j] = rows[row, j] + (v[j] - mean) * factor * gain[j] + shift[j]
        notes[row] |= _quantize(out[to], steps, quantized[to])


@compiled_for_any_number
def hidden_outside(products: I32, scale: F32, bias: F32, count: int, out: F32) -> None:
    """Compute the hidden layer of tokens that stand in no entity."""
    for i in range(count):
        for j in range(HIDDEN):
            k = 2 * j
            first = np.float32(products[i, k]) * scale[k] + bias[k]
            second = np.float32(products[i, k + 1]) * scale[k + 1] + bias[k + 1]
            out[i, j] = max(first, second)


@compiled_for_any_number
def notes_of_texts(first_row: I32, types: I32, of_types: U8, of_rows: U8, out: U8) -> int:
    """Write what was noted of the rows of each text and of their types; return all together."""
    every = 0
    around = PAD // 2
    for text in range(first_row.shape[0] - 1):
        note = 0
        for row in range(first_row[text] - around, first_row[text + 1] - around):
            note |= of_rows[row] | of_types[types[row]]
        out[text] = note
        every |= note
    return every
