"""Marks the object stores of an installation: by a file in a folder, by its address for a bucket.

What is known of a store stands in the database as well. A folder that should hold a mark and does not
is the mount point of a store, and never marked again.
"""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from lacuna.model.datamap import DataMap
from lacuna.model.location import REPORTS, STORE_MARK
from lacuna.ports import Stores
from lacuna.stores.objects.folder_ways import mark_in
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact


def mark_name(store: str) -> str:
    """Return the name under which the database notes what a store is known by."""
    return f"store:{store}"


def mark_stores(
    stores: Stores,
    database: Database,
    datamap: DataMap,
    reports: Path | None = None,
    *,
    dry_from: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Mark the stores that are there and were never marked.

    Args:
        reports: folder of the reports, if the installation names one that others mount too.
        dry_from: the facts that the database notes, by name: only say what would be marked.

    Returns:
        By store what to report of it; nothing of one that is marked as it was.

    Raises:
        StatementRefused: the login is not the owner's.
    """
    said = {}
    of_map = {
        name: (store.address, stores.folder_of(name)) for name, store in datamap.stores.items()
    }
    for name, (address, folder) in (of_map | ({REPORTS: ("", reports)} if reports else {})).items():
        known = stores.mark_of(name) if dry_from is None else dry_from.get(mark_name(name))
        if address:
            found: str | None = address
        else:
            found = _mark_of_folder(folder, is_new=known is None, is_dry=dry_from is not None)
        if found is None and known is None:
            said[name] = (
                "no folder yet. `lacuna sample load` creates it; for your own platform, mount it "
                "and run lacuna up again."
            )
        elif found is None:
            said[name] = "missing or without its mark; nothing is erased until it is mounted"
        elif found != known and (known is None or address):
            if dry_from is None:
                write_fact(database, mark_name(name), found)
            said[name] = "marked" if dry_from is None else "would be marked"
        elif found != known:
            said[name] = "not the store that was marked; Lacuna erases nothing in it"
    return said


def _mark_of_folder(folder: Path, *, is_new: bool, is_dry: bool) -> str | None:
    """Return the mark of a folder, made if it is new and there; None without one."""
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = mark_in(root)
        if found is None and is_new:
            found = str(uuid.uuid4())
            if is_dry:
                return found
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(STORE_MARK, flags, 0o600, dir_fd=root), "w") as file:
                file.write(f"{found}\n")
                file.flush()
                os.fsync(file.fileno())
            os.fsync(root)
        return found
    finally:
        os.close(root)
