"""What every flow begins with: the data map, checked against the live schema."""

from collections import deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import Final

from lacuna.datamap import (
    Drift,
    DriftKind,
    check,
    check_files,
    check_labels,
    check_languages,
    drift_of_refused,
    drift_of_rights,
    load,
    load_tenants,
    looked_up,
    lookup_columns,
    lookup_drift,
    needed_rights,
    refuse,
    slow_foreign_keys,
    slow_references,
    told_memberships,
    untold_drift,
)
from lacuna.errors import ApplyFailed, ConfigurationError, StatementRefused
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.location import ColumnName
from lacuna.model.run import Role
from lacuna.model.schema import LiveSchema, TableRight
from lacuna.ports import Stores

_COMPARED: Final[deque[tuple[DataMap, LiveSchema, Sequence[Drift]]]] = deque(maxlen=1)
"""What was compared last: each stage of a run reads the schema again, which rarely changed."""


def open_datamap(stores: Stores) -> DataMap:
    """Return the data map, or refuse to run before any row is read.

    Raises:
        ConfigurationError: the file is no valid data map.
        DataMapDrift: the database has a table or column that the map does not, or the other
            way round; names each with the line to add.
    """
    datamap, live, strange = _read(stores)
    refuse((*_differences(datamap, live), *strange))
    return datamap


def _differences(datamap: DataMap, live: LiveSchema) -> Sequence[Drift]:
    """Return the differences; of the same map and schema as in the stage before, those found there."""
    for known, schema, found in tuple(_COMPARED):
        if known == datamap and schema == live:
            return found
    found = check(datamap, live)
    _COMPARED.append((datamap, live, found))
    return found


def read_datamap(stores: Stores) -> DataMap:
    """Return the data map as its file says it, compared with nothing.

    Raises:
        ConfigurationError: the file is no valid data map.
    """
    return load(stores.datamap_path)


def find_drift(stores: Stores) -> tuple[DataMap, tuple[Drift, ...]]:
    """Return the data map and every difference between it, the live schema and the stores.

    What would fail at night although both agree is among them: constraints, and rights of roles.

    Raises:
        ConfigurationError: the server takes no changes.
    """
    datamap, live, strange = _read(stores)
    files = {name: objects.paths() for name, objects in stores.objects_of(datamap).items()}
    found = (*check(datamap, live), *strange, *check_files(datamap, files))
    found = (*found, *_obstructions(stores, datamap, live, found), *check_labels(datamap, live))
    found = (*found, *check_languages(datamap, _languages(stores)))
    return datamap, tuple(dict.fromkeys(found))


def _languages(stores: Stores) -> Set[str]:
    """Return those of the tenants; none while their file is not filled in: what needs it refuses it."""
    try:
        tenants = load_tenants(stores.tenants_path)
    except ConfigurationError:
        return frozenset()
    return {one.language for one in tenants.by_org.values()}


def _obstructions(
    stores: Stores, datamap: DataMap, live: LiveSchema, found: Sequence[Drift]
) -> Iterator[Drift]:
    """Yield what is met when it is tried: treatments are, once the map fits the columns."""
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        if not transaction.is_writable():
            raise ConfigurationError(
                "this server takes no changes: it is a standby, or default_transaction_read_only is "
                "on; let LACUNA_DATABASE_URL name the primary, or set default_transaction_read_only "
                "to off"
            )
        missing = transaction.missing_rights(needed_rights(datamap))
        yield from drift_of_rights(missing)
        if not found and not missing:
            yield from drift_of_refused(transaction.refused_values(datamap, live))


def try_tombstones(stores: Stores) -> tuple[Drift, ...]:
    """Make every tenant's tombstone contact, roll it back, and return what refuses one.

    What the catalog does not say is met here: a CHECK constraint, a trigger, a value that must exist
    elsewhere.

    Raises:
        PipelineError: anything else that ends a transaction.
    """
    datamap, _, _ = _read(stores)
    if not datamap.has_tombstone:
        return ()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        tenants = transaction.reading(datamap).tenants()
    try:
        with stores.transaction(Role.EXECUTOR) as transaction:
            writing = transaction.writing(datamap)
            for org_id in tenants:
                writing.make_tombstone(org_id, stores.clock.now())
            writing.check_constraints()
            raise RolledBack
    except RolledBack:
        return ()
    except (ApplyFailed, StatementRefused) as error:
        return (
            Drift(
                str(datamap.subject.table),
                DriftKind.UNFIT,
                f"the tombstone contact cannot be created: {error}. State another value under "
                "tombstone of the subject, or name the column under tombstone_shares",
                "",
            ),
        )


class RolledBack(Exception):
    """Ends the transaction without keeping anything of it."""


def find_slow(stores: Stores) -> tuple[str, ...]:
    """Return the causes of slow erasures here; none of them stops a flow."""
    datamap, live, _ = _read(stores)
    found = {*slow_foreign_keys(datamap, live), *slow_references(datamap, live)}
    return tuple(sorted(found))


def _read(stores: Stores) -> tuple[DataMap, LiveSchema, tuple[Drift, ...]]:
    """Return the map without the legacy tables that Lacuna itself dropped, the live schema, and drift.

    The map's lookups are read, and the drift is theirs. Views of the marts that took the name of a legacy
    table are no tables of the platform.
    """
    datamap = read_datamap(stores)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        live = transaction.live_schema(datamap.schemas)
        dropped = transaction.ledger.locations(Action.DROP_LEGACY)
        gone = {
            name
            for name, table in datamap.tables.items()
            if table.is_legacy_report
            and name.location in dropped
            and (name not in live.tables or transaction.marts.serves(name))
        }
        lookups = {column for column in lookup_columns(datamap) if _has_column(live, column)}
        told = [
            one
            for one in told_memberships(datamap)
            if all(_has_column(live, ColumnName(one.told_in, name)) for name, _ in one.where)
        ]
        asked = {column.table for column in lookups}.union(one.told_in for one in told)
        needed = {TableRight(table, Role.PLANNER, "select") for table in asked}
        missing = transaction.missing_rights(needed)
        unread = {one.table for one in missing}
        reading = transaction.reading(datamap)
        numbers = {
            column: reading.keys_by_name(column) for column in lookups if column.table not in unread
        }
        untold = [one for one in told if one.told_in not in unread and not reading.has_told(one)]
    kept = {name: table for name, table in datamap.tables.items() if name not in gone}
    there = {name: table for name, table in live.tables.items() if name not in gone}
    strange = (
        *lookup_drift(datamap, numbers),
        *untold_drift(untold),
        *drift_of_rights(missing),
    )
    datamap = looked_up(replace(datamap, tables=kept), numbers)
    return datamap, replace(live, tables=there), strange


def _has_column(live: LiveSchema, column: ColumnName) -> bool:
    table = live.tables.get(column.table)
    return table is not None and table.column(column.name) is not None
