"""Take in requests: from the mailbox and from the inbox table into the queue.

Each is answered. A request by which nobody is found for certain waits for an officer
(`lacuna request list`). A request is taken in while others are fulfilled. Tried again after a failure, it goes on where it stopped.
"""

from datetime import UTC, datetime

from airflow.sdk import dag
from gdpr_flows import QUEUE, QUEUED, RUN_LIMIT, TRIED, FlowTask, of_queue


@dag(
    description="Queue requests from the mailbox and the inbox table",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    tags=["gdpr", "intake"],
    doc_md=__doc__,
    # Of a worker that cannot change the platform: what strangers write is read here.
    default_args=TRIED | of_queue("planner"),
)
def gdpr_intake():
    """Make the DAG."""
    FlowTask(task_id="take_in", flow="intake", outlets=[QUEUED], updated=QUEUE)


gdpr_intake()
