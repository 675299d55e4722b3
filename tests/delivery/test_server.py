"""The server as it is run: by command, on a port, with curl, slow clients and a real browser."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from lacuna.cli.delivery import WithoutTraceback
from lacuna.delivery import Bounds, create_delivery
from lacuna.stores.clock import SystemClock
from tests.delivery.conftest import FILES, Counter, passphrase_in
from tests.delivery.test_app import opened_by_7z
from tests.dpo_page.browser import Tab, chromium
from tests.dpo_page.conftest import Office, Served

pytestmark = pytest.mark.starts

START = "from lacuna.cli import main; main()"


@dataclass
class Serving:
    """The delivery as a process of its own, and its port."""

    counter: Counter
    url: str
    log: Path

    def curl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["curl", "-sS", "--noproxy", "*", *arguments], capture_output=True, check=False
        )

    def page(self, path: str, **fields: str) -> str:
        data = [part for name, text in fields.items() for part in ("-d", f"{name}={text}")]
        return self.curl(*data, f"{self.url}/{path}").stdout.decode()

    def secret(self, request_id: str, token: str) -> tuple[str, str]:
        """Enter the right code; return what downloads, and the passphrase."""
        page = self.page("open", token=token, code=self.counter.code(request_id))
        found = re.search(r'name="pass" value="([^"]+)"', page)
        assert found is not None, page
        return found[1], passphrase_in(page)


@pytest.fixture
def serving(delivering: Office, tmp_path: Path) -> Iterator[Serving]:
    stores = replace(delivering.stores, clock=SystemClock())
    office = Office(stores, delivering.url, SystemClock())
    environment = {name: text for name, text in os.environ.items() if "LACUNA" not in name}
    # As docs/delivery.md says: a login that takes on the one role.
    login = f"delivery_{uuid.uuid4().hex}"
    office.query(f"create role {login} login noinherit password '{login}'")
    office.query(f"grant lacuna_delivery to {login}")
    url = make_url(delivering.url).set(username=login, password=login)
    environment |= {
        "LACUNA_HOME": str(stores.home),
        "LACUNA_DATABASE_URL": url.render_as_string(hide_password=False),
        "LACUNA_DELIVERY_URL": "https://data.example.org",
    }
    log = tmp_path / "server.log"
    with (tmp_path / "out").open("w") as out, log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", START, "deliver", "--port", "0", "--workers", "2"],
            env=environment,
            stdout=out,
            stderr=said,
        )
    try:
        until = time.monotonic() + 60
        while not (found := re.search(r"http://\S+", (tmp_path / "out").read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        serving = Serving(Counter(office, None), found[0], log)
        while serving.curl(f"{found[0]}/delivery.css").returncode:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield serving
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        office.query(f"drop role {login}")


@contextmanager
def asking(host: str, port: int, body: str) -> Iterator[socket.socket]:
    """Ask for a download, and leave what is sent where it is."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        until = time.monotonic() + 20
        while slow.connect_ex((host, port)):  # the server is starting
            assert time.monotonic() < until
            time.sleep(0.1)
        slow.sendall(
            b"POST /download HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/x-www-form-urlencoded\r\n"
            b"content-length: %d\r\n\r\n%s" % (len(body), body.encode())
        )
        yield slow


@pytest.mark.thorough
@pytest.mark.seven_zip
def test_a_bundle_goes_by_curl_from_the_link_to_its_files(serving, tmp_path):
    request_id, token = serving.counter.ready()
    assert 'name="code"' in serving.page(token)
    secret, passphrase = serving.secret(request_id, token)
    file = tmp_path / "sent.zip"
    arguments = ("-d", f"token={token}", "-d", f"pass={secret}", f"{serving.url}/download")
    assert serving.curl("-o", str(file), *arguments).returncode == 0
    assert opened_by_7z(file.read_bytes(), passphrase, tmp_path) == FILES
    again = serving.curl("-w", "%{http_code}", *arguments).stdout
    assert again.endswith(b"410")
    # Nothing of the link, the person or the request is in what the server writes.
    for said in (token, secret, passphrase, request_id, "Ada"):
        assert said not in serving.log.read_text()


@pytest.mark.thorough
def test_a_download_that_broke_off_can_be_repeated_and_one_that_is_slow_stops_no_other(serving):
    part = hashlib.shake_256(b"noise").digest(4_000_000)
    request_id, token = serving.counter.ready(files={"a.png": part})
    secret, _ = serving.secret(request_id, token)
    host, _, port = serving.url.removeprefix("http://").partition(":")
    with asking(host, int(port), f"token={token}&pass={secret}") as slow:
        assert slow.recv(1) == b"H"  # one byte a second
        time.sleep(1)
        assert slow.recv(1) == b"T"
        # Somebody else is served meanwhile.
        other, others = serving.counter.ready()
        found, _ = serving.secret(other, others)
        sent = serving.curl("-d", f"token={others}&pass={found}", f"{serving.url}/download")
        assert sent.stdout.startswith(b"PK")
        assert serving.counter.link(request_id).downloaded_at is None
    # It broke off: the link is not used up, and the next download gets everything.
    sent = serving.curl("-d", f"token={token}&pass={secret}", f"{serving.url}/download")
    assert sent.returncode == 0
    assert len(sent.stdout) > len(part)
    until = time.monotonic() + 10
    while serving.counter.link(request_id).downloaded_at is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    taken = "select count(*) from lacuna.delivery_slot where download_id is not null"
    while serving.counter.office.query(taken) != [(0,)]:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_client_that_reads_a_byte_a_second_is_cut_off_in_time(delivering, counter_of):
    bounds = Bounds(start=timedelta(seconds=3), bytes_a_second=10**9)
    counter = counter_of()
    part = hashlib.shake_256(b"noise").digest(8_000_000)
    request_id, token = counter.ready(files={"a.png": part})
    secret = counter.secret(request_id, token)
    server = Served(create_delivery(lambda: delivering.stores, bounds))
    host, _, port = server.url.removeprefix("http://").partition(":")
    taken = "select count(*) from lacuna.delivery_slot where download_id is not null"
    try:
        with asking(host, int(port), f"token={token}&pass={secret}") as slow:
            begun = time.monotonic()
            received = 0
            while time.monotonic() < begun + 2:
                received += len(slow.recv(1))
                assert counter.office.query(taken) == [(1,)]
                time.sleep(0.5)
            while counter.office.query(taken) != [(0,)]:
                assert time.monotonic() < begun + 20
                time.sleep(0.1)
            slow.settimeout(20)
            while found := slow.recv(2**20):
                received += len(found)
    finally:
        server.close()
    assert received < len(part)
    assert counter.link(request_id).downloaded_at is None


def test_what_nobody_expected_is_logged_by_its_type_alone(caplog):
    logger = logging.getLogger("test of the delivery's log")
    logger.addFilter(WithoutTraceback())
    try:
        raise ValueError("Ada Lind")
    except ValueError:
        logger.exception("Exception in ASGI application")
    assert "Exception in ASGI application: ValueError" in caplog.text
    assert "Ada" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.thorough
@pytest.mark.chromium
@pytest.mark.seven_zip
def test_a_person_downloads_with_a_browser_and_the_keyboard_alone(
    serving, session_folder, tmp_path
):
    request_id, token = serving.counter.ready(language="nb")
    with chromium(session_folder / "chromium-delivery") as browser:
        tab = Tab(browser)
        tab.download_into(tmp_path / "downloads")
        tab.show_as(width=390, height=800, scheme="dark")
        tab.goto(f"{serving.url}/{token}")
        assert "Opplysningene dine" in tab.text
        assert tab.run("document.documentElement.scrollWidth") <= 390
        assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 22)"
        tab.type_into("#code", serving.counter.code(request_id))
        tab.press("Enter", 13)
        tab.wait_for("!!document.querySelector('.passphrase')")
        assert tab.run("document.documentElement.scrollWidth") <= 390
        assert token not in tab.url
        assert not tab.run("document.referrer")
        passphrase = tab.run("document.querySelector('.passphrase').textContent")
        tab.run("document.querySelector('button').focus()")
        tab.press("Enter", 13)
        file = tmp_path / "downloads" / "my-data.zip"
        until = time.monotonic() + 30
        while not (file.exists() and file.stat().st_size):
            assert time.monotonic() < until
            time.sleep(0.1)
        time.sleep(0.5)
        assert opened_by_7z(file.read_bytes(), passphrase, tmp_path) == FILES
