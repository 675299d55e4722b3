"""Check the deadlines: red while a request, or a mail that waits for a person, is overdue.

It is also red while a recipient has not been told of an erasure (`lacuna notice list --overdue`).

Alarms run against the unshifted day: the month after receipt, whatever weekday that is. What is
due within a week is a line of the run. `lacuna request list --overdue` and `lacuna mail list
--overdue` name what makes it red; the next run is green once that is closed or extended in time.
"""

from datetime import UTC, datetime

from airflow.sdk import dag, task


@dag(
    description="Turn red while a request is overdue",
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["gdpr", "deadlines"],
    doc_md=__doc__,
    default_args={"owner": "privacy", "retries": 0},
)
def gdpr_deadlines():
    """Make the DAG."""

    @task(show_return_value_in_logs=False)
    def check(ti=None):
        from lacuna.flows import deadlines
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS, run_options

        return edge.run_stage(deadlines.run, OPENERS, run_options, ti)

    check()


gdpr_deadlines()
