"""Pages, errors and the headers of every response."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lacuna.dpo_page.forms import InvalidFields
from lacuna.dpo_page.request_words import deadline_tag, is_due, state_tags, words_of
from lacuna.dpo_page.user_rights import Right, Visit, done_query, form_token
from lacuna.errors import (
    DependencyUnreachable,
    IllegalTransition,
    PipelineError,
    PlanChanged,
    PlanRefused,
    RequestError,
    UnknownRequest,
)
from lacuna.model.register import Shelf

_HERE: Final = Path(__file__).parent
STATIC: Final[Mapping[str, tuple[bytes, str]]] = {
    path.name: (path.read_bytes(), media_type)
    for name, media_type in (("page.css", "text/css"), ("page.js", "text/javascript"))
    for path in (_HERE / "static" / name,)
}
_HEADERS: Final = {
    # No inline script or style, nothing from elsewhere; Airflow shows the page in a frame.
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # Not `no-referrer`: with it browsers call the origin of our own forms "null".
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
# The first that fits.
_STATUSES: Final = (
    (UnknownRequest, 404),
    (IllegalTransition, 409),
    (PlanChanged, 409),
    (RequestError, 422),
    (PlanRefused, 409),
    (DependencyUnreachable, 503),
    (PipelineError, 500),
)


_TITLES: Final = {
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    409: "Changed in the meantime",
    410: "Gone",
    413: "Too large",
    422: "Invalid input",
}


def _moment(zone: tzinfo, moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _zoned(zone: tzinfo, moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def _local_day(zone: tzinfo, moment: datetime) -> date:
    return moment.astimezone(zone).date()


def _day(moment: datetime) -> date:
    # Of a deadline or a hold: the day that letters and the ledger name, in every zone.
    return moment.astimezone(UTC).date()


@cache
def _templates(zone: tzinfo) -> jinja2.Environment:
    """Return the templates, with times in a zone."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    times = {"moment": _moment, "zoned": _zoned, "local_day": _local_day}
    found.filters.update(
        {name: partial(shown, zone) for name, shown in times.items()}, words=words_of, day=_day
    )
    found.globals.update(state_tags=state_tags, deadline_tag=deadline_tag, is_due=is_due)
    return found


def page(
    request: Request, template: str, visited: Visit | None = None, **content: object
) -> HTMLResponse:
    """Return a page made of a template."""
    base = str(request.scope.get("root_path", ""))
    zone = UTC if visited is None else visited.zone
    said = {
        "base": base,
        "airflow": base.rpartition("/")[0],
        "home": base if visited is None else f"{base}/{visited.org_id}",
        "visit": visited,
        "here": template,
        "right": Right,
        "shelf_names": Shelf,
        "dated": request.app.state.schedule.in_zone(zone).dated,
        "form_token": "" if visited is None else form_token(visited, visited.stores.clock.now()),
    }
    return HTMLResponse(_templates(zone).get_template(template).render(said | content))


def wants_page(request: Request) -> bool:
    """Whether whoever asks is a browser, and no program."""
    return "text/html" in request.headers.get("accept", "")


def refuse_fields(request: Request, invalid: InvalidFields, form: HTMLResponse) -> HTMLResponse:
    """Return the form as it was written, as a refusal.

    Raises:
        HTTPException: 422 with the same sentences, to a program.
    """
    if not wants_page(request):
        raise StarletteHTTPException(422, f"{invalid.sentences} Nothing changed.")
    form.status_code = 422
    return form


def to_page(request: Request, visited: Visit, path: str) -> RedirectResponse:
    """Return a redirection to a path below the tenant's."""
    base = request.scope.get("root_path", "")
    return RedirectResponse(f"{base}/{visited.org_id}{path}", 303)


def to_request(request: Request, visited: Visit, request_id: str, done: str) -> RedirectResponse:
    """Return a redirection to the page of a request, which says what was done."""
    query = done_query(visited, visited.stores.clock.now(), done=done, of=request_id)
    return to_page(request, visited, f"/requests/{request_id}?{query}")


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be kept; its name is made of ids alone."""
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _refusal(request: Request, status: int, said: str) -> Response:
    if not wants_page(request):
        return JSONResponse({"detail": said}, status)
    title = _TITLES.get(status, "Something went wrong")
    response = page(request, "refusal.html", status=status, title=title, said=said)
    response.status_code = status
    return response


def _login(request: Request) -> str | None:
    """Return the address of the log-in for a person who asked for a page; None for anybody else.

    Both addresses are paths of this server, so that nobody is sent elsewhere.
    """
    login = request.app.state.login
    if login is None or request.method != "GET" or not wants_page(request):
        return None
    mounted = str(request.scope.get("root_path", "")).rpartition("/")[0]
    # Two slashes, or a backslash after one, would begin the name of another server.
    here = f"/{quote(request.url.path.lstrip('/'), safe='/%')}"
    if request.url.query:
        here += f"?{request.url.query}"
    return f"{mounted}/{login}?{urlencode({'next': here})}"


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer an `HTTPException`."""
    if not isinstance(error, StarletteHTTPException):
        raise error
    if error.status_code == 401 and (login := _login(request)) is not None:
        return RedirectResponse(login, 303)
    response = _refusal(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def on_invalid(request: Request, error: Exception) -> Response:
    """Say where a request is malformed, and never what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    places = sorted(
        {
            # The name of a field that is not asked for is whatever somebody wrote.
            "an unknown field"
            if one["type"] == "extra_forbidden"
            else ".".join(str(part) for part in one["loc"][:2])
            for one in error.errors()
        }
    )
    return _refusal(request, 422, f"Invalid fields: {', '.join(places)}.")


async def on_pipeline_error(request: Request, error: Exception) -> Response:
    """Answer one of our own errors: its message holds no value of a row."""
    status = next(number for kind, number in _STATUSES if isinstance(error, kind))
    return _refusal(request, status, f"{error}")


class Headers:
    """Sets the headers that every response has, whoever made it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and what comes back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), text.encode())
                        for name, text in _HEADERS.items()
                        if name.encode() not in given
                    ),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)
