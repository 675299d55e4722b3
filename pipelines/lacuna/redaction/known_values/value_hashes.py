"""Unsalted hashes of values: whoever knows an address finds its owner by them."""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.redaction.known_values.value_matches import ValueMatch
from lacuna.redaction.known_values.value_spellings import Key, KeyEntry

_ALGORITHMS: Final = {
    length: (name, is_hexadecimal)
    for name in ("md5", "sha1", "sha256", "sha512")
    for byte_count in (hashlib.new(name, usedforsecurity=False).digest_size,)
    for length, is_hexadecimal in ((byte_count * 2, True), (-(-byte_count * 4 // 3), False))
}
"""Digits of a digest → what it was made with, and whether they are hexadecimal or base64."""
_RUN: Final = re.compile(r"[0-9A-Za-z+/_-]{22,}={0,2}")
_PIECE_ENDS: Final = re.compile(r"[+/_=-]|$")
_FILL: Final = re.compile("=*")
_ONE_ALPHABET: Final = str.maketrans("+/", "-_")
_SHORTEST_ID: Final = 5


class Digests:
    """The digests of the addresses, numbers and ids of some people, in hexadecimal and base64."""

    def __init__(self, persons: Sequence[Person]) -> None:
        """Cheap: the digests of one length are made at the first run that has a piece as long."""
        self._persons = persons
        self._entries: dict[int, Mapping[str, Sequence[KeyEntry]]] = {}

    def find(self, text: str, own: Collection[SubjectRef]) -> Iterator[ValueMatch]:
        """Yield the values in a text; of what counts in own texts alone, that of `own`."""
        for run in _RUN.finditer(text):
            said = run.group().lower().translate(_ONE_ALPHABET)
            # A digest may hold the characters that separate it from a path.
            ends = {found.start() for found in _PIECE_ENDS.finditer(said)}
            for start in {0, *(end + 1 for end in ends)}:
                for length in _ALGORITHMS:
                    if (end := start + length) not in ends:
                        continue
                    if found := [
                        entry
                        for entry in self._of_length(length).get(said[start:end], ())
                        if not entry.key.own_only or entry.subject in own
                    ]:
                        last = _FILL.match(said, end)
                        place = (run.start() + start, run.start() + (last.end() if last else end))
                        yield ValueMatch(*place, tuple(found), (place,), (length,))

    def _of_length(self, length: int) -> Mapping[str, Sequence[KeyEntry]]:
        if (entries := self._entries.get(length)) is None:
            entries = self._entries[length] = _entries(self._persons, *_ALGORITHMS[length])
        return entries


def _entries(
    persons: Sequence[Person], algorithm: str, is_hexadecimal: bool
) -> Mapping[str, Sequence[KeyEntry]]:
    entries: dict[str, list[KeyEntry]] = defaultdict(list)
    for person in persons:
        for own_only, values in ((False, person.known), (True, person.own_values)):
            for one in values:
                if texts := {*_hashed(one)}:
                    key = Key((one.value,), one.kind, own_only=own_only or _is_short(one))
                    entry = KeyEntry(key, person.ref, one)
                    for text in texts:
                        entries[_digest(text, algorithm, is_hexadecimal)].append(entry)
    return entries


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


def _digest(text: str, algorithm: str, is_hexadecimal: bool) -> str:
    digest = hashlib.new(algorithm, text.encode("utf-8", "replace"), usedforsecurity=False)
    if is_hexadecimal:
        return digest.hexdigest()
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=").lower()
