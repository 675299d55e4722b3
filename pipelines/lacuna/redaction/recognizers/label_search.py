"""The search for the word beside a number that says whose it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lacuna.redaction.recognizers.number_labels import (
    NOTHING,
    NUMBER,
    WordMeaning,
    WordRole,
    is_copula,
    is_list_word,
    is_pointer,
    is_reference,
    meaning_of,
)

__all__ = [
    "MOST_WORDS_BETWEEN",
    "NumberLabel",
    "are_a_list",
    "is_after_list_word",
    "is_called_public",
    "label_after",
    "label_in_apposition",
    "labels_before",
]

_LOOK_BACK = 96
_LOOK_AHEAD = 72
_LOOK_BETWEEN = 16
MOST_WORDS_BETWEEN = 4
_MOST_WORDS_AFTER_NUMBERED = 8
_LETTER = r"[^\W\d_]"
_PIECE = re.compile(
    rf"s/n(?!\w)|n[º°]|n\.[ºo°](?!\w)|{_LETTER}{{1,12}}\.-?(?:nr|nro|no|nummer)(?!\w)|(?:{_LETTER}\.){{2,6}}|"
    rf"{_LETTER}{{1,60}}+(?:-{_LETTER}{{1,60}}+){{0,4}}+|\d\w{{0,60}}|[^\w\s]|\n",
    re.IGNORECASE,
)
"""A word, an abbreviation with its dots, a number, a sign or the end of a line."""

_ENDS = frozenset("!?;|[]{}<>")
_NUMBERING = frozenset({WordRole.NUMBER, WordRole.LABEL})
_WHOSE = frozenset({WordRole.LABEL, WordRole.RECORD})
_PLAIN = frozenset({WordRole.OTHER, WordRole.LINK, WordRole.MATTER, WordRole.CITE, WordRole.ENDING})
_PASSED = frozenset("-.\"'°")
_LISTED = frozenset(",/+&")
_APPOSED = re.compile(r" ?[,\u2013\u2014-]")
_ASIDES = frozenset(",.?-\u2013\u2014:")
_UNMARKED = 2
_MOST_WORDS_BEFORE_ENDING = 8


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
    ends = False
    pieces = _PIECE.findall(text, max(0, start - _LOOK_BACK), start)
    for at in range(len(pieces) - 1, -1, -1):
        if not pieces[at][0].isalpha():
            if ends and pieces[at].isdigit() and len(pieces[at]) == 1:
                continue
            # "Your number? 4471"
            asked = pieces[at] == "?" and at == len(pieces) - 1
            if not asked and _ends(pieces, at, near=between == 0):
                break
            continue
        meaning = _meaning(pieces, at)
        if meaning.role is WordRole.PUBLIC or _counts(pieces, at) or _is_of_public(pieces, at):
            return
        if meaning.role is WordRole.ENDING:
            ends = ends or between <= 1
        if ends and meaning.role in _WHOSE:
            yield NumberLabel(meaning.entity, WordRole.ENDING, True, False, between)
        if meaning.role is WordRole.NUMBER and between <= MOST_WORDS_BETWEEN:
            number = number or NumberLabel(meaning.entity, WordRole.NUMBER, False, True, between)
        elif meaning.role is not WordRole.LINK:
            if meaning.role not in (WordRole.OTHER, WordRole.ENDING, WordRole.NUMBER):
                near = between if number is None else number.between
                numbered = number is not None or _is_numbered(pieces, at)
                if ends or meaning.numbered or between <= MOST_WORDS_BETWEEN:
                    yield _label(meaning, numbered=numbered, between=near)
            between += 1
            if between > (_MOST_WORDS_BEFORE_ENDING if ends else _MOST_WORDS_AFTER_NUMBERED):
                break
    if number is not None:
        # After a colon, as in "the number that you gave me: 448-12".
        told = pieces[-1] == ":" and number.between > 1
        yield replace(number, between=1) if told else number


def label_after(text: str, end: int) -> NumberLabel | None:
    """Return the label behind a number that ends at `end`: "12345 is my order number"."""
    pieces = _PIECE.findall(text, end, end + _LOOK_AHEAD)
    if any(_meaning(pieces, at).role is WordRole.CITE for at in range(len(pieces[:2]))):
        return NumberLabel("REFERENCE_NUMBER", WordRole.CITE, False, False, 0)
    # "12345, that was my order"; "12345 booked: that is the number".
    aside = next((at for at, one in enumerate(pieces[:2]) if one in _ASIDES), None)
    if aside is not None:
        pieces = pieces[aside + 1 :]
        points = bool(pieces) and (is_copula(pieces[0]) or is_pointer(pieces[0]))
    else:
        points = bool(pieces) and (pieces[0] == "(" or is_copula(pieces[0]))
    if not points:
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


def label_in_apposition(text: str, end: int) -> NumberLabel | None:
    """Return the label that an article puts behind a number: "4471-B, the order of May"."""
    if _APPOSED.match(text, end) is None:
        return None
    pieces = _PIECE.findall(text, end, end + _LOOK_AHEAD)
    words = [at for at, one in enumerate(pieces[:4]) if at and one not in _PASSED]
    at = next((at for at in words if meaning_of(pieces[at]).role is not WordRole.LINK), 1)
    if at < 2 or at >= len(pieces) or meaning_of(pieces[at]).role not in _WHOSE:
        return None
    label = _label_of_its_own(pieces, at, meaning_of(pieces[at]))
    return None if label is None else replace(label, role=WordRole.CITE)


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
    numbered = any(meaning_of(one).role in _NUMBERING for one in beside)
    return _label(meaning, numbered=numbered, between=0)


def _label(meaning: WordMeaning, *, numbered: bool, between: int) -> NumberLabel:
    numbered = numbered or meaning.numbered
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
    if pieces[at].lower() == "n" and pieces[at + 1 : at + 2] == ["."]:
        return NUMBER
    return meaning_of(pieces[at])


def _counts(pieces: Sequence[str], at: int) -> bool:
    """Return whether a word says how many: "the number of orders"."""
    said = [one.lower() for one in pieces[max(0, at - 2) : at + 2]]
    return any(said[one : one + 2] == ["number", "of"] for one in range(len(said) - 1))


def _is_of_public(pieces: Sequence[str], at: int) -> bool:
    """Return whether a word refers to a thing that is nobody's: "article ref."."""
    return (
        at > 0
        and is_reference(pieces[at])
        and pieces[at - 1][0].isalpha()
        and meaning_of(pieces[at - 1]).role is WordRole.PUBLIC
    )


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
    return role in _PLAIN and len(pieces[at - 1]) > _UNMARKED


def is_after_list_word(text: str, start: int) -> bool:
    """Return whether "or", "and" or the like stands one or two words before a number."""
    pieces = _PIECE.findall(text, max(0, start - _LOOK_BETWEEN), start)
    return any(is_list_word(one) for one in pieces[-2:])


def is_called_public(text: str, start: int, most_between: int = MOST_WORDS_BETWEEN) -> bool:
    """Return whether a word before a number says that it is nobody's.

    Args:
        most_between: how many words that say nothing may stand between the two.
    """
    pieces = _PIECE.findall(text, max(0, start - _LOOK_BACK), start)
    between = 0
    for at in range(len(pieces) - 1, -1, -1):
        if pieces[at][0].isalpha():
            role = _meaning(pieces, at).role
            if role is WordRole.PUBLIC:
                return True
            between += role is WordRole.OTHER
            if between > most_between:
                return False
        elif _ends(pieces, at, near=between == 0):
            return False
    return False
