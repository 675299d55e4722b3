"""What people read and write in their own language, as data: one TOML file for each part and language.

`letters` has the letters to requesters and controllers; `bundles` the phrases of a bundle's pages,
by their English; `phrases` what mails that ask for a right plainly say; `affirmations` what answers
that agree say.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

__all__ = ["languages_of", "texts"]


@cache
def languages_of(part: str) -> tuple[str, ...]:
    """Return the languages (ISO 639-1) that a part has a file for, in order."""
    found = (each.name for each in (resources.files(__package__) / part).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def texts(part: str, language: str) -> Mapping[str, str | Mapping[str, str]]:
    """Return the texts of a part in a language, by their names.

    Raises:
        FileNotFoundError: the part has no such language.
    """
    file = resources.files(__package__) / part / f"{language}.toml"
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))
