"""Puts placeholders where spans are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lacuna.ports import Span
from lacuna.redaction.folding import Edit
from lacuna.redaction.markup import Tag, after
from lacuna.redaction.operators.labels import placeholder

_BLANK = re.compile(r"[^\S\n]*|(?:&nbsp;)*")

# A found address, link or number may hold a known value: then all of it goes, under its own name.
_WHOLE = frozenset({"EMAIL_ADDRESS", "URL", "STREET_ADDRESS", "PHONE_NUMBER", "IBAN_CODE"})


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, overlapping ones as one.

    A known value gives the label, unless a whole address, link or number holds it; else the
    longest span does.
    """
    result: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, -s.score, s.label)):
        if result and span.start < result[-1].end:
            last = result.pop()
            first = _stronger(last, span)
            span = replace(
                first,
                start=last.start,
                end=max(last.end, span.end),
                score=max(last.score, span.score),
                subjects=last.subjects | span.subjects,
            )
        result.append(span)
    return result


def connected(text: str, spans: Iterable[Span], ranges: Sequence[Tag]) -> list[Span]:
    """Return the spans with the blanks between two of a sort, so that one placeholder does.

    In a plain text two such spans become one. Where tags stand between them that do not break
    the line, the blanks beside the tags become spans of their own.
    """
    result: list[Span] = []
    for span in spans:
        if result and _alike(result[-1], span):
            last = result[-1]
            blanks = _blanks(text, last.end, span.start, ranges)
            if blanks == [(last.end, span.start)] or last.end == span.start:
                people = last.subjects | span.subjects
                result[-1] = replace(
                    last, end=span.end, score=max(last.score, span.score), subjects=people
                )
                continue
            result += (replace(last, start=start, end=end) for start, end in blanks or ())
        result.append(span)
    return result


def edits(text: str, spans: Sequence[Span], ranges: Sequence[Tag]) -> list[Edit]:
    """Return the edits that cover spans that are in order, apart and connected.

    Of spans that only tags within a line part, the first gets the placeholder.
    """
    result: list[Edit] = []
    last: Span | None = None
    for span in spans:
        goes_on = (
            last is not None
            and _alike(last, span)
            and _blanks(text, last.end, span.start, ranges) == []
        )
        result.append((span.start, span.end, "" if goes_on else placeholder(span.label)))
        last = span
    return result


def _alike(left: Span, right: Span) -> bool:
    same = left.subjects == right.subjects or not (left.subjects and right.subjects)
    return same and placeholder(left.label) == placeholder(right.label)


def _blanks(text: str, start: int, end: int, ranges: Sequence[Tag]) -> list[tuple[int, int]] | None:
    """Return the blanks from `start` to `end`, if there is nothing else but tags within a line."""
    blanks = []
    for tag in after(start, ranges):
        if tag.start >= end:
            break
        if tag.breaks or tag.start < start or tag.end > end:
            return None
        blanks.append((start, tag.start))
        start = tag.end
    blanks.append((start, end))
    if not all(_BLANK.fullmatch(text, *blank) for blank in blanks):
        return None
    return [(first, last) for first, last in blanks if first < last]


def _stronger(left: Span, right: Span) -> Span:
    whole, part = (
        (left, right) if left.end - left.start >= right.end - right.start else (right, left)
    )
    holds = whole.start <= part.start and part.end <= whole.end
    if part.subjects and not whole.subjects and not (holds and whole.label in _WHOLE):
        return part
    return whole
