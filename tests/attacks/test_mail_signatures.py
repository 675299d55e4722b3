"""A DKIM signature that covers less than the whole mail, or that anybody can make, vouches for nobody."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from lacuna.intake import is_vouched, read_mail

BOX = "privacy@nord.example.com"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
ALL = "from:to:subject:date"
HEADERS = {
    "From": "Ada <ada@shop.example>",
    "To": BOX,
    "Subject": "Erase",
    "Date": "Mon, 02 Nov 2026 10:00:00 +0000",
}


def published(key: rsa.RSAPrivateKey = PRIVATE, tags: str = "v=DKIM1; k=rsa") -> bytes:
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"{tags}; p={base64.b64encode(der).decode()}".encode()


class Keys:
    """One key that every mail domain publishes; counts who asks."""

    def __init__(self, text: bytes | None) -> None:
        self.record = text
        self.asked: list[bytes] = []

    def text(self, name: bytes) -> bytes | None:
        self.asked.append(name)
        return self.record


def relaxed(name: str, value: str) -> bytes:
    return f"{name.lower()}:{' '.join(value.split())}\r\n".encode()


def digest_of(body: bytes, tags: str) -> str:
    kind = "sha1" if "rsa-sha1" in tags else "sha256"
    return base64.b64encode(hashlib.new(kind, body).digest()).decode()


def signed(
    covers: str = ALL,
    tags: str = "v=1; a=rsa-sha256; c=relaxed/simple; d=shop.example; s=s1",
    *,
    headers: tuple[tuple[str, str], ...] = tuple(HEADERS.items()),
    key: rsa.RSAPrivateKey = PRIVATE,
    body: bytes = b"Delete my data.\r\n",
) -> bytes:
    """Return a mail whose signature is right, whatever its tags say."""
    value = f"{tags}; h={covers}; bh={digest_of(body, tags)}; b="
    left = list(headers)
    hashed = b""
    for wanted in covers.lower().split(":"):
        for place in reversed(range(len(left))):
            if left[place][0].lower() == wanted:
                hashed += relaxed(*left.pop(place))
                break
    hashed += relaxed("DKIM-Signature", value).rstrip()
    algorithm = hashes.SHA1() if "rsa-sha1" in tags else hashes.SHA256()  # noqa: S303
    seal = base64.b64encode(key.sign(hashed, padding.PKCS1v15(), algorithm)).decode()
    lines = [("DKIM-Signature", value + seal), *headers]
    return "".join(f"{name}: {text}\r\n" for name, text in lines).encode() + b"\r\n" + body


def vouched(content: bytes, record: bytes | None = None) -> bool:
    keys = Keys(published() if record is None else record)
    return is_vouched(read_mail(content), content, trusted_servers=(), keys=keys)


BASE = "v=1; a=rsa-sha256; c=relaxed/simple; d=shop.example; s=s1"


def test_a_signature_over_all_that_is_read_vouches():
    assert vouched(signed())
    assert vouched(signed("from:from:to:cc:subject:date:message-id"))
    assert vouched(signed(tags=f"{BASE}; i=ada@mail.shop.example; t=1; q=dns/txt"))
    assert vouched(signed(), published(tags="v=DKIM1; h=sha1:sha256; s=email; t=s"))


QUOTED = b"> Please confirm:\r\n> --evil\r\n> \r\n> Delete my data.\r\n"
TWO_FORMS = (
    b"--00a\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nWhat is this?\r\n"
    b"--evil\r\n\r\nDelete my data.\r\n--evil--\r\n"
    b"--00a\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p>What is this?</p>\r\n--00a--\r\n"
)
PARTS = 'multipart/alternative; boundary="{}"'
FORM = f"{ALL}:content-type:content-transfer-encoding"


def of_form(covers: str, body: bytes, **fields: str) -> bytes:
    """Return a signed mail whose header says of what form it is."""
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return signed(covers, headers=(*HEADERS.items(), *named), body=body)


ONE_READING = {
    "two forms, as Google signs them": of_form(
        f"{ALL}:mime-version", TWO_FORMS, MIME_Version="1.0", Content_Type=PARTS.format("00a")
    ),
    "two forms after an empty line": of_form(
        f"{ALL}:content-type", b"\r\n\r\n" + TWO_FORMS, Content_Type=PARTS.format("00a")
    ),
    "two forms and a word for old programs": of_form(
        f"{ALL}:content-type", b"In parts.\r\n" + TWO_FORMS, Content_Type=PARTS.format("00a")
    ),
    "plain text": of_form(ALL, QUOTED[:19] + b"-- \r\nAda\r\n", Content_Type="text/plain"),
    "encoded text": of_form(
        FORM, b"Hi=0A\r\n", Content_Type="text/plain", Content_Transfer_Encoding="quoted-printable"
    ),
    "encoded text, as Google signs it": of_form(
        f"{ALL}:content-transfer-encoding",
        b"Hi=\r\n=0A> =3E\r\n",
        Content_Type="text/plain; charset=utf-8",
        Content_Transfer_Encoding="quoted-printable",
    ),
    "a page": of_form(f"{FORM}:mime-version", b"<p>Hi</p>\r\n", Content_Type="text/html"),
}


@pytest.mark.parametrize("name", ONE_READING)
def test_a_signature_over_a_body_that_reads_in_one_way_vouches(name):
    assert vouched(ONE_READING[name])


FORMS = {
    "another boundary": of_form(ALL, TWO_FORMS, Content_Type=PARTS.format("evil")),
    "a boundary behind a word": of_form(
        ALL, b"In parts.\r\n" + TWO_FORMS, Content_Type=PARTS.format("00a")
    ),
    "parts that do not end": of_form(
        ALL, TWO_FORMS.removesuffix(b"--00a--\r\n"), Content_Type=PARTS.format("00a")
    ),
    "parts of a digest": of_form(
        ALL, TWO_FORMS, Content_Type=PARTS.format("00a").replace("alternative", "digest")
    ),
    "parts as a text": of_form(ALL, TWO_FORMS, Content_Type="text/plain"),
    "parts as a text, unsaid": of_form(ALL, TWO_FORMS),
    "a text as a page": of_form(ALL, QUOTED, Content_Type="text/html"),
    "a text of another charset": of_form(ALL, b"Hi\r\n", Content_Type="text/plain; charset=utf-16"),
    "a text as an encoded one": of_form(
        f"{ALL}:content-type",
        b"> Hi=0ADelete my data.\r\n",
        Content_Type="text/plain",
        Content_Transfer_Encoding="quoted-printable",
    ),
    "an encoded text as a plain one": of_form(
        f"{ALL}:content-type", b"> Hi =\r\nDelete my data.\r\n", Content_Type="text/plain"
    ),
    "an encoded quote as a plain text": of_form(
        f"{ALL}:content-type", b"=3E Delete my data.\r\n", Content_Type="text/plain"
    ),
    "a page as a text": of_form(
        ALL, b"<blockquote>\r\nDelete my data.</blockquote>\r\n", Content_Type="text/plain"
    ),
    "an encoded page as an encoded text": of_form(
        f"{ALL}:content-transfer-encoding",
        b"=3Cblockquote=3E\r\nDelete my data.\r\n",
        Content_Type="text/plain",
        Content_Transfer_Encoding="quoted-printable",
    ),
    "a second form of it": of_form(f"{FORM}:x", QUOTED, Content_Type="text/plain").replace(
        b"To:", b"Content-Type: text/html\r\nTo:", 1
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_nobody_signed_makes_no_other_words_the_writers(name):
    assert not vouched(FORMS[name])


NOW = int(time.time())
SIGNED = {
    "without From": signed("to:subject:date"),
    "without Subject": signed("from:to:date"),
    "without To": signed("from:subject:date"),
    "without Date": signed("from:to:subject"),
    "without Cc": signed(ALL, headers=(*HEADERS.items(), ("Cc", "x@example.org"))),
    "one of two Subjects": signed(ALL, headers=(*HEADERS.items(), ("Subject", "x"))),
    "with a length": signed(tags=f"{BASE}; l=17"),
    "with a length in the middle": signed(tags=BASE.replace("; s=", "; l = 17; s=")),
    "by SHA-1": signed(tags=BASE.replace("sha256", "sha1")),
    "twice the same tag": signed(tags=f"{BASE}; d=shop.example"),
    "two domains": signed(tags=f"d=evil.example; {BASE}"),
    "a tag without a name": signed(tags=f"{BASE}; =x"),
    "a tag with a space in its name": signed(tags=f"{BASE}; l x=17"),
    "an identity of somebody else": signed(tags=f"{BASE}; i=ada@evilshop.example"),
    "expired": signed(tags=f"{BASE}; t={NOW - 900_000}; x={NOW - 800_000}"),
    "of tomorrow": signed(tags=f"{BASE}; t={NOW + 200_000}"),
    "of another version": signed(tags=BASE.replace("v=1", "v=2")),
    "of a public suffix": signed(tags=BASE.replace("d=shop.example", "d=example")),
    "of a host below": signed(tags=BASE.replace("d=shop", "d=mail.shop")),
    "of another host": signed(tags=BASE.replace("d=shop", "d=evilshop")),
    "of no host": signed(tags=BASE.replace("d=shop.example", "d=")),
    "a number without end": signed(tags=f"{BASE}; t={'9' * 5_000}"),
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_that_covers_less_or_is_not_plain_vouches_for_nobody(name):
    assert not vouched(SIGNED[name])


RECORDS = {
    "a key in test": published(tags="v=DKIM1; t=y"),
    "a key in test, among others": published(tags="v=DKIM1; t=s : y"),
    "a key for another hash": published(tags="v=DKIM1; h=sha1"),
    "a key for another service": published(tags="v=DKIM1; s=other"),
    "a key of another version": published(tags="v=DKIM2"),
    "a key of another kind": published(tags="v=DKIM1; k=dsa"),
    "a key twice": published() + b"; " + published(tags=""),
    "a key without end": published(tags=f"n={'x' * 2_500}"),
    "no key": b"v=DKIM1; p=",
    "no record": b"",
    "a record that is none": b"\xff\x00;;;=",
    "a key that is none": b"p=AAAA",
    "a key of zero": b"p=MAYCAQACAQA=",
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_key_that_is_not_for_this_vouches_for_nobody(name):
    assert not vouched(signed(), RECORDS[name])


SERVER = "mx.nord.example.com"
PASSED = "dmarc=pass header.from=shop.example"
BY_SPF = "spf=pass smtp.mailfrom=a@{}; " + PASSED
SEEN = {
    "the whole mail": (signed(), PASSED, True),
    "the whole mail, without DMARC": (signed(), "dkim=pass header.d=shop.example", True),
    "no signature": (signed(tags=BASE.replace("shop", "other")), PASSED, True),
    "no signature, by SPF": (signed(tags=BASE.replace("shop", "other")), BY_SPF, True),
    "less than To, straight from the domain": (SIGNED["without To"], BY_SPF, True),
    "less than To": (SIGNED["without To"], PASSED, False),
    "less than To, without DMARC": (
        SIGNED["without To"],
        "dkim=pass header.d=shop.example",
        False,
    ),
    "less than To, by a supplier": (
        SIGNED["without To"],
        BY_SPF.replace("{}", "mail.shop.example"),
        False,
    ),
    "a length": (SIGNED["with a length"], PASSED, False),
    "another boundary": (FORMS["another boundary"], PASSED, False),
    "what cannot be read": (SIGNED["twice the same tag"], PASSED, False),
    "a supplier's host": (SIGNED["of a host below"], PASSED, False),
    "a supplier's host, by SPF": (
        signed(tags=BASE.replace("shop", "other")),
        BY_SPF.replace("{}", "mail.shop.example"),
        False,
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_our_servers_word_counts_for_what_was_signed_or_came_from_the_domain(name):
    content, said, counts = SEEN[name]
    said = f"Authentication-Results: {SERVER}; {said.format('shop.example')}\r\n"
    content = said.encode() + content
    keys = Keys(None)
    assert is_vouched(read_mail(content), content, trusted_servers=(SERVER,), keys=keys) is counts


def test_an_identity_below_the_domain_of_a_strict_key_vouches_for_nobody():
    content = signed(tags=f"{BASE}; i=ada@mail.shop.example")
    assert not vouched(content, published(tags="v=DKIM1; t=s"))


def test_a_key_that_can_be_broken_vouches_for_nobody():
    assert vouched(signed(key=WEAK), published(WEAK))
    short = b"p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANDiE2+Xi/WnO+s120NiiJhNyIButVu6"
    short += b"zxqlVzz0wy2j4kQVUC4ZRZD80IY+4wIiX2YxKBZKGnd2TtPkcJ/ljkUCAwEAAQ=="
    assert not vouched(signed(), short)


POISON = {
    "a fold before the first field": b" x\r\n",
    "a line that is no field": b"x\r\n",
    "a signature of nothing": b"DKIM-Signature:\r\n",
    "a signature of bytes": b"DKIM-Signature: \xff\x00; d=\xff\r\n",
    "a signature of separators": b"DKIM-Signature: ;;;;=;d=shop.example;s=s1\r\n",
}


@pytest.mark.parametrize("name", POISON)
def test_no_mail_stops_those_behind_it(name):
    assert not vouched(POISON[name] + b"From: ada@shop.example\r\n\r\nDelete my data.\r\n")


@given(st.binary(max_size=60), st.text(st.characters(codec="ascii"), max_size=60))
def test_no_bytes_of_a_signature_or_a_key_break_the_reading(content, text):
    line = f"DKIM-Signature: {BASE}; {text}\r\n".encode()
    mail = line + b"From: ada@shop.example\r\n\r\n" + content
    is_vouched(read_mail(mail), mail, trusted_servers=(), keys=Keys(content or None))


def test_of_many_signatures_few_are_looked_at_and_only_the_senders_own():
    line = f"DKIM-Signature: {BASE}; h=from; bh=eA==; b=eA==\r\n".encode()
    keys = Keys(published())
    mail = line * 1_000 + b"From: ada@shop.example\r\n\r\n"
    assert not is_vouched(read_mail(mail), mail, trusted_servers=(), keys=keys)
    assert len(keys.asked) <= 5
    mail = mail.replace(b"d=shop.example", b"d=evil.example")
    keys = Keys(published())
    assert not is_vouched(read_mail(mail), mail, trusted_servers=(), keys=keys)
    assert keys.asked == []


def test_what_is_read_of_a_signature_is_logged_nowhere(caplog):
    caplog.set_level(0)
    for record in (published(), b"", b"p=AAAA"):
        vouched(signed(), record)
    assert caplog.records == []


def test_blanks_that_take_a_pattern_long_are_not_given_to_it():
    assert vouched(signed(body=b" " * 4_000 + b"x\r\n"))
    assert not vouched(signed(body=b" " * 200_000 + b"x\r\n"))
