"""The recognizers of the engine: Presidio's stock ones, made to fail closed, and European ones."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import regex  # type: ignore[import-untyped]  # as Presidio does: `re` knows no time-out
import tldextract
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import (
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
    EmailRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    ItFiscalCodeRecognizer,
    PhoneRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    SpacyRecognizer,
    UkNinoRecognizer,
)
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from pipelines.redaction.deadlines import OutOfTime, check, remaining
from pipelines.redaction.options import EngineOptions, Profile

_CASED = re.DOTALL | re.MULTILINE
_PHONE_DIGITS = 6

# Ids with a check digit or a shape of their own; a customer may write any of them in any language.
_NATIONAL_IDS = (
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    ItFiscalCodeRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    UkNinoRecognizer,
)


def stock(language: str) -> list[EntityRecognizer]:
    """Return the recognizers that Presidio itself uses for English, without the NER one."""
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    recognizers = [one for one in registry.recognizers if not isinstance(one, SpacyRecognizer)]
    for one in recognizers:
        one.supported_language = language
    return recognizers


def replaced(language: str, options: EngineOptions) -> list[EntityRecognizer]:
    """Return what stands in the place of a stock recognizer."""
    return [
        OfflineEmailRecognizer(supported_language=language),
        RegionalPhoneRecognizer(
            supported_language=language, supported_regions=options.phone_regions
        ),
    ]


def european(language: str) -> list[EntityRecognizer]:
    """Return what the engine adds to the stock recognizers."""
    return [
        CprRecognizer(language),
        StreetAddressRecognizer(language),
        *(recognizer(supported_language=language) for recognizer in _NATIONAL_IDS),
    ]


def all_for(language: str, options: EngineOptions) -> list[EntityRecognizer]:
    """Return every recognizer for one language, each of them failing closed."""
    if options.profile is Profile.EXACT:
        recognizers = [one for one in stock(language) if not isinstance(one, EmailRecognizer)]
        recognizers.append(StockEmailRecognizer(supported_language=language))
        return limited(recognizers, options)
    recognizers = [
        one for one in stock(language) if not isinstance(one, (EmailRecognizer, PhoneRecognizer))
    ]
    recognizers += replaced(language, options)
    recognizers += european(language)
    return limited(recognizers, options)


def limited(
    recognizers: Iterable[EntityRecognizer], options: EngineOptions
) -> list[EntityRecognizer]:
    """Return the recognizers, failing closed."""
    return [failing_closed(one, options.pattern_seconds) for one in recognizers]


def failing_closed(recognizer: EntityRecognizer, seconds: float) -> EntityRecognizer:
    """Give each pattern a time limit that raises; Presidio would go on without the pattern."""
    if isinstance(recognizer, PatternRecognizer):
        flags = recognizer.global_regex_flags or 0
        stock_patterns: list[Pattern] = vars(recognizer)["patterns"]
        patterns = []
        for shared in stock_patterns:
            # A copy: Presidio keeps its patterns on the class, for all engines of a process.
            pattern = Pattern(shared.name, shared.regex, shared.score)
            # Set, so that Presidio does not compile its own.
            vars(pattern).update(
                compiled_with_flags=flags,
                compiled_regex=_LimitedRegex(pattern.regex, flags, seconds),
            )
            patterns.append(pattern)
        vars(recognizer)["patterns"] = patterns
    return recognizer


class _LimitedRegex:
    """A compiled pattern whose time-out is not a `TimeoutError`."""

    def __init__(self, pattern: str, flags: int, seconds: float) -> None:
        self._regex = regex.compile(pattern, flags)
        self._seconds = seconds

    def finditer(self, text: str, timeout: float | None = None) -> Iterator["re.Match[str]"]:
        limit = remaining(min(self._seconds, timeout or self._seconds))
        try:
            yield from self._regex.finditer(text, timeout=limit)
        except TimeoutError:
            raise OutOfTime from None


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    """Return the public suffixes that the package brings: the network is never asked."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class StockEmailRecognizer(EmailRecognizer):
    """Presidio's, which would fetch the list of public suffixes at the first address."""

    def __init__(self, supported_language: str) -> None:
        super().__init__(supported_language=supported_language, name=EmailRecognizer.__name__)

    def validate_result(self, pattern_text: str) -> bool:
        """Return whether the address ends in a public suffix, as the package knows them."""
        return bool(_suffixes()(pattern_text).fqdn)


class OfflineEmailRecognizer(EmailRecognizer):
    """Presidio's, for addresses inside a company too, without its fetch of public suffixes.

    The stock one drops addresses that end in no public suffix; an address such as
    `ada@mail.internal` is personal all the same, so here it keeps the pattern's score.
    """

    def validate_result(self, pattern_text: str) -> bool | None:
        """Return True if the address ends in a public suffix, else None: not decided."""
        return True if _suffixes()(pattern_text).fqdn else None


class RegionalPhoneRecognizer(PhoneRecognizer):
    """Presidio's, for more countries, and only where there are digits enough for a number."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the phone numbers of a text."""
        if sum(map(str.isdigit, text)) < _PHONE_DIGITS:
            return []
        check()
        found: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)  # type: ignore[arg-type]
        return found


class CprRecognizer(PatternRecognizer):
    """The Danish civil registration number: a date of birth and four digits.

    Since 2007 numbers without a valid check digit are given out, so it proves nothing.
    """

    def __init__(self, language: str) -> None:
        super().__init__(
            supported_entity="DK_CPR",
            patterns=[
                Pattern("CPR with separator", r"(?<![\d-])\d{6}[-– ]\d{4}(?![\d-])", 0.6),
                Pattern("CPR without separator", r"(?<![\d+-])\d{10}(?![\d-])", 0.2),
            ],
            context=["cpr", "personnummer", "fødselsnummer", "sygesikring", "fødselsdag"],
            supported_language=language,
            name="CprRecognizer",
        )

    def invalidate_result(self, pattern_text: str) -> bool:
        """Return whether the first six digits are no date."""
        day, month, year = (int(pattern_text[at : at + 2]) for at in (0, 2, 4))
        try:
            # A leap year, whichever century it was: 1900 was none, but nobody is left of it.
            date(2000 + year, month, day)
        except ValueError:
            return True
        return False


_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*+"
_NUMBER = r"\d{1,5}(?:[ ]?[-/–][ ]?\d{1,5})?(?:[ ]?[A-Za-z](?!\w)|[ ](?:bis|ter)\b)?"
_UNIT = (
    r"(?:,?[ ]*\n?[ ]*(?:(?:[Aa]pt|[Aa]partment|[Ss]uite|[Uu]nit|[Ff]lat|[Ff]loor|[Rr]oom)\b\.?[ ]*#?"
    r"\w{1,5}|\d{1,2}\.?[ ]?(?:sal|th|tv|mf|tr|og|[ée]tage|Stock|OG|vån)\b\.?(?:[ ]?(?:th|tv|mf)\b\.?)?"
    r"|st\.?[ ]?(?:th|tv|mf)\b\.?|#[ ]?\w{1,5}))?"
)
_POSTCODE = (
    r"(?:[A-Z]{1,2}-)?\d{2,3}[ ]\d{2,3}|(?:[A-Z]{1,2}-)?\d{4,5}(?:[ ]?[A-Z]{2}\b|-\d{3,4})?|"
    r"\d{2}-\d{3}|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]{2}[ ]\d{5}"
)
_TOWN = r"[^\W\d_a-zß-öø-ÿ][\w'’-]*+"
_CITY = rf"{_TOWN}(?:[ ](?:{_TOWN}|[A-Z]\b)){{0,2}}"
_PLACE = (
    rf"(?:[ ]*[,\n][ ]*(?:(?:{_POSTCODE})(?:[ ]{_CITY})?|{_CITY},?[ ](?:{_POSTCODE})\b|{_CITY}))?"
    rf"(?:[ ]*[,\n][ ]*(?:{_POSTCODE})\b(?:[ ]{_CITY})?)?"
)
_ENGLISH = (
    r"(?:[Ss]treet|STREET|[Rr]oad|ROAD|[Aa]venue|AVENUE|[Ll]ane|LANE|[Bb]oulevard|Drive|DRIVE|Court|"
    r"Place|Square|Terrace|Crescent|Close|Way|Parkway|Highway|Gardens|Grove|Mews|Quay|Hill|Row|Walk|"
    r"St|ST|Rd|RD|Ave|AVE|Blvd|Ln|Dr|Ct|Pl|Sq|Cres|Hwy|Pkwy)\b\.?"
)
_GLUED = (
    r"(?:[^\W\d_][\w'’.-]{0,40}?(?:stra(?:ß|ss)e|str\.|gasse|allee|ufer|damm|"
    r"gade|gaden|vej|vejen|vænget|all[eé]|plads|stræde|gata|gatan|gaten|vägen|väg|stigen|gränd|"
    r"veien|vegen|straat|laan|plein|gracht|dreef|singel|dijk|steenweg|katu|kuja|polku|utca)|"
    # As ends of English words these are too common: navigate, decade.
    r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,40}?(?:gate|kade|platz|weg|parken|torv|[eiou]ntie))(?!\w)\.?"
)
_APART = (
    r"(?:Gade|Vej|Allé|Alle|Boulevard|Plads|Torv|Strand|Kaj|Gata|Väg|Straße|Strasse|Str\.|Allee|Platz|"
    r"Weg|Straat|Laan|Plein|gade|vej|allé|gate|gata|vei|veg|plass|väg|laan|straat)(?!\w)"
)
_LEADING = (
    r"(?:[Rr]ue|[Aa]venue|[Aa]v\.|[Bb]oulevard|[Bb]d\.?|[Cc]hemin|[Aa]ll[ée]e|[Qq]uai|[Ii]mpasse|"
    r"[Pp]lace|[Cc]alle|C/|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Cc]arrer|[Cc]arretera|[Cc]amino|"
    r"[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Ll]argo|[Vv]icolo|[Rr]ua|[Tt]ravessa|"
    r"[Uu]l\.|[Uu]lica|[Aa]leja|[Aa]l\.|[Oo]s\.|[Pp]l\.)"
)
_SMALL = r"(?:(?:de|du|des|la|le|les|del|della|delle|dei|di|da|do|dos|das|los|las|el|en|van|der|den)[ ]|[ld]['’])"
_NAME = rf"{_SMALL}{{0,3}}{_CAPITAL}(?:[ ](?:(?:et|y|e|i)[ ])?{_SMALL}{{0,2}}{_CAPITAL}){{0,3}}"
_BEFORE = r"(?<![\w$€£/.,:-])"


class StreetAddressRecognizer(PatternRecognizer):
    """Street addresses by their street words, in the languages of Europe.

    A simple rule: a street word together with a house number, then the unit, the postcode
    and the town if they follow. It knows no street by its name alone.
    """

    def __init__(self, language: str) -> None:
        shapes = {
            "number, name, street": rf"{_BEFORE}{_NUMBER},?[ ](?:{_CAPITAL}[ ]){{1,4}}?{_ENGLISH}",
            "number, small name, street": (
                rf"{_BEFORE}\d{{1,5}}[ ](?:\w[\w'’.-]*[ ]){{1,3}}?(?:street|road|avenue|lane|boulevard)\b"
            ),
            "street in one word, number": rf"(?<!\w)(?:{_CAPITAL}[ ]){{0,2}}{_GLUED}[ ]{_NUMBER}(?!\w)",
            "street word apart, number": (
                rf"(?<!\w)(?:{_CAPITAL}[ ]){{1,3}}{_APART}[ ]{_NUMBER}(?!\w)"
            ),
            "number, leading street word": rf"{_BEFORE}{_NUMBER},?[ ]{_LEADING}[ ]?{_NAME}",
            "leading street word, number": (
                rf"(?<!\w){_LEADING}[ ]?{_NAME},?[ ](?:n[º°o.]{{1,2}}[ ]?)?{_NUMBER}(?!\w)"
            ),
            "box": r"(?<!\w)(?:P\.?[ ]?O\.?[ ]?Box|Post[Oo]ffice[ ]Box|Postfach|Postboks|Apartado)[ ]#?\d{1,6}",
        }
        super().__init__(
            supported_entity="STREET_ADDRESS",
            patterns=[
                Pattern(name, f"{shape}{_UNIT}{_PLACE}", 0.6) for name, shape in shapes.items()
            ],
            context=["address", "adresse", "adress", "adres", "dirección", "indirizzo"],
            supported_language=language,
            global_regex_flags=_CASED,
            name="StreetAddressRecognizer",
        )

    def invalidate_result(self, pattern_text: str) -> bool:
        """Return whether a hit is a time or an amount rather than a house number."""
        return re.match(r"\d{1,2}[ ](?:am|pm|AM|PM)\b", pattern_text) is not None
