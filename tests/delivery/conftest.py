"""A register with sealed bundles that people download, and the delivery without a server."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from starlette.testclient import TestClient

from lacuna.bundle.passphrase_encryption import encrypt
from lacuna.delivery import Bounds, create_delivery
from lacuna.model.delivery import DeliveryLink
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Purpose, SealedBundle
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import keep_contact, keep_requester, make_code, make_link
from tests.dpo_page.conftest import (  # noqa: F401 - fixtures
    MAIL,
    ORG,
    Office,
    office,
    register_template,
)

URL = "https://data.example.org"
WORDS = "abcd-efgh-jkmn-pqrs-tuvw-xyza-bcde"
OTHER_MAIL = "ada.private@example.org"
FILES = {"README.html": b"<p>Ada Lind</p>", "access/media/1.png": bytes(range(256)) * 400}


def archive(request_id: str, files: Mapping[str, bytes]) -> bytes:
    """Return the archive in a bundle, as `seal` writes it."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in files.items():
            stored = zipfile.ZIP_STORED if path.endswith(".png") else None
            packed.writestr(f"bundle_{request_id}/{path}", content, stored)
    return found.getvalue()


@dataclass
class Counter:
    """The delivery under test, and the officer who serves it."""

    office: Office
    client: TestClient

    @property
    def terms(self):
        return self.office.stores.delivery_terms

    def bundle(
        self,
        *,
        files: Mapping[str, bytes] = FILES,
        recipient: str | None = None,
        language: str = "de",
        sealed: bytes | None = None,
        org_id: str = ORG,
    ) -> str:
        """Return a request whose bundle is sealed, and whose person can be reached."""
        stores, now = self.office.stores, self.office.clock.now()
        mail = f"ada.{uuid.uuid4().hex}@example.org"  # another person each time
        request_id = self.office.submit(org_id, mail=mail, kind=RequestKind.ACCESS)
        if sealed is None:
            clear, file = archive(request_id, files), io.BytesIO()
            if recipient is None:
                encrypt(io.BytesIO(clear), file, WORDS)
            else:
                file.write(pyrage.encrypt(clear, [pyrage.x25519.Recipient.from_str(recipient)]))
            sealed = file.getvalue()
        folder = stores.home / "bundles"
        folder.mkdir(exist_ok=True)
        (folder / f"{request_id}.zip.age").write_bytes(sealed)
        with stores.transaction(Role.PLANNER) as transaction:
            desk = self.office.desk(transaction)
            if recipient is not None:
                desk.queue.secrets.set_bundle_key(request_id, recipient)
            keep_requester(request_id, (MAIL, language, "<1@example.org>"), desk)
            known = (
                Identifier(IdentifierKind.EMAIL, MAIL.upper()),
                Identifier(IdentifierKind.EMAIL, OTHER_MAIL),
            )
            request = desk.queue.requests.get(request_id)
            contact = keep_contact(request, known, desk)
            assert contact is not None
            desk.queue.secrets.put(request_id, Purpose.DELIVERY, contact)
            words = None if recipient else stores.keys.encrypt(request_id, WORDS.encode())
            digest = hashlib.sha256(sealed).hexdigest()
            expires_at = now + timedelta(days=30)
            desk.queue.bundles.put(
                SealedBundle(request_id, org_id, digest, len(sealed), now, expires_at, words)
            )
        return request_id

    def token(self, request_id: str, org_id: str = ORG) -> str:
        """Make a link for a letter on paper, as an officer; return its token."""
        stores = self.office.stores
        with stores.transaction(Role.DPO, org_id=org_id) as transaction:
            desk = self._officers(transaction, org_id)
            request = desk.queue.requests.get(request_id)
            made = make_link(request, self.terms, desk, stores.home, None)
        assert made.address is not None
        return made.address.removeprefix(f"{URL}/")

    def code(self, request_id: str, org_id: str = ORG) -> str:
        """Make a code, as an officer."""
        with self.office.stores.transaction(Role.DPO, org_id=org_id) as transaction:
            return make_code(request_id, self.terms, self._officers(transaction, org_id))

    def ready(self, **details) -> tuple[str, str]:
        """Return a request and the token of its link."""
        request_id = self.bundle(**details)
        return request_id, self.token(request_id)

    def enter(self, token: str, code: str):
        return self.client.post("/open", data={"token": token, "code": code})

    def secret(self, request_id: str, token: str) -> str:
        """Enter the right code; return what downloads."""
        page = self.enter(token, self.code(request_id))
        assert page.status_code == 200, page.text
        found = re.search(r'name="pass" value="([^"]+)"', page.text)
        assert found is not None
        return found[1]

    def download(self, token: str, secret: str):
        return self.client.post("/download", data={"token": token, "pass": secret})

    def link(self, request_id: str) -> DeliveryLink:
        with self.office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
            link = transaction.queue.deliveries.get(request_id)
        assert link is not None
        return link

    def actions(self, request_id: str) -> list[str]:
        """Return what the delivery recorded of a request, in order."""
        return [action for action, role in self.office.entries(request_id) if role == "flow"][1:]

    def _officers(self, transaction, org_id: str):
        name = "dana" if org_id == ORG else "doris"
        return self.office.desk(transaction, self.office.stores.officer(name, org_id))


def passphrase_in(html: str) -> str:
    found = re.search(r'class="passphrase">([^<]+)<', html)
    assert found is not None
    return found[1]


@pytest.fixture
def delivering(office: Office) -> Office:  # noqa: F811
    """The office with an address for its delivery."""
    stores = replace(office.stores, delivery_url=f"{URL}/")
    return Office(stores, office.url, office.clock)


@pytest.fixture
def counter_of(delivering: Office) -> Iterator[Callable[..., Counter]]:
    opened = []

    def make(**bounds) -> Counter:
        app = create_delivery(lambda: delivering.stores, Bounds(**bounds))
        client = TestClient(app, base_url=URL, client=("192.0.2.7", 5000))
        opened.append(client)
        return Counter(delivering, client)

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def counter(counter_of) -> Counter:
    return counter_of()


@pytest.fixture
def mails(delivering: Office) -> Callable[[], list[str]]:
    """Return the mails that went out, as text."""

    def read() -> list[str]:
        folder: Path = delivering.stores.home / "outbox"
        return [path.read_text() for path in sorted(folder.glob("*.eml"))]

    return read
