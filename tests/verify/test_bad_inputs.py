"""Stored data that nobody listed before, by id: a value in it is found, or the place is opaque."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.model.datamap import ObjectFormat
from lacuna.verify.file_texts import NOT_SEARCHABLE
from tests.verify.test_file_texts import ANNA, opaque, sees
from tests.verify.test_search import EMAIL, NAME, PHONE, held

PARQUET = ObjectFormat.PARQUET
VALUE = ANNA.value


def parquet(table: pa.Table, **options: object) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


NESTED = {
    "a map in a structure in a list": pa.array(
        [[{"a": [(VALUE, 1)]}]],
        pa.list_(pa.struct([("a", pa.map_(pa.string(), pa.int32()))])),
    ),
    "a list in a map": pa.array([[("k", [VALUE])]], pa.map_(pa.string(), pa.list_(pa.string()))),
    "UTF-16 in bytes": pa.array([VALUE.encode("utf-16-le")], pa.large_binary()),
}


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_stored_data_54_a_value_deep_in_a_column_is_found_under_any_codec(codec) -> None:
    unseen = [
        name
        for name, column in NESTED.items()
        if not sees(parquet(pa.table({"c": column}), compression=codec), PARQUET)
    ]
    assert unseen == []


NOTED = pa.field("c", pa.struct([pa.field("d", pa.int64(), metadata={"by": VALUE})]))
NOTES = {
    "the name of a column": pa.table({VALUE: pa.array([1])}),
    "a note on the file": pa.table({"c": [1]}).replace_schema_metadata({"by": VALUE}),
    "a note on a column": pa.table(
        {"c": [1]}, schema=pa.schema([pa.field("c", pa.int64(), metadata={"by": VALUE})])
    ),
    "a note's name": pa.table(
        {"c": [1]}, schema=pa.schema([pa.field("c", pa.int64(), metadata={VALUE: "x"})])
    ),
    "a note within a column": pa.table({"c": [{"d": 1}]}, schema=pa.schema([NOTED])),
}


@pytest.mark.parametrize("table", NOTES.values(), ids=[f"stored_data-55 {name}" for name in NOTES])
def test_a_value_that_no_row_of_a_file_holds_is_found(table) -> None:
    assert sees(parquet(table), PARQUET)


WHOLE = parquet(pa.table({"c": [VALUE] * 10}), compression="zstd", write_statistics=False)
BROKEN = {
    "cut": WHOLE[:-8],
    "its first letters alone": b"PAR1",
    "something after its end": WHOLE + b"more",
    "bytes changed": WHOLE[:30] + b"\xff" * 8 + WHOLE[38:],
    "an end that claims two gigabytes": WHOLE[:-8] + b"\xff\xff\xff\x7fPAR1",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=[f"stored_data-56 {n}" for n in BROKEN])
def test_a_parquet_file_that_is_broken_is_opaque_and_never_clean(content) -> None:
    assert opaque(content, PARQUET) == {NOT_SEARCHABLE}


def test_stored_data_56_an_encrypted_parquet_file_is_never_clean() -> None:
    assert opaque(b"PARE" + WHOLE[4:-4] + b"PARE", PARQUET)


def shifted(text: str, by: int, lower: int | None = None) -> str:
    """Return a text with its letters and digits from another block of Unicode."""
    return "".join(
        chr(ord(each) + (lower if lower is not None and each.islower() else by))
        if each.isalnum()
        else each
        for each in text
    )


WRITTEN = {
    "stored_data-57 turned round": ("\u202eAnna\u202c Søndergård\u2066 Berg\u2069", NAME),
    "stored_data-57 joined": ("An\u200dna S\u2060øndergård Be\u034frg", NAME),
    "stored_data-57 tagged": ("Anna\U000e0041 Sø\ufe0fndergård Berg", NAME),
    "stored_data-57 lines and paragraphs": ("Anna\u2028Søndergård\u2029Berg", NAME),
    "stored_data-57 tabs and pages": ("Anna\x0bSøndergård\x0cBerg\x85", NAME),
    "stored_data-57 taken apart": (unicodedata.normalize("NFKD", NAME.value), NAME),
    "stored_data-58 wide": (shifted(EMAIL.value.lower(), 0xFEE0), EMAIL),
    "stored_data-58 bold": (NAME.value.replace("Anna", shifted("Anna", 0x1D3BF, 0x1D3B9)), NAME),
    "stored_data-58 Arabic digits": (shifted("+45 20 30 40 50", 0x630), PHONE),
    "stored_data-58 narrow blanks": ("+45\u202f20\u202f30\u00b740\u00a050", PHONE),
    "stored_data-59 three times JSON": (json.dumps(json.dumps(json.dumps(NAME.value))), NAME),
    "stored_data-59 after a zero byte": (json.dumps({"a": f"x\0{NAME.value}"}), NAME),
    "stored_data-59 pairs": ('"\\ud835\\udc00nna S\\u00f8nderg\\u00e5rd Berg"', NAME),
    "stored_data-59 half a pair before": ('"\\ud835 Anna S\\u00f8nderg\\u00e5rd Berg"', NAME),
}


@pytest.mark.parametrize(("text", "value"), WRITTEN.values(), ids=WRITTEN)
def test_a_value_is_found_whatever_stands_between_its_letters(text, value) -> None:
    assert value in held(text)


def test_stored_data_60_what_a_packed_file_says_beside_its_content_is_read() -> None:
    named, noted = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(named, "w") as archive:
        archive.writestr(f"{VALUE}.txt", "x")
    with zipfile.ZipFile(noted, "w") as archive:
        archive.writestr("x.txt", "x")
        archive.comment = VALUE.encode()
    later = gzip.compress(b"x") + gzip.compress(f"by {VALUE} ".encode() * 9)
    assert [sees(one) for one in (named.getvalue(), noted.getvalue(), later)] == [True] * 3


def test_stored_data_61_what_lies_behind_a_break_in_a_packed_file_is_opaque() -> None:
    later = gzip.compress(f"by {VALUE} ".encode() * 9)
    assert opaque(gzip.compress(b"x") + b"\0\0junk" + later) == {NOT_SEARCHABLE}
