"""Writes a data map for people: every table and column with what an erasure does to it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lacuna.datamap import names
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat, Store, Subject
from lacuna.model.table import Column, Link, PortableRows, Table
from lacuna.model.treatment import Mention, Treatment


def show(datamap: DataMap) -> str:
    """Return the whole map as plain text, one column a line."""
    lines = head(datamap)
    for table in datamap.tables.values():
        lines += ["", *_table(table)]
    for name, kind in sorted(datamap.kinds.items()):
        found_by = ", ".join(sorted({str(each.kind) for each in kind.subject.identifiers}))
        people = _people(kind.subject)
        lines += ["", f"kind {name}: the rows of {people}; found by {found_by}"]
        for table in kind.tables.values():
            lines += [f"  {line}" for line in _table(_told(table))]
    for store in datamap.stores.values():
        lines += ["", *_store(store)]
    if datamap.sweeps:
        lines += ["", "sweeps"]
        lines += _aligned(
            [
                (
                    rule.name,
                    names.written(rule.table),
                    f"{rule.after_days} days after {names.written(rule.closed)}",
                )
                for rule in datamap.sweeps
            ]
        )
    if datamap.ignored:
        lines += ["", "ignored"]
        lines += _aligned(
            [(names.written(name), reason) for name, reason in datamap.ignored.items()]
        )
    return "\n".join(lines)


def head(datamap: DataMap) -> list[str]:
    """Return the lines that say which map it is, and who the people are."""
    columns = sum(len(table.columns) for table in datamap.tables.values())
    return [
        f"{datamap.name}, version {datamap.version}: {len(datamap.tables)} tables, {columns} columns",
        f"digest {datamap.digest}",
        f"people are the rows of {_people(datamap.subject)}; found by "
        + ", ".join(sorted({str(each.kind) for each in datamap.subject.identifiers})),
    ]


def map_json(datamap: DataMap) -> str:
    """Return the whole map as a JSON document, each treatment written as the map writes it."""
    document = {
        "name": datamap.name,
        "version": datamap.version,
        "digest": datamap.digest,
        **_kind_document(datamap.subject, datamap.tables.values()),
        "kinds": {
            name: _kind_document(kind.subject, map(_told, kind.tables.values()))
            for name, kind in datamap.kinds.items()
        },
        "stores": [
            {
                "store": store.name,
                "address": store.address or None,
                "files": [
                    {
                        "pattern": files.pattern,
                        "format": files.format,
                        "mention": files.mention,
                        "otherwise": files.otherwise if _has_otherwise(files) else None,
                        "table": None if files.table is None else names.written(files.table),
                    }
                    for files in store.files
                ],
            }
            for store in datamap.stores.values()
        ],
        "sweeps": [
            {
                "rule": rule.name,
                "table": names.written(rule.table),
                "after_days": rule.after_days,
                "closed": names.written(rule.closed),
            }
            for rule in datamap.sweeps
        ],
        "ignored": {names.written(name): reason for name, reason in datamap.ignored.items()},
    }
    return json.dumps(document, indent=2, sort_keys=True)


def _kind_document(subject: Subject, tables: Iterable[Table]) -> dict[str, object]:
    return {
        "people": _people(subject),
        "identifiers": sorted({str(each.kind) for each in subject.identifiers}),
        "tables": [
            {
                "table": names.written(table.name),
                "rows": table.rows,
                "links": [_link(link) for link in table.links],
                "references": list(table.references),
                "is_legacy_report": table.is_legacy_report,
                "is_history": table.is_history,
                "portable": None if table.portable is None else _portable(table.portable),
                "columns": [
                    {
                        "column": column.name,
                        "category": column.category,
                        "erase": _describe(column),
                        "in_access": column.in_access,
                        "in_portability": column.in_portability,
                        "media_type": column.media_type if column.is_text else None,
                        "mention": column.mention,
                        "may_stand_alone": column.may_stand_alone,
                        "stays": column.stays or None,
                    }
                    for column in table.columns
                ],
            }
            for table in tables
        ],
    }


def _people(subject: Subject) -> str:
    """Return which rows are people of a kind, e.g. `help.users with a row in help.roles_users`."""
    said = names.written(subject.table)
    if subject.where is not None:
        said += f" where {subject.where[0]} is {subject.where[1]}"
    if subject.member is not None:
        said += f" with a row in {names.written(subject.member.column.table)}"
        told = names.written(subject.member.told_in)
        met = [f"{told}.{name} is {' or '.join(values)}" for name, values in subject.member.where]
        said += f" where {' and '.join(met)}" if met else ""
    return said + (f" unless {' or '.join(subject.unless)}" if subject.unless else "")


def _describe(column: Column) -> str:
    """Return a column's treatment as the map writes it, e.g. `generalize: day`."""
    erasure = column.erasure
    if erasure.argument is None:
        return str(erasure.treatment)
    if erasure.treatment in (Treatment.REPLACE, Treatment.SURROGATE):
        return f'{erasure.treatment}: "{erasure.argument}"'
    return f"{erasure.treatment}: {erasure.argument.replace(',', ', ')}"


def _told(table: Table) -> Table:
    """Return a table of a further kind with the columns of which that says more than for all."""
    return replace(
        table,
        columns=tuple(
            one
            for one in table.columns
            if one.in_access or one.erasure.treatment is not Treatment.KEEP
        ),
    )


def _table(table: Table) -> Iterator[str]:
    extras = [_link(link) for link in table.links]
    if table.references:
        extras.append(f"references: {', '.join(table.references)}")
    if table.is_legacy_report:
        extras.append("old report")
    if table.is_history:
        extras.append("filled by triggers")
    if table.portable is not None:
        extras.append(f"portable: {_portable(table.portable)}")
    yield f"{names.written(table.name)}   rows: {table.rows}" + "".join(
        f", {extra}" for extra in extras
    )
    yield from _aligned([_column(column) for column in table.columns])


def _portable(rows: PortableRows) -> str:
    """Return which rows are portable.

    >>> _portable(PortableRows((("author_type", ("contact",)),), "author_id"))
    'where author_type is contact, by author_id'
    """
    said = [f"where {column} is {' or '.join(values)}" for column, values in rows.where]
    said += [] if rows.author is None else [f"by {rows.author}"]
    said += [f"with {column}" for column in rows.goes_with]
    return ", ".join(said) or "all"


def _link(link: Link) -> str:
    start = ".".join((link.column, *link.path))
    end = names.written(link.table) + ("" if link.to is None else f".{names.quoted(link.to)}")
    only = "" if link.where is None else f" where {link.where[0]} is {link.where[1]}"
    only += "" if link.lookup is None else f" of {names.written(link.lookup)}"
    return f"{start} → {end}{only}"


def _column(column: Column) -> tuple[str, ...]:
    bundle = "portability" if column.in_portability else "access" if column.in_access else ""
    text = column.media_type if column.is_text else ""
    said = [] if column.mention is Mention.REFUSE else [f"mention: {column.mention}"]
    said += ["alone"] if column.may_stand_alone else []
    said += ["stays"] if column.stays else []
    return (column.name, column.category, _describe(column), bundle, text, ", ".join(said))


def _store(store: Store) -> Iterator[str]:
    yield f"objects in {store.name}" + (f", {store.address}" if store.address else "")
    yield from _aligned(
        [
            (
                files.pattern,
                str(files.format),
                f"mention: {files.mention}"
                + (f", otherwise: {files.otherwise}" if _has_otherwise(files) else ""),
                "" if files.table is None else names.written(files.table),
            )
            for files in store.files
        ]
    )


def _has_otherwise(files: FilePattern) -> bool:
    return (files.format, files.mention) == (ObjectFormat.DETECT, Mention.REDACT)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows, indented, with their cells one below the other."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()
