"""Covers values in a text that is written as base64, so that it can be decoded as before.

A data URI, a part of a mail or a token goes on being one: it is as long as it was, in the same lines.
"""

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from lacuna.ports import Span
from lacuna.redaction.folding import Edit
from lacuna.redaction.known_values.encoded_runs import RUN

__all__ = ["covered_inside", "is_encoded_file"]

_DIGIT: Final = re.compile(r"[A-Za-z0-9+/_-]")
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_FILLER: Final = b"x"
_FEWEST_DIGITS: Final = 64
# A span is of whole groups of digits, so that up to two bytes beside the value are in it.
_EDGE: Final = 2
_STRUCTURE: Final = b'"<>{}[]=\t\r\n'
_BESIDE: Final = _STRUCTURE + b" :;,'()&|\\/"


def is_encoded_file(text: str) -> bool:
    """Return whether a text is nothing but base64 of what is no text, such as a picture.

    Nothing in it can be searched. Digits of less than 48 bytes are not told from a word.
    """
    digits = "".join(text.split())
    if len(digits) < _FEWEST_DIGITS or len(digits) % 4 or _HEX.fullmatch(digits):
        return False
    try:
        said = base64.b64decode(digits, validate=True).decode()
    except UnicodeDecodeError:
        return True
    except ValueError:  # other letters than those of base64
        return False
    return _NO_TEXT.search(said) is not None


def covered_inside(text: str, spans: Sequence[Span], covering: Sequence[Edit]) -> list[Edit]:
    """Return the edits, those of values in base64 with base64 in place of a placeholder.

    Args:
        covering: the edit of each span.
    """
    runs = (_DigitRun(match) for match in RUN.finditer(text))
    run, result = next(runs, None), []
    for span, edit in zip(spans, covering, strict=True):
        while run is not None and run.end < span.end:
            run = next(runs, None)
        filled = None if run is None or span.start < run.start else run.filled(span)
        result.append(edit if filled is None else (span.start, span.end, filled))
    return result


class _DigitRun:
    """Digits of base64, in several lines too."""

    def __init__(self, match: re.Match[str]) -> None:
        self._said = match[0]
        self.start, self.end = match.span()

    @cached_property
    def _places(self) -> Sequence[int]:
        return [place.start() for place in _DIGIT.finditer(self._said)]

    @cached_property
    def _digits(self) -> str:
        return "".join(_DIGIT.findall(self._said))

    @cached_property
    def _data(self) -> bytes | None:
        return _read(self._digits)

    def filled(self, span: Span) -> str | None:
        """Return the digits for the place of a span of the run; None where the run says no text."""
        if self._data is None:
            return None
        start, end = span.start - self.start, span.end - self.start
        low, high = bisect_left(self._places, start), bisect_left(self._places, end)
        # The bytes of which the span has all bits: six a digit.
        first, last = _without_edges(self._data, -(-6 * low // 8), 6 * high // 8)
        # Of the groups that the span reaches into, not of the whole run for each span.
        group = low // 4
        piece = self._data[3 * group : 3 * -(-high // 4)]
        before, after = first - 3 * group, last - 3 * group
        covered = piece[:before] + _FILLER * (after - before) + piece[after:]
        if covered == piece:
            return None  # what is found here still is found whatever it says
        letters = base64.b64encode(covered).decode()
        if "-" in self._digits or "_" in self._digits:
            letters = letters.replace("+", "-").replace("/", "_")
        filled = list(self._said[start:end])
        for number in range(low, high):
            filled[self._places[number] - start] = letters[number - 4 * group]
        return "".join(filled)


def _read(digits: str) -> bytes | None:
    """Return the bytes of base64 digits, if they are those of a text."""
    if _HEX.fullmatch(digits) or len(digits) % 4 == 1:
        return None
    standard = digits.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        said = data.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return None if _NO_TEXT.search(said) else data


def _without_edges(data: bytes, first: int, last: int) -> tuple[int, int]:
    """Return a range without what parts values at its ends, such as the quote mark of a member.

    >>> _without_edges(b'{"a":"ada@example.org"}', 4, 23)
    (6, 21)
    """
    lead = data[first : first + _EDGE]
    tail = data[max(first, last - _EDGE) : last]
    before = [place for place, byte in enumerate(lead, 1) if byte in _STRUCTURE]
    before.append(len(lead) - len(lead.lstrip(_BESIDE)))
    after = [len(tail) - place for place, byte in enumerate(tail) if byte in _STRUCTURE]
    after.append(len(tail) - len(tail.rstrip(_BESIDE)))
    return first + max(before), max(first + max(before), last - max(after))
