"""The encoder's packed weights are read as they were packed."""

import struct

import numpy as np
import pytest

from finder_training.encoder_file import EncoderFile, OtherFile


def _packed(numbers, scale):
    """Return 32 numbers from -8 to 7 as a block: the second half in the high bits."""
    low, high = numbers[:16], numbers[16:]
    bits = bytes((a + 8) | (b + 8) << 4 for a, b in zip(low, high, strict=True))
    return np.float16(scale).tobytes() + bits


def _file(tensors, block=32):
    pieces = [b"<unk>", "\u2581añ".encode()]
    letters = b"".join(pieces)
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 1, 32, 2, 4, 1, 1e-5, block)
    head += struct.pack("<5iQ", 2, 0, 0, 0, 0, len(letters))
    head += struct.pack("<3I2f", 0, len(pieces[0]), len(letters), 0.0, -1.5) + letters
    head += struct.pack("<iI", 1, 3) + b"abc"
    names = [struct.pack("<H", len(name)) + name.encode() for name in tensors]
    start = len(head) + 4 + sum(len(name) + 21 for name in names)
    head += struct.pack("<i", len(tensors))
    body = b""
    for name, data in zip(names, tensors.values(), strict=True):
        head += name + struct.pack("<BIQQ", 0, 0, start + len(body), len(data))
        body += data
    return head + body


def test_a_packed_matrix_and_a_plain_tensor_are_read(tmp_path):
    numbers = [-8, 7, 0, 3] * 8
    plain = np.array([0.5, -2], np.float32)
    path = tmp_path / "encoder.bin"
    path.write_bytes(_file({"l0.q.w": _packed(numbers, 0.25), "l0.q.b": plain.tobytes()}))
    file = EncoderFile(path)
    assert file.sizes["width"] == 32
    assert file.pieces == ["<unk>", "\u2581añ"]
    assert file.scores.tolist() == [0, -1.5]
    assert file.matrix("l0.q.w", 32).tolist() == [[number / 4 for number in numbers]]
    assert file.plain("l0.q.b").tolist() == plain.tolist()


@pytest.mark.parametrize("data", [b"GGUF" + bytes(80), _file({}, block=64)])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "encoder.bin"
    path.write_bytes(data)
    with pytest.raises(OtherFile, match=r"encoder\.bin"):
        EncoderFile(path)
