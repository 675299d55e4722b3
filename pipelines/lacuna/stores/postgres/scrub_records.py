"""What was rewritten, and when: so that only tables that changed since are locked again."""

from datetime import datetime

import sqlalchemy as sa

from lacuna.model.scrub import TableFiles


class PostgresScrubs:
    """The records of scrubs in one transaction, as `ports.Scrubs`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, files: TableFiles, lock_seconds: float, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.scrub as known values "
                "(:table, :changes, :position, :byte_count, :seconds, :at) "
                "on conflict (table_name) do update set changes = excluded.changes, "
                "position = excluded.position, byte_count = excluded.byte_count, "
                "lock_seconds = excluded.lock_seconds, scrubbed_at = excluded.scrubbed_at"
            ),
            {
                "table": str(files.table),
                "changes": files.changes,
                "position": files.position,
                "byte_count": files.byte_count,
                "seconds": lock_seconds,
                "at": at,
            },
        )
