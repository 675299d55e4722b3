"""Digits spoken as words in the languages of Europe, folded."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from lacuna.redaction.folding import Edit, fold

# Digit by digit; a word that two languages share means the same digit in both.
_DIGITS = """
zero oh null nul nula zerro cero noll nolla
one en et een ein eins un une uno una ett jeden jedna yksi
two to zwei zwo twee deux dos due tva dwa kaksi
three tre drei drie trois tres trzy kolme
four fire vier quatre cuatro quattro fyra cztery nelja
five fem funf fuenf vijf cinq cinco cinque piec viisi
six seks sex sechs zes seis sei szesc kuusi
seven syv sieben zeven sept siete sette sju siedem
eight otte acht huit ocho otto atta osiem
nine ni neun negen neuf nueve nove nio dziewiec
"""
_VALUE = {
    word: str(digit)
    for digit, line in enumerate(_DIGITS.strip().split("\n"))
    for word in line.split()
}

NUMBER_WORDS = frozenset(_VALUE)
"""Words for one digit."""

TIMES = MappingProxyType({"double": 2, "triple": 3, "dobbelt": 2, "doppel": 2, "dubbel": 2})
"""Words that say how often the next digit is meant."""

_WORD = re.compile(r"[^\W_]+")


def numbers_in(text: str) -> Iterator[Edit]:
    """Yield the digits for each number word of a text: "double two" is 22."""
    words = list(_WORD.finditer(text))
    folded = [fold(word[0]) for word in words]
    done = 0
    for index, word in enumerate(words):
        if word.start() < done:
            continue
        times = TIMES.get(folded[index], 1)
        number = index + (times > 1)
        if number < len(words) and (digit := _VALUE.get(folded[number])) is not None:
            done = words[number].end()
            yield word.start(), done, digit * times
