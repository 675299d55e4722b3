"""Request Tracker's own pages, as an agent sees them: a server on loopback and a client with cookies."""

from __future__ import annotations

import contextlib
import html
import http.cookiejar
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.packs.request_tracker.running import RequestTracker

SERVER = "/usr/share/request-tracker5/libexec/rt-server"
SECONDS_TO_START = 60


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Screens:
    """A signed-in agent."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._opener = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, path: str, **form: str) -> tuple[int, str]:
        """Return status and text of a page."""
        data = urlencode(form).encode() if form else None
        request = Request(self._base + path, data=data, headers={"Referer": f"{self._base}/"})  # noqa: S310
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, html.unescape(answer.read().decode("utf-8", "replace"))
        except HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")

    def text(self, path: str) -> str:
        """Return what a page says; fail unless it opens."""
        status, page = self.open(path)
        assert status == 200, (path, status)
        assert "internal RT error" not in page, path
        page = re.sub(r"(?s)<(script|style).*?</\1>", " ", page)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@contextlib.contextmanager
def served(tracker: RequestTracker) -> Iterator[Screens]:
    """Serve the pages; `web.log` in the tracker's folder has what the server complains of."""
    command = (SERVER, "--server", "Standalone", "--host", "127.0.0.1", "--port", str(tracker.port))
    with (tracker.folder / "web.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=tracker.folder, env=tracker.environment, stdout=log, stderr=log
        )
        try:
            screens = Screens(tracker.port)
            _wait_for(screens, server)
            screens.open("/NoAuth/Login.html", user="mette", **{"pass": "invented-agent"})
            assert "Logged in as" in screens.text("/")
            yield screens
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(screens: Screens, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while True:
        assert server.poll() is None, "the server ended"
        with contextlib.suppress(URLError, ConnectionError):
            if screens.open("/")[0] == 200:
                return
        assert time.monotonic() < ends, "the server does not answer"
        time.sleep(0.2)
