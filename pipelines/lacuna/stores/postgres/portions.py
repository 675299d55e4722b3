"""The rows of large erasures in PostgreSQL, divided into portions, as `ports.Portions`."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import array as pg_array

from lacuna.errors import IllegalTransition
from lacuna.model.location import RowKey, TableName
from lacuna.model.queue import Portion
from lacuna.model.request import Request
from lacuna.stores.postgres.queue_tables import WORKING_ROW
from lacuna.stores.postgres.working_rows import put_working_rows

_THEIRS = ("own", "shared")


class PostgresPortions:
    """The portions of requests in one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`; who opened it commits."""
        self._connection = connection

    def clear(self, request_id: str) -> None:
        for statement in (
            "delete from lacuna.portion where request_id = :id",
            "delete from lacuna.working_row where request_id = :id",
        ):
            self._connection.execute(sa.text(statement), {"id": request_id})

    def put(self, request_id: str, portion: Portion) -> None:
        if portion.table is None:
            return
        by_role = {"own": portion.own, "mention": portion.mentioned, "shared": portion.shared}
        for role, keys in by_role.items():
            rows = {request_id: keys}
            put_working_rows(self._connection, role, portion.table, rows, portion.number)

    def renew_statistics(self) -> None:
        """To those from before them a million are one, and every portion would read all of them."""
        self._connection.execute(
            sa.text("select lacuna.renew_statistics('lacuna', :table)"),
            {"table": WORKING_ROW.name},
        )

    def begin(self, request_id: str, tables: Sequence[TableName | None]) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.portion (request_id, portion, table_name) "
                "select :id, number, name from unnest(cast(:names as text[])) "
                "with ordinality as given (name, number)"
            ),
            {"id": request_id, "names": [None if one is None else str(one) for one in tables]},
        )

    def pending(self, request_id: str) -> int:
        return int(
            self._connection.execute(
                sa.text(
                    "select count(*) from lacuna.portion "
                    "where request_id = :id and transaction is null"
                ),
                {"id": request_id},
            ).scalar_one()
        )

    def first_pending(self, request_id: str) -> Portion | None:
        first = self._connection.execute(
            sa.text(
                "select portion, table_name from lacuna.portion "
                "where request_id = :id and transaction is null order by portion limit 1"
            ),
            {"id": request_id},
        ).one_or_none()
        if first is None:
            return None
        number, name = first
        if name is None:
            return Portion(number, None)
        table = TableName.parse(name)
        rows = self._connection.execute(
            sa.select(WORKING_ROW.c.role, WORKING_ROW.c.row_key).where(
                WORKING_ROW.c.request_id == request_id,
                WORKING_ROW.c.portion == number,
            )
        ).all()
        keys = {
            wanted: frozenset(tuple(key) for role, key in rows if role == wanted)
            for wanted in ("own", "mention", "shared")
        }
        return Portion(number, table, keys["own"], keys["mention"], keys["shared"])

    def hold(self, request: Request) -> None:
        held = self._connection.execute(
            sa.text(
                "select from lacuna.request where request_id = :id and attempt = :attempt "
                "and state = :state for no key update"
            ),
            {
                "id": request.request_id,
                "attempt": request.attempt,
                "state": str(request.state),
            },
        ).rowcount
        if held != 1:
            raise IllegalTransition(
                f"{request.request_id}: another attempt took over; nothing changed"
            )

    def unknown(
        self, request_id: str, rows: Mapping[TableName, Collection[RowKey]]
    ) -> Mapping[TableName, frozenset[RowKey]]:
        found = {}
        for table, keys in rows.items():
            known = self._connection.execute(
                sa.select(WORKING_ROW.c.row_key).where(
                    *_these(request_id, table, keys), WORKING_ROW.c.role.in_(_THEIRS)
                )
            ).scalars()
            if left := frozenset(keys).difference(tuple(key) for key in known):
                found[table] = left
        return found

    def drop(self, request_id: str, table: TableName, keys: Collection[RowKey]) -> None:
        if keys:
            self._connection.execute(
                sa.delete(WORKING_ROW).where(
                    *_these(request_id, table, keys), WORKING_ROW.c.role == "own"
                )
            )

    def own_rows(
        self, request_id: str, tables: Collection[TableName]
    ) -> Mapping[TableName, frozenset[RowKey]]:
        found: dict[TableName, set[RowKey]] = defaultdict(set)
        for name, key in self._connection.execute(
            sa.select(WORKING_ROW.c.table_name, WORKING_ROW.c.row_key).where(
                WORKING_ROW.c.request_id == request_id,
                WORKING_ROW.c.table_name.in_([*map(str, tables)]),
                WORKING_ROW.c.role.in_(_THEIRS),
            )
        ):
            found[TableName.parse(name)].add(tuple(key))
        return {name: frozenset(keys) for name, keys in found.items()}

    def free(self, request_id: str, portion: Portion) -> None:
        if portion.table is not None and portion.own:
            self._connection.execute(
                sa.delete(WORKING_ROW).where(
                    *_these(request_id, portion.table, portion.own), WORKING_ROW.c.role == "shared"
                )
            )
            self.put(request_id, portion)

    def note_last(self, request_id: str, table: TableName, keys: Collection[RowKey]) -> None:
        put_working_rows(self._connection, "last", table, {request_id: keys})

    def add_to_baseline(self, request_id: str, table: TableName, totals: Mapping[str, str]) -> None:
        self._connection.execute(
            sa.text(
                "insert into lacuna.baseline as known (request_id, table_name, measure, total) "
                "values (:id, :table, :measure, cast(:total as numeric)) "
                "on conflict (request_id, table_name, measure) "
                "do update set total = known.total + excluded.total"
            ),
            [
                {"id": request_id, "table": str(table), "measure": measure, "total": total}
                for measure, total in totals.items()
            ],
        )

    def finish(self, request_id: str, number: int, transaction_id: str) -> None:
        changed = self._connection.execute(
            sa.text(
                "update lacuna.portion set transaction = cast(:xid as xid8) "
                "where request_id = :id and portion = :number and transaction is null"
            ),
            {"xid": transaction_id, "id": request_id, "number": number},
        ).rowcount
        if changed != 1:
            raise IllegalTransition(
                f"{request_id}: portion {number} was already changed; rolled back"
            )


def _these(
    request_id: str, table: TableName, keys: Collection[RowKey]
) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a working row is a request's and one of `keys`."""
    width = len(next(iter(keys), ("",)))
    parts = list(zip(*keys, strict=True)) or [()] * width
    names = [f"part_{number}" for number in range(width)]
    texts = sa.func.unnest(*(sa.cast(list(part), ARRAY(sa.Text)) for part in parts))
    given = texts.table_valued(*names).render_derived()
    return (
        WORKING_ROW.c.request_id == request_id,
        WORKING_ROW.c.table_name == str(table),
        WORKING_ROW.c.row_key.in_(sa.select(pg_array([given.c[name] for name in names]))),
    )
