"""The differencing attack: two nights' tables, and what erasures in between give away.

The attacker has both tables and subtracts. A cell is recovered where the difference is exactly
what the erased people had in it: how many conversations, and how many seconds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from tests.reporting.centre import Centre

Table = Mapping[tuple[str, ...], tuple[int | None, ...]]
"""Cells by (tenant, period, dimensions…): the measures."""


def truth(centre: Centre, erased: Iterable[str]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return conversations and seconds of people by (tenant, day, channel, queue)."""
    rows = centre.execute(
        "select c.org_id, (c.created_at at time zone 'UTC')::date::text, c.channel, q.name,"
        " count(*), coalesce(sum(c.handling_duration_s), 0)"
        " from contact_center.conversations c join contact_center.queues q using (queue_id)"
        " where c.requester_id = any(%s::uuid[]) group by 1, 2, 3, 4",
        [list(erased)],
    )
    return {tuple(row[:4]): (row[4], row[5]) for row in rows}


def recompute(centre: Centre) -> dict[tuple[str, ...], tuple[int, ...]]:
    """The old way: every night anew, one row a day, channel and queue, joined with the people."""
    rows = centre.execute(
        "select c.org_id, (c.created_at at time zone 'UTC')::date::text, c.channel, q.name,"
        " count(*), coalesce(sum(c.handling_duration_s), 0)"
        " from contact_center.conversations c join contact_center.queues q using (queue_id)"
        " join contact_center.contacts p on p.contact_id = c.requester_id group by 1, 2, 3, 4"
    )
    return {tuple(row[:4]): (row[4], row[5]) for row in rows}


def recompute_with_threshold(centre: Centre) -> dict[tuple[str, ...], tuple[int, ...]]:
    """The same with HAVING count(*) >= 5: the usual small-cell rule."""
    return {key: values for key, values in recompute(centre).items() if values[0] >= 5}


def published(centre: Centre) -> dict[tuple[str, ...], tuple[int | None, ...]]:
    """What stands in the volume mart."""
    rows = centre.execute(
        "select org_id, period, channel, queue, n, handle_s_sum from reporting.volume_daily"
    )
    return {tuple(row[:4]): tuple(row[4:]) for row in rows}


def recovered(
    before: Table, after: Table, erased: Mapping[tuple[str, ...], tuple[int, int]]
) -> set[tuple[str, ...]]:
    """Return the cells whose change is exactly what the erased people had in them."""
    found = set()
    for key, (count, seconds) in erased.items():
        if key not in before:
            continue
        old, new = before[key], after.get(key, (0, 0))
        if None not in (*old, *new) and (old[0] - new[0], old[1] - new[1]) == (count, seconds):
            found.add(key)
    return found


def moved_margins(before: Table, after: Table) -> int:
    """Return how many sums over single dimensions differ between two nights."""
    moved = 0
    for position in range(4):
        sums: dict[str, list[Counter[str]]] = defaultdict(lambda: [Counter(), Counter()])
        for night, table in enumerate((before, after)):
            for key, values in table.items():
                sums[key[0] + "/" + key[position]][night]["n"] += values[0] or 0
        moved += sum(old != new for old, new in sums.values())
    return moved
