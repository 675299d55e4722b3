"""Where the tags of an HTML text are. It never fails: what is no tag is text."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# A quoted value holds no "<", and the loop never gives back: one pass over any input.
_TAG = re.compile(
    r"""<(?:!--|[!?]|/?(?P<name>[a-zA-Z][a-zA-Z0-9:_-]*))(?:[^<>"']|"[^"<]*"|'[^'<]*'|["'])*+>"""
)

_ATTRIBUTE = re.compile(
    r"""(?<=[\s"'/])(?P<name>[a-zA-Z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_INLINE_NAMES = """
a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q s samp
small span strike strong sub sup time tt u var wbr
"""
_INLINE = frozenset(_INLINE_NAMES.split())
_BRACKETS = re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9:_-]*)?[^<>\0]*>")
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:_-]*)")
_WITHIN_WORDS = re.compile(r"<(?<=\w<)[^<>\0]*>(?:<[^<>\0]*>)*(?=\w)")


class Tag(NamedTuple):
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
            breaks = name is not None and _breaks(name)
            found.append(Tag(position, end, breaks=breaks, named=name is not None))
        else:
            end = position + 1
        position = html.find("<", end)
    return found


def all_tags(text: str) -> list[Tag]:
    """Return whatever stands between angle brackets, in order, tags or not.

    >>> [(one.start, one.end) for one in all_tags("a <1> b < c")]
    [(2, 5)]
    """
    return [
        Tag(*found.span(), breaks=found["name"] is not None and _breaks(found["name"]))
        for found in _BRACKETS.finditer(text)
    ]


def is_parted_within_words(text: str) -> bool:
    """Whether a tag that lays nothing out stands between two words without blanks.

    >>> is_parted_within_words("Anna<i>Berg</i>"), is_parted_within_words("<b>Anna</b><br>Berg")
    (True, False)
    """
    return any(
        not any(_breaks(name) for name in _NAME.findall(found.group()))
        for found in _WITHIN_WORDS.finditer(text)
    )


def _breaks(name: str) -> bool:
    return name.lower() not in _INLINE


def moved(tag: Tag, by: int) -> Tag:
    """Return a tag of a part of a text as a tag of the whole, in which the part starts at `by`."""
    return tag._replace(start=tag.start + by, end=tag.end + by)


def attributes(html: str, tag: Tag) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each attribute of a tag, and where its value stands, without quotes."""
    for match in _ATTRIBUTE.finditer(html, tag.start, tag.end):
        start, end = match.span(match.lastindex or 0)
        if start < end:
            yield match["name"].lower(), start, end


def after(position: int, ranges: Sequence[Tag]) -> Iterator[Tag]:
    """Yield those of `ranges`, which are in order and apart, that end after `position`."""
    first = bisect_right(ranges, position, key=lambda tag: tag.end)
    return (ranges[index] for index in range(first, len(ranges)))


def outside(start: int, end: int, ranges: Sequence[Tag]) -> list[tuple[int, int]]:
    """Return the parts of `start` to `end` that lie in none of `ranges`.

    >>> outside(0, 12, tags("Anna <b>Berg</b>"))
    [(0, 5), (8, 12)]
    """
    parts = []
    for tag in after(start, ranges):
        if tag.start >= end:
            break
        if tag.start > start:
            parts.append((start, tag.start))
        start = tag.end
    if start < end:
        parts.append((start, end))
    return parts


def apart(ranges: Iterable[tuple[int, int]]) -> list[Tag]:
    """Return ranges in order, overlapping ones as one.

    >>> [(one.start, one.end) for one in apart([(4, 6), (0, 3), (2, 5), (7, 8)])]
    [(0, 6), (7, 8)]
    """
    result: list[Tag] = []
    for start, end in sorted(ranges):
        if result and start < result[-1].end:
            last = result.pop()
            start, end = last.start, max(end, last.end)
        result.append(Tag(start, end, breaks=False))
    return result
