"""What follows a street and its number, across lines and quote marks: unit, postcode and town."""

import re

from lacuna.redaction import street_words as words

_ABBREVIATED = re.compile(
    r"\b(?:st|ave?|rd|dr|blvd|str|sq|ln|pl|ct|hwy|pkwy|th|tv|mf|bd|apt|ste|u)\.\Z", re.IGNORECASE
)
_MARGIN = r"(?:[ \t]*(?:>|\?\?\?|\||\*)){0,3}[ \t]{0,8}"
_BREAK = rf"[ \t]{{0,3}}(?:,[ \t]{{0,3}}\n?|\n[ \t]{{0,3}}\n?)(?:{_MARGIN},?[ \t]?)"
_GAP = rf"(?:{_BREAK}|[ \t]{{1,3}})"
_TOWN = (
    rf"{words.CAPITAL}(?:[ ](?:(?:de|di|del|la|le|sur|am|an|der|den|im|i|of|the|and|upon|u)[ ]){{0,2}}"
    rf"{words.CAPITAL}){{0,4}}"
)
_SMALL_TOWN = r"[^\W\d_][\w'’.-]*+(?:[ ][^\W\d_][\w'’.-]*+){0,2}"
_PLACE = rf"(?:{_TOWN}|nan\b)"
_UNIT_NEXT = re.compile(rf"{_GAP}{words.UNIT}")
_POSTCODE_NEXT = tuple(
    re.compile(step)
    for step in (
        # 8000 Aarhus C; 10115 Berlin
        rf"(?:{_BREAK}{words.POSTCODE}(?:[ ]{_TOWN})?|[ ]{words.POSTCODE}[ ]{_TOWN})",
        # Leeds LS1 4AB; New York, NY 10118; the lines of a block
        rf"{_GAP}{_PLACE}(?:{_GAP}{_PLACE}){{0,3}}{_GAP}{words.POSTCODE}(?:[ ]{_TOWN})?",
        rf"(?:{_BREAK}|[ ]){_SMALL_TOWN}(?:{_BREAK}{_SMALL_TOWN}){{0,3}}[ \t]{words.POSTCODE}(?=[.!?]?(?:\s|$))",
    )
)
_TOWN_NEXT = re.compile(
    rf"(?:,[ ]{_TOWN}(?:,[ ][A-Z]{{2}}\b)?|[ \t]*\n{_MARGIN}{_TOWN}(?=[ \t,.]*(?:\n|\Z)))(?![\w:@])"
)
# A number behind a comma may be a year, a word and a number an order.
_SURELY_NEXT = tuple(
    re.compile(step)
    for step in (
        rf"{_GAP}(?:in[ ]|i[ ]|-[ ])?{words.POSTCODE}(?:[ ](?:-[ ])?|{_BREAK}){_TOWN}(?:[ ]\([A-Z]{{2}}\))?",
        rf"{_GAP}(?!(?:19|20)\d\d\b|\d{{1,4}}[ ]){words.POSTCODE}(?![ ]?\w)",
        rf"{_GAP}{_PLACE}(?:{_GAP}{_PLACE})?,?[ ](?:[A-Z]{{2,3}}[ ]\d{{4,5}}\b|{words.BRITISH_POSTCODE})",
    )
)


def end_of_address(text: str, end: int, *, with_town: bool) -> int:
    """Return where an address ends that may go on after `end`.

    Args:
        with_town: whether a town without a postcode belongs to it.
    """
    end = _after_units(text, end)
    step = next((m for rule in _POSTCODE_NEXT if (m := rule.match(text, end))), None)
    if step is not None:
        return step.end()
    town = _TOWN_NEXT.match(text, end) if with_town else None
    return end if town is None else town.end()


def sure_end_of_address(text: str, end: int) -> int:
    """Return the same of an address that is known, where anything else would be a word too many.

    >>> text = "Send it to Neugasse 31, D-65183 Wiesbaden, please."
    >>> text[: sure_end_of_address(text, text.index(","))]
    'Send it to Neugasse 31, D-65183 Wiesbaden'
    """
    start, end = end, _after_units(text, end)
    step = next((m for rule in _SURELY_NEXT if (m := rule.match(text, end))), None)
    return end if step is None else without_stop(text, start, step.end())


def without_stop(text: str, start: int, end: int) -> int:
    """Return `end` before the full stop of a sentence; the dot of an abbreviation stays."""
    if text[end - 1] != "." or _ABBREVIATED.search(text, start, end):
        return end
    return end - 1


def _after_units(text: str, end: int) -> int:
    while (unit := _UNIT_NEXT.match(text, end)) is not None:
        end = unit.end()
    return end
