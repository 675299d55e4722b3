"""Keyed digests by which a certificate can be compared with an identifier, as long as its key exists."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Final

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.treatment import compared, poses_as_ascii

SUBJECT_PURPOSE: Final = "lacuna/certificate/subject"
"""What the digests' key is derived from a request's key for."""

_DIGESTED: Final = (
    IdentifierKind.EMAIL,
    IdentifierKind.PHONE,
    IdentifierKind.EXTERNAL_ID,
    IdentifierKind.CONTACT_ID,
)


def subject_key(request_key: bytes) -> bytes:
    """Return the key of a request's digests: the request's own key, which decrypts, stays apart."""
    return hmac.digest(request_key, SUBJECT_PURPOSE.encode(), hashlib.sha256)


def subject_digests(identifiers: Iterable[Identifier], key: bytes) -> frozenset[str]:
    """Return a keyed digest, HMAC-SHA-256 in hex, of each identifier of one person only.

    Names and addresses have none: many people can share them. Without the key a digest says
    nothing; once the key is destroyed, nobody can compare it with anything.
    """
    return frozenset(
        _digest(one.kind, one.value, key) for one in identifiers if one.kind in _DIGESTED
    )


def possible_digests(value: str, key: bytes) -> frozenset[str]:
    """Return the digests that a value would have, whichever kind of identifier it is.

    Those too that earlier versions made, of an address by its letters alone.
    """
    normal = unicodedata.normalize("NFC", value).strip()
    before = () if poses_as_ascii(normal) else (_keyed(IdentifierKind.EMAIL, normal.lower(), key),)
    return frozenset((*(_digest(kind, value, key) for kind in _DIGESTED), *before))


def _digest(kind: IdentifierKind, value: str, key: bytes) -> str:
    # Folded no further than the platform does: `straße@` is somebody else than `strasse@`.
    normal = unicodedata.normalize("NFC", value).strip()
    if kind is IdentifierKind.EMAIL:
        normal = compared(normal)
    if kind is IdentifierKind.PHONE:
        digits = (str(unicodedata.decimal(each)) for each in normal if each.isdecimal())
        normal = "".join(digits).removeprefix("00")
    return _keyed(kind, normal, key)


def _keyed(kind: IdentifierKind, normal: str, key: bytes) -> str:
    return hmac.digest(key, f"{kind}\0{normal}".encode(), hashlib.sha256).hex()
