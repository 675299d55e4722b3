"""What an officer is shown of a request's person: recorded first, the same on page and command line."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lacuna.errors import RequestError, UnknownRequest
from lacuna.intake.mail import visible
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier
from lacuna.model.request import Request
from lacuna.ports import Desk
from lacuna.request.acceptance import identifiers_of, rectifications_of
from lacuna.request.candidates import Candidate, candidates_of


@dataclass(frozen=True)
class Disclosure:
    """What is kept of a person for their request.

    Attributes:
        identifiers: given with the request.
        candidates: who may be meant, where several people may.
        corrections: by column the new values, to read: what nobody sees shows as its code. The
            plan's digest binds them.
    """

    identifiers: tuple[Identifier, ...] = field(repr=False)
    candidates: tuple[Candidate, ...] = field(repr=False)
    corrections: Mapping[str, str] = field(repr=False)


def disclose(request: Request, desk: Desk) -> Disclosure:
    """Read what is kept of a person, and record that it is shown; show it once that is committed."""
    corrections: dict[str, str] = {}
    with suppress(UnknownRequest):  # it asks for none, or they were forgotten
        corrections = {
            name: visible(value) for name, value in rectifications_of(request, desk).items()
        }
    found = Disclosure(
        identifiers_of(request, desk), tuple(candidates_of(request, desk)), corrections
    )
    shown = len(found.identifiers) + len(corrections)
    desk.record(
        Action.DISCLOSED,
        "lacuna.request_secret",
        request_id=request.request_id,
        counts=(shown + sum(len(one.known) for one in found.candidates), None),
    )
    return found


def sealed_bundle(home: Path, request_id: str, digest: str) -> Path:
    """Return the file of a request's bundle, once it is the one that was sealed.

    Args:
        digest: SHA-256 of that file, hex.

    Raises:
        RequestError: the file is gone, or another one lies there: somebody else's data, say.
    """
    path = home / "bundles" / f"{request_id}.zip.age"
    try:
        with path.open("rb") as file:
            is_sealed = hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        is_sealed = False
    if not is_sealed:
        raise RequestError(
            f"{request_id}: the file of its bundle is missing or was replaced; nothing was handed "
            "over. Find out who changed the folder bundles, and restore the file"
        )
    return path
