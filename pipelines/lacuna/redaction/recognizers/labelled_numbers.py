"""Numbers that lead to a person because a word beside them says so.

Orders, cases, customers, contracts, meters, cards and documents: most have no shape of their own,
so the word tells. Where it does, no check digit is asked for: a number with a slip of the pen is
somebody's too. What was once called somebody's number is that everywhere in the text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from lacuna.redaction.recognizers.label_search import (
    NumberLabel,
    are_a_list,
    label_after,
    labels_before,
)
from lacuna.redaction.recognizers.number_labels import WordRole
from lacuna.redaction.recognizers.number_shapes import NumberShape, shape_at, shapes
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

__all__ = ["LabelledNumberRecognizer"]

_HASH = re.compile(r"(?<![\w&/#])#[ ]?(?P<value>[A-Z]{0,4}-?\d{4,12}(?:-\d{1,6})?)\b")
_BEGUN = re.compile(r"[^\W\d_]{2,30}\.?[-.:/#]?(?=\d)")
_Labelled = tuple[NumberShape, NumberLabel]


class LabelledNumberRecognizer(RuleRecognizer):
    """Numbers of orders, customers, contracts, accounts, cards, vehicles and papers."""

    prefilter_patterns = (r"\d",)

    def __init__(self, language: str) -> None:
        super().__init__(["REFERENCE_NUMBER", "CREDIT_CARD", "PHONE_NUMBER"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the numbers that a word calls somebody's, also where they stand again."""
        known: dict[str, str] = {}
        unknown: list[NumberShape] = []
        last: _Labelled | None = None
        for shape in shapes(text):
            found = _inherited(text, last, shape) or _labelled(text, shape)
            if found is None:
                unknown.append(shape)
                continue
            last = number, label = found
            known[number.key] = label.entity
            # A number that is only called a number may be a telephone's: that knows better.
            score = 0.4 if label.role is WordRole.NUMBER else 0.6
            yield RuleMatch(number.start, number.end, score, label.entity)
        if known:
            yield from _again(text, unknown, known)
        for match in _HASH.finditer(text):
            yield RuleMatch(*match.span("value"), 0.5, "REFERENCE_NUMBER")


def _again(
    text: str, unknown: Sequence[NumberShape], known: Mapping[str, str]
) -> Iterator[RuleMatch]:
    """Yield the numbers that have no label here, but elsewhere in the text."""
    for shape in unknown:
        for start in shape.starts:
            number = shape.from_start(text, start)
            if number.digits > 3 and not number.is_year and number.key in known:
                yield RuleMatch(number.start, number.end, 0.6, known[number.key])
                break


def _inherited(text: str, last: _Labelled | None, shape: NumberShape) -> _Labelled | None:
    """Return a number with the label of the one before, where the two are a list."""
    if last is None or shape.digits < 3 or shape.is_followed_by_unit or shape.is_amount:
        return None
    number, label = last
    if are_a_list(text, number.end, shape.start) and _is_enough(shape, label):
        return shape, label
    return None


def _labelled(text: str, shape: NumberShape) -> _Labelled | None:
    """Return a number with its label, if it has one; capitals before it may be a part of it."""
    if shape.is_followed_by_unit or shape.is_amount:
        return None
    for start in shape.starts:
        number = shape.from_start(text, start)
        for label in labels_before(text, start):
            if _is_enough(number, label) and (label.sure or not number.counts_things(text)):
                return number, label
    if (found := _glued(text, shape)) is not None:
        return found
    after = label_after(text, shape.end)
    return (shape, after) if after is not None and _is_enough(shape, after) else None


def _glued(text: str, shape: NumberShape) -> _Labelled | None:
    """Return a number without the label that begins its word: `order12345`, `Nr.12345`."""
    begun = _BEGUN.match(text, shape.start, shape.end)
    number = None if begun is None else shape_at(text, begun.end(), shape.end)
    if number is None:
        return None
    label = next(labels_before(text, number.start), None)
    if label is None or label.between or not _is_enough(number, label):
        return None
    return number, label


def _is_enough(number: NumberShape, label: NumberLabel) -> bool:
    """Return whether a number looks like one of those that its label has."""
    named = label.numbered and label.role is not WordRole.NUMBER
    if number.is_day or (number.is_year and not (named and label.between == 0)):
        return False
    if label.role is WordRole.EXTENSION:
        return label.between == 0 and 2 <= number.digits <= 8
    if label.entity == "PHONE_NUMBER":
        return _is_phone(number, label)
    if label.sure:
        return _is_surely_enough(number, label)
    if number.may_count or number.is_file or number.digits * 3 < number.length:
        return False
    if label.entity == "CREDIT_CARD":
        return number.digits >= 12
    return _is_perhaps_enough(number, label)


def _is_surely_enough(number: NumberShape, label: NumberLabel) -> bool:
    digits, length = number.digits, number.length
    if not label.between:
        return digits >= 3 or (digits >= 2 and length >= 4)
    return digits >= 4 or (digits >= 2 and digits < length >= 5 and digits * 3 >= length)


def _is_perhaps_enough(number: NumberShape, label: NumberLabel) -> bool:
    digits, length = number.digits, number.length
    if label.role is WordRole.NUMBER and label.between <= 1:
        return digits >= 5 or (digits >= 4 and (length >= 6 or "/" in number.written))
    if label.between:
        return digits >= 6 and label.between <= 2
    return digits >= 4 or (digits >= 2 and length >= 6) or (digits >= 3 and number.parted)


def _is_phone(number: NumberShape, label: NumberLabel) -> bool:
    if label.between > (2 if label.sure else 0) or number.length != number.digits:
        return False
    fewest = 5 if label.sure or number.parted else 6
    return fewest <= number.digits <= 15
