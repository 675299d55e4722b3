"""One installation for each executor; its nights come one after another."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna_demo.embedded_server import EmbeddedServer
from tests.docker.conftest import Services
from tests.nights.installation import Nights

ASKED = os.environ.get("NIGHT_REQUESTS")
REQUESTS = int(ASKED or "120")

CONTACTS = max(160, 3 * REQUESTS + 60)


@pytest.fixture(scope="module", params=["LocalExecutor", "CeleryExecutor"])
def nights(request: pytest.FixtureRequest, session_folder: Path) -> Iterator[Nights]:
    """A running installation, whose folder of evidence is a small disk of its own."""
    if ASKED is None:
        pytest.skip("these nights take up to an hour; set NIGHT_REQUESTS to the number of requests")
    if os.geteuid() != 0:
        pytest.skip("only root can mount the small disk that fills")
    folder = session_folder / f"nights-{request.param}"
    folder.mkdir()
    platform, metadata = EmbeddedServer(folder / "platform"), EmbeddedServer(folder / "metadata")
    platform.up()
    metadata.up()
    services = Services(folder, platform, platform.url(), metadata)
    disk = services.home / "evidence"
    disk.mkdir(mode=0o700)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m,mode=0700", "none", str(disk)], check=True
    )
    nights = Nights(services, request.param)
    try:
        services.write_secrets()
        services.make_metadata()
        if request.param == "CeleryExecutor":
            services.start_broker()
        nights.start(CONTACTS)
        yield nights
    finally:
        nights.close()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
        platform.down()
        metadata.down()
