"""What every kind of object store does alike, and kinds that a package brings."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError, PipelineError, PlanRefused
from lacuna.ports import Objects, SearchedBucket
from lacuna.stores.objects.bucket import BucketObjects
from lacuna.stores.objects.bucket_client import BucketAddress
from lacuna.stores.objects.bucket_search import BucketSearch
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.objects.kinds import kind_of
from tests.bucket import s3

__all__ = ["s3"]

NAME = "ada-lovelace"  # stands for a person's name in a path: no error may repeat it
HERS, HIS = f"calls/{NAME}.wav", "calls/other.wav"

# A store that somebody's package brings: folders by their absolute path.
PACKAGE = """
from pathlib import Path

from lacuna.errors import DependencyUnreachable
from lacuna.ports import StoredVersion
from lacuna.stores.objects.folder import FolderObjects


class Shelf:
    def objects(self, name, address):
        return FolderObjects(name, Path("/" + address.removeprefix("shelf://")))

    def searched(self, name, address):
        return Searched(Path("/" + address.removeprefix("shelf://")))


class Searched:
    def __init__(self, root):
        self.root = root

    def versions(self):
        if not self.root.is_dir():
            raise DependencyUnreachable("shelf: the folder is gone; mount it")
        for file in self.root.rglob("*"):
            if file.is_file():
                yield StoredVersion(str(file.relative_to(self.root)), "1", file.stat().st_size)

    def content(self, found):
        return (self.root / found.path).read_bytes(), ""
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package that offers stores, as metadata beside its module."""

    def installed(package: str, **kinds: str) -> None:
        (tmp_path / "added_stores.py").write_text(PACKAGE, "utf-8")
        info = tmp_path / f"{package}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n", "utf-8"
        )
        lines = [f"{scheme} = {value}" for scheme, value in kinds.items()]
        (info / "entry_points.txt").write_text("\n".join(["[lacuna.stores]", *lines, ""]), "utf-8")

    monkeypatch.syspath_prepend(tmp_path)
    return installed


@dataclass(frozen=True)
class Opened:
    """A store with an object of two people each, and the verifier's reading where it has its own."""

    objects: Objects
    searched: SearchedBucket | None
    take_away: Callable[[], object]

    def seen(self) -> set[str]:
        """Return what is there by whatever can be seen of it."""
        found = set(self.objects.paths())
        if self.searched is not None:
            assert {one.path for one in self.searched.versions()} == found
        return found


def _delete_bucket(client, bucket: str) -> None:
    for one in client.list_object_versions(Bucket=bucket)["Versions"]:
        client.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
    client.delete_bucket(Bucket=bucket)


@pytest.fixture(params=["folder", "bucket", "brought"])
def opened(request, tmp_path: Path, install) -> Iterator[Opened]:
    root = tmp_path / "media"
    root.mkdir()
    made: Opened
    if request.param == "folder":
        made = Opened(FolderObjects("media", root), None, lambda: shutil.rmtree(root))
    elif request.param == "brought":
        install("added-stores", shelf="added_stores:Shelf")
        address = f"shelf:/{root}"
        kind = kind_of("media", address)
        made = Opened(
            kind.objects("media", address),
            kind.searched("media", address),
            lambda: shutil.rmtree(root),
        )
    else:
        service = request.getfixturevalue("s3")
        where = BucketAddress.parse(f"s3://{service.make()}/eu/media")
        made = Opened(
            BucketObjects("media", where, service.client()),
            BucketSearch("media", where, service.client()),
            lambda: _delete_bucket(service.client(), where.bucket),
        )
    made.objects.replace(HERS, b"her voice")
    made.objects.replace(HIS, b"his voice")
    return made


def test_what_is_put_is_listed_sized_and_read(opened):
    assert opened.seen() == {HERS, HIS}
    assert opened.objects.size(HERS) == len(b"her voice")
    assert opened.objects.read(HERS) == b"".join(opened.objects.stream(HERS)) == b"her voice"
    assert [one.path for one in opened.objects.listing()] == [HERS, HIS]
    assert [path for path, _ in opened.objects.arrivals()] == [HERS, HIS]


def test_the_verifier_reads_the_same_bytes_by_its_own_way(opened):
    if opened.searched is not None:
        found = {one.path: opened.searched.content(one)[0] for one in opened.searched.versions()}
        assert found == {HERS: b"her voice", HIS: b"his voice"}


def test_what_is_deleted_is_gone_and_its_neighbor_stays(opened):
    assert opened.objects.delete(HERS)
    assert opened.seen() == {HIS}
    assert opened.objects.size(HERS) is None
    assert not opened.objects.delete(HERS)


def test_what_is_replaced_leaves_nothing_older(opened):
    before = opened.objects.version(HERS)
    opened.objects.replace(HERS, b"covered")
    assert list(map(b"".join, [opened.objects.contents(HERS)])) == [b"covered"]
    assert opened.objects.version(HERS) != before
    assert opened.seen() == {HERS, HIS}


def test_a_move_takes_all_along_and_never_onto_another_object(opened):
    with pytest.raises(PlanRefused) as refused:
        opened.objects.move(HERS, HIS)
    assert NAME not in str(refused.value)
    assert opened.objects.move(HERS, "calls/moved.wav")
    assert opened.seen() == {"calls/moved.wav", HIS}
    assert not opened.objects.move(HERS, "calls/again.wav")


@pytest.mark.parametrize("path", ["../x.wav", "/calls/x.wav", f"calls/../../{NAME}", "a\0b"])
def test_a_path_that_leaves_the_store_is_refused_without_being_repeated(opened, path):
    for act in (opened.objects.size, opened.objects.read, opened.objects.delete):
        with pytest.raises(PipelineError) as refused:
            act(path)
        assert NAME not in str(refused.value)


def test_a_store_whose_place_is_gone_does_not_look_empty(opened):
    opened.take_away()
    with pytest.raises(PipelineError):
        list(opened.objects.paths())
    if opened.searched is not None:
        with pytest.raises(PipelineError):
            list(opened.searched.versions())


def test_an_absent_object_is_read_by_nobody_and_not_named(opened):
    with pytest.raises(PipelineError) as refused:
        opened.objects.read(f"calls/{NAME}-2.wav")
    assert NAME not in str(refused.value)
    opened.objects.require_erasable(f"calls/{NAME}-2.wav")


# --- kinds ----------------------------------------------------------------------------------------


def test_an_address_that_nothing_opens_is_refused_with_what_to_do():
    with pytest.raises(
        ConfigurationError, match=r"media: .* shelf://, and no package .*entry points"
    ):
        kind_of("media", "shelf://a/b")


def test_two_packages_for_one_scheme_are_refused(install):
    install("added-stores", shelf="added_stores:Shelf")
    install("other-stores", shelf="added_stores:Shelf")
    with pytest.raises(ConfigurationError, match="shelf://, and added-stores, other-stores offers"):
        kind_of("media", "shelf://a/b")


def test_no_package_takes_the_place_of_the_stores_that_are_there(install):
    install("added-stores", s3="added_stores:Shelf")
    with pytest.raises(
        ConfigurationError, match=r"s3:// are Lacuna.s own, and added-stores would replace"
    ):
        kind_of("media", "s3://bucket/prefix")


@pytest.mark.parametrize("value", ["added_stores:Missing", "missing_stores:Shelf"])
def test_a_package_that_cannot_be_loaded_is_named(install, value):
    install("added-stores", shelf=value)
    with pytest.raises(ConfigurationError, match="the package added-stores for shelf:// cannot be"):
        kind_of("media", "shelf://a/b")
