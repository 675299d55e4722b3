"""HTML to text in one pass: what a reader sees, what stands in its quotes, and what is hidden.

Tags and attributes are found as HTML's tokenizer finds them, each character once. No tree is built: an
element that ends where a browser would not let it end is in doubt, if it is hidden.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipelines.request.mail.parts import Block
from pipelines.request.mail.styles import Sheet, Style, style_of_attributes

_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)")
_EQUALS: Final = re.compile(r"\s*=\s*")
_BARE: Final = re.compile(r"[^\s>]*")
_END: Final = re.compile(r"[\s/]*>")
_UNSEEN: Final = frozenset(
    {"script", "style", "title", "noscript", "noframes", "noembed", "iframe"}
)
"""Their content is no markup: it ends with their own end tag."""
_NEVER_SHOWN: Final = frozenset(
    {"template", "head", "audio", "video", "object", "datalist", "svg", "canvas", "math"}
    | {
        "progress",
        "meter",
        "rp",
        "rt",
        "marquee",
        "dialog",
        "select",
        "applet",
        "frameset",
    }
)
"""Elements whose words not every reader sees, or not at once."""
_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"}
)
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr", "col", "area", "base"})
_ENDS_ITSELF: Final = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "option"})


@dataclass(frozen=True)
class _Tag:
    name: str
    is_end: bool
    attributes: Mapping[str, str] = field(repr=False)


def text_of(page: str) -> Block:
    """Return the text of a page: what its author shows, and what stands in its quotes.

    What a reader does not see is returned as hidden: to leave it out would lose words, to read it
    would put words in somebody's mouth.
    """
    tokens = list(_tokens(page))
    sheet = Sheet()
    for token in tokens:
        if isinstance(token, tuple) and token[0] == "style":
            sheet.add(token[1])
        elif isinstance(token, _Tag) and _is_sheet(token):
            sheet.is_doubtful = True
    written = _Written(sheet)
    for token in tokens:
        if isinstance(token, str):
            written.add(html.unescape(" ".join(token.split("\n"))))
        elif isinstance(token, _Tag):
            written.pass_tag(token)
    # What may be hidden anywhere is shown to whoever looks at the mail, all of it.
    hidden = (*written.hidden, *(written.own if sheet.is_doubtful else ()))
    return Block("".join(written.own), "".join(written.quoted), "".join(hidden), sheet.is_cut)


def _is_sheet(tag: _Tag) -> bool:
    """Whether a tag brings rules from elsewhere, be it out of its own address."""
    return tag.name == "link" and "stylesheet" in tag.attributes.get("rel", "").lower().split()


class _Written:
    """Puts texts where they belong, by the elements that are open around them."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._open: list[tuple[str, Style]] = []
        self._counts: Counter[str] = Counter()
        self._is_torn = False
        self.own: list[str] = []
        self.quoted: list[str] = []
        self.hidden: list[str] = []

    def add(self, text: str) -> None:
        """Take a text that stands here."""
        is_quoted = self._counts["blockquote"] > 0
        if self._style.shows:
            (self.quoted if is_quoted else self.own).append(text)
        # Words that are hidden in a quote are nobody's here.
        if not is_quoted and (self._is_torn or not self._style.shows):
            self.hidden.append(text)

    def pass_tag(self, tag: _Tag) -> None:
        """Take a tag: it begins or ends an element."""
        if tag.name in _BREAKS:
            self.add("\n")
        if tag.is_end:
            if self._counts[tag.name]:
                self._close(tag.name)
            return
        if tag.name in _ENDS_ITSELF and self._open and self._open[-1][0] == tag.name:
            self._close(tag.name)
        if tag.name not in _VOID:
            names = [tag.name]
            names += [f".{one}".lower() for one in tag.attributes.get("class", "").split()]
            names += [f"#{tag.attributes['id'].lower()}"] if "id" in tag.attributes else []
            said = style_of_attributes(tag.attributes).within(self._sheet.style_for(names))
            if tag.name in _NEVER_SHOWN or (tag.name == "dialog" and "open" not in tag.attributes):
                said = Style(is_hidden=True)
            self._open.append((tag.name, said.within(self._style)))
            self._counts[tag.name] += 1

    @property
    def _style(self) -> Style:
        return self._open[-1][1] if self._open else Style()

    def _close(self, name: str) -> None:
        while self._open:
            last, style = self._open.pop()
            self._counts[last] -= 1
            if last == name:
                return
            # `<div hidden><table></div>`: in a browser the div goes on.
            self._is_torn = self._is_torn or not style.shows


def _tokens(page: str) -> Iterator[str | _Tag | tuple[str, str]]:
    """Yield texts, tags, and the content of elements without markup as pairs."""
    folded = page.lower()
    position = 0
    while position < len(page):
        start = page.find("<", position)
        if start == -1:
            yield page[position:]
            return
        if start > position:
            yield page[position:start]
        found = _NAME.match(page, start + (2 if page.startswith("</", start) else 1))
        if found is None:
            # A comment, a declaration, or a text with a `<`.
            if not page.startswith(("<!", "<?", "</"), start):
                yield "<"
                position = start + 1
                continue
            end = "-->" if page.startswith("<!--", start) else ">"
            if page.startswith(("<!-->", "<!--->"), start):
                end = ">"
            close = page.find(end, start)
            position = len(page) if close == -1 else close + len(end)
            continue
        name = found[0].lower()
        attributes, position = _attributes(page, found.end())
        is_end = page[start + 1] == "/"
        if position > len(page):
            return  # A tag that does not end is none, and nothing follows it.
        if name in _UNSEEN and not is_end:
            end_tag = re.compile(rf"</{name}[\s/>]").search(folded, position)
            close = len(page) if end_tag is None else end_tag.start()
            yield name, page[position:close]
            position = close
        else:
            yield _Tag(name, is_end, attributes)


def _attributes(page: str, position: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag and where it ends; beyond the page if it does not."""
    found: dict[str, str] = {}
    while (end := _END.match(page, position)) is None:
        name = _ATTRIBUTE.match(page, position)
        if name is None:
            return found, len(page) + 1
        position = name.end()
        value = ""
        equals = _EQUALS.match(page, position)
        if equals is not None:
            position = equals.end()
            mark = page[position : position + 1]
            if mark in ('"', "'"):
                close = page.find(mark, position + 1)
                if close == -1:
                    return found, len(page) + 1
                value, position = page[position + 1 : close], close + 1
            else:
                bare = _BARE.match(page, position)
                value = bare[0] if bare else ""
                position += len(value)
        # Of two of the name the first one counts.
        found.setdefault(name[1].lower(), html.unescape(value))
    return found, end.end()
