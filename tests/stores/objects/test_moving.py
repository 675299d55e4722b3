"""An object that is moved lies at one of two paths, whole, and nothing takes another one's place."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pytest

from lacuna.errors import ApplyFailed, DependencyUnreachable, PlanRefused
from lacuna.model.location import QUARANTINE, Quarantined, original_path
from lacuna.stores.objects import folder as of_folders
from lacuna.stores.objects.bucket import BucketObjects
from lacuna.stores.objects.folder import FolderObjects
from tests.bucket import s3
from tests.stores.objects.test_bucket import PREFIX, VOICE, World, world
from tests.stores.objects.test_folder import NAME, Killed, crash_at, objects, outside, root, tree

__all__ = ["objects", "outside", "root", "s3", "world"]

AWAY = Quarantined(date(2026, 12, 29), "ab" * 32, f"calls/2026/{NAME}.wav").where
HERS = f"calls/2026/{NAME}.wav"


def test_a_path_in_quarantine_says_where_the_file_was_and_until_when():
    for path in (HERS, "a\nb/c", "ø/\u202e.wav", f"{QUARANTINE}/x"):
        there = Quarantined(date(2026, 1, 2), "0" * 64, path)
        assert Quarantined.parse(there.where) == there
        assert original_path(there.where) == path
        assert original_path(path) == path
    for strange in (
        f"{QUARANTINE}/2026-02-30.{'0' * 64}/x",
        f"{QUARANTINE}/2026-01-02.{'0' * 63}/x",
        f"{QUARANTINE}/2026-01-02.{'0' * 64}/",
        f"a/{QUARANTINE}/2026-01-02.{'0' * 64}/x",
    ):
        assert Quarantined.parse(strange) is None
        assert original_path(strange) == strange
    assert NAME not in repr(Quarantined.parse(AWAY))


# --- folders --------------------------------------------------------------------------------------


def test_a_file_is_moved_with_its_times_and_mode_and_nobody_else_may_enter(objects, root):
    there = root / HERS
    there.chmod(0o644)
    os.utime(there, ns=(1, 10**18))
    inode = there.stat().st_ino
    (root / QUARANTINE).mkdir(mode=0o755)
    assert objects.move(HERS, AWAY) is True
    found = (root / AWAY).stat()
    assert (found.st_ino, found.st_mtime_ns, stat.S_IMODE(found.st_mode)) == (inode, 10**18, 0o644)
    assert stat.S_IMODE((root / QUARANTINE).stat().st_mode) == 0o700
    assert not there.exists()
    assert objects.move(HERS, AWAY) is False


def test_what_is_put_back_lies_in_a_folder_as_open_as_the_one_above(objects, root):
    (root / "calls").chmod(0o755)
    (root / "calls" / "2026" / "other.wav").unlink()
    objects.move(HERS, AWAY)
    assert not (root / "calls" / "2026").exists()  # a folder's name may be a person's
    assert objects.move(AWAY, HERS) is True
    assert stat.S_IMODE((root / "calls" / "2026").stat().st_mode) == 0o755
    assert list((root / QUARANTINE).iterdir()) == []
    assert (root / HERS).read_bytes() == b"her voice"


def test_no_move_takes_the_place_of_another_file(objects, root):
    (root / AWAY).parent.mkdir(parents=True)
    (root / AWAY).write_bytes(b"another")
    before = tree(root)
    for path, to in ((HERS, AWAY), (AWAY, HERS)):
        with pytest.raises(PlanRefused, match="replace another") as caught:
            objects.move(path, to)
        assert NAME not in str(caught.value)
    assert tree(root) == before


@pytest.mark.parametrize("change", ["content", "times", "mode", "another file"])
def test_a_file_that_changed_since_it_was_listed_stays(objects, root, change):
    (listed,) = [one for one in objects.listing() if one.path == HERS]
    there = root / HERS
    known = there.stat()
    if change == "content":
        there.write_bytes(b"her VOICE")
    if change == "times":
        os.utime(there, ns=(1, 1))
    if change == "mode":
        there.chmod(0o600 if stat.S_IMODE(known.st_mode) != 0o600 else 0o640)
    if change == "another file":
        new = there.with_suffix(".new")
        new.write_bytes(b"her voice")
        os.utime(new, ns=(known.st_atime_ns, known.st_mtime_ns))
        new.rename(there)
    assert objects.move(HERS, AWAY, listed.state) is False
    assert there.exists()
    assert not (root / AWAY).exists()


def test_what_is_listed_has_its_size_and_a_state_that_stays(objects, root):
    first = list(objects.listing())
    assert [one.path for one in first] == list(objects.paths())
    assert {one.path: one.byte_count for one in first}[HERS] == len(b"her voice")
    assert list(objects.listing()) == first
    assert [one.path for one in objects.listing("calls")] == [
        one.path for one in first if one.path.startswith("calls/")
    ]
    assert list(objects.listing(QUARANTINE)) == []
    assert NAME not in repr(first)


@pytest.mark.parametrize("place", ["mkdir", "rename", "rmdir", "fsync"])
def test_a_killed_move_leaves_the_file_at_one_path_and_goes_on(objects, root, place):
    (root / "calls" / "2026" / "other.wav").unlink()
    content = {(root / HERS).read_bytes()}
    with crash_at(place):
        objects.move(HERS, AWAY)
    where = {path for path in tree(root) if path.endswith(f"{NAME}.wav")}
    assert len(where) == 1
    assert {(root / path).read_bytes() for path in where} == content
    objects.move(HERS, AWAY)
    objects.tidy(HERS)
    assert AWAY in tree(root)
    assert not (root / "calls" / "2026").exists()
    # And back.
    with crash_at(place):
        objects.move(AWAY, HERS)
    objects.move(AWAY, HERS)
    objects.tidy(f"{QUARANTINE}/")
    assert HERS in tree(root)
    assert list((root / QUARANTINE).iterdir()) == []


def test_the_new_name_is_on_the_disk_before_the_old_one_is_gone(objects, root, monkeypatch):
    done = []
    fsync, rename = os.fsync, os.rename
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (
            done.append(str(Path(f"/proc/self/fd/{handle}").readlink())),
            fsync(handle),
        ),
    )
    monkeypatch.setattr(os, "rename", lambda *a, **k: (done.append("rename"), rename(*a, **k)))
    objects.move(HERS, AWAY)
    after = done[done.index("rename") + 1 :]
    assert after[:2] == [str((root / AWAY).parent), str((root / HERS).parent)]


def test_a_file_that_is_put_there_at_that_very_moment_stays(objects, root, monkeypatch):
    (listed,) = [one for one in objects.listing() if one.path == HERS]
    rename, times = os.rename, []

    def late(old, new, **folders):
        if not times:
            times.append(new)
            beside = root / "new.wav"
            beside.write_bytes(b"a new one")
            beside.rename(root / HERS)
        rename(old, new, **folders)

    monkeypatch.setattr(os, "rename", late)
    assert objects.move(HERS, AWAY, listed.state) is False
    assert (root / HERS).read_bytes() == b"a new one"
    assert not (root / AWAY).exists()


def test_links_are_not_followed_into_or_out_of_the_quarantine(objects, root, outside):
    (root / QUARANTINE).symlink_to(outside)
    with pytest.raises(PlanRefused):
        objects.move(HERS, AWAY)
    (root / QUARANTINE).unlink()
    (root / "link.wav").symlink_to(outside / "secret")
    with pytest.raises(PlanRefused):
        objects.move("link.wav", AWAY)
    os.link(root / HERS, root / "second")
    with pytest.raises(PlanRefused, match="hard link"):
        objects.move(HERS, AWAY)
    with pytest.raises(PlanRefused):
        objects.move("readme", "../away")
    assert tree(outside) == {"secret": b"not ours"}
    assert (root / HERS).exists()


def test_a_store_that_may_not_be_written_or_is_not_there_says_so(objects, root, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(of_folders, "_PAUSES", (0,))
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        with pytest.raises(ApplyFailed, match="could not be moved") as caught:
            objects.move(HERS, AWAY)
    assert NAME not in str(caught.value)
    assert (root / HERS).exists()
    with pytest.raises(DependencyUnreachable):
        FolderObjects("media", root / "gone").move(HERS, AWAY)
    with pytest.raises(DependencyUnreachable):
        FolderObjects("media", root, "another mark").move(HERS, AWAY)


# --- buckets --------------------------------------------------------------------------------------


def history(world: World, path: str) -> list[object]:
    """Return what the bucket has of an object, the oldest first: bytes, or None for a marker."""
    listed = world.client.list_object_versions(Bucket=world.bucket, Prefix=PREFIX + path)
    # The service tells seconds, and lists the newest first.
    found = [
        (one["LastModified"], one["IsLatest"], -number, one["VersionId"])
        for kind in ("Versions", "DeleteMarkers")
        for number, one in enumerate(listed.get(kind, ()))
    ]
    markers = {one["VersionId"] for one in listed.get("DeleteMarkers", ())}
    return [
        None
        if version in markers
        else world.client.get_object(Bucket=world.bucket, Key=PREFIX + path, VersionId=version)[
            "Body"
        ].read()
        for *_, version in sorted(found)
    ]


def told(world: World, path: str) -> dict[str, object]:
    head = world.client.head_object(Bucket=world.bucket, Key=PREFIX + path)
    tags = world.client.get_object_tagging(Bucket=world.bucket, Key=PREFIX + path)["TagSet"]
    return {**{name: head[name] for name in ("ContentType", "Metadata")}, "tags": tags}


@pytest.mark.parametrize("versions", [True, False])
def test_an_object_is_moved_with_all_that_was_noted_with_it_and_back(s3, versions):
    world = World(s3, versions=versions)
    world.client.put_object(
        Bucket=world.bucket,
        Key=PREFIX + VOICE,
        Body=b"again",
        ContentType="audio/wav",
        Metadata={"spoken-by": "somebody"},
        Tagging="kind=call",
        ACL="public-read",
    )
    before, noted = history(world, VOICE), told(world, VOICE)
    assert len(before) == (2 if versions else 1)
    assert world.objects.move(VOICE, AWAY) is True
    assert world.left(VOICE) == []
    assert (history(world, AWAY), told(world, AWAY)) == (before, noted)
    grants = world.client.get_object_acl(Bucket=world.bucket, Key=PREFIX + AWAY)["Grants"]
    assert not any("URI" in one["Grantee"] for one in grants)
    assert world.objects.move(VOICE, AWAY) is False
    assert world.objects.move(AWAY, VOICE) is True
    assert (history(world, VOICE), told(world, VOICE)) == (before, noted)
    assert world.left(AWAY) == []


def test_an_object_that_was_deleted_stays_deleted_after_it_is_put_back(world):
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    before = history(world, VOICE)
    assert before == [b"her voice", None]
    assert world.objects.move(VOICE, AWAY) is True
    assert world.objects.move(AWAY, VOICE) is True
    assert history(world, VOICE) == before


class Dying:
    """A client that dies before one of its calls."""

    def __init__(self, client, call: str, *, nth: int) -> None:
        self._client, self._call, self._left = client, call, nth

    def __getattr__(self, name: str):
        if name == self._call:
            self._left -= 1
            if self._left == 0:
                raise Killed
        return getattr(self._client, name)


@pytest.mark.parametrize(
    ("call", "nth"),
    [("copy_object", 1), ("copy_object", 2), ("delete_object", 1), ("delete_objects", 1)],
)
def test_a_killed_move_in_a_bucket_loses_nothing_and_is_made_anew(world, call, nth):
    world.put(VOICE, b"second take")
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    before = history(world, VOICE)
    dying = world.store(Dying(world.client, call, nth=nth))
    with pytest.raises(Killed):
        dying.move(VOICE, AWAY)
    assert history(world, VOICE) == before
    assert world.objects.move(VOICE, AWAY) is True
    assert (world.left(VOICE), history(world, AWAY)) == ([], before)
    with pytest.raises(Killed):
        world.store(Dying(world.client, call, nth=nth)).move(AWAY, VOICE)
    assert history(world, AWAY) == before
    assert world.objects.move(AWAY, VOICE) is True
    assert (world.left(AWAY), history(world, VOICE)) == ([], before)


def test_nothing_in_a_bucket_takes_the_place_of_another_object(world):
    assert world.objects.move(VOICE, AWAY) is True
    world.put(VOICE, b"a new one")
    with pytest.raises(PlanRefused, match="replace another") as caught:
        world.objects.move(AWAY, VOICE)
    assert NAME not in str(caught.value)
    assert (history(world, VOICE), history(world, AWAY)) == ([b"a new one"], [b"her voice"])


def test_an_object_that_changed_since_it_was_listed_stays_in_the_bucket(world):
    (listed,) = [one for one in world.objects.listing() if one.path == VOICE]
    assert listed in world.objects.listing()
    world.put(VOICE, b"her voice")
    assert world.objects.move(VOICE, AWAY, listed.state) is False
    assert (len(history(world, VOICE)), world.left(AWAY)) == (2, [])


def test_a_locked_object_is_not_moved(s3):
    world = World(s3, lock=True)
    world.client.put_object_legal_hold(
        Bucket=world.bucket, Key=PREFIX + VOICE, LegalHold={"Status": "ON"}
    )
    with pytest.raises(PlanRefused, match="locked"):
        world.objects.move(VOICE, AWAY)
    assert (history(world, VOICE), world.left(AWAY)) == ([b"her voice"], [])


class Dull:
    """A client of a service that does not copy a second version, as where versions are suspended."""

    def __init__(self, client) -> None:
        self._client, self._copied = client, 0

    def __getattr__(self, name: str):
        return getattr(self._client, name)

    def copy_object(self, **what: object) -> None:
        self._copied += 1
        if self._copied != 2:
            self._client.copy_object(**what)


def test_versions_that_a_bucket_cannot_keep_apart_stay_where_they_are(world):
    world.put(VOICE, b"second take")
    before = history(world, VOICE)
    with pytest.raises(ApplyFailed, match="not moved"):
        world.store(Dull(world.client)).move(VOICE, AWAY)
    assert (history(world, VOICE), world.left(AWAY)) == (before, [])
    world.client.put_bucket_versioning(
        Bucket=world.bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    with pytest.raises(ApplyFailed):
        world.objects.move(VOICE, AWAY)
    assert (history(world, VOICE), world.left(AWAY)) == (before, [])


class Slow:
    """A client beside which somebody writes the object while it is copied."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str):
        return getattr(self._world.client, name)

    def copy_object(self, **what: object) -> None:
        self._world.client.copy_object(**what)
        self._world.put(VOICE, b"written meanwhile")


@pytest.mark.parametrize("versions", [True, False])
def test_what_is_written_while_it_is_copied_stays(s3, versions):
    world = World(s3, versions=versions)
    with pytest.raises(ApplyFailed, match="changed meanwhile"):
        world.store(Slow(world)).move(VOICE, AWAY)
    assert history(world, VOICE)[-1] == b"written meanwhile"
    assert world.left(AWAY) == []


def test_versions_over_several_pages_are_one_object_with_one_state(world):
    class Small:
        """Lists two versions at once."""

        def __init__(self, client) -> None:
            self._client = client

        def __getattr__(self, name: str):
            return getattr(self._client, name)

        def get_paginator(self, name: str):
            pages = self._client.get_paginator(name)

            class Pages:
                def paginate(self, **where):
                    return pages.paginate(**where, PaginationConfig={"PageSize": 2})

            return Pages()

    for number in range(4):
        world.put(VOICE, bytes([number]))
    few: BucketObjects = world.store(Small(world.client))
    assert list(few.listing()) == list(world.objects.listing())
    (listed,) = [one for one in few.listing() if one.path == VOICE]
    assert listed.byte_count == len(b"her voice") + 4
