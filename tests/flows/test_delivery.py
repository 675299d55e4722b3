"""A night keeps where a bundle can be delivered to, and the whole of it goes through the delivery."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from lacuna.delivery import create_delivery
from lacuna.flows import sweep
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import make_code, make_link
from tests.delivery.conftest import URL, passphrase_in
from tests.delivery.test_app import opened_by_7z
from tests.flows.observation import quiet_people

pytestmark = pytest.mark.seven_zip


def kept_for(installation, request_id: str, purpose=Purpose.DELIVERY) -> bytes | None:
    with installation.stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.secrets.get(request_id, purpose)


def test_a_bundle_is_delivered_whole_and_then_deleted(little, tmp_path):
    contact = quiet_people(little.platform)[0]
    # Without an address only whom the bundle is for is kept beyond the end of a request.
    before = little.submit_contact(contact, kinds=(RequestKind.PORTABILITY,))
    assert little.run() is None
    assert kept_for(little, before) is None
    assert kept_for(little, before, Purpose.RECIPIENT) is not None
    # Until the person is erased, whatever becomes of the bundle.
    other = quiet_people(little.platform)[1]
    of_other = little.submit_contact(other, kinds=(RequestKind.ACCESS,))
    assert little.run() is None
    assert kept_for(little, of_other, Purpose.RECIPIENT) is not None
    little.erase(other)
    assert kept_for(little, of_other, Purpose.RECIPIENT) is None
    assert kept_for(little, before, Purpose.RECIPIENT) is not None

    little.stores = replace(little.stores, delivery_url=URL)
    request_id = little.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    assert little.run() is None
    request = little.request(request_id)
    secret = kept_for(little, request_id)
    assert secret is not None
    assert kept_for(little, request_id, Purpose.RECIPIENT) is not None
    stores = little.stores
    with stores.transaction(Role.DPO, org_id=request.org_id) as transaction:
        desk = little.desk(transaction, stores.officer("dana", request.org_id))
        made = make_link(request, stores.delivery_terms, desk, stores.home, None)
        code = make_code(request_id, stores.delivery_terms, desk)
    assert made.has_mailbox
    token = made.address.removeprefix(f"{URL}/")
    with TestClient(create_delivery(lambda: stores), base_url=URL) as client:
        page = client.post("/open", data={"token": token, "code": code})
        found = re.search(r'name="pass" value="([^"]+)"', page.text)[1]
        sent = client.post("/download", data={"token": token, "pass": found})
    files = opened_by_7z(sent.content, passphrase_in(page.text), tmp_path)
    sums = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums.keys() | {"SHA256SUMS", "manifest.sig"} >= files.keys()
    assert len(files) > 10
    with zipfile.ZipFile(io.BytesIO(sent.content)) as packed:
        assert not [name for name in packed.namelist() if request_id in name]
    assert little.run(sweep) is None
    assert not (stores.home / "bundles" / f"{request_id}.zip.age").exists()
    assert kept_for(little, request_id) is None
    assert kept_for(little, request_id, Purpose.RECIPIENT) is None
