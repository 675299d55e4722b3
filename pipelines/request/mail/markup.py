"""HTML to text in one pass, without a parser that a broken page can slow down."""

import html
import re
from typing import Final

from pipelines.request.mail.parts import Block

_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})")
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"}
)


def text_of(page: str) -> Block:
    """Return the text of a page: what its author wrote, and what stands in its quotes."""
    own: list[str] = []
    quoted: list[str] = []
    folded = page.lower()
    depth = position = 0
    while position < len(page):
        start = page.find("<", position)
        if start == -1:
            start = len(page)
        (quoted if depth else own).append(html.unescape(" ".join(page[position:start].split("\n"))))
        if start == len(page):
            break
        if page.startswith("<!--", start):
            end = page.find("-->", start)
            position = len(page) if end == -1 else end + 3
            continue
        end = page.find(">", start)
        if end == -1:
            break
        tag = page[start + 1 : end]
        found = _NAME.match(tag)
        name = found[1].lower() if found else ""
        position = end + 1
        if name in _UNSEEN and not tag.startswith("/"):
            close = folded.find(f"</{name}", position) if name else -1
            position = len(page) if close == -1 else close
            continue
        if name in _BREAKS:
            (quoted if depth else own).append("\n")
        if name == "blockquote":
            depth = max(0, depth + (-1 if tag.startswith("/") else 1))
    return Block("".join(own), "".join(quoted))
