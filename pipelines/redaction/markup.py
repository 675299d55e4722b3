"""Where the tags of an HTML text are. It never fails: what is no tag is text."""

import re
from dataclasses import dataclass

# A quoted value holds no "<", and the loop never gives back: one pass over any input.
_TAG = re.compile(
    r"""<(?:!--|[!?]|/?(?P<name>[a-zA-Z][a-zA-Z0-9:_-]*))(?:[^<>"']|"[^"<]*"|'[^'<]*'|["'])*+>"""
)

_INLINE_NAMES = """
a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q s samp
small span strike strong sub sup time tt u var wbr
"""
_INLINE = frozenset(_INLINE_NAMES.split())


@dataclass(frozen=True)
class Tag:
    """A tag, comment or declaration.

    Attributes:
        breaks: whether it parts words: `Anna<br>Berg` is two, `An<b>na</b>` one.
        named: whether it is an element's tag, with a name and perhaps attributes.
    """

    start: int
    end: int
    breaks: bool
    named: bool = False


def tags(html: str) -> list[Tag]:
    """Return the tags, comments and declarations of `html`, in order.

    >>> [(tag.start, tag.end, tag.breaks) for tag in tags("Anna <b>Berg</b><br>1 < 2")]
    [(5, 8, False), (12, 16, False), (16, 20, True)]
    """
    found: list[Tag] = []
    position = html.find("<")
    comments = True
    while position >= 0:
        end = -1
        if comments and html.startswith("<!--", position):
            end = html.find("-->", position + 4) + 3
            comments = end > 2
        if end > 2:
            found.append(Tag(position, end, breaks=False))
        elif match := _TAG.match(html, position):
            end = match.end()
            name = match["name"]
            breaks = name is not None and name.lower() not in _INLINE
            found.append(Tag(position, end, breaks=breaks, named=name is not None))
        else:
            end = position + 1
        position = html.find("<", end)
    return found


def outside(start: int, end: int, ranges: list[Tag]) -> list[tuple[int, int]]:
    """Return the parts of `start` to `end` that lie in no tag.

    >>> outside(0, 12, tags("Anna <b>Berg</b>"))
    [(0, 5), (8, 12)]
    """
    parts = []
    for tag in ranges:
        if tag.end <= start:
            continue
        if tag.start >= end:
            break
        if tag.start > start:
            parts.append((start, tag.start))
        start = tag.end
    if start < end:
        parts.append((start, end))
    return parts
