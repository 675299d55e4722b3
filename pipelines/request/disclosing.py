"""What an officer is shown of a request's person: recorded first, the same on page and command line."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pipelines.errors import UnknownRequest
from pipelines.model.evidence import Action
from pipelines.model.identity import Identifier
from pipelines.model.request import Request
from pipelines.ports import Desk
from pipelines.request.accept import identifiers_of, rectifications_of
from pipelines.request.choosing import Candidate, candidates_of
from pipelines.request.mail import visible


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
