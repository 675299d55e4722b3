"""Numbers that lead to a person because a word beside them says so.

Orders, cases, customers, contracts, meters, cards and documents: most have no shape of their own,
so the word tells. Where it does, no check digit is asked for: a number with a slip of the pen is
somebody's too. What was once called somebody's number is that everywhere in the text. And a text that is nothing
but a number, as a field of a form or the reply to a question, has no word beside it: the question was one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from lacuna.redaction.recognizers.label_search import (
    MOST_WORDS_BETWEEN,
    NumberLabel,
    are_a_list,
    is_after_list_word,
    is_called_public,
    label_after,
    label_in_apposition,
    labels_before,
)
from lacuna.redaction.recognizers.letter_codes import CAPITALS, letter_codes
from lacuna.redaction.recognizers.number_labels import WordRole
from lacuna.redaction.recognizers.number_shapes import NumberShape, shape_at, shapes
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

__all__ = ["LabelledNumberRecognizer"]

_HASH = re.compile(
    r"(?<![\w&/#])#[ ]?(?P<value>[A-Z]{0,4}-?(?:\d{4,12}(?:-\d{1,6})?|\d{2,3}-\d{3,8}))\b"
)
_BEGUN = re.compile(r"[^\W\d_]{2,30}\.?[-.:/#]?(?=\d)")
_OWN_LETTERS = re.compile(r"[^\W\d_]{2,3}[-/]?")
_WEEK = re.compile(r"(?:KW|CW|WK|HJ)\W?\d\d")
_MONTH_OF_YEAR = re.compile(r"\d{1,2}[-/.](?:19|20)\d\d")
_FEWEST_OF_CARD = 12
_FEWEST_IN_LIST = 3
_FEWEST_ALIKE = 6
_FEWEST_OF_CODE = 5
_FIGURES = re.compile(r"\d{4}")
_ROUND = re.compile(r"\d{1,5}00")
_LONGEST_REPLY = 200
_SAYS = re.compile(r"[^\W_]|[€$£%@]")
_BEFORE_ALONE = re.compile(r"[.!?:]?\s{1,2}\Z")
_AFTER_ALONE = re.compile(r"[ .!]{0,2}(?:\n|\Z)|[.!] ")
_Labelled = tuple[NumberShape, NumberLabel]


class LabelledNumberRecognizer(RuleRecognizer):
    """Numbers of orders, customers, contracts, accounts, cards, vehicles and papers."""

    prefilter_patterns = (r"\d", CAPITALS)

    def __init__(self, language: str) -> None:
        super().__init__(["REFERENCE_NUMBER", "CREDIT_CARD", "PHONE_NUMBER"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the numbers that a word calls somebody's, also where they stand again."""
        known: dict[str, str] = {}
        patterns: set[str] = set()
        unknown: list[NumberShape] = []
        last: _Labelled | None = None
        for shape in shapes(text):
            found = (
                _inherited(text, last, shape) or _labelled(text, shape) or _announced(text, shape)
            )
            if found is None:
                unknown.append(shape)
                continue
            last = number, label = found
            known[number.key] = label.entity
            patterns.add(number.pattern)
            # A number that is only called a number may be a telephone's: that knows better.
            score = 0.4 if label.role is WordRole.NUMBER else 0.6
            yield RuleMatch(number.start, number.end, score, label.entity)
        neighbors = _neighbors(text, unknown)
        for shape in unknown:
            if (again := _again(text, shape, known)) is not None:
                yield again
            elif shape.start in neighbors or _tells_itself(text, shape, patterns):
                yield RuleMatch(shape.start, shape.end, 0.4, "REFERENCE_NUMBER")
        for shape in _reply(text, unknown):
            yield RuleMatch(shape.start, shape.end, 0.4, "REFERENCE_NUMBER")
        for match in _HASH.finditer(text):
            yield RuleMatch(*match.span("value"), 0.5, "REFERENCE_NUMBER")
        for start, end in letter_codes(text):
            yield RuleMatch(start, end, 0.6, "REFERENCE_NUMBER")


def _again(text: str, shape: NumberShape, known: Mapping[str, str]) -> RuleMatch | None:
    """Return a number that has no label here, but elsewhere in the text."""
    for start in shape.starts:
        number = shape.from_start(text, start)
        if number.digits > 3 and not number.is_year and number.key in known:
            return RuleMatch(number.start, number.end, 0.6, known[number.key])
    return None


def _neighbors(text: str, unknown: Sequence[NumberShape]) -> frozenset[int]:
    """Return where the numbers of lists stand that look as if given out one after the other."""
    found: set[int] = set()
    for one, following in pairwise(unknown):
        if (
            one.is_next_to(following)
            and are_a_list(text, one.end, following.start)
            and not (one.is_followed_by_unit or following.is_followed_by_unit)
            and not is_called_public(text, one.start)
        ):
            found |= {one.start, following.start}
    return frozenset(found)


def _reply(text: str, unknown: Sequence[NumberShape]) -> Iterator[NumberShape]:
    """Yield the numbers of a text that has nothing else in it."""
    if len(text) > _LONGEST_REPLY or not unknown:
        return
    numbers = [one.from_start(text, one.starts[0]) for one in unknown]
    ends = [0, *(one.end for one in numbers)]
    starts = [*(one.start for one in numbers), len(text)]
    if not any(_SAYS.search(text, end, start) for end, start in zip(ends, starts, strict=True)):
        yield from filter(_may_be_a_record, numbers)


def _may_be_a_record(number: NumberShape) -> bool:
    """Return whether a number without any word may be one of a record: no day, amount, count, file."""
    if number.is_followed_by_unit or number.is_amount or number.may_count or number.is_file:
        return False
    if number.is_day or number.is_year or number.is_norm or _ROUND.fullmatch(number.key):
        return False
    if number.digits < number.length and number.written.isupper():
        return number.length >= _FEWEST_OF_CODE and number.digits > 1
    return number.digits >= _FEWEST_ALIKE or _FIGURES.search(number.written) is not None


def _tells_itself(text: str, shape: NumberShape, patterns: Set[str]) -> bool:
    """Return whether a number without a label is written as only somebody's are.

    Args:
        patterns: of the numbers of this text that have a label.
    """
    if shape.is_followed_by_unit or shape.is_amount or shape.is_file:
        return False
    if shape.is_day or shape.is_year or shape.is_norm:
        return False
    alike = shape.pattern in patterns and (
        shape.digits >= _FEWEST_ALIKE - is_after_list_word(text, shape.start)
        or (shape.digits >= 3 and shape.digits < shape.length)
    )
    return (alike or shape.is_code or shape.has_initials(text)) and not is_called_public(
        text, shape.start
    )


def _inherited(text: str, last: _Labelled | None, shape: NumberShape) -> _Labelled | None:
    """Return a number with the label of the one before, where the two are a list."""
    if last is None or shape.is_followed_by_unit or shape.is_amount:
        return None
    if shape.digits < _FEWEST_IN_LIST and not shape.is_locator:
        return None
    number, label = last
    if are_a_list(text, number.end, shape.start) and _is_enough(shape, label):
        return shape, label
    return None


def _labelled(text: str, shape: NumberShape) -> _Labelled | None:
    """Return a number with its label, if it has one; capitals before it may be a part of it."""
    if shape.is_followed_by_unit:
        return None
    if shape.is_amount:
        label = next(labels_before(text, shape.start), None)
        return (shape, label) if label is not None and _is_right_after_its_number(label) else None
    for start in shape.starts:
        number = shape.from_start(text, start)
        for label in labels_before(text, start):
            if _is_enough(number, label) and (label.sure or not number.counts_things(text)):
                return number, label
    if (found := _glued(text, shape)) is not None:
        return found
    after = label_after(text, shape.end)
    if after is None and shape.written[0].isdigit():
        after = label_in_apposition(text, shape.end)
    number = shape.from_start(text, shape.starts[0])
    return (number, after) if after is not None and _is_enough(number, after) else None


def _announced(text: str, shape: NumberShape) -> _Labelled | None:
    """Return a number that is a sentence by itself, with the label that the one before ends with.

    "My order number as you asked. 4471220"
    """
    alone = _BEFORE_ALONE.search(text, max(0, shape.start - 4), shape.start)
    if alone is None or not _AFTER_ALONE.match(text, shape.end) or shape.is_followed_by_unit:
        return None
    for label in labels_before(text, alone.start()):
        if label.numbered and label.role is not WordRole.NUMBER and _is_enough(shape, label):
            return shape, label
    return None


def _glued(text: str, shape: NumberShape) -> _Labelled | None:
    """Return a number without the label that begins its word: `order12345`, `Nr.12345`."""
    begun = _BEGUN.match(text, shape.start, shape.end)
    if begun is None:
        return None
    number = shape_at(text, begun.end(), shape.end)
    if number is None:
        return None
    label = next(labels_before(text, number.start), None)
    if label is None or label.between or not _is_enough(number, label):
        return None
    # `KD4471`, `kd-4471`: an abbreviation of few letters belongs to the number.
    own = _OWN_LETTERS.fullmatch(begun.group()) and label.role is not WordRole.NUMBER
    return (shape if own else number), label


def _is_enough(number: NumberShape, label: NumberLabel) -> bool:
    """Return whether a number looks like one of those that its label has."""
    if label.role is WordRole.ENDING and label.entity == "CREDIT_CARD":
        return _is_an_end(number, label)
    if number.is_day or (number.is_year and not _is_right_after_its_number(label)):
        return False
    if label.role is WordRole.ENDING:
        return _is_an_end(number, label)
    if label.role is WordRole.EXTENSION:
        return label.between == 0 and 2 <= number.digits <= 8
    if label.entity == "PHONE_NUMBER":
        return _is_phone(number, label)
    if label.role is WordRole.CITE:
        return label.between == 0 and _is_code_like(number)
    if label.sure:
        return _is_surely_enough(number, label)
    if number.may_count or number.is_file or number.is_norm:
        return False
    if number.digits * 3 < number.length and not number.is_locator:
        return False
    if label.entity == "CREDIT_CARD":
        return number.digits >= (_FEWEST_OF_CARD if label.between else 5)
    if label.role is WordRole.MATTER:
        return label.between == 0 and (
            _is_code_like(number)
            or (number.digits >= 5 and not (number.is_round or _is_month(number)))
        )
    return _is_perhaps_enough(number, label)


def _is_right_after_its_number(label: NumberLabel) -> bool:
    """Return whether the label names a record, says "number", and is right beside."""
    return label.numbered and label.role is not WordRole.NUMBER and label.between == 0


def _is_surely_enough(number: NumberShape, label: NumberLabel) -> bool:
    digits, length = number.digits, number.length
    if number.is_locator:
        return label.between <= 2
    if not label.between:
        return digits >= 3 or (digits >= 2 and length >= (3 if label.numbered else 4))
    if label.between > MOST_WORDS_BETWEEN:
        return digits >= 5 and not number.is_round and not number.may_count
    fewest = 4 if number.written[0].isupper() and number.parted else 5
    return digits >= 4 or (digits >= 2 and digits < length >= fewest and digits * 3 >= length)


def _is_perhaps_enough(number: NumberShape, label: NumberLabel) -> bool:
    digits, length = number.digits, number.length
    if label.role is WordRole.NUMBER and label.between <= 1:
        if digits >= 3 and number.written[0].isupper() and number.parted:
            return True
        return digits >= 5 or (digits >= 4 and (length >= 6 or "/" in number.written))
    if number.is_locator and label.between <= 2:
        return True
    if label.between:
        return digits >= 6 and label.between <= 2
    return (
        digits >= 4
        or (digits >= 2 and length >= 6)
        or (digits >= 3 and number.parted)
        or _is_short_code(number)
    )


def _is_short_code(number: NumberShape) -> bool:
    """Return whether it is as short as a code may be: `SO-77`, `X7K2P`; no week of the year."""
    return (
        number.digits >= 2
        and (number.digits * 2 >= number.length if number.parted else number.length >= 5)
        and number.length >= 4
        and number.written.isupper()
        and " " not in number.written
        and _WEEK.fullmatch(number.written) is None
    )


def _is_phone(number: NumberShape, label: NumberLabel) -> bool:
    if label.between > (2 if label.sure else 0) or number.length != number.digits:
        return False
    fewest = 5 if label.sure or number.parted else 6
    return fewest <= number.digits <= 15


def _is_code_like(number: NumberShape) -> bool:
    """Return whether it has what no count has: letters or signs, or a great many figures."""
    if _is_month(number) or number.is_norm:
        return False
    lettered = number.written.isupper() or (number.parted and number.digits < number.length)
    return number.digits >= 7 or (
        number.digits >= 3 and (lettered or (number.parted and number.length >= 5))
    )


def _is_month(number: NumberShape) -> bool:
    return _MONTH_OF_YEAR.fullmatch(number.written) is not None


def _is_an_end(number: NumberShape, label: NumberLabel) -> bool:
    digits = number.digits
    return digits == number.length and (digits == 4 or (digits in (3, 5, 6) and label.between < 3))
