"""The command in this process, on an installation with the least of a sample."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from lacuna.cli import main
from lacuna.cli.app import application
from tests.flows.conftest import Installation, Reaching, begin, least_of_a_sample, reached
from tests.flows.observation import execute


def commands(word: str | None = None) -> dict[str, set[str]]:
    """Return each command that does something, or that comes with a word, with its options."""

    def walk(command, path):
        if hasattr(command, "commands"):
            for name, one in command.commands.items():
                yield from walk(one, [*path, name])
        else:
            yield " ".join(path), {name for option in command.params for name in option.opts}

    return dict(walk(typer.main.get_command(application(word)), []))


_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What Python writes where nobody made a text of a value.
_OF_PYTHON = re.compile(
    r"\bNone\b(?! of)|<\w+\.\w+: |<[\w.]+ object at |\['|\{'|\bdatetime\.\w+\(|"
    r"\b(?:RequestKind|RequestState|MailOutcome|LetterKind|Obstacle)\.[A-Z]|\bUUID\("
)
# Lines in which a request's id has its place: its own facts, the text that the digest of a plan binds, the
# name of a file, and a certificate, which is read without the register.
_OWN_LINES = re.compile(
    rf"(?:Id: )?{_UUID}|Plan .*|.*/{_UUID}[.].*|The certificate of request .*|.*\b{_UUID}[.]json.*"
)


def unreadable(text: str, installation: Installation) -> list[str]:
    """Return lines that are no text for people: values as Python writes them, ids of requests."""
    lines = text.splitlines()
    found = [line for line in lines if _OF_PYTHON.search(line)]
    ids = {one: line for line in lines for one in re.findall(_UUID, _OWN_LINES.sub("", line))}
    if ids:
        numbered = "select request_id::text from lacuna.request where request_id::text = any(%s)"
        found += [ids[one] for (one,) in execute(installation.url, numbered, sorted(ids))]
    return found


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


def run_here(*arguments: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `lacuna …` in this process, with these settings alone, where no fixture can.

    A process of its own takes three seconds to start and loads every model anew.
    """
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        for name in [name for name in os.environ if name.startswith("LACUNA_")]:
            patch.delenv(name)
        for name, text in variables.items():
            patch.setenv(name, text)
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["lacuna", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), err.getvalue())


def commanded(installation: Installation, *arguments: object) -> int:
    """Run `lacuna …` on an installation where the fixture `lacuna` cannot; return the exit code."""
    home = installation.stores.home
    settings = {"LACUNA_HOME": str(home), "LACUNA_DATABASE_URL": installation.url}
    return run_here(*arguments, cwd=home, **settings).returncode


@pytest.fixture(scope="session")
def install_for_commands(template_database, session_folder: Path):
    return least_of_a_sample(template_database, session_folder, "sample_for_commands")


@pytest.fixture(scope="session")
def reaching(template_database, install_for_commands, tmp_path_factory) -> Reaching:
    return lambda name, reach: reached(
        template_database, install_for_commands, tmp_path_factory.mktemp(name), reach
    )


@pytest.fixture
def installation(request: pytest.FixtureRequest) -> Installation:
    return begin(request, "install_for_commands")


@pytest.fixture
def lacuna(installation, monkeypatch, capsys) -> Callable[..., Said]:
    """Run `lacuna …` as its entry point does; no word of anybody may be in what it complains of."""
    for name in [name for name in os.environ if name.startswith("LACUNA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LACUNA_HOME", str(installation.stores.home))
    monkeypatch.setenv("LACUNA_DATABASE_URL", installation.url)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["lacuna", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        if "--json" not in arguments and "--help" not in arguments:
            assert unreadable(out + err, installation) == []
        if "--json" in arguments and out:
            json.loads(out)  # one document, and nothing beside it
        return Said(code, out, err)

    return run
