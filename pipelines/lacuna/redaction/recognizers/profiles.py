"""Which recognizers an engine has, by profile and language."""

from collections.abc import Iterable

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import (
    DeSocialSecurityRecognizer,
    EmailRecognizer,
    PhoneRecognizer,
    UkNinoRecognizer,
)

from lacuna.redaction.options import EngineOptions, Profile
from lacuna.redaction.recognizers.accounts import AccountNumberRecognizer
from lacuna.redaction.recognizers.births import BirthDateRecognizer
from lacuna.redaction.recognizers.handles import HandleRecognizer, LinkRecognizer
from lacuna.redaction.recognizers.identity_numbers import IdentityNumberRecognizer
from lacuna.redaction.recognizers.labelled_numbers import LabelledNumberRecognizer
from lacuna.redaction.recognizers.persons import PersonContextRecognizer
from lacuna.redaction.recognizers.phones import ExpectedPhoneRecognizer
from lacuna.redaction.recognizers.registration_plates import RegistrationPlateRecognizer
from lacuna.redaction.recognizers.stock import (
    OfflineEmailRecognizer,
    StockEmailRecognizer,
    failing_closed,
    stock,
)
from lacuna.redaction.recognizers.street_addresses import StreetAddressRecognizer


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
        AccountNumberRecognizer(language),
        StreetAddressRecognizer(language),
        LabelledNumberRecognizer(language),
        RegistrationPlateRecognizer(language),
        BirthDateRecognizer(language),
        HandleRecognizer(language),
        LinkRecognizer(language),
        PersonContextRecognizer(language, everywhere=not options.reads_names(language)),
    ]
    return limited(recognizers, options)


def limited(
    recognizers: Iterable[EntityRecognizer], options: EngineOptions
) -> list[EntityRecognizer]:
    """Return the recognizers, failing closed."""
    return [failing_closed(one, options.pattern_seconds) for one in recognizers]
