"""What every DAG has, and how the tasks of fulfilment hang together."""

import ast
import contextlib
import importlib.util
import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lacuna.errors import (
    AgreementMissing,
    BlastRadiusExceeded,
    ConfigurationError,
    DataMapDrift,
    DependencyUnreachable,
    EvidenceBroken,
    FlowHeld,
    LedgerHeld,
    MalformedRequest,
    PipelineError,
    PlanChanged,
    RefusedForGood,
    RowsContended,
    VerificationFailed,
)
from lacuna.flows.fulfilment.flow import STAGES
from lacuna.flows.run.alerts import TRIES
from scripts.local_airflow import POOLS, ROOT, airflow_environment

DAGS = sorted(file.stem for file in (ROOT / "dags").glob("*.py"))


@pytest.fixture(params=DAGS)
def dag(request, airflow):
    return airflow.dagbag.dags[request.param]


def test_a_scheduler_can_keep_a_dag(dag):
    from airflow.serialization.serialized_objects import DagSerialization

    kept = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert [task.task_id for task in kept.tasks] == [task.task_id for task in dag.tasks]


@pytest.fixture
def fulfilment(airflow):
    return airflow.dagbag.dags["gdpr_fulfilment"]


def test_airflow_does_every_stage_of_a_fulfilment_and_a_verdict(fulfilment):
    assert {task.task_id for task in fulfilment.tasks} == {*STAGES, "verdict"}


def test_airflow_finds_the_dags_and_no_other(airflow):
    assert sorted(airflow.dagbag.dags) == DAGS


def test_a_dag_never_catches_up_and_never_runs_twice_at_once(dag):
    assert dag.catchup is False
    assert dag.max_active_runs == 1


def test_a_dag_says_what_it_is_and_whose(dag):
    assert dag.tags == {"gdpr", dag.dag_id.removeprefix("gdpr_")}
    assert len(dag.doc_md.split()) > 20
    assert dag.description
    assert {task.owner for task in dag.tasks} == {"privacy"}


def test_a_task_uses_a_pool_that_the_set_up_makes(dag):
    pools = {task.pool for task in dag.tasks}
    assert pools <= {"default_pool", *POOLS}
    assert (pools == {"default_pool"}) == (dag.dag_id != "gdpr_fulfilment")


def test_a_task_and_a_run_that_never_end_are_stopped(dag):
    """Else no later run of the flow begins."""
    limits = {task.execution_timeout for task in dag.tasks}
    assert limits == {timedelta(hours=12)}
    assert dag.dagrun_timeout == timedelta(hours=23)


@pytest.mark.thorough
def test_the_limits_are_settings_of_airflows(tmp_path):
    environment = airflow_environment(tmp_path / "home") | {
        "AIRFLOW__LACUNA__TASK_HOURS": "2",
        "AIRFLOW__LACUNA__RUN_HOURS": "5",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "plugins"),
    }
    script = "import gdpr_flows as one; print(one.TASK_LIMIT, one.RUN_LIMIT, sep=', ')"
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", script],
        capture_output=True, check=True, cwd=tmp_path, env=environment, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "2:00:00, 5:00:00"


def test_a_form_offers_what_its_flow_can_be_limited_to(airflow):
    found = {dag_id: set(dag.params) for dag_id, dag in airflow.dagbag.dags.items() if dag.params}
    assert found == {
        "gdpr_fulfilment": {"request", "org", "dry_run"},
        "gdpr_sweep": {"dry_run"},
        "gdpr_reporting": {"from_date"},
    }


def test_the_pools_are_there(airflow):
    from airflow.models.pool import Pool

    assert {name: Pool.get_pool(name).slots for name in POOLS} == POOLS


def test_a_task_never_logs_what_it_returns(dag):
    """Of the operators only those that run a function do, unless they are told not to."""
    named = {
        task.task_id: task.operator_class if task.is_mapped else type(task) for task in dag.tasks
    }
    functions = {name for name, kind in named.items() if kind.__name__ != "FlowTask"}
    assert functions <= {"verdict"}
    assert not any(dag.get_task(name).show_return_value_in_logs for name in functions)


def test_every_task_but_the_verdict_is_tried_again_when_its_worker_is_lost(dag):
    tries = {task.task_id: task.retries for task in dag.tasks if task.task_id != "verdict"}
    assert set(tries.values()) == {TRIES - 1}
    for name in tries:
        task = dag.get_task(name)
        assert task.retry_delay <= timedelta(seconds=30)
        assert task.retry_exponential_backoff == 2
        assert task.max_retry_delay == timedelta(minutes=10)


@pytest.fixture
def policy(airflow):
    """What every task has, with its own times."""
    spec = importlib.util.spec_from_file_location("unhurried", ROOT / "plugins" / "gdpr_flows.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    task = airflow.dagbag.dags["gdpr_sweep"].get_task("sweep")
    assert type(task.retry_policy).__name__ == "OutlastOutages"
    return module.OutlastOutages()


OUTAGES = [DependencyUnreachable("x"), RowsContended("x"), LedgerHeld("x")]
LASTING = [
    AgreementMissing("x"), BlastRadiusExceeded("x"), ConfigurationError("x"), DataMapDrift("x"),
    EvidenceBroken("x"), FlowHeld("x"), MalformedRequest("x"), PlanChanged("x"),
    RefusedForGood("x"),
    VerificationFailed("x"),
]  # fmt: skip


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
def test_an_outage_is_waited_for_longer_than_a_failover_takes(policy, error):
    found = [policy.evaluate(error, number, TRIES - 1) for number in range(1, TRIES)]
    assert {one.action.value for one in found} == {"retry"}
    seconds = [one.retry_delay.total_seconds() for one in found]
    assert seconds == [30, 60, 120, 240, 480, 600]
    assert sum(seconds[:5]) > 600


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_does_not_pass_by_waiting_is_red_at_once(policy, error):
    assert policy.evaluate(error, 1, TRIES - 1).action.value == "fail"


def test_any_other_error_is_tried_three_times(policy):
    found = [policy.evaluate(PipelineError("x"), number, TRIES - 1) for number in (1, 2, 3)]
    assert [one.action.value for one in found] == ["retry", "retry", "fail"]


def test_a_task_that_was_cleared_by_hand_has_all_its_tries_again(policy):
    """Airflow numbers them on, and allows as many more."""
    most = 8 + TRIES - 1  # eight went before
    found = [policy.evaluate(PipelineError("x"), number, most) for number in (9, 10, 11)]
    assert [one.action.value for one in found] == ["retry", "retry", "fail"]
    assert policy.evaluate(OUTAGES[0], 9, most).retry_delay == timedelta(seconds=30)


def test_fulfilment_sweep_and_seal_follow_one_another_every_night(airflow):
    """Each finds done what the one before did; where one is late, a lock keeps them apart."""
    in_turn = ("gdpr_fulfilment", "gdpr_sweep", "gdpr_seal")
    times = [airflow.dagbag.dags[each].schedule.split() for each in in_turn]
    assert all(minute == "0" and rest == ["*"] * 3 for minute, _, *rest in times)
    hours = [int(hour) for _, hour, *_ in times]
    assert hours == sorted(set(hours))


def test_reporting_follows_what_changed_the_platform_and_others_can_follow_it(airflow):
    dags = airflow.dagbag.dags
    said = {
        (dag_id, task.task_id): [getattr(one, "uri", None) for one in task.outlets]
        for dag_id, dag in dags.items()
        for task in dag.tasks
        if task.outlets
    }
    (alias,) = dags["gdpr_intake"].get_task("take_in").outlets
    assert said.pop(("gdpr_intake", "take_in")) == [None]
    assert said == {
        ("gdpr_fulfilment", "scrub"): ["gdpr://ledger/"],
        ("gdpr_sweep", "sweep"): ["gdpr://ledger/"],
        ("gdpr_reporting", "publish"): ["gdpr://marts/"],
    }
    schedule = dags["gdpr_reporting"].schedule
    assert schedule.asset_condition.uri == "gdpr://ledger/"
    assert schedule.timetable.expression == "0 5 * * *"
    assert (alias.name, dags["gdpr_intake"].get_task("take_in").updated.uri) == (
        "gdpr_queue",
        "gdpr://queue/",
    )


def test_the_guides_dag_begins_a_fulfilment_when_something_is_queued(airflow, tmp_path):
    from airflow.dag_processing.dagbag import DagBag

    guide = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    (tmp_path / "mine.py").write_text(guide.partition("```python\n")[2].partition("```")[0])
    bag = DagBag(dag_folder=tmp_path)
    assert bag.import_errors == {}
    (mine,) = bag.dags.values()
    assert [one.uri for one in mine.timetable.asset_condition.objects] == ["gdpr://queue/"]
    (task,) = mine.tasks
    assert task.trigger_dag_id in airflow.dagbag.dags


def test_deadlines_are_checked_every_morning(airflow):
    assert airflow.dagbag.dags["gdpr_deadlines"].schedule == "0 6 * * *"


def test_requests_are_taken_in_every_quarter_of_an_hour(airflow):
    assert airflow.dagbag.dags["gdpr_intake"].schedule == "*/15 * * * *"


def test_the_verdict_is_the_only_leaf_and_always_runs(fulfilment):
    """The state of a run is that of its leaves: another leaf could make a red run green."""
    leaves = [task for task in fulfilment.tasks if not task.downstream_task_ids]
    assert [leaf.task_id for leaf in leaves] == ["verdict"]
    assert leaves[0].trigger_rule == "all_done"
    assert not leaves[0].is_teardown


def test_the_stages_follow_one_another(fulfilment):
    stages = (
        "claim",
        "resolve_and_plan",
        "divide",
        "apply_chunk",
        "rewrite_chunk",
        "apply",
        "verify",
        "close_chunk",
        "close",
        "scrub",
        "conclude",
        "verdict",
    )
    assert [task.task_id for task in fulfilment.topological_sort()] == list(stages)
    for stage, following in itertools.pairwise(stages):
        assert following in fulfilment.get_task(stage).downstream_task_ids


def test_chunks_are_mapped_over_and_what_follows_runs_where_there_are_none(fulfilment):
    """A task that is mapped over nothing is skipped."""
    mapped = {task.task_id for task in fulfilment.tasks if task.is_mapped}
    assert mapped == {"apply_chunk", "rewrite_chunk", "close_chunk"}
    for name in mapped:
        task = fulfilment.get_task(name)
        assert (task.pool, task.retries) == ("gdpr_chunks", TRIES - 1)
        assert "divide" in task.upstream_task_ids
    for name, following in (("rewrite_chunk", "apply"), ("close_chunk", "close")):
        task = fulfilment.get_task(following)
        assert name in task.upstream_task_ids
        assert len(task.upstream_task_ids) == 2, "one that is there whatever was divided"
        assert task.trigger_rule.endswith("_min_one_success")


def test_airflow_is_written_to_by_its_public_interface_alone():
    """A plugin also needs what registers it, listeners for figures, and the auth manager for its page.

    It reads when flows run next, and the tasks of a run that is red or waits for its note: no interface in the processes
    of the web server and the scheduler says so.
    """
    public = {
        "dags": ("airflow.sdk",),
        "plugins": (
            "airflow.sdk", "airflow.plugins_manager", "airflow.configuration", "airflow.listeners",
            "airflow.api_fastapi.app", "airflow.api_fastapi.auth", "airflow.api_fastapi.core_api",
            "airflow.models.dag", "airflow.models.taskinstance", "airflow.models.taskreschedule",
            "airflow.models.xcom", "airflow.utils.session",
        ),
    }  # fmt: skip
    for file in [*(ROOT / "dags").glob("*.py"), *(ROOT / "plugins").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            foreign = [name for name in modules if name.split(".")[0] == "airflow"]
            assert all(name.startswith(public[file.parent.name]) for name in foreign), file.name


@pytest.mark.parametrize(
    ("run_type", "hours", "clear_number", "is_skipped"),
    [
        ("scheduled", 6.1, 0, True),
        ("scheduled", 5.9, 0, False),
        ("scheduled", 6.1, 1, False),  # somebody wants it to go on
        ("manual", 100, 0, False),
        ("backfill", 100, 0, False),
    ],
)
@pytest.mark.parametrize("dag_id", ["gdpr_fulfilment", "gdpr_sweep"])
def test_a_night_is_not_made_up_for_at_noon(
    airflow, monkeypatch, dag_id, run_type, hours, clear_number, is_skipped
):
    """After a pause Airflow runs the last night at once."""
    first = airflow.dagbag.dags[dag_id].topological_sort()[0]
    monkeypatch.setattr(type(first), "poke", lambda task, context: True)
    monkeypatch.setattr(type(first), "_refuse_skip", lambda task, context: None)
    due = datetime(2026, 1, 2, 1, tzinfo=UTC)
    run = SimpleNamespace(
        run_type=run_type,
        run_after=due,
        start_date=due + timedelta(hours=hours),
        clear_number=clear_number,
    )
    said = []
    ti = SimpleNamespace(
        try_number=2,  # a further try is as late as the first
        get_first_reschedule_date=lambda _: None,
        xcom_push=lambda key, value: said.append(value),
    )
    execute = type(first).execute.__wrapped__
    # Here: Airflow reads its settings when it is imported.
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException) if is_skipped else contextlib.nullcontext():
        execute(first, {"dag_run": run, "ti": ti})
    assert len(said) == is_skipped
