"""The step lines of a run: one JSON line each, in a file of the run's name."""

import json
import stat

import pytest

from pipelines.errors import ConfigurationError
from pipelines.model.run import StepLine
from pipelines.stores.run_log import RunLog

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
    return RunLog(tmp_path / "evidence" / "runs")


def test_a_line_is_one_json_object(log):
    log.add(RUN, LINE)
    log.add(RUN, StepLine("verify", "VerificationFailed", is_failure=True))
    first, second = log.path(RUN).read_text().splitlines()
    assert json.loads(first) == {
        "step": "apply",
        "outcome": "applied",
        "request_id": "r-1",
        "counts": {"rows": 12, "objects": 1},
        "digest": "a" * 64,
        "seconds": 1.235,
        "is_failure": False,
    }
    assert json.loads(second)["is_failure"] is True


def test_runs_have_files_of_their_own(log):
    log.add("one", LINE)
    log.add("two", LINE)
    assert len(log.path("one").read_text().splitlines()) == 1
    assert log.path("one") != log.path("two")


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
    assert str(caught.value) == "a run id has letters, digits and . _ : + - only"
    assert not log.path(RUN).parent.exists()
