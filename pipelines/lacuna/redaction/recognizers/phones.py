"""Telephone numbers as people write them, by numbering plan, context and shape.

A number with its country code is one anywhere. A national number is one where its country is
expected: the tenant's countries and those of the text's language. Every other run of digits
counts only where the text says that it is a telephone, since orders, cases and amounts are
runs of digits too.
"""

import re
from collections.abc import Iterator, Sequence

import phonenumbers

from lacuna.redaction.letter_classes import UPPER
from lacuna.redaction.recognizers import phone_plans as plans
from lacuna.redaction.recognizers.label_search import is_called_public
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_SEPARATOR = r"[ \u00a0\u2009\u202f.\-\u2010-\u2013/()]"
_CANDIDATE = re.compile(
    rf"(?<![\w@#=$€£%])(?:\+[ ]?)?\(?\d(?:{_SEPARATOR}{{0,3}}\d){{5,17}}"
    r"(?P<extension>[ ]{0,2}(?:x|ext\.?|extension|lokal|durchwahl|dw|poste|int\.?)[ .:]{0,2}\d{1,6})?(?!\w)",
    re.IGNORECASE,
)
_PREFILTER = rf"\d(?:{_SEPARATOR}{{0,3}}\d){{5}}"
_NOT_BEFORE = re.compile(r"(?:\d[.,:/-]|//\S{0,200}|[$€£]\s?)\Z")
_NOT_AFTER = re.compile(
    r"[.,:/-]?\d|[%@°]|\s?(?:[€$£]|(?i:eur|euro|usd|dkk|sek|nok|pln|kr|zł|gb|mb|km|kg)\b)"
)

_OTHER_SHAPES = re.compile(
    # A day, with a time or without; an internet address; a US social security number.
    r"(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:(?:19|20)\d\d(?:[ ]\d{1,2})?|\d\d)|"
    r"(?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])[-./ ](?:(?:19|20)\d\d(?:[ ]\d{1,2})?|\d\d)|"
    r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}(?:[ ]\d{1,2})?|"
    r"(?:19|20)\d\d[ ]?[-/\u2013][ ]?(?:19|20)\d\d|\d{1,3}(?:\.\d{1,3}){3}|\d{3}-\d{2}-\d{4}|"
    r"\d{4}(?:[ -]?\d{4}){3}|\d{1,4}/\d{2,4}|\d+\.\d+"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+")
_NORTH_AMERICAN = re.compile(
    r"(?:\(\d{3}\)[ -]?|\d{3}[-./ ])\d{3}[-. ]\d{4}|(?:1|001)[-. ]\d{3}[-. ]\d{3}[-. ]\d{4}"
)
_GROUPS = re.compile(r"\d+")

_WORDS = (
    r"(?:tele?ph?one?s?|telefono?s?|telefon\w{0,6}|telefoon\w{0,6}|telefone|phones?|tele?|tél|tfno?|tlf\w?|tfn|tlm|phn|ph|"
    r"mob|mobile?s?|mobil\w{0,6}|mobiel\w{0,8}|móvil|m[oó]vil|telem[oó]vel|cell?(?:ulare|ular|phone)?|handy\w{0,8}|smartphone|"
    r"portable|komórk\w{1,3}|kom|gsm|matkapuhelin\w{0,6}|puh|puhelin\w{0,6}|puhelim\w{1,5}|numeroni|fax|faks|telefax|pager|"
    r"landline|hotline|fastnet\w{0,3}|fastnät|festnetz\w{0,8}|vast(?=[ ]nummer)|fisso|fijo|fixe|fixo|rufnummer|rückruf\w{0,6}|"
    r"whats[ ]?app|viber|signal|sms|call(?:ed|ing|s|back)?|ring(?:e|a|er|es|as)?|dial|reach(?:ed|able)?|text(?:ed)?|answer(?:ing)?|"
    r"anruf\w{0,4}|angerufen|erreich\w{0,5}|zurückrufen|appel\w{0,5}|rappel\w{0,5}|joindre|joignable|llam\w{1,5}|chiam\w{1,7}|"
    r"contatt\w{1,5}|contact(?:ar|arme|o)?|bel|bellen|bereikbaar|teruggebeld|zadzwo\w{1,4}|dzwoni\w{1,3}|oddzwo\w{1,5}|"
    r"ligar|ligue|liguem|soit\w{1,5}|nås|nå[ ]mig|nå[ ]meg|"
    r"(?:my|mit|mitt|mein|meine|mijn|mon|mi|il[ ]mio|mój|meu|moja)[ ](?:new[ ]|nye[ ]|neue[ ])?(?:number|nummer|numéro|número|numero|numer|nr))"
)
_CONTEXT = re.compile(rf"\b{_WORDS}\b[^\n]{{0,34}}\Z", re.IGNORECASE)
_CAPITAL_AFTER = re.compile(rf"[ ](?:{UPPER}[^\W\d_]|(?i:rue|calle|via)\b)")
_LABEL_AFTER = re.compile(
    r"[ \t]?[-(\[,]{0,2}[ \t]?(?:office|fax|mobile|mob|cell|work|home|tel|phone|mobil|privat|kontor|arbejde|handy|[cmhtof](?=\)))\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:order|ordre|ordrenr|ordrenummer|bestellung|bestell\w{0,6}|bestelling|commande|pedido|ordine|zamówieni\w{1,3}|tilaus\w{0,6}|"
    r"encomenda|beställning\w{0,4}|case|sag|sak|ärende\w{0,4}|vorgang\w{0,7}|ticket|zaak|dossier|caso|pratica|sprawa|"
    r"invoice|faktura\w{0,6}|rechnung\w{0,9}|factuur\w{0,6}|facture|factura|fattura|fatura|lasku\w{0,6}|"
    r"account|konto\w{0,8}|kunde\w{0,9}|kund\w{0,8}|klant\w{0,7}|customer|client\w?|cliente|ref|reference|referens\w{0,6}|"
    r"tracking|parcel|pakke\w{0,6}|paket\w{0,8}|serial|serienummer|imei|ean|isbn|sku|item|product|produkt\w{0,6}|booking\w{0,8}|"
    r"reservation\w{0,3}|nos|cpr|cvr|ssn|iban|card|license|licence|passport|article|application|zip|postcode|apt|suite|unit|version)(?:s?(?:number|nummer|nr|kode|en|et|er))?\b"
    r"(?:[ ]?(?:no|nr|id)?\.)?[^\n\d.!?]{0,18}\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 48
_FEWEST, _MOST = 6, 15


class ExpectedPhoneRecognizer(RuleRecognizer):
    """Telephone numbers: international, national where expected, others by context."""

    prefilter_patterns = (_PREFILTER,)

    def __init__(self, language: str, countries: Sequence[str] = ()) -> None:
        """Expect numbers of `countries`, and of those where `language` is spoken."""
        super().__init__(["PHONE_NUMBER"], language)
        expected = (*countries, *plans.OF_LANGUAGE.get(language, ()))
        self._expected = tuple(dict.fromkeys(expected))
        self._others = tuple(
            one for one in dict.fromkeys((*plans.STOCK, *plans.EUROPE)) if one not in expected
        )

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the telephone numbers of a text."""
        for match in _CANDIDATE.finditer(text):
            score = self._score(text, match)
            if score > 0:
                yield RuleMatch(match.start(), match.end(), score)

    def _score(self, text: str, match: re.Match[str]) -> float:
        start, end = match.span()
        extension = match.start("extension")
        number = text[start : extension if extension >= 0 else end]
        digits = "".join(_GROUPS.findall(number))
        if not _FEWEST <= len(digits) <= _MOST or _NOT_AFTER.match(text, end):
            return 0.0
        if _NOT_BEFORE.search(text, max(0, start - _LOOK_BACK), start):
            return 0.0
        international = number.startswith("+")
        if not international and _OTHER_SHAPES.fullmatch(number):
            return 0.0
        told = _told(text, start, end)
        if international or digits.startswith("00"):
            known = _is_possible(digits.removeprefix("00"))
            return (0.9 if told else 0.6) * known
        if told:
            return self._told_score(number, digits, goes_on=_goes_on(text, end))
        if _NORTH_AMERICAN.fullmatch(number) or (extension >= 0 and len(digits) > 8):
            return 0.4
        if _REFERENCE.search(text, max(0, start - _LOOK_BACK), start):
            return 0.0
        if is_called_public(text, start, most_between=0):
            return 0.0
        return self._untold_score(number, digits, goes_on=_goes_on(text, end))

    def _told_score(self, number: str, digits: str, *, goes_on: bool) -> float:
        if plans.holding(digits, (*self._expected, *self._others)) is not None and (
            len(digits) > 7 or not goes_on
        ):
            return 0.9
        grouped = len(_GROUPS.findall(number)) > 1
        return 0.5 if not goes_on and (len(digits) >= 7 or grouped) else 0.0

    def _untold_score(self, number: str, digits: str, *, goes_on: bool) -> float:
        if len(digits) < 7:
            return 0.0
        groups = len(_GROUPS.findall(number))
        if plans.holding(digits, self._expected) is not None:
            return 0.4 if groups > 1 or len(digits) >= 8 else 0.0
        # A country that nobody expects: where the digits are grouped as in a telephone number.
        dialled = digits.startswith("0") and groups > 1
        shaped = groups > 2 and _THOUSANDS.fullmatch(number) is None
        if not goes_on and (dialled or shaped) and plans.holding(digits, self._others) is not None:
            return 0.4
        return 0.0


def _goes_on(text: str, end: int) -> bool:
    """Return whether a capitalized word follows, as after the number of a house."""
    return _CAPITAL_AFTER.match(text, end) is not None


def _told(text: str, start: int, end: int) -> bool:
    """Return whether the text says that a telephone number stands here."""
    if _LABEL_AFTER.match(text, end):
        return True
    lowest = max(0, start - _LOOK_BACK)
    word = _CONTEXT.search(text, lowest, start)
    return (
        word is not None and _REFERENCE.search(text, word.end() - len(word.group()), start) is None
    )


def _is_possible(digits: str) -> bool:
    """Return whether digits with their country code have a length that the country knows."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
    except phonenumbers.NumberParseException:
        return False
