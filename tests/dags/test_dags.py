"""What every DAG has, and how the tasks of fulfilment hang together."""

import ast
import itertools

import pytest

from scripts.local_airflow import POOLS, ROOT

DAGS = sorted(file.stem for file in (ROOT / "dags").glob("*.py"))
ONCE_ONLY = {
    ("gdpr_fulfilment", "resolve_and_plan"),
    ("gdpr_fulfilment", "verify"),
    ("gdpr_fulfilment", "conclude"),
    ("gdpr_fulfilment", "verdict"),
    ("gdpr_sweep", "sweep"),
    ("gdpr_reporting", "publish"),
    ("gdpr_seal", "seal"),
    ("gdpr_deadlines", "check"),
}


@pytest.fixture(params=DAGS)
def dag(request, airflow):
    return airflow.dagbag.dags[request.param]


@pytest.fixture
def fulfilment(airflow):
    return airflow.dagbag.dags["gdpr_fulfilment"]


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
    assert (pools == {"default_pool"}) == (dag.dag_id in {"gdpr_intake", "gdpr_deadlines"})


def test_the_pools_are_there(airflow):
    from airflow.models.pool import Pool

    assert {name: Pool.get_pool(name).slots for name in POOLS} == POOLS
    assert POOLS["gdpr"] == 1


def test_a_task_never_logs_what_it_returns(dag):
    def says_it(task) -> bool:
        if task.is_mapped:
            return task.partial_kwargs.get("show_return_value_in_logs", True)
        return task.show_return_value_in_logs

    assert [task.task_id for task in dag.tasks if says_it(task)] == []


def test_a_failure_that_does_not_pass_by_waiting_is_not_tried_again(airflow):
    once = {
        (dag.dag_id, task.task_id)
        for dag in airflow.dagbag.dags.values()
        for task in dag.tasks
        if task.retries == 0
    }
    assert once == ONCE_ONLY


def test_the_other_tasks_are_tried_three_times(airflow):
    tries = {
        task.retries
        for dag in airflow.dagbag.dags.values()
        for task in dag.tasks
        if (dag.dag_id, task.task_id) not in ONCE_ONLY
    }
    assert tries == {2}


def test_fulfilment_sweep_reporting_and_seal_follow_one_another_every_night(airflow):
    """Each finds done what the one before did; where one is late, the pool keeps them apart."""
    in_turn = ("gdpr_fulfilment", "gdpr_sweep", "gdpr_reporting", "gdpr_seal")
    times = [airflow.dagbag.dags[each].schedule.split() for each in in_turn]
    assert all(minute == "0" and rest == ["*"] * 3 for minute, _, *rest in times)
    hours = [int(hour) for _, hour, *_ in times]
    assert hours == sorted(set(hours))


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
        assert (task.pool, task.retries) == ("gdpr_chunks", 2)
        assert "divide" in task.upstream_task_ids
    for name, following in (("rewrite_chunk", "apply"), ("close_chunk", "close")):
        task = fulfilment.get_task(following)
        assert name in task.upstream_task_ids
        assert len(task.upstream_task_ids) == 2, "one that is there whatever was divided"
        assert task.trigger_rule.endswith("_min_one_success")


def test_airflow_is_written_to_by_its_public_interface_alone():
    """A plugin also needs what registers it, listeners for figures, and the auth manager for its page.

    It reads when flows run next: no interface in the web server's own process says so.
    """
    public = {
        "dags": ("airflow.sdk",),
        "plugins": (
            "airflow.sdk", "airflow.plugins_manager", "airflow.configuration", "airflow.listeners",
            "airflow.api_fastapi.app", "airflow.api_fastapi.auth", "airflow.api_fastapi.core_api",
            "airflow.models.dag", "airflow.utils.session",
        ),
    }  # fmt: skip
    for file in [*(ROOT / "dags").glob("*.py"), *(ROOT / "plugins").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            foreign = [name for name in modules if name.split(".")[0] == "airflow"]
            assert all(name.startswith(public[file.parent.name]) for name in foreign), file.name
