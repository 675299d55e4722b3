"""What an officer is shown of a request's person: recorded first, the same on page and command line."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from lacuna.errors import RequestError, UnknownRequest
from lacuna.intake.mail import visible
from lacuna.model.assignment import OfficerComment
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier
from lacuna.model.plan import BUNDLES
from lacuna.model.request import Request
from lacuna.ports import Desk
from lacuna.request.acceptance import identifiers_of, rectifications_of
from lacuna.request.candidates import Candidate, candidates_of
from lacuna.request.comments import comments_of
from lacuna.request.letters_due import requester_of
from lacuna.request.person_on_file import on_file


@dataclass(frozen=True)
class Disclosure:
    """What is kept of a person for their request.

    Attributes:
        identifiers: given with the request.
        requester: the address from which the request was mailed; None for another, or once it is deleted.
        on_file: what was on file of the person whom the request was found to be about.
        candidates: who may be meant, where several people may.
        corrections: by column the new values, to read: what nobody sees shows as its code. The
            plan's digest binds them.
        comments: of officers, oldest first.
    """

    identifiers: tuple[Identifier, ...] = field(repr=False)
    candidates: tuple[Candidate, ...] = field(repr=False)
    corrections: Mapping[str, str] = field(repr=False)
    comments: tuple[OfficerComment, ...] = field(repr=False, default=())
    on_file: tuple[Identifier, ...] = field(repr=False, default=())
    requester: str | None = field(repr=False, default=None)


def disclose(request: Request, desk: Desk) -> Disclosure:
    """Read what is kept of a person, and record that it is shown; show it once that is committed."""
    corrections: dict[str, str] = {}
    with suppress(UnknownRequest):  # it asks for none, or they were forgotten
        corrections = {
            name: visible(value) for name, value in rectifications_of(request, desk).items()
        }
    requester = requester_of(request, desk)
    found = Disclosure(
        identifiers_of(request, desk),
        tuple(candidates_of(request, desk)),
        corrections,
        comments_of(request, desk),
        on_file(request, desk),
        None if requester is None else requester["address"],
    )
    shown = int(requester is not None)
    shown += sum(map(len, (found.identifiers, found.on_file, corrections, found.comments)))
    desk.record(
        Action.DISCLOSED,
        "lacuna.request_secret",
        request_id=request.request_id,
        counts=(shown + sum(len(one.known) for one in found.candidates), None),
    )
    return found


@dataclass(frozen=True)
class ReleasedBundle:
    """A bundle that was handed over.

    Attributes:
        path: of its file.
        passphrase: to be shown once; None where the recipient gave a key, or it was shown before.
    """

    path: Path
    passphrase: str | None = field(repr=False)


def release_bundle(request_id: str, home: Path, desk: Desk) -> ReleasedBundle:
    """Record that a bundle is handed over, and wipe its passphrase; show it once that is committed.

    A link to it leads nowhere from then on.

    Raises:
        RequestError: there is none, or its file is not the one that was sealed.
    """
    found = desk.queue.bundles.get(request_id)
    if found is None:
        named = desk.queue.requests.get(request_id).reference
        raise RequestError(f"{named}: no bundle exists for this request, or it has expired")
    path = sealed_bundle(home, request_id, found.digest)
    passphrase = None
    if found.passphrase is not None:
        passphrase = desk.keys.decrypt(request_id, found.passphrase).decode()
    desk.queue.bundles.release(request_id, desk.now)
    desk.queue.deliveries.end(request_id)
    desk.record(Action.RELEASE_BUNDLE, "bundles", request_id=request_id, digest=found.digest)
    return ReleasedBundle(path, passphrase)


def sealed_bundle(home: Path, request_id: str, digest: str) -> Path:
    """Return the path of a request's bundle, once its file is the one that was sealed.

    Args:
        digest: SHA-256 of that file, hex.

    Raises:
        RequestError: the file is gone, or another one lies there: somebody else's data, say.
    """
    with open_sealed_bundle(home, request_id, digest):
        return _path(home, request_id)


def open_sealed_bundle(home: Path, request_id: str, digest: str) -> IO[bytes]:
    """Return the opened file of a request's bundle, at its beginning, once it is the one that was sealed.

    A file that takes its name afterwards is not read.

    Args:
        digest: SHA-256 of that file, hex.

    Raises:
        RequestError: the file is gone, or another one lies there: somebody else's data, say.
    """
    with ExitStack() as opened, suppress(OSError):
        file = opened.enter_context(_path(home, request_id).open("rb"))
        if hashlib.file_digest(file, "sha256").hexdigest() == digest:
            file.seek(0)
            opened.pop_all()
            return file
    raise RequestError(
        f"{request_id}: the file of its bundle is missing or was replaced; nothing was handed "
        "over. Find out who changed the folder bundles, and restore the file"
    )


def _path(home: Path, request_id: str) -> Path:
    return home / BUNDLES / f"{request_id}.zip.age"
