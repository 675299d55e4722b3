"""Seal the day: verify the ledger, sign a checkpoint, keep it elsewhere, write the report.

Red means that the ledger does not verify: stop all processing, and compare with the copies of
the checkpoints (`lacuna evidence verify --ledger`).
"""

from datetime import UTC, datetime

from airflow.sdk import dag
from gdpr_flows import RUN_LIMIT, TRIED, FlowTask, of_queue


@dag(
    description="Verify the ledger and sign a checkpoint",
    schedule="0 7 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=RUN_LIMIT,
    tags=["gdpr", "seal"],
    doc_md=__doc__,
    default_args=TRIED,
)
def gdpr_seal():
    """Make the DAG."""
    # A worker of its own has the signing key, where tasks are handed to workers.
    FlowTask(task_id="seal", flow="seal", **of_queue("seal"))


gdpr_seal()
