"""How deep an erasure has reached: what the ledger's scrub entries after its closing say.

At its closing an erasure has reached L0: no query returns the data. L1 is reached when the files of
a table were written anew after that, then the statistics', and then the log was cleared; or for
all tables at once, when an entry says so of the whole database.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pipelines.model.evidence import Action, Leaf, Phase
from pipelines.model.scrub import DATABASE, LOG, STATISTICS

L0: Final = "L0"
L1: Final = "L1"


def relevant_scrubs(leaves: Iterable[Leaf], places: Iterable[str], closed_at: int) -> list[Leaf]:
    """Return the scrub entries that say how deep the erasure of some places has reached.

    Args:
        leaves: entries of the ledger, in order.
        places: tables that an erasure changed, or their columns, as the ledger writes them.
        closed_at: position of the entry that closed the request.
    """
    wanted = {_table(place) for place in places} | {STATISTICS, LOG}
    newest: dict[str, Leaf] = {}
    for leaf in leaves:
        entry = leaf.entry
        if entry.action is not Action.SCRUB or entry.phase is not Phase.OUTCOME:
            continue
        if leaf.position <= closed_at:
            continue
        if entry.location == DATABASE:
            return [leaf]
        if entry.location in wanted:
            newest[entry.location] = leaf
    return sorted(newest.values(), key=lambda leaf: leaf.position)


def reached(scrubs: Sequence[Leaf], places: Iterable[str], closed_at: int) -> Mapping[str, str]:
    """Return for each table the level that an erasure has reached in it."""
    at = {leaf.entry.location: leaf.position for leaf in scrubs if leaf.position > closed_at}
    levels = {}
    for table in dict.fromkeys(map(_table, places)):
        chain = (at.get(table, -1), at.get(STATISTICS, -1), at.get(LOG, -1))
        is_chain = -1 < chain[0] < chain[1] < chain[2]
        levels[table] = L1 if DATABASE in at or is_chain else L0
    return levels


def waiting_tables(
    scrubs: Sequence[Leaf], places: Iterable[str], closed_at: int
) -> tuple[str, ...]:
    """Return the tables in which L1 was not reached, in order."""
    levels = reached(scrubs, places, closed_at)
    return tuple(sorted(table for table, level in levels.items() if level == L0))


def _table(place: str) -> str:
    """Return the table of a column's place."""
    return ".".join(place.split(".")[:2])
