"""Keeps the schema of a release: `python -m tests.stores.keep_release VERSION`, when it is released.

`test_released.py` applies the migrations to what is kept.
"""

import sys
import tempfile
from pathlib import Path

from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna_demo.embedded_server import EmbeddedServer
from tests.flows.restoring import dump

RELEASED = Path(__file__).parent / "released"


def release(url: str) -> bytes:
    """Make an empty database what `lacuna up` makes it, and return it as the statements that do so."""
    database = Database(url)
    migrate(database)
    database.dispose()
    return dump(url, "--no-owner")


def main(version: str) -> None:
    """Keep the schema of a version that is released now."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), durable=False)
        try:
            RELEASED.mkdir(exist_ok=True)
            (RELEASED / f"{version}.sql").write_bytes(release(server.up()))
        finally:
            server.down()


if __name__ == "__main__":
    main(*sys.argv[1:])
