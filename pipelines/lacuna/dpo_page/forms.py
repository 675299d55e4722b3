"""Reads what is sent to the page, and refuses what did not come from it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import HTTPException, Request

from lacuna.dpo_page.user_rights import Visit, is_form_token
from lacuna.errors import RequestError

TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
TOKEN_HEADER: Final = "x-lacuna-form-token"  # noqa: S105 - the name of a header
NEW_VALUE: Final = "set_"
"""Before the column of a new value, in the name of its field."""
_LARGEST_FORM: Final = 64 * 1024


def require_own(request: Request, visited: Visit, token: str) -> None:
    """Refuse what another site made the browser send (CSRF).

    Raises:
        HTTPException: 403.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "The form was not sent from this page. Nothing changed.")
    origin = request.headers.get("origin")
    if origin is not None and _host(origin) != request.headers.get("host"):
        raise HTTPException(403, "The form was sent from another site. Nothing changed.")
    now = visited.stores.clock.now()
    if visited.is_ambient and not is_form_token(visited, token, now):
        raise HTTPException(
            403,
            "The form has expired or belongs to another user. Nothing changed. Reload the page.",
        )


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # half an IPv6 address, say
        return None


async def read_form(request: Request, visited: Visit) -> Mapping[str, str]:
    """Return the fields of a form of ours, each given once.

    Raises:
        HTTPException: 403, 413, 415 or 422.
    """
    require_type(request, "application/x-www-form-urlencoded")
    body = await read_body(request, _LARGEST_FORM)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=100,
            # Nothing is taken for what it is not: a replacement character would find nobody.
            errors="strict",
        )
    except ValueError:
        raise HTTPException(422, "The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HTTPException(422, "A field occurs twice.")
    require_own(request, visited, fields.pop(TOKEN, ""))
    return fields


def require_type(request: Request, media_type: str) -> None:
    """Refuse a body of another type.

    Raises:
        HTTPException: 415.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise HTTPException(415, f"Send {media_type}.")


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body, read no further than its limit.

    Raises:
        HTTPException: 413.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise HTTPException(413, f"The limit is {limit} bytes.")
    return bytes(body)


def only(fields: Mapping[str, str], *names: str) -> tuple[str, ...]:
    """Return the fields of these names; there may be no others.

    Raises:
        HTTPException: 422.
    """
    if set(fields) != set(names):
        raise HTTPException(422, f"This form needs exactly these fields: {', '.join(names)}.")
    return tuple(fields[name] for name in names)


class InvalidFields(Exception):
    """What was written into fields cannot be taken.

    Attributes:
        errors: by field, in the words of the form.
        given: what was written, by field.
    """

    def __init__(self, errors: Mapping[str, str], given: Mapping[str, str]) -> None:
        super().__init__("invalid fields")
        self.errors, self.given = errors, given

    @property
    def sentences(self) -> str:
        """What is wrong, field by field, for a program."""
        return "; ".join(f"{name}: {why}" for name, why in self.errors.items())


def form_words(error: RequestError) -> str:
    """Return the sentence of an error as a form shows it beside a field.

    >>> form_words(RequestError("request: the email is empty"))
    'The email is empty.'
    """
    text = f"{error}".removeprefix("request: ")
    return f"{text[:1].upper()}{text[1:]}."


def new_values(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the new values of a correction that a form holds, by column; empty ones say nothing."""
    return {
        name.removeprefix(NEW_VALUE): text.strip()
        for name, text in fields.items()
        if name.startswith(NEW_VALUE) and text.strip()
    }
