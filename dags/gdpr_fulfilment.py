"""Fulfil queued requests: plan them, apply what was approved, verify, certify.

Each task is one stage over one batch; the batch's id follows from the run, so that a task tried
again continues its batch. No task works while another run of the flow does: it fails, and says so. A
request that fails, fails alone: the others go on, and the run ends
red through `verdict`.

| task | when it runs |
|---|---|
| `claim` | first; refuses a data map that does not fit the schema before any row is read |
| `resolve_and_plan` | after `claim` |
| `apply` | after `resolve_and_plan`; changes nothing but what was approved by its digest |
| `verify` | whenever requests were claimed, even where `apply` failed half way |
| `close` | after `verify` |
| `scrub` | after `close`; takes what was erased out of the database's files, in the scrub window |
| `conclude` | always; fails where a request failed |
| `verdict` | always, last; fails where a task failed |

A failed run: read its lines in `LACUNA_HOME/evidence/runs/`, then `lacuna request list`. Run it
again at any time.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import TriggerRule, dag, task


@dag(
    description="Plan, apply, verify and certify queued requests",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["gdpr", "fulfilment"],
    doc_md=__doc__,
    default_args={
        "owner": "privacy",
        "pool": "gdpr",
        "retries": 2,
        "retry_delay": timedelta(seconds=5),
    },
)
def gdpr_fulfilment():
    """Make the DAG."""

    @task(show_return_value_in_logs=False)
    def claim(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        return edge.run_stage(fulfilment.alone(fulfilment.claim), open_stores, run_options, ti)

    @task(show_return_value_in_logs=False, retries=0)
    def resolve_and_plan(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.alone(fulfilment.resolve_and_plan), open_stores, run_options, ti)

    @task(show_return_value_in_logs=False)
    def apply(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.alone(fulfilment.apply), open_stores, run_options, ti)

    @task(
        show_return_value_in_logs=False,
        retries=0,
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    )
    def verify(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.alone(fulfilment.verify), open_stores, run_options, ti)

    @task(show_return_value_in_logs=False)
    def close(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.alone(fulfilment.close), open_stores, run_options, ti)

    @task(show_return_value_in_logs=False)
    def scrub(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.alone(fulfilment.scrub), open_stores, run_options, ti)

    @task(show_return_value_in_logs=False, retries=0, trigger_rule=TriggerRule.ALL_DONE)
    def conclude(ti=None):
        from pipelines.flows import edge, fulfilment
        from pipelines.wiring import open_stores, run_options

        edge.run_stage(fulfilment.conclude, open_stores, run_options, ti)

    @task(show_return_value_in_logs=False, retries=0, trigger_rule=TriggerRule.ALL_DONE)
    def verdict(ti=None):
        from pipelines.flows.edge import raise_if_failed

        raise_if_failed(ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id])

    claimed, verified = claim(), verify()
    claimed >> resolve_and_plan() >> apply() >> verified
    verified >> close() >> scrub() >> conclude() >> verdict()
    # `verify` needs one of the two: a claimed batch is verified whatever became of the rest.
    claimed >> verified


gdpr_fulfilment()
