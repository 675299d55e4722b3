"""The delivery as an application: a link shows a page, a code opens it, a button downloads.

`GET` changes nothing but the count of visits, so that programs which follow the links of a mail use
nothing up. Whatever is secret is in the body of a form, except for the token in the link itself.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lacuna.datamap import load_tenants
from lacuna.delivery.downloads import Download, zip_passphrase
from lacuna.delivery.pages import (
    STYLE,
    PrivateHeaders,
    download_page,
    language_of,
    link_page,
    message_page,
)
from lacuna.delivery.visits import BegunDownload, Bounds, CodeMail, FoundLink, LinkState, Visits
from lacuna.errors import PipelineError, UnknownRequest
from lacuna.model.letter import OutgoingMail
from lacuna.ports import Stores
from lacuna.request import CODE_DIGITS, CODE_MINUTES
from lacuna.translations import Wording

_FORMS: Final = MappingProxyType({"open": "open", "code": "mail_code", "download": "download"})
_LARGEST_FORM: Final = 4096
_SECONDS: Final = 15
_logger: Final = logging.getLogger(__name__)


def create_delivery(stores: Callable[[], Stores], bounds: Bounds | None = None) -> ASGIApp:
    """Return the application.

    Args:
        stores: opens what lies outside; called at each visit.
        bounds: how much is let through.
    """
    routes = _Routes(Visits(stores, bounds or Bounds()))
    # Around everything: an answer to what nobody expected has the headers too.
    app = Starlette(
        routes=[
            Route("/delivery.css", _style),
            *(
                Route(f"/{name}", getattr(routes, does), methods=["POST"])
                for name, does in _FORMS.items()
            ),
            Route("/{token}", routes.show),
        ],
        exception_handlers={
            HTTPException: _on_http_error,
            PipelineError: _on_error,
            Exception: _on_error,
        },
    )
    return PrivateHeaders(app)


class _Routes:
    """What is answered at each address."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits

    async def show(self, request: Request) -> Response:
        """Show the page of a link."""
        await self._admit(request)
        token = request.path_params["token"]
        if token in _FORMS:
            raise HTTPException(405)  # reloaded, or from the history of the browser
        found = await run_in_threadpool(self._visits.look, token)
        return link_page(request, found, token)

    async def mail_code(self, request: Request) -> Response:
        """Mail a code to the other mailbox on file."""
        await self._admit(request)
        token = (await _form(request)).get("token", "")
        found, mail = await run_in_threadpool(self._visits.mail_code, token)
        if mail is None:
            return link_page(request, found, token)
        try:
            await run_in_threadpool(self._deliver, mail, language_of(request, found))
        except PipelineError as error:
            _logger.error("a code was not mailed: %s", type(error).__name__)
            return link_page(request, found, token, "not_sent")
        return link_page(request, found, token, "sent", minutes=CODE_MINUTES)

    async def open(self, request: Request) -> Response:
        """Compare the code."""
        await self._admit(request)
        form = await _form(request)
        token = form.get("token", "")
        code = "".join(filter(str.isdigit, form.get("code", "")))[: CODE_DIGITS + 1]
        found = await run_in_threadpool(self._visits.enter_code, token, code)
        if found.secret:
            is_for_key = found.link is not None and found.link.is_for_key
            passphrase = zip_passphrase(self._visits.terms.key, found.secret)
            return download_page(request, found, token, "" if is_for_key else passphrase)
        if found.state is LinkState.READY:
            return link_page(request, found, token, "wrong", left=found.left)
        return link_page(request, found, token)

    async def download(self, request: Request) -> Response | Download:
        """Send the bundle."""
        await self._admit(request)
        form = await _form(request)
        token, secret = form.get("token", ""), form.get("pass", "")
        begun = await run_in_threadpool(self._visits.begin, token, secret)
        match begun:
            case BegunDownload():
                key = self._visits.terms.key
                return Download(begun, self._visits, zip_passphrase(key, secret))
            case FoundLink():
                return link_page(request, begun, token)
            case None:
                return message_page(request, "busy", 429)

    async def _admit(self, request: Request) -> None:
        client = "" if request.client is None else request.client.host
        if not await run_in_threadpool(self._visits.admit, client):
            raise HTTPException(429)

    def _deliver(self, mail: CodeMail, language: str) -> None:
        """Mail a code at once; nothing of it is stored."""
        stores = self._visits.stores
        tenant = load_tenants(stores.tenants_path).by_org.get(mail.org_id)
        if tenant is None:
            raise UnknownRequest("a code: its tenant is no longer in the file of tenants")
        words = Wording("delivery", language)
        sender = tenant.addresses[0]
        shown = f"{mail.code[:4]} {mail.code[4:]}"
        stores.outbox.deliver(
            OutgoingMail(
                message_id=f"{uuid.uuid4()}@{sender.rpartition('@')[2]}",
                sender=sender,
                sender_name=tenant.name,
                recipient=mail.mailbox,
                subject=words.said("mail_subject"),
                text=f"{words.said('mail', code=shown, minutes=CODE_MINUTES)}\n\n{tenant.name}\n",
            )
        )


async def _form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form of ours; of one that came twice the last.

    Raises:
        HTTPException: it is larger or slower than any of ours, or no form.
    """
    body = b""
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST_FORM:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=10))
    except ValueError:
        raise HTTPException(400) from None


async def _style(request: Request) -> Response:
    return Response(STYLE, media_type="text/css")


async def _on_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    name = {404: "unknown", 429: "busy"}.get(status, "start_again")
    return message_page(request, name, status)


async def _on_error(request: Request, error: Exception) -> Response:
    _logger.error("a visit failed: %s", type(error).__name__)
    return message_page(request, "failed", 503)
