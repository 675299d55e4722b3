"""Dumps a database, and puts it back as a backup would; files stay as they are."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from pipelines.stores.embedded_server import binary
from tests.flows.conftest import Installation, opened


def dump_of(installation: Installation) -> bytes:
    """Return a database as the statements that make it."""
    return subprocess.run(
        [binary("pg_dump"), "--no-owner", _plain(installation.url)], capture_output=True, check=True
    ).stdout


def restored(installation: Installation, database: Callable[[], str], dump: bytes) -> Installation:
    """Return the installation with the database of a dump; files are those of today."""
    url = database()
    subprocess.run(
        [binary("psql"), "-qX", _plain(url)], input=dump, check=True, capture_output=True
    )
    return opened(url, installation.stores.home, installation.platform)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
