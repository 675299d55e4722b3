"""What a spreadsheet saves is read; what cannot be read is named by its place alone."""

from __future__ import annotations

import pytest

from lacuna.errors import MalformedRequest
from lacuna.intake import spreadsheet_rows

ROWS = [
    (1, ["kind", "value"]),
    (2, ["name", "Søren; Å,\tEksempel"]),
    (4, ["email", "a@example.org"]),
]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_are_the_same_whatever_the_separator_and_the_encoding(separator, encoding, end):
    lines = ("kind|value", 'name|"Søren; Å,\tEksempel"', "|", "email|a@example.org", "")
    text = end.join(lines).replace("|", separator)
    assert list(spreadsheet_rows(text.encode(encoding))) == ROWS


@pytest.mark.parametrize("byte_order", ["utf-16-le", "utf-16-be"])
def test_both_orders_of_bytes_are_read(byte_order):
    content = "\ufeffkind\tvalue\n".encode(byte_order)
    assert list(spreadsheet_rows(content)) == ROWS[:1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("kind;value\nemail;a@example.org\nname;Søren\n".encode("cp1252"), "line 3, column 2"),
        ("Straße;value\n".encode("cp1250"), "line 1, column 1"),
        ("\ufeffkind;value".encode("utf-16-le")[:-1], "UTF-16"),
        (b'kind,value\nname,"Soren\n', "line 2"),
        (b'kind,value\nname,"Soren" Eksempel\n', "line 2"),
    ],
)
def test_what_cannot_be_read_is_named_by_line_and_column(content, said):
    with pytest.raises(MalformedRequest, match=said) as caught:
        list(spreadsheet_rows(content))
    assert "ren" not in str(caught.value)


def test_a_file_without_a_line_has_no_rows():
    assert list(spreadsheet_rows(b"")) == []
