"""Rows of people in Parquet archives are found by their keys, and only where they can be."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.subject import archives
from lacuna.subject.archives import rows_of
from lacuna.subject.object_text import UnreadableObject

SOUGHT = {("north", "7"): "anna", ("north", "8"): "anna", ("south", "9"): "clara"}


def parquet(row_group_size: int = 100, **columns) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, row_group_size=row_group_size)
    return target.getvalue()


def test_rows_are_counted_for_whom_they_belong_to_in_their_own_tenant():
    content = parquet(
        org=["north", "north", "south", "south", "north"],
        person=[7, 8, 7, 9, None],
        note=["a", "b", "c", "d", "e"],
    )
    assert rows_of(content, ["person"], "org", SOUGHT) == {"anna": 2, "clara": 1}


def test_without_a_tenant_in_the_file_a_key_alone_counts():
    assert rows_of(parquet(person=["7", "9", "1"]), ["person"], "org", SOUGHT) == {
        "anna": 1,
        "clara": 1,
    }


def test_a_file_without_the_key_belongs_to_nobody():
    assert rows_of(parquet(note=["7"]), ["person"], "org", SOUGHT) == {}


@pytest.mark.parametrize("text", [False, True])
def test_row_groups_that_cannot_hold_a_key_are_not_read(monkeypatch, text):
    read = []
    whose = archives._whose

    def watched(rows, *rest):
        read.append(rows.num_rows)
        return whose(rows, *rest)

    monkeypatch.setattr(archives, "_whose", watched)
    keys = [f"{number:03}" if text else number for number in range(100)]
    sought = {("north", "042" if text else "42"): "anna"}
    content = parquet(10, person=keys, org=["north"] * 100)
    assert rows_of(content, ["person"], "org", sought) == {"anna": 1}
    assert read == [10]


def test_a_file_without_statistics_is_read():
    target = io.BytesIO()
    pq.write_table(pa.table({"person": [7]}), target, write_statistics=False)
    assert rows_of(target.getvalue(), ["person"], "org", SOUGHT) == {"anna": 1}


def test_what_is_no_parquet_file_is_refused():
    with pytest.raises(UnreadableObject):
        rows_of(b"PAR1 or not", ["person"], "org", SOUGHT)
