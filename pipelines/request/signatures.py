"""Says whether a mail's own domain vouches for its sender.

1. DKIM, verified here: a signature of the sender's domain or of one above it, that covers From
   and the whole body. A signature with `l=` leaves room for words that nobody signed, so it counts
   as none (dkimpy verifies it; found on 2026-11-24 with 1.1.8).
2. DMARC or DKIM as one of our own mail servers saw it: in the one header of its name, at the place
   where it writes. SPF alone says nothing of From, and ARC is what others say.
"""

import re
from typing import Final

import dkim

from pipelines.model.mail import Finding, Mail
from pipelines.ports import MailKeys
from pipelines.request.mail.alignment import is_aligned, is_same

_MOST_SIGNATURES: Final = 5
_DOMAIN: Final = re.compile(
    r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE
)
_TAG: Final = re.compile(r"\s*([a-z]+)\s*=\s*(.*?)\s*", re.DOTALL)


def is_vouched(
    mail: Mail, octets: bytes, *, trusted_servers: tuple[str, ...], keys: MailKeys
) -> bool:
    """Whether the domain of a mail's one sender vouches for it."""
    sender = mail.sender
    if sender is None:
        return False
    domain = sender.rpartition("@")[2]
    return _server_says_so(mail, domain, trusted_servers) or _is_signed(octets, domain, keys)


def _is_signed(octets: bytes, domain: str, keys: MailKeys) -> bool:
    def find(name: bytes, timeout: int = 5) -> bytes | None:
        return keys.text(name)

    # A signature covers the line ends of transport, which a mailbox of files may have lost.
    octets = re.sub(rb"\r?\n", b"\r\n", octets)
    try:
        signed = dkim.DKIM(octets)
    except dkim.DKIMException:
        return False
    count = sum(name.lower() == b"dkim-signature" for name, _ in signed.headers)
    for index in range(min(count, _MOST_SIGNATURES)):
        tags = _tags(signed, index)
        if "l" in tags or not is_aligned(tags.get("d", ""), domain):
            continue
        if not _DOMAIN.fullmatch(f"{tags.get('s', '')}.{tags.get('d', '')}"):
            continue
        try:
            if signed.verify(idx=index, dnsfunc=find):
                return True
        except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError):
            continue  # a signature that cannot be read vouches for nobody
    return False


def _tags(signed: dkim.DKIM, index: int) -> dict[str, str]:
    headers = [value for name, value in signed.headers if name.lower() == b"dkim-signature"]
    found: dict[str, str] = {}
    for part in headers[index].decode("ascii", "replace").split(";"):
        tag = _TAG.fullmatch(part)
        if tag is not None:
            found[tag[1]] = tag[2].lower() if tag[1] in ("d", "s") else tag[2]
    return found


def _server_says_so(mail: Mail, domain: str, trusted_servers: tuple[str, ...]) -> bool:
    ours = [one for one in mail.results if one.server in trusted_servers]
    # Two of the name: one of them is forged, and nobody can tell which.
    if len(ours) != 1 or not set(ours[0].hops) <= set(trusted_servers):
        return False
    findings = ours[0].findings or ()
    by_dmarc = [one for one in findings if one.method == "dmarc"]
    if any(one.result != "none" for one in by_dmarc):
        said = by_dmarc[0].the("header.from") or ""
        # Two results: one of them is text of the sender's, and nobody can tell which.
        return (
            len(by_dmarc) == 1
            and by_dmarc[0].result == "pass"
            and is_same(said.rpartition("@")[2], domain)
        )
    by_dkim = [one for one in findings if one.method == "dkim"]
    if any(one.result == "none" for one in by_dkim):
        return False
    return any(one.result == "pass" and is_aligned(_signer(one), domain) for one in by_dkim)


def _signer(finding: Finding) -> str:
    """Return the domain that signed; empty where it is not plain. Some servers say only the identity."""
    if finding.has("header.d"):
        return finding.the("header.d") or ""
    return (finding.the("header.i") or "").rpartition("@")[2]
