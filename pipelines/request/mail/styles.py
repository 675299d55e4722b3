"""Says what styles hide: CSS by its grammar, as far as mails use it.

Where it is not sure it says hidden: then a person looks at the mail. What stands around a selector
is not asked, nor on which screen a rule holds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import tinycss2
from tinycss2.ast import (
    AtRule,
    Declaration,
    HashToken,
    IdentToken,
    LiteralToken,
    Node,
    QualifiedRule,
    WhitespaceToken,
)
from tinycss2.color4 import Color, parse_color

_LONGEST_SHEET: Final = 50_000
_SMALLEST: Final = 4.0  # pixels; no text of less can be read
_FARTHEST: Final = 400.0  # pixels beyond the edge
_CLOSEST: Final = 0.06  # between two colours, of 1 for each channel
_FAINTEST: Final = 0.1  # of 1
_PIXELS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 1.33,
    "pc": 16.0,
    "in": 96.0,
    "cm": 37.8,
    "mm": 3.78,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
    "vw": 8.0,
    "vh": 8.0,
    "%": 0.16,
}
_LENGTH: Final = re.compile(r"(-?\d{0,9}(?:\.\d{1,9})?)([a-z%]{0,4})")
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_WITHOUT_RULES: Final = frozenset(
    {"font-face", "page", "charset", "namespace", "font-feature-values", "list"}
)
"""Rules that say nothing of an element; Word writes `@list`. `@import` is none of them."""
_DEEPEST: Final = 5
_NEVER_SHOWN: Final = frozenset(
    {("display", "none"), ("visibility", "hidden"), ("visibility", "collapse"), ("mso-hide", "all")}
    | {("content-visibility", "hidden")}
)
_EXTENTS: Final = ("height", "max-height", "width", "max-width")
_PLACES: Final = (
    "left",
    "right",
    "top",
    "bottom",
    "text-indent",
    "margin",
    "margin-left",
    "margin-top",
)

_MEASURED: Final = frozenset(
    {"opacity", "font-size", "line-height", "letter-spacing", "word-spacing", "z-index"}
    | {"min-width", "min-height", "margin-right", "margin-bottom", *_EXTENTS, *_PLACES}
)
"""Properties of numbers: what is no plain one, such as `calc()` or `1e-9`, is in doubt."""
_PLAIN: Final = re.compile(
    r"-?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})(?:px|pt|pc|in|cm|mm|em|rem|ex|ch|vw|vh|%)?|[a-z]+(?:-[a-z]+)*"
)
_SHOWN_AS: Final = frozenset(
    """
    block inline inline-block flex inline-flex grid list-item table inline-table table-cell table-
    row table-row-group table-header-group table-footer-group table-column table-caption contents
    initial inherit unset revert flow-root -webkit-box
    """.split()  # noqa: SIM905 - a list of this length is read as words
)
_HARMLESS: Final = frozenset(
    """
    font-family font-weight font-style font-variant font-stretch font-feature-settings text-align
    text-align-last text-decoration text-decoration-line text-decoration-color text-decoration-style
    text-transform text-underline-offset text-size-adjust text-wrap vertical-align white-space
    white-space-collapse word-break word-wrap overflow-wrap hyphens direction unicode-bidi border-
    radius border-collapse border-spacing border list-style list-style-type list-style-position
    table-layout empty-cells caption-side box-sizing box-shadow cursor clear float outline tab-size
    quotes orphans widows page page-break-before page-break-after page-break-inside break-before
    break-after size src panose-1 unicode-range font-display align-items align-content align-self
    justify-content flex flex-direction flex-wrap flex-grow flex-shrink flex-basis gap order resize
    line-break background-repeat background-position background-size color-scheme supported-color-
    schemes interpolation-mode caret-color
    """.split()  # noqa: SIM905
)
_HARMLESS_BEGINNINGS: Final = (
    "padding",
    "border-",
    "mso-",
    "-ms-text-size",
    "-webkit-text-size",
    "-webkit-font-smoothing",
    # What Apple's and Google's programs write into every mail.
    "-webkit-nbsp-mode",
    "-webkit-line-break",
    "-webkit-text-stroke",
    "-webkit-tap-highlight",
    "-webkit-hyphens",
    "-webkit-font-feature",
    "-webkit-locale",
    "-webkit-border-",
    "-moz-hyphens",
    "text-decoration",
    "text-emphasis",
    "font-kerning",
    "font-optical",
    "font-synthesis",
    "outline",
    "-moz-osx-font",
    "text-justify",
    "font-variant-",
)
_JUDGED: Final = _MEASURED | {
    "display",
    "visibility",
    "mso-hide",
    "content-visibility",
    "color",
    "background",
    "background-color",
    "position",
    "overflow",
    "clip",
    "clip-path",
    "transform",
}

Rgb = tuple[float, float, float]
_BLACK: Final[Rgb] = (0.0, 0.0, 0.0)
_WHITE: Final[Rgb] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Style:
    """What is said of an element.

    Attributes:
        is_hidden: whether nothing of it can be seen, whatever its colours are.
        front: colour of the text; None for that of the element around it.
        back: colour behind it; None likewise.
    """

    is_hidden: bool = False
    front: Rgb | None = None
    back: Rgb | None = None

    def within(self, other: "Style") -> "Style":
        """Return the style of an element inside another one, or under a rule that holds for more."""
        return Style(
            self.is_hidden or other.is_hidden, self.front or other.front, self.back or other.back
        )

    @property
    def shows(self) -> bool:
        """Whether somebody who looks at it can read the text."""
        front, back = self.front or _BLACK, self.back or _WHITE
        is_seen = any(abs(one - two) > _CLOSEST for one, two in zip(front, back, strict=True))
        return is_seen and not self.is_hidden


@dataclass
class Sheet:
    """The rules of a page: a style for each element, class (`.x`) and id (`#x`).

    Attributes:
        is_cut: whether it is longer than what is read of it.
        is_doubtful: whether it may say more than was understood: rules from elsewhere, or of no
            grammar that is known here.
    """

    styles: dict[str, Style] = field(default_factory=dict)
    is_cut: bool = False
    is_doubtful: bool = False

    def add(self, text: str) -> None:
        """Take a style sheet."""
        self.is_cut = self.is_cut or len(text) > _LONGEST_SHEET
        self._add_rules(tinycss2.parse_stylesheet(text[:_LONGEST_SHEET], skip_comments=True))

    def _add_rules(self, nodes: Iterable[object], depth: int = 0) -> None:
        for node in nodes:
            if isinstance(node, QualifiedRule):
                style = style_of(tinycss2.serialize(node.content))
                for name in _selected(node.prelude):
                    self.styles[name] = style.within(self.styles.get(name, Style()))
            elif isinstance(node, AtRule) and node.lower_at_keyword in _WITHOUT_RULES:
                continue
            elif isinstance(node, AtRule) and node.content is not None and depth < _DEEPEST:
                # On which screen they hold is not asked.
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True)
                self._add_rules(inner, depth + 1)
            elif not isinstance(node, WhitespaceToken):
                self.is_doubtful = True

    def style_for(self, names: Iterable[str]) -> Style:
        """Return what the rules say of an element with these names."""
        said = self.styles.get("*", Style())
        for name in names:
            said = self.styles.get(name, Style()).within(said)
        return said


def style_of(declarations: str) -> Style:
    """Return what the declarations of a rule, or of a style attribute, say."""
    said: dict[str, str] = {}
    is_doubtful = False
    for node in tinycss2.parse_blocks_contents(declarations, skip_comments=True):
        # A rule in a rule holds for what is inside the element, or for the element itself.
        is_doubtful |= isinstance(node, QualifiedRule | AtRule)
        if isinstance(node, Declaration):
            value = tinycss2.serialize([one for one in node.value if one.type != "comment"])
            name, value = node.lower_name, " ".join(value.lower().split())
            # Which of two a program takes depends on what it knows: each has to show the text.
            is_doubtful |= (
                said.get(name, value) != value or _hides({name: value}) or _is_unknown(name, value)
            )
            said[name] = value
    back = said.get("background-color") or said.get("background") or ""
    front, is_clear = _colour(said.get("color", ""))
    behind = next((found for word in back.split() if (found := _colour(word)[0])), None)
    return Style(is_clear or is_doubtful or _hides(said), front, behind or _colour(back)[0])


def style_of_attributes(attributes: Mapping[str, str]) -> Style:
    """Return what attributes of HTML say of the looks of their element."""
    # `aria-hidden` hides from those who listen, not from those who look.
    is_hidden = "hidden" in attributes or any(
        attributes.get(name, "").strip() in ("0", "0px") for name in ("height", "width")
    )
    front, back = (
        _colour(text)[0] or _colour(f"#{text}")[0]
        for text in (
            attributes.get("color") or attributes.get("text") or "",
            attributes.get("bgcolor", ""),
        )
    )
    return Style(is_hidden, front, back).within(style_of(attributes.get("style", "")))


def _selected(prelude: Iterable[Node]) -> Iterator[str]:
    """Yield the names that a rule selects, `*` where it may be anything.

    Of `div .a:first-child` what is selected is an `.a`: what stands around it is not asked.
    """
    name, is_pseudo, before = "*", False, ""
    for node in prelude:
        mark = node.value if isinstance(node, LiteralToken) else ""
        if mark == ",":
            yield name
        if mark in (",", ">", "+", "~") or isinstance(node, WhitespaceToken):
            # `.a , p` ends with a space: it is no other selector before something follows.
            is_pseudo, before = False, mark or "," if before == "," else mark or " "
            continue
        if before in (",", ">", "+", "~", " "):
            name = "*"
        if isinstance(node, IdentToken) and not is_pseudo:
            name = f".{node.value}".lower() if before == "." else node.value.lower()
        elif isinstance(node, HashToken):
            name = f"#{node.value}".lower()
        is_pseudo, before = mark == ":" or (is_pseudo and mark != "."), mark or "x"
    yield name


def _is_unknown(name: str, value: str) -> bool:
    """Whether a declaration may hide a text in a way that is not looked for: what is known is listed."""
    if name.startswith("mso-hide"):
        return value != "none"
    if name not in _JUDGED:
        return name not in _HARMLESS and not name.startswith(_HARMLESS_BEGINNINGS)
    match name:
        case "display":
            return value not in _SHOWN_AS
        case "visibility" | "content-visibility":
            return value not in ("visible", "inherit", "initial", "auto")
        case "position":
            return value not in ("static", "relative", "inherit", "initial")
        case "overflow":
            return False
        case "color" | "background-color":
            words = ("inherit", "initial", "transparent", "currentcolor", "windowtext", "unset")
            return value not in words and _colour(value) == (None, False)
        case "background":
            return "(" in value.replace("rgb(", "").replace("rgba(", "").replace("url(", "")
        case "line-height":
            return _size(value) < _SMALLEST / 16 or not all(map(_PLAIN.fullmatch, value.split()))
        case _ if name in _MEASURED:
            return not all(map(_PLAIN.fullmatch, value.split()))
        case _:
            return False


def _hides(said: Mapping[str, str]) -> bool:
    return (
        not _NEVER_SHOWN.isdisjoint(said.items())
        or _size(said.get("opacity", "1"))
        < _FAINTEST * (0.16 if "%" in said.get("opacity", "") else 1)
        or abs(_size(said.get("font-size", "16px"))) < _SMALLEST
        or any(0 <= _size(said.get(name, "16px")) < _SMALLEST / 2 for name in _EXTENTS)
        or any(_is_far(word) for name in _PLACES for word in said.get(name, "").split())
        or _is_clipped(said)
        or _is_shrunk(said.get("transform", ""))
    )


def _is_far(word: str) -> bool:
    return not -_FARTHEST <= _size(word, 0.0) <= 10 * _FARTHEST


def _is_clipped(said: Mapping[str, str]) -> bool:
    numbers = [float(one) for one in _NUMBER.findall(said.get("clip", ""))]
    return (bool(numbers) and max(numbers) <= 1) or "clip-path" in said


def _is_shrunk(value: str) -> bool:
    numbers = [float(one) for one in _NUMBER.findall(value)]
    is_small = "scale" in value and any(abs(one) < _FAINTEST for one in numbers)
    return is_small or ("translate" in value and any(abs(one) > _FARTHEST for one in numbers))


def _size(value: str, otherwise: float = 16.0) -> float:
    """Return a length in pixels, of a percentage as of text of 16; `otherwise` for what is none."""
    found = _LENGTH.match(value)
    if found is None or not found[1].strip("-") or found[2] not in _PIXELS:
        return otherwise
    return float(found[1]) * _PIXELS[found[2]]


def _colour(text: str) -> tuple[Rgb | None, bool]:
    """Return a colour, and whether it is so transparent that nothing of it is seen."""
    found = parse_color(text.strip()) if text.strip() else None
    if not isinstance(found, Color):
        return None, False
    if found.alpha < _FAINTEST:
        return None, True
    try:
        red, green, blue = found.to("srgb").coordinates
    except NotImplementedError:
        return None, True
    return (red or 0.0, green or 0.0, blue or 0.0), False
