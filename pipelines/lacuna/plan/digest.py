"""The digest of what a plan is about: with the steps and the text it makes the plan's own."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum

from lacuna.model.location import RowKey, TableName, original_path
from lacuna.model.plan import Inventory, Step, location_of
from lacuna.model.request import CONTACT, Request

_AT_ONCE = 2000


def inventory_digest(
    request: Request, datamap_digest: str, inventory: Inventory, nonce: str
) -> str:
    """Return SHA-256 hex over the request, the data map and the exact rows and objects.

    The nonce keeps anybody from finding a row's key by trying keys; it is destroyed when
    the request closes.
    """
    parts: dict[str, Iterator[str]] = {
        "nonce": _text_of(nonce),
        "request_id": _text_of(request.request_id),
        "org_id": _text_of(request.org_id),
        "level": _text_of(str(request.level)),
        "kinds": _text_of([str(kind) for kind in request.kinds]),
        "datamap": _text_of(datamap_digest),
        "rows": _keys_of({str(found.table): found.keys for found in inventory.rows}),
        "mentions": _keys_of({str(found.column): found.keys for found in inventory.mentions}),
        "objects": _text_of(
            sorted(
                [
                    found.path.store,
                    # Putting it into quarantine makes no other plan of it.
                    original_path(found.path.path),
                    # A shared file is rewritten for others too; its size decides nothing.
                    "rewritten" if found.is_rewritten else str(found.byte_count),
                ]
                for found in inventory.objects
            )
        ),
    }
    if request.person_kind != CONTACT:
        parts["person_kind"] = _text_of(request.person_kind)
    held = {str(items.table): items.keys for _, items in inventory.held if items.keys}
    if held:
        # Left out where nothing is held, as above: such plans keep the digest that they had.
        parts["held"] = _keys_of(held)
    if inventory.shared:
        parts["shared"] = _keys_of({str(found.table): found.keys for found in inventory.shared})
    digest = hashlib.sha256()
    for piece in _object_of(parts):
        digest.update(piece.encode())
    return digest.hexdigest()


def values_digest(values: Mapping[str, str], nonce: str) -> str:
    """Return SHA-256 hex over the new values of a correction, salted as a plan is."""
    (text,) = _text_of({"nonce": nonce, "values": dict(values)})
    return hashlib.sha256(text.encode()).hexdigest()


def copies_digest(found: object, nonce: str) -> str:
    """Return SHA-256 hex over where copies were found and what they are, salted as a plan is.

    Args:
        found: plain values, in an order that is always the same.
    """
    (text,) = _text_of({"nonce": nonce, "found": found})
    return hashlib.sha256(text.encode()).hexdigest()


def as_mapping(step: Step) -> dict[str, object]:
    """Return a step as plain values: kind, location and its own fields."""
    fields = {field.name: _plain(getattr(step, field.name)) for field in dataclasses.fields(step)}
    if not fields.get("is_whole", True):
        del fields["is_whole"]  # such plans keep the digest that they had
    return {"kind": type(step).__name__, "location": location_of(step)} | fields


def _plain(value: object) -> object:
    match value:
        case TableName() | StrEnum():
            return str(value)
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _text_of(document: object) -> Iterator[str]:
    yield json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _object_of(parts: Mapping[str, Iterator[str]]) -> Iterator[str]:
    """Yield a JSON object in pieces: a person may have a million rows."""
    opening = "{"
    for name in sorted(parts):
        yield f"{opening}{json.dumps(name)}:"
        yield from parts[name]
        opening = ","
    yield "}" if parts else "{}"


def _keys_of(rows: Mapping[str, frozenset[RowKey]]) -> Iterator[str]:
    yield from _object_of({name: _list_of(keys) for name, keys in rows.items()})


def _list_of(keys: frozenset[RowKey]) -> Iterator[str]:
    ordered = sorted(keys)
    yield "["
    for start in range(0, len(ordered), _AT_ONCE):
        (text,) = _text_of(ordered[start : start + _AT_ONCE])
        yield ("," if start else "") + text[1:-1]
    yield "]"
