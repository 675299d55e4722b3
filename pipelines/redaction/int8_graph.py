"""Products of bytes by onnxruntime: exact, on one thread, in graphs that are made here.

Each dense layer of the name finder is a graph of one node, built in memory from the weights of the
installed model. Weights are bytes with a scale for each output; what goes in are unsigned bytes
of which 128 is 0, what comes out are whole numbers. No sum is large enough to be rounded, so a
row's result is the same in every batch and on every processor.
"""

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipelines.errors import ConfigurationError
from pipelines.redaction.int8_loops import MOST, ZERO

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

F32 = npt.NDArray[np.float32]
I8 = npt.NDArray[np.int8]
I32 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint8]

_OPSET = 18
_IR = 9
_QUIET = 3


class Weights(Enum):
    """How weights are kept: fastest first."""

    SIGNED = np.int8
    """As they are. Processors without instructions for 8-bit products may round their sums."""

    UNSIGNED = np.uint8
    """With 128 added: exact on those too."""


def in_bytes(weights: F32, ranges: F32) -> tuple[I8, F32]:
    """Return weights in bytes, and the scale of each output.

    Args:
        weights: inputs x outputs.
        ranges: the largest value of each input; what goes in is in 127th parts of it.
    """
    # In double precision, as it is done once.
    wide = weights.astype(np.float64) * (ranges.astype(np.float64) / MOST)[:, None]
    scale = np.maximum(np.abs(wide).max(axis=0), np.finfo(np.float32).tiny) / MOST
    return np.rint(wide / scale).astype(np.int8), scale.astype(np.float32)


class Dense:
    """A product of rows of bytes with a matrix of bytes."""

    def __init__(self, weights: I8, kept: Weights | None = None) -> None:
        """Make the graph; `weights` is inputs x outputs.

        Raises:
            ConfigurationError: this processor has no exact products of bytes.
        """
        self._inputs, self._outputs = weights.shape
        self._session = _session(weights, kept or _exact())
        self._bound = self._session.io_binding()

    def multiply(self, rows: U8, count: int, out: I32) -> None:
        """Write the products of the first rows; both arrays are whole in memory, row after row."""
        bound = self._bound
        shape = count, self._inputs
        bound.bind_input("rows", "cpu", 0, np.uint8, shape, rows.ctypes.data)
        shape = count, self._outputs
        bound.bind_output("products", "cpu", 0, np.int32, shape, out.ctypes.data)
        self._session.run_with_iobinding(bound)


def graph(weights: I8, kept: Weights) -> bytes:
    """Return the ONNX model of one product, serialized."""
    from onnx import TensorProto, helper, numpy_helper

    inputs, outputs = weights.shape
    zero = 0 if kept is Weights.SIGNED else ZERO
    constants = {
        "weights": (weights.astype(np.int16) + zero).astype(kept.value),
        "zero_of_rows": np.array(ZERO, np.uint8),
        "zero_of_weights": np.array(zero, kept.value),
    }
    names = ["rows", "weights", "zero_of_rows", "zero_of_weights"]
    made = helper.make_graph(
        [helper.make_node("MatMulInteger", names, ["products"])],
        "dense",
        [helper.make_tensor_value_info("rows", TensorProto.UINT8, ["count", inputs])],
        [helper.make_tensor_value_info("products", TensorProto.INT32, ["count", outputs])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    return bytes(helper.make_model(made, opset_imports=opsets, ir_version=_IR).SerializeToString())


def _session(weights: I8, kept: Weights) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread, and no memory kept for the largest batch that ever was.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = _QUIET
    return onnxruntime.InferenceSession(
        graph(weights, kept), options, providers=["CPUExecutionProvider"]
    )


@lru_cache(maxsize=1)
def _exact() -> Weights:
    """Return the fastest way to keep weights in which the largest sums come out exactly.

    Raises:
        ConfigurationError: there is none.
    """
    for kept in Weights:
        if _is_exact(kept):
            return kept
    raise ConfigurationError(
        "redaction: products of bytes are rounded on this processor; leave int8 off"
    )


def _is_exact(kept: Weights) -> bool:
    draw = np.random.default_rng(7)
    inputs, outputs, count = 288, 96, 37
    weights = draw.integers(-MOST, MOST + 1, (inputs, outputs)).astype(np.int8)
    weights[:, 0], weights[:, 1] = MOST, -MOST
    rows = draw.integers(1, 256, (count, inputs)).astype(np.uint8)
    rows[0], rows[1] = 255, 1
    products = np.zeros((count, outputs), np.int32)
    Dense(weights, kept).multiply(rows, count, products)
    expected = (rows.astype(np.int32) - ZERO) @ weights.astype(np.int32)
    return bool((products == expected).all())
