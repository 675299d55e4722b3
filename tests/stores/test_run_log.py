"""The step lines of a run: one JSON line each, in a file of the run's name."""

import contextlib
import hashlib
import json
import os
import resource
import signal
import stat
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lacuna.errors import ConfigurationError, DependencyUnreachable, EvidenceBroken
from lacuna.model.run import StepLine, TaskTry
from lacuna.stores.run_log import FileRunLog

RUN = "manual__2026-11-24T13:45:12+00:00"
LINE = StepLine(
    step="apply",
    outcome="applied",
    request_id="r-1",
    counts=(("rows", 12), ("objects", 1)),
    digest="a" * 64,
    seconds=1.23456,
)


@pytest.fixture
def log(tmp_path):
    return FileRunLog(tmp_path / "evidence" / "runs")


def test_a_full_disk_is_an_outage_that_says_where(log):
    """A process that may write no larger file than this is told as by a full disk."""
    log.add(RUN, LINE)
    reading, writing = os.pipe()
    if os.fork() == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        said = b"nothing"
        with contextlib.suppress(BaseException):
            try:
                log.add(RUN, *[LINE] * 100)
            except DependencyUnreachable as error:
                said = str(error).encode()
            os.write(writing, said)
        os._exit(0)
    os.close(writing)
    os.wait()
    said = os.read(reading, 10_000).decode()
    os.close(reading)
    assert said == (
        "evidence/runs: the lines of the run could not be written (File too large). Make room "
        "there; the run goes on by itself"
    )
    # What was begun is a line of its own, and the next one is whole.
    log.add(RUN, LINE)
    assert (log.read(RUN)[-1].step, log.read(RUN)[-1].outcome) == ("apply", "applied")


def test_a_line_is_one_json_object(log):
    log.add(RUN, LINE)
    log.add(RUN, StepLine("verify", "VerificationFailed", is_failure=True))
    _, first, second = log.path(RUN).read_text().splitlines()
    assert json.loads(first) == {
        "run_id": RUN,
        "step": "apply",
        "outcome": "applied",
        "request_id": "r-1",
        "counts": {"rows": 12, "objects": 1},
        "digest": "a" * 64,
        "seconds": 1.235,
        "is_failure": False,
        "at": None,
        "task": None,
        "reason": "",
    }
    assert json.loads(second)["is_failure"] is True


def test_runs_have_files_of_their_own(log):
    log.add("one", LINE)
    log.add("two", LINE)
    assert len(log.path("one").read_text().splitlines()) == 2
    assert log.path("one") != log.path("two")


def test_the_first_line_says_which_code_ran(log):
    for run_id in ("one", "two"):
        log.add(run_id, LINE)
        log.add(run_id, LINE)
    code, *lines = log.read("one")
    assert code.step == "code"
    assert len(code.digest) == 64
    assert log.read("two")[0] == code
    assert [line.step for line in lines] == ["apply", "apply"]


def test_lines_are_read_as_they_were_written(log):
    line = replace(LINE, seconds=0.25, counts=(("objects", 1), ("rows", 12)))
    at = datetime(2026, 11, 24, 13, 45, 12, 250_000, tzinfo=UTC)
    task = TaskTry("verify", -1, 2)
    failure = StepLine(
        "verify", "VerificationFailed", is_failure=True, at=at, task=task, reason="2 findings"
    )
    log.add(RUN, line)
    log.add(RUN, failure)
    assert log.read(RUN)[1:] == (line, failure)
    assert log.lines_of(RUN) == log.path(RUN).read_bytes()


def test_a_line_of_an_earlier_version_is_read(log):
    log.add(RUN, LINE)
    old = '{"step": "a", "outcome": "b", "request_id": null, "counts": {}, "digest": null, '
    with log.path(RUN).open("a", encoding="utf-8") as file:
        file.write(old + '"seconds": 0.0, "is_failure": false}\n')
    assert log.read(RUN)[-1] == StepLine("a", "b")


def test_the_log_of_a_tasks_try_is_known_by_length_and_digest(tmp_path):
    log = FileRunLog(tmp_path / "runs", tmp_path / "logs")
    folder = tmp_path / "logs" / "dag_id=gdpr_sweep" / f"run_id={RUN}" / "task_id=sweep"
    (folder / "map_index=3").mkdir(parents=True)
    (folder / "attempt=1.log").write_bytes(b"one")
    (folder / "map_index=3" / "attempt=2.log").write_bytes(b"mapped")
    run = f"gdpr_sweep.{RUN}"
    one = (3, hashlib.sha256(b"one").hexdigest())
    assert log.log_of(run, TaskTry("sweep", -1, 1)) == one
    assert log.log_of(run, TaskTry("sweep", 3, 2)) == (6, hashlib.sha256(b"mapped").hexdigest())
    assert log.log_of(run, TaskTry("sweep", -1, 2)) is None
    assert FileRunLog(tmp_path / "runs").log_of(run, TaskTry("sweep", -1, 1)) is None


@pytest.mark.parametrize("step", range(4))
def test_the_log_of_a_try_is_read_through_no_link(tmp_path, step):
    log = FileRunLog(tmp_path / "runs", tmp_path / "logs")
    steps = ["dag_id=gdpr_sweep", f"run_id={RUN}", "task_id=sweep", "attempt=1.log"]
    real = tmp_path / "logs" / "/".join(steps)
    real.parent.mkdir(parents=True)
    real.write_bytes(b"one")
    linked = tmp_path / "logs" / "/".join(steps[: step + 1])
    linked.rename(tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")
    assert real.read_bytes() == b"one"
    assert log.log_of(f"gdpr_sweep.{RUN}", TaskTry("sweep", -1, 1)) is None


def test_lines_are_written_through_no_link(log, tmp_path):
    log.add("other", LINE)
    (tmp_path / "elsewhere").write_bytes(b"")
    log.path(RUN).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EvidenceBroken, match="are not in a file"):
        log.add(RUN, LINE)
    with pytest.raises(EvidenceBroken, match="are not in a file"), log.going_on(RUN):
        pass
    assert not log.is_going_on(RUN)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_a_run_without_lines_is_empty(log):
    assert log.read(RUN) == ()
    assert log.lines_of(RUN) == b""


@pytest.mark.parametrize("torn", ['{"step": "app', "[1]", "null", '{"step": "a", "counts": 3}'])
def test_a_line_that_cannot_be_read_is_a_failure_and_hides_no_other(log, torn):
    log.add(RUN, LINE)
    with log.path(RUN).open("a", encoding="utf-8") as file:
        file.write(f"{torn}\n")
    log.add(RUN, LINE)
    _, first, unreadable, last = log.read(RUN)
    assert first == last
    assert unreadable.is_failure


def test_the_folder_is_for_its_owner_alone_and_appears_with_the_first_line(log):
    folder = log.path(RUN).parent
    assert not folder.exists()
    log.add(RUN, LINE)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "run_id", ["", ".", "../x", "a/b", "a\\b", ".hidden", "a\nb", "a b", "x" * 201, "ré"]
)
def test_a_run_id_that_could_leave_the_folder_is_refused_unquoted(log, run_id):
    with pytest.raises(ConfigurationError) as caught:
        log.add(run_id, LINE)
    assert str(caught.value) == "a run id may contain only letters, digits and . _ : + -"
    assert not log.path(RUN).parent.exists()


def test_a_run_is_going_on_while_any_of_its_processes_is(log):
    assert not log.is_going_on(RUN)
    with log.going_on(RUN), log.going_on(RUN):
        assert log.is_going_on(RUN)
        assert log.is_going_on(RUN), "asking changes nothing"
        log.add(RUN, LINE)
    assert not log.is_going_on(RUN)
    assert [line.step for line in log.read(RUN)] == ["code", "apply"]


@pytest.mark.parametrize("kind", ["dangling", "looping", "folder"])
def test_what_is_no_file_among_the_lines_is_named(log, kind):
    log.add(RUN, StepLine("plan", "planned"))
    there = log.path("other")
    if kind == "folder":
        there.mkdir()
    else:
        there.symlink_to("nowhere" if kind == "dangling" else there)
    assert "other" in log.runs()
    with pytest.raises(EvidenceBroken, match="the lines of run other are not in a file"):
        log.lines_of("other")


@pytest.mark.parametrize("is_dangling", [False, True])
def test_the_folder_of_lines_is_no_link(log, tmp_path, is_dangling):
    log.add(RUN, StepLine("plan", "planned"))
    folder = log.path(RUN).parent
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / ("nowhere" if is_dangling else "elsewhere"))
    for act in (
        lambda: log.runs(),
        lambda: log.lines_of(RUN),
        lambda: log.add(RUN, StepLine("plan", "planned")),
    ):
        with pytest.raises(EvidenceBroken, match="evidence/runs is not a folder"):
            act()
