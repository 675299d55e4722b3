"""Sealed bundles, until they are deleted."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from lacuna.model.queue import (
    SealedBundle,
)
from lacuna.stores.postgres.queue.queue_part import Connected


class Bundles(Connected):
    """Sealed bundles, until they are deleted."""

    def put(self, bundle: SealedBundle) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.bundle (request_id, org_id, digest, byte_count, sealed_at, "
                "expires_at, passphrase) values (:request_id, :org_id, :digest, :byte_count, "
                ":sealed_at, :expires_at, :passphrase) on conflict (request_id) do update set "
                "digest = excluded.digest, byte_count = excluded.byte_count, "
                "sealed_at = excluded.sealed_at, expires_at = excluded.expires_at, "
                "passphrase = excluded.passphrase, released_at = null, deleted_at = null"
            ),
            {
                "request_id": bundle.request_id,
                "org_id": bundle.org_id,
                "digest": bundle.digest,
                "byte_count": bundle.byte_count,
                "sealed_at": bundle.sealed_at,
                "expires_at": bundle.expires_at,
                "passphrase": bundle.passphrase,
            },
        )

    def get(self, request_id: str) -> SealedBundle | None:
        found = self._bundles("request_id = :id", {"id": request_id})
        return found[0] if found else None

    def expired(self, now: datetime) -> list[SealedBundle]:
        return self._bundles(
            "(expires_at <= :now or exists (select from lacuna.delivery as link "
            "where link.request_id = bundle.request_id and link.downloaded_at is not null))",
            {"now": now},
        )

    def kept(self, org_id: str) -> list[SealedBundle]:
        return self._bundles("org_id = :org_id", {"org_id": org_id})

    def release(self, request_id: str, at: datetime, *, by_link: bool = False) -> None:
        self._connection.execute(
            sa.text(
                "update lacuna.bundle set released_at = :at, "
                "passphrase = case when :by_link then passphrase end where request_id = :id"
            ),
            {"at": at, "id": request_id, "by_link": by_link},
        )

    def take_back(self, request_id: str) -> None:
        self._connection.execute(
            sa.text("update lacuna.bundle set released_at = null where request_id = :id"),
            {"id": request_id},
        )

    def delete(self, request_id: str, at: datetime) -> None:
        self._connection.execute(
            sa.text(
                "with link as (delete from lacuna.delivery where request_id = :id), "
                "secret as (delete from lacuna.request_secret "
                "  where request_id = :id and purpose in ('delivery', 'recipient')) "
                "update lacuna.bundle set deleted_at = :at, passphrase = null "
                "where request_id = :id"
            ),
            {"at": at, "id": request_id},
        )

    def _bundles(self, condition: str, parameters: Mapping[str, object]) -> list[SealedBundle]:
        query = (
            sa.select(
                sa.text(
                    "request_id::text, org_id, digest, byte_count, sealed_at, expires_at, "
                    "passphrase"
                )
            )
            .select_from(sa.text("lacuna.bundle"))
            .where(sa.text("deleted_at is null"), sa.text(condition))
            .order_by(sa.text("expires_at"))
        )
        return [
            SealedBundle(
                request_id=row[0],
                org_id=row[1],
                digest=row[2],
                byte_count=row[3],
                sealed_at=row[4],
                expires_at=row[5],
                passphrase=None if row[6] is None else bytes(row[6]),
            )
            for row in self._connection.execute(query, dict(parameters))
        ]
