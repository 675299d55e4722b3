"""Arguments that several commands share."""

import re
import uuid
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.errors import ConfigurationError
from lacuna.model.request import RequestKind
from lacuna.model.request_reference import normal_reference
from lacuna.model.run import Role

_NAMED: Final[dict[str, str]] = {}
"""Ids of requests, and how the caller of the command named them."""


def _named_request(context: typer.Context, text: str | None) -> str | None:
    """Return the id of the request that somebody names; refuse anything else without repeating it.

    Raises:
        UnknownRequest: a number or the beginning of an id names none, or several.
    """
    if text is None or context.resilient_parsing:  # as when a shell completes the line
        return text
    reference = normal_reference(text)
    if reference is None:
        raise typer.BadParameter(
            "name a request by its number, such as FJ-0142, or by its id or the first 8 characters "
            "of it; lacuna request list shows the numbers"
        )
    request_id = str(uuid.UUID(reference)) if len(reference) == 32 else _id_of(reference)
    _NAMED[request_id] = text.strip()
    return request_id


def _named_requests(context: typer.Context, texts: list[str]) -> list[str | None]:
    """Return the ids of the requests that somebody names, each once, in their order."""
    return list(dict.fromkeys(_named_request(context, text) for text in texts))


def _id_of(reference: str) -> str:
    # Only here: what it imports takes more than a second.
    from lacuna.wiring import open_stores

    with open_stores().transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.queue.requests.id_of(reference)


def as_named(message: str) -> str:
    """Return a message with the requests in it called as the caller of the command called them."""
    for request_id, name in _NAMED.items():
        # Not in a file's name.
        message = re.sub(rf"(?<![\w./-]){request_id}(?![\w./-])", name, message)
    return message


def _canonical(text: str | None) -> str | None:
    """Return an id as it is stored; refuse anything else without repeating it."""
    if text is None:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise typer.BadParameter(
            "an id is a UUID; find it with lacuna mail list or lacuna notice list"
        ) from None


def _digest(text: str | None) -> str | None:
    """Return a digest; refuse anything else without repeating it."""
    if text is not None and not re.fullmatch(r"[0-9a-f]{64}", text):
        raise typer.BadParameter(
            "a digest has 64 characters, 0-9 and a-f; copy it from the output of lacuna"
        )
    return text


_REQUEST: Final = typer.Argument(
    metavar="ID",
    help="The request: its number, its id, or at least the first 8 characters of the id.",
    callback=_named_request,
)
RequestId = Annotated[str, _REQUEST]
RequestIds = Annotated[
    list[str],
    typer.Argument(
        metavar="ID",
        help="The requests: their numbers, ids, or at least the first 8 characters of the ids.",
        callback=_named_requests,
    ),
]
AnyRequestId = Annotated[str | None, _REQUEST]
OnlyRequest = Annotated[
    str | None,
    typer.Option(
        "--request",
        metavar="ID",
        help="Fulfilment only: take this request only, by its number or id.",
        callback=_named_request,
    ),
]
MailId = Annotated[str, typer.Argument(metavar="ID", help="Id of the mail.", callback=_canonical)]
NoticeId = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the notice.", callback=_canonical)
]
PlanDigest = Annotated[
    str,
    typer.Option(
        "--plan",
        help="Digest that you read: of the plan, or of the plans together.",
        callback=_digest,
    ),
]
RuleDigest = Annotated[
    str, typer.Option("--digest", help="Digest that you read.", callback=_digest)
]
PrintJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
TenantName = Annotated[str, typer.Option(help="Tenant.")]
DecidingOfficer = Annotated[
    str, typer.Option("--as", help="Officer who decides. The ledger records only a key id.")
]
RightsFilter = Annotated[
    list[RequestKind] | None,
    typer.Option(
        "--kind", help="Only these rights of the request; the others continue. Can be repeated."
    ),
]
AnyDigest = Annotated[
    str | None,
    typer.Option(
        "--digest", help="Digest that the command prints without this option.", callback=_digest
    ),
]


_LARGEST_FILE: Final = 64 * 1024 * 1024


def read_file(path: Path, what: str) -> bytes:
    """Return the content of a file that a user names.

    Args:
        what: it is, for the error.

    Raises:
        ConfigurationError: it cannot be read, or does not end, as a device.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(f"{what} {path} cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST_FILE:
        raise ConfigurationError(f"{what} {path} has more than {_LARGEST_FILE} bytes")
    return content
