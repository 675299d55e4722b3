"""The whole of a text made unreadable: its length, its blanks and its layout stay, its content not."""

import re
from collections.abc import Sequence

from lacuna.ports import Passage, Redacted, Span
from lacuna.redaction.markup import tags

_INK = re.compile(r"\S")
_HEAD = re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9:_-]*)")

_ELEMENT_NAMES = """
a abbr address article aside b blockquote body br center code col colgroup dd del div dl dt em
figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i img input ins li main meta nav ol
p pre q s script section small span strike strong style sub sup table tbody td tfoot th thead
title tr tt u ul
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
"""Elements whose names stay, because they say how a page looks and nothing else."""


class Obfuscator:
    """A redactor that asks no detector: nothing of a text is left that could be personal."""

    def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Return each text obfuscated; all of it is one span."""
        return [
            Redacted(obfuscated(one.text, one.media_type), _whole(one.text)) for one in passages
        ]

    cover = redact


def obfuscated(text: str, media_type: str = "text/plain") -> str:
    """Return a text of the same length with every character but the blanks replaced by `x`.

    Of HTML the structure stays: known elements, without their attributes. Comments, styles,
    scripts, links and the names of other elements are content like any other.
    An obfuscated text does not change when it is obfuscated again.

    >>> obfuscated("Hi Anna, call 12 34!")
    'xx xxxxx xxxx xx xxx'
    >>> obfuscated('<p class="a">Hi <o:p>Anna</o:p><br/></p>', "text/html")
    '<p xxxxxxxxx>xx <xxx>xxxx</xxx><br/></p>'
    """
    if media_type != "text/html":
        return _INK.sub("x", text)
    parts: list[str] = []
    done = 0
    for tag in tags(text):
        parts += (_INK.sub("x", text[done : tag.start]), _bare(text[tag.start : tag.end]))
        done = tag.end
    parts.append(_INK.sub("x", text[done:]))
    return "".join(parts)


def _bare(tag: str) -> str:
    """Return a tag, comment or declaration without its content."""
    if tag.startswith("<!--") and tag.endswith("-->") and len(tag) >= len("<!---->"):
        return f"<!--{_INK.sub('x', tag[4:-3])}-->"
    head = _HEAD.match(tag)
    if head is None:
        return f"{tag[:2]}{_INK.sub('x', tag[2:-1])}>"
    name = head["name"]
    inside = tag[head.end() : -1]
    last = "/" if inside.endswith("/") else ""
    inside = _INK.sub("x", inside[: len(inside) - len(last)])
    if name.lower() not in _ELEMENTS:
        name = "x" * len(name)
    elif inside and not inside[0].isspace():
        # What is glued to the name would become a part of it.
        inside = f"/{inside[1:]}"
    return f"{tag[: head.start('name')]}{name}{inside}{last}>"


def _whole(text: str) -> tuple[Span, ...]:
    return (Span(0, len(text), "TEXT", 1.0),) if text else ()
