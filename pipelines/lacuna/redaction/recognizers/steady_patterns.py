r"""Two patterns of Presidio, matched in a time that grows with the text alone.

Presidio's pattern for web addresses tries, at every character of a text such as `1.1.1.`, some
hundred dots and at each of them hundreds of domains; its pattern for e-mail addresses reads a run
of characters without `@` to its end, again at every edge of a word in it. Both matches have an end
that is found at once, `.com` or `@example.org`. So the ends are looked for first, and the
beginning that Presidio's pattern would have is worked out from there: same matches, same order.

This holds for the very patterns that are taken apart here. Every other one, an altered one of a
later Presidio too, is matched as it is, within its time limit.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, Protocol, cast

import regex  # type: ignore[import-untyped]  # as Presidio does: its rules of case are not those of `re`

_LONGEST_HOST = 253
_HOST = r"[a-z0-9.\-]"
_WWW = r"www\d{0,3}[.]"
_URL = rf"(?i)(({_WWW})?{_HOST}{{1,{_LONGEST_HOST}}}"
_DOMAIN = r"(?:\(\?:[a-z]{2,}\))"
_URL_END = re.compile(
    rf"\[\.\](?P<domains>\(\?:{_DOMAIN}(?:\|{_DOMAIN})*\))" + re.escape(r"""(?:/[^\s()<>\"']*)?""")
)
_NAME = r"!#$%&'*+\-/=?^_`{|}~"
_AT_HOST = r"[@]\w+(?:-+\w+)*(?:\.\w+(?:-+\w+)*)+"
_EMAIL = rf"\b((([{_NAME}\w])|([{_NAME}\w][{_NAME}\.\w]{{0,}}[{_NAME}\w])){_AT_HOST})\b"


class Spanned(Protocol):
    """What a match of `re` and a `Place` have in common."""

    def span(self) -> tuple[int, int]:
        """Return start and end."""
        ...


class PatternMatch(NamedTuple):
    """Where a pattern matches, half open."""

    start: int
    end: int

    def span(self) -> tuple[int, int]:
        """Return start and end."""
        return self.start, self.end


SpanFinder = Callable[[str, float], Iterator[Spanned]]
"""Yields what `finditer` would in a text, given so many seconds for each look at it.

Raises `TimeoutError` where they are over.
"""


class _Piece(Protocol):
    """A compiled piece of a pattern."""

    def finditer(self, text: str, *, timeout: float) -> Iterator["re.Match[str]"]: ...

    def search(
        self, text: str, pos: int, endpos: int, *, timeout: float
    ) -> "re.Match[str] | None": ...

    def match(
        self, text: str, pos: int, endpos: int, *, timeout: float
    ) -> "re.Match[str] | None": ...


def steady(pattern: str, flags: int) -> SpanFinder | None:
    """Return a finder of a pattern's matches in linear time; None if it is another pattern."""
    if pattern == _EMAIL:
        return _compiled_later(lambda: _Emails(flags))
    if pattern.startswith(_URL) and pattern.endswith(")"):
        end = pattern[len(_URL) : -1]
        if (parts := _URL_END.fullmatch(end)) is not None:
            return _compiled_later(lambda: _Urls(end, parts["domains"], flags))
    return None


def _compiled_later(make: Callable[[], "_Emails | _Urls"]) -> SpanFinder:
    """Return a finder that compiles its pieces at the first text that is given to it."""
    finder = cache(make)
    return lambda text, seconds: finder().find(text, seconds)


class _Emails:
    """An `@` that a host follows, and the text before it from the first edge of a word."""

    def __init__(self, flags: int) -> None:
        self._at_host = _piece(rf"{_AT_HOST}\b", flags)
        self._before = _piece(rf"(?r)[{_NAME}.\w]*[{_NAME}\w]", flags)
        self._edge = _piece(rf"\b[{_NAME}\w]", flags)

    def find(self, text: str, seconds: float) -> Iterator[PatternMatch]:
        last = 0
        for found in self._at_host.finditer(text, timeout=seconds):
            at, end = found.span()
            before = self._before.match(text, last, at, timeout=seconds)
            if before is None:
                continue
            edge = self._edge.search(text, before.start(), at, timeout=seconds)
            if edge is not None:
                yield PatternMatch(edge.start(), end)
                last = end


class _Urls:
    """A host, from at most 253 of its characters before the dot of a known domain, and a path.

    `www.` may stand before them. Of several domains in reach the last one counts.
    """

    def __init__(self, end: str, domains: str, flags: int) -> None:
        self._end = _piece(f"(?i){end}", flags)
        self._dot = _piece(f"(?i)[.](?=[a-z]{{2}})(?={domains})", flags)
        self._host = _piece(f"(?i){_HOST}+", flags)
        self._www = _piece(f"(?i){_WWW}", flags)

    def find(self, text: str, seconds: float) -> Iterator[PatternMatch]:
        dots = [found.start() for found in self._dot.finditer(text, timeout=seconds)]
        if not dots:
            return
        hosts = _Hosts([found.span() for found in self._host.finditer(text, timeout=seconds)], dots)
        # Where it matches with `www.`, and the dot it then ends with.
        prefixed = [
            (found.start(), dot)
            for found in self._www.finditer(text, timeout=seconds)
            if (dot := hosts.last_dot(found.end())) is not None
        ]
        at = 0
        while (found_at := _next(hosts, prefixed, at)) is not None:
            start, dot = found_at
            end = self._end.match(text, dot, len(text), timeout=seconds)
            at = cast("re.Match[str]", end).end()
            yield PatternMatch(start, at)


class _Hosts:
    """The runs of a host's characters, and the dots of domains in them."""

    def __init__(self, runs: Sequence[tuple[int, int]], dots: Sequence[int]) -> None:
        self._starts = [start for start, _ in runs]
        self._ends = [end for _, end in runs]
        self._dots = dots
        # Before any other dot stands no character of a host.
        self._preceded = [dot for dot in dots if self._start(dot) < dot]

    def last_dot(self, start: int) -> int | None:
        """Return the last dot that a host which begins at `start` can end with."""
        run = bisect_right(self._starts, start) - 1
        if run < 0 or start >= self._ends[run]:
            return None
        furthest = min(start + _LONGEST_HOST, self._ends[run] - 1)
        dot = self._dots[bisect_right(self._dots, furthest) - 1]
        return dot if start < dot <= furthest else None

    def first_start(self, at: int) -> int | None:
        """Return the first place from `at` on where a host begins that has a dot in reach."""
        number = bisect_right(self._preceded, at)
        if number == len(self._preceded):
            return None
        dot = self._preceded[number]
        return max(self._start(dot), dot - _LONGEST_HOST, at)

    def _start(self, dot: int) -> int:
        return self._starts[bisect_right(self._starts, dot) - 1]


def _next(hosts: _Hosts, prefixed: Sequence[tuple[int, int]], at: int) -> tuple[int, int] | None:
    """Return start and dot of the first match from `at` on."""
    number = bisect_left(prefixed, (at, 0))
    start = hosts.first_start(at)
    if number < len(prefixed) and (start is None or prefixed[number][0] <= start):
        return prefixed[number]
    return None if start is None else (start, cast(int, hosts.last_dot(start)))


def _piece(pattern: str, flags: int) -> _Piece:
    return cast(_Piece, regex.compile(pattern, flags))
