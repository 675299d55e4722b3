"""Take in requests: from the mailbox and from the inbox table into the queue.

Each is answered. A request by which nobody is found for certain waits for an officer
(`lacuna request list`). The flow has no slot of the pool `gdpr`: a request is taken in while others are
fulfilled. Tried again after a failure, it goes on where it stopped.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task


@dag(
    description="Queue requests from the mailbox and the inbox table",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["gdpr", "intake"],
    doc_md=__doc__,
    # Of a worker that cannot change the platform: what strangers write is read here.
    default_args={
        "owner": "privacy",
        "queue": "planner",
        "retries": 2,
        "retry_delay": timedelta(seconds=5),
    },
)
def gdpr_intake():
    """Make the DAG."""

    @task(show_return_value_in_logs=False)
    def take_in(ti=None):
        from lacuna.flows import intake
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS, run_options

        return edge.run_stage(intake.run, OPENERS, run_options, ti)

    take_in()


gdpr_intake()
