"""Which recognizers an engine has, by profile and language."""

from collections.abc import Iterable

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    DeSocialSecurityRecognizer,
    EmailRecognizer,
    PhoneRecognizer,
    UkNinoRecognizer,
)

from pipelines.redaction.options import EngineOptions, Profile
from pipelines.redaction.recognizers.addresses import StreetAddressRecognizer
from pipelines.redaction.recognizers.births import BirthDateRecognizer
from pipelines.redaction.recognizers.identity_numbers import IdentityNumberRecognizer
from pipelines.redaction.recognizers.online import HandleRecognizer, LinkRecognizer
from pipelines.redaction.recognizers.persons import PersonContextRecognizer
from pipelines.redaction.recognizers.phones import ExpectedPhoneRecognizer
from pipelines.redaction.recognizers.references import ReferenceNumberRecognizer
from pipelines.redaction.recognizers.stock import (
    OfflineEmailRecognizer,
    StockEmailRecognizer,
    failing_closed,
    stock,
)


def all_for(language: str, options: EngineOptions) -> list[EntityRecognizer]:
    """Return every recognizer for texts of one language, each of them failing closed.

    The profile `exact` has Presidio's; `default` has ours in the place of two of them, which
    find what those find, and in addition what Presidio misses.
    """
    if options.profile is Profile.EXACT:
        recognizers = [one for one in stock(language) if not isinstance(one, EmailRecognizer)]
        recognizers.append(StockEmailRecognizer(supported_language=language))
        return limited(recognizers, options)
    replaced = (EmailRecognizer, PhoneRecognizer)
    recognizers = [one for one in stock(language) if not isinstance(one, replaced)]
    recognizers += [
        OfflineEmailRecognizer(supported_language=language),
        ExpectedPhoneRecognizer(language, options.phone_regions),
        DeSocialSecurityRecognizer(supported_language=language),
        UkNinoRecognizer(supported_language=language),
        IdentityNumberRecognizer(language),
        StreetAddressRecognizer(language),
        ReferenceNumberRecognizer(language),
        BirthDateRecognizer(language),
        HandleRecognizer(language),
        LinkRecognizer(language),
        PersonContextRecognizer(language, everywhere=not options.has_model(language)),
    ]
    return limited(recognizers, options)


def limited(
    recognizers: Iterable[EntityRecognizer], options: EngineOptions
) -> list[EntityRecognizer]:
    """Return the recognizers, failing closed."""
    return [failing_closed(one, options.pattern_seconds) for one in recognizers]
