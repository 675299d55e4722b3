"""Street addresses in the languages of Europe, by rules.

Every address holds a number, so the rules look at each number of a text and at the words
beside it: a street word (`12 High Street`, `Storgade 5`, `rue de la Paix 3`), a box or a
flat, or a name where the text says that an address follows (`lives at`, `bor på`). From there
the address is followed over unit, postcode and town, across lines and quote marks.
"""

import re
from collections.abc import Iterator

from lacuna.redaction import street_words as words
from lacuna.redaction.address_ends import end_of_address, without_stop
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_LOOK_BACK = 64
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(
    r"\d{1,6}(?:[ ]\d{1,4}\b)?(?:[ ]?[-/–][ ]?(?:\d{1,5}|[IVX]{1,4})\b|-(?:[A-Za-f]|hs|huis|bis)\b(?![-'’])){0,2}"
    r"(?:(?:[ ]?[A-Z]|[a-z]|[ ][b-df-h])(?![\w'’]|-\w)(?:[ ]\d{1,3}\b)?|[ ]?(?:bis|ter)\b|[ ]1/2)?"
)
# A time, a share, an amount, a day.
_NO_HOUSE = re.compile(
    r"\d*(?:[:%°]|[.,]\d|[ ]?(?i:am|pm|a\.m\.|p\.m\.|uhr|kl|%|€|\$|£|kr|eur|usd|minut\w{0,4}|stunden|tagen?|wochen|monaten?|jahren?)\b|[-/]\d{1,2}[-/]\d{2,4})"
)
_HOUSE = r"(?:[ ]\d{1,4}\b)?"

_FORWARD = tuple(
    re.compile(rule)
    for rule in (
        # 12 High Street; 350 5th Ave; 4 old mill lane
        rf",?[ ](?:{words.DIRECTION}[ ])?(?:{words.BY_CHANCE}(?:{words.ORDINAL}|[^\W\d_][\w'’.&-]*+)[ ]){{1,3}}?"
        rf"{words.STREET}(?:[ ]{words.DIRECTION}(?!\w))?{_HOUSE}",
        rf",?[ ](?:{words.DIRECTION}[ ])?{words.STREET_ALONE}",
        # 7 St Mary's Close; 3801 Las Vegas Way
        rf",?[ ](?:{words.DIRECTION}[ ])?(?:(?:{words.CAPITAL}|[Ss]an|[Ll]as|[Ee]l|[Ll]a|{words.ORDINAL})[ ]){{1,3}}?"
        rf"{words.STREET_IN_CAPITALS}(?:[ ]{words.DIRECTION}(?!\w))?{_HOUSE}",
        # 12 rue de la Paix; 24 bis, avenue de l'Opéra
        rf",?[ ]{words.LEADING}[ ]?{words.CHANNELS}{words.NAME}{_HOUSE}",
        rf",?[ ](?i:rue|via|calle|rua|rúa|ulica|ul\.)[ ]{words.CHANNELS}(?:[^\W\d_][\w'’-]*+[ ]){{1,5}}\d{{1,4}}\b",
        # 59 Nassaustraat 12; 12 Hauptstraße
        rf",?[ ](?:{words.CAPITAL}[ ]){{0,2}}[^\W\d_][\w'’.-]{{1,40}}?(?:{words.GLUED})(?!\w)\.?{_HOUSE}",
        rf",?[ ](?:{words.CAPITAL}[ ]){{1,3}}{words.APART}(?!\w){_HOUSE}",
    )
)
_NAME_AND_NUMBER = re.compile(
    rf",?[ ](?:{words.SMALL}{{0,2}}{words.CAPITAL}[ ]){{1,5}}\d{{1,4}}[A-Za-z]?\b(?![\w:%/]|[.,]\d|[ ](?:am|pm)\b)"
)
_NAME_ALONE = re.compile(
    rf",?[ ]{words.SMALL}{{0,2}}{words.CAPITAL}(?:[ ]{words.SMALL}{{0,2}}{words.CAPITAL}){{0,4}}"
)

_GLUED = re.compile(
    rf"[^\W\d_](?:[\w'’.-]{{1,40}}?(?:(?i:{words.GLUED})|(?i:{words.GLUED_IN_CAPITALS}))\.?|(?i:boulevarden))"
)
_GLUED_SMALL = re.compile(rf"[^\W\d_][\w'’.-]{{1,40}}?(?:{words.GLUED})")
_NO_STREET = re.compile(words.NO_STREET, re.IGNORECASE)
_APART = re.compile(words.APART)
_BEFORE_APART = re.compile(rf"(?:{words.CAPITAL}[ ]){{1,4}}\Z")
_BEFORE_GLUED = re.compile(
    r"(?:\b(?:Gammel|Gamle|Gl\.|Nye?|Nørre|Sønder|Ndr\.|Sdr\.|Øster|Vester|Store|Lille|Sankt|Skt\.|St\.|Sint|Kleine|"
    r"Gro(?:ß|ss)e|Alte|Neue|Obere|Untere|Oude|Nieuwe|Lange|Korte|Norra|Södra|Östra|Västra|Gamla|Stora|Lilla|"
    r"Iso|Pieni|Vanha|[A-ZÆØÅÄÖ]\.|[A-ZÆØÅÄÖ]\.[ ]?[A-ZÆØÅÄÖ]\.)[ ]){1,2}\Z"
)
_LAST_WORD = re.compile(r"(?<![\w.])(?P<word>[^\W\d_][\w'’.-]{0,46}),?[ ]\Z")
_LEADING_NAME = re.compile(
    rf"(?<!\w){words.LEADING}[ ]?{words.CHANNELS}{words.NAME},?[ ](?:(?:n[º°o.]{{1,2}}|nr\.?|num\.?)[ ]?)?\Z"
)
_DOTTED = re.compile(r"\w{2}\.\w")
_PREPOSITION = re.compile(rf"{words.PREPOSITION}[ ]")
_END = re.compile(r"[ \t]*(?:[,.;!?)\n]|\Z)")
_NAME_BEFORE = re.compile(rf"(?<![\w.]){words.NAME},?[ ]\Z")
_TOLD_STREET = re.compile(
    rf",?[ ](?:{words.BY_CHANCE}[^\W\d_][\w'’.&-]*+[ ]){{1,4}}?{words.STREET_IN_CAPITALS}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?i:\b(?P<box>p\.?[ ]?o\.?[ ]?box|post[ ]?office[ ]box|postfach|postboks|postbus|apartado|apdo\.?|"
    r"bo[iî]te[ ]postale|casella[ ]postale|skrytka|postilokero|caixa[ ]postal|b\.p|(?:apo|fpo|dpo)[ ]a[aep])|"
    r"\b(?P<unit>apt|apartment|flat|suite|appartement|lejlighed|lejl|lgh|wohnung)|"
    r"\b(?P<weak>box|boks|unit|psc|bp)|"
    r"\b(?P<postcode>zip(?:[ ]?code)?|post[ ]?code|postal[ ]code|postnummer|postnr|plz|postleitzahl|"
    r"code[ ]postal|c[óo]digo[ ]postal|c\.p|cap|kod[ ]pocztowy|postinumero)(?:[ ](?:is|er|är|ist|est|es|è|to|on|jest)\b)?)\b\.?"
    r":?[ ]{0,2}(?:#|n[º°.]{1,2})?[ ]?\Z"
)
_TRIGGER = re.compile(rf"\b{words.TRIGGER}\Z", re.IGNORECASE)


class StreetAddressRecognizer(RuleRecognizer):
    """Street addresses, boxes, flats and postcodes, with the lines that follow them.

    It knows no street by its name alone, and no address without a number.
    """

    prefilter_patterns = (r"\d",)

    def __init__(self, language: str) -> None:
        super().__init__(["STREET_ADDRESS"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the addresses of a text, in order."""
        done = 0
        for number in _DIGITS.finditer(text):
            if number.start() < done or number.end() - number.start() > 6:
                continue
            if (found := _at(text, number, done)) is not None:
                start, end, score = found
                end = without_stop(text, start, end_of_address(text, end, with_town=True))
                yield RuleMatch(start, end, score)
                done = end


def _at(text: str, number: re.Match[str], lowest: int) -> tuple[int, int, float] | None:
    """Return the street, box or flat that a number belongs to."""
    start = number.start()
    lowest = max(lowest, start - _LOOK_BACK)
    if start > lowest and (label := _LABEL.search(text, max(lowest, start - 28), start)):
        return _labelled(text, label, number)
    before = text[start - 1] if start else "\n"
    if not (before.isspace() or before in "(>\"'“”*;|?") or _NO_HOUSE.match(text, start):
        return None
    house = _NUMBER.match(text, start)
    if house is None:
        return None
    for rule in _FORWARD:
        if (street := rule.match(text, house.end())) is not None:
            return start, street.end(), 0.6
    if before == " " and (left := _street_before(text, start, lowest)) is not None:
        return left, house.end(), 0.6
    return _by_evidence(text, start, house.end(), lowest)


def _labelled(
    text: str, label: re.Match[str], number: re.Match[str]
) -> tuple[int, int, float] | None:
    """Return a box, a flat or a postcode by the word before its number."""
    digits = number.end() - number.start()
    whole = _NUMBER.match(text, number.start())
    end = number.end() if whole is None else whole.end()
    if label["postcode"]:
        return (label.start(), end, 0.6) if digits > 3 else None
    if _NO_HOUSE.match(text, number.start()):
        return None
    if label["weak"] and end_of_address(text, end, with_town=False) == end:
        return None
    return label.start(), end, 0.6


def _street_before(text: str, start: int, lowest: int) -> int | None:
    """Return where a street before its number begins."""
    last = _LAST_WORD.search(text, max(lowest, start - 48), start)
    if last is None:
        return None
    word = last["word"]
    if _APART.fullmatch(word):
        name = _BEFORE_APART.search(text, lowest, last.start())
        return None if name is None else name.start()
    if _is_street(word):
        more = _BEFORE_GLUED.search(text, lowest, last.start())
        return last.start() if more is None else more.start()
    if not word[0].isupper():
        return None
    leading = _LEADING_NAME.search(text, lowest, start)
    return None if leading is None else leading.start()


def _is_street(word: str) -> bool:
    shape = _GLUED if word[0].isupper() else _GLUED_SMALL
    return shape.fullmatch(word) is not None and _NO_STREET.fullmatch(word) is None


def _by_evidence(text: str, start: int, end: int, lowest: int) -> tuple[int, int, float] | None:
    """Return a name beside a number, where something else says that they are an address."""
    told = _TRIGGER.search(text, lowest, start) is not None
    if told and (street := _TOLD_STREET.match(text, end)) is not None:
        return start, street.end(), 0.6
    name = _NAME_AND_NUMBER.match(text, end) or _NAME_ALONE.match(text, end)
    if name is not None and (
        told or end_of_address(text, name.end(), with_town=False) > name.end()
    ):
        return start, name.end(), 0.6 if told else 0.5
    before = _NAME_BEFORE.search(text, lowest, start)
    if before is None or not _END.match(text, end):
        return None
    if _DOTTED.search(before.group()):
        return None
    if _TRIGGER.search(text, max(0, before.start() - _LOOK_BACK), before.start()) is not None:
        return before.start(), end, 0.5
    if (
        _PREPOSITION.match(text, before.start())
        and end_of_address(text, end, with_town=False) > end
    ):
        return before.start(), end, 0.5
    return None
