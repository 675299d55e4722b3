"""How tables are printed: an id is one piece, however narrow the terminal is."""

from __future__ import annotations

import pytest

from lacuna.cli import output

ID = "5860dcfb-e3d1-4d8c-9d54-a7c7afb744b8"


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(output._console, "width", 40)
    monkeypatch.setattr(output, "is_terminal", lambda: True)


def test_an_id_is_printed_in_one_piece(narrow, capsys):
    why = "the data no longer fits the approved plan, which waits for another approval"
    output.show_table("Requests", ("request", "state", "why"), [(ID, "identity_pending", why)])
    said = capsys.readouterr().out
    assert ID in said
    assert "identity_pending" in said
    assert why not in said  # a sentence is folded
    assert {word for word in why.split() if word not in said} == set()


def test_a_table_without_rows_is_printed(narrow, capsys):
    output.show_table("Requests", ("request", "state"), [])
    assert "request" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["[/red]", "[bold]a[/bold]", "[x]", ":smile:"])
def test_a_value_is_printed_as_it_stands(narrow, capsys, value):
    output.show_table("Requests", ("request", "why"), [(ID, value)])
    assert value in capsys.readouterr().out


def test_another_program_gets_one_row_a_line_whole_and_without_a_head(capsys):
    long = "the path of a file " * 20
    output.show_table("Files", ("file", "why"), [("a\tb\nc", "[bold]"), (long, "")])
    assert capsys.readouterr().out == f"a b c\t[bold]\n{long}\t\n"
