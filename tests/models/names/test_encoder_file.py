"""The encoder's packed weights are read as they were packed."""

import numpy as np
import pytest

from finder_training.encoder_file import EncoderFile, OtherFile
from tests.models.names.encoder_files import encoder_bytes, packed


def test_a_packed_matrix_and_a_plain_tensor_are_read(tmp_path):
    numbers = [-8, 7, 0, 3] * 8
    plain = np.array([0.5, -2], np.float32)
    path = tmp_path / "encoder.bin"
    path.write_bytes(encoder_bytes({"l0.q.w": packed(numbers, 0.25), "l0.q.b": plain.tobytes()}))
    file = EncoderFile(path)
    assert file.sizes["width"] == 32
    assert file.pieces == ["<unk>", "\u2581añ"]
    assert file.scores.tolist() == [0, -1.5]
    assert file.matrix("l0.q.w", 32).tolist() == [[number / 4 for number in numbers]]
    assert file.plain("l0.q.b").tolist() == plain.tolist()


@pytest.mark.parametrize("data", [b"GGUF" + bytes(80), encoder_bytes({}, block=64)])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "encoder.bin"
    path.write_bytes(data)
    with pytest.raises(OtherFile, match=r"encoder\.bin"):
        EncoderFile(path)
