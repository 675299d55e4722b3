"""Numbers that lead to a person through somebody's records, by the word before them.

Orders, cases, customers, bookings, accounts, contracts and documents: they have no shape of
their own, so only the word tells.
"""

import re
from collections.abc import Iterator

from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

# A stem and whatever it is glued to: `Bestellnummer`, `ordrenr`, `kundnummer`.
_STEM_LINES = (
    r"order|ordre|bestell?|bestellung|bestelling|beställning|commande|pedido|ordine|zamówieni|tilaus|encomenda",
    r"case|sags?|saks?|ärende|vorgang|ticket|zaak|dossier|caso|pratica|spraw|processo|tapaus|incident|claim|skade|schaden?|skada",
    r"sinistre|siniestro|customer|client|kunde?n?|kund|klant|cliente|klient|asiakas|member|mitglied|medlem|lid|adh[ée]rent|socio",
    r"socie|członk|booking|buchung|reservation|reservierung|reservering|r[ée]servation|reserva|prenotazion|rezerwacj|varaus|bokning",
    r"bestilling|pnr|invoice|faktura|rechnung|factuur|facture|factura|fattura|faktur|lasku|fatura|account|konto|compte|cuenta|conto|rekening",
    r"tili|conta|contract|kontrakt|vertrag|contrat|contrato|contratto|umow|sopimus|avtale|aftale|policy|police|policen?|póliza|polizza",
    r"polis|vakuutus|tracking|sendung|shipment|forsendelse|försändelse|suivi|envío|envio|spedizione|przesyłk|lähetys|zending|parcel",
    r"pakke|paket|application|antrag|ansøgning|passport|passeport|pasaporte|passaporto|paszport|paspoort|pass|pas|reisepass|passi",
    r"personalausweis|ausweis|legitimation|carta[ ]d['’]identit[àa]|identity[ ]card|id[ -]?card|id|ident|driv(?:ing|er['’]?s?)[ ]licen[sc]e|licen[sc]e",
    r"kørekort|førerkort|körkort|führerschein|rijbewijs|permis|carnet|patente|prawo[ ]jazdy|ajokortti|carta[ ]de[ ]condução",
    r"employee|staff|medarbejder|patient|insurance|forsikring|versicherung|verzekering|assurance|seguro|assicurazion|serial|imei",
    r"r[ée]f[ée]rence|referen[czs]\w*|riferimento|viite|ref|nos?(?=[.:]?\s+\d+/\d)",
)
_STEMS = "|".join(_STEM_LINES)
_JOINER = (
    r"(?:[ ]?(?:numbers?|nummers?|nummeret|numret|num[ée]ros?|n[úu]meros?|numero|numer|numeru|nr|no|num|n[º°]|nro|id|codes?|kode|kod|koodi|code|ref|reference|"
    r"is|was|er|var|är|ist|war|lautet|lyder|est|es|è|é|to|jest|on|was|of|de|di|del|my|mit|min|mein|in|im|i|for|till?|til)\b|[ ]?[.:#()=\"'/*-]){0,5}"
)
_WORD = re.compile(
    rf"(?<![\w?&])(?:{_STEMS})(?:s?(?:nummer|numret|nummeret|nr|numero|number|id|kode|kennung|szeichen|zeichen)|er|en|et|em|e|s|a|ą|o|y|ę|u|i|n|ns?)?\b{_JOINER}\s{{0,2}}",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"#?(?P<value>(?:[A-Z]{1,6}[-/_. ]?)?[A-Za-z]{0,8}\d[A-Za-z0-9]{0,30}(?:[-/_.][A-Za-z0-9]{1,20}){0,5})(?![\w@])(?!\.\w)"
)
_MORE = re.compile(r"(?:,[ ]?|[ ]?(?:,[ ]?)?(?:and|&|og|och|und|en|et|y|e|i|ja)[ ])(?=#?[\w/-]*\d)")
_HASH = re.compile(r"(?<![\w&/#])#[ ]?(?P<value>[A-Z]{0,4}-?\d{4,12}(?:-\d{1,6})?)\b")
_DAY = re.compile(r"(?:\d{1,2}[-./]){2}(?:19|20)?\d\d|(?:19|20)\d\d(?:[-./]\d{1,2}){2}")
_AMOUNT = re.compile(r"\d{1,6}\.\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NOT_AFTER = re.compile(
    r"[.,]\d|%|\s?(?:[€$£]|(?i:eur|euro|usd|dkk|sek|nok|pln|kr|zł|gb|mb|km|kg|am|pm|days?|dage?|tage?|dagar|hours?|items?|times)\b)"
)
_BEFORE = re.compile(r"[€$£]\s?\Z")


class ReferenceNumberRecognizer(RuleRecognizer):
    """Order, case, customer, booking, account and document numbers after their word."""

    # Apart: together they are more than a scanner takes.
    prefilter_patterns = (
        *(rf"\b(?:{stems})[^\n]{{0,40}}\d" for stems in _STEM_LINES),
        r"#[ ]?[A-Z]{0,4}-?\d{4}",
    )

    def __init__(self, language: str) -> None:
        super().__init__(["REFERENCE_NUMBER"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the numbers that a word calls a reference."""
        for word in _WORD.finditer(text):
            at = word.end()
            while (value := _VALUE.match(text, at)) is not None and _is_reference(text, value):
                yield RuleMatch(*value.span("value"), 0.6)
                if (more := _MORE.match(text, value.end())) is None:
                    break
                at = more.end()
        for value in _HASH.finditer(text):
            yield RuleMatch(*value.span("value"), 0.5)


def _is_reference(text: str, match: re.Match[str]) -> bool:
    value = match["value"]
    digits = sum(map(str.isdigit, value))
    if digits < 4 and not (digits >= 2 and len(value) >= 6):
        return False
    if _AMOUNT.fullmatch(value) or _DAY.fullmatch(value) or _YEAR.fullmatch(value):
        return False
    # A word with a year or a size: "order Galaxy2024", "Windows 11" are no numbers of anybody.
    if digits * 3 < len(value):
        return False
    return _NOT_AFTER.match(text, match.end()) is None
