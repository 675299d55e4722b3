"""The rows of a sealed period as a new version counts them: corrected where many are, else as sealed.

Both versions are public, so that an outsider subtracts one from the other. What is left says
something of the people whose rows were corrected, so that these have to be many:

    1. The rows are those that were sealed, none more and none less. What came, went or was answered
       since then stays as it was.
    2. Corrections are told apart by the published cell that a row was in, the one that it would be
       in, and the measures that change. Each kind must concern enough people, and none of them may
       make up too much of a difference: otherwise its rows stay as they were sealed.
    3. What depends on the link to a person, or on what was known by then, is what it was when the
       period closed.
    4. A cell that no row enters or leaves stays a cell, even where somebody of it was erased
       meanwhile: that it is merged now would tell of that erasure.

Source: differencing of releases, SDC Handbook (European Commission and CoE), chapter 5; the rule for
sums is the p% rule, applied to what each person adds to a difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lacuna.model.mart import OTHER, Cell, CellKey, Facts, Mart, Period, Policy
from lacuna.model.restatement import SealedRows
from lacuna.reporting.joint_counts import cell_of

MeasureValues = tuple[int, ...]


@dataclass(frozen=True)
class Redrawn:
    """The rows of one period, beside those that were sealed.

    Attributes:
        facts: what the new version counts.
        before: what the sealed one counted, of the same people.
        sealed_rows: of the new version, to be kept.
        merged: groups that stay merged, because the cell that they are in stays as it is.
        corrected: rows that were corrected.
        kept: rows that stay as they were sealed although they differ now.
    """

    facts: Facts
    before: Facts
    sealed_rows: SealedRows = field(repr=False)
    merged: frozenset[CellKey]
    corrected: int
    kept: int


@dataclass(frozen=True)
class Destination:
    """Where rows are published: the mart, its policy, and numbers for people who are not known."""

    mart: Mart
    policy: Policy
    strangers: Iterator[int] = field(repr=False)


def redraw(
    sealed: SealedRows, now: Facts, period: Period, cells: Sequence[Cell], where: Destination
) -> Redrawn:
    """Return the rows that a new version of a period counts.

    Args:
        sealed: what each row added when the period was sealed.
        now: rows as they are now, at least those of the period.
        cells: what was published of it.

    Source: rules 1 to 4 of this module.
    """
    mart, policy = where.mart, where.policy
    place = {row: number for number, row in enumerate(now.rows)}
    people: list[int | None] = []
    agents: list[int | None] = []
    wanted: list[tuple[CellKey, MeasureValues]] = []
    fixed = [mart.index(name) for name in mart.at_close]
    # A mean's sum goes with its count: what was answered later has no waiting time either.
    summed = [
        (mart.index(mean.count), mart.index(mean.total))
        for mean in mart.means
        if mean.count in mart.at_close
    ]
    for row, key, values in zip(sealed.rows, sealed.keys, sealed.values, strict=True):
        number = place.get(row)
        people.append(None if number is None else now.people[number])
        agents.append(now.agents[number] if number is not None and now.agents else None)
        if number is None:
            wanted.append((key, values))
            continue
        current = list(now.values[number])
        for count, total in summed:
            if current[count] != values[count]:
                current[total] = values[total]
        for position in fixed:
            current[position] = values[position]
        wanted.append((now.keys[number], tuple(current)))
    old = [(key, values) for key, values in zip(sealed.keys, sealed.values, strict=True)]
    keys = {cell.key for cell in cells}
    outside = _Outside(mart, period, keys)
    kinds: dict[tuple[CellKey, CellKey, MeasureValues], list[int]] = defaultdict(list)
    for number, (was, will) in enumerate(zip(old, wanted, strict=True)):
        if was != will:
            changes = tuple(int(a != b) for a, b in zip(was[1], will[1], strict=True))
            kinds[outside.cell(was[0]), outside.cell(will[0]), changes].append(number)
    new, moved, valued, corrected, kept = list(old), set[CellKey](), set[CellKey](), 0, 0
    for (source, target, _), numbers in sorted(kinds.items()):
        if not _is_safe(numbers, people, (old, wanted), mart, policy):
            kept += len(numbers)
            continue
        corrected += len(numbers)
        (valued if source == target else moved).update((source, target))
        for number in numbers:
            new[number] = wanted[number]
    inside: dict[CellKey, list[int]] = defaultdict(list)
    for number, (key, _) in enumerate(old):
        inside[outside.cell(key)].append(number)
    # Such a cell had enough people when it was sealed, and is published, or merged, as a whole: each
    # row whose link was cut since then counts as somebody, and keeps it as it is. Where values
    # changed, all of these as one person must not make up too much of them.
    stays = {
        cell
        for cell in keys - moved
        if cell not in valued
        or not _dominated_measures(
            [(people[each], new[each][1]) for each in inside[cell]], mart, policy
        )
    }
    is_whole = [outside.cell(key) in stays for key in sealed.keys]
    known = [
        next(where.strangers) if was_known and person is None and is_inside else person
        for was_known, person, is_inside in zip(sealed.is_known, people, is_whole, strict=True)
    ]
    facts = Facts(
        people=known,
        days=sealed.days,
        keys=[key for key, _ in new],
        values=[values for _, values in new],
        interactions=sealed.interactions,
        agents=agents if mart.agents else (),
        rows=sealed.rows,
    )
    return Redrawn(
        facts=facts,
        before=Facts(
            people=known,
            days=sealed.days,
            keys=sealed.keys,
            values=sealed.values,
            interactions=sealed.interactions,
            agents=facts.agents,
            rows=sealed.rows,
        ),
        sealed_rows=SealedRows(
            rows=sealed.rows,
            interactions=sealed.interactions,
            days=sealed.days,
            keys=facts.keys,
            values=facts.values,
            is_known=sealed.is_known,
        ),
        merged=_merged_groups(mart, outside, {*sealed.keys, *facts.keys}, stays),
        corrected=corrected,
        kept=kept,
    )


class _Outside:
    """Where an outsider takes groups to be, from the cells that were published."""

    def __init__(self, mart: Mart, period: Period, keys: set[CellKey]) -> None:
        self._mart, self._label, self._keys = mart, period.label, keys
        self._known: dict[CellKey, CellKey] = {}

    def cell(self, group: CellKey) -> CellKey:
        """Return the cell of a group; of one that has none, the group itself."""
        if group not in self._known:
            found, _ = cell_of(self._mart, self._label, self._keys, group)
            self._known[group] = group if found is None else found[1]
        return self._known[group]


def _is_safe(
    numbers: Iterable[int],
    people: Sequence[int | None],
    versions: tuple[
        Sequence[tuple[CellKey, MeasureValues]], Sequence[tuple[CellKey, MeasureValues]]
    ],
    mart: Mart,
    policy: Policy,
) -> bool:
    """Whether enough people stand behind corrections of one kind, and none makes up too much.

    A row that moves adds all of its values to the differences, one that stays what changes of them.
    """
    old, new = versions
    amounts: list[Counter[int | None]] = [Counter() for _ in mart.measures]
    rows = Counter[int | None]()
    for number in numbers:
        (was, before), (will, after) = old[number], new[number]
        rows[people[number]] += 1
        for position, amount in enumerate(amounts):
            moved = max(before[position], after[position])
            stayed = abs(after[position] - before[position])
            amount[people[number]] += moved if was != will else stayed
    if len(rows) - (None in rows) < mart.people:
        return False
    summed = {mart.index(mean.total) for mean in mart.means}
    looked_at = [rows, *(amounts[position] for position in summed)]
    return not any(_is_dominated(each.values(), policy) for each in looked_at)


def _dominated_measures(
    rows: Iterable[tuple[int | None, MeasureValues]], mart: Mart, policy: Policy
) -> list[str]:
    """Return the measures of which one person makes up too much; all cut links are one person."""
    rows = list(rows)
    found = []
    for name in (mart.base, *dict.fromkeys(mean.total for mean in mart.means)):
        amounts = Counter[int | None]()
        for person, values in rows:
            amounts[person] += values[mart.index(name)]
        if any(amounts.values()) and _is_dominated(amounts.values(), policy):
            found.append(name)
    return found


def _is_dominated(amounts: Iterable[int], policy: Policy) -> bool:
    largest_first = sorted(amounts, reverse=True)
    return sum(largest_first[2:]) * 100 < largest_first[0] * policy.dominance_percent


def _merged_groups(
    mart: Mart, outside: _Outside, groups: Iterable[CellKey], stays: set[CellKey]
) -> frozenset[CellKey]:
    """Return the groups to be merged as they were, in cells that stay as they are."""
    inside: dict[CellKey, set[CellKey]] = defaultdict(set)
    for group in groups:
        inside[outside.cell(group)].add(group)
    found: set[CellKey] = set()
    for cell, members in inside.items():
        if cell not in stays or members == {cell}:
            continue
        # Of bands, each but the last one is joined to the next.
        is_range = bool(mart.bands) and OTHER not in cell
        found |= set(sorted(members)[:-1]) if is_range else members
    return frozenset(found)
