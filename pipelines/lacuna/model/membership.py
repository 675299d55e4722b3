"""Who is of a kind of people by rows of another table, such as agents by the roles they have."""

from dataclasses import dataclass

from lacuna.model.location import ColumnName, TableName

__all__ = ["Membership"]


@dataclass(frozen=True)
class Membership:
    """Rows of another table that make a row of the subject table somebody of a kind.

    Attributes:
        column: of the other table; it holds the key of the subject table.
        where: `(column, values)`: the column holds one of the values; of several, each has to. Empty
            where any row counts. They are columns of `told_in`.
        through: `(column, table)`: the column of the other table holds the key of a row of a third
            one, which `where` is about; None where it is about the other table itself.
        lookup: the column of the third table that `where` names, where every name in it has to be
            known to the map, as of a list of roles; None for no such list.
    """

    column: ColumnName
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    through: tuple[str, TableName] | None = None
    lookup: ColumnName | None = None

    @property
    def told_in(self) -> TableName:
        """The table whose columns `where` names."""
        return self.column.table if self.through is None else self.through[1]

    @property
    def values(self) -> tuple[str, ...]:
        """The values of all conditions."""
        return tuple(value for _, values in self.where for value in values)
