"""Drives a real Chromium through its DevTools protocol: no other program, no other package."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.bundle.test_browser import FLAGS

PATIENCE = 60  # seconds


class Tab:
    """A tab in a profile of its own: cookies and storage are shared with no other."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        context = browser.call("Target.createBrowserContext")["browserContextId"]
        self._context = context
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = browser.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)

    def goto(self, url: str) -> None:
        """Load an address, and wait until the page is there."""
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str) -> Any:
        """Return what a JavaScript expression is, a promise awaited."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"].get("exception", found))
        return found["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until an expression is true; while a page changes there is none to ask."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(AssertionError, RuntimeError):
                if found := self.run(expression):
                    return found
            time.sleep(0.05)
        raise AssertionError(f"{expression} did not come true; the page says: {self.text[:2000]}")

    def type_into(self, selector: str, text: str) -> None:
        """Type as a person does."""
        self.wait_for(f"!!document.querySelector({json.dumps(selector)})")
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                **text,
            )

    def click(self, selector: str) -> None:
        """Click on an element; a page that follows is waited for."""
        quoted = json.dumps(selector)
        self.wait_for(f"!!document.querySelector({quoted})")
        self.run("window.__old = true")
        self.run(f"document.querySelector({quoted}).click()")

    def follow(self, selector: str) -> None:
        """Click, and wait for the page that it leads to."""
        self.click(selector)
        self.wait_for("window.__old !== true && document.readyState === 'complete'")

    @property
    def text(self) -> str:
        return str(self.run("document.body ? document.body.innerText : ''"))

    @property
    def url(self) -> str:
        return str(self.run("location.href"))

    def show_as(self, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Set the size of the window, and whether the system is light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def send(self, method: str, url: str, **fields: str) -> int:
        """Send what another program would with this tab's cookies; return the status.

        A script of the page could not: its policy lets it connect to nothing.
        """
        found = self.call("Network.getCookies", urls=[url])["cookies"]
        cookies = {each["name"]: each["value"] for each in found}
        with httpx.Client(cookies=cookies, trust_env=False, timeout=PATIENCE) as client:
            return client.request(method, url, data=fields or None).status_code

    def screenshot(self) -> bytes:
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(taken["data"])

    def download_into(self, folder: Path) -> None:
        """Put what the page downloads into a folder."""
        self._browser.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=self._context,
            downloadPath=str(folder),
        )


class Browser:
    """A running Chromium."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        """What a page's policy stopped, as its console says it."""

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv(PATIENCE))
            if answer.get("method") == "Log.entryAdded":
                entry = answer["params"]["entry"]
                if "Content Security Policy" in entry["text"]:
                    self.complaints.append(entry["text"])
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """Run a headless Chromium until the block ends."""
    profile.mkdir(exist_ok=True)
    command = ["chromium", *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        said = profile / "DevToolsActivePort"
        until = time.monotonic() + PATIENCE
        while not said.exists() or "\n" not in said.read_text():
            assert process.poll() is None, "chromium ended"
            assert time.monotonic() < until, "chromium does not answer"
            time.sleep(0.05)
        port, path = said.read_text().split("\n")[:2]
        with connect(
            f"ws://127.0.0.1:{port}{path}",
            max_size=None,
            # What pages say waits here, however long nobody reads it, and no pong behind it.
            max_queue=None,
            ping_interval=None,
            proxy=None,
            open_timeout=PATIENCE,
        ) as connection:
            yield Browser(connection)
    finally:
        process.terminate()
        process.wait(30)
