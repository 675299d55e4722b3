"""Whether a mail is one that came before: a Message-ID alone is anybody's to write."""

import hashlib
import json
from dataclasses import asdict, replace

from pipelines.model.mail import Mail
from pipelines.request.mail.fields import body_of, fields_of


def content_digest(mail: Mail, octets: bytes) -> str:
    """Return a digest of what a mail is judged by, but for the way that it came.

    Two mails with the same digest say the same in the same form, with the same signatures and the
    same word of a mail server about them. A copy that lacks any of it would otherwise keep the
    genuine mail out.
    """
    said = asdict(replace(mail, recipients=(), received_at=None, received_by="", handed_on_at=()))
    said["results"] = [(each.server, str(each.findings)) for each in mail.results]
    signatures = [value for name, value in fields_of(octets).pairs if name == "dkim-signature"]
    digest = hashlib.sha256(json.dumps([said, signatures], default=str).encode())
    # By the bytes: what a signature covers can differ where the words do not.
    digest.update(body_of(octets).replace(b"\r\n", b"\n"))
    return digest.hexdigest()
