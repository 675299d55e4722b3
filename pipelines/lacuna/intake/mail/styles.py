"""Says what styles hide: the rules of a page by the cascade of CSS, as far as mails use it.

Where it is not sure it says hidden: then a person looks at the mail. The surroundings of a selector
do not count, nor on which screen a rule holds: such a rule may hold or not, and each has to show the
text.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
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

from lacuna.intake.mail.css_declarations import (
    BLACK,
    HIDING,
    LOWEST_LINE,
    NOTHING,
    WHITE,
    Said,
    Size,
    said_in,
)
from lacuna.intake.mail.declaration_forms import LARGEST, SMALLEST, Rgba, colour

_LONGEST_SHEET: Final = 50_000
_MOST_RULES: Final = 32
"""For one element: it takes a look at each."""
_MOST_LOOKS: Final = 16
_LEAST_CONTRAST: Final = 1.25
"""Of 1 to 21, as WCAG 2.2 counts it; large print is to have 3."""
_LEAST_ROOM: Final = 0.05  # of the width of the page
_FARTHEST: Final = 1_200.0  # pixels, all that pushes together
_DEEPEST: Final = 5
_WITHOUT_WORDS: Final = frozenset(
    {"page", "charset", "list", "viewport", "-ms-viewport", "-o-viewport", "keyframes"}
)
"""Rules that say nothing of an element; Word writes `@list`."""
_OF_SCREENS: Final = frozenset({"media", "supports"})
_CELLS: Final = frozenset({"html", "body", "table", "tbody", "thead", "tr", "td", "th"})
_BLOCKS: Final = frozenset({"p", "li", "div"})
_MEASURES: Final = frozenset(
    {"border", "cellpadding", "cellspacing", "hspace", "vspace", "marginwidth", "marginheight"}
    | {"leftmargin", "topmargin", "rightmargin", "bottommargin", "frameborder"}
)
_FAR: Final = 100.0  # pixels, for one of those
_FONT_SIZES: Final = ("x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large")

_NORMAL: Final = Size(ratio=1.0)

Colors = tuple[Rgba, Rgba | None]
"""Colour of the text, and of what lies behind; None for a picture."""


@dataclass(frozen=True)
class Style:
    """How the words of an element look.

    Attributes:
        is_hidden: whether something says so of it, or may say so.
        looks: each pair of colours that it may have.
        size: pixels of the text.
        line: of the text's lines.
        opacity: of what is drawn.
        room: part of the page's width that it has.
        push: pixels by which it moves away from where it would stand.
        is_clipped: whether what does not fit in is not drawn.
        is_hanging: whether its first line begins in its own margin.
        is_symbols: whether its letters show as something else.
        height: pixels that the element itself takes at least.
        width: the same of its width.
        is_nowrap: whether a line goes on where the room ends.
        keeps: whether line breaks in the text are some.
    """

    is_hidden: bool = False
    looks: frozenset[Colors] = frozenset({(BLACK, WHITE)})
    size: float = 16.0
    line: Size = _NORMAL
    opacity: float = 1.0
    room: float = 1.0
    push: float = 0.0
    is_clipped: bool = False
    is_hanging: bool = False
    is_symbols: bool = False
    height: float = 0.0
    width: float = 0.0
    is_nowrap: bool = False
    keeps: bool = False

    @cached_property
    def shows(self) -> bool:
        """Whether somebody who looks at it can read the text."""
        line = self.line.pixels + self.line.ratio * self.size
        return (
            not self.is_hidden
            and SMALLEST <= self.size <= LARGEST
            and line >= LOWEST_LINE * self.size
            and self.room >= _LEAST_ROOM
            and self.push <= _FARTHEST
            and len(self.looks) <= _MOST_LOOKS
            and all(_is_read(front, back, self.opacity) for front, back in self.looks)
        )


@dataclass(frozen=True)
class Rule:
    """What a selector and its declarations say.

    Attributes:
        weight: in the cascade; of two that hold the one with more of it wins.
        is_certain: whether it holds for whatever has its element, classes and id.
    """

    said: Said
    weight: tuple[int, ...]
    element: str = ""
    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    is_certain: bool = True

    @property
    def key(self) -> str:
        """The name under which it is looked for."""
        for prefix, names in (("#", self.ids), (".", self.classes), ("", {self.element})):
            for name in names:
                if name:
                    return prefix + name
        return "*"

    def is_about(self, element: str, classes: frozenset[str], ids: frozenset[str]) -> bool:
        """Whether it may hold for an element."""
        return self.element in ("", element) and self.classes <= classes and self.ids <= ids


@dataclass
class Sheet:
    """The rules of a page, by one of the names that they select.

    Attributes:
        is_cut: whether it is longer than what is read of it.
        is_doubtful: whether it may say more than was understood: rules from elsewhere, or of no
            grammar that is known here.
    """

    is_cut: bool = False
    is_doubtful: bool = False
    _rules: dict[str, list[Rule]] = field(default_factory=dict)
    _found: dict[tuple[str, frozenset[str], frozenset[str]], list[Rule]] = field(
        default_factory=dict
    )
    _count: int = 0

    def add(self, text: str) -> None:
        """Take a style sheet."""
        self.is_cut = self.is_cut or len(text) > _LONGEST_SHEET
        nodes = tinycss2.parse_stylesheet(text[:_LONGEST_SHEET], skip_comments=True)
        self._add_rules(nodes, is_certain=True)

    def add_links(self, value: str) -> None:
        """Take the colour that a page gives its links; empty for none."""
        if value.strip():
            said = _coloured(value)
            self._rules.setdefault("a", []).append(Rule(said, (-1, 1), "a", is_certain=False))

    def rules_for(self, element: str, classes: frozenset[str], ids: frozenset[str]) -> list[Rule]:
        """Return the rules that may hold for an element, in any order."""
        asked = (element, classes, ids)
        if asked not in self._found:
            keys = ("*", element, *(f".{one}" for one in classes), *(f"#{one}" for one in ids))
            lists = [self._rules[key] for key in keys if key in self._rules]
            if sum(map(len, lists)) > _MOST_RULES:
                return [Rule(HIDING, (0,))]
            self._found[asked] = [
                rule for rules in lists for rule in rules if rule.is_about(*asked)
            ]
        return self._found[asked]

    def _add_rules(self, nodes: Iterable[Node], *, is_certain: bool, depth: int = 0) -> None:
        for node in nodes:
            if isinstance(node, QualifiedRule):
                self._add_rule(node, is_certain=is_certain)
            elif isinstance(node, WhitespaceToken):
                continue
            elif not isinstance(node, AtRule):
                self.is_doubtful = True
            elif node.lower_at_keyword in _OF_SCREENS and node.content and depth < _DEEPEST:
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True)
                self._add_rules(inner, is_certain=False, depth=depth + 1)
            elif node.lower_at_keyword == "font-face":
                self.is_doubtful |= not _is_known_font(node)
            elif node.lower_at_keyword not in _WITHOUT_WORDS:
                self.is_doubtful = True

    def _add_rule(self, node: QualifiedRule, *, is_certain: bool) -> None:
        self._count += 1
        both = said_in(tinycss2.serialize(node.content))
        for selected in _selected(node.prelude):
            is_root = selected.element in ("html", "") and not selected.classes | selected.ids
            for is_important, said in enumerate(both):
                if said == NOTHING:
                    continue
                weight = (
                    is_important,
                    len(selected.ids),
                    len(selected.classes),
                    bool(selected.element),
                    self._count,
                )
                rule = replace(
                    selected,
                    said=HIDING if is_root and _is_small_root(said) else said,
                    weight=weight,
                    is_certain=is_certain and selected.is_certain,
                )
                self._rules.setdefault(rule.key, []).append(rule)


def _is_small_root(said: Said) -> bool:
    return said.size is not None and (said.size.pixels + said.size.ratio * 16) < 8


def _is_known_font(rule: AtRule) -> bool:
    """Whether a rule only names a font: one that it brings along may draw anything for a letter."""
    names = ("font-family", "panose-1", "mso-")
    return all(
        isinstance(one, Declaration) and one.lower_name.startswith(names)
        for one in tinycss2.parse_blocks_contents(rule.content or (), True, True)
    )


def style_for(
    element: str, attributes: Mapping[str, str], sheet: Sheet, around: Style, of_body: Style
) -> Style:
    """Return the style of an element.

    Args:
        around: style of the element around it.
        of_body: that of the page, from which tables take their colours in pages of no version.
    """
    classes = frozenset(attributes.get("class", "").lower().split())
    ids = frozenset({attributes["id"].lower()} if "id" in attributes else ())
    plain, important = said_in(attributes["style"]) if "style" in attributes else (NOTHING, NOTHING)
    pieces = [
        *_by_itself(element, attributes, of_body),
        *(Rule(said, (0, 0, 0, 0, 0)) for said in _said_by_attributes(element, attributes)),
        *sheet.rules_for(element, classes, ids),
        *(
            Rule(said, weight)
            for said, weight in ((plain, (0, 1_000)), (important, (2,)))
            if said != NOTHING
        ),
    ]
    pieces.sort(key=lambda rule: rule.weight)
    around = replace(around, height=0.0, width=0.0) if around.height or around.width else around
    return _style(element, pieces, around) if pieces else around


def _by_itself(element: str, attributes: Mapping[str, str], of_body: Style) -> Iterator[Rule]:
    """Yield how programs show an element without a rule."""
    weight = (-1,)
    if element == "a" and "href" in attributes:
        yield Rule(Said(front=(0.0, 0.0, 0.93, 1.0)), weight, is_certain=False)
    if element == "mark":
        yield Rule(Said(front=BLACK, back=(1.0, 1.0, 0.0, 1.0)), weight)
    if element in ("small", "sub", "sup"):
        yield Rule(Said(size=Size(ratio=0.83)), weight)
    if element == "big":
        yield Rule(Said(size=Size(ratio=1.2)), weight)
    if element in ("nobr", "pre"):
        yield Rule(Said(is_nowrap=True, keeps=element == "pre"), weight)
    if element == "table":
        for front in {front for front, _ in of_body.looks}:
            yield Rule(Said(front=front), weight, is_certain=False)


def _said_by_attributes(element: str, attributes: Mapping[str, str]) -> Iterator[Said]:
    for name, written in attributes.items():
        value = written.strip().lower()
        if name in ("color", "text"):
            yield _coloured(value)
        elif name == "bgcolor" and value:
            found = colour(value) or colour(f"#{value}")
            yield Said(back=found) if found else HIDING
        elif name == "background" and value:
            yield Said(is_behind_unknown=True)
        elif name == "align" and element == "table":
            yield Said(hides=value in ("left", "right"))  # it floats, before what stands before it
        elif (name == "size" and element in ("hr", "select")) or name == "rows":
            yield Said(height=_number(value) * (1 if element == "hr" else 20))
        elif name == "size" and value:
            yield _font_size(value)
        elif name == "face":
            yield said_in(f"font-family:{value}")[0]
        elif name == "nowrap":
            yield Said(is_nowrap=True)
        elif name == "dir":
            yield Said(hides=value not in ("ltr", "auto", ""))
        elif name in ("height", "width"):
            number = _number(value)
            taken = 0.0 if value.endswith("%") else number
            yield Said(
                hides=not 1 <= number <= 4_000,
                is_high=name == "height",
                height=taken if name == "height" else 0.0,
                width=taken if name == "width" else 0.0,
            )
        elif name in _MEASURES:
            number = _number(value or "0")
            yield Said(push=abs(number), hides=not 0 <= number <= _FAR)


def _coloured(value: str) -> Said:
    found = colour(value) or colour(f"#{value.strip()}")
    return Said(front=found) if found else HIDING


def _number(text: str) -> float:
    """Return the number at the start of an HTML measure; a very large one if there is none."""
    digits = text.removesuffix("px").removesuffix("%").strip()
    is_number = digits.replace(".", "", 1).isdecimal() and digits.isascii() and len(digits) < 9
    return float(digits) if is_number else 1e9 if digits not in ("auto", "*", "") else _FAR


def _font_size(value: str) -> Said:
    sign, digits = value[:1] if value[:1] in "+-" else "", value.lstrip("+-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 3):
        return Said() if value.endswith("px") else HIDING
    number = int(digits)
    number = {"+": 3 + number, "-": 3 - number}.get(sign, number)
    word = _FONT_SIZES[min(max(number, 1), 7) - 1]
    return said_in(f"font-size:{word}")[0]


def _style(element: str, pieces: Iterable[Rule], around: Style) -> Style:
    looks = around.looks
    saids: list[Said] = []
    sizes = {around.size}
    lines = {around.line}
    symbols = {around.is_symbols}
    margins = {0.0}
    for rule in pieces:
        said = rule.said
        saids.append(said)
        if said.is_coloured:
            looks = _looks(looks, rule, around)
        if said.size is not None:
            pixels = {said.size.pixels + said.size.ratio * around.size}
            sizes = pixels if rule.is_certain else sizes | pixels
        if said.line is not None:
            lines = {said.line} if rule.is_certain else lines | {said.line}
        if said.is_symbols is not None:
            symbols = {said.is_symbols} if rule.is_certain else symbols | {said.is_symbols}
        if said.margin is not None:
            margins = {said.margin} if rule.is_certain else margins | {said.margin}
    indent = max((said.indent for said in saids), default=0.0)
    size = min(sizes) if max(sizes) <= LARGEST else max(sizes)
    line = min((_line(one, size) for one in lines), key=lambda one: one.pixels + one.ratio * size)
    clips = around.is_clipped or any(said.clips for said in saids)
    return replace(
        around,
        looks=looks,
        # A number in a list of Word's hangs in the margin; what has none would stand out of sight.
        is_hidden=around.is_hidden
        or indent > min(margins)
        or _hides(element, saids, around, clips=clips),
        size=size,
        line=line,
        opacity=around.opacity * min(said.opacity for said in saids),
        room=around.room * min(said.room for said in saids),
        push=around.push + sum(said.push for said in saids),
        is_clipped=clips,
        is_hanging=around.is_hanging or indent > 0,
        is_symbols=any(symbols),
        height=max(said.height for said in saids),
        width=max(said.width for said in saids),
        is_nowrap=around.is_nowrap or any(said.is_nowrap for said in saids),
        keeps=around.keeps or any(said.keeps for said in saids),
    )


def _line(line: Size, size: float) -> Size:
    return Size(line.ratio * size) if line.is_computed else line


def _looks(looks: frozenset[Colors], rule: Rule, around: Style) -> frozenset[Colors]:
    """Return the possible looks of an element once a rule holds, or may hold."""
    said = rule.said
    if len(looks) > _MOST_LOOKS:
        return looks
    behind = {back for _, back in around.looks}
    changed = frozenset(
        (said.front or front, None if said.is_behind_unknown else _over(said.back, back, behind))
        for front, back in looks
    )
    return changed if rule.is_certain else looks | changed


def _over(colour: Rgba | None, back: Rgba | None, behind: set[Rgba | None]) -> Rgba | None:
    """Return the colour behind a text; one that lets others through lies on what is around."""
    if colour is None or colour[3] == 1:
        return colour or back
    (under,) = behind if len(behind) == 1 else (None,)
    return None if under is None else _blend(colour, under)


def _hides(element: str, saids: Iterable[Said], around: Style, *, clips: bool) -> bool:
    is_shown_as = any(said.is_shown_as for said in saids)
    is_high = any(said.is_high for said in saids)
    is_hanging = any(said.indent for said in saids)
    return (
        any(said.hides for said in saids)
        # A cell takes it for the least; of anything else what is more lies under what follows.
        or (is_high and (element not in _CELLS or is_shown_as or clips))
        or (clips and any(said.is_nowrap for said in saids))
        or (is_hanging and (element not in _BLOCKS or is_shown_as))
        # Each box inside begins a first line of its own.
        or (around.is_hanging and (is_shown_as or element in _BLOCKS | _CELLS))
    )


def _is_read(front: Rgba, back: Rgba | None, opacity: float) -> bool:
    if back is None:
        return False
    seen = _blend((*front[:3], front[3] * opacity), back)
    one, other = sorted((_luminance(seen), _luminance(back)))
    return (other + 0.05) / (one + 0.05) >= _LEAST_CONTRAST


def _blend(upper: Rgba, lower: Rgba) -> Rgba:
    part = max(0.0, min(upper[3], 1.0))
    red, green, blue = (
        part * one + (1 - part) * other for one, other in zip(upper[:3], lower[:3], strict=True)
    )
    return red, green, blue, 1.0


def _luminance(colour: Rgba) -> float:
    """Return the relative luminance of a colour.

    Source: Web Content Accessibility Guidelines 2.2, "relative luminance".
    """
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in (max(0.0, min(each, 1.0)) for each in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _selected(prelude: Iterable[Node]) -> Iterator[Rule]:
    """Yield what each selector selects: its last part, without what has to stand around it."""
    rule, is_over, before = Rule(NOTHING, ()), False, ""
    for node in prelude:
        literal = node.value if isinstance(node, LiteralToken) else ""
        if literal == ",":
            yield rule
            rule, is_over, before = Rule(NOTHING, ()), False, ""
        elif literal in (">", "+", "~") or isinstance(node, WhitespaceToken):
            # `.a , p` ends with a space: it is no other selector before something follows.
            is_over, before = is_over or rule != Rule(NOTHING, ()) or bool(literal), ""
        else:
            if is_over:
                rule, is_over = Rule(NOTHING, (), is_certain=False), False
            rule, before = _with(rule, node, before), literal
    yield rule


def _with(rule: Rule, node: Node, before: str) -> Rule:
    if isinstance(node, LiteralToken) and node.value in (".", "*"):
        return rule
    if isinstance(node, HashToken):
        return replace(rule, ids=rule.ids | {node.value.lower()})
    if isinstance(node, IdentToken) and before == ".":
        return replace(rule, classes=rule.classes | {node.value.lower()})
    if isinstance(node, IdentToken) and before != ":":
        return replace(rule, element=node.value.lower())
    # A pseudo-class, an attribute, a function: whether it holds is not asked.
    return replace(rule, is_certain=False)
