"""The invented customers of the desk, and what each of them does: mails, files, answers.

Everything about a customer follows from the number alone, so that a test knows what to look for.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FIRST = ("Aveline", "Bodil", "Casimir", "Dagny", "Emeric")
LAST = ("Ashgrove", "Birkelund", "Coppersmith", "Drosselbart", "Eschenbach")
TOWNS = ("Aalborg", "Norwich", "Turku", "Gent")


@dataclass(frozen=True)
class Customer:
    """A customer; everything else follows from the number, 0 to 24."""

    number: int

    @property
    def first(self) -> str:
        return FIRST[self.number // len(LAST)]

    @property
    def last(self) -> str:
        return LAST[self.number % len(LAST)]

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{self.first}.{self.last}{self.number:03d}@example.org".lower()

    @property
    def phone(self) -> str:
        return f"+44 1632 96{self.number:04d}"

    @property
    def order(self) -> str:
        return f"ORD-{4000 + self.number}-{self.first[:2].upper()}"

    @property
    def street(self) -> str:
        return f"{700 + self.number} Lantern Lane"

    @property
    def file(self) -> str:
        return f"passport_{self.first}_{self.last}.txt"

    @property
    def elsewhere(self) -> dict[str, str]:
        """What `plant.pl` writes of them, each in one place."""
        stem = f"{self.first}.{self.number:03d}".lower()
        return {
            "former": f"{stem}@former.example.org",
            "alias": f"{stem}@alias.example.org",
            "searched": f"{stem}@searched.example.org",
            "seen": f"{stem}@seen.example.org",
            "crm": f"CRM-{70_000 + 37 * self.number}-{self.last[:3].upper()}",
        }

    @property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Ten values with their kinds, as a list for `lacuna prove-absent` has them."""
        addresses = (self.email, *self.elsewhere.values())
        return (
            *(("email", one) for one in addresses if "@" in one),
            ("external_id", self.elsewhere["crm"]), ("external_id", self.order),
            ("name", self.name), ("phone", self.phone), ("file", self.file),
        )  # fmt: skip

    @property
    def values(self) -> tuple[str, ...]:
        """What is theirs alone."""
        return (
            self.email, self.name, self.phone, self.order, self.street,
            self.file.removesuffix(".txt"),
        )  # fmt: skip

    def mail(self, subject: str, text: str, *, file: bool = False) -> str:
        """Return a mail of theirs, as a mail server hands it to `rt-mailgate`."""
        head = (
            f"From: {self.name} <{self.email}>\nTo: help@desk.example.org\nSubject: {subject}\n"
            f"Date: Mon, 02 Nov 2026 09:{self.number:02d}:00 +0000\nMIME-Version: 1.0\n"
            f"Message-ID: <{zlib.crc32(text.encode()):x}.{self.number}@mail.example.org>\n"
        )
        body = f"{text}\n\nKind regards\n{self.name}\n{self.street}\n{self.phone}\n"
        if not file:
            return f"{head}Content-Type: text/plain; charset=UTF-8\n\n{body}"
        scan = base64.b64encode(b"\x89PNG\x00\x01" + self.name.encode() + b"\x00" * 40).decode()
        return (
            f"{head}Content-Type: multipart/mixed; boundary=cut\n\n"
            f"--cut\nContent-Type: text/plain; charset=UTF-8\n\n{body}\n"
            f'--cut\nContent-Type: text/plain; name="{self.file}"\n'
            f'Content-Disposition: attachment; filename="{self.file}"\n\n'
            f"Passport of {self.name}, {self.street}\n"
            f'--cut\nContent-Type: image/png; name="scan.png"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="scan.png"\n\n{scan}\n--cut--\n'
        )

    def described(self) -> dict[str, object]:
        """Return what the filling program needs to know of them."""
        return {
            "email": self.email, "name": self.name, "phone": self.phone, "order": self.order,
            **self.elsewhere, "street": self.street, "town": TOWNS[self.number % 4], "number": self.number,
            "first": self.mail(
                f"Lamp of order {self.order}", f"My lamp is dark. The order is {self.order}."
            ),
            "second": self.mail("Papers", "Here are the papers that you asked for.", file=True),
            "answer": self.mail("Re: lamp", "It burns again, thank you."),
        }  # fmt: skip


CUSTOMERS = tuple(map(Customer, range(20)))
NEIGHBORS = tuple(map(Customer, range(20, 25)))
"""Customers whom nobody removes."""


def write(path: Path, people: Sequence[Customer]) -> Path:
    """Write customers where the filling program reads them."""
    path.write_text(json.dumps([one.described() for one in people]), "utf-8")
    return path
