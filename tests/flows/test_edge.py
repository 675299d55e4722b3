"""What a task raises quotes nothing, and a run tried again continues its batch."""

import gc
import traceback
import uuid
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from lacuna.errors import (
    DependencyUnreachable,
    PipelineError,
    StatementRefused,
    VerificationFailed,
)
from lacuna.flows.run.edge import (
    batch_id_of,
    raise_if_failed,
    run_name,
    run_stage,
    scope_of,
)
from lacuna.flows.run.foreign_errors import without_values
from lacuna.model.run import Mode, RunOptions, RunScope, StepLine, TaskTry
from lacuna.stores.clock import SystemClock
from lacuna.stores.run_log import FileRunLog

MAPPED = ("gdpr_sweep", "scheduled__2026-11-24T03:00:00+00:00", "apply", 3, 1)
CANARY = "canary-7f3a@example.org"


@dataclass
class Run:
    dag_id: str
    run_id: str
    task_id: str = "sweep"
    map_index: int = -1
    try_number: int = 2


@dataclass
class Outside:
    """The two stores that a task needs by itself."""

    run_log: FileRunLog
    clock: SystemClock = field(default_factory=SystemClock)
    worker: str = ""

    def work_as(self, holder: str) -> None:
        self.worker = holder


RUN = Run("gdpr_sweep", "scheduled__2026-11-24T03:00:00+00:00")


def driver_error():
    """Raise as a driver does, with a row in the text, a note and a cause."""
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        error.add_note(CANARY)
        raise ValueError(f"duplicate key: (email)=({CANARY})") from error


def ours_after_a_driver_error():
    try:
        driver_error()
    except ValueError as error:
        failure = StatementRefused("the database refused a statement: UniqueViolation, 23505")
        failure.add_note(CANARY)
        raise failure from error


def shown(error):
    """Return all that anybody could print of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("function", [driver_error, ours_after_a_driver_error])
def test_the_errors_of_these_tests_would_show_the_value(function):
    with pytest.raises((ValueError, StatementRefused)) as caught:
        function()
    assert CANARY in shown(caught.value)


@pytest.mark.parametrize("function", [driver_error, ours_after_a_driver_error])
def test_no_value_leaves_through_an_error(function):
    with pytest.raises(PipelineError) as caught:
        without_values(function)()
    assert CANARY not in shown(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def ours_beside_a_row():
    row = {"email": CANARY}
    raise StatementRefused(f"{len(row)} row was refused")


@pytest.mark.parametrize("function", [driver_error, ours_after_a_driver_error, ours_beside_a_row])
def test_run_control_27_no_local_variable_leaves_with_an_error(function):
    with pytest.raises(PipelineError) as caught:
        without_values(function)()
    frames = [each.frame.f_locals for each in caught.traceback if each.name == function.__name__]
    assert CANARY not in repr(frames)


def test_an_error_of_ours_keeps_its_class_its_words_and_its_traceback():
    with pytest.raises(StatementRefused, match="UniqueViolation, 23505") as caught:
        without_values(ours_after_a_driver_error)()
    assert "ours_after_a_driver_error" in [each.name for each in caught.traceback]


def test_a_foreign_error_is_known_by_its_class_and_the_place_it_came_from():
    with pytest.raises(PipelineError, match="ValueError at a place outside the package"):
        without_values(driver_error)()
    with pytest.raises(PipelineError, match=r"TypeError at lacuna/stores/run_log\.py:\d+ \(path\)"):
        without_values(FileRunLog(Path("nowhere")).path)(None)


def test_what_is_no_error_passes():
    assert without_values(lambda count: count + 1)(2) == 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_stops_a_task_is_not_held_up(stop):
    def stopped():
        raise stop

    with pytest.raises(stop):
        without_values(stopped)()


def openers(stores):
    return (lambda: stores), (lambda: stores.run_log)


def options_of(run_id):
    return RunOptions(run_id, Mode.OBSERVE)


def test_a_stage_gets_stores_options_and_the_batch_of_its_run(tmp_path):
    seen = []
    stores = Outside(FileRunLog(tmp_path))
    batch_id = run_stage(lambda *given: seen.append(given), openers(stores), options_of, RUN)
    task = TaskTry("sweep", -1, 2)
    assert seen == [(stores, replace(options_of(run_name(RUN)), task=task), batch_id)]


def test_the_lines_of_a_run_say_when_each_try_of_a_task_began_and_how_it_ended(tmp_path):
    stores = Outside(FileRunLog(tmp_path))
    run_stage(lambda *given: None, openers(stores), options_of, RUN)
    with pytest.raises(PipelineError):
        run_stage(lambda *given: driver_error(), openers(stores), options_of, Run(*MAPPED))
    _, *lines = stores.run_log.read(run_name(RUN))
    assert [(line.step, line.outcome, line.task, line.is_failure) for line in lines] == [
        ("task", "began", TaskTry("sweep", -1, 2), False),
        ("task", "done", TaskTry("sweep", -1, 2), False),
        ("task", "began", TaskTry("apply", 3, 1), False),
        ("task", "failed", TaskTry("apply", 3, 1), True),
    ]
    assert all(before.at <= after.at for before, after in pairwise(lines))
    assert CANARY.encode() not in stores.run_log.lines_of(run_name(RUN))


def unreachable(*_):
    raise DependencyUnreachable("the database does not answer")


@pytest.mark.parametrize(
    ("open_stores", "options", "outcome"),
    [
        (driver_error, options_of, "refused"),
        (unreachable, options_of, "unreachable"),
        (lambda: Outside(FileRunLog(Path())), unreachable, "unreachable"),
    ],
)
def test_a_run_that_cannot_begin_leaves_a_line_and_quotes_nothing(
    tmp_path, open_stores, options, outcome
):
    log = FileRunLog(tmp_path)
    with pytest.raises(PipelineError) as caught:
        run_stage(lambda *given: None, (open_stores, lambda: log), options, RUN)
    assert CANARY not in shown(caught.value)
    _, began, line = log.read(run_name(RUN))
    assert (began.step, began.outcome, began.is_failure) == ("task", "began", False)
    assert (line.step, line.outcome, line.is_failure) == ("task", outcome, True)
    assert line.task == TaskTry("sweep", -1, 2)
    assert line.at is not None
    assert log.runs() == [run_name(RUN)]
    assert CANARY.encode() not in log.lines_of(run_name(RUN))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_task_that_is_stopped_from_outside_leaves_a_line(tmp_path, stop):
    """As by a limit of time: what ends it then is no error of the usual kind."""

    def stopped(*given):
        raise stop(CANARY)

    stores = Outside(FileRunLog(tmp_path))
    with pytest.raises(stop):
        run_stage(stopped, openers(stores), options_of, RUN)
    line = stores.run_log.read(run_name(RUN))[-1]
    assert (line.step, line.outcome, line.is_failure) == ("task", "stopped", True)
    assert line.reason == f"stopped from outside ({stop.__name__})"
    with pytest.raises(VerificationFailed, match=f"sweep: stopped from outside .{stop.__name__}"):
        raise_if_failed({"sweep": "failed"}, [line])


@pytest.mark.parametrize(
    ("params", "scope"),
    [
        ({}, RunScope()),
        ({"request": None, "org": None, "dry_run": False}, RunScope()),
        (
            {"request": "FJ-0142", "org": "fjordlys", "dry_run": True},
            RunScope(is_dry=True, org_id="fjordlys", request="FJ-0142"),
        ),
        ({"from_date": "2026-10-26"}, RunScope(since=date(2026, 10, 26))),
    ],
)
def test_a_form_becomes_the_scope_of_a_run(params, scope):
    assert scope_of(params) == scope


def test_a_run_tried_again_has_the_same_batch():
    assert batch_id_of(RUN) == batch_id_of(Run(RUN.dag_id, RUN.run_id))
    assert str(uuid.UUID(batch_id_of(RUN))) == batch_id_of(RUN)


def test_batch_ids_never_change():
    """A new release must continue the batch that the old one began."""
    assert batch_id_of(RUN) == "1e83a8eb-7db6-5337-adf2-8bf58c4f3741"


@pytest.mark.parametrize(
    "other",
    [Run("gdpr_fulfilment", RUN.run_id), Run(RUN.dag_id, "scheduled__2026-11-25T03:00:00+00:00")],
)
def test_another_flow_or_another_run_has_another_batch(other):
    assert batch_id_of(other) != batch_id_of(RUN)
    assert run_name(other) != run_name(RUN)


@pytest.mark.parametrize("state", ["failed", "upstream_failed"])
def test_a_task_that_did_not_succeed_makes_the_run_red(state):
    with pytest.raises(VerificationFailed, match="1 of 3 tasks did not succeed: verify"):
        raise_if_failed({"apply": "success", "verify": state, "verdict": "running"})


def of_task(task_id: str, outcome: str, reason: str = "", number: int = 1) -> StepLine:
    task = TaskTry(task_id, -1, number)
    return StepLine("task", outcome, is_failure=bool(reason), task=task, reason=reason)


def test_the_verdict_says_what_happened():
    lines = [
        of_task("apply", "failed", "a lock", 1),
        of_task("apply", "done", number=2),
        of_task("conclude", "failed", "1 of 2 requests failed. FJ-0001: apply failed (why)"),
    ]
    with pytest.raises(
        VerificationFailed,
        match=r"1 of 2 tasks did not succeed: conclude. conclude: 1 of 2 requests failed. FJ-0001",
    ) as caught:
        raise_if_failed({"apply": "success", "conclude": "failed"}, lines)
    assert "a lock" not in str(caught.value)


def test_an_outage_is_no_failed_verification():
    states = {"claim": "failed", "verify": "upstream_failed"}
    with pytest.raises(DependencyUnreachable, match="claim: the database does not answer"):
        raise_if_failed(states, [of_task("claim", "unreachable", "the database does not answer")])
    both = [
        of_task("claim", "unreachable", "the database does not answer"),
        of_task("verify", "failed", "residue"),
    ]
    with pytest.raises(VerificationFailed):
        raise_if_failed({"claim": "failed", "verify": "failed"}, both)


def test_the_cause_in_a_chunk_is_said_and_who_was_waited_for():
    chunk = replace(of_task("apply_chunk", "unreachable", "the database does not answer"))
    chunk = replace(chunk, task=TaskTry("apply_chunk", 1, 7))
    with pytest.raises(DependencyUnreachable, match="apply_chunk_1: the database does not answer"):
        raise_if_failed({"apply_chunk_0": "success", "apply_chunk_1": "failed"}, [chunk])
    waited = StepLine("task", "waits", task=TaskTry("claim", -1, 1), reason="gdpr_sweep.sweep")
    with pytest.raises(DependencyUnreachable, match=r"claim: gdpr_sweep\.sweep"):
        raise_if_failed({"claim": "failed"}, [waited])


def test_a_run_without_a_failed_task_is_not_red():
    raise_if_failed({"apply": "success", "notify": "skipped", "verdict": "running", "later": None})


@pytest.mark.parametrize(("before", "during"), [(2_000, 100_000), (700_000, 700_000), (0, 0)])
def test_cycles_are_searched_for_less_often_while_a_flow_runs(tmp_path, before, during):
    stores, kept = Outside(FileRunLog(tmp_path)), gc.get_threshold()
    seen = []

    def failing(*given):
        seen.append(gc.get_threshold()[0])
        driver_error()

    gc.set_threshold(before, *kept[1:])
    try:
        with pytest.raises(PipelineError):
            run_stage(failing, openers(stores), options_of, RUN)
        after = gc.get_threshold()[0]
    finally:
        gc.set_threshold(*kept)
    assert (seen, after) == ([during], before)
