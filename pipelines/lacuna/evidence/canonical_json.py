"""JSON as evidence is written: canonical bytes (RFC 8785), and nothing that a reader could bend."""

import json
from collections.abc import Mapping

import rfc8785

from lacuna.errors import EvidenceBroken

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def read_canonical(content: bytes, what: str) -> dict[str, Json]:
    """Return the JSON object of these bytes, which must be its one canonical form.

    Without this, bytes that mean nothing (a space, an escape) could be changed unseen.

    Raises:
        EvidenceBroken: they are no JSON object, or not in canonical form.
    """
    try:
        found = json.loads(content)
        if isinstance(found, dict) and rfc8785.dumps(found) == content:
            return found
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        pass
    raise EvidenceBroken(f"{what} is not in the canonical form of its content")


def texts(found: Mapping[str, Json], *names: str) -> list[str]:
    """Return the members of these names, each a text.

    Raises:
        EvidenceBroken: one is missing, or is no text.
    """
    values = [found.get(name) for name in names]
    wanted = [value for value in values if isinstance(value, str)]
    if len(wanted) != len(names):
        raise EvidenceBroken(f"a text is missing: one of {', '.join(names)}")
    return wanted
