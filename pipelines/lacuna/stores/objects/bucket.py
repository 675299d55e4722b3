"""Objects in an S3 bucket: an object is gone when no version and no delete marker of it is left.

A bucket with versions keeps what is deleted or overwritten. Here every version counts as the
object: it is there while any of them is, reading takes the newest that has bytes, and deleting
takes them all and lists them again. Errors name the store and a count: a key may carry a name.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Final, TypeVar

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from lacuna.errors import ApplyFailed, DependencyUnreachable, PlanRefused
from lacuna.model.location import CANARY_PATH, QUARANTINE
from lacuna.ports import Listed
from lacuna.stores.objects.bucket_client import BucketAddress, Copy, answering, code_of, copies

_Result = TypeVar("_Result")

_PIECE: Final = 2**20  # bytes read at once
_AT_ONCE: Final = 1000  # versions that one call deletes
_NO_END: Final = datetime.max.replace(tzinfo=UTC)  # of a legal hold
_KEPT: Final = ("ContentType", "ContentEncoding")  # of an object that is rewritten
# What a copy does not take along by itself.
_MOVED: Final = ("StorageClass", "ServerSideEncryption", "SSEKMSKeyId")
# What a bucket without the feature says, and a service that does not have it.
_WITHOUT_LOCK: Final = frozenset({"ObjectLockConfigurationNotFoundError", "NotImplemented"})
_WITHOUT_REPLICAS: Final = frozenset(
    {"ReplicationConfigurationNotFoundError", "ReplicationConfigurationNotFound", "NotImplemented"}
)


class BucketObjects:
    """The objects of a bucket below a prefix, as `ports.Objects`.

    Args:
        name: the store's name in the data map.
    """

    def __init__(self, name: str, address: BucketAddress, client: BaseClient) -> None:
        self._name = name
        self._address = address
        self._client = client

    @property
    def name(self) -> str:
        return self._name

    def size(self, path: str) -> int | None:
        """Return the size of the newest version with bytes; None if there is no version at all.

        Raises:
            PlanRefused: the path is not one inside the store.
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        with answering(self._name):
            found = self._copies(path)
        return found[0].byte_count if found else None

    def read(self, path: str) -> bytes:
        """Return the newest version that has bytes, whole.

        Raises:
            PlanRefused: as for `size`.
            DependencyUnreachable: as for `size`, or there is no such object.
        """
        return b"".join(self.stream(path))

    def stream(self, path: str) -> Iterator[bytes]:
        """Yield the newest version that has bytes in pieces of at most 1 MiB.

        Raises:
            PlanRefused: as for `size`.
            DependencyUnreachable: as for `read`.
        """
        with answering(self._name):
            yield from self._pieces(self._newest(path))

    def contents(self, path: str) -> Iterator[bytes]:
        """Delete markers are left out: they have no bytes.

        Raises:
            PlanRefused: as for `size`.
            DependencyUnreachable: as for `size`.
        """
        with answering(self._name):
            for copy in self._copies(path):
                if not copy.is_marker:
                    yield b"".join(self._pieces(copy))

    def version(self, path: str) -> str:
        """Return the newest version's id and digest, and how many there are, as one text.

        Raises:
            PlanRefused: as for `size`.
            DependencyUnreachable: as for `read`.
        """
        with answering(self._name):
            found = self._copies(path)
            newest = self._newest(path, found)
        return f"{newest.version_id}-{newest.etag}-{newest.byte_count}-{len(found)}"

    def paths(self) -> Iterator[str]:
        """Yield the path of every object of which any version is left, sorted.

        Raises:
            PlanRefused: after the last path, if keys are no paths (`a//b`, `../a`).
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        yield from (path for path, _ in self.arrivals())

    def arrivals(self) -> Iterator[tuple[str, datetime]]:
        """Yield every object with when the bucket took its newest version in, sorted by paths.

        Raises:
            PlanRefused, DependencyUnreachable: as for `paths`.
        """
        yield from ((one.path, one.arrived_at) for one in self.listing())

    def listing(self, under: str = "") -> Iterator[Listed]:
        """Yield every object below a folder with what all its versions take, sorted by paths.

        Raises:
            PlanRefused, DependencyUnreachable: as for `paths`.
        """
        strange = 0
        for key, found in self._by_key(f"{under}/" if under else ""):
            path = key.removeprefix(self._address.prefix)
            if path == CANARY_PATH:
                continue
            if _is_path(path):
                byte_count = sum(copy.byte_count for copy in found)
                arrived_at = max(copy.arrived_at for copy in found)
                yield Listed(path, byte_count, arrived_at, _state(found))
            elif path and not _is_path(path.removesuffix("/")):
                strange += 1
        if strange:
            raise PlanRefused(
                f"{self._name}: {strange} keys are not valid paths (an empty part, or dots) and "
                "were not searched; rename or delete them, then run again"
            )

    def _by_key(self, start: str) -> Iterator[tuple[str, list[Copy]]]:
        """Yield every key that begins with `start`, and all its copies: pages may part them."""
        waiting: dict[str, list[Copy]] = {}
        with answering(self._name):
            for page in copies(self._client, self._address, self._address.prefix + start):
                for copy in page:
                    waiting.setdefault(copy.key, []).append(copy)
                # Of the last key the next page may have more.
                for key in sorted(waiting)[:-1]:
                    yield key, waiting.pop(key)
            yield from sorted(waiting.items())

    def move(self, path: str, to: str, state: str | None = None) -> bool:
        """Copy every version to another key, in their order, see that all are there, and delete them here.

        Type, notes, tags, encryption and storage class go along; who may read the object does
        not: the copy is the bucket owner's alone. A crash leaves the object where it was, and copies
        of it at `to`, which the next try makes again. Between the last look at the versions and their
        deletion a bucket without versions takes what somebody writes there just then for them.

        Raises:
            PlanRefused: as for `delete`, or there is an object at `to`. Nothing was deleted.
            ApplyFailed: as for `delete`; also where the bucket does not copy it whole: it is larger
                than 5 GiB, its key would be too long, or versions are suspended and it has several.
        """
        return self._effect(lambda: self._move(path, to, state))

    def tidy(self, path: str) -> None:
        """Delete the empty objects that represent folders, once nothing else lies in them.

        Args:
            path: one that ends with a slash: nothing, a quarantine has none.

        Raises:
            ApplyFailed: the bucket refused, or did not answer.
        """
        if not path.endswith("/"):
            self._effect(lambda: self._delete_empty_folders(path))

    def require_erasable(self, path: str) -> None:
        """Refuse an object of which a version may not be deleted.

        Raises:
            PlanRefused: the path is not one inside the store, or a version is locked.
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        with answering(self._name):
            self._require_unlocked(self._copies(path))

    def delete(self, path: str) -> bool:
        """Delete every version and delete marker; return False if there was none.

        An upload of the object that was never finished goes too, and so do the empty objects
        that represent folders below the first level, once nothing else lies in them. A listing
        of the versions proves that none is left.

        Raises:
            PlanRefused: the path is not one inside the store, or a version is locked. Nothing
                was deleted.
            ApplyFailed: the bucket refused, also when tried again, or did not answer.
        """
        return self._effect(lambda: self._delete(path))

    def replace(self, path: str, content: bytes) -> None:
        """Rewrite the object in one step, then delete every other version.

        A crash between the two leaves old versions, which the next try deletes. The new object
        has the old one's type; what else was noted with it is dropped, for it may name people.

        Raises:
            PlanRefused: as for `delete`. Nothing was changed.
            ApplyFailed: as for `delete`.
        """
        self._effect(lambda: self._replace(path, content))

    def level(self) -> int:
        """Do nothing: a bucket keeps no folders, and says of an object itself when it was written."""
        return 0

    @property
    def locks_new(self) -> bool:
        """Whether the bucket locks whatever is written for a while.

        Raises:
            DependencyUnreachable: the bucket does not answer, or refuses to.
        """
        with answering(self._name):
            return bool(self._lock.get("Rule"))

    def traits(self) -> tuple[str, ...]:
        with answering(self._name):
            state = self._client.get_bucket_versioning(Bucket=self._address.bucket)
            kind = {"Enabled": "versioned", "Suspended": "versions suspended"}
            found = [kind.get(state.get("Status", ""), "unversioned")]
            if state.get("MFADelete") == "Enabled":
                found.append("deleting versions needs a second factor")
            if self._is_lockable:
                found.append("locks objects" if self._lock.get("Rule") else "can lock objects")
            if self._is_replicated():
                found.append("copied to another bucket")
        return tuple(found)

    # --- below: inside `answering` ----------------------------------------------------------------

    def _key(self, path: str) -> str:
        if not _is_path(path):
            raise PlanRefused(
                f"{self._name}: the path of 1 object is not inside the store; the object was not "
                "changed. Correct the row or the store, then plan again"
            )
        return self._address.prefix + path

    def _copies(self, path: str) -> list[Copy]:
        """Return every copy of an object, newest first, those without bytes last."""
        key = self._key(path)
        found: list[Copy] = []
        for page in copies(self._client, self._address, key):
            found += [copy for copy in page if copy.key == key]
            # Longer keys come after the key itself.
            if any(copy.key != key for copy in page):
                break
        return sorted(found, key=lambda copy: (copy.is_marker, not copy.is_newest))

    def _newest(self, path: str, found: Sequence[Copy] | None = None) -> Copy:
        for copy in self._copies(path) if found is None else found:
            if not copy.is_marker:
                return copy
        raise DependencyUnreachable(
            f"{self._name}: 1 object does not exist; ask for its size before reading it"
        )

    def _pieces(self, copy: Copy) -> Iterator[bytes]:
        response = self._client.get_object(
            Bucket=self._address.bucket, Key=copy.key, VersionId=copy.version_id
        )
        with closing(response["Body"]) as body:
            yield from body.iter_chunks(_PIECE)

    def _delete(self, path: str) -> bool:
        key = self._key(path)
        found = self._copies(path)
        self._require_unlocked(found)
        was_unfinished = self._abort_uploads(key)
        self._delete_copies(found)
        if found and self._copies(path):
            raise ApplyFailed(
                f"{self._name}: 1 object reappeared after it was deleted; find out what writes "
                "it, then run again"
            )
        self._delete_empty_folders(path)
        return bool(found) or was_unfinished

    def _move(self, path: str, to: str, state: str | None) -> bool:
        key = self._key(to)
        found = self._copies(path)
        if not found or state not in (None, _state(found)):
            return False
        self._require_unlocked(found)
        there = self._copies(to)
        wanted = _in_order(found)
        is_ours = to.startswith(f"{QUARANTINE}/")
        if not is_ours and not _begins(wanted, _in_order(there)):
            raise PlanRefused(
                f"{self._name}: 1 object would replace another one; it was not moved. Check both, "
                "then delete or rename one"
            )
        self._delete_copies(there)
        for copy in wanted:
            self._copy(copy, key)
        copied = self._copies(to)
        is_whole = sorted(copy.byte_count for copy in copied) == sorted(
            copy.byte_count for copy in found
        )
        if not is_whole or _state(self._copies(path)) != _state(found):
            if is_ours:
                self._delete_copies(copied)
            raise ApplyFailed(
                f"{self._name}: 1 object was not moved: some versions were not copied, or it "
                "changed meanwhile. Find out what writes it, or whether versions are suspended"
            )
        self._abort_uploads(self._key(path))
        self._delete_copies(found)
        self._delete_empty_folders(path)
        return True

    def _copy(self, copy: Copy, key: str) -> None:
        """Write a version, or a delete marker, to another key, as its newest one."""
        bucket = self._address.bucket
        if copy.is_marker:
            self._client.delete_object(Bucket=bucket, Key=key)
            return
        source = {"Bucket": bucket, "Key": copy.key}
        if not copy.is_newest:  # a bucket that never had versions has no number for the only one
            source["VersionId"] = copy.version_id
        head = self._client.head_object(**source)
        kept = {name: head[name] for name in _MOVED if head.get(name)}
        self._client.copy_object(Bucket=bucket, Key=key, CopySource=source, **kept)

    def _replace(self, path: str, content: bytes) -> None:
        key = self._key(path)
        before = self._copies(path)
        self._require_unlocked(before)
        bytes_before = [copy for copy in before if not copy.is_marker]
        kept: dict[str, str] = {}
        if bytes_before:
            head = self._client.head_object(
                Bucket=self._address.bucket, Key=key, VersionId=bytes_before[0].version_id
            )
            kept = {name: head[name] for name in _KEPT if head.get(name)}
        written = self._client.put_object(
            Bucket=self._address.bucket, Key=key, Body=content, **kept
        )
        mine = written.get("VersionId", "null")
        self._abort_uploads(key)
        self._delete_copies([copy for copy in self._copies(path) if copy.version_id != mine])
        if [copy.version_id for copy in self._copies(path)] != [mine]:
            raise ApplyFailed(
                f"{self._name}: 1 object has other versions than the one just written; find out "
                "what writes it, then run again"
            )

    def _delete_copies(self, found: Sequence[Copy]) -> None:
        for start in range(0, len(found), _AT_ONCE):
            batch = [
                {"Key": copy.key, "VersionId": copy.version_id}
                for copy in found[start : start + _AT_ONCE]
            ]
            response = self._client.delete_objects(
                Bucket=self._address.bucket, Delete={"Objects": batch, "Quiet": True}
            )
            if failed := response.get("Errors"):
                codes = ", ".join(sorted({str(one.get("Code", "unknown")) for one in failed}))
                raise ApplyFailed(
                    f"{self._name}: {len(failed)} of {len(found)} versions of 1 object could not "
                    f"be deleted ({codes}); the step is not done. Grant the right to delete "
                    "versions or lift the lock, then run again"
                )

    def _abort_uploads(self, key: str) -> bool:
        """Abort uploads in parts that were never finished: their parts hold bytes too."""
        was_there = False
        pages = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._address.bucket, Prefix=key
        )
        for page in pages:
            for upload in page.get("Uploads", ()):
                if upload["Key"] == key:
                    was_there = True
                    self._client.abort_multipart_upload(
                        Bucket=self._address.bucket, Key=key, UploadId=upload["UploadId"]
                    )
        return was_there

    def _delete_empty_folders(self, path: str) -> None:
        """Delete the object that represents a folder, where it is all that is left in it."""
        folders = path.split("/")[:-1]
        while len(folders) > 1:
            key = self._key("/".join(folders)) + "/"
            page = next(copies(self._client, self._address, key), [])
            if any(copy.key != key for copy in page):
                return
            self._delete_copies(page)
            folders.pop()

    @property
    def _is_lockable(self) -> bool:
        return self._lock.get("ObjectLockEnabled") == "Enabled"

    @cached_property
    def _lock(self) -> Mapping[str, object]:
        """What the bucket locks; empty where it cannot."""
        try:
            response = self._client.get_object_lock_configuration(Bucket=self._address.bucket)
        except ClientError as error:
            if code_of(error) in _WITHOUT_LOCK:
                return {}
            raise
        found: Mapping[str, object] = response.get("ObjectLockConfiguration", {})
        return found

    def _is_replicated(self) -> bool:
        try:
            self._client.get_bucket_replication(Bucket=self._address.bucket)
        except ClientError as error:
            if code_of(error) in _WITHOUT_REPLICAS:
                return False
            raise
        return True

    def _require_unlocked(self, found: Sequence[Copy]) -> None:
        bytes_of = [copy for copy in found if not copy.is_marker]
        if not bytes_of or not self._is_lockable:
            return
        locks = [lock for copy in bytes_of if (lock := self._lock_of(copy)) is not None]
        if locks:
            last = max(locks)
            until = "by a legal hold" if last == _NO_END else f"until {last.date().isoformat()}"
            raise PlanRefused(
                f"{self._name}: {len(locks)} of {len(bytes_of)} versions of 1 object are locked "
                f"{until}; nothing was deleted. Plan again after that date, lift the lock, or "
                "refuse the request on that ground"
            )

    def _lock_of(self, copy: Copy) -> datetime | None:
        """Return until when a version is locked, `_NO_END` for a legal hold; None: it is not."""
        head = self._client.head_object(
            Bucket=self._address.bucket, Key=copy.key, VersionId=copy.version_id
        )
        until = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockLegalHoldStatus") == "ON":
            return _NO_END
        # By the clock of the service, which decides.
        now = parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"])
        return until if until is not None and until > now else None

    def _effect(self, act: Callable[[], _Result]) -> _Result:
        with answering(self._name, ApplyFailed):
            return act()


def _state(found: Sequence[Copy]) -> str:
    """Return a digest of which versions an object has, whatever order they are in."""
    said = sorted(
        f"{copy.version_id} {copy.etag} {copy.byte_count} {copy.is_marker} {copy.arrived_at.isoformat()}"
        for copy in found
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _in_order(found: Sequence[Copy]) -> list[Copy]:
    """Return the copies of an object, the oldest first: so they are written again."""
    newest_first = sorted(found, key=lambda copy: (copy.is_newest, copy.arrived_at), reverse=True)
    return newest_first[::-1]


def _begins(whole: Sequence[Copy], part: Sequence[Copy]) -> bool:
    """Whether some versions are, byte for byte, the first ones of others: what a crash left of a move."""

    def contents(of: Sequence[Copy]) -> list[tuple[bool, str, int]]:
        return [(copy.is_marker, copy.etag, copy.byte_count) for copy in of]

    return contents(part) == contents(whole)[: len(part)]


def _is_path(path: str) -> bool:
    """Whether a text is a path inside the store: nothing empty, no dots, no NUL."""
    return "\0" not in path and not any(part in ("", ".", "..") for part in path.split("/"))
