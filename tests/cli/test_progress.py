"""What a command that takes long says on a terminal, and nowhere else."""

from __future__ import annotations

import io
import logging
import re
import sys
import time

import pytest

from lacuna.cli import progress
from lacuna.cli.progress import Progress
from lacuna.flows.run.step_sentences import LoggedStep
from lacuna.model.run import StepLine

REQUEST = "5860dcfb-e3d1-4d8c-9d54-a7c7afb744b8"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(progress, "_SILENT_SECONDS", 0.05)
    monkeypatch.setattr(progress, "_EVERY_SECONDS", 0.05)


def said_on(stream: io.StringIO, monkeypatch, *words: str, seconds: float = 0.3) -> str:
    """Return what a command says that tells of rows, and of a step of a flow."""
    monkeypatch.setattr(sys, "stderr", stream)
    steps = logging.getLogger("lacuna.flows.run.steps")
    with Progress(words):
        Progress.tell("512 rows redacted")
        time.sleep(seconds)
        steps.info(LoggedStep(StepLine("plan", "done", REQUEST, (("requests", 3),))))
        time.sleep(seconds)
    steps.info(LoggedStep(StepLine("plan", "late", REQUEST)))
    return stream.getvalue()


def test_a_terminal_is_told_what_is_done_and_how_far_it_is(quick, monkeypatch):
    lines = said_on(Terminal(), monkeypatch, "run", "sweep").splitlines()
    assert re.fullmatch(r"run: 512 rows redacted, 1 step, \d+ s", lines[0])
    assert re.fullmatch(r"run: after plan, done \(requests 3\), 2 steps, \d+ s", lines[-2])
    assert re.fullmatch(r"run: ended after \d+ s, 2 steps", lines[-1])
    assert REQUEST not in str(lines)


def test_a_command_of_a_moment_says_nothing(monkeypatch):
    assert said_on(Terminal(), monkeypatch, "plan", seconds=0) == ""


@pytest.mark.parametrize(
    ("stream", "words"),
    [(io.StringIO(), ["plan"]), (Terminal(), ["plan", "--json"]), (Terminal(), ["--json", "plan"])],
)
def test_a_file_a_machine_and_a_task_are_told_nothing(quick, monkeypatch, stream, words):
    assert said_on(stream, monkeypatch, *words) == ""


def test_what_is_told_outside_of_a_command_goes_nowhere(capsys):
    Progress.tell("searching")
    assert capsys.readouterr().err == ""
