"""What people read and write in their own language, as data: one TOML file for each part and language.

`letters` has the letters to requesters and controllers; `bundles` the phrases of a bundle's pages;
`delivery` the pages at which bundles are downloaded, and the mail with their code;
`phrases` what mails that ask for a right plainly say; `affirmations` what answers
that agree say; `mail_words` how mails greet, close, reply and quote. `alerts`, `reports` and
`report_mails` have what officers are mailed, `notices` the letters to recipients (Art. 19).
"""

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

__all__ = ["NEAREST", "Wording", "languages_of", "nearest_language", "texts"]

NEAREST: Final = {"no": "nb", "nn": "nb"}
"""Languages whose readers another one serves: the macrolanguage Norwegian, and Nynorsk."""


@cache
def languages_of(part: str) -> tuple[str, ...]:
    """Return the languages (ISO 639-1) that a part has a file for, in order."""
    found = (each.name for each in (resources.files(__package__) / part).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def nearest_language(tag: str, languages: Collection[str], otherwise: str = "en") -> str:
    """Return which of some languages serves a reader of `tag`, as BCP 47 looks it up.

    Args:
        tag: as any system writes it; letter case does not count, and `_` counts as `-`.
        languages: tags.
        otherwise: what is returned if none of them does.

    Source: RFC 4647, section 3.4.

    >>> [nearest_language(tag, ("de", "nb", "pt")) for tag in ("pt-BR", "de_AT", "no", "fil")]
    ['pt', 'de', 'nb', 'en']
    """
    known = {one.lower(): one for one in languages}
    subtags = tag.strip().lower().replace("_", "-").split("-")
    shorter = ["-".join(subtags[:length]) for length in range(len(subtags), 0, -1)]
    wanted = (*shorter, NEAREST.get(subtags[0], ""))
    return next((known[one] for one in wanted if one in known), otherwise)


@cache
def texts(part: str, language: str) -> Mapping[str, str | Mapping[str, str]]:
    """Return the texts of a part in a language, by their names.

    Raises:
        FileNotFoundError: the part has no such language.
    """
    file = resources.files(__package__) / part / f"{language}.toml"
    return MappingProxyType(tomllib.loads(file.read_text(encoding="utf-8")))


class Wording:
    """The texts of a part in one language, to fill facts in.

    Attributes:
        tables: those that a name of their own groups, in the order of the file.
    """

    def __init__(self, part: str, language: str) -> None:
        """Read the texts; the file's absence raises FileNotFoundError."""
        found = texts(part, language)
        self._plain = {name: text for name, text in found.items() if isinstance(text, str)}
        self.tables = {name: table for name, table in found.items() if not isinstance(table, str)}

    def said(self, name: str, of: str | None = None, /, **facts: object) -> str:
        """Return a text by its name, or one `of` a table, with its facts.

        Raises:
            KeyError: there is no such text, or a fact of it is missing.
        """
        text = self._plain[name] if of is None else self.tables[name][of]
        return text.format(**facts)
