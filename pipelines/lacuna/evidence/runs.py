"""What a run's step lines say of it: its code, its data map, and each try of each of its tasks.

The lines are no entries of the ledger. At each seal an entry names their digest, so that a
certificate can tell of a run what the ledger vouches for.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence.canonical_bytes import document, read_entry
from lacuna.evidence.canonical_json import Json, texts
from lacuna.model.evidence import Action, Leaf, Phase

RECORDED_AT: Final = "evidence/runs"
"""Where the ledger says that step lines lie."""
TASK: Final = "task"
"""Step of the lines that say that a task began and ended."""
RUN: Final = "run"
"""Step of the lines that say that a command began and ended."""
BEGAN: Final = "began"
"""Outcome of the first of the two; every other one is an end."""
TASK_LOG: Final = "task_log"
"""Step of the lines that say what the orchestrator's log of a task was."""
DATAMAP: Final = "datamap"
"""Step of the line that names the data map of the run."""


@dataclass(frozen=True)
class RunRecord:
    """A run that worked on a request, as the ledger names it.

    Attributes:
        lines: the step lines that `entry` covers, whole, from the beginning of their file.
        entry: says how many lines there were at a seal, and their digest.
    """

    flow: str
    run_id: str
    lines: bytes
    entry: Leaf


def line_count(lines: bytes) -> int:
    """Return how many whole step lines there are; one that was cut is none.

    >>> line_count(b"{}" + bytes([10]) + b"{")
    1
    """
    return lines.count(b"\n")


def first_lines(lines: bytes, count: int) -> bytes:
    """Return the first `count` lines, or all where there are fewer."""
    return b"".join(lines.splitlines(keepends=True)[:count])


def lines_after_the_end(lines: bytes, vouched: int) -> list[int]:
    """Return which lines beyond the first `vouched`, counted from 0, nothing of the run can have written.

    A command ends once. Of an orchestrator's run other tasks and later tries go on when one has ended,
    and the seal adds a line about the log of each. What began and has no end may write: it goes on, or
    was killed. So may a run of earlier versions, whose lines say neither.

    Args:
        vouched: how many the ledger vouches for, whatever they say.
    """
    writers = _Writers()
    found = []
    for number, line in enumerate(map(_read, lines.splitlines())):
        # The first line of each file is about the code.
        if number >= max(vouched, 1) and not writers.can_have_written(line):
            found.append(number)
        else:
            writers.note(line)
    return found


@dataclass
class _Writers:
    """Who may write into the file of a run: its command, or tries of its tasks.

    Attributes:
        running: how many processes began and have no end; by task, None for the command.
        logged: tasks about whose log there is a line.
    """

    running: Counter[str | None] = field(default_factory=Counter)
    logged: set[str | None] = field(default_factory=set)

    def note(self, line: Mapping[str, Json] | None) -> None:
        step, outcome, task = _said(line)
        if step == TASK_LOG:
            self.logged.add(task)
        elif step in (RUN, TASK):
            self.running[task] = max(0, self.running[task] + (1 if outcome == BEGAN else -1))

    def can_have_written(self, line: Mapping[str, Json] | None) -> bool:
        step, outcome, task = _said(line)
        if step == TASK_LOG:
            return task in self.running and not self.running[task] and task not in self.logged
        if step in (RUN, TASK) and outcome == BEGAN:
            is_of_its_kind = (step == RUN) == (task is None)
            is_of_the_others = not self.running or (None in self.running) == (task is None)
            return is_of_its_kind and is_of_the_others and self.running.get(task) != 0
        if line is None:  # a process that was killed cut it
            return not self.running or self.running.total() > 0
        return not self.running or self.running[task] > 0


def _said(line: Mapping[str, Json] | None) -> tuple[Json, Json, str | None]:
    """Return step, outcome and task of a line."""
    if line is None:
        return None, None, None
    task = line.get("task")
    return (
        line.get("step"),
        line.get("outcome"),
        None if task is None else json.dumps(task, sort_keys=True),
    )


def run_document(run: RunRecord) -> dict[str, Json]:
    """Return a run as a certificate names it."""
    entry = run.entry.entry
    digest = hashlib.sha256(run.lines).hexdigest()
    if digest != entry.digest or line_count(run.lines) != entry.rows:
        raise EvidenceBroken(
            f"the step lines of the run {run.run_id} differ from those that the ledger names"
        )
    return {
        "flow": run.flow,
        "run_id": run.run_id,
        "bytes": len(run.lines),
        "sha256": digest,
        "entry": {**document(entry, run.entry.position)},
        **account(run.lines),
    }


def account(lines: bytes) -> dict[str, Json]:
    """Return the code, the data map and each try of each task, as step lines tell them.

    A try that has no line about its end was killed, or went on when the ledger was sealed. A digest
    of the orchestrator's log covers its beginning, as long as it was when the ledger was sealed.
    """
    found = [line for line in map(_read, lines.splitlines()) if line is not None]
    tries: dict[str, dict[str, Json]] = {}
    for line in found:
        task = line.get("task")
        if not isinstance(task, dict):
            continue
        one = tries.setdefault(
            json.dumps(task, sort_keys=True),
            {**task, "state": "not_ended", "began_at": None, "ended_at": None, "log": None},
        )
        if line.get("step") == TASK and line.get("outcome") == BEGAN:
            one["began_at"] = line.get("at")
        elif line.get("step") == TASK:
            one["state"], one["ended_at"] = line.get("outcome"), line.get("at")
        elif line.get("step") == TASK_LOG:
            counts = line.get("counts")
            byte_count = counts.get("bytes") if isinstance(counts, dict) else None
            one["log"] = {"bytes": byte_count, "sha256": line.get("digest")}
    return {
        "code_sha256": _digest_of("code", found),
        "datamap_sha256": _digest_of(DATAMAP, found),
        "tasks": list(tries.values()),
    }


def recorded(runs: Sequence[Mapping[str, Json]]) -> list[Leaf]:
    """Return the entries of the ledger that a certificate's runs rest on.

    Raises:
        EvidenceBroken: one is about something else, or says something else than the certificate.
    """
    leaves = []
    for run in runs:
        if "entry" not in run:  # certificates of earlier versions
            continue
        leaf = read_entry(run["entry"])
        digest, run_id = texts(dict(run), "sha256", "run_id")
        if (
            leaf.entry.action is not Action.RUN_RECORDED
            or leaf.entry.phase is not Phase.OUTCOME
            or leaf.entry.digest != digest
        ):
            raise EvidenceBroken(f"the ledger contradicts the run {run_id}")
        leaves.append(leaf)
    return leaves


def _digest_of(step: str, lines: Sequence[Mapping[str, Json]]) -> Json:
    return next((line.get("digest") for line in lines if line.get("step") == step), None)


def _read(line: bytes) -> dict[str, Json] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
