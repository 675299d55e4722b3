"""How much of each table a bundle holds, and what it leaves out."""

from collections import Counter, defaultdict

from lacuna.bundle.row_files import Part
from lacuna.bundle.values import (
    types_in,
)
from lacuna.model.bundle import (
    ColumnType,
)


class TableTally:
    """What the parts of a table amount to."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self.count = 0
        self.unshown = 0  # rows that a bundle of portability alone leaves out
        self.left: set[int] = set()
        self.places: Counter[str] = Counter()
        self.places_left: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.present: Counter[str] = Counter()
        self.types: dict[str, set[ColumnType]] = defaultdict(set)

    def add(self, part: Part, left: frozenset[int]) -> None:
        """Count a part in, of which the portability subset lacks some rows."""
        self.left |= {self.count + number for number in left}
        self.count += len(part.rows)
        self.places.update(part.places)
        self.places_left.update(part.places_left)
        self.reasons.update(part.reasons)
        if not part.rows:  # all are left out, and there are no columns of none
            return
        for name, values in zip(self._columns, zip(*part.rows, strict=True), strict=True):
            self.present[name] += sum(value not in (None, "", [], {}) for value in values)
            self.types[name] |= types_in(values)
