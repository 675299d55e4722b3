"""Publish reports: closed periods, as aggregates in which nobody can be singled out.

It runs after fulfilment and sweep, and publishes nothing while residue is left. A period is written
once. A failed audit holds the publication back. Waiting does not change it, so there is no second
try.
"""

from datetime import UTC, datetime

from airflow.sdk import dag, task


@dag(
    description="Publish closed periods as anonymized aggregates",
    schedule="0 5 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["gdpr", "reporting"],
    doc_md=__doc__,
    default_args={"owner": "privacy", "pool": "gdpr", "retries": 0},
)
def gdpr_reporting():
    """Make the DAG."""

    @task(show_return_value_in_logs=False)
    def publish(ti=None):
        from lacuna.flows import reporting
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS, run_options

        return edge.run_stage(reporting.run, OPENERS, run_options, ti)

    publish()


gdpr_reporting()
