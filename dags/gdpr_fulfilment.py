"""Fulfil queued requests: plan them, apply what was approved, verify, certify.

Each task is one stage over one batch; the batch's id follows from the run, so that a task tried again continues its
batch. No task works while another run of the flow does, nor on a chunk that another worker is at: it fails, and says
so. A request that fails, fails alone: the others go on, and the run ends red through `verdict`.

| task | when it runs |
|---|---|
| `claim` | first; refuses a data map that does not fit the schema before any row is read |
| `resolve_and_plan` | after `claim` |
| `divide` | after `resolve_and_plan`; says in how many chunks the batch is worked on; one, which is empty, where nothing is approved |
| `apply_chunk` | once for each chunk, on any worker; changes nothing but what was approved by its digest |
| `rewrite_chunk` | once for each chunk, after `apply_chunk`; rewrites exports and archives, each file once for everybody in it |
| `apply` | whenever the chunks are through; takes up what they left |
| `verify` | whenever requests were claimed, even where `apply` failed half way |
| `close_chunk` | once for each chunk, after `verify` |
| `close` | after the chunks; closes the rest |
| `scrub` | after `close`; takes what was erased out of the database's files, in the scrub window |
| `conclude` | always; fails where a request failed |
| `verdict` | always, last; fails where a task failed |

A failed run: read its lines in `LACUNA_HOME/evidence/runs/`, then `lacuna request list`. Run it again.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import TriggerRule, dag, task


def run(name, ti, chunk=None):
    """Run a stage as a task; return what may be handed on: the batch's id, or numbers of chunks."""
    from lacuna.flows import fulfilment
    from lacuna.flows.run import edge
    from lacuna.wiring import OPENERS, run_options

    return edge.run_stage(fulfilment.stage_of(name, chunk), OPENERS, run_options, ti)


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
        "show_return_value_in_logs": False,
    },
)
def gdpr_fulfilment():
    """Make the DAG."""

    @task
    def claim(ti=None):
        return run("claim", ti)

    @task(retries=0)
    def resolve_and_plan(ti=None):
        run("resolve_and_plan", ti)

    @task
    def divide(ti=None):
        return run("divide", ti)

    # Of a mapped task the defaults say nothing about its logs.
    @task(pool="gdpr_chunks", show_return_value_in_logs=False)
    def apply_chunk(chunk, ti=None):
        run("apply_chunk", ti, chunk)

    @task(pool="gdpr_chunks", show_return_value_in_logs=False)
    def rewrite_chunk(chunk, ti=None):
        run("rewrite_chunk", ti, chunk)

    @task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def apply(ti=None):
        run("apply", ti)

    @task(retries=0, trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def verify(ti=None):
        run("verify", ti)

    @task(pool="gdpr_chunks", show_return_value_in_logs=False)
    def close_chunk(chunk, ti=None):
        run("close_chunk", ti, chunk)

    @task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def close(ti=None):
        run("close", ti)

    @task
    def scrub(ti=None):
        run("scrub", ti)

    @task(retries=0, trigger_rule=TriggerRule.ALL_DONE)
    def conclude(ti=None):
        run("conclude", ti)

    @task(retries=0, trigger_rule=TriggerRule.ALL_DONE)
    def verdict(ti=None):
        from lacuna.flows.run.edge import raise_if_failed

        raise_if_failed(ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id])

    claimed, divided, applied, verified, closed = claim(), divide(), apply(), verify(), close()
    claimed >> resolve_and_plan() >> divided
    # There is always a chunk: what is mapped over none is skipped, and what follows with it.
    closed_in_chunks = close_chunk.expand(chunk=divided)
    divided >> applied
    apply_chunk.expand(chunk=divided) >> rewrite_chunk.expand(chunk=divided) >> applied
    applied >> verified >> closed_in_chunks >> closed
    # `verify` needs one of the two: a claimed batch is verified whatever became of the rest.
    claimed >> verified >> closed >> scrub() >> conclude() >> verdict()


gdpr_fulfilment()
