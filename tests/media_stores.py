"""Object stores as `lacuna up` leaves them and a map that is proved, for an installation that a test put together."""

import shutil
from pathlib import Path

from lacuna.datamap import load
from lacuna.model.location import STORE_MARK
from lacuna.stores.installation import OpenedStores
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.private_folders import make_private
from tests.proved import let_pass


def mark(stores: OpenedStores) -> None:
    """Make the folders of the data map's stores that are missing, mark every store, prove the map.

    A folder that was put together anew for a database that knows another gets that one's mark.
    """
    datamap = load(stores.datamap_path)
    for name, store in datamap.stores.items():
        folder = stores.folder_of(name)
        if not store.address:
            make_private(folder)
            known, file = stores.mark_of(name), folder / STORE_MARK
            if known is not None and not file.exists():
                file.write_text(known)
    mark_stores(stores, stores.database, datamap)
    let_pass(stores)


def empty(store: Path) -> None:
    """Delete everything in a store's folder but its mark."""
    for path in store.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != STORE_MARK:
            path.unlink()
