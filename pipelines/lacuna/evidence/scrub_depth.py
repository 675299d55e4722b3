"""How deep an erasure has reached: what the ledger's scrub entries after its closing say.

At its closing an erasure has reached L0: no query returns the data. L1 is reached when the files of
a table were rewritten after that, then the statistics', and then the log was cleared; or for
all tables at once, when an entry says so of the whole database.

Apart from that: which rows of a table one erasure wrote can be told, by numbers that PostgreSQL keeps
with each row, until all rows of the table were rewritten after the closing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lacuna.model.evidence import Action, Leaf, Phase
from lacuna.model.scrub import DATABASE, LOG, STATISTICS

L0: Final = "L0"
_L1: Final = "L1"
OF_SCRUBS: Final = (Action.RENUMBER, Action.SCRUB)
"""What a scrub records of rows, and of files."""


def relevant_scrubs(leaves: Sequence[Leaf], places: Iterable[str], closed_at: int) -> list[Leaf]:
    """Return the entries of scrubs that say how deep the erasure of some places has reached.

    Args:
        leaves: entries of the ledger, in order.
        places: tables that an erasure changed, or their columns, as the ledger writes them.
        closed_at: position of the entry that closed the request.
    """
    wanted = {_table(place) for place in places} | {STATISTICS, LOG}
    found: list[Leaf] = []
    for action in OF_SCRUBS:
        newest: dict[str, Leaf] = {}
        for leaf in leaves:
            entry = leaf.entry
            if entry.action is not action or entry.phase is not Phase.OUTCOME:
                continue
            if leaf.position <= closed_at:
                continue
            if entry.location == DATABASE:
                newest = {DATABASE: leaf}
                break
            if entry.location in wanted:
                newest[entry.location] = leaf
        found += newest.values()
    return sorted(found, key=lambda leaf: leaf.position)


def linkable(scrubs: Iterable[Leaf], places: Iterable[str], closed_at: int) -> tuple[str, ...]:
    """Return the tables in which it can still be told which rows an erasure wrote, in order."""
    done = {
        leaf.entry.location
        for leaf in scrubs
        if leaf.entry.action is Action.RENUMBER and leaf.position > closed_at
    }
    tables = set(map(_table, places))
    return () if DATABASE in done else tuple(sorted(tables - done))


def reached(scrubs: Sequence[Leaf], places: Iterable[str], closed_at: int) -> Mapping[str, str]:
    """Return for each table the level that an erasure has reached in it."""
    at = {
        leaf.entry.location: leaf.position
        for leaf in scrubs
        if leaf.entry.action is Action.SCRUB and leaf.position > closed_at
    }
    levels = {}
    for table in dict.fromkeys(map(_table, places)):
        chain = (at.get(table, -1), at.get(STATISTICS, -1), at.get(LOG, -1))
        is_chain = -1 < chain[0] < chain[1] < chain[2]
        levels[table] = _L1 if DATABASE in at or is_chain else L0
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
