"""Divides the erasures of a night: each part is changed in one short transaction."""

from collections.abc import Iterator, Sequence

from lacuna.apply.work import Work
from lacuna.model.location import RowKey, TableName


def parts_of(works: Sequence[Work], most: int) -> Iterator[list[Work]]:
    """Yield the works in parts of `most` rows or few more; whoever shares a row stays together.

    A row that two people share is changed once, and known by its key to both.
    """
    part: list[Work] = []
    rows = 0
    for together in _sharing(works):
        more = sum(len(_rows_of(one)) for one in together)
        if part and rows + more > most:
            yield part
            part, rows = [], 0
        part += together
        rows += more
    if part:
        yield part


def _sharing(works: Sequence[Work]) -> Iterator[list[Work]]:
    """Yield groups of works that share a row, directly or through others."""
    group_of: dict[int, int] = {number: number for number, _ in enumerate(works)}
    first: dict[tuple[TableName, RowKey], int] = {}

    def found(number: int) -> int:
        while group_of[number] != number:
            group_of[number] = group_of[group_of[number]]
            number = group_of[number]
        return number

    for number, work in enumerate(works):
        for row in _rows_of(work):
            one, other = found(first.setdefault(row, number)), found(number)
            group_of[max(one, other)] = min(one, other)
    groups: dict[int, list[Work]] = {}
    for number, work in enumerate(works):
        groups.setdefault(found(number), []).append(work)
    yield from groups.values()


def _rows_of(work: Work) -> set[tuple[TableName, RowKey]]:
    own = {(found.table, key) for found in work.inventory.rows for key in found.keys}
    return own | {
        (found.column.table, key) for found in work.inventory.mentions for key in found.keys
    }
