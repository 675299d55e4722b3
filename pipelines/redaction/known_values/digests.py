"""Unsalted hashes of values: whoever knows an address finds its owner by them."""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from pipelines.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from pipelines.redaction.known_values.hits import Hit
from pipelines.redaction.known_values.keys import Entry, Key

_ALGORITHMS: Final = ("md5", "sha1", "sha256", "sha512")
_RUN: Final = re.compile(r"[0-9A-Za-z+/_-]{22,}={0,2}")
_PIECE_ENDS: Final = re.compile(r"[+/_=-]|$")
_FILL: Final = re.compile("=*")
_ONE_ALPHABET: Final = str.maketrans("+/", "-_")
_SHORTEST_ID: Final = 5


class Digests:
    """The digests of the addresses, numbers and ids of some people, in hexadecimal and base64."""

    def __init__(self, persons: Sequence[Person]) -> None:
        entries: dict[str, list[Entry]] = defaultdict(list)
        for person in persons:
            for own_only, values in ((False, person.known), (True, person.own_values)):
                for one in values:
                    key = Key((one.value,), one.kind, own_only=own_only or _is_short(one))
                    for text in {*_hashed(one)}:
                        for said in _digests(text):
                            entries[said].append(Entry(key, person.ref, one))
        self._entries: Mapping[str, Sequence[Entry]] = entries
        self._lengths = sorted({len(said) for said in entries})

    def find(self, text: str, own: Collection[SubjectRef]) -> Iterator[Hit]:
        """Yield what stands in a text; of what counts in own texts alone, that of `own`."""
        for run in _RUN.finditer(text) if self._entries else ():
            said = run.group().lower().translate(_ONE_ALPHABET)
            # A digest may have the signs within that part it from a path.
            ends = {found.start() for found in _PIECE_ENDS.finditer(said)}
            for start in {0, *(end + 1 for end in ends)}:
                for length in self._lengths:
                    end = start + length
                    found = self._entries.get(said[start:end], ()) if end in ends else ()
                    if found := [
                        entry for entry in found if not entry.key.own_only or entry.subject in own
                    ]:
                        last = _FILL.match(said, end)
                        place = (run.start() + start, run.start() + (last.end() if last else end))
                        yield Hit(*place, tuple(found), (place,), (length,))


def _is_short(identifier: Identifier) -> bool:
    """Whether an id is one that many platforms have."""
    return (
        identifier.kind is IdentifierKind.EXTERNAL_ID
        and sum(map(str.isalnum, identifier.value)) < _SHORTEST_ID
    )


def _hashed(identifier: Identifier) -> Iterator[str]:
    """Yield a value as programs hash it: as it is, in small letters, a number by its digits."""
    value = identifier.value
    match identifier.kind:
        case IdentifierKind.EMAIL | IdentifierKind.EXTERNAL_ID:
            yield from (value, value.strip(), value.strip().lower())
        case IdentifierKind.PHONE:
            digits = "".join(re.findall(r"\d", value, re.ASCII))
            yield from (value, digits, f"+{digits}", f"00{digits}")
        case _:
            return


def _digests(text: str) -> Iterator[str]:
    for name in _ALGORITHMS:
        digest = hashlib.new(name, text.encode("utf-8", "replace"), usedforsecurity=False)
        yield digest.hexdigest()
        packed = base64.urlsafe_b64encode(digest.digest()).decode()
        yield packed.rstrip("=").lower()
