"""What a person asked for before, and what is restricted for them."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from lacuna.model.bundle import PastRequest
from lacuna.model.kept_right import Restriction
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.stores.postgres.queue.queue_part import Connected


class People(Connected):
    """What a person asked for before, and what is restricted for them."""

    def restrict(
        self, request: Request, keys: Collection[str], kind: RequestKind, at: datetime
    ) -> int:
        if not keys:
            return 0
        return sum(
            self._connection.execute(
                sa.text(
                    "insert into lacuna.restriction (org_id, contact_id, kind, request_id, since) "
                    "values (:org_id, :key, :kind, :request_id, :at) on conflict do nothing"
                ),
                {
                    "org_id": request.org_id,
                    "key": key,
                    "kind": str(kind),
                    "request_id": request.request_id,
                    "at": at,
                },
            ).rowcount
            for key in sorted(keys)
        )

    def unrestrict(self, request_id: str) -> int:
        return self._connection.execute(
            sa.text("delete from lacuna.restriction where request_id = :id"), {"id": request_id}
        ).rowcount

    def restrictions(self) -> list[Restriction]:
        rows = self._connection.execute(
            sa.text(
                "select request_id::text, org_id, contact_id, kind, since from lacuna.restriction "
                "order by request_id, contact_id, kind"
            )
        )
        return [Restriction(row[0], row[1], row[2], RequestKind(row[3]), row[4]) for row in rows]

    def belong_to(self, people: Sequence[tuple[Request, Collection[str]]]) -> None:
        self._connection.execute(
            sa.text(
                "delete from lacuna.request_subject where request_id = any(cast(:ids as uuid[]))"
            ),
            {"ids": [request.request_id for request, _ in people]},
        )
        rows = [
            {"request_id": request.request_id, "org_id": request.org_id, "key": key}
            for request, keys in people
            for key in sorted(keys)
        ]
        if rows:
            self._connection.execute(
                sa.text(
                    "insert into lacuna.request_subject (request_id, org_id, person_key) "
                    "values (:request_id, :org_id, :key)"
                ),
                rows,
            )

    def requests_about(self, org_id: str, keys: Collection[str]) -> list[PastRequest]:
        rows = self._connection.execute(
            sa.text(
                "select request_id, kinds, received_at, state, closed_at, ground "
                "from lacuna.request where request_id in (select request_id "
                "from lacuna.request_subject where org_id = :org_id and person_key = any(:keys)) "
                "order by received_at, request_id"
            ),
            {"org_id": org_id, "keys": list(keys)},
        )
        return [
            PastRequest(
                request_id=str(row.request_id),
                kinds=tuple(RequestKind(kind) for kind in row.kinds),
                received_at=row.received_at,
                state=RequestState(row.state),
                closed_at=row.closed_at,
                ground=row.ground,
            )
            for row in rows
        ]

    def keep(self, org_id: str) -> None:
        """Whom an entry is about is read after this, and is still there when it commits."""
        self._connection.execute(
            sa.text("select pg_advisory_xact_lock(:key)"), {"key": _people_of(org_id)}
        )

    def await_recorders(self, org_id: str) -> None:
        """What they added is then seen by whoever forgets. Erasures do not wait for one another."""
        self._connection.execute(
            sa.text("select pg_advisory_xact_lock_shared(:key)"), {"key": _people_of(org_id)}
        )

    def forget_requests(self, org_id: str, keys: Collection[str]) -> int:
        found = self._connection.execute(
            sa.text(
                "with past as (delete from lacuna.request_subject "
                "  where org_id = :org_id and person_key = any(:keys) returning request_id), "
                # By what the recipient of a bundle is known, which may be kept longer.
                "whom as (delete from lacuna.request_secret where purpose = 'recipient' "
                "  and request_id in (select request_id from past)) "
                "select count(*) from past"
            ),
            {"org_id": org_id, "keys": list(keys)},
        )
        return int(found.scalar_one())

    def lift_restrictions(self, org_id: str, keys: Collection[str]) -> int:
        return self._connection.execute(
            sa.text(
                "delete from lacuna.restriction where org_id = :org_id and contact_id = any(:keys)"
            ),
            {"org_id": org_id, "keys": list(keys)},
        ).rowcount


def _people_of(org_id: str) -> int:
    """Return the key of a tenant's advisory lock."""
    digest = hashlib.sha256(f"people of {org_id}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
