"""Makes the plan of a request from its rights, in their order of fulfilment."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lacuna.errors import RequestError
from lacuna.model.correction import Correction, FileCopies
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.plan import (
    Inventory,
    JoinRows,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactText,
    Restrict,
    Retain,
    Step,
    WriteBundle,
    bound_digest,
    lacks_profile,
)
from lacuna.model.request import Level, Request, RequestKind
from lacuna.plan.digest import copies_digest, inventory_digest, values_digest
from lacuna.plan.erasure import erasure_steps
from lacuna.plan.rendition import as_json, render

_BUNDLE = (RequestKind.ACCESS, RequestKind.PORTABILITY)


@dataclass(frozen=True)
class Rectified:
    """What a request corrects.

    Attributes:
        values: columns of the subject table, and their new values.
        copies: the steps that correct copies of the old ones, as `copy_steps` returns them.
    """

    values: Mapping[str, str] = field(repr=False, default_factory=dict)
    copies: tuple[Step, ...] = ()


_NOTHING: Final = Rectified()


def plan_request(
    request: Request,
    inventory: Inventory,
    datamap: DataMap,
    nonce: str,
    *,
    rectified: Rectified = _NOTHING,
) -> Plan:
    """Return the plan of a request: restriction, rectification, bundle, erasure last.

    Pure: the same request, inventory and data map give the same plan and digest.

    Args:
        nonce: the request's random salt. With it the digest leads back to no row.
        rectified: what is corrected.

    Raises:
        RequestError: one of them cannot be corrected.
    """
    steps: list[Step] = [
        JoinRows(datamap.subject.table, rule, rows) for rule, rows in inventory.joined
    ]
    steps += [
        Restrict(kind)
        for kind in (RequestKind.RESTRICTION, RequestKind.OBJECTION)
        if kind in request.kinds
    ]
    if RequestKind.RECTIFICATION in request.kinds:
        _check_rectified(request, rectified.values, datamap)
        steps.append(
            Rectify(
                datamap.subject.table,
                tuple(sorted(rectified.values)),
                inventory.subject_rows,
                values_digest(rectified.values, nonce),
            )
        )
        steps += rectified.copies
    bundled = tuple(kind for kind in _BUNDLE if kind in request.kinds)
    if bundled:
        steps.append(
            WriteBundle(
                bundled,
                rows=sum(len(found.keys) for found in inventory.every_row),
                objects=sum(
                    found.byte_count is not None and not found.is_rewritten
                    for found in inventory.every_file
                ),
            )
        )
    if RequestKind.ERASURE in request.kinds:
        erasure = erasure_steps(inventory, datamap, has_bundle=bool(bundled))
        if inventory.is_nameless or lacks_profile(request, erasure, datamap.subject.table):
            erasure = tuple(
                replace(step, is_whole=True) if isinstance(step, RedactText) else step
                for step in erasure
            )
        steps.extend(erasure)
        if request.level is Level.CONTACT and not inventory.is_empty:
            steps.append(_retained_ids(inventory, datamap))
    plan = Plan(
        request_id=request.request_id,
        level=request.level,
        kinds=request.kinds,
        datamap_digest=datamap.digest,
        steps=tuple(steps),
        digest="",
        inventory_digest=inventory_digest(request, datamap.digest, inventory, nonce),
    )
    digest = bound_digest(plan.inventory_digest, as_json(plan), render(plan))
    return replace(plan, digest=digest)


def _retained_ids(inventory: Inventory, datamap: DataMap) -> Retain:
    """Return the step that retains the ids by which the person would be recognized."""
    is_by_value = bool(inventory.rows) and not inventory.subject_rows
    ids = "identifier and keys of rows" if is_by_value else "vendor ids"
    return Retain(
        "keys.erased",
        f"encrypted {ids}, kept to recognize the person after a restore; destroyed "
        f"after {datamap.longest_backup_days} days (Art. 5(2), 17(1))",
        int(is_by_value) or inventory.subject_rows,
    )


def copy_steps(
    inventory: Inventory, corrections: Sequence[Correction], nonce: str
) -> tuple[Step, ...]:
    """Return the steps that correct the copies of an inventory: tables, then exports."""
    old = sorted([str(one.old.kind), one.old.value] for one in corrections)
    by_table: dict[TableName, dict[str, frozenset[RowKey]]] = defaultdict(dict)
    for found in inventory.copies:
        by_table[found.column.table][found.column.name] = found.keys
    steps: list[Step] = [
        RectifyCopies(
            table,
            tuple((name, len(keys)) for name, keys in sorted(columns.items())),
            len(frozenset[RowKey]().union(*columns.values())),
            copies_digest(
                [old, [[name, sorted(map(list, keys))] for name, keys in sorted(columns.items())]],
                nonce,
            ),
        )
        for table, columns in sorted(by_table.items())
    ]
    by_pattern: dict[tuple[str, str], list[FileCopies]] = defaultdict(list)
    for file in inventory.copied:
        by_pattern[file.path.store, file.pattern].append(file)
    for (store, pattern), files in sorted(by_pattern.items()):
        rows: Counter[str] = Counter()
        for file in files:
            rows.update(file.rows)
        paths = sorted([file.path.path, dict(file.rows)] for file in files)
        digest = copies_digest([old, paths], nonce)
        steps.append(
            RectifyObjects(store, pattern, tuple(sorted(rows.items())), len(files), digest)
        )
    return tuple(steps)


def _check_rectified(request: Request, rectified: Collection[str], datamap: DataMap) -> None:
    allowed = datamap.correctable
    if wrong := sum(name not in allowed for name in rectified):
        raise RequestError(
            f"{request.request_id}: {wrong} of {len(rectified)} fields cannot be corrected in "
            f"{datamap.subject.table}; allowed: {', '.join(allowed)}. Refuse or withdraw the "
            "request, then submit it again"
        )
