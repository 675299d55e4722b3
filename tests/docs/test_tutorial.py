"""The tutorial is true: its commands run in order, in a new home, and print what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

from lacuna_demo.embedded_server import EmbeddedServer
from tests.docs.blocks import ROOT, Block, blocks_of

TUTORIAL = ROOT / "docs" / "tutorial.md"
# The reader has no environment yet; ours is there, and a worktree's may be a link that `make` would replace.
PRELUDE = """
git() { :; }; cd() { :; }; make() { command make -s -o .venv/.done "$@"; }
"""
VARYING = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "ID",
    r"\b[0-9a-f]{64}\b": "DIGEST",
    r"\b(lacuna/\w+|dpo)[+:][0-9a-f]{8}(\+\S+)?": r"\1 KEY",
    r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+Z?)?": "TIME",
    r"\b20(2[7-9]|[3-9]\d)-\d\d-\d\d|(?<=received on )[\d-]+": "DAY",
}
"""What differs from run to run. Days of the sample, which are in 2026, do not."""


@dataclass(frozen=True)
class Step:
    """A block of commands, with the block of what it prints."""

    commands: Block
    output: str


def steps() -> list[Step]:
    found = list(blocks_of(TUTORIAL))
    assert {block.word for block in found} == {"sh", "text"}
    return [
        Step(block, after.text if after and after.word == "text" else "")
        for block, after in zip_longest(found, found[1:])
        if block.word == "sh"
    ]


def settled(text: str, home: str = "~") -> str:
    """Return a text with a word in the place of what differs from run to run."""
    text = "".join(f"{line.rstrip()}\n" for line in text.replace(home, "~").splitlines())
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text)
    return text


def shown(text: str) -> re.Pattern[str]:
    """Return what fits a block: `…` is the rest of a line, and alone on its line any lines."""
    pattern = re.escape(settled(text))
    pattern = re.sub(r"^…\n", "(?:.*\n)*?", pattern.replace("\\\n", "\n"), flags=re.MULTILINE)
    return re.compile(pattern.replace("…", ".*?"))


@pytest.fixture(scope="module")
def printed(session_folder: Path) -> list[tuple[str, int]]:
    """What each step printed, and its exit code, in a home of its own."""
    home = session_folder / "reader"
    home.mkdir()
    script = [PRELUDE]
    for step in steps():
        script += ["echo '@@begin'", step.commands.text, 'echo "@@end $?"']
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("LACUNA_", "PG", "PYTEST"))
    }
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT / "pipelines"), "PSQLRC": os.devnull}
    try:
        done = subprocess.run(
            ["bash", "-c", "\n".join(script)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    finally:
        EmbeddedServer(home / "lacuna-tutorial").down()
    found = re.findall(r"@@begin\n(.*?)@@end (\d+)\n", done.stdout, re.DOTALL)
    return [(settled(output, str(home)), int(code)) for output, code in found]


@pytest.mark.starts
@pytest.mark.long
def test_every_command_prints_what_the_page_shows(printed):
    assert len(printed) == len(steps())
    for step, (output, code) in zip(steps(), printed, strict=True):
        assert code == 0, f"{step.commands}:\n{output}"
        assert shown(step.output).fullmatch(output), f"{step.commands} printed:\n{output}"


@pytest.mark.parametrize(
    ("page", "output", "fits"),
    [
        ("One\n…\nLast\n", "One\nTwo\nThree\nLast\n", True),
        ("One\n…\nLast\n", "One\nLast\n", True),
        ("One\nLast\n", "One\nTwo\nLast\n", False),
        ("Applied … of 3\n", "Applied 2 of 3\n", True),
        ("Applied … of 3\n", "Applied 2 of 4\n", False),
        ("Rows: 3\n", "Rows: 4\n", False),
        ("Plan " + "0" * 64 + "\n", "Plan " + "ab" * 32 + "\n", True),
        ("Due: 2027-01-04\n", "Due: 2031-07-11\n", True),
        ("Sealed: 2026-10-30\n", "Sealed: 2026-10-31\n", False),
        ("", "Something\n", False),
    ],
)
def test_an_output_is_compared_but_for_what_differs_from_run_to_run(page, output, fits):
    assert bool(shown(page).fullmatch(settled(output))) is fits
