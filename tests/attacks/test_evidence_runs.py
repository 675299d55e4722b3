"""Lines that somebody adds to a run that has ended, after a seal vouched for what it left."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lacuna.flows import seal
from lacuna.flows.seal.recorded_runs import check_runs
from lacuna.model.request import RequestKind
from lacuna.model.run import Role, StepLine, TaskTry
from tests.attacks.test_evidence_absence import newest_report, red_of
from tests.cli.conftest import commanded

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def sealed_once(reaching):
    """A check of deadlines by a command that has ended, and was recorded."""

    def reach(installation):
        installation.submit_contact(
            sorted(installation.platform.people)[0], kinds=(RequestKind.ACCESS,)
        )
        for flow in ("deadlines", "seal"):
            assert commanded(installation, "run", flow) == 0

    return reaching("sealed", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


def ended(installation):
    (path,) = (installation.stores.home / "evidence" / "runs").glob("deadlines-*.jsonl")
    return path


def a_line_twice(whole: bytes) -> bytes:
    return whole.splitlines(keepends=True)[-1]


def a_forged_line(whole: bytes) -> bytes:
    line = json.loads(whole.splitlines()[-1])
    forged = line | {"step": "rows_committed", "outcome": "done", "counts": {"rows": 7}}
    return json.dumps(forged, sort_keys=True).encode() + b"\n"


def a_line_without_an_end(whole: bytes) -> bytes:
    return a_forged_line(whole).removesuffix(b"\n")


def a_second_beginning(whole: bytes) -> bytes:
    return b"".join(whole.splitlines(keepends=True)[1:])


def no_line_at_all(whole: bytes) -> bytes:
    return b"something else\n"


def a_task_of_a_command(whole: bytes) -> bytes:
    task = {"task_id": "sweep", "map_index": -1, "number": 1}
    lines = [json.loads(each) | {"task": task} for each in whole.splitlines()]
    began = [each | {"step": "task"} for each in lines if each["outcome"] == "began"]
    return b"".join(json.dumps(each, sort_keys=True).encode() + b"\n" for each in began)


FORGED = [
    a_line_twice,
    a_forged_line,
    a_line_without_an_end,
    a_second_beginning,
    no_line_at_all,
    a_task_of_a_command,
]


@pytest.mark.thorough
@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_a_line_after_the_end_of_a_run_is_found_until_it_is_taken_away(sealed, lacuna, forge):
    path = ended(sealed)
    whole = path.read_bytes()
    path.write_bytes(whole + forge(whole))
    for _ in range(2):
        done = lacuna("evidence", "verify", "--ledger")
        assert done.code == 1
        assert path.name in "".join(done.err.split())
        assert lacuna("run", "seal").code == 0
        assert red_of(sealed.stores.home) == {"deadlines": ["after_the_end"]}
        told = [one for one in newest_report(sealed.stores.home)["runs"] if one["failures"]]
        assert [one["steps"] for one in told] == [1], "nothing that they say is counted"
    path.write_bytes(whole)
    assert lacuna("run", "seal").code == 0
    assert red_of(sealed.stores.home) == {}
    assert lacuna("evidence", "verify", "--ledger").code == 0


@pytest.mark.thorough
def test_a_line_after_the_end_of_an_old_run_is_found_by_whoever_verifies(sealed, lacuna):
    for _ in range(3):
        assert lacuna("run", "seal").code == 0
    path = ended(sealed)
    path.write_bytes(path.read_bytes() + a_line_twice(path.read_bytes()))
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "1 lines follow the end" in " ".join(done.err.split())


# --- what comes later, and is well --------------------------------------------------------------------

RUN = "gdpr_fulfilment.scheduled__2026-06-01T01:00:00+00:00"


def of_task(name: str, *outcomes: str, number: int = 1, map_index: int = -1) -> list[StepLine]:
    """Return the lines of a try: it began, did something, and ended as its last outcome says."""
    task = TaskTry(name, map_index, number)
    return [
        StepLine(name if outcome == "worked" else "task", outcome, at=NOW, task=task)
        for outcome in outcomes
    ]


WHOLE = ("began", "worked", "done")
LATER = {
    "another task": of_task("apply", *WHOLE),
    "another part": of_task("claim", *WHOLE, map_index=1),
    "a later try": of_task("claim", *WHOLE, number=2),
    "a later try that goes on": of_task("claim", "began", "worked", number=2),
    "the seal's own": [StepLine("task_log", "kept", task=TaskTry("claim", -1, 1), at=NOW)],
}


@pytest.mark.parametrize("later", LATER)
def test_what_a_run_writes_after_a_seal_is_recorded_by_the_next(sealed, later):
    log = sealed.stores.run_log
    log.add(RUN, *of_task("claim", *WHOLE))
    assert sealed.run(seal) is None
    log.add(RUN, *LATER[later])
    checked = check_runs(sealed.stores)
    assert sealed.run(seal) is None
    assert check_runs(sealed.stores) > checked, "the seal's own is another run"
    assert "after_the_end" not in str(newest_report(sealed.stores.home)["runs"])


@pytest.mark.parametrize("at", range(1, len(WHOLE) + 1))
def test_a_run_may_be_sealed_at_every_moment(sealed, at):
    """Two tasks at once, one of which dies and is tried again; in each seal another part is there."""
    log = sealed.stores.run_log
    first, second = of_task("claim", *WHOLE), of_task("apply", "began", "worked")
    log.add(RUN, *(each for pair in zip(first, second, strict=False) for each in pair), *first[2:])
    again = of_task("apply", *WHOLE, number=2)
    log.add(RUN, *again[:at])
    assert sealed.run(seal) is None
    log.add(RUN, *again[at:])
    check_runs(sealed.stores)
    assert sealed.run(seal) is None
    assert "after_the_end" not in str(newest_report(sealed.stores.home)["runs"])
    check_runs(sealed.stores)


STRAY = {
    "of a task that ended": of_task("claim", "worked"),
    "the same end twice": of_task("claim", "done"),
    "the same try again": of_task("claim", *WHOLE),
    "of a task that never began": of_task("apply", "worked"),
    "of no task": [StepLine("claim", "done", at=NOW)],
    "of a command": [StepLine("run", "began", at=NOW)],
    "a log of a task that never was": [StepLine("task_log", "kept", task=TaskTry("x", -1, 1))],
    "a second log": [StepLine("task_log", "kept", task=TaskTry("claim", -1, 1), at=NOW)] * 2,
}


@pytest.mark.parametrize("stray", STRAY)
def test_a_line_that_no_task_can_have_written_is_found(sealed, lacuna, stray):
    log = sealed.stores.run_log
    log.add(RUN, *of_task("claim", *WHOLE))
    assert sealed.run(seal) is None
    log.add(RUN, *STRAY[stray])
    assert lacuna("evidence", "verify", "--ledger").code == 1
    assert sealed.run(seal) is None
    assert red_of(sealed.stores.home) == {"fulfilment": ["after_the_end"]}
    # What a task of it goes on to write is vouched for once the line is gone.
    log.add(RUN, *of_task("scrub", *WHOLE))
    assert sealed.run(seal) is None
    assert red_of(sealed.stores.home) == {"fulfilment": ["after_the_end"]}


def test_a_run_that_never_opened_a_batch_and_goes_on_is_one_run(sealed, lacuna):
    """Its first try found no database; the second one opened the batch of its own."""
    log = sealed.stores.run_log
    log.add(RUN, *of_task("claim", "began", "unreachable"))
    assert sealed.run(seal) is None
    log.add(RUN, *of_task("claim", "worked"))
    batch_id = "6f0e4a7e-5d0b-4f4b-9f63-0b7f2b1d7c53"
    with sealed.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "fulfilment", RUN, NOW)
    assert sealed.run(seal) is None
    assert lacuna("evidence", "verify", "--ledger").code == 1
