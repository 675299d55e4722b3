"""A signature vouches for as long as its signer said, and no longer."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lacuna.intake import read_mail
from lacuna.intake.sender_authentication import is_vouched

MAIL = b"From: ada@example.org\r\nSubject: Erase\r\n\r\nPlease delete all my data.\r\n"
SIGNED_AT = 1_600_000_000


class Keys:
    def __init__(self, published: bytes) -> None:
        self.published = published

    def text(self, name: bytes) -> bytes | None:
        return self.published if name.startswith(b"s1._domainkey.example.org") else None


@pytest.mark.parametrize(
    ("lasts", "is_valid"),
    [(10**9, True), (60, False)],
    ids=["a signature that lasts", "email-14: one that has expired"],
)
def test_an_expired_signature_vouches_for_nobody(monkeypatch, lasts, is_valid):
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    der = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header_of = dkim.DKIM.gen_header

    def with_end(self, fields, *rest, **named):
        # The library signs with no end by itself.
        end = (b"x", str(SIGNED_AT + lasts).encode())
        return header_of(self, [*fields[:-1], end, fields[-1]], *rest, **named)

    with monkeypatch.context() as signing:
        signing.setattr(dkim.DKIM, "gen_header", with_end)
        signing.setattr(dkim.time, "time", lambda: SIGNED_AT)
        signed = dkim.sign(MAIL, b"s1", b"example.org", pem) + MAIL
    assert f"x={SIGNED_AT + lasts}".encode() in signed
    keys = Keys(b"v=DKIM1; k=rsa; p=" + base64.b64encode(der))
    assert is_vouched(read_mail(signed), signed, trusted_servers=(), keys=keys) is is_valid
