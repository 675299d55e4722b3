"""What the marts count: tables or views of one schema, as the queries of `sql/reporting` read them."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.datamap.types import are_alike, is_number, is_text, is_timestamp
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema

_KEY: Final = "as contact_id"

COUNTED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "organizations": {"org_id": "text"},
        "contacts": {
            "contact_id": "the platform's own type",
            "merged_into": _KEY,
            "anonymized_at": "timestamptz",
        },
        "conversations": {
            "conversation_id": "bigint",
            "org_id": "text",
            "requester_id": _KEY,
            "channel": "text",
            "direction": "text",
            "state": "text",
            "queue_id": "bigint",
            "assignee_id": "bigint",
            "created_at": "timestamptz",
            "first_response_at": "timestamptz",
            "handling_duration_s": "integer",
        },
        "queues": {"queue_id": "bigint", "team_id": "bigint", "name": "text"},
        "teams": {"team_id": "bigint", "name": "text"},
        "agents": {"agent_id": "bigint", "team_id": "bigint"},
        "calls": {
            "call_id": "bigint",
            "conversation_id": "bigint",
            "direction": "text",
            "completion_status": "text",
            "call_recording_consent_action": "text",
            "recording_time_s": "integer",
        },
        "ratings": {
            "rating_id": "bigint",
            "org_id": "text",
            "conversation_id": "bigint",
            "requester_id": _KEY,
            "type": "text",
            "status": "text",
            "score": "integer",
            "rated_at": "timestamptz",
        },
    }
)
"""By table or view, the columns that the marts read, with their types."""


def check_counted(datamap: DataMap, live: LiveSchema) -> Iterator[Drift]:
    """Report what the marts would not find in the schema that the map names for them."""
    if datamap.reporting is None:
        return
    for name, columns in COUNTED.items():
        table = TableName(datamap.reporting, name)
        found = live.tables.get(table)
        if found is None:
            yield Drift(
                names.written(table),
                DriftKind.MISSING,
                "the marts count here, but there is no such table or view; create a view of "
                f"{', '.join(columns)}, or remove reporting",
                "",
            )
            continue
        for column, kind in columns.items():
            there = found.column(column)
            if there is not None and not _fits(there, kind, live, datamap.reporting):
                yield Drift(
                    names.written(ColumnName(table, column)),
                    DriftKind.UNFIT,
                    f"the marts read this column as {kind}, and it is {there.type}; convert it in "
                    "the view",
                    "",
                )
            if there is None:
                yield Drift(
                    names.written(ColumnName(table, column)),
                    DriftKind.MISSING,
                    f"the marts read this column ({kind}), but the {found.kind} has no such "
                    "column; add one that is NULL where the platform has no value",
                    "",
                )


def _fits(column: LiveColumn, kind: str, live: LiveSchema, schema: str) -> bool:
    """Whether the queries of the marts can compare and count what a column holds."""
    match kind:
        case "text":
            return is_text(column) or bool(column.labels)
        case "bigint" | "integer":
            return is_number(column)
        case "timestamptz":
            return is_timestamp(column)
        case _ if kind == _KEY:
            contacts = live.tables.get(TableName(schema, "contacts"))
            key = None if contacts is None else contacts.column("contact_id")
            return key is None or are_alike(column, key)
        case _:
            return True
