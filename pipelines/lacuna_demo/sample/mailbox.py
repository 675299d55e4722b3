"""The mailbox of requests: what data subjects write when they use their rights (trap 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.media import RawMail
from lacuna_demo.sample.options import REFERENCE_DATE
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.roles import Roles
from lacuna_demo.sample.text import AnnotatedText, SampleWords, fill, join

_TRAP_REQUEST_MAIL = 20
FOLDER = "inbox/new"


@dataclass(frozen=True)
class _MailDraft:
    """One mail to be written.

    Attributes:
        what: for the test and the reader; becomes no part of the mail.
        genuine: whether the sender's domain vouches for it.
    """

    what: str
    subject: str
    body: str
    genuine: bool = True


_WRITERS: tuple[_MailDraft, ...] = (
    _MailDraft(
        "erasure, in Danish",
        "Slet mine oplysninger",
        "Hej,\n\nJeg vil gerne have slettet alle de oplysninger, I har om mig, efter artikel 17.\n"
        "Mit kundenummer er {external_id}.\n\nVenlig hilsen\n{name}\n{phone}\n",
    ),
    _MailDraft(
        "access",
        "Copy of my data",
        "Hello,\n\nPlease send me a copy of all personal data that you hold about me (article 15).\n"
        "My customer number is {external_id}.\n\nKind regards\n{name}\n",
    ),
    _MailDraft(
        "two rights in one mail, in Danish",
        "Indsigt og sletning",
        "Hej,\n\nJeg beder om indsigt i mine oplysninger. Slet derefter min konto og mine"
        " oplysninger.\n\nVenlig hilsen\n{name}\nOrdre {order}\n",
    ),
    _MailDraft(
        "portability, in French",
        "Portabilité de mes données",
        "Bonjour,\n\nJe souhaite recevoir mes données dans un format structuré (article 20), afin de"
        " les transmettre à une autre société.\n\nCordialement\n{name}\n{phone}\n",
    ),
    _MailDraft(
        "two rights in one mail, in German",
        "Auskunft und Löschung",
        "Guten Tag,\n\nich bitte um Auskunft nach Artikel 15 und danach um die Löschung meiner Daten"
        " nach Artikel 17.\nKundennummer: {external_id}\n\nMit freundlichen Grüßen\n{name}\n",
    ),
    _MailDraft(
        "rectification",
        "Wrong phone number",
        "Hello,\n\nThe number you have for me is wrong. Please correct it to {phone}.\n\n{name}\n",
    ),
    _MailDraft(
        "spoofed",
        "Delete my account at once",
        "Delete everything you have about me today.\n\n{name}\n{phone}\n",
        genuine=False,
    ),
)
"""One for each of the roles' mail writers, in order."""

_UNKNOWN = _MailDraft(
    "unknown address",
    "Please erase my data",
    "Hello,\n\nI once talked to you and want to be forgotten. I do not remember which address I"
    " used.\n\nKind regards\nA. Stranger\n",
)
_FAMILY = _MailDraft(
    "address of two contacts",
    "Sletning",
    "Hej,\n\nSlet venligst mine oplysninger.\n\nHilsen\n{name}\n",
)
_NOISE = _MailDraft(
    "no request",
    "Out of office",
    "Thank you for your message. I am away and will answer next week.\n",
)


def write_mailbox(draft: SampleDraft, roles: Roles) -> None:
    """Write the mails that wait; the writers are those of `roles`, in order."""
    for position, (index, request) in enumerate(zip(roles.mail_writers, _WRITERS, strict=True)):
        contact = draft.cast[index]
        _write(draft, position, request, contact, contact.email)
    position = len(_WRITERS)
    stranger = AnnotatedText("a.stranger@nowhere.invalid")
    _write(draft, position, _UNKNOWN, None, stranger)
    family = [draft.cast[index] for index in sorted(roles.family_mailbox)]
    writer = next((one for one in family if one.org is draft.organizations[0]), family[0])
    _write(draft, position + 1, _FAMILY, writer, writer.emails[-1])
    _write(draft, position + 2, _NOISE, None, AnnotatedText("someone.else@example.net"))
    draft.traps[_TRAP_REQUEST_MAIL] = position + 2


def _write(
    draft: SampleDraft,
    position: int,
    request: _MailDraft,
    contact: Contact | None,
    address: AnnotatedText,
) -> None:
    organization = draft.organizations[0] if contact is None else contact.org
    sent_at = REFERENCE_DATE - timedelta(hours=40 - 3 * position)
    values: dict[str, SampleWords] = {}
    name = AnnotatedText("")
    if contact is not None:
        name = contact.name
        values = {
            "name": contact.name,
            "phone": contact.phone(1),
            "external_id": contact.external_id,
            "order": contact.order,
        }
    body = fill(request.body, values)
    number = 9_000 + position
    mail = RawMail(
        sender=(name.string, address.string),
        to=[(organization.name, organization.privacy_address)],
        cc=[],
        subject=request.subject,
        sent_at=sent_at,
        message_id=f"{number}.{draft.rng.getrandbits(40):010x}@{_domain(address)}",
        text=body.string,
        headers=_headers(request, address, organization.privacy_address, sent_at),
    )
    draft.file(
        f"{FOLDER}/{int(sent_at.timestamp())}.M{number}.sample",
        partial(RawMail.as_bytes, mail),
        contact,
        join("", (body, name, address)).said,
        "mail",
    )


def _headers(
    request: _MailDraft, address: AnnotatedText, to: str, sent_at: datetime
) -> Sequence[tuple[str, str]]:
    domain, host = _domain(address), to.partition("@")[2]
    results = (
        f"mx.{host}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}; "
        f"dmarc=pass header.from={domain}"
    )
    headers = [("Delivered-To", to), ("Return-Path", f"<{address.string}>")]
    if not request.genuine:
        results = f"mx.{host}; dkim=none; spf=fail smtp.mailfrom={domain}; dmarc=fail header.from={domain}"
        headers.append(("Reply-To", "collector@elsewhere.invalid"))
    headers.append(("Authentication-Results", results))
    if request is _NOISE:
        headers.append(("Auto-Submitted", "auto-replied"))
    stamp = sent_at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    headers.append(("Received", f"from mail.{domain} by mx.{host} with ESMTPS; {stamp}"))
    return headers


def _domain(address: AnnotatedText) -> str:
    return address.string.partition("@")[2]
