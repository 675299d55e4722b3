"""Spellings of names: in plain ASCII, and in the genitive of a language."""

import unicodedata

_SPECIAL = str.maketrans(
    {
        "ø": "oe",
        "å": "aa",
        "æ": "ae",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ł": "l",
    }
)


def to_ascii(name: str) -> str:
    """Return `name` in lower-case ASCII letters, as mail addresses have it.

    >>> to_ascii("Søren"), to_ascii("Łukasz"), to_ascii("Hélène")
    ('soeren', 'lukasz', 'helene')
    """
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_SPECIAL))
    return "".join(character for character in decomposed if character.isascii()).replace(" ", "-")


def genitive(name: str, language: str) -> str:
    """Return the genitive of a first name; French has none and returns the name.

    >>> genitive("Søren", "da"), genitive("Lars", "de"), genitive("Maud", "en")
    ('Sørens', "Lars'", "Maud's")
    """
    if language == "fr":
        return name
    if language == "en":
        return name + "'s"
    return name + ("'" if name[-1] in "sxzß" else "s")
