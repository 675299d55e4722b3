"""Adds up the room between the words of a page: words far below the others are read by nobody.

No page is laid out. Each box, picture, line and blank takes at least as much room as it can: what is
estimated too far makes a person look at the mail.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from lacuna.intake.mail.hidden_characters import visible_words
from lacuna.intake.mail.styles import Style

_FARTHEST: Final = 1_200.0
"""Pixels, a screen and a half, that may lie empty between words."""
_LINE: Final = 20.0
_IN_A_LINE: Final = 80  # blanks that do not collapse
_BLANKS: Final = re.compile(r"[^\S\n\t ]+")
_CELLS: Final = frozenset({"td", "th"})


@dataclass
class _Box:
    """An element that is open: where it begins, what it takes at least, and the deepest of its row."""

    name: str
    start: float
    style: Style
    push: float
    floor: float
    deepest: float = 0.0


@dataclass
class Distance:
    """Where a page is, and where the last words stood.

    Attributes:
        is_far: whether so much lay between some words that those after it are out of sight.
        is_doubtful: whether a cell has so much room that words beside it stand far below its top.
    """

    is_far: bool = False
    is_doubtful: bool = False
    _down: float = 0.0
    _across: float = 0.0
    _words_end: float = 0.0
    _open: list[_Box] = field(default_factory=list)
    _rows: list[_Box] = field(default_factory=list)

    def begin(self, name: str, style: Style, around: Style) -> None:
        """Go into an element."""
        if name in _CELLS and self._rows:
            # Cells of a row stand side by side.
            row = self._rows[-1]
            row.deepest = max(row.deepest, self._down)
            self._down = row.start
        push = max(style.push - around.push, 0.0)
        self._down += push
        floor = self._open[-1].floor if self._open else 0.0
        box = _Box(name, self._down, style, push, max(floor, self._down + style.height))
        self._open.append(box)
        if name == "tr":
            self._rows.append(box)

    def end(self) -> None:
        """Leave the element that was gone into last."""
        box = self._open.pop()
        self._down = max(self._down, box.start + box.style.height, box.deepest) + box.push
        if box.name in _CELLS:
            empty = self._down - max(self._words_end, box.start)
            self.is_doubtful = self.is_doubtful or empty > _FARTHEST
            self._across += box.style.width
        elif box.name == "tr":
            self._across = 0.0
            self._rows.pop()

    def pass_void(self, name: str, style: Style, around: Style) -> None:
        """Pass an element that has no words in it: a picture, a line, a break."""
        push = max(style.push - around.push, 0.0)
        if name in ("br", "hr"):
            self._across = 0.0
            self._down += max(_line_of(style), style.height)
        else:
            self._down += style.height
            if style.is_nowrap or style.width > _FARTHEST:
                self._across += style.width + push
        self._down += push

    def pass_text(self, text: str, style: Style) -> None:
        """Pass a text: words count from where the last ones stood, blanks take room."""
        lines = text.split("\n") if style.keeps else [text]
        for number, line in enumerate(lines):
            if number:
                self._down += _line_of(style)
            blanks = max(map(len, _BLANKS.findall(line)), default=0)
            room = math.ceil(blanks / _IN_A_LINE) * _line_of(style)
            if visible_words(line):
                self._judge(room)
                self._down += _LINE * (1 + len(line) // _IN_A_LINE)
                self._words_end, self._across = self._down, 0.0
            else:
                self._down += room

    def _judge(self, room: float) -> None:
        floor = self._open[-1].floor if self._open else 0.0
        gap = max(self._down, floor) - self._words_end
        self.is_far = self.is_far or max(gap, self._across, room) > _FARTHEST


def _line_of(style: Style) -> float:
    return max(style.line.pixels + style.line.ratio * style.size, _LINE)
