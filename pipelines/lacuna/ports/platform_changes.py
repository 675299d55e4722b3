"""How the executor changes the platform's rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from lacuna.model.datamap import SweepRule
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.ports.texts import TextChange

__all__ = ["PlatformWriting"]


class PlatformWriting(Protocol):
    """Changes the platform's rows, for the executor; what is changed are the working rows.

    Where a portion is named, it is those of that portion alone.
    """

    def lock_own_rows(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[RowKey, str]:
        """Lock the own rows of the requests and return those that are there, with versions."""
        ...

    def lock_rows(self, table: TableName, keys: Collection[RowKey]) -> Mapping[RowKey, str]:
        """Lock given rows and return those that are there, with versions."""
        ...

    def delete_echoes(self, table: TableName) -> int:
        """Delete rows that this transaction itself made triggers write; return rows."""
        ...

    def refresh_views(self, tables: Collection[TableName]) -> None:
        """Refresh materialized views, one that reads another after that one."""
        ...

    def keep_told_times(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> None:
        """Keep in which own rows a trigger wrote the time of this transaction: the scrub takes it away."""
        ...

    def keep_told_times_of(self, table: TableName, keys: Collection[RowKey]) -> None:
        """Do what `keep_told_times` does for given rows, which were locked."""
        ...

    def measure(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[str, Mapping[str, str]]:
        """Return by request the count and the sums of measures of its own rows, as text.

        A request without own rows is left out.
        """
        ...

    def anonymize(
        self,
        table: TableName,
        request_ids: Sequence[str],
        at: datetime,
        portion: int | None = None,
    ) -> Mapping[str, int]:
        """Treat the own rows of the requests; return rows changed by request.

        A key treated by `new_key` is derived from the request's nonce, so that a rerun
        arrives at the same one; the working rows follow it. `erased_at` takes the year alone.
        """
        ...

    def treat(self, table: TableName, keys: Collection[RowKey]) -> int:
        """Treat given rows as an erasure treats a person's own; return rows changed or deleted.

        For rows that no request names; columns whose text is rewritten are left alone.
        """
        ...

    def make_tombstone(self, org_id: str, at: datetime) -> bool:
        """Make a tenant's tombstone contact; return False if it was there.

        Raises:
            ApplyFailed: another row stands in its place.
        """
        ...

    def delete(
        self, table: TableName, request_ids: Sequence[str], portion: int | None = None
    ) -> Mapping[str, int]:
        """Delete the own rows of the requests; return rows deleted by request."""
        ...

    def forget_gone_mentions(self) -> int:
        """Forget the working rows of mentions whose rows are gone; return how many.

        A row that went with its own person after a mention in it was planned mentions nobody, and
        its key may be an identifier.
        """
        ...

    def write_texts(
        self, table: TableName, columns: Sequence[str], changes: Collection[TextChange]
    ) -> int:
        """Write treated texts; return the number of rows.

        Raises:
            ApplyFailed: a row changed since its text was read; nothing may be kept.
        """
        ...

    def cut_references(self, request_ids: Sequence[str]) -> Mapping[TableName, frozenset[RowKey]]:
        """Take the keys of the requests' people out of all references to them; return the rows.

        They are returned by table, whether they were planned or not. Left out are the people's own rows
        in the subject table and where rows are deleted. A reference has to be cut before the key that
        it holds changes.
        """
        ...

    def cut_references_of(
        self, table: TableName, request_ids: Sequence[str], portion: int
    ) -> frozenset[RowKey]:
        """Do so in the rows of a portion alone; return them. In the subject table there are none."""
        ...

    def forget_paths(
        self, column: ColumnName, keys: Collection[RowKey], paths: Collection[str]
    ) -> int:
        """Take paths out of a column of given rows, whatever it is; return rows."""
        ...

    def rectify(self, request_id: str, values: Mapping[str, str]) -> int:
        """Correct columns of the person's row in the subject table; return rows."""
        ...

    def correct(
        self, table: TableName, columns: Sequence[str], changes: Sequence[TextChange]
    ) -> int:
        """Write corrected texts; return the rows that were written, or deleted.

        Where a row would repeat another one by then, and the data map says that an erasure deletes
        rows of this table, it goes.

        Raises:
            ApplyFailed: a row changed since its text was read; nothing may be kept.
        """
        ...

    def record_swept(self, rule: SweepRule, digest: str, keys: Collection[RowKey]) -> int:
        """Note that rows were treated as they are now; return rows."""
        ...

    def check_constraints(self) -> None:
        """Check now what constraints would leave to the end of the transaction."""
        ...

    def transaction_id(self) -> str:
        """Return this transaction's id: every row it writes carries it."""
        ...
