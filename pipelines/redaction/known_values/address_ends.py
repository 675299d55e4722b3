"""What goes on behind a street and its number: the door, the postcode, the town."""

import re
from typing import Final

_FARTHEST: Final = 120

_DOORS: Final = """
app appartement apt apartment as asunto bat batiment bâtiment bte bus deur door esc escada escalera escalier etage
étage etg etw flat floor h højre hoog int interno interior kerros leilighet lgh loft lok lägenhet m mezz mieszkanie np
piano piso planta porta porte puerta room sal scala st stiege stock suite top tr trap trapp trappa trappor trapper tuer
tür tv unit up upp venstre whg wohnung
"""
_STOREYS: Final = """
first second third fourth fifth ground een twee drie vier tweede derde två tre fyra første erste zweite dritte premier
deuxième troisième primero segundo tercero cuarto primo secondo terzo primeiro terceiro quarto r/c
"""
_ALONE: Final = r"""
    dcha|dto|esq|hoog|højre|hs|interior|izq|mf|midtfor|rdc|st\.?[ ]?(?:mf|th|tv)|stuen|th|tv|upp|venstre
"""
"""What says a door without a number."""


def _any_of(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_GAP: Final = r"(?:[^\S\n]|[,;./|()–-]|\n[>|\s]{0,4}){0,4}"
_NUMBER: Final = r"[A-Z]?\d{1,4}(?:[ºª°]|\.?[a-zA-Z]?)\b\.?"
_LETTER: Final = r"(?:[^\W\d_]|['’](?=\w))"
_NAME: Final = rf"(?:(?=[^\W\d_a-z])(?>{_LETTER}{{1,4}}\.|{_LETTER}++))"
_TOWN: Final = rf"{_NAME}(?>[ ]?[-/ ][ ]?(?:{_NAME}|(?:am|an|der|im|de|la|le|sur|upon)\b)){{0,3}}"
_WITHIN_HOUSE: Final = rf"""
    (?: {_GAP} (?:
        (?i:{_any_of(_DOORS)})\b\.? [ ]? (?:{_NUMBER}|[A-Z]\b)  # lgh 1203, Stiege 4, scala C
      | (?i:{_ALONE})\b\.?
      | {_NUMBER} [ ]? (?i:{_any_of(_DOORS)}|{_ALONE})\b\.?              # 2 tr, 3e étage
      | (?i:{_any_of(_STOREYS)})[ ] (?:(?i:{_any_of(_DOORS)}|{_ALONE})\b|[A-Z]\b)  # first floor, tercero B
      | [A-Z],?[ ]\d{{1,3}}\b | [A-Z](?=,) | [IVX]{{1,4}}(?=,)
      | c/o[ ]{_TOWN}
    )){{1,4}}
"""
_BRITISH: Final = r"[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}\b"
_CODE: Final = rf"""
    (?: {_BRITISH}
      | \d{{4}}[ ]{{0,2}}[A-Z]{{2}}\b                                 # 3032 AW
      | \d{{2}}-\d{{3}}\b | \d{{4}}-\d{{3}}\b | \d{{3}}[ ]\d{{2}}\b   # 40-098, 2400-120, 226 47
      | \d{{5}}(?:-\d{{4}})?\b
    )
"""
_PREFIX: Final = r"\b(?:[A-Z]{1,3}|CP)[ ]?[-–]?[ ]?"
_PLACE: Final = rf"""
    {_GAP} (?:\b(?:in|i|à|en|em|w|te)[ ])?
    (?: {_TOWN} ,?[ ] (?:[A-Z]{{2,3}}[ ]\d{{4,5}}\b|{_BRITISH})  # Dayton, OH 45419
      | {_PREFIX} (?:{_CODE}|\d{{4}}\b)                          # B-4000
      | {_CODE}
      | \d{{4}}\b (?=[ ]{{1,2}}{_NAME})                          # no year
    )
    (?: (?:,?[ ]{{1,2}}|[ ]-[ ]|[ ]?\n[>|\s]{{0,4}}) {_TOWN} (?:[ ]\([A-Z]{{2}}\))? )?
"""
_REST: Final = re.compile(rf"(?:{_WITHIN_HOUSE})?(?:{_PLACE})?", re.VERBOSE)


def end_of_address(text: str, end: int) -> int:
    """Return where an address ends whose street and number end at `end`.

    >>> text = "Send it to Neugasse 31, D-65183 Wiesbaden, please."
    >>> text[: end_of_address(text, text.index(","))]
    'Send it to Neugasse 31, D-65183 Wiesbaden'
    """
    match = _REST.match(text, end, min(len(text), end + _FARTHEST))
    return end if match is None else match.end()
