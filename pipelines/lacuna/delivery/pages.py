"""The pages of the delivery: one form each, in the language of the request, without a script."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lacuna.delivery.visits import FoundLink, LinkState
from lacuna.intake import day_in
from lacuna.translations import Wording, languages_of, nearest_language

LANGUAGES: Final = languages_of("delivery")
STYLE: Final = (Path(__file__).parent / "static" / "delivery.css").read_bytes()
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    # The address of the first page is a secret.
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_STATUSES: Final[Mapping[LinkState, int]] = {
    LinkState.READY: 200,
    LinkState.UNKNOWN: 404,
    LinkState.LOCKED: 403,
    LinkState.EXPIRED: 410,
    LinkState.DOWNLOADED: 410,
    LinkState.SPENT: 410,
}
_PREFERRED: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([0-9.]{1,5}))?\s*"
)
_MOST_PREFERENCES: Final = 20
_UNITS: Final = ("kB", "MB", "GB")
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class PrivateHeaders:
    """Sends the headers that keep a page to whoever asked for it, with every response."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the application."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), text.encode()) for name, text in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        await self._app(scope, receive, with_headers)


def language_of(request: Request, found: FoundLink | None = None) -> str:
    """Return the language of a request, or the first that the visitor's browser asks for."""
    if found is not None and found.content is not None and found.content.language:
        return nearest_language(found.content.language, LANGUAGES)
    wanted: list[tuple[float, int, str]] = []
    header = request.headers.get("accept-language", "")
    for number, one in enumerate(header.split(",")[:_MOST_PREFERENCES]):
        if parsed := _PREFERRED.fullmatch(one):
            try:
                wanted.append((-float(parsed[2] or 1), number, parsed[1]))
            except ValueError:
                continue
    for weight, _, tag in sorted(wanted):
        if weight < 0 and (language := nearest_language(tag, LANGUAGES, "")):
            return language
    return "en"


def link_page(
    request: Request, found: FoundLink, token: str, notice: str = "", **facts: object
) -> HTMLResponse:
    """Return the page of a link: the form for the code, or why there is none.

    Args:
        notice: name of a text that says what just happened; `facts` are its facts.
    """
    language = language_of(request, found)
    words = Wording("delivery", language)
    if found.state is not LinkState.READY:
        return _page("message.html", language, _STATUSES[found.state], name=found.state)
    return _page(
        "code.html",
        language,
        422 if notice == "wrong" else 200,
        token=token,
        can_mail=found.can_mail,
        notice=words.said(notice, **facts) if notice else "",
    )


def download_page(request: Request, found: FoundLink, token: str, passphrase: str) -> HTMLResponse:
    """Return the page after the right code: the passphrase, which only this page shows, and a button.

    Args:
        passphrase: of the ZIP file; empty for a bundle that is for a key.
    """
    language = language_of(request, found)
    return _page(
        "download.html",
        language,
        200,
        token=token,
        secret=found.secret,
        passphrase=passphrase,
        size="" if found.link is None else readable_size(found.link.byte_count),
        until="" if found.link is None else day_in(language, found.link.last_day.isoformat()),
    )


def message_page(
    request: Request, name: str, status: int, found: FoundLink | None = None
) -> HTMLResponse:
    """Return a page that says one thing.

    Args:
        name: of its text.
    """
    return _page("message.html", language_of(request, found), status, name=name)


def readable_size(byte_count: int) -> str:
    """Return a number of bytes for people, rounded up to whole units.

    >>> [readable_size(number) for number in (1, 1_000, 1_500_000, 12_000_000_000)]
    ['1 kB', '1 kB', '2 MB', '12 GB']
    """
    sizes = [(-(-byte_count // 1000**power), unit) for power, unit in enumerate(_UNITS, 1)]
    size, unit = next((one for one in sizes if one[0] < 1000), sizes[-1])
    return f"{size} {unit}"


def _page(template: str, language: str, status: int, **content: object) -> HTMLResponse:
    said = {"say": Wording("delivery", language).said, "language": language}
    return HTMLResponse(_TEMPLATES.get_template(template).render(said | content), status)
