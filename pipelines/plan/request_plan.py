"""Makes the plan of a request from its rights, in their order of fulfilment."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pipelines.errors import RequestError
from pipelines.model.datamap import DataMap
from pipelines.model.plan import (
    Inventory,
    JoinRows,
    Plan,
    Rectify,
    Restrict,
    Retain,
    Step,
    WriteBundle,
)
from pipelines.model.queue import bound_digest
from pipelines.model.request import Level, Request, RequestKind
from pipelines.plan.digest import inventory_digest, values_digest
from pipelines.plan.erasure import erasure_steps
from pipelines.plan.render import as_json, render

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_BUNDLE = (RequestKind.ACCESS, RequestKind.PORTABILITY)


def plan_request(
    request: Request,
    inventory: Inventory,
    datamap: DataMap,
    nonce: str,
    *,
    rectified: Mapping[str, str] = _NOTHING,
) -> Plan:
    """Return the plan of a request: restriction, rectification, bundle, erasure last.

    Pure: the same request, inventory and data map give the same plan and digest.

    Args:
        nonce: the request's random salt. With it the digest leads back to no row.
        rectified: columns of the subject table to correct, and their new values.

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
        _check_rectified(request, rectified, datamap)
        steps.append(
            Rectify(
                datamap.subject.table,
                tuple(sorted(rectified)),
                inventory.subject_rows,
                values_digest(rectified, nonce),
            )
        )
    bundled = tuple(kind for kind in _BUNDLE if kind in request.kinds)
    if bundled:
        steps.append(
            WriteBundle(
                bundled,
                rows=sum(len(found.keys) for found in inventory.rows),
                objects=sum(
                    found.octets is not None and not found.is_rewritten
                    for found in inventory.objects
                ),
            )
        )
    if RequestKind.ERASURE in request.kinds:
        steps.extend(erasure_steps(inventory, datamap, has_bundle=bool(bundled)))
        if request.level is Level.CONTACT and not inventory.is_empty:
            steps.append(
                Retain(
                    "keys.erased",
                    "the vendor's ids of the person, encrypted, recognize them if a backup brings "
                    f"them back; destroyed after {datamap.longest_backup_days} days (5(2), 17(1))",
                    inventory.subject_rows,
                )
            )
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


def _check_rectified(request: Request, rectified: Collection[str], datamap: DataMap) -> None:
    allowed = datamap.correctable
    if wrong := sum(name not in allowed for name in rectified):
        raise RequestError(
            f"{request.request_id}: {wrong} of {len(rectified)} fields to correct are none of "
            f"{datamap.subject.table} that can be; there are: {', '.join(allowed)}. Refuse or withdraw the "
            "request, and submit it anew"
        )
