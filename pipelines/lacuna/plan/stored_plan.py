"""A plan read back from the queue."""

import json
from collections.abc import Mapping
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.model.location import TableName
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
)
from lacuna.model.queue import StoredPlan
from lacuna.model.request import Request, RequestKind

_KINDS: Final[Mapping[str, type[Step]]] = {
    kind.__name__: kind
    for kind in (
        JoinRows,
        AnonymizeRows,
        RedactText,
        RedactMentions,
        EmptyFiles,
        LinkTombstone,
        DeleteRows,
        RefreshView,
        DeleteObjects,
        RewriteObjects,
        Rectify,
        RectifyCopies,
        RectifyObjects,
        Restrict,
        WriteBundle,
        Retain,
    )
}


def restore(request: Request, stored: StoredPlan) -> Plan:
    """Return the plan that was stored for a request.

    Raises:
        EvidenceBroken: what is stored is no plan.
    """
    try:
        steps = tuple(_step(fields) for fields in json.loads(stored.steps))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise EvidenceBroken(
            f"{request.request_id}: the stored plan is invalid; plan again"
        ) from None
    return Plan(
        request_id=request.request_id,
        level=request.level,
        kinds=request.kinds,
        datamap_digest=stored.datamap_digest,
        steps=steps,
        digest=stored.digest,
        inventory_digest=stored.inventory_digest or "",
    )


def _step(fields: Mapping[str, object]) -> Step:
    kind = _KINDS[str(fields["kind"])]
    names = kind.__dataclass_fields__.keys()
    values = {name: _value(name, fields[name], kind) for name in names if name in fields}
    return kind(**values)  # type: ignore[arg-type]


def _value(name: str, value: object, kind: type[Step]) -> object:
    match name, value:
        case "table", str():
            return TableName.parse(value)
        case "right", str():
            return RequestKind(value)
        case "kinds", list():
            return tuple(RequestKind(one) for one in value)
        case _, list():
            return tuple(tuple(one) if isinstance(one, list) else one for one in value)
        case _:
            return value
