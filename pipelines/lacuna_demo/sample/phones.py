"""Phone numbers: which are drawn, and how people write them.

Where a regulator has set numbers aside for drama, those are used: Ofcom (GB), 555-0100 to 0199
(US), Bundesnetzagentur (DE), ARCEP (FR), PTS (SE). Denmark and the Netherlands have no such range;
theirs are valid numbers from one block each, made up.
"""

import random
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, repr=False)
class Phone:
    """One phone number. Personal data: it does not print itself.

    Attributes:
        e164: `+` and digits.
        spellings: ways to write it, the E.164 form first; every one has the same last digits.
    """

    e164: str
    spellings: tuple[str, ...]

    @property
    def spaced(self) -> str:
        """The international form with spaces, e.g. `+45 31 98 12 34`."""
        return self.spellings[1]


@dataclass(frozen=True)
class _NumberTemplates:
    """Templates of one country; `#` is a drawn digit.

    Attributes:
        trunk: what replaces the country code in the national form.
        code: country code digits.
        reserved: international templates, drawn first.
        overflow: template of a far larger block, for samples that need more numbers.
    """

    code: str
    trunk: str
    reserved: tuple[str, ...]
    overflow: str


_PLANS = MappingProxyType(
    {
        "DK": _NumberTemplates("45", "", ("+45 31 98 ## ##", "+45 31 97 ## ##"), "+45 31 6# ## ##"),
        "SE": _NumberTemplates(
            "46",
            "0",
            ("+46 8 465 004 ##", "+46 31 390 06 ##", "+46 40 628 04 ##", "+46 980 31 92 ##"),
            "+46 31 39# ## ##",
        ),
        "DE": _NumberTemplates(
            "49",
            "0",
            (
                "+49 30 23125###",
                "+49 69 90009###",
                "+49 40 66969###",
                "+49 221 4710###",
                "+49 89 99998###",
            ),
            "+49 30 235#####",
        ),
        "NL": _NumberTemplates("31", "0", ("+31 85 00# ####",), "+31 20 5## ####"),
        "FR": _NumberTemplates(
            "33",
            "0",
            (
                "+33 1 99 00 ## ##",
                "+33 2 61 91 ## ##",
                "+33 3 53 01 ## ##",
                "+33 4 65 71 ## ##",
                "+33 5 36 49 ## ##",
            ),
            "+33 1 99 0# ## ##",
        ),
        "GB": _NumberTemplates(
            "44",
            "0",
            (
                "+44 20 7946 0###",
                "+44 113 496 0###",
                "+44 121 496 0###",
                "+44 131 496 0###",
                "+44 161 496 0###",
                "+44 191 498 0###",
            ),
            "+44 20 7946 ####",
        ),
        "US": _NumberTemplates(
            "1",
            "",
            ("+1 212-555-01##", "+1 303-555-01##", "+1 415-555-01##", "+1 808-555-01##"),
            "+1 212-555-####",
        ),
    }
)


def spell(country: str, international: str) -> Phone:
    """Return the number with the spellings that people of `country` use.

    >>> spell("DK", "+45 31 98 12 34").spellings
    ('+4531981234', '+45 31 98 12 34', '31 98 12 34', '0045 31 98 12 34', '31981234')
    >>> spell("US", "+1 212-555-0123").spellings[2]
    '(212) 555-0123'
    """
    plan = _PLANS[country]
    digits = "".join(character for character in international if character.isdigit())
    rest = international.removeprefix(f"+{plan.code} ")
    national = plan.trunk + rest
    if country == "US":
        area, local = rest.split("-", 1)
        national = f"({area}) {local}"
    compact = plan.trunk + digits.removeprefix(plan.code)
    forms = ("+" + digits, international, national, f"00{plan.code} {rest}", compact)
    return Phone("+" + digits, forms)


@dataclass
class PhoneBook:
    """Draws numbers that nobody else of this platform has."""

    rng: random.Random
    _used: set[str] = field(default_factory=set)

    def draw(self, country: str) -> Phone:
        """Return a new number of `country` (a key of `names.REGIONS`)."""
        plan = _PLANS[country]
        for attempt in range(1_000):
            template = self.rng.choice(plan.reserved) if attempt < 20 else plan.overflow
            number = "".join(
                str(self.rng.randrange(10)) if character == "#" else character
                for character in template
            )
            if number not in self._used:
                self._used.add(number)
                return spell(country, number)
        raise ValueError(f"sample: the numbers of {country} are used up; ask for fewer contacts")
