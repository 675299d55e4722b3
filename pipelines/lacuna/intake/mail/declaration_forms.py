"""How declarations of style are written that are read or are of no account: properties, and shapes of their values."""

from collections.abc import Callable
from typing import Final

import tinycss2
from tinycss2.ast import (
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
TokenShape = Callable[[Tokens], bool]
Rgba = tuple[float, float, float, float]
SMALLEST: Final = 4.0
"""Pixels; no text of less can be read."""
LARGEST: Final = 100.0
"""Pixels; of larger text little is in sight."""
PIXELS: Final = {
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
OF_THE_WINDOW: Final = 8.0  # pixels in a percent of it
EVERYWHERE: Final = frozenset({"inherit", "initial", "unset", "revert"})
_COLOURS: Final = frozenset({"rgb", "rgba", "hsl", "hsla"})


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


def in_pixels(token: Node) -> float | None:
    """Return a length, of a percentage as of a window; None for what is none."""
    if isinstance(token, NumberToken):
        return float(token.value)
    if isinstance(token, PercentageToken):
        return float(token.value) * OF_THE_WINDOW
    if isinstance(token, DimensionToken) and token.lower_unit in PIXELS:
        return float(token.value) * PIXELS[token.lower_unit]
    return None


# Shapes of values.


def one_of_words(words: str) -> TokenShape:
    """Return the shape of a value that is made of these words alone."""
    allowed = {*words.split(), *EVERYWHERE}
    return lambda value: all(
        isinstance(one, IdentToken) and one.lower_value in allowed for one in value
    )


def lengths(least: float, most: float, words: str = "auto") -> TokenShape:
    """Return the shape of lengths within bounds, in pixels, or of these words."""
    allowed = {*words.split(), *EVERYWHERE}

    def is_one(token: Node) -> bool:
        if isinstance(token, IdentToken):
            return token.lower_value in allowed
        pixels = in_pixels(token)
        return pixels is not None and least <= pixels <= most

    return lambda value: all(map(is_one, value))


def plain_shape(value: Tokens) -> bool:
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
        or is_colour(one)
        for one in value
    )


def is_colour(token: Node) -> bool:
    """Whether a token is a function that gives a color."""
    is_function = isinstance(token, FunctionBlock) and token.lower_name in _COLOURS
    return is_function and colour(token.serialize()) is not None


def _plain_within(most: float) -> TokenShape:
    return lambda value: (
        plain_shape(value) and all(-most <= (in_pixels(one) or 0.0) <= most for one in value)
    )


def _adjustment(value: Tokens) -> bool:
    return all(
        (isinstance(one, PercentageToken) and 90 <= one.value <= 150)
        or (isinstance(one, IdentToken) and one.lower_value in ("none", "auto", *EVERYWHERE))
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
    """Whether a list shows its bullets as ever: a string would be words that nobody wrote."""
    return all(isinstance(one, IdentToken) for one in value)


def any_text(value: Tokens) -> str:
    """Return a value as it was written."""
    return str(tinycss2.serialize(value))


SIDES: Final = ("top", "right", "bottom", "left")
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
_MARGIN: Final = lengths(0, 400)
_BORDER: Final = _plain_within(20)
SHAPES: Final[dict[str, TokenShape]] = {
    **dict.fromkeys(_FREE.split(), _plain_within(1_000)),
    "visibility": one_of_words("visible"),
    "content-visibility": one_of_words("visible"),
    "position": one_of_words("static relative"),
    **dict.fromkeys(("top", "right", "bottom", "left", "inset"), lengths(0, 0)),
    "float": one_of_words("none"),
    "direction": one_of_words("ltr"),
    "unicode-bidi": one_of_words("normal embed isolate plaintext"),
    "writing-mode": one_of_words("horizontal-tb lr-tb"),
    "table-layout": one_of_words("auto fixed"),
    "list-style": _is_listed,
    "list-style-type": _is_listed,
    "list-style-position": _is_listed,
    "list-style-image": one_of_words("none"),
    "quotes": one_of_words("none auto"),
    "columns": one_of_words("auto"),
    "column-count": one_of_words("auto"),
    "text-shadow": one_of_words("none"),
    "text-emphasis": one_of_words("none"),
    "filter": one_of_words("none"),
    "transform": one_of_words("none"),
    "clip": one_of_words("auto"),
    "clip-path": one_of_words("none"),
    "mask": one_of_words("none"),
    "animation": one_of_words("none"),
    "background-image": one_of_words("none"),
    "background-clip": one_of_words("border-box padding-box"),
    "background-blend-mode": one_of_words("normal"),
    "border-image": one_of_words("none"),
    "color-scheme": one_of_words("light only normal"),
    "supported-color-schemes": one_of_words("light only normal"),
    "font-size-adjust": one_of_words("none"),
    "font-feature-settings": one_of_words("normal"),
    "font-variation-settings": one_of_words("normal"),
    "font-language-override": one_of_words("normal"),
    "font-stretch": one_of_words("normal condensed semi-condensed expanded semi-expanded"),
    "text-decoration": _lines_of_decoration,
    "text-decoration-line": _lines_of_decoration,
    "text-decoration-thickness": lengths(0, 3, "auto from-font"),
    "text-underline-offset": lengths(0, 8),
    "text-underline": _is_listed,
    "letter-spacing": lengths(-0.8, 8, "normal"),
    "word-spacing": lengths(0, 20, "normal"),
    "text-indent": lengths(-48, 100),
    "tab-size": lengths(0, 8),
    "-moz-tab-size": lengths(0, 8),
    "zoom": lambda value: any_text(value).strip() in ("1", "100%", "normal"),
    "text-size-adjust": _adjustment,
    "-webkit-text-size-adjust": _adjustment,
    "-ms-text-size-adjust": _adjustment,
    "-moz-text-size-adjust": _adjustment,
    "-webkit-text-stroke": lengths(0, 0),
    "-webkit-text-stroke-width": lengths(0, 0),
    "-webkit-text-fill-color": one_of_words("currentcolor"),
    "min-width": lengths(0, 1_600),
    "min-height": lengths(0, 4_000),
    "border-spacing": lengths(0, 50),
    "box-shadow": one_of_words("none"),
    "outline": _plain_within(0),
    "outline-width": lengths(0, 0),
    "outline-color": plain_shape,
    "outline-style": one_of_words("none"),
    "behavior": _is_vml,
    "margin": _MARGIN,
    "padding": lengths(0, 400),
    **{f"margin-{side}": _MARGIN for side in SIDES},
    **{f"padding-{side}": lengths(0, 400) for side in SIDES},
    "border": _BORDER,
    "border-width": _BORDER,
    **{f"border-{side}": _BORDER for side in SIDES},
    **{f"border-{side}-width": _BORDER for side in SIDES},
    **{f"border-{side}-{what}": plain_shape for side in SIDES for what in ("color", "style")},
    # What Word and Excel write; Outlook draws by some of it.
    "mso-hide": one_of_words("none"),
    "mso-element": one_of_words("para-border-div"),
    "mso-special-character": one_of_words("line-break"),
    "mso-ansi-font-size": lengths(SMALLEST, LARGEST),
    "mso-bidi-font-size": lengths(SMALLEST, LARGEST),
    "mso-text-raise": lengths(-10, 10),
    "mso-font-width": lambda value: all(
        isinstance(one, PercentageToken) and 60 <= one.value <= 200 for one in value
    ),
    "mso-rotate": lengths(0, 0),
    "mso-pattern": one_of_words("auto none"),
    "mso-themecolor": one_of_words(
        "text1 text2 dark1 dark2 accent1 accent2 accent3 accent4 accent5 accent6 hyperlink "
        "followedhyperlink"
    ),
    "mso-line-height-alt": lengths(8, 200),
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
BEGINNINGS: Final[dict[str, TokenShape]] = {
    "border-radius": plain_shape,
    **{f"border-{end}-{side}-radius": plain_shape for end in ("top", "bottom") for side in SIDES},
    "font-variant-": one_of_words(
        "normal none small-caps all-small-caps petite-caps unicase titling-caps no-common-ligatures "
        "common-ligatures lining-nums tabular-nums proportional-nums oldstyle-nums slashed-zero "
        "no-contextual contextual text emoji"
    ),
    "-premailer-": plain_shape,
    **{name: lengths(0, 400) for name in ("mso-padding", "mso-margin", "mso-para-margin")},
    **dict.fromkeys(_OF_WORD.split(), plain_shape),
    "-webkit-text-decoration-color": plain_shape,
    "-webkit-text-decoration-style": plain_shape,
}
