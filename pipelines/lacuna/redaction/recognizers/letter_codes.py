"""Codes of bookings that have no figure: six capitals after the word that calls them one."""

import re
from collections.abc import Iterator

from lacuna.redaction.recognizers.label_search import NumberLabel, label_after, labels_before
from lacuna.redaction.recognizers.number_labels import NOTHING, is_emphasis, meaning_of

__all__ = ["CAPITALS", "letter_codes"]

CAPITALS = r"(?-i:[A-Z]{6}|[A-Z]{2,4}-[A-Z]{2,4})"
_CODE = re.compile(rf"(?<![\w@&./+-]){CAPITALS}(?![\w@&/+-]|\.\w)")
_LOUD = re.compile(r"(?<![\w-])[A-ZÆØÅÄÖÜ]{4,30}(?![\w-])")
_AROUND = 40


def letter_codes(text: str) -> Iterator[tuple[int, int]]:
    """Yield where codes of capitals stand, half open, that a word right beside them calls codes.

    A text that shouts has none: in it every word has capitals.
    """
    for code in _CODE.finditer(text):
        written = code.group()
        if is_emphasis(written) or meaning_of(written) is not NOTHING:
            continue
        if _is_loud(text, code.start() - _AROUND, code.start()):
            continue
        if _is_loud(text, code.end(), code.end() + _AROUND):
            continue
        before = next(labels_before(text, code.start()), None)
        if _is_of_codes(before) or _is_of_codes(label_after(text, code.end())):
            yield code.span()


def _is_loud(text: str, start: int, end: int) -> bool:
    return _LOUD.search(text, max(0, start), end) is not None


def _is_of_codes(label: NumberLabel | None) -> bool:
    """Return whether a label may have a code without a figure; a card, a telephone have none."""
    return (
        label is not None
        and label.sure
        and label.between == 0
        and label.entity == "REFERENCE_NUMBER"
    )
