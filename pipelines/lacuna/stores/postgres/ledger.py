"""The ledger in PostgreSQL, on the transaction's own connection."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from lacuna.model.evidence import Action, BegunSeal, Entry, Leaf, Phase
from lacuna.stores.postgres.row_arrays import insert_rows

_ENTRY: Final = sa.table(
    "entry",
    sa.column("position", sa.BigInteger),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("request_id", sa.Uuid(as_uuid=False)),
    sa.column("batch_id", sa.Uuid(as_uuid=False)),
    sa.column("phase", sa.Text),
    sa.column("action", sa.Text),
    sa.column("location", sa.Text),
    sa.column("rows", sa.BigInteger),
    sa.column("already", sa.BigInteger),
    sa.column("digest", sa.Text),
    sa.column("actor", sa.Text),
    sa.column("leaf_hash", sa.Text),
    schema="lacuna_evidence",
)
_KEPT: Final = sa.table(
    "unrecorded",
    sa.column("unrecorded_id", sa.BigInteger),
    *(
        sa.column(column.name, column.type)
        for column in _ENTRY.c
        if column.name not in ("position", "phase", "leaf_hash")
    ),
    schema="lacuna",
)
_CHECKPOINT: Final = sa.table(
    "checkpoint",
    sa.column("size", sa.BigInteger),
    sa.column("root", sa.Text),
    sa.column("note", sa.Text),
    sa.column("at", sa.DateTime(timezone=True)),
    schema="lacuna_evidence",
)
_SEAL: Final = sa.table(
    "seal",
    sa.column("size", sa.BigInteger),
    sa.column("root", sa.Text),
    sa.column("at", sa.DateTime(timezone=True)),
    schema="lacuna_evidence",
)
_LEAVES_AT_ONCE: Final = 2000


class PostgresLedger:
    """The append-only ledger in one transaction, as `ports.Ledger`.

    The database gives position and leaf hash, and refuses an entry that is not made of ids,
    counts, digests and names of places.

    The first `append` takes a lock that lasts until the transaction ends, so that positions
    have no gap: do the work first, append its outcome last, then commit.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(self, entry: Entry) -> Leaf:
        statement = sa.insert(_ENTRY).values(_values(entry)).returning(*_ENTRY.c)
        return _leaf(self._connection.execute(statement).one())

    def append_all(self, entries: Sequence[Entry]) -> None:
        if entries:
            rows = [_values(entry) for entry in entries]
            self._connection.execute(insert_rows(_ENTRY, list(rows[0]), rows))

    def keep(self, entries: Sequence[Entry]) -> None:
        if entries:
            columns = [column.name for column in _KEPT.c if column.name != "unrecorded_id"]
            rows = [_values(entry) for entry in entries]
            self._connection.execute(insert_rows(_KEPT, columns, rows))

    def record_kept(self, request_ids: Collection[str]) -> None:
        columns = [column for column in _KEPT.c if column.name != "unrecorded_id"]
        kept = (
            sa.delete(_KEPT)
            .where(_KEPT.c.request_id.in_(request_ids))
            .returning(_KEPT.c.unrecorded_id, *columns)
            .cte("kept")
        )
        names = [column.name for column in columns]
        rows = sa.select(
            sa.literal(Phase.OUTCOME.value), *(kept.c[name] for name in names)
        ).order_by(kept.c.unrecorded_id)
        self._connection.execute(sa.insert(_ENTRY).from_select(["phase", *names], rows))

    def leaves(self, *, request_id: str | None = None) -> Iterator[Leaf]:
        """The entries are read as a stream: memory does not grow with the ledger."""
        statement = sa.select(*_ENTRY.c).order_by(_ENTRY.c.position)
        if request_id is not None:
            statement = statement.where(_ENTRY.c.request_id == request_id)
        with self._connection.execute(
            statement, execution_options={"yield_per": _LEAVES_AT_ONCE}
        ) as rows:
            for row in rows:
                yield _leaf(row)

    def leaves_of(self, request_ids: Collection[str]) -> Mapping[str, list[Leaf]]:
        statement = (
            sa.select(*_ENTRY.c)
            .where(_ENTRY.c.request_id.in_(request_ids))
            .order_by(_ENTRY.c.position)
        )
        found: dict[str, list[Leaf]] = {request_id: [] for request_id in request_ids}
        for leaf in map(_leaf, self._connection.execute(statement)):
            found[leaf.entry.request_id or ""].append(leaf)
        return found

    def digests(self, action: Action, *, location: str | None = None) -> frozenset[str]:
        found = self._connection.execute(
            sa.select(_ENTRY.c.digest)
            .where(
                _ENTRY.c.action == action.value,
                _ENTRY.c.phase == Phase.OUTCOME.value,
                _ENTRY.c.digest.is_not(None),
                sa.true() if location is None else _ENTRY.c.location == location,
            )
            .distinct()
        )
        return frozenset(str(digest) for digest in found.scalars())

    def locations(self, action: Action) -> frozenset[str]:
        found = self._connection.execute(
            sa.select(_ENTRY.c.location)
            .where(_ENTRY.c.action == action.value, _ENTRY.c.phase == Phase.OUTCOME.value)
            .distinct()
        )
        return frozenset(str(location) for location in found.scalars())

    def outcomes(self, *actions: Action, after: int) -> list[Leaf]:
        statement = (
            sa.select(*_ENTRY.c)
            .where(
                _ENTRY.c.position > after,
                _ENTRY.c.action.in_([action.value for action in actions]),
                _ENTRY.c.phase == Phase.OUTCOME.value,
            )
            .order_by(_ENTRY.c.position)
        )
        return [_leaf(row) for row in self._connection.execute(statement)]

    def first_rows(self, action: Action, request_ids: Collection[str]) -> Mapping[str, int | None]:
        statement = sa.text(
            "select distinct on (request_id) request_id::text, rows from lacuna_evidence.entry "
            "where request_id = any(cast(:ids as uuid[])) and action = :action "
            "and phase = 'outcome' order by request_id, position"
        )
        values = {"ids": list(request_ids), "action": action.value}
        return {
            str(request_id): rows
            for request_id, rows in self._connection.execute(statement, values)
        }

    def recent_batches(self) -> list[str]:
        """Those that began in the week before it or later, or wrote entries since.

        Entries of the seal about their step lines do not count.
        """
        statement = sa.text(
            "with before as (select size, at from lacuna_evidence.checkpoint "
            "  order by size desc offset 1 limit 1) "
            "select batch_id from lacuna.batch as batch "
            "where started_at >= coalesce((select at - interval '7 days' from before), started_at) "
            "or exists (select from lacuna_evidence.entry as entry "
            "  where entry.batch_id = batch.batch_id and action <> :action "
            "  and position >= coalesce((select size from before), 0)) "
            "order by started_at, batch_id"
        )
        found = self._connection.execute(statement, {"action": Action.RUN_RECORDED.value})
        return [str(batch_id) for batch_id in found.scalars()]

    def unrecorded(self, batch_ids: Collection[str]) -> list[str]:
        statement = sa.text(
            "select batch_id from lacuna.batch as batch where batch_id = any(cast(:ids as uuid[])) "
            "and not exists (select from lacuna_evidence.entry as entry "
            "  where entry.batch_id = batch.batch_id and action = :action) "
            "order by started_at, batch_id"
        )
        values = {"ids": list(batch_ids), "action": Action.RUN_RECORDED.value}
        return [str(each) for each in self._connection.execute(statement, values).scalars()]

    def last_of_batch(
        self, action: Action, batch_id: str, *, below: int | None = None
    ) -> Leaf | None:
        statement = (
            sa.select(*_ENTRY.c)
            .where(
                _ENTRY.c.batch_id == batch_id,
                sa.true() if below is None else _ENTRY.c.position < below,
                _ENTRY.c.action == action.value,
                _ENTRY.c.phase == Phase.OUTCOME.value,
            )
            .order_by(_ENTRY.c.position.desc())
            .limit(1)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _leaf(row)

    def begin_seal(self, *, size: int, root: str, at: datetime) -> None:
        """Remember a seal before anything of it is signed.

        The database refuses one that is not larger than the last, or while the last one has no
        checkpoint.

        Args:
            size: entries that it is over.
            root: Merkle root over them, hex.
            at: now.
        """
        self._connection.execute(sa.insert(_SEAL).values(size=size, root=root, at=at))

    def seals(self) -> tuple[BegunSeal, ...]:
        found = self._connection.execute(sa.select(*_SEAL.c).order_by(_SEAL.c.size))
        return tuple(BegunSeal(row.size, row.root, row.at.astimezone(UTC)) for row in found)

    def add_checkpoint(self, note: str, *, size: int, root: str, at: datetime) -> None:
        self._connection.execute(
            sa.insert(_CHECKPOINT).values(size=size, root=root, note=note, at=at)
        )

    def sealed_at(self) -> datetime | None:
        found = self._connection.execute(sa.select(sa.func.max(_CHECKPOINT.c.at))).scalar_one()
        return None if found is None else found.astimezone(UTC)

    def checkpoints(self) -> tuple[str, ...]:
        notes = self._connection.execute(sa.select(_CHECKPOINT.c.note).order_by(_CHECKPOINT.c.size))
        return tuple(str(note) for note in notes.scalars())


def _values(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at,
        "request_id": entry.request_id,
        "batch_id": entry.batch_id,
        "phase": entry.phase.value,
        "action": entry.action.value,
        "location": entry.location,
        "rows": entry.rows,
        "already": entry.already,
        "digest": entry.digest,
        "actor": entry.actor,
    }


def _leaf(row: sa.Row[*tuple[object, ...]]) -> Leaf:
    entry = Entry(
        at=row.at.astimezone(UTC),
        request_id=row.request_id,
        batch_id=row.batch_id,
        phase=Phase(row.phase),
        action=Action(row.action),
        location=row.location,
        rows=row.rows,
        already=row.already,
        digest=row.digest,
        actor=row.actor,
    )
    return Leaf(row.position, entry, row.leaf_hash)
