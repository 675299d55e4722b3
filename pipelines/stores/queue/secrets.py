"""What is kept encrypted of a request, until it is forgotten."""

import sqlalchemy as sa

from pipelines.model.queue import (
    Purpose,
)
from pipelines.stores.queue.connected import Connected


class Secrets(Connected):
    """What is kept encrypted of a request, until it is forgotten."""

    def bundle_key(self, request_id: str) -> str | None:
        """Return the age recipient that a bundle is encrypted for, or None."""
        value = self._connection.execute(
            sa.text("select bundle_key from lacuna.request where request_id = :id"),
            {"id": request_id},
        ).scalar_one_or_none()
        return None if value is None else str(value)

    def set_bundle_key(self, request_id: str, key: str) -> None:
        """Record the age recipient of a request's bundle."""
        self._connection.execute(
            sa.text("update lacuna.request set bundle_key = :key where request_id = :id"),
            {"key": key, "id": request_id},
        )

    def forget(self, request_id: str) -> int:
        """Delete what a closed request needed: secrets, working rows, nonce; return rows."""
        rows = 0
        for statement in (
            "delete from lacuna.request_secret where request_id = :id",
            "delete from lacuna.working_row where request_id = :id",
            "delete from lacuna.portion where request_id = :id",
            "delete from lacuna.baseline where request_id = :id",
            "update lacuna.mail set facts = null, content = null "
            "where request_id = :id and (facts is not null or content is not null)",
        ):
            rows += self._connection.execute(sa.text(statement), {"id": request_id}).rowcount
        self._connection.execute(
            sa.text(
                "update lacuna.request set nonce = null, rows_transaction = null "
                "where request_id = :id"
            ),
            {"id": request_id},
        )
        return rows

    def put_secret(self, request_id: str, purpose: Purpose, content: bytes) -> None:
        """Store an encrypted working copy, in place of an older one."""
        self._connection.execute(
            sa.text(
                "insert into lacuna.request_secret (request_id, purpose, content) "
                "values (:id, :purpose, :content) on conflict (request_id, purpose) "
                "do update set content = excluded.content"
            ),
            {"id": request_id, "purpose": str(purpose), "content": content},
        )

    def secret(self, request_id: str, purpose: Purpose) -> bytes | None:
        """Return an encrypted working copy, or None."""
        value = self._connection.execute(
            sa.text(
                "select content from lacuna.request_secret "
                "where request_id = :id and purpose = :purpose"
            ),
            {"id": request_id, "purpose": str(purpose)},
        ).scalar_one_or_none()
        return None if value is None else bytes(value)
