"""Text as it stands in a page."""

import re
from html import escape, unescape
from typing import Final

from lacuna.model.table import Column

# What no version of HTML or XML can hold.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Characters that set the direction, and letters of scripts that run from right to left.
_TURNING: Final = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]"
)
_LONGEST: Final = 20_000
_BREAKS: Final = re.compile(r"<(?:br|/p|/div|/li|/tr)[^>]*>", re.IGNORECASE)
_TAGS: Final = re.compile(r"<[^>]*>")


def text(value: str) -> str:
    """Return text as it stands in a page; what a page cannot hold becomes U+FFFD.

    Characters that turn the direction of writing are isolated: they end where the text ends.
    """
    escaped = attribute(value)
    return f"<bdi>{escaped}</bdi>" if _TURNING.search(escaped) else escaped


def attribute(value: str) -> str:
    """Return text as it stands in an attribute, where no element can."""
    return escape(_UNPRINTABLE.sub("\ufffd", value))


def shortened(value: str) -> str:
    """Return a text as a page can show it: what is very long is whole in the files alone."""
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]} …"


def plain_text(value: str, column: Column) -> str:
    """Return the text of a column as people read it: of HTML, what is between the tags."""
    if column.media_type != "text/html":
        return value
    return unescape(_TAGS.sub("", _BREAKS.sub("\n", value))).strip()
