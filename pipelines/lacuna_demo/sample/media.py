"""Small real files: sounds, pictures, raw mails and the warehouse's Parquet export."""

import io
import random
import struct
import wave
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from lacuna_demo.sample.tables import TableRows

_SAMPLE_RATE = 8_000
_SAMPLES = 2_400


def wav(seed: int) -> bytes:
    """Return a mono 8-bit WAV of 0.3 s: a square tone, then noise; about 2.4 kB."""
    rng = random.Random(seed)
    period = rng.randrange(16, 80)
    tone = bytes([90] * (period // 2) + [166] * (period - period // 2))
    frames = (tone * (_SAMPLES // period + 1))[: _SAMPLES - 400] + rng.randbytes(400)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_SAMPLE_RATE)
        sound.writeframes(frames)
    return buffer.getvalue()


def png(seed: int, side: int = 8) -> bytes:
    """Return a PNG of `side` by `side` grey pixels."""
    rng = random.Random(seed)
    lines = b"".join(b"\0" + rng.randbytes(side) for _ in range(side))
    # Stored, not compressed: the bytes must not depend on the version of zlib.
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@dataclass(frozen=True, repr=False)
class RawMail:
    """A mail as it came over the wire.

    Attributes:
        sender, to, cc: pairs of display name and address.
        html: None for a plain mail.
        encoded: whether the text part is base64, so that no byte search finds a name in it.
        headers: further header lines, in order.
    """

    sender: tuple[str, str]
    to: Sequence[tuple[str, str]]
    cc: Sequence[tuple[str, str]]
    subject: str
    sent_at: datetime
    message_id: str
    text: str
    html: str | None = None
    encoded: bool = False
    headers: Sequence[tuple[str, str]] = ()

    def as_bytes(self) -> bytes:
        """Return the mail with CRLF line ends."""
        mail = EmailMessage(policy=SMTP)
        for name, value in self.headers:
            mail[name] = value
        mail["From"] = _address(self.sender)
        mail["To"] = [_address(party) for party in self.to]
        if self.cc:
            mail["Cc"] = [_address(party) for party in self.cc]
        mail["Subject"] = self.subject
        mail["Date"] = self.sent_at
        mail["Message-ID"] = f"<{self.message_id}>"
        mail.set_content(self.text, cte="base64" if self.encoded else "8bit")
        if self.html is not None:
            mail.add_alternative(self.html, subtype="html", cte="8bit")
            mail.set_boundary(f"=_part_{self.message_id.partition('@')[0]}")
        return mail.as_bytes()


def _address(party: tuple[str, str]) -> Address:
    return Address(party[0], addr_spec=party[1])


def export_parquet(export: TableRows) -> bytes:
    """Return the warehouse export as Parquet, requester columns dictionary-encoded (trap 12)."""
    # Imported here: pyarrow takes a third of a second that most callers need not wait for.
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    arrays = {column: arrow.array(export.values(column)) for column in export.columns}
    requester = ["requester_name", "requester_email", "requester_phone_number"]
    buffer = io.BytesIO()
    parquet.write_table(arrow.table(arrays), buffer, use_dictionary=requester, compression="zstd")
    return buffer.getvalue()
