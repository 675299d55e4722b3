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
    LiteralToken,
    Node,
    NumberToken,
    PercentageToken,
    StringToken,
)
from tinycss2.color4 import Color, parse_color

Tokens = tuple[Node, ...]
Shape = Callable[[Tokens], bool]
Rgba = tuple[float, float, float, float]

BLACK: Final[Rgba] = (0.0, 0.0, 0.0, 1.0)
WHITE: Final[Rgba] = (1.0, 1.0, 1.0, 1.0)
SMALLEST: Final = 4.0
"""Pixels; no text of less can be read."""
LARGEST: Final = 100.0
"""Pixels; of larger text little is in sight."""
LOWEST_LINE: Final = 0.7
"""Of the size of the text; lines that lie closer cover each other."""
_PIXELS: Final = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 37.8,
    "mm": 3.78,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
}
_OF_THE_TEXT: Final = frozenset({"em", "ex", "ch"})
_OF_THE_WINDOW: Final = 8.0  # pixels in a percent of it
_NARROWEST: Final = 48.0  # pixels in which words still stand side by side
_SMALL_ROOT: Final = 8.0
"""Pixels that a `rem` is taken for: less for the root hides."""
_EVERYWHERE: Final = frozenset({"inherit", "initial", "unset", "revert"})
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
_COLOURS: Final = frozenset({"rgb", "rgba", "hsl", "hsla"})
_SYMBOLS: Final = frozenset(
    {"wingdings", "wingdings 2", "wingdings 3", "webdings", "symbol", "marlett", "mt extra"}
    | {"zapfdingbats", "zapf dingbats", "bookshelf symbol 7", "segoe mdl2 assets"}
)
"""Fonts in which letters show as something else: Outlook's smile is a J."""


@dataclass(frozen=True)
class Size:
    """A size of text, or of its lines: so many pixels, or a part of another size.

    Attributes:
        is_computed: whether what stands inside takes its pixels over, and not the part.
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
    """Return what declarations say, and what those of them say that are important."""
    return said_by(
        tinycss2.parse_blocks_contents(declarations, skip_comments=True, skip_whitespace=True)
    )


def said_by(nodes: Iterable[Node]) -> tuple[Said, Said]:
    """Return the same of what stands in a block, be it rules or errors."""
    plain: list[Declaration] = []
    important: list[Declaration] = []
    for node in nodes:
        if not isinstance(node, Declaration):
            # A rule in a rule holds for what is inside the element; of errors programs make their own.
            return HIDING, Said()
        (important if node.important else plain).append(node)
    return _said(plain), _said(important)


def colour(text: str) -> Rgba | None:
    """Return a colour that is named or given in numbers; None for any other word."""
    found = parse_color(text.strip())
    if not isinstance(found, Color):
        return None
    try:
        red, green, blue = found.to("srgb").coordinates
    except NotImplementedError:
        return None
    return red or 0.0, green or 0.0, blue or 0.0, found.alpha


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
    shape = _SHAPES.get(name) or next(
        (shape for beginning, shape in _BEGINNINGS.items() if name.startswith(beginning)), None
    )
    if shape is None or not value or not shape(value):
        return replace(said, hides=True)
    if name == "text-indent":
        said = replace(said, indent=max(said.indent, -(_pixels(value[0]) or 0.0)))
    if name in ("margin", "margin-left"):
        said = replace(
            said, margin=_pixels(value[3 if len(value) == 4 else len(value) // 2]) or 0.0
        )
    if name in _PUSHING:
        push = max((abs(_pixels(one) or 0.0) for one in value), default=0.0)
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
    is_known = name in _READERS or name in _SHAPES or name.startswith(tuple(_BEGINNINGS))
    return replace(said, height=math.inf) if not is_known and _OF_ROOM.search(name) else said


def _room(token: Node) -> float:
    """Return the pixels of a length, none of a word, and no end of what is no length."""
    pixels = _pixels(token)
    if pixels is not None:
        return (
            0.0 if isinstance(token, PercentageToken) and pixels <= 100 * _OF_THE_WINDOW else pixels
        )
    is_length = isinstance(token, DimensionToken | FunctionBlock) and not _is_colour(token)
    return math.inf if is_length else 0.0


def _pixels(token: Node) -> float | None:
    """Return a length, of a percentage as of a window; None for what is none."""
    if isinstance(token, NumberToken):
        return float(token.value)
    if isinstance(token, PercentageToken):
        return float(token.value) * _OF_THE_WINDOW
    if isinstance(token, DimensionToken) and token.lower_unit in _PIXELS:
        return float(token.value) * _PIXELS[token.lower_unit]
    return None


# Shapes of values.


def _words(words: str) -> Shape:
    allowed = {*words.split(), *_EVERYWHERE}
    return lambda value: all(
        isinstance(one, IdentToken) and one.lower_value in allowed for one in value
    )


def _lengths(least: float, most: float, words: str = "auto") -> Shape:
    allowed = {*words.split(), *_EVERYWHERE}

    def is_one(token: Node) -> bool:
        if isinstance(token, IdentToken):
            return token.lower_value in allowed
        pixels = _pixels(token)
        return pixels is not None and least <= pixels <= most

    return lambda value: all(map(is_one, value))


def _plain(value: Tokens) -> bool:
    """Whether a value has words, numbers and colours alone: no address, no other function."""
    return all(
        isinstance(
            one,
            IdentToken
            | NumberToken
            | DimensionToken
            | PercentageToken
            | StringToken
            | HashToken
            | LiteralToken,
        )
        or _is_colour(one)
        for one in value
    )


def _is_colour(token: Node) -> bool:
    is_function = isinstance(token, FunctionBlock) and token.lower_name in _COLOURS
    return is_function and colour(token.serialize()) is not None


def _plain_within(most: float) -> Shape:
    return lambda value: (
        _plain(value) and all(-most <= (_pixels(one) or 0.0) <= most for one in value)
    )


def _adjustment(value: Tokens) -> bool:
    return all(
        (isinstance(one, PercentageToken) and 90 <= one.value <= 150)
        or (isinstance(one, IdentToken) and one.lower_value in ("none", "auto", *_EVERYWHERE))
        for one in value
    )


def _is_vml(value: Tokens) -> bool:
    return "".join(one.serialize() for one in value) in (
        "url(#default#VML)",
        'url("#default#VML")',
    )


def _lines_of_decoration(value: Tokens) -> bool:
    """Whether a line lies where it strikes nothing out; a thick one covers what it underlines."""
    return _plain_within(3)(value) and all(
        not isinstance(one, IdentToken) or one.lower_value not in ("line-through", "blink")
        for one in value
    )


def _is_listed(value: Tokens) -> bool:
    """Whether a list shows its marks as ever: a string would be words that nobody wrote."""
    return all(isinstance(one, IdentToken) for one in value)


# Readers of what changes how a text is judged.


def _front(said: Said, value: Tokens) -> Said:
    word = "".join(one.serialize() for one in value).lower()
    if word in ("inherit", "unset", "currentcolor"):
        # Of a rule around it that names a colour nothing is left then: the one around the element.
        return replace(said, hides=said.hides or said.front is not None)
    found = BLACK if word in ("initial", "windowtext") else colour(_text(value))
    return replace(said, hides=True) if found is None else replace(said, front=found)


def _back(said: Said, value: Tokens) -> Said:
    found: Rgba | None = None
    for one in value:
        if isinstance(one, IdentToken) and one.lower_value in _BEHIND:
            continue
        seen = colour(one.serialize()) if isinstance(one, IdentToken | HashToken) else None
        if seen is None and _is_colour(one):
            seen = colour(one.serialize())
        if seen is not None and found is None:
            found = seen
        elif not isinstance(one, NumberToken | DimensionToken | PercentageToken) and one != "/":
            return replace(said, is_behind_unknown=True)
    return said if found is None or found[3] == 0 else replace(said, back=found)


_BEHIND: Final = frozenset(
    {"none", "transparent", "repeat", "no-repeat", "repeat-x", "repeat-y", "scroll", "fixed"}
    | {"center", "top", "bottom", "left", "right", "border-box", "padding-box", "auto"}
    | _EVERYWHERE
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
    if isinstance(token, DimensionToken) and token.lower_unit in _PIXELS:
        if token.lower_unit in _OF_THE_TEXT:
            return Size(ratio=token.value * _PIXELS[token.lower_unit] / 16)
        if token.lower_unit == "rem":
            return Size(token.value * _SMALL_ROOT)
        return Size(token.value * _PIXELS[token.lower_unit])
    return None


def _line(said: Said, value: Tokens) -> Said:
    token = value[0] if len(value) == 1 else None
    line: Size | None = None
    if isinstance(token, IdentToken) and token.lower_value in ("normal", *_EVERYWHERE):
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
    is_fine = _lengths(_NARROWEST, 1600, "auto none fit-content max-content")(value)
    return said if is_fine else replace(said, hides=True)


def _height(said: Said, value: Tokens) -> Said:
    words = "auto none fit-content max-content min-content normal"
    token = value[0] if len(value) == 1 else None
    if _words(words)(value) or (isinstance(token, PercentageToken) and token.value == 100):
        return said
    is_fine = _lengths(2, 4_000)(value)
    return replace(said, is_high=True, hides=said.hides or not is_fine)


def _overflow(said: Said, value: Tokens) -> Said:
    if _words("visible auto scroll")(value):
        return said
    return replace(said, clips=True, hides=said.hides or not _words("hidden clip visible")(value))


def _display(said: Said, value: Tokens) -> Said:
    shown = "block inline inline-block list-item table inline-table table-cell table-row flow-root"
    is_fine = _words(f"{shown} table-row-group")(value) and len(value) == 1
    return replace(said, is_shown_as=True, hides=said.hides or not is_fine)


def _family(said: Said, value: Tokens) -> Said:
    text = "".join(
        one.value if isinstance(one, StringToken | IdentToken) else one.serialize() + " "
        for one in value
        if not isinstance(one, FunctionBlock)
    )
    names = {" ".join(name.split()).lower() for name in text.split(",")}
    is_symbols = not _SYMBOLS.isdisjoint(names)
    return replace(said, is_symbols=is_symbols, hides=said.hides or not _plain(value))


def _font(said: Said, value: Tokens) -> Said:
    """Read the shorthand: words, a size, a height of lines, and families."""
    if _words("caption menu")(value):
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


def _text(value: Tokens) -> str:
    return str(tinycss2.serialize(value))


Reader = Callable[[Said, Tokens], Said]
_READERS: Final[dict[str, Reader]] = {
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
_SIDES: Final = ("top", "right", "bottom", "left")
_FREE: Final = """
    text-align text-align-last text-justify text-transform text-rendering text-wrap-style
    font-weight font-style font-variant font-kerning font-optical-sizing font-synthesis
    text-decoration-color text-decoration-style text-decoration-skip-ink text-underline-position
    white-space white-space-collapse text-wrap text-wrap-mode word-break word-wrap overflow-wrap hyphens
    line-break border-collapse border-color border-style empty-cells box-sizing cursor clear
    orphans widows page page-break-before page-break-after page-break-inside break-before
    break-after break-inside resize z-index user-select pointer-events accent-color
    caret-color image-rendering background-position background-position-x background-position-y
    background-size background-repeat background-attachment background-origin text-autospace
    punctuation-wrap layout-grid-mode tab-stops tab-interval language vertical-align
    -webkit-nbsp-mode -webkit-line-break -webkit-locale -webkit-tap-highlight-color
    -webkit-text-stroke-color -webkit-font-smoothing -moz-osx-font-smoothing -webkit-hyphens
    -moz-hyphens -ms-hyphens -webkit-user-select -moz-user-select -ms-user-select -webkit-user-drag
    -webkit-print-color-adjust print-color-adjust -ms-interpolation-mode interpolation-mode
    forced-color-adjust scroll-behavior -ms-word-break -webkit-text-decorations-in-effect
"""
_PUSHING: Final = frozenset(
    {"margin", "padding", "text-indent", "border-width", "border"}
    | {f"{name}-{side}" for name in ("margin", "padding", "border") for side in _SIDES}
)
_MARGIN: Final = _lengths(0, 400)
_BORDER: Final = _plain_within(20)
_SHAPES: Final[dict[str, Shape]] = {
    **dict.fromkeys(_FREE.split(), _plain_within(1_000)),
    "visibility": _words("visible"),
    "content-visibility": _words("visible"),
    "position": _words("static relative"),
    **dict.fromkeys(("top", "right", "bottom", "left", "inset"), _lengths(0, 0)),
    "float": _words("none"),
    "direction": _words("ltr"),
    "unicode-bidi": _words("normal embed isolate plaintext"),
    "writing-mode": _words("horizontal-tb lr-tb"),
    "table-layout": _words("auto fixed"),
    "list-style": _is_listed,
    "list-style-type": _is_listed,
    "list-style-position": _is_listed,
    "list-style-image": _words("none"),
    "quotes": _words("none auto"),
    "columns": _words("auto"),
    "column-count": _words("auto"),
    "text-shadow": _words("none"),
    "text-emphasis": _words("none"),
    "filter": _words("none"),
    "transform": _words("none"),
    "clip": _words("auto"),
    "clip-path": _words("none"),
    "mask": _words("none"),
    "animation": _words("none"),
    "background-image": _words("none"),
    "background-clip": _words("border-box padding-box"),
    "background-blend-mode": _words("normal"),
    "border-image": _words("none"),
    "color-scheme": _words("light only normal"),
    "supported-color-schemes": _words("light only normal"),
    "font-size-adjust": _words("none"),
    "font-feature-settings": _words("normal"),
    "font-variation-settings": _words("normal"),
    "font-language-override": _words("normal"),
    "font-stretch": _words("normal condensed semi-condensed expanded semi-expanded"),
    "text-decoration": _lines_of_decoration,
    "text-decoration-line": _lines_of_decoration,
    "text-decoration-thickness": _lengths(0, 3, "auto from-font"),
    "text-underline-offset": _lengths(0, 8),
    "text-underline": _is_listed,
    "letter-spacing": _lengths(-0.8, 8, "normal"),
    "word-spacing": _lengths(0, 20, "normal"),
    "text-indent": _lengths(-48, 100),
    "tab-size": _lengths(0, 8),
    "-moz-tab-size": _lengths(0, 8),
    "zoom": lambda value: _text(value).strip() in ("1", "100%", "normal"),
    "text-size-adjust": _adjustment,
    "-webkit-text-size-adjust": _adjustment,
    "-ms-text-size-adjust": _adjustment,
    "-moz-text-size-adjust": _adjustment,
    "-webkit-text-stroke": _lengths(0, 0),
    "-webkit-text-stroke-width": _lengths(0, 0),
    "-webkit-text-fill-color": _words("currentcolor"),
    "min-width": _lengths(0, 1_600),
    "min-height": _lengths(0, 4_000),
    "border-spacing": _lengths(0, 50),
    "box-shadow": _words("none"),
    "outline": _plain_within(0),
    "outline-width": _lengths(0, 0),
    "outline-color": _plain,
    "outline-style": _words("none"),
    "behavior": _is_vml,
    "margin": _MARGIN,
    "padding": _lengths(0, 400),
    **{f"margin-{side}": _MARGIN for side in _SIDES},
    **{f"padding-{side}": _lengths(0, 400) for side in _SIDES},
    "border": _BORDER,
    "border-width": _BORDER,
    **{f"border-{side}": _BORDER for side in _SIDES},
    **{f"border-{side}-width": _BORDER for side in _SIDES},
    **{f"border-{side}-{what}": _plain for side in _SIDES for what in ("color", "style")},
    # What Word and Excel write; Outlook draws by some of it.
    "mso-hide": _words("none"),
    "mso-element": _words("para-border-div"),
    "mso-special-character": _words("line-break"),
    "mso-ansi-font-size": _lengths(SMALLEST, LARGEST),
    "mso-bidi-font-size": _lengths(SMALLEST, LARGEST),
    "mso-text-raise": _lengths(-10, 10),
    "mso-font-width": lambda value: all(
        isinstance(one, PercentageToken) and 60 <= one.value <= 200 for one in value
    ),
    "mso-rotate": _lengths(0, 0),
    "mso-pattern": _words("auto none"),
    "mso-themecolor": _words(
        "text1 text2 dark1 dark2 accent1 accent2 accent3 accent4 accent5 accent6 hyperlink "
        "followedhyperlink"
    ),
    "mso-line-height-alt": _lengths(8, 200),
}
_OF_WORD: Final = """
    mso-ansi-language mso-bidi-language mso-fareast-language mso-ascii- mso-hansi- mso-fareast-font
    mso-fareast-theme mso-bidi-font-family mso-bidi-font-weight mso-bidi-font-style mso-bidi-theme
    mso-bookmark mso-border mso-cellspacing mso-color-alt mso-default- mso-displayed-
    mso-font-kerning mso-font-charset mso-font-pitch mso-font-signature mso-font-format
    mso-generic-font-family mso-header-margin mso-footer-margin mso-ignore mso-layout-grid-align
    mso-level- mso-ligatures mso-line-height-rule mso-list mso-no-proof mso-number-format
    mso-outline-level mso-page-numbers mso-pagination mso-paper-source mso-protection
    mso-spacerun mso-spl-e mso-gram-e mso-style-id mso-style-link mso-style-locked
    mso-style-name mso-style-next mso-style-noshow mso-style-parent mso-style-priority
    mso-style-qformat mso-style-type mso-style-unhide mso-style-update mso-style-default mso-tab-count
    mso-table- mso-tstyle- mso-themeshade mso-themetint mso-width-alt mso-width-source
    mso-height-source mso-yfti mso-background-source mso-contextual-spacing mso-believe-normal-left
    mso-fareast-hint mso-style-row mso-style-col mso-break-type mso-column-break-before
    mso-row-margin mso-cell-special
"""
_BEGINNINGS: Final[dict[str, Shape]] = {
    "border-radius": _plain,
    **{f"border-{end}-{side}-radius": _plain for end in ("top", "bottom") for side in _SIDES},
    "font-variant-": _words(
        "normal none small-caps all-small-caps petite-caps unicase titling-caps no-common-ligatures "
        "common-ligatures lining-nums tabular-nums proportional-nums oldstyle-nums slashed-zero "
        "no-contextual contextual text emoji"
    ),
    "-premailer-": _plain,
    **{name: _lengths(0, 400) for name in ("mso-padding", "mso-margin", "mso-para-margin")},
    **dict.fromkeys(_OF_WORD.split(), _plain),
    "-webkit-text-decoration-color": _plain,
    "-webkit-text-decoration-style": _plain,
}
