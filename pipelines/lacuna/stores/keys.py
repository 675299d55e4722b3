"""Keys of requests: one file a request, outside the database, so that destroying it erases."""

import fcntl
import hashlib
import hmac
import os
import secrets
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lacuna.errors import (
    ConfigurationError,
    DependencyUnreachable,
    EvidenceBroken,
    UnknownRequest,
)
from lacuna.ports import SEALED_FORM
from lacuna.stores.private_folders import make_private

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class FileKeys:
    """Keys in files of mode 0600, in a folder of mode 0700, as `ports.Keys`.

    The bytes are encrypted by AES-256-GCM and bound to the request's id, so that what belongs
    to one request cannot be passed off as another's.

    A key is on the disk before the first byte encrypted with it is handed out. Destroying a
    key takes its name away first: a crash in between leaves no key that is half there, and
    the next `destroy` finishes the work.

    Not promised: that the medium forgets. A file system with copies on write, a snapshot or
    a worn-out flash cell can keep the old bytes; keep the folder out of backups.

    Args:
        folder: made, with its parents, if it does not exist.

    Raises:
        ConfigurationError: the folder belongs to another user, or others may enter it.
    """

    def __init__(self, folder: Path) -> None:
        with _boundary():
            make_private(folder)
            found = folder.lstat()
        is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not is_own or found.st_mode & 0o077:
            raise ConfigurationError(
                f"keys: {folder} must be a folder that belongs only to you; run chmod 700 on it"
            )
        self._folder = folder

    def encrypt(self, request_id: str, clear: bytes) -> bytes:
        name = _name(request_id)
        with self._locked() as folder:
            key = _read(folder, name) or _create(folder, name)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        # The form, the nonce, the ciphertext with its tag.
        return SEALED_FORM + nonce + AESGCM(key).encrypt(nonce, clear, request_id.encode())

    def decrypt(self, request_id: str, secret: bytes) -> bytes:
        key = self._key_of(request_id)
        form, nonce, sealed = secret[:1], secret[1 : 1 + _NONCE_BYTES], secret[1 + _NONCE_BYTES :]
        try:
            if form != SEALED_FORM:
                raise InvalidTag
            return AESGCM(key).decrypt(nonce, sealed, request_id.encode())
        except (InvalidTag, ValueError):
            raise EvidenceBroken(
                f"{request_id}: its key does not match {len(secret)} encrypted bytes; they were "
                "changed, or belong to another request"
            ) from None

    def derive(self, request_id: str, purpose: str) -> bytes:
        """HMAC-SHA-256 of the purpose under the request's key."""
        return hmac.digest(self._key_of(request_id), purpose.encode(), hashlib.sha256)

    def destroy(self, request_id: str) -> bool:
        """The key is overwritten before its file is removed."""
        name = _name(request_id)
        with self._locked() as folder:
            # Leftovers of a crash: a key never used, and one whose destruction had begun.
            found = [_erase(folder, name + ending) for ending in (_NEW, _GONE)]
            try:
                os.rename(name, name + _GONE, src_dir_fd=folder, dst_dir_fd=folder)
            except FileNotFoundError:
                return any(found)
            os.fsync(folder)
            return _erase(folder, name + _GONE)

    def _key_of(self, request_id: str) -> bytes:
        name = _name(request_id)
        with self._locked() as folder:
            key = _read(folder, name)
        if key is None:
            raise UnknownRequest(
                f"{request_id}: its key is gone; nothing encrypted with it can be read"
            )
        return key

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the folder, open, for one caller at a time over all processes."""
        with _boundary():
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield folder
            finally:
                os.close(folder)


_NEW: Final = ".new"
_GONE: Final = ".gone"


def _name(request_id: str) -> str:
    """Return the key's file name; anything but a UUID is refused, since it names a file."""
    try:
        is_uuid = str(uuid.UUID(request_id)) == request_id
    except ValueError:
        is_uuid = False
    if not is_uuid:
        raise UnknownRequest("a request id must be a UUID in lower case")
    return f"{request_id}.key"


def _read(folder: int, name: str) -> bytes | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        key = file.read(_KEY_BYTES + 1)
    if len(key) != _KEY_BYTES:
        raise EvidenceBroken(
            f"keys: {name} has {len(key)} bytes instead of {_KEY_BYTES}; restore the file"
        )
    return key


def _create(folder: int, name: str) -> bytes:
    """Make a key; its name appears once the bytes are on the disk."""
    key = secrets.token_bytes(_KEY_BYTES)
    _erase(folder, name + _NEW)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(name + _NEW, flags, 0o600, dir_fd=folder), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    os.rename(name + _NEW, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
    return key


def _erase(folder: int, name: str) -> bool:
    """Overwrite a file's bytes on the disk, then remove it; False if there is none."""
    try:
        handle = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        os.pwrite(handle, secrets.token_bytes(_KEY_BYTES), 0)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.unlink(name, dir_fd=folder)
    os.fsync(folder)
    return True


@contextmanager
def _boundary() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DependencyUnreachable(
            f"keys: the folder of keys cannot be used ({error.strerror}); check its mount and "
            "permissions, then run again"
        ) from error
