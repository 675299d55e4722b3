"""Phone numbers of many countries in one pass over a text.

Presidio reads a text once for every country. Nearly always all countries agree: there is no number,
or it is the same one. So one pass asks for each candidate which countries accept it, remembers the
answer, and reads a text country by country only where they would go on at different places.
"""

import re
from collections.abc import Iterable, Sequence

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberMatch,
    PhoneNumberMatcher,
)

from lacuna.redaction.time_limits import check

_KEPT_VERDICTS = 1 << 15
# A number with an international prefix has more digits than its own country asks for.
_FEWEST_INTERNATIONAL = 8
_PREFIXES = 3
_ANY = PhoneNumber()
# Digits and what stands between them: no plus, no letter of an extension.
_PLAIN = re.compile(r"[0-9 ()\[\]./\u00a0-]*")
_GROUP = re.compile(r"[\\$]\d")

Verdicts = dict[tuple[str, str, str], int]


class PhoneFinder:
    """Finds what `PhoneNumberMatcher` finds with any of some countries."""

    def __init__(self, regions: Sequence[str], leniency: int = 1) -> None:
        """Look for numbers of `regions` (ISO 3166), as strict as `leniency` says."""
        self._regions = tuple(dict.fromkeys(regions))
        self._leniency = leniency
        self._fewest = [_fewest_digits(region) for region in self._regions]
        self._shapes = [_Shape(region) for region in self._regions]
        self._verdicts: Verdicts = {}
        self.fewest_digits = max(2, min(self._fewest, default=2))

    @property
    def prefilter_patterns(self) -> tuple[str, ...]:
        """Between two digits of a number there are at most four other characters."""
        return (rf"(?:\d\D{{0,4}}){{{self.fewest_digits - 1}}}\d",)

    def find(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of every number, none inside another one."""
        if not self._regions:
            return []
        if len(self._verdicts) > _KEPT_VERDICTS:
            self._verdicts.clear()
        try:
            found = self._read(_SharedMatcher(text, self, self._leniency))
        except _Diverged:
            found = [
                place
                for number in range(len(self._regions))
                for place in self._read(_RegionMatcher(text, self, self._leniency, number))
            ]
        return _outermost(found)

    def verdict(self, matcher: "_CountryMatcher", candidate: str, offset: int) -> int:
        """Return which countries accept a candidate, as bits."""
        end = offset + len(candidate)
        text = matcher.text
        # Nothing else of the text counts.
        key = (candidate, text[offset - 1 : offset], text[end : end + 1])
        known = self._verdicts.get(key)
        if known is None:
            check()
            known = self._verdicts[key] = self._judged(matcher, candidate, offset)
        return known

    def _judged(self, matcher: "_CountryMatcher", candidate: str, offset: int) -> int:
        digits = "".join(filter(str.isdigit, candidate))
        plain = _PLAIN.fullmatch(candidate) is not None
        accepted = 0
        for number, region in enumerate(self._regions):
            if len(digits) < self._fewest[number]:
                continue
            if plain and not self._shapes[number].may_hold(digits):
                continue
            matcher.preferred_region = region
            if matcher.accepts(candidate, offset):
                accepted |= 1 << number
        return accepted

    @property
    def everywhere(self) -> int:
        """The bits of all countries."""
        return (1 << len(self._regions)) - 1

    @staticmethod
    def _read(matcher: "_CountryMatcher") -> list[tuple[int, int]]:
        return [(match.start, match.end) for match in matcher]


class _Shape:
    """What the digits of a country's numbers look like: no more than a first, cheap look."""

    def __init__(self, region: str) -> None:
        metadata = PhoneMetadata.metadata_for_region(region, None)
        self._anything = metadata is None or bool(metadata.national_prefix_transform_rule)
        if metadata is None:
            return
        self._country = str(metadata.country_code)
        self._abroad = re.compile(metadata.international_prefix or "$.")
        self._prefix = re.compile(metadata.national_prefix_for_parsing or "$.")
        patterns = []
        # Countries may share a code: a number of any of them is one.
        for other in COUNTRY_CODE_TO_REGION_CODE.get(metadata.country_code or 0, ()):
            shared = PhoneMetadata.metadata_for_region(other, None)
            description = shared.general_desc if shared is not None else None
            if description is None or description.national_number_pattern is None:
                self._anything = True
            else:
                patterns.append(f"(?:{description.national_number_pattern})")
        self._numbers = re.compile("|".join(patterns))

    def may_hold(self, digits: str) -> bool:
        """Whether digits, which no plus stands before, may be a number in this country."""
        if self._anything or self._abroad.match(digits):
            return True
        starts = [digits]
        if digits.startswith(self._country):
            starts.append(digits[len(self._country) :])
        for start in starts:
            # A prefix may be taken away before and after the country's code is.
            for _ in range(_PREFIXES):
                if self._numbers.fullmatch(start):
                    return True
                prefix = self._prefix.match(start)
                if prefix is None:
                    break
                start = start[prefix.end() :]
        return False


class _Diverged(Exception):
    """The countries go on at different places of the text."""


class _CountryMatcher(PhoneNumberMatcher):
    """Asks the finder for the verdict of the countries it reads for."""

    def __init__(self, text: str, finder: PhoneFinder, leniency: int, asked: int) -> None:
        super().__init__(text, None, leniency=leniency)
        self._finder = finder
        self._asked = asked

    def accepts(self, candidate: str, offset: int) -> bool:
        """Whether the preferred region accepts a candidate."""
        return super()._parse_and_verify(candidate, offset) is not None

    def _parse_and_verify(self, candidate: str, offset: int) -> PhoneNumberMatch | None:
        if self._finder.verdict(self, candidate, offset) & self._asked:
            return PhoneNumberMatch(offset, candidate, _ANY)
        return None


class _RegionMatcher(_CountryMatcher):
    def __init__(self, text: str, finder: PhoneFinder, leniency: int, number: int) -> None:
        super().__init__(text, finder, leniency, 1 << number)


class _SharedMatcher(_CountryMatcher):
    """Reads for all countries at once, as long as they agree where to go on."""

    def __init__(self, text: str, finder: PhoneFinder, leniency: int) -> None:
        super().__init__(text, finder, leniency, finder.everywhere)

    def _extract_match(self, candidate: str, offset: int) -> PhoneNumberMatch | None:
        match = super()._extract_match(candidate, offset)
        if match is not None:
            others = self._finder.everywhere & ~self._finder.verdict(self, candidate, offset)
            if others:
                # For them the candidate is no number; is a part of it?
                self._asked = others
                self._extract_inner_match(candidate, offset)
                self._asked = self._finder.everywhere
        return match

    def _extract_inner_match(self, candidate: str, offset: int) -> None:
        if super()._extract_inner_match(candidate, offset) is not None:
            raise _Diverged


def _fewest_digits(region: str) -> int:
    """Return how many digits a text must have for a number of a country, at least."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return 0
    description = metadata.general_desc
    possible = description.possible_length if description is not None else ()
    lengths = [length for length in possible or () if length > 0]
    # Digits that are put in front while a number is read need not be in the text.
    put = _GROUP.sub("", metadata.national_prefix_transform_rule or "")
    return min([*lengths, _FEWEST_INTERNATIONAL]) - sum(map(str.isdigit, put))


def _outermost(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    furthest = -1
    for start, end in sorted(set(places), key=lambda place: (place[0], -place[1])):
        if end > furthest:
            result.append((start, end))
            furthest = end
    return result
