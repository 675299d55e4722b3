"""Mails that parsers stumble over: anybody can send one, and a platform keeps it."""

from __future__ import annotations

_HEAD = (
    b"From: a@example.org\r\nDate: Mon, 2 Nov 2026 10:00 +0000\r\nSubject: =?utf-8?q?Z=C3=B6e?=\r\n"
)
_BODY = b"\r\n\r\nHello from Bodil Birkelund\r\n"


def _nested(depth: int) -> bytes:
    parts = (
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (one, one)
        for one in range(depth)
    )
    return b"".join(parts) + b"Content-Type: text/plain" + _BODY


HOSTILE_MAILS = {
    "a character set with a null": b'Content-Type: text/plain; charset="u\x00tf"' + _BODY,
    "a parameter with a null": b"Content-Type: text/plain; charset*=utf-\x008''%C3" + _BODY,
    "a file name with a null": b"Content-Disposition: attachment; filename*=utf-\x008''Z" + _BODY,
    "a number of the mail": b"Message-ID: <=x.[y]@mail.example.or\\g>\r\nTo: :;\n , <b@[1.2]>" + _BODY,
    "a display name": b"To: a@example.or<g>, :=?utf-8?q?Z=C3=B6e?= <z@example.org>" + _BODY,
    "comments in comments": b"To: " + b"(" * 5_000 + b"=?" + _BODY,
    "parts in parts": _nested(1_500),
    "open words": b"Subject: " + b"=?x?q?" * 15_000 + _BODY,
    "addresses": b"To: " + b"a@b.example, " * 30_000 + b"=?utf-8?q?Z=C3=B6e?=" + _BODY,
}  # fmt: skip
HOSTILE_MAILS = {about: _HEAD + mail for about, mail in HOSTILE_MAILS.items()}
