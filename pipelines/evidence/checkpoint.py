"""Signed checkpoints of the ledger: its size and root, in the format of C2SP.

A checkpoint is a signed note (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), so that tools of
other transparency logs read it: three lines, an empty one, and a line a signature.

    lacuna/ledger
    12
    5QRQ…=

    — lacuna/ledger j7S…
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pipelines.errors import ConfigurationError, EvidenceBroken
from pipelines.evidence.durable import write_once

ORIGIN: Final = "lacuna/ledger"
"""Default name of a ledger and of the key that signs for it."""

_ED25519: Final = b"\x01"
_NAME: Final = re.compile(r"[a-z0-9._/-]{1,100}")
_TEXT: Final = re.compile(
    r"(?P<origin>[a-z0-9._/-]{1,100})\n(?P<size>[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
)
_SIGNATURE: Final = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")
_FILE: Final = "checkpoint-{:012d}.txt"


@dataclass(frozen=True)
class Checkpoint:
    """What the first `size` entries of a ledger are.

    Attributes:
        origin: the ledger's name.
        size: number of entries, at least 1.
        root: Merkle root over them, hex.
    """

    origin: str
    size: int
    root: str


class SigningKey:
    """An Ed25519 key that signs checkpoints under a name.

    Raises:
        ConfigurationError: the name is not of lower-case letters, digits, `.`, `_`, `/`, `-`.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                "the name of a signing key has characters that are not a-z0-9._/-"
            )
        self._name = name
        self._key = key

    @property
    def public_text(self) -> str:
        """The public key as one line, `name+id+key`: what a verifier needs."""
        public = _ED25519 + self._key.public_key().public_bytes_raw()
        key_id = _key_id(self._name, public).hex()
        return f"{self._name}+{key_id}+{base64.b64encode(public).decode()}"

    def sign(self, size: int, root: str) -> str:
        """Return the signed note for a ledger of this size and root (hex); origin is the name.

        Raises:
            ValueError: the size is not positive, or the root is not a SHA-256.
        """
        digest = bytes.fromhex(root)
        if size < 1 or len(digest) != hashlib.sha256().digest_size:
            raise ValueError("a checkpoint has a size of at least 1 and a root of 32 bytes")
        text = f"{self._name}\n{size}\n{base64.b64encode(digest).decode()}\n"
        public = _ED25519 + self._key.public_key().public_bytes_raw()
        signature = _key_id(self._name, public) + self._key.sign(text.encode())
        return f"{text}\n— {self._name} {base64.b64encode(signature).decode()}\n"


def create_key(path: Path, *, name: str = ORIGIN) -> SigningKey:
    """Make a new signing key in a PEM file of mode 0600, which must not exist.

    Raises:
        EvidenceBroken: the file exists: a key is never replaced, since it signed already.
        DependencyUnreachable: the folder cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    write_once(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return SigningKey(name, key)


def load_key(path: Path, *, name: str = ORIGIN) -> SigningKey:
    """Read a signing key.

    Raises:
        ConfigurationError: there is none, others may read it, or it is no Ed25519 key.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            pem = file.read()
    except OSError as error:
        raise ConfigurationError(
            f"the signing key {path} cannot be read ({error.strerror}); put it back, or make a "
            "new one and publish its public key"
        ) from error
    if mode & 0o077:
        raise ConfigurationError(f"others may read the signing key {path}; run chmod 600 on it")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} holds no Ed25519 private key in PEM form")
    return SigningKey(name, key)


def verify_checkpoint(note: str, public_key: str) -> Checkpoint:
    """Check a note's signature by one known key and return what it says.

    Signatures by other keys are passed over, as the format wants it.

    Args:
        note: the whole text of a checkpoint.
        public_key: `name+id+key`, as in `SigningKey.public_text`.

    Raises:
        ConfigurationError: the public key cannot be read.
        EvidenceBroken: the note has another form, or no valid signature by the key.
    """
    name, key_id, key = _read_public_key(public_key)
    text, blank, signatures = note.partition("\n\n")
    text += "\n"
    found = _TEXT.fullmatch(text)
    lines = _SIGNATURE.findall(signatures)
    if not (blank and found and lines) or "".join(f"— {n} {s}\n" for n, s in lines) != signatures:
        raise EvidenceBroken("a checkpoint is not of the form origin, size, root, signatures")
    if not any(
        signer == name and _is_signed(text, signature, key_id, key) for signer, signature in lines
    ):
        raise EvidenceBroken(
            f"the checkpoint of size {found['size']} has no valid signature by the key {name}"
        )
    if found["origin"] != name:
        raise EvidenceBroken(
            f"the checkpoint of size {found['size']} is of another ledger than {name}"
        )
    return Checkpoint(name, int(found["size"]), _decode(found["root"]).hex())


def publish_checkpoint(note: str, public_key: str, folders: Iterable[Path]) -> None:
    """Write a verified note into every folder, on the disk before this returns.

    At least one folder should be out of reach of whoever can change the database.

    Raises:
        EvidenceBroken: the note does not verify, or a folder has another note of this size:
            two histories were signed.
        DependencyUnreachable: a folder cannot be written.
    """
    size = verify_checkpoint(note, public_key).size
    for folder in folders:
        write_once(folder / _FILE.format(size), note.encode())


def published_checkpoints(folder: Path, public_key: str) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of a folder, smallest first; none if there is no such folder.

    Raises:
        EvidenceBroken: a note does not verify, or its file has the name of another size.
    """
    checkpoints = []
    for path in sorted(folder.glob("checkpoint-*.txt")):
        try:
            note = path.read_bytes().decode()
        except UnicodeDecodeError:
            note = ""
        checkpoint = verify_checkpoint(note, public_key)
        if path.name != _FILE.format(checkpoint.size):
            raise EvidenceBroken(f"{path} holds the checkpoint of size {checkpoint.size}")
        checkpoints.append(checkpoint)
    return tuple(sorted(checkpoints, key=lambda each: each.size))


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]


def _read_public_key(line: str) -> tuple[str, bytes, Ed25519PublicKey]:
    problem = ConfigurationError("a public key is one line, name+id+key, as Lacuna printed it")
    parts = line.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise problem
    name, key_id, encoded = parts
    try:
        public = _decode(encoded)
    except EvidenceBroken:
        raise problem from None
    is_ed25519 = public[:1] == _ED25519 and len(public) == 33
    if not is_ed25519 or _key_id(name, public).hex() != key_id:
        raise problem
    return name, _key_id(name, public), Ed25519PublicKey.from_public_bytes(public[1:])


def _is_signed(text: str, encoded: str, key_id: bytes, key: Ed25519PublicKey) -> bool:
    signature = _decode(encoded)
    if signature[:4] != key_id:
        return False
    try:
        key.verify(signature[4:], text.encode())
    except InvalidSignature:
        return False
    return True


def _decode(encoded: str) -> bytes:
    """Decode base64 that is written in the one canonical way."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        decoded = b""
    if not decoded or base64.b64encode(decoded).decode() != encoded:
        raise EvidenceBroken("a checkpoint or a key is not written in canonical base64")
    return decoded
