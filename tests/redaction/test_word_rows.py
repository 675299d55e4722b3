"""The rows of a model's words are made once and kept for the next process."""

from pathlib import Path

import numpy as np
import pytest

from lacuna.redaction.fast.word_rows import WordRows, kept_rows

ROWS = WordRows(
    np.arange(20, dtype=np.float32).reshape(5, 4),
    np.array([3, 7, 2**63], np.uint64),
    np.array([2, 3, 2], np.int32),
)


class Maker:
    """Makes rows, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> WordRows:
        self.calls += 1
        return ROWS


def test_a_word_without_a_vector_has_the_last_row() -> None:
    assert ROWS.of(np.array([7, 8, 2**63, 0, 2**64 - 1], np.uint64)).tolist() == [3, 4, 2, 4, 4]
    none = WordRows(ROWS.table, ROWS.keys[:0], ROWS.rows[:0])
    assert none.of(np.array([7, 0], np.uint64)).tolist() == [4, 4]


def test_rows_are_made_once_for_a_model(tmp_path: Path) -> None:
    made = Maker()
    for _ in range(3):
        found = kept_rows(tmp_path / "new", "model", made)
        for kept, given in zip(vars(found).values(), vars(ROWS).values(), strict=True):
            assert kept.dtype == given.dtype
            assert kept.tolist() == given.tolist()
    assert made.calls == 1
    kept_rows(tmp_path / "new", "another model", made)
    assert made.calls == 2


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_not_whole_is_made_again(tmp_path: Path, content: bytes) -> None:
    made = Maker()
    for number in range(3):
        kept_rows(tmp_path, "model", made)
        sorted(tmp_path.iterdir())[number].write_bytes(content)
        assert kept_rows(tmp_path, "model", made).rows.tolist() == ROWS.rows.tolist()
    assert made.calls == 4


def test_where_nothing_can_be_written_rows_are_made_for_each_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    made = Maker()
    assert kept_rows(tmp_path / "file" / "in it", "model", made) is ROWS
    assert made.calls == 1


def test_rows_of_models_that_are_no_longer_in_use_go(tmp_path: Path) -> None:
    made = Maker()
    for number in range(9):
        kept_rows(tmp_path, f"model {number}", made)
    assert len([*tmp_path.iterdir()]) == 12
