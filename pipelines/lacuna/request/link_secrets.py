"""What a link to a bundle rests on: random tokens and codes, their hashes, and what a token encrypts."""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lacuna.errors import EvidenceBroken

CODE_DIGITS: Final = 8
_TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_NONCE_BYTES: Final = 12


@dataclass(frozen=True)
class LinkContent:
    """What only whoever has the link can decrypt.

    Attributes:
        passphrase: of the bundle; None where it is for a key.
        mailbox: where codes are mailed to; empty for nowhere.
        language: of the request (ISO 639-1); empty where it is not known.
    """

    passphrase: str | None = field(repr=False)
    mailbox: str = field(repr=False)
    language: str


def new_secret() -> str:
    """Return 256 random bits as 43 characters that an address can contain."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_code() -> str:
    """Return a random code of eight digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def is_token(text: str) -> bool:
    """Whether a text has the form of what `new_secret` returns."""
    return _TOKEN.fullmatch(text) is not None


def link_hash(key: bytes, token: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which a link is found."""
    return _keyed_hash(key, "link", token)


def code_hash(key: bytes, request_id: str, code: str) -> str:
    """Return the keyed hash of a code for the link to one request's bundle."""
    return _keyed_hash(key, "code", request_id, code)


def pass_hash(key: bytes, secret: str) -> str:
    """Return the keyed hash of what downloads after the right code was entered."""
    return _keyed_hash(key, "pass", secret)


def seal_content(token: str, content: LinkContent) -> bytes:
    """Return the content of a link, encrypted with a key that is derived from its token."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    clear = json.dumps(asdict(content)).encode()
    return nonce + AESGCM(_key_of(token)).encrypt(nonce, clear, None)


def open_content(token: str, sealed: bytes) -> LinkContent:
    """Return the content of a link.

    Raises:
        EvidenceBroken: the token does not fit; the row was changed.
    """
    try:
        clear = AESGCM(_key_of(token)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        raise EvidenceBroken(
            "a link's content does not fit its token; the row was changed. Make a new link"
        ) from None
    return LinkContent(**json.loads(clear))


def _keyed_hash(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\0".join(parts).encode(), hashlib.sha256).hex()


def _key_of(token: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lacuna delivery content")
    return derivation.derive(token.encode())
