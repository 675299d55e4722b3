"""Check the deadlines: red while a request, or a mail that waits for a person, is overdue.

It is also red while a recipient has not been told of an erasure (`lacuna notice list --overdue`).

Alarms run against the unshifted day: the month after receipt, whatever weekday that is. What is
due within a week is a line of the run. `lacuna request list --overdue` and `lacuna mail list
--overdue` name what makes it red; the next run is green once that is closed or extended in time.
"""

from datetime import UTC, datetime

from airflow.sdk import dag
from gdpr_flows import RUN_LIMIT, TRIED, FlowTask


@dag(
    description="Turn red while a request is overdue",
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    tags=["gdpr", "deadlines"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_deadlines():
    """Make the DAG."""
    FlowTask(task_id="check", flow="deadlines")


gdpr_deadlines()
