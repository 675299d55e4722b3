"""Puts the page together: authentication on every route, headers on every response."""

from collections.abc import Callable

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from lacuna.dpo_page.assignments import assigning_routes
from lacuna.dpo_page.bulk_approval import bulk_routes
from lacuna.dpo_page.decisions import deciding_routes
from lacuna.dpo_page.delivery import delivery_routes
from lacuna.dpo_page.disclosures import disclosing_routes
from lacuna.dpo_page.mails import mail_routes
from lacuna.dpo_page.responses import (
    STATIC,
    Headers,
    on_http_error,
    on_invalid,
    on_pipeline_error,
)
from lacuna.dpo_page.route_guard import Guard
from lacuna.dpo_page.rules import rule_routes
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.submissions import submitting_routes
from lacuna.dpo_page.user_rights import Auth
from lacuna.dpo_page.views import reading_routes
from lacuna.errors import PipelineError
from lacuna.ports import Stores


def create_app(
    *, auth: Auth, stores: Callable[[], Stores], schedule: Schedule | None = None
) -> FastAPI:
    """Return the page as an application that can be mounted anywhere.

    Args:
        auth: who somebody is, and what they may do.
        stores: opens what the page reads; called when it is first needed.
        schedule: says when flows run next; None: nobody knows.
    """
    app = FastAPI(
        title="Lacuna",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A slash more or less leads nowhere, instead of to an address that a header can name.
        redirect_slashes=False,
        # On every route but the style sheet and the script, the last one included: nobody is told
        # anything before.
        dependencies=[Depends(auth.user)],
    )
    app.state.login = auth.login
    app.state.schedule = schedule or Schedule()
    app.add_middleware(Headers)
    app.add_exception_handler(StarletteHTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(PipelineError, on_pipeline_error)
    guard = Guard(auth, stores)

    # A route of Starlette, which has no dependencies: the page that says "not logged in" is styled.
    app.add_route("/static/{name}", _static)

    times = app.state.schedule
    for routes in (
        reading_routes(guard, times),
        deciding_routes(guard, times),
        bulk_routes(guard, times),
        assigning_routes(guard),
        rule_routes(guard),
        disclosing_routes(guard),
        delivery_routes(guard),
        mail_routes(guard),
        submitting_routes(guard, times),
    ):
        app.include_router(routes)

    @app.api_route(
        "/{anything:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    )
    def nothing(request: Request, anything: str) -> Response:
        raise HTTPException(404, "This page does not exist, or you are not allowed to see it.")

    return app


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404, "This page does not exist.")
    content, media_type = STATIC[name]
    return Response(
        content, media_type=media_type, headers={"cache-control": "public, max-age=300"}
    )
