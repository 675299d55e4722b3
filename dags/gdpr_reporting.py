"""Publish reports: closed periods, as aggregates in which nobody can be singled out.

It runs after each fulfilment and sweep that ended green, and every morning; it publishes nothing while
residue is left. A period is written once. A failed audit holds the publication back; waiting does
not change it, so it is red at once.
"""

from datetime import UTC, datetime

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag
from gdpr_flows import LEDGER, MARTS, TRIED, FlowTask


@dag(
    description="Publish closed periods as anonymized aggregates",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 5 * * *", timezone="UTC"), assets=LEDGER
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["gdpr", "reporting"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_reporting():
    """Make the DAG."""
    FlowTask(task_id="publish", flow="reporting", outlets=[MARTS])


gdpr_reporting()
