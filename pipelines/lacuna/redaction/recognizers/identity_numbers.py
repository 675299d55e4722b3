"""National identity and tax numbers, by shape, check digit and context.

A number whose shape and check digits are hardly met by chance counts anywhere; a bare run of
digits with one check digit only after a word that says what it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.lt import asmens
from stdnum.lv import pvn
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import cc, nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.si import emso

from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_LOOK_BACK = 48


def _is_cpr(number: str) -> bool:
    """Return whether the first six of ten digits are a day, as in a Danish CPR number.

    Since 2007 numbers without a valid check digit are given out, so it proves nothing.

    >>> _is_cpr("010203-1234"), _is_cpr("320203-1234")
    (True, False)
    """
    day, month, year = (int(number[at : at + 2]) for at in (0, 2, 4))
    try:
        # A leap year, whichever century it was: 1900 was none, but nobody is left of it.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class IdentityNumber:
    """How one country's number looks.

    Attributes:
        shape: a pattern of the number alone.
        is_valid: whether its check digits are right.
        words: what it is called, as a pattern.
        telling: a pattern of the shapes that count without such a word; None if none does.
        digits: how many digits the number has at least before its first letter.
    """

    entity: str
    shape: str
    is_valid: Callable[[str], bool]
    words: str
    telling: str | None = None
    digits: int = 9


_FISCAL_CODE = r"(?i:[A-Z]{6}[0-9L-V]{2}[A-Z][0-9L-V]{2}[A-Z][0-9L-V]{3}[A-Z])"
_DIGITS = r"\d(?:[-+–—./ ]?\d){5,}"
_ANY = r".+"
_PERSONAL = r"person(?:al)?[ ]?(?:nummer|nr|number|id)|fødselsn\w+|identity[ ]number|id[ -]?(?:number|nummer|nr|kode|code)|national[ ]id"
_NUMBERS = (
    IdentityNumber(
        "DK_CPR",
        r"\d{6}[-–— ]?\d{4}",
        _is_cpr,
        rf"cpr\w*|{_PERSONAL}|sygesikring\w*",
        r"\d{6}[-–— ]\d{4}",
    ),
    IdentityNumber(
        "SE_PERSONNUMMER",
        r"(?:19|20)?\d{6}[-+ ]?\d{4}",
        personnummer.is_valid,
        rf"{_PERSONAL}|pnr|samordningsnummer",
        r"(?:19|20)?\d{6}[-+]\d{4}|(?:19|20)\d{10}",
    ),
    IdentityNumber(
        "NO_FODSELSNUMMER", r"\d{6}[ ]?\d{5}", fodselsnummer.is_valid, rf"{_PERSONAL}|fnr", _ANY
    ),
    IdentityNumber(
        "FI_PERSONAL_IDENTITY_CODE",
        r"(?i:\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-Z])",
        hetu.is_valid,
        r"hetu|henkilötunnus\w*",
        _ANY,
        6,
    ),
    IdentityNumber(
        "IS_KENNITALA", r"\d{6}-?\d{4}", kennitala.is_valid, r"kennitala\w*", r"\d{6}-\d{4}"
    ),
    IdentityNumber(
        "NL_BSN",
        r"\d{9}|\d{3}[. ]\d{3}[. ]\d{3}|\d{4}[. ]\d{2}[. ]\d{3}",
        bsn.is_valid,
        r"bsn\w*|burgerservicen\w+|sofi\w*",
    ),
    IdentityNumber(
        "BE_NATIONAL_NUMBER",
        r"\d{2}[. ]?\d{2}[. ]?\d{2}[-. ]?\d{3}[-. ]?\d{2}",
        nn.is_valid,
        r"rijksregister\w*|insz|niss|registre[ ]national|num[ée]ro[ ]national",
        _ANY,
    ),
    IdentityNumber(
        "FR_NIR",
        r"[12][ ]?\d{2}[ ]?\d{2}[ ]?(?:\d{2}|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}",
        nir.is_valid,
        r"nir|s[ée]cu(?:rit[ée][ ]sociale)?|insee",
        _ANY,
    ),
    IdentityNumber(
        "DE_TAX_ID",
        r"\d{11}|\d{2}[ ]\d{3}[ ]\d{3}[ ]\d{3}",
        idnr.is_valid,
        r"steuer\w*(?:[- ]?(?:id|nr|nummer))?|idnr|tin|identifikationsn\w+",
    ),
    IdentityNumber("ES_NIF", r"(?i:\d{8}[- ]?[A-Z])", dni.is_valid, r"dni|nif", _ANY, 8),
    IdentityNumber("ES_NIE", r"(?i:[XYZ][- ]?\d{7}[- ]?[A-Z])", nie.is_valid, r"nie", _ANY, 7),
    IdentityNumber(
        "IT_FISCAL_CODE",
        _FISCAL_CODE,
        codicefiscale.is_valid,
        r"codice[ ]fiscale|c\.?f\.?",
        _ANY,
        0,
    ),
    IdentityNumber("PL_PESEL", r"\d{11}", pesel.is_valid, r"pesel\w*"),
    IdentityNumber("IE_PPS", r"(?i:\d{7}[A-W][A-IW]?)", pps.is_valid, r"ppsn?\w*", _ANY, 7),
    IdentityNumber(
        "PT_NIF", r"\d{9}|\d{3}[ ]\d{3}[ ]\d{3}", nif.is_valid, r"nif|contribuinte|fiscal"
    ),
    IdentityNumber(
        "PT_CITIZEN_CARD",
        r"\d{8}[ ]?\d[ ]?[A-Z0-9]{2}\d",
        cc.is_valid,
        r"cart[ãa]o\w*|cc|cidadão",
        r".+[A-Z].+",
    ),
    IdentityNumber(
        "AT_SOCIAL_SECURITY",
        r"\d{4}[ ]?\d{6}",
        vnr.is_valid,
        r"sv\w{0,4}|sozialvers\w+|versicherungsn\w+",
        r"\d{4}[ ]\d{6}",
    ),
    IdentityNumber(
        "CH_AHV", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", ahv.is_valid, r"ahv\w*|avs", _ANY
    ),
    IdentityNumber(
        "CZ_BIRTH_NUMBER", r"\d{6}/?\d{3,4}", rc.is_valid, r"rodn[ée]\w*|rč", r"\d{6}/\d{3,4}"
    ),
    IdentityNumber("RO_CNP", r"[1-9]\d{12}", cnp.is_valid, r"cnp", _ANY),
    IdentityNumber("SI_EMSO", r"\d{13}", emso.is_valid, r"em[šs]o", _ANY),
    IdentityNumber("BG_EGN", r"\d{10}", egn.is_valid, r"egn|егн"),
    IdentityNumber("HR_OIB", r"\d{11}", oib.is_valid, r"oib"),
    IdentityNumber("EE_ID", r"[1-8]\d{10}", ik.is_valid, r"isikukood\w*|ik"),
    IdentityNumber("LT_ID", r"[1-8]\d{10}", asmens.is_valid, r"asmens\w*"),
    IdentityNumber("LV_ID", r"\d{6}-?\d{5}", pvn.is_valid, r"personas[ ]kod\w*", r"\d{6}-\d{5}"),
    IdentityNumber("GR_AMKA", r"\d{11}", amka.is_valid, r"amka|αμκα"),
)


class IdentityNumberRecognizer(RuleRecognizer):
    """The identity numbers of the countries of Europe."""

    prefilter_patterns = (r"\d(?:[-+–—./ ]?\d){5}", _FISCAL_CODE)

    def __init__(self, language: str) -> None:
        super().__init__([one.entity for one in _NUMBERS], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the identity numbers of a text, for each country that could have given it out."""
        for place in _PLACE.finditer(text):
            digits = sum(map(str.isdigit, place.group()))
            for kind, shape, telling, words in _COMPILED:
                if digits < kind.digits:
                    continue
                for match in shape.finditer(text, max(0, place.start() - 3), place.end() + 5):
                    number = match.group()
                    if not kind.is_valid(number):
                        continue
                    if words.search(text, max(0, match.start() - _LOOK_BACK), match.start()):
                        yield RuleMatch(*match.span(), 0.95, kind.entity)
                    elif telling is not None and telling.fullmatch(number):
                        yield RuleMatch(*match.span(), 0.87, kind.entity)


_PLACE = re.compile(rf"{_FISCAL_CODE}|{_DIGITS}")
_COMPILED = tuple(
    (
        kind,
        re.compile(rf"(?<![\w+@=€$£])(?<!\d[-.,/])(?:{kind.shape})(?!\w)(?![-/.,]\d)"),
        None if kind.telling is None else re.compile(kind.telling, re.DOTALL),
        re.compile(rf"\b(?:{kind.words})\b[^\n]{{0,24}}\Z", re.IGNORECASE),
    )
    for kind in _NUMBERS
)
