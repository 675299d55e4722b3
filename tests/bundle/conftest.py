"""One bundle of the example shop, from a real database and real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.bundle import write
from lacuna.model.bundle import BundleContent, Manifest
from lacuna.model.datamap import DataMap
from tests.bundle import example


@pytest.fixture(scope="session")
def shop_map(tmp_path_factory) -> DataMap:
    return example.load_map(tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="session")
def media(tmp_path_factory) -> Path:
    return example.put_files(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def shop_url(template_database) -> Iterator[str]:
    with template_database.clones() as fresh:
        url = fresh()
        example.fill(url)
        yield url


@pytest.fixture(scope="module")
def content(shop_url, shop_map, media) -> BundleContent:
    return example.gather(shop_url, shop_map, media)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / f"bundle_{example.REQUEST_ID}"


@pytest.fixture
def manifest(folder, content) -> Manifest:
    return write(folder, content)
