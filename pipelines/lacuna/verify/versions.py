"""Attacks on two versions of one sealed period, as an outsider who kept the first would try them.

    1. changed: a cell of both versions whose numbers differ, with few people whose rows changed;
    2. differing partitions: sums of both versions over the same rows, subtracted, solved and
       bounded together, as in `disclosure_attacks`.

The truth is needed to know when an attack succeeded. It reads with its own code and does not trust
what drew the new version.

Source: differencing of releases, SDC Handbook (European Commission and CoE), chapter 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lacuna.model.mart import Cell, CellKey, Facts, Mart, Policy
from lacuna.verify.disclosure_attacks import (
    DisclosureAttack,
    Limits,
    Number,
    Rows,
    attack_numbers,
    groups_in,
)

Version = tuple[Facts, tuple[Cell, ...]]


def attack_versions(
    mart: Mart, before: Version, after: Version, policy: Policy
) -> tuple[tuple[str, int], ...]:
    """Return the attacks that succeed on the difference of two versions, by name, sorted.

    Args:
        before: the rows as they were counted first, and the cells that were published of them.
        after: the same rows in the same order as they are counted now, and the new cells.
    """
    limits = Limits(mart.people, policy.dominance_percent, policy.smallest_side)
    (old_facts, old_cells), (new_facts, new_cells) = before, after
    found: Counter[DisclosureAttack] = Counter()
    old_inside = _inside(mart, old_facts, old_cells)
    new_inside = _inside(mart, new_facts, new_cells)
    new_values = {cell.key: cell.values for cell in new_cells}
    for cell in old_cells:
        values = new_values.get(cell.key)
        if values is None or values == cell.values:
            continue
        people = set(_changed(old_facts, new_facts, old_inside[cell.key], new_inside[cell.key])) - {
            None
        }
        found[DisclosureAttack.DIFFERENCING] += len(people) < limits.people
    # A row belongs to the pair of its groups in both versions.
    pairs = [(*old, "|", *new) for old, new in zip(old_facts.keys, new_facts.keys, strict=True)]
    rows = Rows(new_facts.people, pairs, {"n": [1] * len(pairs)})
    width = len(mart.dimensions)

    def sums(inside: dict[CellKey, frozenset[CellKey]], part: slice) -> list[Number]:
        taken = (
            frozenset(pair for pair in set(pairs) if pair[part] in groups)
            for groups in inside.values()
        )
        return [Number("n", groups, _count(pairs, groups)) for groups in taken if groups]

    old_sums = sums(old_inside, slice(0, width))
    # What the sealed version gives away by itself is not the new one's to answer for.
    found += attack_numbers(
        rows, [*old_sums, *sums(new_inside, slice(width + 1, None))], limits
    ) - attack_numbers(rows, old_sums, limits)
    return tuple(sorted((str(name), count) for name, count in (+found).items()))


def _inside(mart: Mart, facts: Facts, cells: Sequence[Cell]) -> dict[CellKey, frozenset[CellKey]]:
    return {cell.key: groups_in(mart, cells, cell, set(facts.keys)) for cell in cells}


def _changed(
    old: Facts, new: Facts, was_inside: frozenset[CellKey], is_inside: frozenset[CellKey]
) -> Iterator[int | None]:
    """Yield who stands behind the rows of a cell that came, went, or have other values."""
    for person, (was, will), (before, after) in zip(
        new.people,
        zip(old.keys, new.keys, strict=True),
        zip(old.values, new.values, strict=True),
        strict=True,
    ):
        there, here = was in was_inside, will in is_inside
        if there != here or (here and before != after):
            yield person


def _count(pairs: Sequence[CellKey], groups: frozenset[CellKey]) -> int:
    return sum(pair in groups for pair in pairs)
