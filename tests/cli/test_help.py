"""The help of every command: whole sentences, within 80 columns, nothing of Python in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import typer

from lacuna.cli.app import application
from lacuna.cli.command_tree import made_readable
from tests.cli.conftest import run_here

PYTHON = re.compile(
    r"\bNone\b|\['|'\]|<enum|<str>|<int\b|list\[|\b[A-Z]\w+\.[A-Z]{2,}\b|<class|object at 0x"
)


def helped(command, path: str) -> Iterator[tuple[str, object, str]]:
    """Yield each command with its path and its help, as a terminal of 80 columns shows it."""
    with typer.Context(command, info_name=path) as context:
        yield path, command, command.get_help(context)
    for name, one in getattr(command, "commands", {}).items():
        yield from helped(one, f"{path} {name}")


@pytest.fixture(scope="module")
def helps():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        command = typer.main.get_command(application())
        made_readable(command)
        return list(helped(command, "lacuna"))


def test_no_line_is_wider_than_a_terminal(helps):
    wide = [(path, line) for path, _, text in helps for line in text.splitlines() if len(line) > 80]
    assert wide == []


def test_nothing_of_python_is_in_a_help(helps):
    found = [(path, PYTHON.search(text)) for path, _, text in helps if PYTHON.search(text)]
    assert found == []


def test_every_command_is_listed_with_a_whole_sentence(helps):
    """Not "Recipients told of an erasure (Art."."""
    cut = [
        (path, listed)
        for path, command, _ in helps[1:]
        if not re.fullmatch(r"[A-Z].*[^.]\.", listed := command.get_short_help_str())
        or listed.endswith(("Art.", "..."))
        or listed.count("(") != listed.count(")")
    ]
    assert cut == []
    assert [
        path
        for path, _, text in helps
        if "..." in text.replace("[ARGS]...", "").replace("{ID}...", "").replace("]...", "")
    ] == []


def test_every_option_and_argument_says_what_it_is(helps):
    silent = [
        (path, one.name)
        for path, command, _ in helps
        for one in command.params
        if not (one.help or "").strip().endswith((".", "]"))
    ]
    assert silent == []


def test_the_list_of_all_commands_is_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    said = run_here("--help", cwd=tmp_path).stdout
    assert "..." not in said.replace("[ARGS]...", "")
    assert {"--version", "--install-completion", "--show-completion"} <= set(said.split())
    assert max(map(len, said.splitlines())) <= 80
    group = run_here("notice", "--help", cwd=tmp_path).stdout
    assert "Art.\n" not in group
