"""Which keys of a JSON document stay: `tier`, or a path as `/address/country`, `/items/[]/sku`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

EACH: Final = "[]"


@dataclass(frozen=True)
class KeptKeys:
    """What stays of one value of a document.

    Attributes:
        is_whole: whether all of it stays.
        keys: of an object, the keys that stay, with what stays under each.
        elements: of a list, what stays of each element; None where the list goes.
    """

    is_whole: bool = False
    keys: Mapping[str, "KeptKeys"] = field(default_factory=dict)
    elements: "KeptKeys | None" = None


def kept_keys(written: Iterable[str]) -> KeptKeys:
    """Return the keys kept by the entries of `json_keys`; every other key goes, known or not.

    >>> kept_keys(["tier", "/items/[]/sku"]).keys["items"].elements.keys["sku"].is_whole
    True
    """
    paths = []
    for entry in written:
        name = entry.strip()
        paths.append(tuple(name[1:].split("/")) if name.startswith("/") else (name,))
    return _kept(paths)


def _kept(paths: Iterable[tuple[str, ...]]) -> KeptKeys:
    below: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        if not path:
            return KeptKeys(is_whole=True)
        below.setdefault(path[0], []).append(path[1:])
    elements = below.pop(EACH, None)
    return KeptKeys(
        keys={key: _kept(rest) for key, rest in below.items()},
        elements=None if elements is None else _kept(elements),
    )
