"""The queue's tables that other statements join to."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

REQUEST = sa.table(
    "request",
    sa.column("request_id", UUID(as_uuid=False)),
    sa.column("org_id", sa.Text),
    sa.column("nonce", UUID(as_uuid=False)),
    sa.column("received_at", sa.DateTime(timezone=True)),
    schema="lacuna",
)

REQUEST_SUBJECT = sa.table(
    "request_subject",
    sa.column("request_id", UUID(as_uuid=False)),
    sa.column("person_key", sa.Text),
    schema="lacuna",
)

WORKING_ROW = sa.table(
    "working_row",
    sa.column("request_id", UUID(as_uuid=False)),
    sa.column("table_name", sa.Text),
    sa.column("role", sa.Text),
    sa.column("row_key", ARRAY(sa.Text)),
    sa.column("portion", sa.Integer),
    schema="lacuna",
)

TOMBSTONE = sa.table(
    "tombstone",
    sa.column("org_id", sa.Text),
    sa.column("table_name", sa.Text),
    sa.column("row_key", sa.Text),
    schema="lacuna",
)

SWEEP_DONE = sa.table(
    "sweep_done",
    sa.column("rule", sa.Text),
    sa.column("table_name", sa.Text),
    sa.column("row_key", ARRAY(sa.Text)),
    sa.column("row_version", sa.Text),
    sa.column("digest", sa.Text),
    schema="lacuna",
)

TOLD_TIME = sa.table(
    "told_time",
    sa.column("table_name", sa.Text),
    sa.column("column_name", sa.Text),
    sa.column("row_key", ARRAY(sa.Text)),
    sa.column("told", sa.Text),
    schema="lacuna",
)

RESTRICTION = sa.table(
    "restriction",
    sa.column("org_id", sa.Text),
    sa.column("contact_id", sa.Text),
    schema="lacuna",
)
