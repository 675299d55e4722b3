"""Writes the picture of the officer's tasks in `docs/images/officer`: `python -m scripts.officer_pictures`.

It makes an installation of its own with a small sample, queues what brings each kind of task, and shows
the page that the officer sees. It needs Debian's chromium.
"""

import os
import socket
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Final

import uvicorn

from lacuna.dpo_page import Auth, Right, create_app
from lacuna.wiring import open_stores
from scripts.local_airflow import ORG, CommandFailed, identifiers, lacuna, lacuna_json
from scripts.page_picture import picture

_FILE: Final = Path(__file__).parent.parent / "docs" / "images" / "officer" / "tasks_wide.png"
_SIZE: Final = (1400, 836)
_OFFICER: Final = "dana"


def main() -> None:
    """Write the picture."""
    _FILE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LACUNA_HOME"] = folder
        lacuna("up")
        try:
            _fill()
            picture(_page(), _SIZE, _FILE)
        finally:
            lacuna("down")


def _fill() -> None:
    """Make the tasks: plans, an identity check, people to choose, mails, a bundle."""
    people = lacuna_json("sample", "load", "--contacts", "300", "--conversations", "1500")["demo"]
    lacuna("datamap", "prove", "--people", "5")
    lacuna("officer", "add", _OFFICER, "--org", ORG)
    known = identifiers()
    verified = ("--verified-by", "passport seen at the desk")
    able = [key for key in sorted(known) if {"email", "phone"} <= known[key].keys()]
    for key, options in (
        (people["access"], ("access", *verified)),
        (able[1], ("erasure", *verified)),
        (able[2], ("erasure", *verified)),
        (able[3], ("erasure",)),
    ):
        kind, *more = options
        lacuna(*_SUBMIT, "--kind", kind, "--email", known[key]["email"], *more)
    shared = known[people["household"][0]]["phone"]
    lacuna(*_SUBMIT, "--kind", "erasure", "--phone", shared, *verified)
    for flow in ("intake", "fulfilment"):
        try:
            lacuna("run", flow)
        except CommandFailed as failed:
            if failed.code != 1:  # a request that is refused is a task, too
                raise


_SUBMIT: Final = ("request", "submit", "--org", ORG)


def _page() -> str:
    """Return the page of tasks, with its style sheet in it."""
    auth = Auth(user=lambda: _OFFICER, name=str, may=lambda user, right, org: right in Right)
    app = create_app(auth=auth, stores=open_stores)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            page, style = (_read(f"{url}/{path}") for path in (ORG, "static/page.css"))
        finally:
            server.should_exit = True
            thread.join()
    return page.replace("</head>", f"<style>{style}</style></head>")


def _read(url: str) -> str:
    # Our own address, http.
    with urllib.request.urlopen(url, timeout=60) as found:  # noqa: S310
        return str(found.read().decode())


if __name__ == "__main__":
    main()
