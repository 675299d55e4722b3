"""Writes the YAML that a data map lacks, as a fragment to merge into the file.

A suggestion is a draft that errs on the side of erasure: text is taken for personal data. A
person decides about category, purpose and meaning.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lacuna.datamap import names, types
from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.schema import LiveColumn, LiveTable, TableKind
from lacuna.model.table import ROW_ADDRESS, Link, reaching
from lacuna.model.treatment import Erasure, RowErasure, Treatment

MapTree = str | Sequence["MapTree"] | Mapping[str, "MapTree"]

_PLAIN: Final = re.compile(r"[A-Za-z_][\w.]*(?: [\w.]+)*", re.ASCII)
# Plain, these would not be read as text by other YAML readers.
_NOT_TEXT: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_WIDE: Final = frozenset({"columns", "tables", "ignored", "subject"})
_READ_ONLY: Final = frozenset({TableKind.VIEW, TableKind.MATERIALIZED_VIEW})
_CONSTANT: Final = "[erased]"
# Types that rarely say who somebody is; everything else is taken for personal data.
_TECHNICAL: Final = frozenset({"boolean", "oid", "uuid"})


LONGEST_LABEL: Final = 40
"""Characters of what people read in front of a value."""


def fragment(*path: str, value: "MapTree") -> str:
    """Return YAML for a value at a path from the top of the file.

    >>> print(fragment("tables", "crm.orders", "key", value="order_id"))
    tables:
      crm.orders:
        key: order_id
    """
    for key in reversed(path):
        value = {key: value}
    return "\n".join(_lines(value, 0))


def erasure_fragment(name: TableName, column: str, erasure: Erasure) -> str:
    """Return the fragment that gives a column another treatment."""
    return fragment(
        "tables", names.written(name), "columns", column, value={"erase": erasure_tree(erasure)}
    )


def column_fragment(live: LiveTable, column: LiveColumn, datamap: DataMap) -> str:
    """Return the fragment for a column that a mapped table lacks."""
    table = datamap.tables[live.name]
    is_found = live.name in reaching(datamap.tables.values(), datamap.subject.table)
    settings = _column(column, live, rows=table.rows, is_found=is_found)
    usual = Counter(each.processing for each in table.columns).most_common(1)[0][0]
    settings = {"processing": usual, **settings}
    return fragment("tables", names.written(live.name), "columns", column.name, value=settings)


def table_fragment(live: LiveTable, datamap: DataMap) -> str:
    """Return the fragment for a table that the map lacks."""
    if live.kind is TableKind.VIEW:
        return fragment("ignored", names.written(live.name), value="a view without rows of its own")
    tenants = Counter(table.tenant for table in datamap.tables.values()).most_common()
    own = [name for name, _ in tenants if live.column(name) is not None]
    key = live.row_key or (
        (ROW_ADDRESS,) if live.kind is TableKind.TABLE else (live.columns[0].name,)
    )
    tenant = own[0] if own else ""
    links = _links(live, datamap, {*key, tenant})
    rows = _rows(live, links, key, datamap)
    entry: dict[str, MapTree] = {
        "processing": _processing(datamap),
        "key": key[0] if len(key) == 1 else key,
        # Where one tenant has the whole platform, nothing needs to name it.
        **(
            {} if datamap.only_tenant and not tenant else {"tenant": tenant or _tenant(live, links)}
        ),
    }
    if live.expressions:
        entry["indexes"] = [index.name for index in live.expressions]
    if links:
        entry["links"] = {column: names.written(table) for column, table in links.items()}
    columns: dict[str, MapTree] = {}
    for column in live.columns:
        if column.name in (*key, tenant):
            columns[column.name] = {"category": "system.operations", "erase": "keep"}
        elif column.name in links:
            columns[column.name] = _link(column, links[column.name], rows, datamap)
        else:
            columns[column.name] = _column(column, live, rows=rows, is_found=bool(links))
    if rows is RowErasure.ANONYMIZE and all(
        isinstance(each, Mapping) and each["erase"] == "keep" for each in columns.values()
    ):
        rows = RowErasure.KEEP
    shown = any(
        isinstance(each, Mapping) and each.get("access") == "true" for each in columns.values()
    )
    label = {"label": f"{live.name.name} (name it for the person)"} if shown else {}
    return fragment(
        "tables",
        names.written(live.name),
        value={**label, **entry, "rows": str(rows), "columns": columns},
    )


def fitting(column: LiveColumn) -> Erasure | None:
    """Return a treatment that takes the content of a column away, or None if none can."""
    if column.is_numbered:
        return Erasure(Treatment.KEEP)
    if column.is_generated:
        return Erasure(Treatment.DERIVED)
    if column.is_nullable:
        return Erasure(Treatment.SUPPRESS)
    if column.is_array or types.is_document(column) or types.is_bytes(column):
        return Erasure(Treatment.EMPTY)
    if types.is_text(column):
        constant = _CONSTANT
        if column.max_length is not None and column.max_length < len(constant):
            constant = ""
        return Erasure(Treatment.REPLACE, constant)
    if types.is_time(column):
        return Erasure(Treatment.GENERALIZE, "year")
    return None


def _links(live: LiveTable, datamap: DataMap, taken: set[str]) -> dict[str, TableName]:
    """Return the foreign keys that lead to a person, as links."""
    leading = reaching(datamap.tables.values(), datamap.subject.table)
    links: dict[str, TableName] = {}
    for foreign_key in live.foreign_keys:
        if foreign_key.table not in leading:
            continue
        key = datamap.tables[foreign_key.table].key
        for own, other in zip(foreign_key.columns, foreign_key.referenced, strict=True):
            if (other,) == key and (own not in taken or (own,) == live.key):
                links.setdefault(own, foreign_key.table)
    return links


def _tenant(live: LiveTable, links: Mapping[str, TableName]) -> MapTree:
    """Return whose tenant's the rows of a table are that has no column for it."""
    for name, table in links.items():
        column = live.column(name)
        if column is not None and not column.is_nullable:
            return {"through": {name: names.written(table)}}
    return {"shared": "true"}


def _rows(
    live: LiveTable, links: Mapping[str, TableName], key: Sequence[str], datamap: DataMap
) -> RowErasure:
    if live.kind is TableKind.MATERIALIZED_VIEW:
        return RowErasure.REFRESH
    if tuple(key) == (ROW_ADDRESS,):
        # No row of it can be changed alone.
        return RowErasure.DELETE if links else RowErasure.KEEP
    for name, table in links.items():
        column = live.column(name)
        is_fixed = column is not None and not column.is_nullable
        if table == datamap.subject.table:
            # It can point at a tombstone contact, if several rows may.
            is_fixed = is_fixed and any(name in unique for unique in live.unique_keys)
        elif datamap.tables[table].rows is not RowErasure.DELETE:
            continue
        if name in key or is_fixed:
            return RowErasure.DELETE
    return RowErasure.ANONYMIZE


def _link(
    column: LiveColumn, table: TableName, rows: RowErasure, datamap: DataMap
) -> Mapping[str, MapTree]:
    is_cut = rows is RowErasure.ANONYMIZE and (
        table == datamap.subject.table or datamap.tables[table].rows is RowErasure.DELETE
    )
    if table != datamap.subject.table:
        return {"category": "system.operations", "erase": "unlink" if is_cut else "keep"}
    cut = "unlink" if column.is_nullable else "tombstone"
    return {
        "category": "user.unique_id",
        "erase": cut if is_cut else "keep",
        **_in_bundle(column),
    }


def _column(
    column: LiveColumn, live: LiveTable, *, rows: RowErasure, is_found: bool
) -> dict[str, MapTree]:
    is_technical = not column.is_array and (
        column.type in _TECHNICAL or types.is_number(column) or types.is_timestamp(column)
    )
    if is_technical:
        return {"category": "system.operations", "erase": "keep"}
    mentioned: dict[str, MapTree] = {}
    is_covered = types.is_bytes(column) or types.label_misfit(column) is None
    if is_covered and live.kind not in _READ_ONLY and not column.is_generated:
        # No row of a table without a key can be changed alone.
        has_key = live.row_key or live.kind is not TableKind.TABLE
        covering = "empty" if types.is_bytes(column) else "redact"
        mentioned = {"mention": covering if has_key else "refuse"}
    erasure = fitting(column) or Erasure(Treatment.KEEP)
    is_kept = rows in (RowErasure.KEEP, RowErasure.REFRESH)
    if is_kept or (rows is RowErasure.ANONYMIZE and not is_found and not mentioned):
        erasure = Erasure(Treatment.KEEP)
    if is_kept or not is_found:
        seen: Mapping[str, MapTree] = {"access": "false", "portability": "false"}
    else:
        seen = _in_bundle(column)
    return {"category": "user", "erase": erasure_tree(erasure), **mentioned, **seen}


def _in_bundle(column: LiveColumn) -> Mapping[str, MapTree]:
    return {
        "access": "true",
        "portability": "false",
        "meaning": f"{column.name} (describe what it contains)",
    }


def label_of(name: str) -> str:
    """Return a name of the schema, or a code, as a draft of what people read.

    >>> label_of("last_seen_at")
    'Last seen at'
    """
    said = " ".join(name.replace("_", " ").split()).capitalize()
    return said[:LONGEST_LABEL]


def _processing(datamap: DataMap) -> str:
    used = Counter(
        column.processing for table in datamap.tables.values() for column in table.columns
    )
    return used.most_common(1)[0][0]


def erasure_tree(erasure: Erasure) -> MapTree:
    """Return a treatment as the map writes it."""
    argument = erasure.argument
    if argument is None:
        return str(erasure.treatment)
    if erasure.treatment is Treatment.JSON_KEYS:
        return {str(erasure.treatment): argument.split(",")}
    return {str(erasure.treatment): argument}


def _lines(tree: MapTree, depth: int) -> Iterator[str]:
    if not isinstance(tree, Mapping):
        yield _flow(tree)
        return
    for key, value in tree.items():
        start = "  " * depth + _scalar(key) + ":"
        if isinstance(value, Mapping) and (key in _WIDE or depth < 2) and value:
            yield start
            yield from _lines(value, depth + 1)
        else:
            yield f"{start} {_flow(value)}"


def _flow(tree: MapTree) -> str:
    match tree:
        case str():
            return _scalar(tree)
        case Mapping():
            return "{" + ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in tree.items()) + "}"
        case _:
            return "[" + ", ".join(map(_flow, tree)) + "]"


def _scalar(text: str) -> str:
    """Return a text so that every YAML reader takes it for that text."""
    if text in ("true", "false"):
        return text
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)


def schema_fragment(datamap: DataMap, schema: str) -> str:
    """Return the line that adds a schema to the map."""
    return fragment("schemas", value=[*datamap.schemas, schema])


def links_tree(links: Sequence[Link]) -> Mapping[str, MapTree]:
    """Return links as the map writes them."""
    written: dict[str, list[MapTree]] = {}
    for link in links:
        if link.is_plain and not link.is_text:
            entry: MapTree = names.written(link.table)
        else:
            settings: dict[str, MapTree] = {"table": names.written(link.table)}
            if link.to is not None:
                settings["to"] = link.to
            if link.where is not None:
                settings["where"] = dict([link.where])
            if link.lookup is not None:
                settings["lookup"] = names.written(link.lookup)
            if link.path:
                settings["path"] = list(link.path)
            if link.is_text:
                settings["as"] = "text"
            entry = settings
        written.setdefault(link.column, []).append(entry)
    return {
        column: entries[0]
        if len(entries) == 1
        else [one if isinstance(one, Mapping) else {"table": one} for one in entries]
        for column, entries in written.items()
    }
