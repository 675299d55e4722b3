"""HTML to text in one pass: what a reader sees, its quotes, and what is hidden.

Tags and attributes are found as HTML's tokenizer finds them, each character once. No tree is built: an
element that ends where a browser would not let it end is in doubt, if it is hidden. Elements and
attributes are listed that can neither hide nor reorder words; among any other they are hidden.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lacuna.intake.mail.distances import Distance
from lacuna.intake.mail.hidden_characters import turns
from lacuna.intake.mail.parts import Block
from lacuna.intake.mail.styles import Sheet, Style, style_for

_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)")
_EQUALS: Final = re.compile(r"\s*=\s*")
_BARE: Final = re.compile(r"[^\s>]*")
_END: Final = re.compile(r"[\s/]*>")
_UNSEEN: Final = frozenset(
    {"script", "style", "title", "noscript", "noframes", "noembed", "iframe"}
)
"""Their content is no markup: it ends with their own end tag."""
_WITHOUT_SCRIPTS: Final = _UNSEEN - {"script", "style", "title"}
"""Of those, what some programs show."""
_SHOWN: Final = frozenset(
    """
    a abbr acronym address article aside b bdi big blockquote body center cite code dd dfn dir div
    dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hgroup html i ins kbd label
    li main map mark menu nav nobr o:p ol p pre q samp section small span strong sub sup table tbody
    td th thead time tr tt u ul var
    """.split()  # noqa: SIM905 - a list of this length is read as words
)
"""Elements whose words are seen, where they stand; words that are struck out are none of them."""
_WITHOUT_EFFECT: Final = frozenset("-_:")
"""Characters in names of attributes that HTML gives no meaning to, but for those that it lists."""
_ATTRIBUTES: Final = frozenset(
    """
    abbr accept action align alink alt autocomplete axis background bgcolor border bordercolor
    bottommargin cellpadding cellspacing char charoff charset cite class clear color cols colspan
    compact content coords data datetime download dir disabled enctype face for frame frameborder
    headers height href hreflang hspace id ismap itemid itemprop itemscope itemtype jslog lang
    language leftmargin link loading longdesc marginheight marginwidth media method name noshade
    nosend nowrap origin originalsrc ping profile rel rev rightmargin role rowspan rules scope
    shape shash size span spellcheck src srcset start style summary tabindex target text title
    topmargin translate type usemap valign value version vlink vspace width wrap xmlns
    """.split()  # noqa: SIM905
)
_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"}
)
_VOID: Final = frozenset(
    {"br", "hr", "img", "input", "link", "meta", "wbr", "col", "area", "base", "source", "track"}
    | {"embed", "param"}
)
_ENDS_ITSELF: Final = frozenset({"p", "li", "td", "th", "tr", "dd", "dt", "option"})
_CONDITION: Final = re.compile(r"<!(?:--)?\s*\[\s*if\b[^\]>]*\]\s*>", re.I)
_CONDITION_END: Final = re.compile(r"<!(?:--\s*<!)?\s*\[\s*endif\b", re.I)
_LONGEST_BULLET: Final = 20
_BULLET: Final = re.compile(r"\W*(?:o|(?:(?:\d{1,3}|[ivxlcdm]{1,6}|[a-z])[.)]){1,4})?\W*", re.I)
"""Of an entry of a list, which Word writes for those who do not number."""
_OF_WORD: Final = re.compile(r"(?:st|u)\d:[a-z]+")


@dataclass(frozen=True)
class _HtmlTag:
    name: str
    is_end: bool
    attributes: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class _Comment:
    """A comment, or a declaration, as it stands there."""

    text: str = field(repr=False)

    @property
    def begins(self) -> bool:
        """Whether what follows it holds for some programs only, until another one ends that."""
        found = _CONDITION.match(self.text)
        rest = "" if found is None else self.text[found.end() :]
        is_revealed = not self.text.startswith("<!--") or rest.startswith(("-->", "<!--"))
        return found is not None and is_revealed

    @property
    def ends(self) -> bool:
        """Whether it ends such a part of a page."""
        return _CONDITION_END.match(self.text) is not None

    @property
    def inner(self) -> str:
        """What in it some programs read as a part of the page."""
        found = _CONDITION.match(self.text)
        return "" if found is None or self.begins else self.text[found.end() :]


_HtmlToken = str | _HtmlTag | _Comment | tuple[str, str]


def text_of(page: str) -> Block:
    """Return the text of a page: what its author shows, and its quotes.

    What a reader does not see is returned as hidden: to leave it out would lose words, to read it
    would put words in somebody's mouth.
    """
    tokens = list(_tokens(page))
    sheet = _sheet_of(tokens)
    written = _TextSorter(sheet)
    for token in tokens:
        if isinstance(token, str):
            written.add(html.unescape(" ".join(token.split("\n"))), html.unescape(token))
        elif isinstance(token, _HtmlTag):
            written.pass_tag(token)
        elif isinstance(token, _Comment):
            written.pass_comment(token)
        elif token[0] in _WITHOUT_SCRIPTS:
            written.hidden.append(token[1])
    # What may be hidden anywhere is shown to whoever looks at the mail, all of it.
    is_doubtful = sheet.is_doubtful or written.distance.is_doubtful
    hidden = (*written.hidden, *(written.own if is_doubtful else ()))
    return Block("".join(written.own), "".join(written.quoted), "".join(hidden), sheet.is_cut)


def _sheet_of(tokens: Iterable[_HtmlToken]) -> Sheet:
    """Return the rules of a page, also those that only some programs read."""
    sheet = Sheet()
    for token in tokens:
        if isinstance(token, tuple) and token[0] == "style":
            sheet.add(token[1])
        elif isinstance(token, _Comment):
            for inner in _tokens(token.inner):
                if isinstance(inner, tuple) and inner[0] == "style":
                    sheet.add(inner[1])
        elif isinstance(token, _HtmlTag) and not token.is_end:
            sheet.is_doubtful |= _is_sheet(token) or _is_scheme(token)
            if token.name == "body":
                for name in ("link", "vlink", "alink"):
                    sheet.add_links(token.attributes.get(name, ""))
    return sheet


def _is_sheet(tag: _HtmlTag) -> bool:
    """Whether a tag brings rules from elsewhere, be it out of its own address."""
    return tag.name == "link" and "stylesheet" in tag.attributes.get("rel", "").lower().split()


def _is_scheme(tag: _HtmlTag) -> bool:
    """Whether a tag asks for dark colours alone, among which those that are named stand out less."""
    schemes = ("color-scheme", "supported-color-schemes")
    is_one = tag.name == "meta" and tag.attributes.get("name", "").lower() in schemes
    words = tag.attributes.get("content", "").lower().split()
    return is_one and "dark" in words and "light" not in words


class _TextSorter:
    """Puts texts where they belong, by the elements that are open around them."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._open: list[tuple[str, Style]] = []
        self._counts: Counter[str] = Counter()
        self._rows: list[int] = []
        self._of_body = Style()
        self._styles: dict[tuple[str, tuple[tuple[str, str], ...], Style, Style], Style] = {}
        self._is_torn = self._is_conditional = False
        self.distance = Distance()
        self.own: list[str] = []
        self.quoted: list[str] = []
        self.hidden: list[str] = []

    def add(self, text: str, as_written: str = "") -> None:
        """Take a text at this point.

        Args:
            as_written: with its line breaks, which some elements keep.
        """
        is_quoted = self._counts["blockquote"] > 0
        style = self._style
        bullet = text.strip()
        is_bullet = (style.is_symbols and len(bullet) == 1) or (
            self._is_conditional
            and 0 < len(bullet) <= _LONGEST_BULLET
            and _BULLET.fullmatch(bullet) is not None
        )
        if is_bullet:
            # Outlook's smile is a letter of another font: no word to read, and none that is hidden.
            return
        self.distance.pass_text(as_written, style)
        is_far = self.distance.is_far and bool(text.strip())
        shows = style.shows and not (
            is_far or style.is_symbols or self._is_conditional or turns(text)
        )
        if shows or not text.strip():
            (self.quoted if is_quoted else self.own).append(text)
        # Words that are hidden in a quote are nobody's here.
        if not is_quoted and (self._is_torn or not shows):
            self.hidden.append(text)

    def pass_comment(self, comment: _Comment) -> None:
        """Take a comment: Word and Outlook read the content of a conditional one."""
        self._is_conditional = comment.begins or (self._is_conditional and not comment.ends)
        is_data = False
        for token in _tokens(comment.inner):
            if isinstance(token, _HtmlTag) and token.name == "xml":
                is_data = not token.is_end
            elif isinstance(token, str) and not is_data:
                self.hidden.append(html.unescape(token))

    def pass_tag(self, tag: _HtmlTag) -> None:
        """Take a tag: it begins or ends an element."""
        if tag.name in _BREAKS:
            self.add("\n")
        if tag.is_end:
            if self._counts[tag.name]:
                self._close(tag.name)
            return
        if tag.name in _ENDS_ITSELF and self._open and self._open[-1][0] == tag.name:
            self._close(tag.name)
        if tag.name == "body" and self._counts["head"]:
            self._close("head")
        if tag.name not in _VOID:
            self._begin(tag)
        else:
            self.distance.pass_void(tag.name, self._style_of(tag), self._style)

    def _style_of(self, tag: _HtmlTag) -> Style:
        around = self._style
        key = tag.name, tuple(tag.attributes.items()), around, self._of_body
        style = self._styles.get(key)
        if style is None:
            style = style_for(tag.name, tag.attributes, self._sheet, around, self._of_body)
            self._styles[key] = style
        return style

    def _begin(self, tag: _HtmlTag) -> None:
        style = self._style_of(tag)
        # A head of a table is shown above its rows, wherever it stands.
        is_moved = tag.name == "thead" and any(self._rows[-1:])
        if is_moved or not _is_known(tag):
            style = replace(style, is_hidden=True)
        if tag.name == "body":
            self._of_body = style
        elif tag.name == "table":
            self._rows.append(0)
        elif tag.name == "tr" and self._rows:
            self._rows[-1] += 1
        self.distance.begin(tag.name, style, self._style)
        self._open.append((tag.name, style))
        self._counts[tag.name] += 1

    @property
    def _style(self) -> Style:
        return self._open[-1][1] if self._open else Style()

    def _close(self, name: str) -> None:
        while self._open:
            last, style = self._open.pop()
            self._counts[last] -= 1
            self.distance.end()
            if last == "table":
                self._rows.pop()
            if last == name:
                return
            # `<div hidden><table></div>`: in a browser the div goes on.
            self._is_torn = self._is_torn or not style.shows


def _is_known(tag: _HtmlTag) -> bool:
    """Whether an element and its attributes are on the list."""
    return (tag.name in _SHOWN or _OF_WORD.fullmatch(tag.name) is not None) and all(
        name in _ATTRIBUTES or name.startswith("on") or not _WITHOUT_EFFECT.isdisjoint(name)
        for name in tag.attributes
    )


def _tokens(page: str) -> Iterator[_HtmlToken]:
    """Yield texts, tags, comments, and the content of elements without markup as pairs."""
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
            yield _Comment(page[start:position])
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
            yield _HtmlTag(name, is_end, attributes)


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
            quote = page[position : position + 1]
            if quote in ('"', "'"):
                close = page.find(quote, position + 1)
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
