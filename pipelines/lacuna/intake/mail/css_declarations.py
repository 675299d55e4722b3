"""What declarations of CSS say of a text: a list of those that can neither hide nor reorder words.

Whatever is not on the list, be it a property or the shape of a value, hides: then a person looks at
the mail. Lengths are bounded, because many small ones add up.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import tinycss2
from tinycss2.ast import (
    Declaration,
    DimensionToken,
    FunctionBlock,
    HashToken,
    IdentToken,
    Node,
    NumberToken,
    PercentageToken,
    StringToken,
)

from lacuna.intake.mail.declaration_forms import (
    BEGINNINGS,
    EVERYWHERE,
    OF_THE_WINDOW,
    PIXELS,
    SHAPES,
    SIDES,
    Rgba,
    Tokens,
    any_text,
    colour,
    in_pixels,
    is_colour,
    lengths,
    one_of_words,
    plain_shape,
)

BLACK: Final[Rgba] = (0.0, 0.0, 0.0, 1.0)
WHITE: Final[Rgba] = (1.0, 1.0, 1.0, 1.0)
LOWEST_LINE: Final = 0.7
"""Of the size of the text; lines that lie closer cover each other."""
_OF_THE_TEXT: Final = frozenset({"em", "ex", "ch"})
_NARROWEST: Final = 48.0  # pixels in which words still stand side by side
_SMALL_ROOT: Final = 8.0
"""Pixels that a `rem` is taken for: less for the root hides."""
_SIZES: Final = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
    "initial": 16.0,
}
_RATIOS: Final = {"smaller": 0.83, "larger": 1.2, "inherit": 1.0, "unset": 1.0, "revert": 1.0}
_SYMBOLS: Final = frozenset(
    {"wingdings", "wingdings 2", "wingdings 3", "webdings", "symbol", "marlett", "mt extra"}
    | {"zapfdingbats", "zapf dingbats", "bookshelf symbol 7", "segoe mdl2 assets"}
)
"""Fonts in which letters show as something else: Outlook's smile is a J."""


@dataclass(frozen=True)
class Size:
    """A size of text, or of its lines: so many pixels, or a part of another size.

    Attributes:
        is_computed: whether its content inherits its pixels, and not the part.
    """

    pixels: float = 0.0
    ratio: float = 0.0
    is_computed: bool = False


@dataclass(frozen=True)
class Said:
    """What some declarations say, beyond what is on the list and changes nothing that is asked here.

    Attributes:
        hides: whether it may hide or reorder words.
        front: colour of the text; None for nothing said.
        back: colour behind it; None likewise, and of what takes the colour of the text itself.
        is_behind_unknown: whether a picture lies behind it, or its own colour.
        size: of the text.
        line: height of its lines, in parts of the size of the text; None for nothing said.
        opacity: of what is drawn, 1 for all of it.
        room: part of the width around it that it has.
        push: pixels by which it moves away from where it would stand.
        clips: whether what does not fit in is not drawn.
        is_nowrap: whether a line goes on where the room ends.
        is_high: whether it has a height of its own, which a cell of a table takes as the least.
        is_shown_as: whether it says what it is laid out as.
        margin: pixels of it on the left; None for nothing said.
        indent: pixels by which its first line begins before it, in its margin.
        is_symbols: whether its letters show as something else.
        height: pixels that it takes at least; endless for a measure that is not understood.
        width: the same of its width.
        keeps: whether line breaks in its text are some.
    """

    hides: bool = False
    front: Rgba | None = None
    back: Rgba | None = None
    is_behind_unknown: bool = False
    size: Size | None = None
    line: Size | None = None
    opacity: float = 1.0
    room: float = 1.0
    push: float = 0.0
    clips: bool = False
    is_nowrap: bool = False
    is_high: bool = False
    is_shown_as: bool = False
    margin: float | None = None
    indent: float = 0.0
    is_symbols: bool | None = None
    height: float = 0.0
    width: float = 0.0
    keeps: bool = False

    @cached_property
    def is_coloured(self) -> bool:
        """Whether it says anything of colours."""
        return self.front is not None or self.back is not None or self.is_behind_unknown


HIDING: Final = Said(hides=True)
NOTHING: Final = Said()


def said_in(declarations: str) -> tuple[Said, Said]:
    """Return the effects of declarations, and of the important ones among them."""
    return said_by(
        tinycss2.parse_blocks_contents(declarations, skip_comments=True, skip_whitespace=True)
    )


def said_by(nodes: Iterable[Node]) -> tuple[Said, Said]:
    """Return the same for the content of a block, be it rules or errors."""
    plain: list[Declaration] = []
    important: list[Declaration] = []
    for node in nodes:
        if not isinstance(node, Declaration):
            # A rule in a rule holds for what is inside the element; of errors programs make their own.
            return HIDING, Said()
        (important if node.important else plain).append(node)
    return _said(plain), _said(important)


def _said(nodes: Iterable[Declaration]) -> Said:
    said = Said()
    for node in nodes:
        value = tuple(one for one in node.value if one.type not in ("whitespace", "comment"))
        # Which of two a program takes depends on what it knows: each has to show the text.
        before, said = said, _with(said, node.lower_name, value)
        if _differ(before, said):
            return HIDING
    return said


def _differ(before: Said, after: Said) -> bool:
    """Whether a later declaration changes a colour that an earlier one gave."""
    return any(
        one is not None and one != other
        for one, other in ((before.front, after.front), (before.back, after.back))
    )


def _with(said: Said, name: str, value: Tokens) -> Said:
    said = _with_room(said, name, value)
    if name in _READERS:
        return _READERS[name](said, value)
    shape = SHAPES.get(name) or next(
        (shape for beginning, shape in BEGINNINGS.items() if name.startswith(beginning)), None
    )
    if shape is None or not value or not shape(value):
        return replace(said, hides=True)
    if name == "text-indent":
        said = replace(said, indent=max(said.indent, -(in_pixels(value[0]) or 0.0)))
    if name in ("margin", "margin-left"):
        said = replace(
            said, margin=in_pixels(value[3 if len(value) == 4 else len(value) // 2]) or 0.0
        )
    if name in _PUSHING:
        push = max((abs(in_pixels(one) or 0.0) for one in value), default=0.0)
        return replace(said, push=said.push + push)
    if name in _WRAPPING:
        words = {one.lower_value for one in value if isinstance(one, IdentToken)}
        return replace(
            said,
            is_nowrap=said.is_nowrap or bool(words & {"nowrap", "pre"}),
            keeps=said.keeps or any(word.startswith(_KEEPING) for word in words),
        )
    return said


def _with_room(said: Said, name: str, value: Tokens) -> Said:
    """Add the room that an element takes by a declaration, even if it is empty."""
    if name == "line-height":
        # Of an empty line too; a number or a percentage is of the text, which is bounded.
        high = max((_room(one) for one in value if isinstance(one, DimensionToken)), default=0.0)
        return replace(said, height=max(said.height, high))
    if name in _ROOM:
        field = _ROOM[name]
        taken = max((_room(one) for one in value), default=math.inf)
        return replace(said, **{field: max(getattr(said, field), taken)})
    if name in _PUSHING and max(map(_room, value), default=0.0) > _MOST_PUSH:
        return replace(said, height=math.inf)
    is_known = name in _READERS or name in SHAPES or name.startswith(tuple(BEGINNINGS))
    return replace(said, height=math.inf) if not is_known and _OF_ROOM.search(name) else said


def _room(token: Node) -> float:
    """Return the pixels of a length, none of a word, and no end of what is no length."""
    pixels = in_pixels(token)
    if pixels is not None:
        return (
            0.0 if isinstance(token, PercentageToken) and pixels <= 100 * OF_THE_WINDOW else pixels
        )
    is_length = isinstance(token, DimensionToken | FunctionBlock) and not is_colour(token)
    return math.inf if is_length else 0.0


# Readers of what changes how a text is judged.


def _front(said: Said, value: Tokens) -> Said:
    word = "".join(one.serialize() for one in value).lower()
    if word in ("inherit", "unset", "currentcolor"):
        # Of a rule around it that names a colour nothing is left then: the one around the element.
        return replace(said, hides=said.hides or said.front is not None)
    found = BLACK if word in ("initial", "windowtext") else colour(any_text(value))
    return replace(said, hides=True) if found is None else replace(said, front=found)


def _back(said: Said, value: Tokens) -> Said:
    found: Rgba | None = None
    for one in value:
        if isinstance(one, IdentToken) and one.lower_value in _BEHIND:
            continue
        seen = colour(one.serialize()) if isinstance(one, IdentToken | HashToken) else None
        if seen is None and is_colour(one):
            seen = colour(one.serialize())
        if seen is not None and found is None:
            found = seen
        elif not isinstance(one, NumberToken | DimensionToken | PercentageToken) and one != "/":
            return replace(said, is_behind_unknown=True)
    return said if found is None or found[3] == 0 else replace(said, back=found)


_BEHIND: Final = frozenset(
    {"none", "transparent", "repeat", "no-repeat", "repeat-x", "repeat-y", "scroll", "fixed"}
    | {"center", "top", "bottom", "left", "right", "border-box", "padding-box", "auto"}
    | EVERYWHERE
)
"""Words of a background that draw nothing."""


def _size(said: Said, value: Tokens) -> Said:
    size = _size_of(value[0]) if len(value) == 1 else None
    if size is None:
        return replace(said, hides=True)
    if said.size is not None:
        if bool(said.size.ratio) != bool(size.ratio):
            return replace(said, hides=True)
        size = min(size, said.size, key=lambda one: (one.pixels, one.ratio))
    return replace(said, size=size)


def _size_of(token: Node) -> Size | None:
    if isinstance(token, IdentToken):
        if token.lower_value in _RATIOS:
            return Size(ratio=_RATIOS[token.lower_value])
        return Size(_SIZES[token.lower_value]) if token.lower_value in _SIZES else None
    if isinstance(token, PercentageToken):
        return Size(ratio=token.value / 100)
    if isinstance(token, NumberToken):
        # Some programs take it for pixels, others pass it over.
        return Size(0.0) if token.value == 0 else Size(ratio=1.0) if token.value >= 8 else None
    if isinstance(token, DimensionToken) and token.lower_unit in PIXELS:
        if token.lower_unit in _OF_THE_TEXT:
            return Size(ratio=token.value * PIXELS[token.lower_unit] / 16)
        if token.lower_unit == "rem":
            return Size(token.value * _SMALL_ROOT)
        return Size(token.value * PIXELS[token.lower_unit])
    return None


def _line(said: Said, value: Tokens) -> Said:
    token = value[0] if len(value) == 1 else None
    line: Size | None = None
    if isinstance(token, IdentToken) and token.lower_value in ("normal", *EVERYWHERE):
        line = Size(ratio=1.0)
    elif isinstance(token, NumberToken):
        line = Size(ratio=token.value)
    elif token is not None and not isinstance(token, IdentToken):
        size = _size_of(token)
        line = size and replace(size, is_computed=bool(size.ratio))
    if line is None or line.ratio > 10 or line.pixels > 400:
        return replace(said, hides=True)
    return replace(said, line=line)


def _opacity(said: Said, value: Tokens) -> Said:
    token = value[0] if len(value) == 1 else None
    if isinstance(token, IdentToken) and token.lower_value in ("initial", "unset", "revert"):
        return said
    if isinstance(token, NumberToken | PercentageToken):
        part = token.value / (100 if isinstance(token, PercentageToken) else 1)
        return replace(said, opacity=min(said.opacity, max(part, 0.0)))
    return replace(said, hides=True)


def _width(said: Said, value: Tokens) -> Said:
    token = value[0] if len(value) == 1 else None
    if isinstance(token, PercentageToken) and 0 < token.value <= 100:
        return replace(said, room=min(said.room, token.value / 100))
    is_fine = lengths(_NARROWEST, 1600, "auto none fit-content max-content")(value)
    return said if is_fine else replace(said, hides=True)


def _height(said: Said, value: Tokens) -> Said:
    words = "auto none fit-content max-content min-content normal"
    token = value[0] if len(value) == 1 else None
    if one_of_words(words)(value) or (isinstance(token, PercentageToken) and token.value == 100):
        return said
    is_fine = lengths(2, 4_000)(value)
    return replace(said, is_high=True, hides=said.hides or not is_fine)


def _overflow(said: Said, value: Tokens) -> Said:
    if one_of_words("visible auto scroll")(value):
        return said
    return replace(
        said, clips=True, hides=said.hides or not one_of_words("hidden clip visible")(value)
    )


def _display(said: Said, value: Tokens) -> Said:
    shown = "block inline inline-block list-item table inline-table table-cell table-row flow-root"
    is_fine = one_of_words(f"{shown} table-row-group")(value) and len(value) == 1
    return replace(said, is_shown_as=True, hides=said.hides or not is_fine)


def _family(said: Said, value: Tokens) -> Said:
    text = "".join(
        one.value if isinstance(one, StringToken | IdentToken) else one.serialize() + " "
        for one in value
        if not isinstance(one, FunctionBlock)
    )
    names = {" ".join(name.split()).lower() for name in text.split(",")}
    is_symbols = not _SYMBOLS.isdisjoint(names)
    return replace(said, is_symbols=is_symbols, hides=said.hides or not plain_shape(value))


def _font(said: Said, value: Tokens) -> Said:
    """Read the shorthand: words, a size, a height of lines, and families."""
    if one_of_words("caption menu")(value):
        return said
    for position, one in enumerate(value):
        if isinstance(one, NumberToken) or (
            isinstance(one, IdentToken) and one.lower_value not in {**_SIZES, **_RATIOS}
        ):
            if one.serialize() == "0":
                return replace(said, hides=True)
            continue
        said, rest = _size(said, (one,)), value[position + 1 :]
        if rest and rest[0] == "/":
            said, rest = _line(said, rest[1:2]), rest[2:]
        return _family(said, rest)
    return replace(said, hides=True)


DeclarationReader = Callable[[Said, Tokens], Said]
_READERS: Final[dict[str, DeclarationReader]] = {
    "color": _front,
    **dict.fromkeys(("background", "background-color", "mso-highlight", "mso-shading"), _back),
    "font-size": _size,
    "line-height": _line,
    "opacity": _opacity,
    **dict.fromkeys(("width", "max-width"), _width),
    **dict.fromkeys(("height", "max-height"), _height),
    **dict.fromkeys(("overflow", "overflow-x", "overflow-y"), _overflow),
    "display": _display,
    "font-family": _family,
    "font": _font,
}
_ROOM: Final = {
    "height": "height",
    "min-height": "height",
    "width": "width",
    "min-width": "width",
}
_MOST_PUSH: Final = 400.0
_OF_ROOM: Final = re.compile(
    r"block|height|size|margin|padding|ratio|gap|grid|flex|column|space|content"
)
"""In the name of a property that is on no list: an empty box may take any room by it."""
_KEEPING: Final = ("pre", "break-spaces")
_WRAPPING: Final = frozenset({"white-space", "text-wrap", "text-wrap-mode"})
_PUSHING: Final = frozenset(
    {"margin", "padding", "text-indent", "border-width", "border"}
    | {f"{name}-{side}" for name in ("margin", "padding", "border") for side in SIDES}
)
