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
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr", "col", "area"})
_HIDDEN: Final = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*[012](?:\.\d+)?\s*(?:px|pt)?\s*(?:[;\"']|!|$))|\shidden(?=[\s=/]|$)",
    re.IGNORECASE,
)


def text_of(page: str) -> Block:
    """Return the text of a page: what its author wrote, and what stands in its quotes.

    What a reader does not see is no part of it, unless its element never ends.
    """
    own: list[str] = []
    quoted: list[str] = []
    hidden: list[str] = []
    hiding, hidden_depth = "", 0
    folded = page.lower()
    depth = position = 0
    while position < len(page):
        start = page.find("<", position)
        if start == -1:
            start = len(page)
        shown = quoted if depth else own
        (hidden if hiding else shown).append(
            html.unescape(" ".join(page[position:start].split("\n")))
        )
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
        is_end = tag.startswith("/")
        if hiding and name == hiding:
            hidden_depth += -1 if is_end else 1
            if hidden_depth == 0:
                hiding = ""
                hidden.clear()
        elif not hiding and not is_end and name not in _VOID and _HIDDEN.search(tag):
            hiding, hidden_depth = name, 1
        if name in _BREAKS:
            (quoted if depth else own).append("\n")
        if name == "blockquote":
            depth = max(0, depth + (-1 if is_end else 1))
    own += hidden
    return Block("".join(own), "".join(quoted))
