"""Texts that a program wrote for itself: YAML, PHP's `serialize` and Ruby's Marshal, covered and readable again.

A placeholder alone would leave a list in YAML, a wrong length in PHP, and nothing readable in Marshal.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from lacuna.ports import Span
from lacuna.redaction.operators.labels import placeholder

__all__ = ["readable_again"]

_PHP: Final = re.compile(r"[abdisNOCrREo][:;]")
_PHP_SCALAR: Final = re.compile(r"N;|[birR]:-?\d+;|d:(?:-?[\d.]+(?:[eE][+-]?\d+)?|-?INF|NAN);")
_PHP_LENGTH: Final = re.compile(r'[sE]:(\d+):"')
_PHP_LIST: Final = re.compile(r'(?:a|O:\d+:"[^"]*"):(\d+):\{')
_MARSHAL: Final = "\x04\x08"
_LONGEST_YAML: Final = 4_000_000  # characters; a longer one is covered as any text
_DEEPEST_YAML: Final = 50
_YAML: Final = re.compile(r"---(?=[ \n\r])")
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*|.)")
_PROPERTY: Final = re.compile(r"\S+\s+")
_FOLD: Final = re.compile(r"[ \t]*\r?\n[ \t\r\n]*")


@dataclass(frozen=True)
class _Scalar:
    """A value of a serialized text.

    Attributes:
        start, end: the value, as it is written, without its surroundings.
        whole: from where to where its length and quote marks go.
        style: `"`, `'`, `|`, `>` or nothing in YAML; `s` for a string of PHP, `n` for a number.
    """

    start: int
    end: int
    whole: tuple[int, int]
    style: str


def readable_again(text: str, spans: Sequence[Span], covered: str) -> str:
    """Return a covered text as its program can read it; any other text as it was covered.

    Args:
        text: as it was.
        spans: what was covered in it, in order and apart.
        covered: with placeholders in place of them.
    """
    if not spans:
        return covered
    if text.startswith(_MARSHAL):
        # Each length stands in the bytes before: what was covered in it can be read by nothing.
        return placeholder(spans[0].label)
    scalars = _scalars(text)
    if scalars is None:
        return covered
    written = _written(text, spans, scalars)
    return placeholder(spans[0].label) if written is None else written


def _scalars(text: str) -> list[_Scalar] | None:
    """Return the values of a serialized text; None for any other."""
    try:
        if _YAML.match(text):
            return _of_yaml(text)
        if _PHP.match(text):
            return list(_of_php(text))
    except (ValueError, yaml.YAMLError):
        return None
    return None


def _of_yaml(text: str) -> list[_Scalar] | None:
    found: list[_Scalar] = []
    is_structure = False
    for event in _events(text):
        is_structure |= isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        if isinstance(event, yaml.ScalarEvent) and event.start_mark and event.end_mark:
            start, end = event.start_mark.index, event.end_mark.index
            if start < end:
                found.append(_yaml_scalar(text, start, end, event.style or ""))
    return found if is_structure else None


def _yaml_scalar(text: str, start: int, end: int, style: str) -> _Scalar:
    if style not in ("|", ">"):
        # Anchor and tag stand before the value.
        while text[start] in "&!" and (before := _PROPERTY.match(text, start, end)):
            start = before.end()
    around = 1 if style in ("'", '"') else 0
    return _Scalar(start + around, end - around, (start, end), style)


def _of_php(text: str) -> Iterator[_Scalar]:
    """Yield the values of PHP's `serialize`.

    Raises:
        ValueError: it is none.
    """
    place, left = 0, [1]
    while left:
        if left[-1] == 0:
            left.pop()
            if left:
                if text[place : place + 1] != "}":
                    raise ValueError("no end of a list")
                place += 1
            continue
        left[-1] -= 1
        if match := _PHP_SCALAR.match(text, place):
            if not match[0].startswith(("N", "r", "R", "b")):
                yield _Scalar(place + 2, match.end() - 1, match.span(), "n")
            place = match.end()
        elif match := _PHP_LENGTH.match(text, place):
            end = _after_bytes(text, match.end(), int(match[1]))
            if text[end : end + 2] != '";':
                raise ValueError("no end of a string")
            yield _Scalar(match.end(), end, (place, end + 2), "s")
            place = end + 2
        elif match := _PHP_LIST.match(text, place):
            left.append(2 * int(match[1]))
            place = match.end()
        else:
            raise ValueError("not of PHP")
    if text[place:].strip():
        raise ValueError("more than one value")


def _after_bytes(text: str, start: int, count: int) -> int:
    """Return the place after so many bytes of UTF-8."""
    end = start + count
    while end > start and len(text[start:end].encode("utf-8", "surrogatepass")) > count:
        surplus = len(text[start:end].encode("utf-8", "surrogatepass")) - count
        end -= max(1, surplus // 4)
    return end


def _written(text: str, spans: Sequence[Span], scalars: Sequence[_Scalar]) -> str | None:
    """Return the text; values that spans reach into are rewritten.

    None where a known value reaches what is no value: a name of a class, a comment. What a detector
    took for more than a value is covered as far as the value goes.
    """
    parts: list[str] = []
    done = first = 0
    for scalar in scalars:
        while first < len(spans) and spans[first].end <= scalar.start:
            first += 1
        last = first
        while last < len(spans) and spans[last].start < scalar.end:
            last += 1
        if first == last:
            continue
        parts += [text[done : scalar.whole[0]], _covered(text, scalar, spans[first:last])]
        done = scalar.whole[1]
    new = "".join(parts) + text[done:]
    return new if not _is_left(text, spans, scalars) and _same(text, new) else None


def _is_left(text: str, spans: Sequence[Span], scalars: Sequence[_Scalar]) -> bool:
    """Whether a known value has letters or digits outside of all values."""
    covered = bytearray(len(text))
    for one in scalars:
        covered[one.start : one.end] = b"\1" * (one.end - one.start)
    return any(
        text[place].isalnum() and not covered[place]
        for span in spans
        if span.subjects
        for place in range(span.start, span.end)
    )


def _covered(text: str, scalar: _Scalar, spans: Sequence[Span]) -> str:
    """Return a value with placeholders, and its surroundings."""
    found = _ESCAPE.finditer(text, scalar.start, scalar.end) if scalar.style == '"' else ()
    escapes = [match.span() for match in found]
    parts: list[str] = []
    done = scalar.start
    for span in spans:
        start, end = max(span.start, scalar.start), min(span.end, scalar.end)
        start, end = _around(escapes, start)[0], _around(escapes, end)[1]
        parts += [text[done : max(done, start)], placeholder(span.label)]
        done = max(done, end)
    value = "".join(parts) + text[done : scalar.end]
    before, after = scalar.whole
    match scalar.style:
        case "s":
            return f's:{len(value.encode("utf-8", "surrogatepass"))}:"{value}";'
        case "n":
            label = placeholder(spans[0].label)
            return f's:{len(label)}:"{label}";'
        case "":
            return json.dumps(_FOLD.sub(" ", value), ensure_ascii=False)
        case _:
            return text[before : scalar.start] + value + text[scalar.end : after]


def _around(escapes: Sequence[tuple[int, int]], place: int) -> tuple[int, int]:
    """Return the escape that a place is within; the place itself where it is in none."""
    number = bisect_right(escapes, (place, -1)) - 1
    if number >= 0 and escapes[number][0] < place < escapes[number][1]:
        return escapes[number]
    return place, place


def _same(text: str, new: str) -> bool:
    """Whether a rewritten text is read as the one before was."""
    if not _YAML.match(text):
        return _scalars(new) is not None
    try:
        pairs = zip(_kinds(text), _kinds(new), strict=True)
        return all(before == after for before, after in pairs)
    except (ValueError, yaml.YAMLError):
        return False


def _kinds(text: str) -> Iterator[type[yaml.Event]]:
    return map(type, _events(text))


def _events(text: str) -> Iterator[yaml.Event]:
    """Yield the parts of YAML.

    Raises:
        ValueError: it is longer or deeper than programs write; each level costs the parser more.
        YAMLError: it is none.
    """
    if len(text) > _LONGEST_YAML:
        raise ValueError("too long")
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        depth -= isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        if depth > _DEEPEST_YAML:
            raise ValueError("too deep")
        yield event
