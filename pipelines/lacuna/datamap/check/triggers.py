"""Triggers and rules that write where the map does not look."""

from collections.abc import Iterator

from lacuna.datamap import names
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.suggestion import fragment, schema_fragment
from lacuna.datamap.trigger_writes import writes
from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.schema import LiveTable, LiveTrigger


def check_triggers(datamap: DataMap, live: LiveTable) -> Iterator[Drift]:
    """Report triggers of one table that write where nobody looks."""
    for trigger in live.triggers:
        if trigger.function in datamap.ignored:
            continue
        place = f"{names.written(live.name)} ({trigger.name})"
        written = writes(trigger)
        if written is None:
            yield Drift(
                place,
                DriftKind.TRIGGER,
                f"{names.written(trigger.function)} runs when a row changes, but Lacuna cannot "
                "see what it writes; read it, then map what it fills, or ignore it with a reason",
                _with_ignored(trigger),
            )
            continue
        for target in written:
            if not _is_known(datamap, target, live):
                yield Drift(
                    place,
                    DriftKind.TRIGGER,
                    f"{names.written(trigger.function)} writes to {target}, which is not in the "
                    "map; map that table, or ignore the function with a reason",
                    _for_written(datamap, target, trigger),
                )


def _is_known(datamap: DataMap, target: str, live: LiveTable) -> bool:
    parts = names.split(target)
    schemas = parts[:-1] or (live.name.schema, *datamap.schemas)
    known = {*datamap.tables, *datamap.ignored}
    return any(TableName(schema, parts[-1]) in known for schema in schemas)


def _for_written(datamap: DataMap, target: str, trigger: LiveTrigger) -> str:
    parts = names.split(target)
    if len(parts) == 2 and parts[0] not in datamap.schemas:
        return schema_fragment(datamap, parts[0])
    return _with_ignored(trigger)


def _with_ignored(trigger: LiveTrigger) -> str:
    return fragment(
        "ignored",
        names.written(trigger.function),
        value="state why no personal data ends up elsewhere",
    )
