"""Who may do what, for which tenant. Asked again for every request, before anything is read."""

import hashlib
import hmac
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from fastapi import HTTPException, Request

from lacuna.datamap import load_tenants
from lacuna.errors import NotAnOfficer
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores, Transaction

_ORG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_FORM_LASTS: Final = timedelta(hours=8)
_TOLD_FOR: Final = timedelta(minutes=1)
_LONGEST_TIME: Final = 15  # digits
_KEY_OF_THE_PAGE: Final = str(uuid.uuid5(uuid.NAMESPACE_URL, "lacuna:dpo-page"))


class Right(StrEnum):
    """What a person may do on the page, for one tenant."""

    READ = "read"
    DECIDE = "decide"  # approve, refuse, choose between candidates
    DISCLOSE = "disclose"  # see personal data; the ledger gets an entry each time
    SUBMIT = "submit"  # hand requests in


_OFFICERS: Final = frozenset({Right.DECIDE, Right.DISCLOSE})
"""What takes a place in the register of officers, whatever else allows it."""


@dataclass(frozen=True)
class Auth:
    """What the page has to be told about people, by whoever knows them.

    Attributes:
        user: FastAPI dependency that returns the person, or raises an `HTTPException` of 401.
        name: returns the name by which they log in, which the register of officers has.
        may: whether the person has a right for a tenant.
        login: path of the log-in, from where the page is mounted; it takes an address to return to
            as `next`, which it has to check. None: a visit without log-in is refused.
    """

    user: Callable[..., object]
    name: Callable[[object], str]
    may: Callable[[object, Right, str], bool]
    login: str | None = None


@dataclass(frozen=True)
class Visit:
    """One person at one tenant's register.

    Attributes:
        rights: what they may do there.
        is_unregistered: whether they might decide if they were in the register of officers.
        zone: in which the tenant's times are shown.
        is_ambient: whether the browser sent the credentials by itself, as it does with a cookie.
    """

    org_id: str
    name: str = field(repr=False)
    rights: frozenset[Right]
    is_ambient: bool
    stores: Stores = field(repr=False)
    is_unregistered: bool = False
    zone: tzinfo = UTC

    def may(self, right: Right) -> bool:
        """Whether the person has a right here."""
        return right in self.rights

    @property
    def actor(self) -> str:
        """Role and key id, as the ledger names them.

        Raises:
            NotAnOfficer: the register does not have them for this tenant.
        """
        return self.stores.officer(self.name, self.org_id)

    @cached_property
    def is_of_every_tenant(self) -> bool:
        """Whether the person may decide here, and is registered for every tenant."""
        try:
            return self.may(Right.DECIDE) and bool(self.stores.officer(self.name))
        except NotAnOfficer:
            return False

    @property
    def officer(self) -> str:
        """The actor if the person may decide; else nothing."""
        return self.actor if self.may(Right.DECIDE) else ""

    def desk(self, transaction: Transaction, *, actor: str | None = None) -> Desk:
        """Return where the person decides in a transaction.

        Args:
            actor: who acts instead; the person, if None.
        """
        return Desk(
            transaction.queue,
            transaction.ledger,
            self.stores.keys,
            self.stores.clock.now(),
            self.actor if actor is None else actor,
            kept_rights=self.stores.kept_rights,
        )

    def deciding(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction in which the person decides; it commits at the end."""
        return self.stores.transaction(self.role, org_id=self.org_id)

    @property
    def role(self) -> Role:
        """The database role that the person acts under."""
        return Role.DPO


def tenants(stores: Stores) -> list[str]:
    """Return the ids of the tenants."""
    return sorted(load_tenants(stores.tenants_path).by_org)


def visit(request: Request, user: object, org_id: str, auth: Auth, stores: Stores) -> Visit:
    """Return a person's visit to a tenant.

    Raises:
        HTTPException: 404 where the person may not even read: whether there is such a tenant is
            not said.
    """
    tenant = load_tenants(stores.tenants_path).by_org.get(org_id)
    is_known = tenant is not None and _ORG.fullmatch(org_id) is not None
    rights = frozenset(each for each in Right if is_known and auth.may(user, each, org_id))
    if tenant is None or Right.READ not in rights:
        raise HTTPException(404, "This page does not exist, or you are not allowed to see it.")
    name, is_unregistered = auth.name(user), False
    if _OFFICERS & rights:
        try:
            stores.officer(name, org_id)
        except NotAnOfficer:
            rights, is_unregistered = rights - _OFFICERS, True
    credentials = request.headers.get("authorization", "")
    return Visit(
        org_id=org_id,
        name=name,
        rights=rights,
        is_ambient=not credentials.lower().startswith("bearer "),
        stores=stores,
        is_unregistered=is_unregistered,
        zone=tenant.zone,
    )


# --- forms that come from our own pages -----------------------------------------------------------


def form_token(visited: Visit, now: datetime) -> str:
    """Return the token that a form of this person must carry; a page of another site cannot know it."""
    until = str(int((now + _FORM_LASTS).timestamp()))
    return f"{until}.{_mac(visited.stores, 'form', visited.name, until)}"


def is_form_token(visited: Visit, token: str, now: datetime) -> bool:
    """Whether a token was made for this person, and not too long ago."""
    until, _, mac = token.partition(".")
    if not (until.isascii() and until.isdigit()) or not mac.isascii():
        return False
    expected = _mac(visited.stores, "form", visited.name, until)
    return hmac.compare_digest(mac, expected) and int(until) >= now.timestamp()


def done_query(visited: Visit, now: datetime, **done: object) -> str:
    """Return the query that lets the next page say what was done; nobody else can make one."""
    until = str(int((now + _TOLD_FOR).timestamp()))
    fields = {name: str(value) for name, value in sorted(done.items())}
    mac = _mac(visited.stores, "done", visited.name, until, *fields, *fields.values())
    return urlencode({**fields, "until": until, "proof": mac})


def is_done(visited: Visit, query: Mapping[str, str], now: datetime, *names: str) -> bool:
    """Whether a query was made by `done_query` for this person, with these fields, just now."""
    fields = {name: query.get(name, "") for name in sorted(names)}
    until, proof = query.get("until", ""), query.get("proof", "")
    if not (until.isascii() and until.isdigit() and len(until) < _LONGEST_TIME and proof.isascii()):
        return False
    mac = _mac(visited.stores, "done", visited.name, until, *fields, *fields.values())
    return hmac.compare_digest(proof, mac) and int(until) >= now.timestamp()


def body_digest(visited: Visit, content: str) -> str:
    """Return a keyed digest: it tells whether two submissions are the same, to nobody without the key."""
    return _mac(visited.stores, "body", visited.org_id, content)


def _mac(stores: Stores, purpose: str, *parts: str) -> str:
    # The key is made like those of requests, and lies beside them, outside the database.
    stores.keys.encrypt(_KEY_OF_THE_PAGE, b"")
    key = stores.keys.derive(_KEY_OF_THE_PAGE, f"dpo page: {purpose}")
    return hmac.digest(key, "\0".join(parts).encode(), hashlib.sha256).hex()
