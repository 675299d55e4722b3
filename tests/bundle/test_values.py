"""Database values in a bundle: one form each, the same in JSON and in Parquet."""

import io
import json
import tempfile
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.bundle.table_files import (
    digest_of,
    portable,
    read_json,
    read_parquet,
    write_json,
    write_parquet,
)
from lacuna.bundle.values import (
    Unwritable,
    map_texts,
    texts_in,
    to_json_value,
    type_of,
    types_in,
    without_surrogates,
)
from lacuna.model.bundle import TableContent
from lacuna.model.location import TableName

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
COLUMNS = st.sampled_from(
    [
        st.none() | st.booleans(),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | FINITE,
        st.none() | st.text(),
        st.none() | st.lists(st.none() | st.text(), max_size=3),
        VALUES,
    ]
)


def table_of(columns: tuple[str, ...], rows, portable=frozenset(), at_once=2) -> TableContent:
    return TableContent(
        table=TableName("shop", "things"),
        columns=columns,
        portable=portable,
        count=len(rows),
        present={},
        types={
            name: type_of(types_in(row[place] for row in rows))
            for place, name in enumerate(columns)
        },
        redactions={},
        read=lambda: (rows[start : start + at_once] for start in range(0, len(rows), at_once)),
    )


@st.composite
def tables(draw) -> TableContent:
    names = draw(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4, unique=True))
    count = draw(st.integers(0, 4))
    columns = [draw(st.lists(draw(COLUMNS), min_size=count, max_size=count)) for _ in names]
    wanted = frozenset(draw(st.sets(st.sampled_from(names), min_size=1)))
    return table_of(tuple(names), list(zip(*columns, strict=True)), wanted)


def as_json(rows: object) -> str:
    """Text, because in Python 1, 1.0 and True are equal."""
    return json.dumps(rows, sort_keys=True)


def written(write, table) -> bytes:
    file = io.BytesIO()
    write(table, file)
    return file.getvalue()


def read_back(write, read, table) -> list:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        path.write_bytes(written(write, table))
        return list(read(path))


@given(table=tables())
@settings(max_examples=200)
def test_json_and_parquet_hold_the_same_and_what_was_given(table):
    given_rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows()]
    as_given = as_json(given_rows)
    assert as_json(json.loads(written(write_json, table))) == as_given
    assert as_json(read_back(write_json, read_json, table)) == as_given
    assert as_json(read_back(write_parquet, read_parquet, table)) == as_given


@given(table=tables())
@settings(max_examples=50)
def test_the_portability_subset_is_part_of_the_whole(table):
    whole = json.loads(written(write_json, table))
    part = json.loads(written(write_json, portable(table)))
    assert as_json(part) == as_json([{name: row[name] for name in table.portable} for row in whole])


@given(table=tables())
@settings(max_examples=50)
def test_the_same_table_gives_the_same_bytes(table):
    for write in (write_json, write_parquet):
        assert written(write, table) == written(write, table)


def test_rows_are_compared_by_number_order_and_type():
    digests = [
        digest_of([{"a": 1}, {"a": 2}]),
        digest_of([{"a": 2}, {"a": 1}]),
        digest_of([{"a": 1}]),
        digest_of([{"a": 1.0}, {"a": 2}]),
        digest_of([{"a": True}, {"a": 2}]),
        digest_of([]),
    ]
    assert len(set(digests)) == len(digests)


def test_a_table_is_written_a_row_group_a_batch():
    table = table_of(("n",), [(number,) for number in range(7)], at_once=3)
    file = pq.ParquetFile(io.BytesIO(written(write_parquet, table)))
    assert [file.metadata.row_group(each).num_rows for each in range(file.num_row_groups)] == [
        3,
        3,
        1,
    ]


def test_halves_of_characters_are_replaced():
    assert without_surrogates("a\ud800b\udfffc \U0001f600") == "a\ufffdb\ufffdc \U0001f600"


CEST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("12.50"), "12.50"),
        (Decimal("NaN"), "NaN"),
        (datetime(2026, 3, 1, 1, 30, tzinfo=CEST), "2026-02-28T23:30:00Z"),
        (datetime(2026, 3, 1, 1, 30, 0, 250000, tzinfo=UTC), "2026-03-01T01:30:00.250000Z"),
        (datetime(2026, 3, 1, 1, 30), "2026-03-01T01:30:00"),  # noqa: DTZ001
        (date(2026, 3, 1), "2026-03-01"),
        (time(9, 5), "09:05:00"),
        (timedelta(minutes=1, milliseconds=500), "PT60.500000S"),
        (b"\x00\xff", "AP8="),
        (memoryview(b"ab"), "YWI="),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (ip_address("192.0.2.7"), "192.0.2.7"),
        ([date(2026, 3, 1), [1]], ["2026-03-01", [1]]),
        ({"b": Decimal(1), "a": None}, {"a": None, "b": "1"}),
    ],
)
def test_every_value_has_one_form(value, expected):
    assert to_json_value(value) == expected


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, [1j], {"a": range(3)}, "\ud800", {"\ud800": 1}]
)
def test_a_value_without_an_agreed_form_is_refused_and_not_quoted(value):
    with pytest.raises(Unwritable) as refusal:
        to_json_value(value)
    assert str(refusal.value) in {
        "object",
        "set",
        "complex",
        "range",
        "str with characters that are not Unicode",
    }


def test_a_column_of_several_types_is_a_document():
    assert type_of(types_in([1, None, 2])) == "integer"
    assert type_of(types_in([1, 2.0])) == "document"
    assert type_of(types_in([True, 1])) == "document"
    assert type_of(types_in([2**63])) == "document"
    assert type_of(types_in([["a", None], []])) == "list of text"
    assert type_of(types_in([["a", 1]])) == "document"
    assert type_of(types_in([None])) == "text"


def test_parquet_keeps_types_that_other_tools_understand():
    table = table_of(
        ("n", "tags", "doc", "yes", "mean"),
        [(1, ["a"], {"k": [1]}, True, 0.5), (None, None, None, None, None)],
    )
    schema = pq.read_schema(io.BytesIO(written(write_parquet, table)))
    assert {field.name: str(field.type) for field in schema} == {
        "doc": "string",
        "mean": "double",
        "n": "int64",
        "tags": "list<element: string>",
        "yes": "bool",
    }
    assert schema.field("doc").metadata == {b"encoding": b"json"}


def test_texts_are_found_and_changed_wherever_a_document_holds_them():
    value = {"name": ["Bo", {"bo@example.org": None}], "n": 3, "id": UUID(int=1), "raw": b"Bo"}
    expected = {"name", "Bo", "bo@example.org", "n", "id", str(UUID(int=1)), "raw"}
    assert set(texts_in(value)) == expected
    assert map_texts(value, str.upper) == {
        "NAME": ["BO", {"BO@EXAMPLE.ORG": None}],
        "N": 3,
        "ID": str(UUID(int=1)),
        "RAW": b"Bo",
    }


def test_names_that_become_the_same_keep_both_values():
    assert map_texts({"a": 1, "b": 2, "c": 3}, lambda _: "x") == {"x": 1, "x (2)": 2, "x (3)": 3}
