"""Sweep: redact the texts of interactions closed for long, delete what has expired.

It follows approved rules only (`lacuna rule list`); a rule that would change more rows than was
approved stops. What a sweep that failed has left, the next one does. A scheduled run that begins
more than six hours late, such as after a pause, is skipped; trigger one by hand to sweep now,
or to see what it would do: the form has a dry run.
"""

from datetime import UTC, datetime

from airflow.sdk import dag
from gdpr_flows import DRY_RUN, LATEST, LEDGER, RUN_LIMIT, TRIED, FlowTask


@dag(
    description="Redact old texts and delete what has expired",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    params={"dry_run": DRY_RUN},
    tags=["gdpr", "sweep"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_sweep():
    """Make the DAG."""
    FlowTask(task_id="sweep", flow="sweep", latest=LATEST, outlets=[LEDGER])


gdpr_sweep()
