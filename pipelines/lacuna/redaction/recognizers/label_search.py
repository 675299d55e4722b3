"""The search for the word beside a number that says whose it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lacuna.redaction.recognizers.number_labels import (
    NOTHING,
    WordMeaning,
    WordRole,
    is_copula,
    is_list_word,
    meaning_of,
)

__all__ = ["NumberLabel", "are_a_list", "label_after", "labels_before"]

_LOOK_BACK = 96
_LOOK_AHEAD = 72
_LOOK_BETWEEN = 16
_MOST_WORDS_BETWEEN = 4
_LETTER = r"[^\W\d_]"
_PIECE = re.compile(
    rf"n[º°]|n\.[ºo°](?!\w)|{_LETTER}{{1,12}}\.-?(?:nr|nro|no|nummer)(?!\w)|(?:{_LETTER}\.){{2,6}}|"
    rf"{_LETTER}{{1,60}}+(?:-{_LETTER}{{1,60}}+){{0,4}}+|\d\w{{0,60}}|[^\w\s]|\n",
    re.IGNORECASE,
)
"""A word, an abbreviation with its dots, a number, a sign or the end of a line."""

_ENDS = frozenset("!?;|[]{}<>")
_PASSED = frozenset("-.\"'°")
_LISTED = frozenset(",/+&")
_UNMARKED = 2


@dataclass(frozen=True)
class NumberLabel:
    """A label that was found beside a number.

    Attributes:
        entity: what the number then is.
        sure: whether the label says that a number follows, not only whose.
        numbered: whether a word for "number" is part of it.
        between: how many words stand between the two that the label does not explain.
    """

    entity: str
    role: WordRole
    sure: bool
    numbered: bool
    between: int


def labels_before(text: str, start: int) -> Iterator[NumberLabel]:
    """Yield the labels that a number at `start` may have before it, the nearest first."""
    between = 0
    number: NumberLabel | None = None
    pieces = _PIECE.findall(text, max(0, start - _LOOK_BACK), start)
    for at in range(len(pieces) - 1, -1, -1):
        if not pieces[at][0].isalpha():
            if _ends(pieces, at, near=between == 0):
                break
            continue
        meaning = _meaning(pieces, at)
        if meaning.role is WordRole.PUBLIC or _counts(pieces, at):
            return
        if meaning.role is WordRole.NUMBER:
            number = number or NumberLabel(meaning.entity, WordRole.NUMBER, False, True, between)
        elif meaning.role is not WordRole.LINK:
            if meaning.role is not WordRole.OTHER:
                near = between if number is None else number.between
                numbered = number is not None or _is_numbered(pieces, at)
                yield _label(meaning, numbered=numbered, between=near)
            between += 1
            if between > _MOST_WORDS_BETWEEN:
                break
    if number is not None:
        yield number


def label_after(text: str, end: int) -> NumberLabel | None:
    """Return the label behind a number that ends at `end`: "12345 is my order number"."""
    pieces = _PIECE.findall(text, end, end + _LOOK_AHEAD)
    if not pieces or not (pieces[0] == "(" or is_copula(pieces[0])):
        return None
    for at in range(1, len(pieces)):
        if pieces[at] in _PASSED:
            continue
        meaning = meaning_of(pieces[at]) if pieces[at][0].isalpha() else NOTHING
        if meaning.role in (WordRole.LABEL, WordRole.RECORD):
            return _label_of_its_own(pieces, at, meaning)
        if meaning.role not in (WordRole.LINK, WordRole.NUMBER):
            return None
    return None


def are_a_list(text: str, end: int, start: int) -> bool:
    """Return whether only "and", a comma or the like stands between two numbers."""
    if not 0 < start - end <= _LOOK_BETWEEN:
        return False
    pieces = [one for one in _PIECE.findall(text, end, start) if one != "#"]
    others = [one for one in pieces if one not in _LISTED and not is_list_word(one)]
    return len(others) < len(pieces) and all(
        one == "." or meaning_of(one).role is WordRole.NUMBER for one in others
    )


def _label_of_its_own(pieces: Sequence[str], at: int, meaning: WordMeaning) -> NumberLabel | None:
    """Return a label behind a number, unless another number follows, which then has it."""
    following = pieces[at + 1 : at + 4]
    if any(one[0].isdigit() for one in following):
        return None
    if pieces[0] == "(" and ")" not in following:
        return None
    beside = (*pieces[1:at], *following[:1])
    numbered = any(meaning_of(one).role is WordRole.NUMBER for one in beside)
    return _label(meaning, numbered=numbered, between=0)


def _label(meaning: WordMeaning, *, numbered: bool, between: int) -> NumberLabel:
    sure = numbered or meaning.role in (WordRole.LABEL, WordRole.EXTENSION)
    return NumberLabel(meaning.entity, meaning.role, sure, numbered, between)


def _is_numbered(pieces: Sequence[str], at: int) -> bool:
    """Return whether a word for "number" stands before a label: "numéro de commande"."""
    return any(
        _meaning(pieces, one).role is WordRole.NUMBER and not _counts(pieces, one)
        for one in range(max(0, at - 3), at)
        if pieces[one][0].isalpha()
    )


def _meaning(pieces: Sequence[str], at: int) -> WordMeaning:
    """Return the meaning of a word; "no" denies, too, where no number follows it at once."""
    if pieces[at].lower() == "no" and pieces[at + 1 : at + 2] not in ([], ["."], [":"], ["#"]):
        return NOTHING
    return meaning_of(pieces[at])


def _counts(pieces: Sequence[str], at: int) -> bool:
    """Return whether a word says how many: "the number of orders"."""
    said = [one.lower() for one in pieces[max(0, at - 2) : at + 2]]
    return any(said[one : one + 2] == ["number", "of"] for one in range(len(said) - 1))


def _ends(pieces: Sequence[str], at: int, *, near: bool) -> bool:
    """Return whether a sign or a number ends the search for a label.

    Args:
        near: whether nothing but signs stands between it and the number.
    """
    piece = pieces[at]
    if piece == "\n":
        return not near or (at > 0 and pieces[at - 1] == "\n")
    if piece != "." or at == 0:
        return piece in _ENDS or piece[0].isdigit()
    # The end of a sentence, or of an abbreviation?
    role = meaning_of(pieces[at - 1]).role
    return role in (WordRole.OTHER, WordRole.LINK) and len(pieces[at - 1]) > _UNMARKED
