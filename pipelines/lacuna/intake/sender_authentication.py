"""Says whether a mail's own domain vouches for its sender.

1. DKIM, verified here (RFC 6376): a signature of the sender's domain or of one above it, that covers
   the whole body and every field that is read: whoever hands a signed mail on may add what is not
   covered. A signature with `l=` leaves room for words that nobody signed, so it counts as none
   (dkimpy verifies it; found on 2026-11-24 with 1.1.8). Large senders leave Content-Type open; then
   the body has to have one reading alone.
2. DMARC or DKIM as one of our own mail servers saw it: in the one header of its name, at the place
   where it writes. It does not say what a signature covers, so that is looked at here, unless SPF
   says that the mail came from the domain by itself. SPF alone says nothing of From, and ARC is what
   others say.
"""

import logging
import re
from collections import Counter
from email.message import Message
from functools import cache, cached_property
from typing import Final

from lacuna.intake.mail.alignment import is_aligned, is_related, is_same
from lacuna.intake.mail.readings import has_one_reading, header_of
from lacuna.model.mail import Mail, MethodResult
from lacuna.ports import MailKeys

_MOST_SIGNATURES: Final = 5
_LONGEST_SIGNATURE: Final = 4_096
_LONGEST_KEY: Final = 2_048
_MOST_BLANKS: Final = 20_000_000
"""Squares of the lengths of all runs of blanks: what dkimpy's patterns take for them, in steps."""
_COVERED: Final = frozenset({b"from", b"to", b"cc", b"subject", b"date"})
_FORM: Final = (b"content-type", b"content-transfer-encoding")
_ALGORITHMS: Final = frozenset({b"rsa-sha256", b"ed25519-sha256"})  # RFC 8301: never SHA-1
_SERVICES: Final = frozenset({b"*", b"email"})
_DOMAIN: Final = re.compile(
    r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE
)
_TAG_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
_BLANKS: Final = re.compile(rb"[ \t]+")
# dkimpy logs what it reads of mails and keys.
_SILENT: Final = logging.Logger("dkim", logging.CRITICAL + 1)


def is_vouched(
    mail: Mail, content: bytes, *, trusted_servers: tuple[str, ...], keys: MailKeys
) -> bool:
    """Whether the domain of a mail's one sender vouches for it."""
    sender = mail.sender
    if sender is None:
        return False
    # A signature covers the line ends of transport, which a mailbox of files may have lost.
    content = re.sub(rb"\r?\n", b"\r\n", content)
    try:
        signed = _SignedMail(content)
    except _broken():
        return False
    domain = sender.rpartition("@")[2]
    return _server_says_so(mail, domain, trusted_servers, signed) or signed.holds(domain, keys)


@cache
def _broken() -> tuple[type[Exception], ...]:
    """Return the errors of dkimpy for signatures and keys that it was not written for."""
    # dkimpy is imported in functions: it brings a resolver along, which every command would load.
    from dkim import DKIMException
    from dkim.util import InvalidTagValueList

    return (
        *(DKIMException, InvalidTagValueList, ArithmeticError, AssertionError, AttributeError),
        *(LookupError, NameError, TypeError, ValueError),
    )


class _SignedMail:
    """A mail and the signatures that it carries."""

    def __init__(self, content: bytes) -> None:
        from dkim import DKIM

        self._content = content
        self._mail = DKIM(content, logger=_SILENT)
        self._counts = Counter(name.lower() for name, _ in self._mail.headers)
        self._signatures = [
            value for name, value in self._mail.headers if name.lower() == b"dkim-signature"
        ]

    def holds(self, domain: str, keys: MailKeys) -> bool:
        """Whether a signature of this domain, or of one above it, covers the mail and is right."""
        if sum(len(run[0]) ** 2 for run in _BLANKS.finditer(self._content)) > _MOST_BLANKS:
            return False
        for index, value in enumerate(self._signatures[:_MOST_SIGNATURES]):
            try:
                tags = _tags(value)
                if not _is_plain(tags, domain) or not self._is_whole(tags):
                    continue
                key = _KeyLookup(tags, keys)
                if self._mail.verify(idx=index, dnsfunc=key.text):
                    return True
            except _broken():
                continue  # a signature that cannot be read vouches for nobody
        return False

    def covers(self, domain: str) -> bool | None:
        """Whether each signature of a domain's organization is its own and covers the mail.

        None where there is no such signature.
        """
        found: bool | None = None
        for value in self._signatures:
            try:
                tags = _tags(value)
                if is_related(tags[b"d"].decode("ascii"), domain):
                    found = found is not False and _is_plain(tags, domain) and self._is_whole(tags)
            except _broken():
                return False
        return found

    def _is_whole(self, tags: dict[bytes, bytes]) -> bool:
        """Whether a signature covers all of the body, and each field of those that are read."""
        covered = Counter(name.strip().lower() for name in tags[b"h"].split(b":"))
        return (
            b"l" not in tags
            and all(covered[name] >= self._counts[name] for name in _COVERED)
            and self._is_form_plain(covered)
        )

    def _is_form_plain(self, covered: Counter[bytes]) -> bool:
        """Whether nobody can change how the body is read, nor take away what says it.

        Parts say their encoding themselves. MIME-Version is not asked: nothing is read from it.
        """
        is_kind, is_encoding = (covered[name] >= max(self._counts[name], 1) for name in _FORM)
        if is_kind and (is_encoding or self._header.get_content_maintype() == "multipart"):
            return True
        return has_one_reading(self._header, self._mail.body, is_encoding_signed=is_encoding)

    @cached_property
    def _header(self) -> Message:
        return header_of(self._content)


def _tags(value: bytes) -> dict[bytes, bytes]:
    """Return the tags of a signature, or of a key, as dkimpy reads them.

    Raises:
        ValueError: one of them has no name of the grammar.
        InvalidTagValueList: there is no such list, or a tag stands in it twice.
    """
    if len(value) > _LONGEST_SIGNATURE:
        raise ValueError("a list of tags is too long")
    from dkim.util import parse_tag_value

    tags: dict[bytes, bytes] = parse_tag_value(value)
    if not all(map(_TAG_NAME.fullmatch, tags)):
        raise ValueError("a tag has no name")
    return tags


def _is_plain(tags: dict[bytes, bytes], domain: str) -> bool:
    """Whether a signature is of the sender's domain, with an algorithm that still counts."""
    signer, selector = (tags[name].decode("ascii") for name in (b"d", b"s"))
    return (
        tags[b"a"] in _ALGORITHMS
        and _DOMAIN.fullmatch(f"{selector}.{signer}") is not None
        and is_aligned(signer, domain)
    )


class _KeyLookup:
    """Looks the key of a signature up, as far as its owner meant it for such signatures."""

    def __init__(self, tags: dict[bytes, bytes], keys: MailKeys) -> None:
        self._tags, self._keys = tags, keys

    def text(self, name: bytes, timeout: int = 5) -> bytes | None:
        """Return the record, or None for what counts as no signature (RFC 6376, 3.6.1)."""
        record = self._keys.text(name)
        if record is None or len(record) > _LONGEST_KEY:
            return None
        tags = _tags(record)
        flags, hashes, services = (
            frozenset(one.strip() for one in tags.get(tag, default).split(b":"))
            for tag, default in ((b"t", b""), (b"h", b"sha256"), (b"s", b"*"))
        )
        identity = self._tags.get(b"i", b"@" + self._tags[b"d"]).rpartition(b"@")[2].lower()
        is_strange = b"s" in flags and identity != self._tags[b"d"].lower()
        if b"y" in flags or is_strange or b"sha256" not in hashes or not services & _SERVICES:
            return None
        return record


def _server_says_so(
    mail: Mail, domain: str, trusted_servers: tuple[str, ...], signed: _SignedMail
) -> bool:
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
            and _is_own(findings, domain, signed)
        )
    by_dkim = [one for one in findings if one.method == "dkim"]
    if any(one.result == "none" for one in by_dkim) or signed.covers(domain) is False:
        return False
    return any(one.result == "pass" and is_aligned(_signer(one), domain) for one in by_dkim)


def _is_own(findings: tuple[MethodResult, ...], domain: str, signed: _SignedMail) -> bool:
    """Whether DMARC passed by the domain itself: not by a supplier's host, nor by half a signature.

    Without a signature it passed by SPF; where the server does not say for whom, it is believed.
    """
    by_spf = [one for one in findings if (one.method, one.result) == ("spf", "pass")]
    senders = [(one.the("smtp.mailfrom") or "").rpartition("@")[2] for one in by_spf]
    covered = signed.covers(domain)
    if any(is_aligned(sender, domain) for sender in senders):
        return True
    return not senders if covered is None else covered


def _signer(finding: MethodResult) -> str:
    """Return the domain that signed; empty where it is not plain. Some servers say only the identity."""
    if finding.has("header.d"):
        return finding.the("header.d") or ""
    return (finding.the("header.i") or "").rpartition("@")[2]
