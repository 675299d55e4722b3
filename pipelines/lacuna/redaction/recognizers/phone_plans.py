"""National numbering plans: which digits are a telephone number in which country.

The plans are those of the package `phonenumbers`, compiled to one pattern per country, so that
a number is held against all countries of Europe in microseconds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from phonenumbers import PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

STOCK = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
"""The countries that Presidio itself knows."""

_EUROPE = """
AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
EUROPE = tuple(_EUROPE.split())
"""The countries of the European Economic Area, the United Kingdom and Switzerland."""

OF_LANGUAGE = MappingProxyType(
    {
        "en": ("US", "GB", "IE", "CA"),
        "da": ("DK",),
        "de": ("DE", "AT", "CH"),
        "es": ("ES",),
        "fi": ("FI",),
        "fr": ("FR", "BE", "CH", "LU"),
        "it": ("IT", "CH"),
        "nb": ("NO",),
        "nl": ("NL", "BE"),
        "pl": ("PL",),
        "pt": ("PT", "BR"),
        "sv": ("SE", "FI"),
    }
)
"""Countries whose numbers are expected, without their country code, in a text of a language."""


@dataclass(frozen=True)
class NumberingPlan:
    """The numbering plan of one country.

    Attributes:
        prefix: the prefix of a national number within the country: `0`, or nothing.
        needs_prefix: whether a number without it is not one.
    """

    country: str
    numbers: re.Pattern[str]
    prefix: re.Pattern[str] | None
    needs_prefix: bool

    def holds(self, digits: str) -> bool:
        """Return whether the digits are a number as it is dialled within the country."""
        prefix = None if self.prefix is None else self.prefix.match(digits)
        if prefix is not None and prefix.end() and self.numbers.fullmatch(digits, prefix.end()):
            return True
        return not self.needs_prefix and self.numbers.fullmatch(digits) is not None


def holding(digits: str, countries: Iterable[str]) -> str | None:
    """Return the first of the countries in which the digits are a number."""
    return next((country for country in countries if plan(country).holds(digits)), None)


@cache
def plan(country: str) -> NumberingPlan:
    """Return the numbering plan of a country (ISO 3166, two letters)."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise LookupError(country)
    kinds: list[PhoneNumberDesc | None] = [
        metadata.fixed_line,
        metadata.mobile,
        metadata.toll_free,
        metadata.premium_rate,
        metadata.shared_cost,
        metadata.personal_number,
        metadata.voip,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    ]
    patterns = {one.national_number_pattern for one in kinds if one is not None}
    alternatives = "|".join(sorted(f"(?:{one})" for one in patterns if one))
    prefix = metadata.national_prefix_for_parsing
    optional = any(one.national_prefix_optional_when_formatting for one in metadata.number_format)
    return NumberingPlan(
        country,
        re.compile(alternatives),
        # A rule that rewrites the number is for dialling habits of a few countries.
        None if prefix is None or metadata.national_prefix_transform_rule else re.compile(prefix),
        metadata.national_prefix == "0" and not optional,
    )
