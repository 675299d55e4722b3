"""Hashes of known values in a text."""

import base64
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.verify.number_search import (
    NO_DIGIT,
    KnownValue,
)

_HASHES: Final = ("md5", "sha1", "sha256", "sha512")


# --- digests --------------------------------------------------------------------------------------

_DIGEST_LENGTHS: Final = (22, 27, 43, 86, 32, 40, 64, 128)
"""Of the digests in base64, without what fills it up, and in hexadecimal."""
_IN_DIGEST: Final = re.compile(rb"[0-9a-z+/_-]")
_END: Final = b"\0"
_SHORTEST_RUN: Final = b"a" * min(_DIGEST_LENGTHS)
# A run of equal bytes is found several times as fast as what a pattern describes.
_SHAPES: Final = b"".join(
    b"a" if _IN_DIGEST.fullmatch(bytes([code])) else _END for code in range(256)
)
_SEPARATOR_IN_RUN: Final = re.compile(r"[+/_-]")


def digests_in(
    digests: Mapping[str, frozenset[KnownValue]], folded: str
) -> Iterator[tuple[int, KnownValue]]:
    """Yield the place and the known value of each digest by itself."""
    for place, end in _runs_in(folded):
        text = folded[place:end]
        ends = {len(text)} if not folded[end : end + 1].isalnum() else set[int]()
        separators = [found.start() for found in _SEPARATOR_IN_RUN.finditer(text)]
        ends.update(separators)
        starts = [at + 1 for at in separators]
        if not folded[max(0, place - 1) : place].isalnum():
            starts.append(0)
        for start in starts:
            for length in _DIGEST_LENGTHS:
                if start + length in ends:
                    for known_value in digests.get(text[start : start + length], ()):
                        yield place + start, known_value


def _runs_in(folded: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches, each as a whole, that are as long as a digest."""
    shapes = folded.encode("latin-1", "replace").translate(_SHAPES) + _END
    end = 0
    while (start := shapes.find(_SHORTEST_RUN, end)) >= 0:
        end = shapes.index(_END, start)
        yield start, end


def digests_of(identifier: Identifier) -> Iterator[str]:
    """Yield the hashes of the forms in which an identifier is usually hashed."""
    match identifier.kind:
        case IdentifierKind.EMAIL:
            yield from _hashes({identifier.value, identifier.value.strip().lower()})
        case IdentifierKind.PHONE:
            digits = NO_DIGIT.sub("", identifier.value)
            yield from _hashes({identifier.value, digits, f"+{digits}", f"00{digits}"})
        case IdentifierKind.EXTERNAL_ID:
            yield from _hashes(
                {identifier.value, identifier.value.strip(), identifier.value.strip().lower()}
            )
        case _:
            return


def _hashes(texts: Collection[str]) -> Iterator[str]:
    for text in texts:
        for name in _HASHES:
            digest = hashlib.new(name, text.encode("utf-8", "replace"), usedforsecurity=False)
            yield digest.hexdigest()
            packed = base64.b64encode(digest.digest()).decode().rstrip("=").lower()
            yield packed
            yield packed.replace("+", "-").replace("/", "_")
