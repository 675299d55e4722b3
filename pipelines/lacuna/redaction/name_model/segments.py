"""The parts of a text that are read together: a sentence or some, as in training."""

from collections.abc import Iterator, Sequence

from lacuna.redaction.name_model.text_words import Gap

__all__ = ["segments"]

_FROM, _MOST = 30, 100
_ENDS = frozenset(".!?…")
_ABBREVIATED = 4


def segments(words: Sequence[str], before: Sequence[Gap]) -> Iterator[tuple[int, int]]:
    """Yield the first word of each part and the one behind its last.

    From 30 words on a part ends with a line or a sentence, at 100 behind the last separator, and
    where there is none, there.
    """
    start = 0
    while len(words) - start > _FROM:
        end = _end(words, before, start)
        yield start, end
        start = end
    if start < len(words):
        yield start, len(words)


def _end(words: Sequence[str], before: Sequence[Gap], start: int) -> int:
    last = min(start + _MOST, len(words))
    for at in range(start + _FROM, last):
        if before[at] == Gap.LINE_END or _is_sentence_end(words, before, at):
            return at
    if last == len(words):
        return last
    ends = (at + 1 for at in range(last - 1, start, -1) if not words[at][0].isalnum())
    return next(ends, last)


def _is_sentence_end(words: Sequence[str], before: Sequence[Gap], at: int) -> bool:
    """Whether a sentence ends before a word; the dot behind a short word may belong to it."""
    return (
        before[at] != Gap.NOTHING
        and words[at - 1] in _ENDS
        and (words[at - 1] != "." or len(words[at - 2]) >= _ABBREVIATED)
    )
