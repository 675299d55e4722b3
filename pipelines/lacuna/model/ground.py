"""Grounds of the Regulation on which a right is refused or held back: a closed list for each right."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lacuna.model.request import RequestKind

_OF_ANY: Final = frozenset(
    {
        "11(2)",  # the person cannot be identified, and that was demonstrated
        "12(2)",  # the same, where the person gave nothing more to be identified by
        "12(5)",  # manifestly unfounded or excessive
        "12(5)(b)",
        "12(6)",  # reasonable doubt about identity was not dispelled
        # A law of the Union or a Member State restricts the right, to safeguard one of these.
        "23(1)",
        *(f"23(1)({letter})" for letter in "abcdefghij"),
        "89(3)",  # archiving in the public interest
    }
)
_RESEARCH: Final = "89(2)"  # scientific or historical research, statistics

GROUNDS: Final[Mapping[RequestKind, frozenset[str]]] = MappingProxyType(
    {
        # The rights and freedoms of others: a part is covered, seldom the whole refused.
        RequestKind.ACCESS: _OF_ANY | {"15(4)", _RESEARCH},
        # What is right already is not corrected.
        RequestKind.RECTIFICATION: _OF_ANY | {"16", _RESEARCH},
        # None of the cases of paragraph 1 is given, or an exception of paragraph 3 is. Its (d) is
        # research and archiving: 89 gives none of its own against an erasure.
        RequestKind.ERASURE: (_OF_ANY - {"89(3)"})
        | {"17(1)", *(f"17(3)({letter})" for letter in "abcde")},
        RequestKind.RESTRICTION: _OF_ANY | {"18(1)", _RESEARCH},
        # Not provided by the person, not on consent or contract, a public task, others' rights.
        RequestKind.PORTABILITY: _OF_ANY | {"20(1)", "20(3)", "20(4)"},
        # Compelling grounds, or a task in the public interest; against advertising there is none.
        RequestKind.OBJECTION: _OF_ANY | {"21(1)", "21(6)", _RESEARCH},
    }
)
"""Source: Art. 11, 12, 15 to 18, 20, 21, 23 and 89 of the Regulation."""

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "11(2)": "the person demonstrably cannot be identified",
        "12(2)": "the person cannot be identified and gave no further information",
        "12(5)": "manifestly unfounded or excessive",
        "12(5)(b)": "manifestly unfounded or excessive: no action is taken",
        "12(6)": "reasonable doubts about the identity remain",
        "15(4)": "a copy would adversely affect the rights and freedoms of others",
        "16": "the data is accurate",
        "17(1)": "no ground for erasure applies",
        "17(3)(a)": "freedom of expression and information",
        "17(3)(b)": "legal obligation, or task in the public interest",
        "17(3)(c)": "public interest in public health",
        "17(3)(d)": "archiving in the public interest, research or statistics",
        "17(3)(e)": "legal claims",
        "18(1)": "no ground for restriction applies",
        "20(1)": "not provided by the person, or not processed by consent or contract",
        "20(3)": "necessary for a task in the public interest",
        "20(4)": "it would adversely affect the rights and freedoms of others",
        "21(1)": "compelling legitimate grounds, or legal claims",
        "21(6)": "research or statistics for a task in the public interest",
        "23(1)": "a law restricts the right",
        "23(1)(a)": "a law restricts it: national security",
        "23(1)(b)": "a law restricts it: defense",
        "23(1)(c)": "a law restricts it: public security",
        "23(1)(d)": "a law restricts it: criminal offenses",
        "23(1)(e)": "a law restricts it: another important public interest",
        "23(1)(f)": "a law restricts it: independence of courts, judicial proceedings",
        "23(1)(g)": "a law restricts it: ethics of regulated professions",
        "23(1)(h)": "a law restricts it: supervision by a public authority",
        "23(1)(i)": "a law restricts it: protection of the person or of others",
        "23(1)(j)": "a law restricts it: enforcement of civil claims",
        "89(2)": "a law provides an exception for research or statistics",
        "89(3)": "a law provides an exception for archiving in the public interest",
    }
)
"""What each ground says, in a few words to choose by; the Regulation's own text is what counts."""


def is_ground(text: str) -> bool:
    """Whether a text is a ground against any right.

    >>> is_ground("17(3)(b)"), is_ground("99999")
    (True, False)
    """
    return any(text in grounds for grounds in GROUNDS.values())


def is_item_ground(text: str) -> bool:
    """Whether single tables are held on a ground: an exception of Art. 17(3)."""
    return text.startswith("17(3)") and is_ground(text)


def not_covered(text: str, kinds: Iterable[RequestKind]) -> tuple[RequestKind, ...]:
    """Return the rights that a ground does not hold against.

    >>> not_covered("17(3)(b)", (RequestKind.ACCESS, RequestKind.ERASURE))
    (<RequestKind.ACCESS: 'access'>,)
    """
    return tuple(kind for kind in kinds if text not in GROUNDS[kind])


def shared_grounds(kinds: Iterable[RequestKind]) -> tuple[str, ...]:
    """Return the grounds that hold against all of these rights, in order of the articles."""
    found = [GROUNDS[kind] for kind in kinds]
    return tuple(sorted(frozenset.intersection(*found), key=_in_order)) if found else ()


def _in_order(ground: str) -> tuple[int, str]:
    article, _, rest = ground.partition("(")
    return int(article), rest
