"""The DAGs run as Airflow runs them, on a real database: for nobody, for one, for two, and red."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from pathlib import Path

import psycopg
import pytest

from lacuna.evidence import verify_certificate
from lacuna.evidence.certificate import predicate_of
from lacuna.flows import deadlines, fulfilment, intake, reporting, seal, sweep
from lacuna.flows.run import edge
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState

pytestmark = pytest.mark.airflow

CANARY = "canary-7f3a@example.org"
TELEPHONE = "55501994"
STAGES = (
    *("claim", "resolve_and_plan", "divide", "apply_chunk", "rewrite_chunk", "apply", "verify"),
    *("close_chunk", "close", "scrub", "conclude", "verdict"),
)
ALL_GREEN = dict.fromkeys(STAGES, "success")
FLOWS = {
    "gdpr_intake": (intake, "take_in"),
    "gdpr_sweep": (sweep, "sweep"),
    "gdpr_reporting": (reporting, "publish"),
    "gdpr_seal": (seal, "seal"),
    "gdpr_deadlines": (deadlines, "check"),
}


def lines_of(installation, run) -> list[dict]:
    """Return the step lines that a run left behind."""
    path = installation.stores.home / "evidence" / "runs" / run.lines
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def values_of(installation, contact_id: str) -> list[str]:
    person = installation.platform.people[contact_id]
    return [person.full_name, *person.emails, *person.phones, *person.external_ids]


def execute(installation, statement: str, *values: str) -> list[tuple]:
    plain = installation.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain) as connection:
        done = connection.execute(statement, values or None)
        return done.fetchall() if done.description else []


def certificate_of(installation, request_id: str) -> Path:
    return installation.stores.home / "evidence" / "statements" / f"{request_id}.json"


# --- green ----------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_night_without_requests_is_green(airflow, installation):
    run = airflow.run("gdpr_fulfilment")
    assert (run.state, run.tasks) == ("success", ALL_GREEN)
    steps = [line["step"] for line in lines_of(installation, run) if line["step"] != "task"]
    assert steps == ["code", "datamap", "claim", "scrub", "verdict"]


@pytest.mark.thorough
@pytest.mark.parametrize("dag_id", FLOWS)
def test_the_other_flows_are_green_and_leave_their_lines(airflow, installation, dag_id):
    run = airflow.run(dag_id)
    assert (run.state, run.tasks) == ("success", {FLOWS[dag_id][1]: "success"})
    assert lines_of(installation, run)


@pytest.mark.thorough
def test_two_requests_of_which_one_waits_for_its_approval_are_fulfilled(
    airflow, installation, traces
):
    demo = installation.platform.demo
    erasure = installation.submit_contact(demo.forget)
    access = installation.submit_contact(demo.access, kinds=(RequestKind.ACCESS,))
    assert airflow.run("gdpr_fulfilment").tasks == ALL_GREEN
    assert installation.request(access).state is RequestState.COMPLETED
    assert (installation.stores.home / "bundles" / f"{access}.zip.age").exists()
    assert installation.request(erasure).state is RequestState.PLANNED
    assert not certificate_of(installation, erasure).exists()

    installation.approve(erasure)
    run = airflow.run("gdpr_fulfilment")
    assert run.tasks == ALL_GREEN
    assert installation.request(erasure).state is RequestState.COMPLETED
    assert certificate_of(installation, erasure).exists()
    outcomes = [line["outcome"] for line in lines_of(installation, run)]
    assert {"applied", "verified", "completed"} <= set(outcomes)
    assert [traces(value) for value in values_of(installation, demo.forget)] == [[]] * 4


@pytest.mark.thorough
def test_a_form_limits_a_run_to_one_request_or_makes_it_dry(airflow, installation):
    contacts = (installation.platform.demo.forget, installation.platform.demo.access)
    first, second = (installation.submit_contact(one) for one in contacts)
    number = installation.request(second).number
    assert airflow.run("gdpr_fulfilment", request=number, org="fjordlys").tasks == ALL_GREEN
    assert installation.request(first).state is RequestState.RECEIVED
    installation.approve(second)
    run = airflow.run("gdpr_fulfilment", dry_run=True)
    assert run.tasks == ALL_GREEN
    assert "observed" in [line["outcome"] for line in lines_of(installation, run)]
    assert installation.request(second).state is RequestState.APPROVED
    assert airflow.run("gdpr_fulfilment", org="fjordlys").tasks == ALL_GREEN
    assert installation.request(second).state is RequestState.COMPLETED


@pytest.mark.parametrize(
    ("dag_id", "given"),
    [
        ("gdpr_fulfilment", {"request": CANARY}),
        ("gdpr_fulfilment", {"request": TELEPHONE}),
        ("gdpr_fulfilment", {"org": CANARY}),
        ("gdpr_fulfilment", {"dry_run": "perhaps"}),
        ("gdpr_reporting", {"from_date": CANARY}),
    ],
)
def test_a_form_takes_nothing_that_names_a_person(airflow, installation, traces, dag_id, given):
    with pytest.raises(ValueError, match="Invalid input for param"):
        airflow.run(dag_id, **given)
    assert [traces(one) for one in (CANARY, TELEPHONE)] == [[], []]


@pytest.mark.thorough
def test_a_publication_begins_with_the_day_of_its_form(airflow, installation):
    assert airflow.run("gdpr_reporting", from_date="2026-10-26").state == "success"
    first = execute(
        installation,
        "select min(first_day)::text from reporting.release where mart = 'volume_daily'",
    )
    assert first == [("2026-10-26",)]


@pytest.mark.thorough
def test_an_intake_says_that_something_is_queued_and_only_then(airflow, installation, capfd):
    """So that a flow of somebody's own can begin by it."""

    def updates() -> int:
        import sqlalchemy as sa
        from airflow.models.asset import AssetEvent, AssetModel
        from airflow.utils.session import create_session

        counted = (
            sa.select(sa.func.count())
            .select_from(AssetEvent)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
        )
        with create_session() as session:
            return session.scalar(counted.where(AssetModel.uri == "gdpr://queue/"))

    assert airflow.run("gdpr_intake").state == "success"
    before = updates()
    assert airflow.run("gdpr_intake").state == "success"
    assert updates() == before
    execute(
        installation,
        "insert into lacuna.request_inbox (org_id, kinds, emails) "
        "values ('fjordlys', '{erasure}', '{nobody@example.org}')",
    )
    assert airflow.run("gdpr_intake").state == "success"
    assert updates() == before + 1
    # An asset that no DAG names is one that Airflow warns of.
    assert "inactive" not in "".join(capfd.readouterr())


@pytest.mark.thorough
def test_a_task_tried_again_continues_its_batch(airflow, installation, monkeypatch):
    batches, real = [], fulfilment.apply

    def apply(stores, options, batch_id):
        batches.append(batch_id)
        if len(batches) == 1:
            raise ConnectionError
        real(stores, options, batch_id)

    monkeypatch.setitem(fulfilment.flow.STAGES, "apply", apply)
    run = airflow.run("gdpr_fulfilment")
    assert run.tasks == ALL_GREEN
    assert batches == [edge.batch_id_of(run)] * 2


@pytest.mark.thorough
def test_a_certificate_names_the_tasks_of_its_runs_each_try_and_its_log(
    airflow, installation, monkeypatch
):
    unknown = installation.submit((IdentifierKind.EMAIL, "nobody@example.org"))
    real, tries = fulfilment.close, []

    def close(stores, options, batch_id):
        tries.append(batch_id)
        if len(tries) == 1:
            raise ConnectionError
        real(stores, options, batch_id)

    monkeypatch.setitem(fulfilment.flow.STAGES, "close", close)
    run = airflow.run("gdpr_fulfilment")
    # A scheduler's workers write logs, an Airflow in one process does not.
    home = installation.stores.home
    log = home / "airflow" / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"
    log = log / "task_id=close" / "attempt=2.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"a task's log")
    assert airflow.run("gdpr_seal").state == "success"
    log.write_bytes(b"a task's log, longer")

    certificate = (home / "evidence" / "certificates" / f"{unknown}.json").read_bytes()
    keys = read_public_keys(published_keys_folder(home))
    assert verify_certificate(certificate, keys, runs=home / "evidence" / "runs").shown
    ((found,),) = [predicate_of(certificate)["runs"]]
    assert found["run_id"] == edge.run_name(run)
    assert len(found["code_sha256"]) == len(found["datamap_sha256"]) == 64
    states = {(each["task_id"], each["number"]): each["state"] for each in found["tasks"]}
    assert states == {
        **{(stage, 1): "done" for stage in STAGES if stage not in ("close", "verdict")},
        ("close", 1): "failed",
        ("close", 2): "done",
    }
    logs = {each["number"]: each["log"] for each in found["tasks"] if each["task_id"] == "close"}
    digest = hashlib.sha256(b"a task's log").hexdigest()
    assert logs == {1: None, 2: {"bytes": 12, "sha256": digest}}


# --- red ------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_run_waits_at_most_so_long_while_the_command_runs(
    airflow, installation, monkeypatch, capfd
):
    request_id = installation.submit_contact(installation.platform.demo.forget)
    claim = airflow.dagbag.dags["gdpr_fulfilment"].get_task("claim")
    monkeypatch.setattr(claim, "timeout", 1)
    with installation.stores.exclusive("fulfilment"):
        run = airflow.run("gdpr_fulfilment")
    assert run.is_red
    assert "another run holds the lock" in capfd.readouterr().out.split("Task failed")[1]
    assert run.tasks["claim"] == "failed"
    assert installation.request(request_id).state is RequestState.RECEIVED


def test_a_night_that_begins_too_late_does_nothing_and_is_green(airflow, installation, monkeypatch):
    from airflow.sdk.exceptions import AirflowSkipException

    def too_late(task, context):
        raise AirflowSkipException

    request_id = installation.submit_contact(installation.platform.demo.forget)
    claim = airflow.dagbag.dags["gdpr_fulfilment"].get_task("claim")
    monkeypatch.setattr(claim, "poke", lambda context: too_late(claim, context))
    run = airflow.run("gdpr_fulfilment")
    done = ("conclude", "verdict")
    assert run.tasks == dict.fromkeys(STAGES, "skipped") | dict.fromkeys(done, "success")
    assert run.state == "success"
    assert installation.request(request_id).state is RequestState.RECEIVED


@pytest.mark.thorough
@pytest.mark.parametrize("dag_id", ["gdpr_fulfilment", "gdpr_sweep", "gdpr_reporting", "gdpr_seal"])
def test_a_flow_waits_without_a_worker_while_another_is_at_work(
    airflow, installation, monkeypatch, dag_id
):
    first = airflow.dagbag.dags[dag_id].topological_sort()[0]
    waits, real = [], type(first).poke
    with contextlib.ExitStack() as other:
        other.enter_context(installation.stores.exclusive(PLATFORM))

        def poke(task, context):
            result = real(task, context)
            if result is False:
                waits.append(task.task_id)
            if len(waits) == 2:
                other.close()
            return result

        monkeypatch.setattr(type(first), "poke", poke)
        run = airflow.run(dag_id)
    assert run.state == "success"
    assert waits == [first.task_id] * 2
    assert first.reschedule
    outcomes = [
        line["outcome"]
        for line in lines_of(installation, run)
        if line["step"] == "task" and line["task"]["task_id"] == first.task_id
    ]
    assert outcomes == ["began", "waits", "began", "waits", "began", "done"]


@pytest.mark.thorough
def test_the_six_hours_of_waiting_are_those_of_one_try(airflow, installation, monkeypatch):
    """An outage between two waits begins them anew."""
    from lacuna.errors import DependencyUnreachable

    (sweep_task,) = airflow.dagbag.dags["gdpr_sweep"].tasks
    real, since = type(sweep_task).poke, []
    with contextlib.ExitStack() as other:
        other.enter_context(installation.stores.exclusive(PLATFORM))

        def poke(task, context):
            ti = context["ti"]
            since.append((ti.try_number, ti.get_first_reschedule_date(context)))
            if len(since) == 2:
                raise DependencyUnreachable("the database does not answer")
            if len(since) == 4:
                other.close()
            return real(task, context)

        monkeypatch.setattr(type(sweep_task), "poke", poke)
        assert airflow.run("gdpr_sweep").state == "success"
    (one, first), (again, waited), (two, anew), (last, since_then) = since
    assert (one, again, two, last) == (1, 1, 2, 2)
    assert first is None
    assert anew is None
    assert since_then > waited


# A request that is refused by the database alone is one of those of `test_nobody_named`.


@pytest.mark.thorough
def test_a_surviving_value_turns_the_run_red_until_it_is_gone(
    airflow, installation, monkeypatch, capfd
):
    forgotten = installation.platform.demo.forget
    email = installation.platform.people[forgotten].emails[0]
    request_id = installation.submit_contact(forgotten)
    airflow.run("gdpr_fulfilment")
    installation.approve(request_id)
    real = fulfilment.apply

    def apply(stores, options, batch_id):
        real(stores, options, batch_id)
        execute(
            installation,
            "update contact_center.internal_notes set message = %s"
            " where note_id = (select min(note_id) from contact_center.internal_notes)",
            f"Ask {email} again.",
        )

    with monkeypatch.context() as patched:
        patched.setitem(fulfilment.flow.STAGES, "apply", apply)
        run = airflow.run("gdpr_fulfilment")
    assert run.tasks == ALL_GREEN | {"conclude": "failed", "verdict": "failed"}
    assert installation.request(request_id).state is RequestState.APPLIED
    assert installation.obstacle(request_id) == Obstacle.VERIFICATION_FAILED
    assert not certificate_of(installation, request_id).exists()
    output = "".join(capfd.readouterr())
    assert email not in output
    # Number, gate, place and count are in the last words of both red tasks.
    number = installation.request(request_id).number
    assert (
        len(
            re.findall(
                rf"VerificationFailed: .*1 of 1 requests failed\. {number}: verification failed "
                r"\(.*residue contact_center\.internal_notes\.message: 1",
                output,
            )
        )
        >= 2
    )

    execute(
        installation,
        "update contact_center.internal_notes set message = 'Ask again.' where message = %s",
        f"Ask {email} again.",
    )
    assert airflow.run("gdpr_fulfilment").tasks == ALL_GREEN
    assert installation.request(request_id).state is RequestState.COMPLETED


def test_drift_stops_the_run_before_any_request_is_taken(airflow, installation, capfd):
    request_id = installation.submit_contact(installation.platform.demo.forget)
    execute(installation, "alter table contact_center.contacts add column nickname text")
    run = airflow.run("gdpr_fulfilment")
    assert run.state == "failed"
    assert run.tasks["claim"] == "failed"
    assert installation.request(request_id).state is RequestState.RECEIVED
    assert "nickname" in "".join(capfd.readouterr())


def seldom(*case: object) -> object:
    """A case of which another of its kind is among those of each run."""
    return pytest.param(*case, marks=pytest.mark.long)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("stage", "unreached"),
    [
        ("claim", {*STAGES[1:10]}),
        seldom(
            "resolve_and_plan", {"divide", "apply_chunk", "rewrite_chunk", "apply", "close_chunk"}
        ),
        ("divide", {"apply_chunk", "rewrite_chunk", "apply", "close_chunk"}),
        ("apply_chunk", {"rewrite_chunk"}),
        seldom("rewrite_chunk", set()),
        ("apply", set()),
        ("verify", {"close_chunk", "close", "scrub"}),
        seldom("close_chunk", set()),
        ("close", {"scrub"}),
        seldom("scrub", set()),
        seldom("conclude", set()),
    ],
)
def test_a_stage_that_breaks_makes_the_run_red_and_quotes_nothing(
    airflow, installation, traces, monkeypatch, capfd, stage, unreached
):
    """What was claimed is verified whatever became of it, and nothing is certified unverified."""
    monkeypatch.setitem(fulfilment.flow.STAGES, stage, quote_a_row)
    run = airflow.run("gdpr_fulfilment")
    output = "".join(capfd.readouterr())
    assert run.state == "failed"
    assert run.tasks == (
        ALL_GREEN
        | {stage: "failed", "verdict": "failed"}
        | dict.fromkeys(unreached, "upstream_failed")
    )
    # The innermost place of ours that it passed: where the stage was called, or none.
    place = r"lacuna/flows/(?:fulfilment/flow|run/chunks)\.py:\d+ \(guarded\)|a place outside the package"
    assert re.search(f"ValueError at ({place});", output)
    assert CANARY not in output
    assert traces(CANARY) == []


@pytest.mark.parametrize("dag_id", FLOWS)
def test_a_flow_that_breaks_is_red_and_quotes_nothing(
    airflow, installation, traces, monkeypatch, capfd, dag_id
):
    flow, task_id = FLOWS[dag_id]
    monkeypatch.setattr(flow, "run", quote_a_row)
    run = airflow.run(dag_id)
    output = "".join(capfd.readouterr())
    assert (run.state, run.tasks) == ("failed", {task_id: "failed"})
    assert "ValueError at a place outside the package" in output
    assert CANARY not in output
    assert traces(CANARY) == []


@pytest.mark.thorough
def test_an_overdue_request_turns_the_daily_check_red_until_it_is_closed(airflow, installation):
    request_id = installation.submit_contact(installation.platform.demo.forget)
    assert airflow.run("gdpr_deadlines").state == "success"
    execute(
        installation,
        # The legal day is a Monday, the month ended on the Sunday before it.
        "update lacuna.request set alarm_at = now() - interval '1 day', "
        "due_at = now() + interval '1 day'",
    )
    run = airflow.run("gdpr_deadlines")
    assert (run.state, run.tasks) == ("failed", {"check": "failed"})
    assert request_id in {line["request_id"] for line in lines_of(installation, run)}
    # A pause that begins after the deadline comes too late.
    execute(installation, "update lacuna.request set paused_at = now(), pause = 'identity'")
    assert airflow.run("gdpr_deadlines").state == "failed"
    execute(installation, "update lacuna.request set paused_at = now() - interval '2 days'")
    assert airflow.run("gdpr_deadlines").state == "success"


@pytest.mark.thorough
def test_the_search_for_traces_can_see(airflow, traces):
    """A run's own name, which Airflow does store, is found: in a file and in a column."""
    run = airflow.run("gdpr_seal")
    found = traces(run.run_id)
    assert "dag_run.run_id" in found
    assert any(name.startswith("airflow.db") for name in found)


def quote_a_row(*given: object) -> None:
    """Fail as a driver does."""
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise ValueError(f"duplicate key: (email)=({CANARY})") from error
