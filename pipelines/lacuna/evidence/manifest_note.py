"""Signed notes about manifests: of bundles, restatements, superseded histories, reports of absence.

The note's first line is not the name of a ledger: it can never be taken for a checkpoint, nor one
kind of note for the other.
"""

import base64
import re
from enum import StrEnum
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence.signing_keys import SigningKey, decode_base64, read_keys

_SIGNATURE: Final = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")


class Noted(StrEnum):
    """What a note is about: its first line."""

    BUNDLE = "lacuna/bundle"
    RESTATEMENT = "lacuna/restatement"
    SUPERSEDED = "lacuna/superseded"
    ABSENCE = "lacuna/absence"


def sign_manifest(
    key: SigningKey, byte_count: int, digest: str, noted: Noted = Noted.BUNDLE
) -> str:
    """Return the signed note about a manifest of this size and this SHA-256 (hex)."""
    text = _text(noted, byte_count, digest)
    signature = base64.b64encode(key.public.key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


def verify_manifest(
    note: str, byte_count: int, digest: str, public_keys: str, noted: Noted = Noted.BUNDLE
) -> None:
    """Check that one of the known keys signed a manifest of this size and this SHA-256 (hex).

    Args:
        note: the whole text of the note.
        byte_count: size of the manifest.
        digest: its SHA-256 in hex.
        public_keys: `name+id+key` as in `SigningKey.public_text`, one a line.

    Raises:
        ConfigurationError: a public key cannot be read.
        EvidenceBroken: it did not.
    """
    text = _text(noted, byte_count, digest)
    what = noted.name.lower()
    said, blank, line = note.partition("\n\n")
    found = _SIGNATURE.fullmatch(line)
    if not blank or f"{said}\n" != text or found is None:
        raise EvidenceBroken(f"the {what}'s signature does not match its manifest; create it again")
    signature = decode_base64(found["signature"])
    if not any(
        key.name == found["name"]
        and signature[:4] == key.key_id
        and key.has_signed(text.encode(), signature[4:])
        for key in read_keys(public_keys)
    ):
        raise EvidenceBroken(
            f"the {what}'s manifest was not signed by a known key: it was changed, or it belongs to "
            "another installation; verify it with that one's public keys"
        )


def _text(noted: Noted, byte_count: int, digest: str) -> str:
    return f"{noted}\n{byte_count}\n{digest}\n"
