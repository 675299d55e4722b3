"""What a detector gets to read of a passage: the running text, and the values of attributes.

Where a text hides values from patterns, it is read without what hides them as well.
"""

import html
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lacuna.ports import Passage, Span
from lacuna.redaction.folding import View, without_tags
from lacuna.redaction.markup import Tag, attributes, moved, tags
from lacuna.redaction.readable_text import unmasked

_TEXT_ATTRIBUTES = frozenset(
    ("alt", "title", "value", "content", "placeholder", "label", "summary", "aria-label")
)
_TECHNICAL_ATTRIBUTES = frozenset(
    ("class", "style", "rel", "media", "sizes", "type", "lang", "dir", "face", "viewport")
)
_CONTACT_LINK = re.compile(r"\s*(?P<scheme>mailto|tel|sms|callto|sip|skype|whatsapp):", re.I)
_WEB_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{1,10}:)?//[^\s\"'<>()]+|\bwww\.[^\s\"'<>()]+", re.I)
_MAIL = re.compile(r"[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+")
# A longer text is read whole once; what is read again is parts of it, each with so much around it.
_READ_WHOLE = 10_000
_PART = 4_000
_AROUND = 500
_ENDS = re.compile(r"(?P<paragraph>\n\s*\n)|(?P<line>\n)|(?P<sentence>(?<=[.!?])\s)|(?P<word>\s)")
_UNREAD_ELEMENT = re.compile(r"<(?P<name>style|script)\b", re.I)


@dataclass(frozen=True)
class Reading:
    """A passage taken apart for the detectors.

    Attributes:
        views: texts to be analyzed, each with the way back to the passage.
        running: how many of the views, from the first, are of the running text.
        closed: ranges of the passage that no span of the running text may cover: its tags.
        plain_spans: what is found in attributes without a detector: links and addresses.
        cores: the range of the passage that each view is asked about, where that is not all of it.
        in_parts: whether parts of the text are not in any view.
    """

    views: tuple[View, ...]
    running: int = 1
    closed: tuple[Tag, ...] = ()
    plain_spans: tuple[Span, ...] = ()
    cores: tuple[tuple[int, int] | None, ...] = ()
    in_parts: bool = False

    def asks(self, number: int, start: int, end: int) -> bool:
        """Whether a view is asked about a range of the passage: what is around a part is not."""
        core = self.cores[number] if self.cores else None
        return core is None or (start < core[1] and core[0] < end)


def reading(
    passage: Passage,
    *,
    clearing: bool = False,
    changed: Sequence[tuple[int, int]] | None = None,
) -> Reading:
    """Take a passage apart. A plain text is one view of itself.

    Args:
        clearing: read what hides values a second time, without that.
        changed: where the text is another one than when it was read last; None: it was not read.
    """
    original = View(passage.text)
    if passage.media_type != "text/html" and len(passage.text) > _READ_WHOLE:
        return _long_reading(original, changed, clearing=clearing)
    ranges = tags(passage.text) if passage.media_type == "text/html" else []
    if not ranges and not (passage.media_type == "text/html" and "&" in passage.text):
        clear = unmasked(original) if clearing else None
        return Reading((original,)) if clear is None else Reading((original, clear), 2)
    closed, inside = _unread(passage.text, ranges)
    views = [without_tags(original, closed)]
    found: list[Span] = []
    for start, end in inside:
        part = _slice(original, start, end)
        is_comment = passage.text.startswith("<!--", start - len("<!--"))
        ranges_inside = tags(part.text) if is_comment else []
        views.append(without_tags(part, ranges_inside))
        # A comment may hold HTML, for some programs or for none, with attributes of its own.
        ranges += (moved(tag, start) for tag in ranges_inside)
    for tag in ranges:
        if tag.named:
            for name, start, end in attributes(passage.text, tag):
                if _is_text(name, passage.text[start:end]):
                    views.append(_entities_decoded(_slice(original, start, end)))
                if not name.startswith("xmlns"):
                    found += _links(passage.text, start, end)
    running = 1
    if clearing:
        cleared = [unmasked(view) for view in views]
        running += cleared[0] is not None
        views = [
            each for pair in zip(views, cleared, strict=True) for each in pair if each is not None
        ]
    return Reading(tuple(views), running, tuple(closed), tuple(found))


def _long_reading(
    original: View, changed: Sequence[tuple[int, int]] | None, *, clearing: bool
) -> Reading:
    """Read a long plain text once, and again only the parts that hide values or have changed.

    Otherwise one hidden character or one name that only a later look finds would have all of it
    read once more, and the longer a text is, the more often it has one.
    """
    views: list[View] = []
    cores: list[tuple[int, int] | None] = []
    if changed is None:
        views.append(original)
        cores.append(None)
    pending = deque(changed or ())
    for start, end in _parts(original.text):
        before, behind = max(0, start - _AROUND), min(len(original.text), end + _AROUND)
        while pending and pending[0][1] < before:
            pending.popleft()
        is_changed = bool(pending) and pending[0][0] <= behind
        if changed is not None and not is_changed:
            continue
        part = _slice(original, before, behind)
        clear = unmasked(part) if clearing else None
        asked = [part, clear] if is_changed else [clear]
        views += [one for one in asked if one is not None]
        cores += [(start, end)] * (len(views) - len(cores))
    return Reading(tuple(views), len(views), cores=tuple(cores), in_parts=changed is not None)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a long text, cut behind a paragraph, or else a line, a sentence, a word."""
    start = 0
    while len(text) - start > _PART:
        found = {
            match.lastgroup: match.end()
            for match in _ENDS.finditer(text, start + _PART // 2, start + _PART)
        }
        end = next((found[name] for name in _ENDS.groupindex if name in found), start + _PART)
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _is_text(name: str, value: str) -> bool:
    """Whether an attribute may hold words that a person wrote."""
    if name in _TEXT_ATTRIBUTES or name.startswith("data-"):
        return True
    return name not in _TECHNICAL_ATTRIBUTES and not name.startswith("xmlns") and " " in value


def _unread(text: str, ranges: list[Tag]) -> tuple[list[Tag], list[tuple[int, int]]]:
    """Close style and script elements; return the tags with them, and the texts to be read apart."""
    closed: list[Tag] = []
    apart: list[tuple[int, int]] = []
    element: tuple[str, Tag] | None = None
    for tag in ranges:
        if element is not None:
            name, opening = element
            if text[tag.start : tag.start + 2 + len(name)].lower() != f"</{name}":
                continue
            if name == "script":
                apart.append((opening.end, tag.start))
            closed.append(Tag(opening.start, tag.end, breaks=True, named=True))
            element = None
        elif match := _UNREAD_ELEMENT.match(text, tag.start):
            element = match["name"].lower(), tag
        else:
            if text.startswith("<!--", tag.start):
                apart.append((tag.start + 4, tag.end - 3))
            closed.append(tag)
    if element is not None:
        # It is never closed: what follows it is read, not skipped.
        _, opening = element
        closed += [opening, *(tag for tag in ranges if tag.start > opening.start)]
    return closed, [(start, end) for start, end in apart if start < end]


def _slice(view: View, start: int, end: int) -> View:
    return view.edited([(0, start, ""), (end, len(view.text), "")])


def _entities_decoded(view: View) -> View:
    return without_tags(view, []) if "&" in view.text else view


def _links(text: str, start: int, end: int) -> Iterator[Span]:
    contact = _CONTACT_LINK.match(text, start, end)
    if contact is not None:
        label = "EMAIL_ADDRESS" if contact["scheme"].lower() == "mailto" else "PHONE_NUMBER"
        if contact.end() < end:
            yield Span(contact.end(), end, label, 0.9)
        return
    value = html.unescape(text[start:end])
    if "@" not in value and "%40" not in value and "//" not in value and "www." not in value:
        return
    for label, pattern in (("URL", _WEB_LINK), ("EMAIL_ADDRESS", _MAIL)):
        for match in pattern.finditer(text, start, end):
            yield Span(match.start(), match.end(), label, 0.9)
