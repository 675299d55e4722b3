"""What a visit of a link does in the database: each step is one transaction, with its entry."""

import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from lacuna.errors import ConfigurationError
from lacuna.model.delivery import DeliveryLink, DeliveryTerms
from lacuna.model.evidence import Action
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores
from lacuna.request import (
    LinkContent,
    code_hash,
    is_token,
    is_usable,
    link_hash,
    new_code,
    new_secret,
    open_content,
    pass_hash,
    save_code,
)

_PLACE: Final = "lacuna.delivery"
_BUCKETS: Final = 4096
_NETWORK: Final = 64  # bits of an IPv6 address that one subscriber has


@dataclass(frozen=True)
class Bounds:
    """How much is let through.

    Attributes:
        wrong_codes: that lock a link.
        mailed_codes: that are mailed for a link at most.
        visits: of a client in a period.
        valid: how long the right code lets download.
        downloads: of a link that may begin.
        slot: how long a download keeps its place without renewing it.
        start: how long a download may take, whatever its size.
        bytes_a_second: a download may take as long as this rate does besides.
    """

    wrong_codes: int = 5
    mailed_codes: int = 5
    visits: int = 60
    period: timedelta = timedelta(minutes=10)
    valid: timedelta = timedelta(hours=12)
    downloads: int = 50
    slot: timedelta = timedelta(seconds=60)
    start: timedelta = timedelta(minutes=10)
    bytes_a_second: int = 100_000


class LinkState(StrEnum):
    """What whoever has a link is told of it."""

    READY = "ready"
    UNKNOWN = "unknown"
    LOCKED = "locked"
    EXPIRED = "expired"
    DOWNLOADED = "downloaded"
    SPENT = "spent"  # too many downloads began


@dataclass(frozen=True)
class FoundLink:
    """A link as a visit finds it.

    Attributes:
        left: how many wrong codes it takes.
        can_mail: whether another code can be mailed.
        secret: to download with; empty unless the right code was entered just now.
    """

    state: LinkState
    link: DeliveryLink | None = None
    content: LinkContent | None = None
    left: int = 0
    can_mail: bool = False
    secret: str = field(repr=False, default="")


@dataclass(frozen=True)
class CodeMail:
    """A code to be mailed, once its hash is recorded."""

    code: str = field(repr=False)
    mailbox: str = field(repr=False)
    org_id: str


@dataclass(frozen=True)
class BegunDownload:
    """A download that has a place."""

    token: str = field(repr=False)
    download_id: str
    link: DeliveryLink
    content: LinkContent


class Visits:
    """Everything that visitors of links do, under the role of the delivery."""

    def __init__(self, stores: Callable[[], Stores], bounds: Bounds) -> None:
        """Open nothing yet."""
        self._stores = stores
        self._bounds = bounds

    @property
    def stores(self) -> Stores:
        """What lies outside."""
        return self._stores()

    @property
    def terms(self) -> DeliveryTerms:
        """On what terms bundles are delivered.

        Raises:
            ConfigurationError: no address is set, so there can be no link.
        """
        terms = self._stores().delivery_terms
        if terms is None:
            raise ConfigurationError("LACUNA_DELIVERY_URL is not set; set it, then start again")
        return terms

    def admit(self, client: str) -> bool:
        """Count a visit of a network address; return whether it may be answered.

        An address counts in one of 4096 places, by a keyed hash: the table stays small, and says
        nothing of who came. Addresses that share a place share what they may do.
        """
        digest = hmac.digest(self.terms.key, f"client\0{_network(client)}".encode(), hashlib.sha256)
        bucket = int.from_bytes(digest[:4]) % _BUCKETS
        with self._desk() as desk:
            since = desk.now - self._bounds.period
            visits = desk.queue.deliveries.count_visit(bucket, desk.now, since)
        return visits <= self._bounds.visits

    def look(self, token: str) -> FoundLink:
        """Return the link with a token; nothing is used up, and an expired link is recorded once."""
        with self._desk() as desk:
            return self._found(token, desk)

    def mail_code(self, token: str) -> tuple[FoundLink, CodeMail | None]:
        """Make a code, in place of an older one; return None for the code if none may be mailed."""
        with self._desk() as desk:
            found = self._found(token, desk)
            if not found.can_mail or found.link is None or found.content is None:
                return found, None
            code = new_code()
            counted = replace(found.link, mailed_codes=found.link.mailed_codes + 1)
            save_code(counted, code, self.terms, desk)
            return found, CodeMail(code, found.content.mailbox, found.link.org_id)

    def enter_code(self, token: str, code: str) -> FoundLink:
        """Compare a code; the right one is used up, and returns a secret to download with.

        Of several at once only one is compared at a time, in all processes.
        """
        with self._desk() as desk:
            found = self._found(token, desk)
            link = found.link
            if found.state is not LinkState.READY or link is None:
                return found
            is_right = link.code_until is not None and link.code_until > desk.now
            # Compared in constant time, also where no code is valid.
            given = code_hash(self.terms.key, link.request_id, code)
            is_right &= hmac.compare_digest(given, link.code_hash or "0" * len(given))
            if not is_right:
                return self._wrong(found, link, desk)
            secret = new_secret()
            desk.queue.deliveries.save(
                replace(
                    link,
                    code_hash=None,
                    code_until=None,
                    pass_hash=pass_hash(self.terms.key, secret),
                    pass_until=desk.now + self._bounds.valid,
                )
            )
            desk.record(Action.LINK_OPENED, _PLACE, request_id=link.request_id)
            return replace(found, secret=secret)

    def begin(self, token: str, secret: str) -> BegunDownload | FoundLink | None:
        """Take a place for a download; an older download of the same link stops.

        Returns the link instead if it may not be downloaded with this secret, and None if too many
        downloads run now.
        """
        with self._desk() as desk:
            found = self._found(token, desk)
            link, content = found.link, found.content
            if found.state is not LinkState.READY or link is None or content is None:
                return found
            given = pass_hash(self.terms.key, secret)
            is_valid = link.pass_until is not None and link.pass_until > desk.now
            if not (is_valid & hmac.compare_digest(given, link.pass_hash or "0" * len(given))):
                return found
            download_id = str(uuid.uuid4())
            if link.download_id is not None:  # it stops, whether it knows or not
                desk.queue.deliveries.free_slot(link.download_id, desk.now)
            if not self._keep_slot(download_id, desk):
                return None
            link = replace(link, download_id=download_id, downloads=link.downloads + 1)
            desk.queue.deliveries.save(link)
            desk.intend(
                Action.DOWNLOAD_BUNDLE, _PLACE, request_id=link.request_id, digest=link.digest
            )
            return BegunDownload(token, download_id, link, content)

    def keep(self, begun: BegunDownload) -> bool:
        """Keep the place of a download; return False if it has to stop."""
        with self._desk() as desk:
            link = desk.queue.deliveries.enter(link_hash(self.terms.key, begun.token))
            is_newest = link is not None and link.download_id == begun.download_id
            is_over = link is None or link.downloaded_at is not None or link.locked_at is not None
            return is_newest and not is_over and self._keep_slot(begun.download_id, desk)

    def finish(self, begun: BegunDownload) -> None:
        """Record that every byte was sent: the link is used up, and the sweep deletes the file."""
        with self._desk() as desk:
            link = desk.queue.deliveries.enter(link_hash(self.terms.key, begun.token))
            desk.queue.deliveries.free_slot(begun.download_id, desk.now)
            if link is None or link.downloaded_at is not None:
                return
            done = replace(link, downloaded_at=desk.now, pass_hash=None, pass_until=None)
            desk.queue.deliveries.save(done)
            desk.record(
                Action.DOWNLOAD_BUNDLE, _PLACE, request_id=link.request_id, digest=link.digest
            )

    def give_up(self, begun: BegunDownload) -> None:
        """Give the place of a download back that broke off; it can be repeated."""
        with self._desk() as desk:
            desk.queue.deliveries.free_slot(begun.download_id, desk.now)

    def longest(self, byte_count: int) -> timedelta:
        """Return how long a download of a bundle may take."""
        return self._bounds.start + timedelta(seconds=byte_count / self._bounds.bytes_a_second)

    @property
    def renewal(self) -> timedelta:
        """How often a download has to keep its place."""
        return self._bounds.slot / 4

    def _keep_slot(self, download_id: str, desk: Desk) -> bool:
        return desk.queue.deliveries.take_slot(download_id, desk.now, desk.now + self._bounds.slot)

    def _wrong(self, found: FoundLink, link: DeliveryLink, desk: Desk) -> FoundLink:
        wrong = link.wrong_codes + 1
        is_locked = wrong >= self._bounds.wrong_codes
        locked_at: datetime | None = desk.now if is_locked else None
        changed = replace(link, wrong_codes=wrong, locked_at=locked_at)
        if is_locked:
            changed = replace(
                changed, code_hash=None, code_until=None, pass_hash=None, pass_until=None
            )
        desk.queue.deliveries.save(changed)
        desk.record(Action.CODE_WRONG, _PLACE, request_id=link.request_id)
        if is_locked:
            desk.record(Action.LINK_LOCKED, _PLACE, request_id=link.request_id)
            return replace(found, state=LinkState.LOCKED)
        return replace(found, left=found.left - 1)

    def _found(self, token: str, desk: Desk) -> FoundLink:
        if not is_token(token):
            return FoundLink(LinkState.UNKNOWN)
        link = desk.queue.deliveries.enter(link_hash(self.terms.key, token))
        if link is None:
            return FoundLink(LinkState.UNKNOWN)
        content = open_content(token, link.content)
        if is_usable(link, desk.now):
            if link.downloads >= self._bounds.downloads:
                return FoundLink(LinkState.SPENT, link, content)
            can_mail = bool(content.mailbox) and link.mailed_codes < self._bounds.mailed_codes
            left = self._bounds.wrong_codes - link.wrong_codes
            return FoundLink(LinkState.READY, link, content, left, can_mail)
        if link.downloaded_at is not None:
            return FoundLink(LinkState.DOWNLOADED, link, content)
        if link.locked_at is not None:
            return FoundLink(LinkState.LOCKED, link, content)
        if link.expiry_seen_at is None:
            desk.queue.deliveries.save(replace(link, expiry_seen_at=desk.now))
            desk.record(Action.LINK_EXPIRED, _PLACE, request_id=link.request_id)
        return FoundLink(LinkState.EXPIRED, link, content)

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        stores = self._stores()
        with stores.transaction(Role.DELIVERY) as transaction:
            yield Desk(
                transaction.queue,
                transaction.ledger,
                stores.keys,
                stores.clock.now(),
                "flow:delivery",
            )


def _network(client: str) -> str:
    """Return the part of a network address that one subscriber has; other texts as they are."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), _NETWORK), strict=False))
