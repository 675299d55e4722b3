"""The gates over applied erasures, each for all requests of a batch at once.

1. residue and canary: nothing of the person is left, and the search would have seen it;
2. objects: every effect was carried out, and what was to be deleted is not there;
3. reconciliation: rows that must stay are there, their counts and sums have not moved;
4. unplanned: the transaction changed no row that the plan does not name;
5. expectations: the rows that stay look as the data map declares (`expectations.py`).

A gate that has nothing to go by says so in a finding: it has not passed.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from lacuna.model.datamap import DataMap, ObjectFormat
from lacuna.model.finding import Finding, Gate
from lacuna.model.location import Quarantined, original_path
from lacuna.model.object_source import path_sources
from lacuna.model.treatment import RowErasure
from lacuna.ports import Verifying
from lacuna.verify.places import CANARY_FOLDER, Place, WalkedEntry

Findings: TypeAlias = Mapping[str, tuple[Finding, ...]]
"""Findings by request; every request has an entry."""

_ROWS: Final = "rows"
# Another run may prove just now that it sees; the residual search looks into the folder.
_CANARIES: Final = frozenset({CANARY_FOLDER})


def check_objects(
    request_ids: Collection[str],
    datamap: DataMap,
    verifying: Verifying,
    places: Sequence[Place],
) -> Findings:
    """Find effects still pending, objects still there, and objects that the data map forgot.

    Args:
        places: the object stores among them are walked anew.
    """
    there: dict[str, frozenset[str]] = {}
    of_all: list[Finding] = []
    for place in places:
        if not place.is_store:
            continue
        if not place.is_there:
            # What is not mounted must not be taken for what is gone.
            of_all.append(Finding(Gate.OBJECTS, place.name, 1))
            continue
        # Of a bucket a delete marker counts: what was deleted leaves none.
        paths = {entry.path for entry in place.entries(_CANARIES) if _counts(entry, place)}
        # What is in quarantine is there, whatever row names it by now.
        there[place.name] = frozenset(paths).union(map(original_path, paths))
        if strays := sum(place.pattern_of(path) is None for path in paths):
            # No pattern says what an erasure does to them.
            of_all.append(Finding(Gate.OBJECTS, place.name, strays))
    effects = verifying.effects(request_ids)
    named = verifying.own_paths(request_ids)
    found: dict[str, tuple[Finding, ...]] = {}
    for request_id in request_ids:
        findings: list[Finding] = []
        if pending := effects.get(request_id, {}).get("pending", 0):
            findings.append(Finding(Gate.OBJECTS, "lacuna.outbox", pending))
        for source, still_named in named.get(request_id, {}).items():
            if left := sum(path in there.get(source.store, ()) for path in still_named):
                findings.append(Finding(Gate.OBJECTS, str(source.column), left))
        found[request_id] = (*findings, *of_all)
    return found


def orphans(verifying: Verifying, datamap: DataMap, places: Sequence[Place]) -> tuple[str, ...]:
    """Return, by group, how many objects no row names although rows name those of its pattern.

    Their content was searched like any other; whose they are nobody knows where it is no text.
    Those in quarantine are counted apart.
    """
    found: Counter[str] = Counter()
    for place in places:
        if not place.is_store or not place.is_there:
            continue
        named = verifying.named_paths(place.name)
        naming = {
            table.name
            for table in datamap.tables.values()
            if any(source.store == place.name for source in path_sources(datamap, table))
        }
        seen: set[str] = set()
        for entry in place.entries(_CANARIES):
            pattern = place.pattern_of(entry.path)
            if entry.path in seen or pattern is None or pattern.table not in naming:
                continue
            if not _counts(entry, place):
                continue
            seen.add(entry.path)
            if pattern.format is ObjectFormat.PARQUET:
                continue  # it repeats the rows of its table; none names it
            group = place.group_of(entry.path)
            if Quarantined.parse(entry.path) is not None:
                found[f"{group}, in quarantine"] += 1
            elif entry.path not in named:
                found[f"{group}, named by no row"] += 1
    return tuple(f"{group}: {count}" for group, count in sorted(found.items()))


def reconcile(
    request_ids: Collection[str],
    datamap: DataMap,
    verifying: Verifying,
    without_rows: Collection[str] = (),
) -> Findings:
    """Find tables whose kept rows or sums are not what they were before the erasure.

    No baseline where rows were to stay is a finding, and so are fewer or more rows than the
    plan named.

    Args:
        without_rows: requests whose approved plans are about files alone.
    """
    baselines = verifying.baseline(request_ids)
    planned = verifying.working_rows(request_ids)
    found: dict[str, list[Finding]] = {request_id: [] for request_id in request_ids}
    for request_id, portions in verifying.pending_portions(request_ids).items():
        found[request_id].append(Finding(Gate.RECONCILIATION, "lacuna.portion", portions))
    for request_id in request_ids:
        has_none = not baselines.get(request_id) and not planned.get(request_id)
        if has_none and request_id not in without_rows:
            found[request_id].append(Finding(Gate.RECONCILIATION, "lacuna.baseline", 1))
    for table in datamap.tables.values():
        if table.rows is not RowErasure.ANONYMIZE:
            continue
        concerned = [
            request_id
            for request_id in request_ids
            if table.name in baselines.get(request_id, {})
            or table.name in planned.get(request_id, {})
        ]
        if not concerned:
            continue
        totals = verifying.totals(table.name, concerned)
        for request_id in concerned:
            before = baselines.get(request_id, {}).get(table.name)
            now = totals.get(request_id, {_ROWS: "0"})
            rows = planned.get(request_id, {}).get(table.name, 0)
            if before is None:
                found[request_id].append(Finding(Gate.RECONCILIATION, str(table.name), rows))
                continue
            for measure in (_ROWS, *table.measures):
                if not _is_equal(now.get(measure), before.get(measure)):
                    location = f"{table.name}.{measure}" if measure != _ROWS else str(table.name)
                    count = abs(rows - int(now[_ROWS])) if measure == _ROWS else 1
                    found[request_id].append(Finding(Gate.RECONCILIATION, location, max(count, 1)))
    return {request_id: tuple(findings) for request_id, findings in found.items()}


def check_unplanned(
    request_ids: Collection[str], datamap: DataMap, verifying: Verifying
) -> Findings:
    """Find rows that the erasure's transaction wrote and no plan of it names.

    Without the transaction's id nothing could be seen, which is a finding.
    """
    found: dict[str, list[Finding]] = {request_id: [] for request_id in request_ids}
    for request_id in set(request_ids) - verifying.transactions(request_ids).keys():
        found[request_id].append(Finding(Gate.UNPLANNED, "lacuna.request.rows_transaction", 1))
    for name, table in datamap.tables.items():
        if table.rows is RowErasure.REFRESH:
            continue  # made anew as a whole
        for request_id, count in verifying.unplanned_rows(name, request_ids).items():
            found[request_id].append(Finding(Gate.UNPLANNED, str(name), count))
    return {request_id: tuple(findings) for request_id, findings in found.items()}


def _counts(entry: WalkedEntry, place: Place) -> bool:
    """Whether an entry is an object, or what is left of one; not a folder, not our canary."""
    if place.bucket is None:
        return entry.file is not None
    return not entry.is_canary and not entry.path.endswith("/")


def _is_equal(now: str | None, before: str | None) -> bool:
    return now is not None and before is not None and Decimal(now) == Decimal(before)
