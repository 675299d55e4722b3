"""Whether a mail is one that came before: a Message-ID alone is anybody's to write."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Final

from lacuna.intake.mail.fields import body_of, fields_of
from lacuna.model.mail import Mail

_SIGNATURE: Final = "dkim-signature"
_READ: Final = frozenset(
    {"from", "to", "cc", "subject", "date", "content-type", "content-transfer-encoding"}
)
_COVERED: Final = re.compile(r"(?:^|;)\s*h\s*=([^;]*)")


def content_digest(mail: Mail, content: bytes) -> str:
    """Return a digest of what a mail is judged by, but for the way that it came.

    Two mails with the same digest say the same in the same form, with the same signatures and the
    same word of a mail server about them. A copy that lacks any of it would otherwise keep the
    genuine mail out.
    """
    said = asdict(replace(mail, recipients=(), received_at=None, received_by="", handed_on_at=()))
    pairs = fields_of(content).pairs
    # As they stand, decoded or not: a signature that covers one is broken where it is another.
    names = {_SIGNATURE, *_READ, *_names_in(value for name, value in pairs if name == _SIGNATURE)}
    fields = [pair for pair in pairs if pair[0] in names]
    digest = hashlib.sha256(json.dumps([said, fields], default=str).encode())
    # By the bytes: what a signature covers can differ where the words do not.
    digest.update(body_of(content).replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _names_in(signatures: Iterable[str]) -> Iterator[str]:
    """Yield the names of the fields that some signatures say they cover."""
    for signature in signatures:
        for names in _COVERED.findall(signature):
            yield from (name.strip().lower() for name in names.split(":"))
