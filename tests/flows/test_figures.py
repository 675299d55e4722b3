"""Figures for monitoring say what is open, due, failed and sealed, and how fast a task was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.flows import seal
from lacuna.flows.run.figures import MEANINGS, pace, standing
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import Pause
from lacuna.model.run import Role, StepLine, TaskTry
from tests.flows.observation import quiet_people

TASK = TaskTry("apply", -1, 2)
BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_nothing_is_said_of_what_is_not_there(little):
    assert standing(little.stores) == {
        "lacuna.requests.open": 0,
        "lacuna.requests.to_approve": 0,
        "lacuna.requests.ambiguous": 0,
        "lacuna.requests.failed": 0,
        "lacuna.requests.overdue": 0,
        "lacuna.gates.failed": 0,
    }


@pytest.mark.thorough
def test_the_queue_the_clock_the_gates_and_the_seal_are_measured(little):
    phone = little.platform.people[little.platform.demo.household[0]].phones[0]
    little.submit((IdentifierKind.PHONE, phone))
    late = little.submit_contact(quiet_people(little.platform)[0])
    assert little.run() is None
    past = datetime.now(UTC) - timedelta(days=1)
    with little.stores.transaction(Role.OWNER) as transaction:
        found = transaction.queue.requests.get(late)
        transaction.queue.requests.set_clock(replace(found, due_at=past, alarm_at=past))
        transaction.queue.requests.obstruct(found, Obstacle.VERIFICATION_FAILED)
    assert little.run(seal) is None
    figures = standing(little.stores)
    assert set(figures) <= set(MEANINGS)
    assert figures["lacuna.requests.open"] == 2
    assert figures["lacuna.requests.to_approve"] == figures["lacuna.requests.ambiguous"] == 1
    assert figures["lacuna.requests.overdue"] == 1
    assert figures["lacuna.requests.failed"] == figures["lacuna.gates.failed"] == 1
    assert -86_500 < figures["lacuna.requests.oldest_due_seconds"] < -86_300
    assert 0 <= figures["lacuna.seal.age_seconds"] < 600
    with little.stores.transaction(Role.OWNER) as transaction:
        found = transaction.queue.requests.get(late)
        transaction.queue.requests.set_clock(replace(found, paused_at=past, pause=Pause.IDENTITY))
    # A clock that stands still is not late.
    assert standing(little.stores)["lacuna.requests.overdue"] == 0
    assert standing(little.stores)["lacuna.requests.oldest_due_seconds"] > 0


def line(step, outcome, seconds, *counts, task=TASK, is_failure=False):
    at = BEGAN + timedelta(seconds=seconds)
    return StepLine(step, outcome, counts=counts, at=at, task=task, is_failure=is_failure)


def test_the_pace_of_a_task_is_that_of_its_own_try():
    other = TaskTry("apply", -1, 1)
    lines = (
        line("task", "began", 0, task=other),
        line("apply", "rows_committed", 1, ("rows", 1_000_000), task=other),
        line("task", "began", 10),
        line("apply", "applied", 20, ("AnonymizeRows", 280), ("bytes", 4_000)),
        line("apply", "rows_committed", 30, ("requests", 2), ("rows", 300)),
        line("apply", "bundle_sealed", 40, ("files", 3), ("bytes", 1_000), ("rows", 70)),
        line("apply", "rows_committed", 50, ("rows", 99), is_failure=True),
        line("verify", "passed", 60, ("rows", 7_000)),
    )
    assert pace(lines, TASK) == {
        "lacuna.run.failures": 1,
        "lacuna.run.seconds": 50,
        "lacuna.run.rows_per_second": 6,
        "lacuna.run.bytes_per_second": 100,
    }
    assert pace(lines, TaskTry("verdict", -1, 1)) == {}


def test_what_a_sweep_left_as_it_was_is_not_among_the_rows_that_it_changed():
    task = TaskTry("sweep", -1, 1)
    lines = (
        line("task", "began", 0, task=task),
        line("sweep", "spared", 5, ("rows", 5_000), task=task),
        line("sweep", "done", 10, ("changed", 40), ("clean", 60), ("due", 100), task=task),
        line("sweep", "reappeared", 20, ("people", 1), ("rows", 9), task=task),
    )
    assert pace(lines, task)["lacuna.run.rows_per_second"] == 2
