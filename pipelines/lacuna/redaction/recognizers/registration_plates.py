"""Registration plates of vehicles, by the forms that the countries of Europe give them.

A form that nothing else has counts anywhere; one that codes and models have, too, counts where its
language is written, or near a word of vehicles.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lacuna.redaction.recognizers.label_search import is_called_public
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

__all__ = ["RegistrationPlateRecognizer"]

_SERIES = "[A-HJ-NP-TV-Z]"  # of letters that look like no figure
_CONSONANTS = "[BCDFGHJKLMNPRSTVWXYZ]"
_NO_MONTH = r"(?!\d{1,2}-(?:JAN|G?ENE?|FE[BV]|MA[RYIJ]|MEI|MRT|A[PBV]R|JU[NL]|AUG|AGO|SE[PT]|O[CKTU]T|NOV|D[EI][CZS])-)"
_NO_CURRENCY = r"(?!KR|DK|NR|TL|CA|CVR|SE|NO)"
_ANYWHERE: Final = (
    rf"{_SERIES}{{2}}(?P<joint>[- ]?)\d{{3}}(?P=joint){_SERIES}{{2}}",  # France, Italy
    r"(?=(?:-?[A-Z\d]){6}(?![A-Z\d]))(?=[-\d]*[A-Z])(?=[-A-Z]*\d)"
    rf"{_NO_MONTH}(?:\d{{1,3}}|[A-Z]{{1,3}})(?:-(?:\d{{1,3}}|[A-Z]{{1,3}})){{2}}",  # Netherlands, Portugal
    r"[1-9]-[A-Z]{3}-\d{3}",  # Belgium
    r"\d{2,3}-[A-Z]{1,2}-\d{3,6}",  # Ireland
    r"[A-Z]{2}\d\d ?[A-Z]{3}",  # United Kingdom
    r"[A-ZÄÖÜ]{1,3}-[A-Z]{2} ?\d{3,4}[EH]?",  # Germany
)
_OF_LANGUAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "da": rf"{_NO_CURRENCY}[A-Z]{{2}} ?\d\d ?\d{{3}}",
        "nb": rf"{_NO_CURRENCY}[A-Z]{{2}} ?\d{{5}}",
        "es": rf"(?!(?:19|20)\d\d)\d{{4}}[ -]?(?!RPM|KMH|GBP|PLN|DKK|CHF|KWH|FPS){_CONSONANTS}{{3}}",
    }
)
_NEAR_VEHICLES: Final = (
    *_OF_LANGUAGE.values(),
    rf"\d{{4}}[ -]?{_CONSONANTS}{{3}}",  # Spain
    r"[A-Z]{3}[ -]?\d\d[A-Z\d]",  # Sweden
    r"[A-Z]{2,3}-\d{1,3}",  # Finland
    r"[A-Z]{2,3} ?(?=[A-Z]{0,4}\d)[A-Z\d]{4,5}",  # Poland
    r"[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[ -]?\d{1,4}[EH]?",  # Germany
    r"[A-Z]{1,2}-\d{1,5} ?[A-Z]{1,3}",  # Austria
)
_VEHICLE = re.compile(
    r"\b(?:cars?|vans?|vehicle|truck|lorry|motor(?:bike|cycle|cykel|sykkel|rad)|scooter|trailer|park(?:ed|ing|er|era|ere|ert|en|hus|ki|platz)\w{0,6}|"
    r"(?:licen[cs]e )?plate|reg|bil(?:en|ens|er|erne|ar|arna)?|varebil|lastbil\w{0,3}|køretøj\w{0,4}|kjøretøy\w{0,4}|fordon\w{0,4}|nummerpl\w{1,6}|skylt|skilt|"
    r"autos?|auto(?:n|ni|nsa|lla|lle|lta|ssa|a|ts|mobil)|wagens?|pkw|lkw|kfz|fahrzeug\w{0,4}|geparkt|geparkeerd|voertuig|kenteken|kennzeichen|"
    r"voiture|véhicule|camion(?:nette)?|moto|scoot|garée?|stationn\w{1,6}|immatricul\w{1,7}|coche|vehículo|furgoneta|furgone|aparc\w{2,8}|matr[ií]cula|"
    r"macchina|veicolo|targ(?:a|ata|ato)|parchegg\w{1,5}|carro|carrinha|viatura|veículo|estacion\w{2,7}|placa|"
    r"samoch\w{2,6}|auta|autem|autko|pojazd\w{0,4}|rejestrac\w{1,6}|zaparkowa\w{1,3}|ajoneuvo\w{0,5}|rekister\w{1,9}|rek|pysäköi\w{1,8})\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 70, 40
_BOUND_BEFORE, _BOUND_AFTER = r"(?<![\w@=€$£%/.#-])", r"(?![\w@%/-]|[.,]\d)"


def _pattern(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"{_BOUND_BEFORE}(?:{'|'.join(forms)}){_BOUND_AFTER}")


class RegistrationPlateRecognizer(RuleRecognizer):
    """Registration plates of vehicles."""

    prefilter_patterns = (r"(?-i:[A-Z]{1,3}[- ]?\d|\d[- ]?[A-Z])",)

    def __init__(self, language: str) -> None:
        super().__init__(["REFERENCE_NUMBER"], language)
        own = _OF_LANGUAGE.get(language)
        self._anywhere = _pattern(*_ANYWHERE, *((own,) if own else ()))
        self._near = _pattern(*_NEAR_VEHICLES)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the plates of a text."""
        for match in self._anywhere.finditer(text):
            if not is_called_public(text, match.start(), most_between=0):
                yield RuleMatch(*match.span(), 0.5)
        near = list(self._near.finditer(text))
        vehicles = [match.start() for match in _VEHICLE.finditer(text)] if near else []
        for match in near:
            start, end = match.span()
            before = bisect_left(vehicles, start)
            after = bisect_left(vehicles, end)
            if (before and vehicles[before - 1] >= start - _BEFORE) or (
                after < len(vehicles) and vehicles[after] <= end + _AFTER
            ):
                yield RuleMatch(start, end, 0.4)
