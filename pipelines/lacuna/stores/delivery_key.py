"""The key that hashes of links and codes are made with: one file, outside the database."""

import os
import secrets
from pathlib import Path
from typing import Final

from lacuna.errors import DependencyUnreachable
from lacuna.stores.private_folders import make_private

_KEY_BYTES: Final = 32


def delivery_key(folder: Path) -> bytes:
    """Return the key in the file `key` of a folder; it is made at the first call.

    Raises:
        DependencyUnreachable: the file cannot be read or written, or is not whole.
    """
    file = folder / "key"
    try:
        if not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as error:
        raise DependencyUnreachable(
            f"delivery: the key of links cannot be used ({error.strerror}); check its mount and "
            "permissions, then run again"
        ) from error
    if len(key) != _KEY_BYTES:
        raise DependencyUnreachable(
            f"delivery: the key of links has {len(key)} bytes instead of {_KEY_BYTES}; restore "
            "the file, or delete it: then the links that were made lead nowhere"
        )
    return key


def _make(file: Path) -> None:
    """Make the key whole or not at all; of two processes, one makes it."""
    make_private(file.parent)
    new = file.with_name(f".key.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(secrets.token_bytes(_KEY_BYTES))
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(new, file)
    except FileExistsError:
        pass
    finally:
        new.unlink()
