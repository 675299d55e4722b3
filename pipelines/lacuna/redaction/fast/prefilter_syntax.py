"""Rewrites a regular expression so that a fast scanner matches at least where it would.

The result holds nothing but sets of bytes, sequences, choices and repetitions: what scanners agree
on. Conditions on the neighborhood are left out, so it may match more often, never less.

A text is scanned as bytes: ASCII as it is, and one byte for each other character, which tells a
letter from a digit, a blank and the rest. Characters that pattern engines disagree about, or that
are equal to an ASCII letter when case is ignored, have a byte that everything matches.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

import regex  # type: ignore[import-untyped]

ASCII = frozenset(range(0x80))
LETTER, DIGIT, BLANK, REST, UNSURE = 0x80, 0x81, 0x82, 0x83, 0x84
_BEYOND = frozenset((LETTER, DIGIT, BLANK, REST, UNSURE))
_ALL = ASCII | _BEYOND

# Kelvin, long s, dotless and dotted i: equal to k, s and i where case is ignored.
_ALIKE = {"\u212a": "k", "\u017f": "s", "\u0131": "i", "\u0130": "i"}
_LONGEST_REPEAT = 40
_NEVER = r"\xff"

_WORD = frozenset(code for code in ASCII if chr(code).isalnum() or code == 0x5F)
_DIGIT = frozenset(range(0x30, 0x3A))
_CAPITALS = frozenset(range(0x41, 0x5B))
_SPACE = frozenset((*range(0x09, 0x0E), 0x20))
# Blanks for `re`, but not for `regex`.
_HALF_SPACE = frozenset(range(0x1C, 0x20))
_CATEGORIES = {
    "CATEGORY_WORD": _WORD | {LETTER, DIGIT},
    "CATEGORY_NOT_WORD": (ASCII - _WORD) | {BLANK, REST},
    "CATEGORY_DIGIT": _DIGIT | {DIGIT},
    "CATEGORY_NOT_DIGIT": (ASCII - _DIGIT) | {LETTER, BLANK, REST},
    "CATEGORY_SPACE": _SPACE | {BLANK},
    "CATEGORY_NOT_SPACE": (ASCII - _SPACE - _HALF_SPACE) | {LETTER, DIGIT, REST},
}


class NotRewritable(Exception):
    """A pattern uses what `re` does not know, or matches the empty text."""


class _Parser(Protocol):
    def parse(self, pattern: str, flags: int) -> "_Parsed": ...


class _Parsed(Protocol):
    state: "_State"
    data: list[tuple[object, object]]


class _State(Protocol):
    flags: int


# The parser of `re`: the only one that gives the parts of a pattern away.
_PARSER = cast(_Parser, import_module("re._parser"))


@lru_cache(maxsize=4096)  # Engines of several languages share most of their patterns.
def rewritten(pattern: str, flags: int, *, wide: bool) -> str:
    """Return the pattern for texts in ASCII, or in the `wide` bytes of all others.

    Raises:
        NotRewritable: the text has to be read by the pattern itself.
    """
    try:
        parsed = _PARSER.parse(pattern, flags & ~(re.ASCII | re.LOCALE))
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise NotRewritable("the pattern uses what re does not know") from error
    caseless = bool(parsed.state.flags & re.IGNORECASE)
    writer = _PatternWriter(wide=wide, caseless=caseless)
    result = "(?i)" * caseless + writer.sequence(_inner(parsed.data), parsed.state.flags)
    if re.compile(result.encode("ascii")).match(b"") is not None:
        raise NotRewritable("the pattern matches the empty text")
    return result


class _WideTable(dict[int, int]):
    def __missing__(self, code: int) -> int:
        result = code if code < 0x80 else _byte_of(chr(code))
        if len(self) < 1 << 16:
            self[code] = result
        return result


_WIDE = _WideTable()


def in_bytes(text: str) -> bytes:
    """Return a text as it is scanned."""
    return text.encode("ascii") if text.isascii() else text.translate(_WIDE).encode("latin-1")


def _byte_of(character: str) -> int:
    if character in _ALIKE:
        return UNSURE
    for byte, category in ((LETTER, r"\w"), (DIGIT, r"\d"), (BLANK, r"\s")):
        engines = [engine.match(category, character) is not None for engine in (re, regex)]
        if engines[0] != engines[1]:
            return UNSURE
        # Digits are word characters too: the narrower kind wins.
        if engines[0] and not (byte == LETTER and re.match(r"\d", character)):
            return byte
    return REST


class _PatternWriter:
    """Writes the parts of a parsed pattern; in a caseless one the small letter does for both."""

    def __init__(self, *, wide: bool, caseless: bool) -> None:
        self._wide = wide
        self._caseless = caseless

    def sequence(self, parts: Iterable[tuple[object, object]], flags: int) -> str:
        return "".join([self._part(str(op), value, flags) for op, value in parts])

    def _part(self, op: str, value: object, flags: int) -> str:
        match op:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                codes = self._characters(op, value, flags)
                if self._caseless:
                    codes -= {code for code in _CAPITALS if code | 0x20 in codes}
                return _as_class(codes)
            case "AT":
                # On ASCII every engine means the same by a word's edge.
                return r"\b" if str(value) == "AT_BOUNDARY" and not self._wide else ""
            case "ASSERT" | "ASSERT_NOT":
                return ""
            case "BRANCH":
                _, branches = cast(tuple[object, list[_Parsed]], value)
                return self._choice(branches, flags)
            case "SUBPATTERN":
                _, add, remove, inner = cast(tuple[object, int, int, _Parsed], value)
                return f"(?:{self.sequence(inner.data, (flags | add) & ~remove)})"
            case "ATOMIC_GROUP":
                return f"(?:{self.sequence(cast(_Parsed, value).data, flags)})"
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, inner = cast(tuple[int, int, _Parsed], value)
                part = self.sequence(inner.data, flags)
                return f"(?:{part}){_times(int(low), int(high))}" if part else ""
            case "GROUPREF_EXISTS":
                _, yes, no = cast(tuple[object, _Parsed, _Parsed | None], value)
                return self._choice([yes, no] if no is not None else [yes, None], flags)
            case "GROUPREF":
                return f"{_as_class(_ALL)}*"
            case _:
                raise NotRewritable(f"the pattern uses {op}")

    def _choice(self, branches: Sequence[_Parsed | None], flags: int) -> str:
        parts = ["" if one is None else self.sequence(one.data, flags) for one in branches]
        return f"(?:{'|'.join(parts)})"

    def _characters(self, op: str, value: object, flags: int) -> frozenset[int]:
        """Return the bytes of the characters that a single place may hold."""
        everything = _ALL if self._wide else ASCII
        if op == "ANY":
            return everything if flags & re.DOTALL else everything - {0x0A}
        items = cast(list[tuple[object, object]], value) if op == "IN" else [(op, value)]
        negated = op == "NOT_LITERAL" or (op == "IN" and str(items[0][0]) == "NEGATE")
        surely: set[int] = set()
        perhaps: set[int] = set()
        for kind, item in items:
            match str(kind):
                case "NEGATE":
                    pass
                case "LITERAL" | "NOT_LITERAL":
                    code = cast(int, item)
                    self._add(range(code, code + 1), flags, surely, perhaps)
                case "RANGE":
                    low, high = cast(tuple[int, int], item)
                    self._add(range(low, high + 1), flags, surely, perhaps)
                case "CATEGORY":
                    surely |= _CATEGORIES[str(item)]
                    perhaps |= {UNSURE}
                    if str(item).endswith("SPACE"):
                        perhaps |= _HALF_SPACE
                case other:
                    raise NotRewritable(f"the pattern uses {other}")
        result = everything - surely if negated else frozenset(surely | perhaps)
        return result & everything

    def _add(self, codes: range, flags: int, surely: set[int], perhaps: set[int]) -> None:
        ascii_codes = [code for code in codes[: max(0, 0x80 - codes.start)] if code < 0x80]
        surely |= set(ascii_codes)
        if flags & re.IGNORECASE:
            letters = {chr(code).lower() for code in ascii_codes if chr(code).isalpha()}
            surely |= {ord(one) for letter in letters for one in (letter, letter.upper())}
            if letters & {*_ALIKE.values()}:
                perhaps |= {UNSURE}
            for alike, letter in _ALIKE.items():
                if ord(alike) in codes:
                    perhaps |= {ord(letter), ord(letter.upper())}
        if codes.stop > 0x80:
            single = len(codes) == 1
            perhaps |= {_byte_of(chr(codes.start)), UNSURE} if single else _BEYOND
            if single and flags & re.IGNORECASE:
                # The other case of a letter is a letter, or whatever it is.
                other = chr(codes.start).swapcase()
                perhaps |= {_byte_of(one) for one in other if ord(one) >= 0x80}


def _inner(parts: list[tuple[object, object]]) -> list[tuple[object, object]]:
    """Leave out what need not be there, at both ends: it decides nothing."""
    while parts and _may_be_empty(parts[-1]):
        parts = parts[:-1]
    while parts and _may_be_empty(parts[0]):
        parts = parts[1:]
    return parts


def _may_be_empty(part: tuple[object, object]) -> bool:
    op, value = part
    if str(op) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return cast(tuple[int, int, object], value)[0] == 0
    return str(op) in ("ASSERT", "ASSERT_NOT") or (str(op) == "AT" and str(value) != "AT_BOUNDARY")


def _times(low: int, high: int) -> str:
    low = min(low, _LONGEST_REPEAT)
    if high > _LONGEST_REPEAT:
        return "*" if low == 0 else f"{{{low},}}"
    return f"{{{low},{high}}}"


def _as_class(codes: frozenset[int]) -> str:
    if not codes:
        return _NEVER
    ordered = sorted(codes)
    if len(ordered) == 1:
        return _as_byte(ordered[0])
    parts = []
    start = last = ordered[0]
    for code in (*ordered[1:], 0x200):
        if code != last + 1:
            joint = "-" if last > start + 1 else ""
            parts.append(_as_byte(start))
            if last > start:
                parts.append(joint + _as_byte(last))
            start = code
        last = code
    return f"[{''.join(parts)}]"


def _as_byte(code: int) -> str:
    # Short, because scanners limit the length of an expression.
    return chr(code) if code in _WORD and code in ASCII else f"\\x{code:02x}"
