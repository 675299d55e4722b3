"""What the map and the catalog agree on and would fail at night all the same.

1. A CHECK constraint, a domain or an invariant that forbids what an erasure leaves.
2. A right that a role of Lacuna's lacks at a table.
"""

from collections.abc import Iterable, Iterator

from lacuna.datamap import names
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.person_kinds import other_kinds
from lacuna.model.run import Role
from lacuna.model.schema import RefusedValues, TableRight
from lacuna.model.table import Table
from lacuna.model.treatment import Mention, RowErasure

__all__ = ["drift_of_refused", "drift_of_rights", "needed_rights"]

_WRITTEN = (Mention.REDACT, Mention.DELETE_OBJECT, Mention.EMPTY)
_READERS = (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER)


def needed_rights(datamap: DataMap) -> frozenset[TableRight]:
    """Return the rights at the platform's tables without which a flow would fail."""
    found = set()
    for view in (datamap, *other_kinds(datamap)):
        for table in view.tables.values():
            found |= {TableRight(table.name, role, "select") for role in _READERS}
            found |= {TableRight(table.name, Role.EXECUTOR, one) for one in _changes(table, view)}
        found |= {TableRight(name, Role.EXECUTOR, "insert") for name in view.inserted_into}
    return frozenset(found)


def _changes(table: Table, datamap: DataMap) -> Iterator[str]:
    # That a view may be refreshed is told by this right: before PostgreSQL 17 there is none of its own.
    if table.rows in (RowErasure.DELETE, RowErasure.REFRESH) or table.is_history:
        yield "delete"
    # A person's own rows are locked whatever becomes of them, which asks for the same right.
    is_own = table.rows in (RowErasure.ANONYMIZE, RowErasure.DELETE) or (
        table.rows is RowErasure.KEEP and bool(table.links)
    )
    is_written = any(
        column.is_text or column.object_store or column.mention in _WRITTEN
        for column in table.columns
    )
    if is_own or is_written or table.references or table.name in _besides(datamap):
        yield "update"


def _besides(datamap: DataMap) -> Iterator[TableName]:
    """Yield the tables that are changed whatever the map says of their rows."""
    yield datamap.subject.table
    yield from (rule.table for rule in datamap.sweeps)
    if datamap.consent is not None:
        yield from (recordings.table for recordings in datamap.consent.recordings)


def drift_of_rights(missing: Iterable[TableRight]) -> Iterator[Drift]:
    """Say of each table and role which rights are missing, and how they are granted."""
    lacking: dict[tuple[str, Role], list[str]] = {}
    for one in missing:
        lacking.setdefault((names.written(one.table), one.role), []).append(one.privilege)
    for (place, role), privileges in lacking.items():
        listed = ", ".join(sorted(privileges))
        yield Drift(
            place,
            DriftKind.RIGHT,
            f"{role} may not {listed} here, or may not use the schema; run lacuna up as the owner of the table, "
            f"or let the owner grant {listed} on {place} to {role}",
            "",
        )


def drift_of_refused(found: Iterable[RefusedValues]) -> Iterator[Drift]:
    """Say of each constraint or invariant which columns an erasure could not set."""
    for one in found:
        listed = ", ".join(one.columns)
        place = f"{names.written(one.table)} ({one.constraint})"
        what, change = "this constraint", "change the constraint by a migration"
        if not one.constraint:
            place = names.written(ColumnName(one.table, listed))
            what, change = "its invariant", "correct the invariant"
        yield Drift(
            place,
            DriftKind.UNFIT,
            f"{what} forbids what an erasure leaves in {listed}: it refuses {one.refused} of "
            f"{one.tried} rows that it was tried with; choose a treatment whose value it allows, or "
            f"{change}",
            "",
        )
