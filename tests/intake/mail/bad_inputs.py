"""Hostile and broken mails, by the id of what each one is about."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage


def mail(body: str | bytes = "Please delete my data.", **headers: str | list[str]) -> bytes:
    """Return the bytes of a mail; a header given as a list stands several times."""
    lines: list[str] = []
    for name, values in (
        {"From": "Ada Example <ada@example.org>", "To": "privacy@nord.example.com"}
        | {"Subject": "My data", "Message-ID": "<m1@example.org>"}
        | headers
    ).items():
        for value in values if isinstance(values, list) else [values]:
            lines.append(f"{name.replace('_', '-')}: {value}")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + content


def attached(name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "ada@example.org", "privacy@nord.example.com"
    message["Subject"] = "My data"
    message.set_content("Please delete my data.")
    maintype, subtype = kind.split("/")
    message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def zipped(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return buffer.getvalue()


def nested(depth: int) -> bytes:
    """Return a mail of parts within parts within parts."""
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(depth)
    )
    return f"From: ada@example.org\r\n{head}Content-Type: text/plain\r\n\r\nhello".encode()
