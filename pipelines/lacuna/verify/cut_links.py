"""The links of own rows that had to be cut, apart from those that lead to somebody else."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from lacuna.model.datamap import DataMap
from lacuna.model.table import Link, Table
from lacuna.model.treatment import Treatment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["with_cut_links"]

Others: TypeAlias = Callable[[Link], frozenset[str]]
"""Returns the values of a link's column that lead to rows that stay."""


def with_cut_links(
    frame: "pd.DataFrame", table: Table, datamap: DataMap, others: Others
) -> "pd.DataFrame":
    """Return the rows with links alone where they lead to what the erasure takes away.

    In other rows the same column names somebody who stays, or holds the key of something else.
    """
    import pandas as pd

    for column in table.columns:
        if column.erasure.treatment not in (Treatment.UNLINK, Treatment.TOMBSTONE):
            continue
        links = datamap.cut_links(table, column.name)
        if not links or column.name not in frame or not frame[column.name].notna().any():
            continue
        kept: list[str | None] = [None] * len(frame)
        for link in links:
            is_there = [True] * len(frame)
            if link.where is not None:
                is_there = [value == link.where[1] for value in frame[link.where[0]]]
            of_others = others(link)
            for place, value in enumerate(frame[column.name]):
                if is_there[place] and value not in of_others:
                    kept[place] = value
        frame = frame.assign(**{column.name: pd.Series(kept, dtype=object)})
    return frame
