"""The invented customers of the desk: what is known of the one with a number, by that number alone."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = (
    "Aveline", "Bodil", "Casimir", "Dagny", "Emeric", "Fenella", "Gaspard", "Hedvig", "Ingmar",
    "Jolanta", "Kasimir", "Ludmila", "Marcel", "Nerys", "Ottilie", "Perpetua", "Quirin", "Rosamund",
    "Sigrun", "Thaddeus",
)  # fmt: skip
LAST = (
    "Ashgrove", "Birkelund", "Coppersmith", "Drosselbart", "Eschenbach", "Fairweather", "Grunewald",
    "Havelock", "Iversholt", "Jellinek",
)  # fmt: skip
WITHOUT_ACCOUNT = (10, 41)
"""Numbers of customers who wrote mails, and never had an account."""
LOGGED_IN = (9, 70, 4)
"""Numbers of customers of whom a session is kept, and whose account an agent changed."""
TOWNS = ("Aalborg", "Norwich", "Turku", "Gent")


@dataclass(frozen=True)
class Customer:
    """A customer; everything else follows from the number, 0 to 199."""

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
    def login(self) -> str:
        return f"{self.first[0]}{self.last}{self.number:03d}".lower()

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
    def customer_number(self) -> str:
        return f"K88{1207 + self.number}"

    @property
    def delivery(self) -> str:
        return f"Please ring at door {self.number}, the bell beside the gate is broken."

    @property
    def street(self) -> str:
        return f"{700 + self.number} Lantern Lane"

    @property
    def file(self) -> str:
        return f"passport_{self.first}_{self.last}.txt"

    @property
    def values(self) -> tuple[str, ...]:
        """What is theirs alone."""
        return (
            self.name, self.login, self.email, self.phone, self.order, self.customer_number, self.street,
            self.file.removesuffix(".txt"),
        )  # fmt: skip
