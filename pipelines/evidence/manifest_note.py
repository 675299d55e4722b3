"""Signed notes about the manifests of bundles, by the key that signs the ledger.

The note's first line is not the name of a ledger: it can never be taken for a checkpoint.
"""

import base64
import re
from typing import Final

from pipelines.errors import EvidenceBroken
from pipelines.evidence.signing import SigningKey, decode_base64, read_keys

_ORIGIN: Final = "lacuna/bundle"
_SIGNATURE: Final = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")


def sign_manifest(key: SigningKey, octets: int, digest: str) -> str:
    """Return the signed note about a manifest of this size and this SHA-256 (hex)."""
    text = _text(octets, digest)
    signature = base64.b64encode(key.public.key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


def verify_manifest(note: str, octets: int, digest: str, public_keys: str) -> None:
    """Check that one of the known keys signed a manifest of this size and this SHA-256 (hex).

    Args:
        note: the whole text of the note.
        octets: size of the manifest.
        digest: its SHA-256 in hex.
        public_keys: `name+id+key` as in `SigningKey.public_text`, one a line.

    Raises:
        ConfigurationError: a public key cannot be read.
        EvidenceBroken: it did not.
    """
    text = _text(octets, digest)
    said, blank, line = note.partition("\n\n")
    found = _SIGNATURE.fullmatch(line)
    if not blank or f"{said}\n" != text or found is None:
        raise EvidenceBroken("the bundle's signature is not that of its manifest; make it anew")
    signature = decode_base64(found["signature"])
    if not any(
        key.name == found["name"]
        and signature[:4] == key.key_id
        and key.has_signed(text.encode(), signature[4:])
        for key in read_keys(public_keys)
    ):
        raise EvidenceBroken("the bundle's manifest was not signed by a key that is known here")


def _text(octets: int, digest: str) -> str:
    return f"{_ORIGIN}\n{octets}\n{digest}\n"
