"""Numbers that look like those a state gives its citizens; none is issued to anybody."""

import random


def draw(rng: random.Random, language: str) -> str:
    """Return an identity number in the shape used where `language` is spoken.

    Danish and Swedish numbers carry a birth date and a serial that is not in use, German and Dutch
    ones have no valid check digit, the British prefix QQ is never issued.
    """
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(40, 99)
    serial = rng.randrange(1_000)
    if language == "da":
        return f"{day:02}{month:02}{year:02}-0{serial:03}"
    if language == "sv":
        return f"{year:02}{month:02}{day:02}-0{serial:03}"
    if language == "de":
        return f"00 {rng.randrange(100, 999)} {rng.randrange(100, 999)} {serial:03}"
    if language == "nl":
        return f"000{rng.randrange(100_000, 999_999)}"
    if language == "fr":
        return f"0 {year:02} {month:02} 00 {rng.randrange(100, 999)} {serial:03}"
    return f"QQ {rng.randrange(10, 99)} {rng.randrange(10, 99)} {day:02} C"
