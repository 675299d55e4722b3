"""Seals a bundle for whoever it is for, opens it again, and lets it go at the end.

A sealed bundle is one ZIP file inside one age file. What opens it is never stored here.

Opening checks, in this order:
1. the digest of the sealed file, where one is given;
2. that the key opens it, and that no byte of it changed (age authenticates every chunk);
3. that each member is a plain file, at a plain path, listed once and of the size listed;
4. each digest of the manifest and of SHA256SUMS, both ways: nothing missing, nothing more;
5. the signature of the manifest, by whatever the caller checks signatures with.
Only then does the new folder appear under its name.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

import pyrage

from lacuna.bundle.manifest import MANIFEST, SIGNATURE, SUMS, to_sums
from lacuna.bundle.passphrase_encryption import (
    ClearFile,
    Damaged,
    WrongPassphrase,
    decrypt,
    encrypt,
)
from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.model.bundle import Passphrase, PrivateKey, Sealed

SUFFIX: Final = ".zip.age"
"""What a sealed bundle's file is called behind the request's id."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_PART: Final = re.compile(r"[A-Za-z0-9._%~$-]{1,255}")
# Without the letters and digits that people confuse; 32 characters, so 5 bits each.
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 7, 4  # 140 bits
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that ZIP knows
_MOST_FILES: Final = 200_000
_MOST_DESCRIPTION: Final = 64 * 2**20
_MOST_BYTES: Final = 64 * 2**30
_CHUNK: Final = 2**20
_PACKED: Final = frozenset(
    (".gif", ".jpeg", ".jpg", ".m4a", ".mp3", ".mp4", ".ogg", ".parquet", ".png", ".wav", ".webm")
)
_WRONG_KEY: Final = ("No matching keys found", "Decryption failed")


def seal(folder: Path, target: Path, recipient: str | None) -> Sealed:
    """Encrypt a bundle, put it into `target` under the request's id, and delete the folder.

    The sealed file appears whole or not at all, and is on disk before the folder goes. The
    bundle passes through memory a piece at a time.

    Args:
        folder: a bundle that `write` finished.
        target: the folder of sealed bundles; made if only it is missing.
        recipient: an age recipient (`age1…`); None makes a passphrase of 140 bits, which is
            returned once and kept nowhere.

    Raises:
        ConfigurationError: the recipient is no age recipient. Nothing was changed.
        EvidenceBroken: the folder is not as its manifest says. Nothing was changed.
    """
    key = None if recipient is None else parse_recipient(recipient)
    request_id = _check_folder(folder).request_id
    target.mkdir(mode=0o700, exist_ok=True)
    path = target / f"{request_id}{SUFFIX}"
    part = _part_of(path)
    passphrase = None
    try:
        with tempfile.TemporaryFile(dir=folder.parent) as archive, _new_file(part) as sealed:
            _pack(folder, f"bundle_{request_id}", archive)
            archive.seek(0)
            if key is not None:
                pyrage.encrypt_io(archive, sealed, [key])
            else:
                passphrase = Passphrase(_new_passphrase())
                encrypt(archive, sealed, passphrase.value)
            sealed.flush()
            os.fsync(sealed.fileno())
        byte_count, digest = part.stat().st_size, _digest_of(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target)
    shutil.rmtree(folder)
    return Sealed(path=path, digest=digest, byte_count=byte_count, passphrase=passphrase)


def parse_key(text: str) -> Passphrase | PrivateKey:
    """Return the key or the passphrase in a text, which opens a bundle.

    An age key file may hold comments; anything without an age identity is a passphrase.

    Raises:
        ConfigurationError: there is nothing in it.
    """
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise ConfigurationError("the key is empty; give an age identity or the passphrase")
    for line in lines:
        if line.upper().startswith("AGE-SECRET-KEY-"):
            return PrivateKey(line)
    return Passphrase(lines[0])


@dataclass(frozen=True)
class OpenedBundle:
    """A bundle that was opened and found as it was sealed."""

    folder: Path
    request_id: str
    files: int


CheckSignature = Callable[[str, int, str], None]
"""Raises `EvidenceBroken` unless a note signs a file of this size and this SHA-256 (hex)."""


def open_sealed(
    path: Path,
    key: Passphrase | PrivateKey,
    to: Path,
    *,
    digest: str | None = None,
    check_signature: CheckSignature | None = None,
) -> OpenedBundle:
    """Decrypt a sealed bundle, check everything, and unpack it into the new folder `to`.

    Args:
        path: the sealed file.
        key: what opens it.
        to: must not exist; made with mode 0700, its files with 0600.
        digest: SHA-256 hex of the sealed file as it was recorded; None skips that check.
        check_signature: what the manifest's signature is checked with; None skips that check.

    Raises:
        ConfigurationError: there is no such file, the key does not open it, or `to` exists.
        EvidenceBroken: it is not as it was sealed.
    """
    if to.exists() or to.is_symlink():
        raise ConfigurationError("the folder to unpack into already exists; name a new one")
    if not to.parent.is_dir():
        raise ConfigurationError("the parent of the folder to unpack into does not exist")
    if not path.is_file():
        raise ConfigurationError(
            f"there is no sealed bundle {path.name}; it may have expired and been deleted"
        )
    if digest is not None and _digest_of(path) != digest:
        raise EvidenceBroken(
            f"{path.name}: its SHA-256 differs from the recorded one; the file was changed after "
            "it was sealed. Use the copy that was handed over, or create the bundle again"
        )
    part = to.with_name(f".{to.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        with tempfile.TemporaryFile(dir=part) as archive:
            _decrypt(path, key, archive)
            archive.seek(0)
            _unpack(path.name, archive, part)
        checked = _check_folder(part)
        if check_signature is not None:
            content = _read_description(part / MANIFEST)
            note = _read_description(part / SIGNATURE).decode("utf-8", "replace")
            check_signature(note, len(content), hashlib.sha256(content).hexdigest())
        part.rename(to)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return OpenedBundle(folder=to, request_id=checked.request_id, files=checked.files)


def sealed_bundles(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each sealed bundle of a folder with its request, sorted; other files are left out."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with contextlib.suppress(ValueError):
            yield str(uuid.UUID(path.name.removesuffix(SUFFIX))), path


def expire(path: Path) -> bool:
    """Delete a sealed bundle for good; return whether there was one.

    Also deletes what a crash while sealing left of it. It is read back absent.
    """
    was_there = path.exists()
    path.unlink(missing_ok=True)
    _part_of(path).unlink(missing_ok=True)
    if path.parent.is_dir():
        _sync_folder(path.parent)
    if path.exists():
        raise EvidenceBroken(f"{path.name}: it reappeared after it was deleted; find out why")
    return was_there


# --- files ----------------------------------------------------------------------------------------


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _make_folders(folder: Path, path: str) -> None:
    for part in PurePosixPath(path).parent.parts:
        folder = folder / part
        folder.mkdir(mode=0o700, exist_ok=True)


def _new_file(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- keys -----------------------------------------------------------------------------------------


def parse_recipient(text: str) -> pyrage.x25519.Recipient:
    """Return the public key to encrypt a bundle for.

    Raises:
        ConfigurationError: the text is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise ConfigurationError(
            "the bundle's key is not an age recipient; give the public key, which begins with age1"
        ) from None


def readable_passphrase(random: bytes) -> str:
    """Return 140 of at least as many random bits as 28 characters that people read out, in groups."""
    number = int.from_bytes(random)
    letters = [_ALPHABET[number >> 5 * place & 31] for place in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def _new_passphrase() -> str:
    return readable_passphrase(secrets.token_bytes(_GROUPS * _GROUP * 5 // 8 + 1))


@contextlib.contextmanager
def open_archive(sealed: IO[bytes], name: str, passphrase: str) -> Iterator[zipfile.ZipFile]:
    """Open the archive in a sealed bundle, decrypted as it is read; nothing of it is written.

    Members are at paths below one top folder.

    Raises:
        ConfigurationError: the passphrase does not open it.
        EvidenceBroken: it is not as it was sealed; perhaps only seen when that part is read.
    """
    try:
        with zipfile.ZipFile(ClearFile(sealed, passphrase)) as archive:
            yield archive
    except WrongPassphrase:
        raise _wrong_key(name) from None
    except (Damaged, zipfile.BadZipFile, zlib.error, EOFError):
        raise _changed(name) from None


def _decrypt(path: Path, key: Passphrase | PrivateKey, archive: IO[bytes]) -> None:
    try:
        match key:
            case Passphrase(value):
                with path.open("rb") as sealed:
                    decrypt(sealed, archive, value)
            case PrivateKey(value):
                with path.open("rb") as sealed:
                    pyrage.decrypt_io(sealed, archive, [pyrage.x25519.Identity.from_str(value)])
    except WrongPassphrase:
        raise _wrong_key(path.name) from None
    except Damaged:
        raise _changed(path.name) from None
    except pyrage.IdentityError:
        raise ConfigurationError(
            "the key is not an age identity; it begins with AGE-SECRET-KEY-1"
        ) from None
    except pyrage.DecryptError as error:
        if str(error) in _WRONG_KEY:
            raise _wrong_key(path.name) from None
        raise _changed(path.name) from None
    except OSError as error:
        if error.errno is not None:  # the disk, not the file's content
            raise
        raise _changed(path.name) from None


def _wrong_key(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name}: this key does not open the bundle; give the key that belongs to it"
    )


def _changed(name: str) -> EvidenceBroken:
    return EvidenceBroken(
        f"{name}: it was changed or cut after it was sealed; nothing was unpacked. Use another "
        "copy, or create the bundle again"
    )


# --- the archive ----------------------------------------------------------------------------------


def _pack(folder: Path, top: str, archive: IO[bytes]) -> None:
    """Write the folder as a ZIP file that is the same for the same files."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in _files_of(folder):
            info = zipfile.ZipInfo(f"{top}/{path}", date_time=_EPOCH)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o600) << 16
            # What is packed already, or is sound, hardly shrinks and takes long.
            is_packed = PurePosixPath(path).suffix in _PACKED
            info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            with (
                (folder / path).open("rb") as source,
                packed.open(info, "w", force_zip64=True) as to,
            ):
                shutil.copyfileobj(source, to, _CHUNK)


def _unpack(name: str, archive: IO[bytes], folder: Path) -> None:
    """Unpack members that are plain files at plain paths, below one top folder."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = packed.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > _MOST_FILES or total > _MOST_BYTES:
                raise EvidenceBroken(f"{name}: it unpacks to more than a bundle can contain")
            paths = [_plain_path(name, member) for member in members]
            if len({path.casefold() for path in paths}) < len(paths):
                raise EvidenceBroken(
                    f"{name}: two members have the same path; nothing was unpacked"
                )
            for member, path in zip(members, paths, strict=True):
                place = folder / path
                _make_folders(folder, path)
                with packed.open(member) as source, _new_file(place) as to:
                    _copy_exactly(name, source, to, member.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise EvidenceBroken(
            f"{name}: it contains no intact archive ({type(error).__name__}); nothing was unpacked"
        ) from None


def _plain_path(name: str, member: zipfile.ZipInfo) -> str:
    """Return a member's path below the archive's top folder, if nothing about it is odd."""
    mode = member.external_attr >> 16
    _, _, path = member.filename.partition("/")
    if (
        member.filename != member.orig_filename
        or stat.S_IFMT(mode) not in (0, stat.S_IFREG)
        or not _is_plain(path)
    ):
        raise EvidenceBroken(
            f"{name}: a member is a link, a folder, or at an unsafe path; nothing was unpacked"
        )
    return path


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and all(_PART.fullmatch(part) and not part.startswith(".") for part in parts)


def _copy_exactly(name: str, source: IO[bytes], to: IO[bytes], byte_count: int) -> None:
    left = byte_count
    while block := source.read(min(_CHUNK, left + 1)):
        left -= len(block)
        if left < 0:
            break
        to.write(block)
    if left != 0:
        raise EvidenceBroken(
            f"{name}: the size of a member differs from the list; nothing was unpacked"
        )


# --- the folder -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Checked:
    request_id: str
    files: int


def _files_of(folder: Path) -> list[str]:
    """Return the path of every file below a folder, sorted.

    Raises:
        EvidenceBroken: there is something that is neither a folder nor a plain file.
    """
    found = []
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            found.append(path.relative_to(folder).as_posix())
        elif not stat.S_ISDIR(mode):
            raise EvidenceBroken("a bundle contains a link or a device; Lacuna did not write it")
    return sorted(found)


def _check_folder(folder: Path) -> _Checked:
    """Check every file of a bundle against its manifest and its SHA256SUMS.

    Raises:
        EvidenceBroken: says how many files are missing, too many or different, not which.
    """
    manifest, listed = _read_manifest(folder / MANIFEST)
    request_id = manifest.get("request_id")
    if not (isinstance(request_id, str) and _REQUEST_ID.fullmatch(request_id)):
        raise EvidenceBroken("the bundle's manifest names no request; create the bundle again")
    present = set(_files_of(folder)) - {SIGNATURE}
    expected = {*listed, MANIFEST, SUMS}
    changed = sum(
        (_digest_of(folder / path), (folder / path).stat().st_size) != listed[path]
        for path in listed.keys() & present
    )
    sums = [(path, digest) for path, (digest, _) in listed.items()]
    sums.append((MANIFEST, _digest_of(folder / MANIFEST)))
    changed += SUMS in present and _read_description(folder / SUMS) != to_sums(sums)
    missing, more = len(expected - present), len(present - expected)
    if changed or missing or more:
        raise EvidenceBroken(
            f"{request_id}: the bundle differs from its manifest: files changed {changed}, "
            f"missing {missing}, not listed {more}. Create the bundle again"
        )
    return _Checked(request_id, len(_files_of(folder)))


def _read_manifest(path: Path) -> tuple[Mapping[str, object], dict[str, tuple[str, int]]]:
    """Return the manifest and, by path, the digest and size of every file listed."""
    document = _read_description(path)
    try:
        manifest = json.loads(document)
        listed = {file["path"]: (file["sha256"], file["bytes"]) for file in manifest["files"]}
        if len(listed) != len(manifest["files"]) or not all(_is_plain(path) for path in listed):
            raise ValueError("a path is listed twice or is invalid")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EvidenceBroken(
            "the bundle's manifest cannot be read; create the bundle again"
        ) from None
    return manifest, listed


def _read_description(path: Path) -> bytes:
    if not path.is_file() or path.is_symlink():
        raise EvidenceBroken(
            f"the bundle has no {path.name}; it was not finished, or files are missing. Create "
            "the bundle again"
        )
    if path.stat().st_size > _MOST_DESCRIPTION:
        raise EvidenceBroken(f"the bundle's {path.name} is larger than any that Lacuna writes")
    return path.read_bytes()
