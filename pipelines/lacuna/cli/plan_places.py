"""What several plans do to each table and store, counted in rows and files, as somebody counts them by SQL."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    JoinRows,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    Retain,
    RewriteObjects,
    Step,
    WriteBundle,
    location_of,
)

_EFFECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "suppress": "deleted",
        "empty": "emptied",
        "replace": "replaced",
        "surrogate": "replaced",
        "new_key": "replaced",
        "generalize": "made coarser",
        "unlink": "separated from the person",
        "tombstone": "separated from the person",
        "derived": "computed again",
        "obfuscate": "obfuscated whole",
        "delete_object": "deleted, as is the file that it names",
    }
)
"""Of treatments, in few words; `lacuna plan --steps` has them in full."""
_OTHERS: Final = "of others"
_FILES: Final = (DeleteObjects, RewriteObjects, RectifyObjects)
_KEPT_COLUMNS: Final = re.compile(r"[0-9]+ columns? ")
_ColumnEffect: TypeAlias = tuple[tuple[str, ...], str]
"""Columns, and what happens to them."""


@dataclass
class _ChangedPlace:
    """A table, rows of others in it, or a store.

    Attributes:
        items: how many rows or files change there, each once.
        parts: in how many of them what happens.
    """

    items: int = 0
    parts: Counter[_ColumnEffect] = field(default_factory=Counter)


def place_lines(plans: Sequence[Plan]) -> Iterator[str]:
    """Yield a line for each place at which plans change something, and one for each ground on which data stays."""
    places: dict[tuple[str, str], _ChangedPlace] = {}
    stays: dict[str, Counter[str]] = {}
    for plan in plans:
        counts: Counter[tuple[str, str]] = Counter()
        for step in plan.steps:
            if isinstance(step, Retain):
                ground, is_some = _KEPT_COLUMNS.subn("the other columns ", step.ground)
                stays.setdefault(ground, Counter()).update(
                    {} if is_some else {step.location: step.rows}
                )
                continue
            here = _place_of(step), _unit(step)
            for part, rows in _parts(step):
                counts[here] = max(counts[here], rows)
                places.setdefault(here, _ChangedPlace()).parts[part] += rows
        for here, rows in counts.items():
            places[here].items += rows
    for (location, unit), place in places.items():
        said = "; ".join(_said(place, unit))
        yield f"{location}, {_counted(place.items, unit)}: {said}"
    for ground, kept in stays.items():
        where = ", ".join(f"{location} {rows}" for location, rows in kept.items())
        yield f"stays: {ground}{where and f': {where}'}"


def _place_of(step: Step) -> str:
    match step:
        case Restrict():
            return "the person"
        case WriteBundle():
            return "the bundle"
        case _:
            return location_of(step)


def _unit(step: Step) -> str:
    if isinstance(step, _FILES):
        return "file"
    return f"row {_OTHERS}" if isinstance(step, RedactMentions | EmptyFiles) else "row"


def _said(place: _ChangedPlace, unit: str) -> Iterator[str]:
    """Yield what happens to the columns of a place, those first that come first in the plan."""
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for (columns, how), items in place.parts.items():
        some = "" if items == place.items else f" in {_counted(items, unit)}"
        by_columns.setdefault(columns, []).append(how + some)
    for columns, hows in by_columns.items():
        yield f"{', '.join(columns)} {', '.join(hows)}".lstrip()


def _parts(step: Step) -> Iterator[tuple[_ColumnEffect, int]]:
    """Yield which columns a step changes, how, and in how many rows or files."""
    match step:
        case AnonymizeRows(_, treatments, rows):
            by_effect: dict[str, list[str]] = {}
            for column, treatment in treatments:
                by_effect.setdefault(_effect(treatment), []).append(column)
            for how, columns in by_effect.items():
                yield ((tuple(columns), how), rows)
            if not treatments:
                yield (((), "marked as erased"), rows)
        case RedactText(_, columns, rows, is_whole):
            yield ((columns, "obfuscated whole" if is_whole else "covered"), rows)
        case RedactMentions(_, columns, rows):
            yield ((columns, "covered"), rows)
        case EmptyFiles(_, columns, rows):
            yield ((columns, "emptied"), rows)
        case DeleteRows(_, rows) | DeleteObjects(_, rows):
            yield (((), "deleted"), rows)
        case RefreshView(_, rows):
            yield (((), "computed again"), rows)
        case RewriteObjects(_, _, rows):
            yield (((), "rewritten without the person"), rows)
        case Rectify(_, columns, rows):
            yield ((columns, "corrected"), rows)
        case RectifyCopies(_, counted, rows) | RectifyObjects(_, _, counted, rows):
            yield ((tuple(column for column, _ in counted), "corrected"), rows)
        case Restrict(right):
            yield (((), f"marked: {right}"), 1)
        case WriteBundle(_, rows):
            yield (((), "handed over"), rows)
        case JoinRows() | LinkTombstone() | Retain():
            return  # the rows themselves are changed by other steps
        case _:
            assert_never(step)


def _effect(treatment: str) -> str:
    """Return the effect of a treatment, as the plan writes it.

    >>> _effect("surrogate(erased-{32})"), _effect("json_keys(tier)")
    ('replaced', 'emptied but for tier')
    """
    name, _, argument = treatment.removesuffix(")").partition("(")
    if name == "json_keys":
        return f"emptied but for {argument.replace(',', ', ')}" if argument else "emptied"
    return _EFFECTS[name]


def _counted(count: int, unit: str) -> str:
    """Return a count with its unit.

    >>> _counted(1, "row of others"), _counted(2, "row of others")
    ('1 row of others', '2 rows of others')
    """
    what, _, whose = unit.partition(" ")
    return f"{count} {what}{'' if count == 1 else 's'}{whose and f' {whose}'}"
