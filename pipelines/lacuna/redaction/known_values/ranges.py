"""Ranges of a text, to be asked what they hold."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Ranges:
    """Ranges of a text, joined where they touch."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._joined: list[tuple[int, int]] = []
        for start, end in sorted(ranges):
            if self._joined and start <= self._joined[-1][1]:
                end = max(end, self._joined[-1][1])
                start = self._joined.pop()[0]
            self._joined.append((start, end))
        self._ends = [end for _, end in self._joined]

    def hold(self, start: int, end: int) -> bool:
        """Whether one range holds all of `start` to `end`."""
        index = bisect_left(self._ends, end)
        return index < len(self._joined) and self._joined[index][0] <= start

    def cut(self, start: int, end: int) -> bool:
        """Whether a range holds a part of `start` to `end` and goes on outside."""
        for at in (start, end):
            index = bisect_right(self._ends, at)
            if index < len(self._joined) and self._joined[index][0] < at:
                return True
        return False
