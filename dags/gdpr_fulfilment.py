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

A scheduled run that begins more than six hours late, such as after a pause, does nothing: `claim` is skipped, or fails
if an open request is due today. What is queued waits for the next run. To run now, trigger one by hand; its form can limit it to one request or one tenant,
or make it a dry run, which plans and checks and changes nothing in the platform. A run always takes what is queued now, whatever its
date, so a backfill of many dates does the work of one run.

A failed run: its note says why, by the numbers of requests. Its lines in `LACUNA_HOME/evidence/runs/` say more; then
`lacuna request list`. Run it again.
"""

from datetime import UTC, datetime

from airflow.sdk import TriggerRule, dag, task
from gdpr_flows import (
    DRY_RUN,
    LATEST,
    LEDGER,
    ORG,
    QUEUE,
    REQUEST,
    RUN_LIMIT,
    TRIED,
    FlowTask,
    explained,
)


@dag(
    description="Plan, apply, verify and certify queued requests",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    params={"request": REQUEST, "org": ORG, "dry_run": DRY_RUN},
    tags=["gdpr", "fulfilment"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_fulfilment():
    """Make the DAG."""

    def stage(name, **given):
        return FlowTask(task_id=name, flow="fulfilment", **given)

    def in_chunks(name, over):
        some = FlowTask.partial(task_id=name, flow="fulfilment", pool="gdpr_chunks")
        return some.expand(chunk=over.output)

    @task(
        retries=0,
        show_return_value_in_logs=False,
        trigger_rule=TriggerRule.ALL_DONE,
    )
    def verdict(ti=None):
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS

        with explained(ti):
            edge.raise_if_failed(
                ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id],
                OPENERS[1]().read(edge.run_name(ti)),
            )

    claim, divide = stage("claim", latest=LATEST, inlets=[QUEUE]), stage("divide")
    # `verify` and what follows need one of the two: a claimed batch is verified whatever became of
    # the rest, and there is always a chunk, because what is mapped over none is skipped.
    apply, verify, close = (
        stage(name, trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
        for name in ("apply", "verify", "close")
    )
    conclude = stage("conclude", trigger_rule=TriggerRule.ALL_DONE)
    claim >> stage("resolve_and_plan") >> divide >> apply >> verify >> close
    divide >> in_chunks("apply_chunk", divide) >> in_chunks("rewrite_chunk", divide) >> apply
    verify >> in_chunks("close_chunk", divide) >> close
    claim >> verify
    close >> stage("scrub", outlets=[LEDGER]) >> conclude >> verdict()


gdpr_fulfilment()
