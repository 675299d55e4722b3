"""Fixtures of the stores: a small shop in a database of its own, and a copy of `sql/`."""

import shutil

import pytest

from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres import migrations
from tests.shop import shop, shop_datamap, still_shop

__all__ = ["own_sql", "shop", "shop_datamap", "still_shop"]


@pytest.fixture
def own_sql(tmp_path, monkeypatch):
    """A copy of `sql/` that a test may change."""
    folder = tmp_path / "sql"
    shutil.copytree(SQL_FOLDER, folder)
    monkeypatch.setattr(migrations, "SQL_FOLDER", folder)
    return folder
