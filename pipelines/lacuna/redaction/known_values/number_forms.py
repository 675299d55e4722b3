"""How a date of birth and a telephone number are written: in digits, words and with parts left out."""

import re
from functools import cache

import phonenumbers

from lacuna.redaction.folding import fold

WORD = re.compile(r"[^\W_]+")
DIGITS = re.compile(r"\d+", re.ASCII)

PHONE_DIGITS = 7
_SHORTEST_PHONE = 6
"""Digits of a number of a small country; anything else may have as many."""
_DATE_LANGUAGES = ("da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv")
_ORDINALS = ("st", "nd", "rd", "th", "er")


def date_forms(value: str) -> set[tuple[str, ...]]:
    """Return a date as it is written: in numbers of every usual order, and with its month's name.

    >>> ("7", "5", "1984") in date_forms("1984-05-07")
    True
    """
    numbers = DIGITS.findall(value)[:3]
    if len(numbers) == 2 and (month := _month_in(value)) is not None:
        # 7. maj 1984; May 7, 1984
        day, year = sorted(numbers, key=len)
        numbers = [year, str(month), day]
    if len(numbers) != 3 or [len(one) == 4 for one in numbers].count(True) != 1:
        return set()
    year, month, day = numbers if len(numbers[0]) == 4 else reversed(numbers)
    padded = (day.zfill(2), month.zfill(2))
    plain = (day.lstrip("0"), month.lstrip("0"))
    forms: set[tuple[str, ...]] = set()
    for one, two in (padded, plain, padded[::-1], plain[::-1]):
        forms |= {(one, two, year), (one, two, year[2:]), (year, one, two)}
    for one, two in (padded, padded[::-1]):
        forms |= {(one + two + year,), (year + one + two,)}
    for name in _month_names(int(month)):
        for one in (padded[0], plain[0], *(f"{plain[0]}{end}" for end in _ORDINALS)):
            forms |= {(one, name, year), (name, one, year), (one, name, year[2:])}
    return forms


def _month_in(value: str) -> int | None:
    words = {*WORD.findall(fold(value))}
    return next((month for month in range(1, 13) if words & _month_names(month)), None)


@cache
def _month_names(month: int) -> frozenset[str]:
    """Return the names of a month, 1 to 12, in the languages of Unicode's CLDR that are read here."""
    # Only here: the import takes a twentieth of a second.
    from babel.dates import get_month_names

    names = (
        get_month_names(width, context, locale=code).get(month, "")
        for code in _DATE_LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
    )
    return frozenset("".join(WORD.findall(fold(name))) for name in names) - {""}


def phone_forms(value: str) -> set[str]:
    """Return the digits by which a number is written: national, international, as given."""
    given = fold(value)
    digits = "".join(DIGITS.findall(given))
    forms = {digits}
    if "+" in given and "(0)" in given:
        forms |= phone_forms(given.replace("(0)", ""))
    if digits.startswith("00"):
        given = f"+{digits[2:]}"
    elif digits.startswith("0") and len(digits) > PHONE_DIGITS + 1:
        forms.add(digits[1:])
    try:
        # Its digits alone: a word beside it would be dialled on a keypad.
        number = phonenumbers.parse(f"+{digits.removeprefix('00')}")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and ("+" in given or phonenumbers.is_valid_number(number)):
        code = str(number.country_code)
        national = phonenumbers.national_significant_number(number)
        trunk = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        dialled = "".join(DIGITS.findall(trunk))
        for prefix in ("", "00", "011"):
            forms |= {
                prefix + code + national,
                prefix + code + dialled,
                f"{prefix}{code}0{national}",
            }
        forms |= {national, dialled, f"0{national}"}
    elif "+" in given:
        national = digits[_code_length(digits) :]
        forms |= {national, f"0{national}"} if len(national) >= PHONE_DIGITS else set()
    return {form for form in forms if len(form) >= _SHORTEST_PHONE}


def _code_length(digits: str) -> int:
    """Return how many digits of an international number are its calling code; three if none is."""
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((length for length in (1, 2) if int(digits[:length] or 0) in known), 3)
