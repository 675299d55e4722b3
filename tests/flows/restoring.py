"""Dumps a database, puts it back as a backup would, and tells who was erased again; files stay."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from lacuna.model.evidence import Action, Phase
from lacuna_demo.embedded_server import binary
from tests.flows.conftest import Installation, opened
from tests.flows.observation import leaves_of


def dump_of(installation: Installation) -> bytes:
    """Return its database as the statements that make it."""
    return dump(installation.url, "--no-owner")


def dump(url: str, *options: str) -> bytes:
    """Return a database as the statements that make it."""
    return subprocess.run(
        [binary("pg_dump"), *options, _plain(url)], capture_output=True, check=True
    ).stdout


def restored(installation: Installation, database: Callable[[], str], dump: bytes) -> Installation:
    """Return the installation with the database of a dump; files are those of today."""
    url = database()
    load(url, dump)
    return opened(url, installation.stores.home, installation.platform)


def load(url: str, dump: bytes) -> None:
    """Restore a dump into an empty database."""
    subprocess.run(
        [binary("psql"), "-qX", _plain(url)], input=dump, check=True, capture_output=True
    )


def reappeared(installation: Installation) -> list[tuple[str | None, int | None]]:
    """Return the requests by which people were erased again, with the rows that led to each."""
    return [
        (leaf.entry.request_id, leaf.entry.rows)
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.REAPPEARED and leaf.entry.phase is Phase.OUTCOME
    ]


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")
