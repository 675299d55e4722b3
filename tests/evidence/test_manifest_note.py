"""The note that signs a bundle's manifest: for one manifest alone, and never a checkpoint."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    SigningKey,
    sign_checkpoint,
    sign_manifest,
    verify_checkpoint,
    verify_manifest,
)
from lacuna.evidence.signing_keys import ORIGIN

DIGEST = hashlib.sha256(b"manifest").hexdigest()


def key_of(seed: bytes) -> SigningKey:
    return SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(seed * 32))


KEY, OTHER = key_of(b"k"), key_of(b"o")
KNOWN = f"{OTHER.public_text}\n{KEY.public_text}"


def test_a_known_key_signed_this_manifest():
    note = sign_manifest(KEY, 8, DIGEST)
    assert note.splitlines()[:3] == ["lacuna/bundle", "8", DIGEST]
    verify_manifest(note, 8, DIGEST, KNOWN)


@pytest.mark.parametrize(("byte_count", "digest"), [(9, DIGEST), (8, DIGEST[::-1])])
def test_another_manifest_is_refused(byte_count, digest):
    with pytest.raises(EvidenceBroken, match="does not match its manifest"):
        verify_manifest(sign_manifest(KEY, 8, DIGEST), byte_count, digest, KNOWN)


def test_an_unknown_key_is_refused():
    with pytest.raises(EvidenceBroken, match="not signed by a known key"):
        verify_manifest(sign_manifest(KEY, 8, DIGEST), 8, DIGEST, OTHER.public_text)


def test_no_byte_of_the_note_can_be_changed():
    note = sign_manifest(KEY, 8, DIGEST).encode()
    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        with pytest.raises(EvidenceBroken):
            verify_manifest(changed.decode("utf-8", "replace"), 8, DIGEST, KNOWN)
    for more in (note + b"x", note[:-1], b"", note * 2):
        with pytest.raises(EvidenceBroken):
            verify_manifest(more.decode(), 8, DIGEST, KNOWN)


def test_a_manifests_note_is_no_checkpoint_and_the_other_way_round():
    with pytest.raises(EvidenceBroken):
        verify_checkpoint(sign_manifest(KEY, 8, DIGEST), KNOWN)
    with pytest.raises(EvidenceBroken):
        verify_manifest(sign_checkpoint(8, DIGEST, KEY), 8, DIGEST, KNOWN)
