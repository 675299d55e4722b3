"""Keys that sign evidence, and the lines by which others know them.

A public key is one line, `name+id+key`, in the form of C2SP's signed notes; a file of keys holds
one a line, the keys that were rotated out too.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
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

from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.evidence.durable_files import write_once

ORIGIN: Final = "lacuna/ledger"
"""Default name of a ledger and of the key that signs for it."""
WORK: Final = "lacuna/work"
"""Name of the workers' keys. They sign notes about files, and never for a ledger."""

_ED25519: Final = b"\x01"
_NAME: Final = re.compile(r"[a-z0-9._/-]{1,100}")


@dataclass(frozen=True)
class VerifyingKey:
    """A public Ed25519 key with its name.

    Attributes:
        key_id: the first four bytes of SHA-256 over name and key, as signed notes have it.
    """

    name: str
    key_id: bytes
    key: Ed25519PublicKey = field(repr=False)

    @property
    def label(self) -> str:
        """Name and id, by which an envelope says who signed it."""
        return f"{self.name}+{self.key_id.hex()}"

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this is a signature of the message by this key."""
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """An Ed25519 key that signs checkpoints and certificates under a name.

    Raises:
        ConfigurationError: the name is not of lower-case letters, digits, `.`, `_`, `/`, `-`.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise ConfigurationError("the name of a signing key may contain only a-z0-9._/-")
        self._key = key
        self.name = name

    @property
    def public(self) -> VerifyingKey:
        """The key by which its signatures are verified."""
        public = self._key.public_key()
        return VerifyingKey(self.name, _key_id(self.name, _raw_bytes(public)), public)

    @property
    def public_text(self) -> str:
        """The public key as one line, `name+id+key`: what a verifier needs."""
        public = self.public
        return f"{public.label}+{base64.b64encode(_raw_bytes(public.key)).decode()}"

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: the same one each time."""
        return self._key.sign(message)


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
            f"the signing key {path} cannot be read ({error.strerror}); put it back, or create a "
            "new key and publish its public key"
        ) from error
    if mode & 0o077:
        raise ConfigurationError(
            f"the signing key {path} can be read by others; run chmod 600 on it"
        )
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"{path} contains no Ed25519 private key in PEM form")
    return SigningKey(name, key)


def read_keys(text: str) -> tuple[VerifyingKey, ...]:
    """Return the public keys of a file: one a line, empty lines aside.

    Raises:
        ConfigurationError: a line is no public key, or there is none.
    """
    keys = tuple(_read_key(line) for line in text.splitlines() if line.strip())
    if not keys:
        raise ConfigurationError("the file of public keys is empty; it needs one key per line")
    return keys


def ledger_keys(keys: Iterable[VerifyingKey]) -> tuple[VerifyingKey, ...]:
    """Return the keys that may sign for a ledger: not those of workers."""
    return tuple(key for key in keys if key.name != WORK)


def decode_base64(encoded: str) -> bytes:
    """Decode base64 that is written in the one canonical way.

    Raises:
        EvidenceBroken: it is not.
    """
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded or base64.b64encode(decoded).decode() != encoded:
        raise EvidenceBroken("a signature, key or payload is not in canonical base64")
    return decoded


def _read_key(line: str) -> VerifyingKey:
    problem = ConfigurationError("a public key must be one line, name+id+key, as Lacuna printed it")
    parts = line.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise problem
    name, key_id, encoded = parts
    try:
        public = decode_base64(encoded)
    except EvidenceBroken:
        raise problem from None
    is_ed25519 = public[:1] == _ED25519 and len(public) == 33
    if not is_ed25519 or _key_id(name, public).hex() != key_id:
        raise problem
    return VerifyingKey(name, _key_id(name, public), Ed25519PublicKey.from_public_bytes(public[1:]))


def _raw_bytes(key: Ed25519PublicKey) -> bytes:
    return _ED25519 + key.public_bytes_raw()


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
