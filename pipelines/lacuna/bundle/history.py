"""What the person asked before, and what they consented to."""

from collections.abc import Iterator

from lacuna.bundle.table_files import records, to_document
from lacuna.bundle.values import in_utc
from lacuna.model.bundle import BundleContent, JsonValue, TableContent
from lacuna.model.table import Column

_CHOICE = "user.privacy_preferences"


def to_requests(content: BundleContent) -> tuple[int, bytes]:
    """Return how many requests are on record, and the document about them."""
    requests: list[JsonValue] = [
        {
            "closed_at": None if each.closed_at is None else in_utc(each.closed_at),
            "ground": each.ground,
            "kinds": [kind.value for kind in each.kinds],
            "received_at": in_utc(each.received_at),
            "request_id": each.request_id,
            "state": each.state.value,
        }
        for each in content.order.history
    ]
    return len(requests), to_document(requests)


def to_consents(content: BundleContent) -> tuple[int, bytes]:
    """Return how many consents and agreements are on record, and the document about them."""
    consents: list[JsonValue] = [
        {
            "at": in_utc(each.at),
            "method": each.method,
            "purpose": each.purpose,
            "status": each.status,
            "version": each.version,
        }
        for each in content.order.consents
    ]
    for table in content.tables:
        consents += [
            {
                "answers": [
                    {
                        "column": column.name,
                        "explained": column.legend.get(value if isinstance(value, str) else ""),
                        "meaning": column.meaning,
                        "value": value,
                    }
                    for column, value in choice
                ],
                "purpose": content.datamap.processings[choice[0][0].processing].purpose,
                "source": str(table.table),
            }
            for choice in choices(content, table)
        ]
    return len(consents), to_document(consents)


def choices(
    content: BundleContent, table: TableContent
) -> Iterator[tuple[tuple[Column, JsonValue], ...]]:
    """Yield each row of a table in which the person consented, refused or accepted something.

    Of such a row, what belongs to the same processing is shown: what was asked, how and when.
    """
    mapped = content.datamap.tables[table.table]
    columns = [mapped.column(name) for name in table.columns]
    decisive = [column for column in columns if column.category == _CHOICE]
    if not decisive:
        return
    shown = [column for column in columns if column.processing == decisive[0].processing]
    for record in records(table):
        if any(record[column.name] is not None for column in decisive):
            yield tuple(
                (column, record[column.name])
                for column in shown
                if record[column.name] not in (None, "", [], {}) and column.object_store is None
            )
