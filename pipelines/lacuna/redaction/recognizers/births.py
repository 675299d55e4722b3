"""Dates of birth: a day after a word that says that somebody was born."""

import re
from collections.abc import Iterator

from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_MONTH = (
    r"(?:jan\w{0,7}|feb\w{0,7}|fév\w{0,5}|mar\w{0,4}|märz|mär|m[aä]rs|maart|maalis\w{0,7}|apr\w{0,4}|avr\w{0,3}|abr\w{0,3}|huhti\w{0,6}|"
    r"may|mai|maj\w?|mei|mayo|maggio|maio|touko\w{0,6}|jun\w{0,4}|juin|giu\w{0,4}|cze\w{0,7}|kesä\w{0,6}|jul\w{0,4}|juil\w{0,4}|lug\w{0,3}|"
    r"lip\w{0,4}|heinä\w{0,6}|aug\w{0,4}|août|ago\w{0,4}|sier\w{0,5}|elo\w{0,6}|sep\w{0,7}|set\w{0,6}|wrze\w{0,5}|syys\w{0,6}|o[kc]t\w{0,5}|out\w{0,4}|"
    r"ott\w{0,4}|paź\w{0,9}|loka\w{0,6}|nov\w{0,6}|list\w{0,6}|marras\w{0,6}|de[czs]\w{0,7}|déc\w{0,5}|dic\w{0,6}|dez\w{0,5}|gru\w{0,5}|joulu\w{0,6}|"
    r"styc\w{0,5}|lut\w{0,4}|kwie\w{0,6}|tammi\w{0,6}|helmi\w{0,6}|gen\w{0,5}|ene\w{0,3})"
)
_DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|[.ºª])?[ ]?(?:of[ ]|de[ ])?{_MONTH}\.?,?(?:[ ]de)?[ ](?:19|20)?\d\d\b|"
    rf"{_MONTH}\.?[ ]\d{{1,2}}(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d\b|"
    r"\d{1,2}[ ]?[-./][ ]?\d{1,2}[ ]?[-./][ ]?(?:19|20)?\d\d\b|(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}\b|"
    r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:(?:19|20)\d\d|\d\d)\b)"
)
_BORN = (
    r"(?:(?:date|day)[ ]of[ ]birth|birth[ ]?(?:date|day)|d\.?o\.?b\.?|born(?:[ ]on)?|bday|"
    r"fødselsda(?:to|g)\w{0,3}|født|f\.|fødd|födelseda(?:tum|g)\w{0,3}|född|geburts(?:datum|tag)|geb\.|geboren(?:[ ]am)?|geb|"
    r"geboorte(?:datum|dag)|geboren(?:[ ]op)?|date[ ]de[ ]naissance|n[ée]e?(?:\(e\))?[ ]le|naissance|anniversaire|"
    r"fecha[ ]de[ ]nacimiento|naci(?:do|da|miento|ó)?(?:[ ]el)?|nací[ ]el|cumpleaños|data[ ]di[ ]nascita|nat[oa](?:[ ]il)?|compleanno|"
    r"data[ ]urodzenia|urodz\w{2,6}|ur\.|urodziny|data[ ]de[ ]nascimento|nascid[oa](?:[ ]em)?|nasci[ ]em|aniversário|syntymä(?:aika|päivä)\w{0,4}|syntynyt|s\.)"
)
_PATTERN = re.compile(
    rf"(?<!\w){_BORN}(?!\w)(?:[ ]?(?:is|was|er|den|d\.|är|var|ist|war|am|est|le|es|el|è|il|to|dnia|é|em|on|op|:|=|-|,|\(|it['’]s)){{0,4}}[.\s:]{{0,3}}(?P<day>{_DAY})",
    re.IGNORECASE,
)


class BirthDateRecognizer(RuleRecognizer):
    """Days on which somebody was born."""

    prefilter_patterns = (
        r"(?:birth|dob|d\.o\.b|born|bday|fød|föd|geb|naiss|n[ée]e?(?:\(e\))?[ ]le|anniversa|nac[ií]|cumplea|nascit|nat[oa]|compleanno|"
        r"urodz|ur\.|nascid|nascim|nasci|anivers|synty|\bf\.|\bs\.)[^\n]{0,24}\d",
    )

    def __init__(self, language: str) -> None:
        super().__init__(["DATE_OF_BIRTH"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the dates of birth of a text."""
        for match in _PATTERN.finditer(text):
            yield RuleMatch(*match.span("day"), 0.9)
