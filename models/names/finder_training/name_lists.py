"""Names to put into sentences, drawn so that those of every origin are learnt."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

__all__ = ["FullName", "NameLists", "is_held", "listed"]

FullName = tuple[str, str]
# Of so many names one is kept out of training, to measure on names never seen.
_HELD_OF = 12
_OWN = 0.4
_LONGEST = 24
_FEWEST = 8
# How often an origin is drawn where the name is not of the text's own language.
_ORIGINS = {
    **dict.fromkeys(("ar",), 6),
    **dict.fromkeys(("tr",), 5),
    **dict.fromkeys(("pl", "ro"), 4),
    **dict.fromkeys(("uk", "ru", "sr", "fa", "hi", "ur", "vi", "ng", "es", "pt", "en"), 3),
    **dict.fromkeys(("hr", "sq", "zh", "gh", "sn", "it", "de", "nl", "hu", "cs", "bg"), 2),
    **dict.fromkeys(("bs", "ku", "ta", "bn", "so", "er", "ke", "cm", "ci", "cd", "fr"), 1),
    **dict.fromkeys(("da", "sv", "nb", "fi", "el", "sk", "lt", "lv", "et", "sl", "mk"), 1),
    **dict.fromkeys(("ga", "is", "ka", "hy", "az", "uz", "id", "ph", "th", "ja", "am"), 1),
    **dict.fromkeys(("gm", "yo", "ig", "ha", "sw", "zu", "ne", "si", "gn"), 1),
}
_SAME = {"nn": "nb"}


def is_held(name: str) -> bool:
    """Return whether a name is kept out of training."""
    return zlib.crc32(name.casefold().encode()) % _HELD_OF == 0


def listed(data: Path) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Yield name, kind (given, surname), languages and sources of the lists in `data`."""
    with gzip.open(data / "lists" / "names.tsv.gz", "rt", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for name, kind, languages, sources in rows:
            yield name, kind, languages.split(","), sources.split(",")


class NameLists:
    """Given names and surnames by origin."""

    def __init__(self, data: Path, *, held: bool = False) -> None:
        """Read the lists: the names to train on, or only those held out."""
        self._by: dict[str, dict[str, list[str]]] = {"given": {}, "surname": {}}
        for name, kind, languages, _ in listed(data):
            if is_held(name) is held and 2 <= len(name) <= _LONGEST and name[0].isalpha():
                for language in languages:
                    self._by[kind].setdefault(language, []).append(name)
        self.origins = [one for one in _ORIGINS if self._has(one)]
        self._weights = [_ORIGINS[one] for one in self.origins]

    def _has(self, origin: str) -> bool:
        return all(len(lists.get(origin, ())) >= _FEWEST for lists in self._by.values())

    def origin(self, lang: str, rng: Random) -> str:
        """Return an origin: two in five times the language's own."""
        own = _SAME.get(lang, lang)
        if rng.random() < _OWN and self._has(own):
            return own
        return rng.choices(self.origins, self._weights)[0]

    def one(self, kind: str, origin: str, rng: Random) -> str:
        """Return a given name or a surname of an origin."""
        return rng.choice(self._by[kind][origin])

    def full(self, lang: str, rng: Random) -> FullName:
        """Return a given name and a surname; some are double, some of two origins."""
        origin = self.origin(lang, rng)
        given = self.one("given", origin, rng)
        if rng.random() < 0.08 and " " not in given:
            given += rng.choice(" -") + self.one("given", origin, rng)
        mixed = origin if rng.random() < 0.9 else self.origin(lang, rng)
        surname = self.one("surname", mixed, rng)
        if rng.random() < 0.08:
            surname += rng.choice("-- ") + self.one("surname", origin, rng)
        return given, surname
