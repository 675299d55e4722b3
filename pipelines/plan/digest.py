"""The digest of a plan: what an approval is bound to."""

import dataclasses
import hashlib
import json
from enum import StrEnum

from pipelines.model.location import TableName
from pipelines.model.plan import Inventory, Step, location_of
from pipelines.model.request import Request


def plan_digest(
    request: Request,
    datamap_digest: str,
    steps: tuple[Step, ...],
    inventory: Inventory,
    nonce: str,
) -> str:
    """Return SHA-256 hex over the request, the steps and the exact rows and objects.

    The nonce keeps anybody from finding a row's key by trying keys; it is destroyed when
    the request closes.
    """
    return _sha256(
        {
            "nonce": nonce,
            "request_id": request.request_id,
            "org_id": request.org_id,
            "level": str(request.level),
            "kinds": [str(kind) for kind in request.kinds],
            "datamap": datamap_digest,
            "steps": [as_mapping(step) for step in steps],
            "rows": {
                str(found.table): sorted(list(key) for key in found.keys)
                for found in inventory.rows
            },
            "mentions": {
                str(found.column): sorted(list(key) for key in found.keys)
                for found in inventory.mentions
            },
            "objects": sorted(
                [
                    found.path.store,
                    found.path.path,
                    # A shared file is written anew for others too; its size decides nothing.
                    "rewritten" if found.is_rewritten else str(found.octets),
                ]
                for found in inventory.objects
            ),
        }
    )


def as_mapping(step: Step) -> dict[str, object]:
    """Return a step as plain values: kind, location and its own fields."""
    fields = {field.name: _plain(getattr(step, field.name)) for field in dataclasses.fields(step)}
    return {"kind": type(step).__name__, "location": location_of(step)} | fields


def _plain(value: object) -> object:
    match value:
        case TableName() | StrEnum():
            return str(value)
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _sha256(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
