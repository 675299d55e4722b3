"""One difference between a data map and the database, and the refusal to go on with any."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lacuna.errors import DataMapDrift


class DriftKind(StrEnum):
    """In what way the map and the database differ."""

    UNMAPPED = "unmapped"  # the database has it, the map does not
    MISSING = "missing"  # the map names it, the database does not have it
    UNFIT = "unfit"  # the column cannot be treated as the map says
    KEY = "key"  # the map's key does not tell rows apart
    LINK = "link"  # a foreign key that the map does not follow, or that would break
    RIGHT = "right"  # a role of Lacuna's may not do what an erasure needs
    TRIGGER = "trigger"  # code that writes where the map does not look
    LABEL = "label"  # people would read the name of a column, or a code, in their bundle
    QUESTION = "question"  # the map was drafted, and nobody has answered yet


@dataclass(frozen=True, order=True)
class Drift:
    """One difference.

    Attributes:
        location: schema, table, column or trigger.
        problem: what differs and what to do.
        suggestion: YAML to merge into the map; empty where the database or a line that is
            there must change.
    """

    location: str
    kind: DriftKind
    problem: str
    suggestion: str


def refuse(found: Sequence[Drift]) -> None:
    """Accept that nothing differs.

    Raises:
        DataMapDrift: lists every difference, with the YAML to add.
    """
    if not found:
        return
    count = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    lines = [f"the data map and the database differ ({count}); nothing was read or changed"]
    for drift in found:
        lines.append(f"  {drift.location}: {drift.problem}")
        lines += [f"      {line}" for line in drift.suggestion.splitlines()]
    raise DataMapDrift("\n".join(lines))
