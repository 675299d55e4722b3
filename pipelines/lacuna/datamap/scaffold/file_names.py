"""Where sampled values name files: a text, a list of texts, or places in a document."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_A_PATH: Final = re.compile(r"^[\w.-]+(?:/[\w .-]+)+\.\w{2,5}$")
_DEEPEST: Final = 8


def is_path(text: str) -> bool:
    """Whether a text looks like the path of a file in a store.

    >>> is_path("recordings/7/a b.wav"), is_path("and/or"), is_path("https://example.org/a.png")
    (True, False, False)
    """
    return _A_PATH.match(text) is not None


def listed_paths(arrays: Sequence[str]) -> tuple[str, ...]:
    """Return the paths in arrays as PostgreSQL writes them; none if anything else stands there.

    >>> listed_paths(["{a/1.png,NULL}", '{"b/2 x.png"}', "{}"])
    ('a/1.png', 'b/2 x.png')
    >>> listed_paths(["{a/1.png}", "{other}"])
    ()
    """
    found = []
    for array in arrays:
        lines = csv.reader([array[1:-1]], escapechar="\\", doublequote=False)
        found += [one for line in lines for one in line if one != "NULL"]
    return tuple(found) if all(map(is_path, found)) else ()


def places_of_paths(documents: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return where JSON documents name files, with the paths: places as `paths` of a map.

    A place counts if every text there is a path. What is no JSON says nothing.

    >>> dict(places_of_paths(['{"voice": {"file": "v/1.wav"}, "screens": ["s/1.png"], "n": "x"}']))
    {'/voice/file': ('v/1.wav',), '/screens/[]': ('s/1.png',)}
    """
    texts: dict[str, list[str]] = {}
    for document in documents:
        try:
            found = list(_texts(json.loads(document), ""))
        except (ValueError, RecursionError):
            continue
        for place, text in found:
            texts.setdefault(place, []).append(text)
    return {
        place: tuple(some) for place, some in texts.items() if place and all(map(is_path, some))
    }


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield each text of a document with its place; keys that no place can name are left out."""
    if place.count("/") > _DEEPEST:
        return
    match value:
        case str():
            yield place, value
        case list():
            for one in value:
                yield from _texts(one, f"{place}/[]")
        case dict():
            for key, below in value.items():
                if key and "/" not in key and key != "[]":
                    yield from _texts(below, f"{place}/{key}")
        case _:
            return
