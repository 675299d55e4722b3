"""Every command that a page shows is one that the program takes, with options that it has."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import tomllib
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from lacuna.cli.app import application
from tests.docs.blocks import PAGES, ROOT, Block, blocks_of

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
SHELL = [block for block in BLOCKS if block.word == "sh"]
# What a page leaves to its reader, or what is looked up in the database: a request, a digest.
LEFT_OUT = {
    **dict.fromkeys(("ID", "NUMBER", "REQUEST"), str(uuid.UUID(int=0))),
    **dict.fromkeys(("DIGEST", "…", "$DIGEST"), "0" * 64),
}
REQUEST_NUMBER = re.compile(r"[A-Z]{2}-\d{4}")
# Of the program as a whole, not of a command.
WHOLE = {"--help", "--version", "--install-completion", "--show-completion"}
SPAN = re.compile(r"(?<!`)`(lacuna [^`]+)`(?!`)", re.DOTALL)


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words of each command of a shell's text; what is put in place of `$(…)` is a command too."""
    text = re.sub(r"<<'(\w+)'(.*)\n(?:.*\n)*?\1\n", r"\2\n", text).replace("\\\n", " ")
    for inner in re.findall(r"\$\(([^()]*)\)", text):
        yield from commands_in(inner)
    text = re.sub(r"\$\([^()]*\)", "X", text)
    for line in joined(text):
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("|&;"):
                if words:
                    yield words
                words = []
            else:
                words.append(word)


def joined(text: str) -> Iterator[str]:
    """Yield the lines of a text; one that ends with a pipe, or within quotes, goes on in the next."""
    line = ""
    for part in text.splitlines():
        line += part + " "
        if line.rstrip().endswith("|") or line.count('"') % 2:
            continue
        yield line
        line = ""
    assert not line, f"a quote or a pipe goes nowhere: {line}"


def own(words: list[str]) -> list[str] | None:
    """Return what `lacuna` is given by a command, or None."""
    runs_others = words[0] in {"xargs", "docker", "exec"}
    if words[0] != "lacuna" and not (runs_others and "lacuna" in words):
        return None
    return words[words.index("lacuna") + 1 :]


@cache
def root() -> Any:
    """Return the program's tree of commands."""
    return typer.main.get_command(application())


def found(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that some words name, or the last group of them, and the words that are left."""
    command = root()
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def refusal(words: list[str]) -> str | None:
    """Return why the program would not take its arguments, or None: it parses them, and runs nothing."""
    command, rest = found([LEFT_OUT.get(REQUEST_NUMBER.sub("ID", word), word) for word in words])
    try:
        if WHOLE.isdisjoint(rest):
            command.make_context("lacuna", list(rest))
            if hasattr(command, "commands"):
                return f"lacuna {shlex.join(words)}: no such command"
    except typer.exceptions.TyperException as error:
        why = getattr(error, "format_message", lambda: "no such command")()
        if "does not exist" not in why:  # a file of the reader's
            return f"lacuna {shlex.join(words)}: {why}"
    return None


def refusals(text: str) -> list[str]:
    """Return why the program would not take commands of a shell's text."""
    given = [arguments for words in commands_in(text) if (arguments := own(words)) is not None]
    return [found for arguments in given if (found := refusal(arguments)) is not None]


def missing_files(text: str) -> list[str]:
    """Return what a shell's text runs of this repository and is not there."""
    modules = re.findall(r"-m ((?:benchmarks|scripts)[\w.]*)", text)
    files = re.findall(r"\b(?:sh|python) ([\w/]+[.](?:sh|py))\b", text)
    files += re.findall(r"-r (requirements-[\w-]+[.]lock)", text)
    return [
        *(name for name in modules if importlib.util.find_spec(name) is None),
        *(name for name in files if not (ROOT / name).is_file()),
    ]


def unknown(span: str) -> list[str]:
    """Return the words of a command in a sentence that the program does not have.

    A sentence leaves out what a command needs, so that only its name and its options are compared.
    """
    command, words = found(shlex.split(span)[1:])
    if hasattr(command, "commands") and words[:1] not in ([], ["…"]) and words[0][0] != "-":
        return words[:1]
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    given = [word.partition("=")[0] for word in words if re.match(r"--\w", word)]
    return [word for word in given if word not in options | WHOLE]


def slips(text: str) -> str:
    """Return what a shell holds against a text that it reads and does not run."""
    read = subprocess.run(
        ["bash", "-n"], input=text, capture_output=True, text=True, env={"LC_ALL": "C"}, check=False
    )
    return read.stderr


def test_a_block_names_its_language():
    assert len(SHELL) > 30
    known = {
        "sh",
        "text",
        "sql",
        "yaml",
        "toml",
        "json",
        "csv",
        "nginx",
        "python",
        "layers",
        "mermaid",
    }
    assert [f"{block}: {block.word or 'none'}" for block in BLOCKS if block.word not in known] == []


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_what_a_block_runs_is_there(block: Block):
    assert slips(block.text) == ""
    assert [*refusals(block.text), *missing_files(block.text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_command_in_a_sentence_is_there_with_its_options(page: Path):
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    spans = [" ".join(each.split()) for each in SPAN.findall(prose)]
    assert [f"{each}: {word}" for each in spans for word in unknown(each)] == []
    assert slips("\n".join(spans)) == ""


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.word in {"yaml", "toml", "json"}], ids=str
)
def test_a_block_of_data_can_be_read(block: Block):
    {"yaml": yaml.safe_load, "toml": tomllib.loads, "json": json.loads}[block.word](block.text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lacuna request lisst", "no such command"),
        ("make up && lacuna plan FJ-0001 --tries", "No such option: --tries"),
        ("lacuna request approve ID \\\n    --as dana", "--plan"),
        ("lacuna request submit --kind oblivion --verified-by x", "'oblivion'"),
        ("lacuna request list |\n    xargs -I N lacuna request withdraw N --ass dana", "--ass"),
        ('prove --database "$(lacuna db address)"', "no such command"),
        ("docker compose run --rm lacuna lacuna officer", "lacuna officer"),
    ],
)
def test_a_command_that_the_program_refuses_is_found(text, found):
    (said,) = refusals(text)
    assert found in said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("python -m benchmarks.nothing", ["benchmarks.nothing"]),
        ("sh docker/none.sh secrets", ["docker/none.sh"]),
        ("pip install -r requirements-none.lock", ["requirements-none.lock"]),
        ("python -m scripts.page_picture", []),
    ],
)
def test_a_file_that_is_not_there_is_found(text, found):
    assert missing_files(text) == found


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("lacuna request hold", []),
        ("lacuna request hold --table T", []),
        ("lacuna request holds", ["holds"]),
        ("lacuna request hold --tables T", ["--tables"]),
        ("lacuna --version", []),
    ],
)
def test_a_word_that_the_program_does_not_have_is_found(span, found):
    assert unknown(span) == found


def test_what_a_shell_cannot_read_is_found():
    assert "syntax error" in slips("lacuna request hold FJ-0142 --ground 17(3)(e)\n")
    assert slips("lacuna request hold FJ-0142 --ground '17(3)(e)'\n") == ""
