"""Finds what a program is called inside in a text that people read."""

import re
from html import unescape

_UNREAD = re.compile(r"<(code|pre|style|script|title)\b.*?</\1>", re.DOTALL)
_CODE = re.compile(
    # A name with an underscore, two names with a slash, a class; an address or a file has a dot.
    r"(?<![\w./@:-])(?:\w+_\w+(?:\.\w+)*|[a-z]{3,}/[a-z]{3,}|[A-Z][a-z]+[A-Z][a-z]\w+)(?![\w./@-])"
)


def code_words(text: str) -> list[str]:
    """Return the code words in a text or an HTML page, but for what is marked as code."""
    shown = re.sub(r"<[^<>]+>", " ", _UNREAD.sub(" ", text))
    return sorted(set(_CODE.findall(unescape(shown))))
