"""Realistic request mails with what each asks for and for whom, and the people in a platform."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
import psycopg

from lacuna.intake import read_mail

FOLDER = Path(__file__).parents[1] / "intake" / "mails"
ORG = "fjordlys"
SERVER = "mx2.shop.example.org"
_RESULTS = re.compile(rb"^Authentication-Results:", re.MULTILINE | re.IGNORECASE)
REGIONS = {
    "da": "DK", "de": "DE", "en": "GB", "es": "ES", "fi": "FI", "fr": "FR", "it": "IT",
    "nb": "NO", "nl": "NL", "pl": "PL", "pt": "PT", "sv": "SE", "mixed": "DK",
}  # fmt: skip


@dataclass(frozen=True)
class RequestMail:
    """A mail and what a person reads in it.

    Attributes:
        is_decidable: whether a person would decide it without asking back.
        rights: what it asks for; empty for no request.
        identifiers: of the person, by kind.
        sender_is: person, agent, authorized_controller or other.
    """

    name: str
    language: str
    kind: str
    is_decidable: bool
    rights: frozenset[str]
    identifiers: tuple[tuple[str, str], ...]
    sender_is: str

    @property
    def number(self) -> int:
        return int(self.name[1:-4])

    @property
    def content(self) -> bytes:
        return (FOLDER / self.name).read_bytes()

    @property
    def vouched(self) -> bytes:
        """The mail as if our own server had found its sender's domain to vouch for it."""
        domain = (read_mail(self.content).sender or "").rpartition("@")[2]
        said = f"{SERVER}; dmarc=pass header.from={domain}" if domain else f"{SERVER}; none"
        head = f"Authentication-Results: {said}\r\n".encode()
        return head + _RESULTS.sub(b"X-Before:", self.content)


def request_mails() -> list[RequestMail]:
    lines = [
        line
        for file in sorted(FOLDER.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return [
        RequestMail(
            name=entry["file"],
            language=entry["language"],
            kind=entry["kind"],
            is_decidable=entry["decidable"],
            rights=frozenset(entry["rights"]),
            identifiers=tuple((one["kind"], one["value"]) for one in entry["identifiers"]),
            sender_is=entry["sender_is"],
        )
        for entry in map(json.loads, lines)
    ]


def write_tenants(path: Path, mails: list[RequestMail], senders: dict[str, str]) -> None:
    """Write the file of tenants: one shop, its mailboxes, agents' domain and authorized people."""
    authorized = sorted(
        senders[mail.name] for mail in mails if mail.sender_is == "authorized_controller"
    )
    agents = {senders[mail.name].rpartition("@")[2] for mail in mails if mail.sender_is == "agent"}
    domains = sorted({"shop.example.org", *agents, *(one.rpartition("@")[2] for one in authorized)})
    boxes = sorted({box for mail in mails for box in _boxes(mail)})
    servers = sorted({SERVER, *(read_mail(mail.content).received_by for mail in mails)} - {""})
    path.write_text(
        f"trusted_servers: [{', '.join(servers)}]\n"
        "tenants:\n"
        f"  {ORG}:\n"
        "    name: Shop\n    country: DK\n    language: en\n"
        f"    addresses: [{', '.join(boxes)}]\n"
        f"    domains: [{', '.join(domains)}]\n"
        f"    authorized: [{', '.join(authorized)}]\n",
        "utf-8",
    )


def _boxes(mail: RequestMail) -> set[str]:
    """Return the mailboxes that a mail came to: those it was written to, if it does not say."""
    delivered = {
        line.split(b":", 1)[1].strip().decode()
        for line in mail.content.split(b"\n")
        if line.lower().startswith(b"delivered-to:")
    }
    return delivered or set(read_mail(mail.content).recipients)


def add_people(url: str, mails: list[RequestMail]) -> dict[str, set[str]]:
    """Add the people whom the mails are about, and others who look like them; return ids by mail."""
    added: dict[str, set[str]] = {}
    alias = 9_000_000
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for mail in mails:
            for values in _people(mail):
                contact_id = str(uuid.uuid4())
                added.setdefault(mail.name, set()).add(contact_id)
                name = next((value for kind, value in values if kind == "name"), "Some Body")
                _add_contact(connection, contact_id, name, f"x.{contact_id}@nobody.invalid")
                # Somebody of the same name, whom nobody asked about.
                other_id = str(uuid.uuid4())
                _add_contact(connection, other_id, name, f"y.{other_id}@nobody.invalid")
                for kind, value in values:
                    text = _normal(kind, value, mail.language)
                    if text is not None:
                        alias += 1
                        connection.execute(
                            "insert into contact_center.contact_aliases values "
                            "(%s, %s, %s, %s, %s, 'import', %s)",
                            [alias, ORG, contact_id, kind, text, datetime.now(UTC)],
                        )
    return added


def _people(mail: RequestMail) -> list[list[tuple[str, str]]]:
    """Split identifiers into people: a second name begins another person."""
    people: list[list[tuple[str, str]]] = [[]]
    for kind, value in mail.identifiers:
        is_second = mail.kind == "two_persons" and kind == "name" and people[-1]
        if is_second:
            people.append([])
        people[-1].append((kind, value))
    return [person for person in people if any(kind != "name" for kind, _ in person)]


def _add_contact(connection, contact_id: str, name: str, email: str) -> None:
    first, _, last = name.partition(" ")
    connection.execute(
        "insert into contact_center.contacts (contact_id, org_id, display_name, first_name, "
        "last_name, email, created_at) values (%s, %s, %s, %s, %s, %s, %s)",
        [contact_id, ORG, name, first, last or first, email, datetime.now(UTC)],
    )


def _normal(kind: str, value: str, language: str) -> str | None:
    if kind == "phone":
        parsed = phonenumbers.parse(value, REGIONS[language])
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if kind == "email":
        return value.lower()
    return value if kind == "external_id" else None
