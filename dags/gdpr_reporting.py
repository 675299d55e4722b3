"""Publish reports: closed periods, as aggregates in which nobody can be singled out.

It runs after each fulfilment and sweep that ended green, and every morning; it publishes nothing while
residue is left. A period is written once. A failed audit holds the publication back; waiting does
not change it, so it is red at once. Trigger one by hand to begin the history with a day of yours.
"""

from datetime import UTC, datetime

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag
from gdpr_flows import FROM_DATE, LEDGER, MARTS, RUN_LIMIT, TRIED, FlowTask


@dag(
    description="Publish closed periods as anonymized aggregates",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 5 * * *", timezone="UTC"), assets=LEDGER
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    params={"from_date": FROM_DATE},
    tags=["gdpr", "reporting"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_reporting():
    """Make the DAG."""
    FlowTask(task_id="publish", flow="reporting", outlets=[MARTS])


gdpr_reporting()
