"""Figures for monitoring say what is open, due, failed and sealed, and how fast a task was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipelines.flows import seal
from pipelines.flows.figures import MEANINGS, pace, standing
from pipelines.model.identity import IdentifierKind
from pipelines.model.queue import Obstacle
from pipelines.model.request import Pause
from pipelines.model.run import Role, StepLine, TaskTry
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


def test_the_queue_the_clock_the_gates_and_the_seal_are_measured(little):
    phone = little.platform.people[little.platform.demo.household[0]].phones[0]
    little.submit((IdentifierKind.PHONE, phone))
    late = little.submit_contact(quiet_people(little.platform)[0])
    assert little.run() is None
    past = datetime.now(UTC) - timedelta(hours=2)
    with little.stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.get(late)
        transaction.queue.set_clock(replace(found, due_at=past, alarm_at=past))
        transaction.queue.obstruct(found, Obstacle.VERIFICATION_FAILED)
    assert little.run(seal) is None
    figures = standing(little.stores)
    assert set(figures) <= set(MEANINGS)
    assert figures["lacuna.requests.open"] == 2
    assert figures["lacuna.requests.to_approve"] == figures["lacuna.requests.ambiguous"] == 1
    assert figures["lacuna.requests.overdue"] == 1
    assert figures["lacuna.requests.failed"] == figures["lacuna.gates.failed"] == 1
    assert -7300 < figures["lacuna.requests.oldest_due_seconds"] < -7100
    assert 0 <= figures["lacuna.seal.age_seconds"] < 600
    with little.stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.get(late)
        transaction.queue.set_clock(replace(found, paused_at=past, pause=Pause.IDENTITY))
    # A clock that stands still is not late.
    assert standing(little.stores)["lacuna.requests.overdue"] == 0
    assert standing(little.stores)["lacuna.requests.oldest_due_seconds"] > 0


def line(step, seconds, *counts, task=TASK, is_failure=False):
    at = BEGAN + timedelta(seconds=seconds)
    return StepLine(step, "done", counts=counts, at=at, task=task, is_failure=is_failure)


def test_the_pace_of_a_task_is_that_of_its_own_try():
    lines = (
        line("task", 0, task=TaskTry("apply", -1, 1)),
        line("apply", 1, ("rows", 1_000_000), task=TaskTry("apply", -1, 1)),
        line("task", 10),
        line("apply", 30, ("rows", 300), ("requests", 2)),
        line("apply", 40, ("octets", 5_000)),
        line("apply", 50, ("rows", 99), is_failure=True),
        line("verify", 60, ("rows", 7_000)),
    )
    assert pace(lines, TASK) == {
        "lacuna.run.failures": 1,
        "lacuna.run.seconds": 50,
        "lacuna.run.rows_per_second": 6,
        "lacuna.run.octets_per_second": 100,
    }
    assert pace(lines, TaskTry("verdict", -1, 1)) == {}
