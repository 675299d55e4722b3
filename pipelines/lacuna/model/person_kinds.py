"""The data map as it is for one kind of people: without the entries of the others."""

from collections.abc import Collection
from dataclasses import replace

from lacuna.errors import MalformedRequest
from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.request import CONTACT
from lacuna.model.table import Column, Table
from lacuna.model.treatment import Erasure, RowErasure, Treatment

_KEEP = Erasure(Treatment.KEEP)


def of_kind(datamap: DataMap, kind: str) -> DataMap:
    """Return the map as it is for one kind of people; of contacts, the map itself.

    Texts, files and object stores are the same for all kinds: who is mentioned where is found by
    value. Sweeps, marts, consent and recipients are about contacts, and are left out.

    Raises:
        MalformedRequest: the map has no such kind.
    """
    whole = datamap.whole or datamap
    if kind == CONTACT:
        return whole
    if kind not in whole.kinds:
        known = ", ".join(known_kinds(whole))
        raise MalformedRequest(
            f"request: the data map has no such kind of person; known kinds: {known}"
        )
    rules = whole.kinds[kind]
    view = replace(
        whole,
        subject=rules.subject,
        tables={
            name: rules.tables.get(name) or untouched(table) for name, table in whole.tables.items()
        },
        sweeps=(),
        consent=None,
        notified=(),
        reporting=None,
        kind=kind,
        whole=whole,
    )
    controller = rules.controller
    if controller is None:
        return view
    return replace(
        view,
        tenants={},
        controller=controller.controller,
        dpo=controller.dpo,
        authority=controller.authority,
        representative="",
        joint_controllers=(),
    )


def other_kinds(datamap: DataMap) -> tuple[DataMap, ...]:
    """Return the views of a map for every kind of people but the one whose view it is."""
    return tuple(of_kind(datamap, kind) for kind in known_kinds(datamap) if kind != datamap.kind)


def of_anybody(view: DataMap) -> DataMap:
    """Return a view of a map for which every row of its subject table is one of its people."""
    return replace(view, subject=replace(view.subject, where=None, member=None, unless=()))


def treats(view: DataMap, table: TableName) -> bool:
    """Whether rows of a table are people's of a kind: an erasure of one of them changes them."""
    return view.tables[table].rows not in (RowErasure.KEEP, RowErasure.REFRESH)


def known_kinds(datamap: DataMap) -> tuple[str, ...]:
    """Return the kinds of people that a map names, contacts first."""
    return (CONTACT, *sorted((datamap.whole or datamap).kinds))


def qualified_keys(kind: str, keys: Collection[str]) -> tuple[str, ...]:
    """Return keys with their kind before them, as Lacuna's own tables hold them: a contact and an agent may be numbered alike.

    >>> qualified_keys("agent", ["17"])
    ('agent:17',)
    >>> qualified_keys("contact", ["17"])
    ('17',)
    """
    return tuple(key if kind == CONTACT else f"{kind}:{key}" for key in keys)


def untouched(table: Table) -> Table:
    """Return a table that a kind says nothing of: its rows stay, and are nobody's of that kind.

    What a trigger makes of other rows, such as a full-text index, follows these whosever they are.
    """
    return replace(
        table,
        links=() if table.follows is None else table.links,
        references=(),
        rows=table.rows if table.rows is RowErasure.REFRESH else RowErasure.KEEP,
        erased_at=None,
        language=table.language_column,
        portable=None,
        columns=tuple(unaffected(column) for column in table.columns),
    )


def unaffected(column: Column) -> Column:
    """Return a column that a kind says nothing of: it stays, but for mentions in it."""
    treatment = column.erasure.treatment
    return replace(
        column,
        erasure=column.erasure if treatment is Treatment.DERIVED else _KEEP,
        in_access=False,
        in_portability=False,
        kind="",
    )
