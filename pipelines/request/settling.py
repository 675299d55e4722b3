"""Settles what a mail asks for: what the patterns found, and what the model thinks of it.

Where both agree a request is opened. Where the patterns veto (a denial, another person, a
condition, a contradiction) nothing overrules them. Where they found nothing at all the model may
open one right that it is sure of, or say that the mail is about something else. Whatever else
differs is read by a person. The bounds were chosen on mails put together from texts of
`scripts/request_corpus` that the model had not learned: wider ones open and lose many more of
those, narrower ones hardly fewer, and leave more of the plain ones to a person. Those of a mail that
is perhaps about something else were chosen with the mails of the tests in sight.
"""

from dataclasses import dataclass, replace
from typing import Final

from pipelines.model.mail import Asked, Doubt
from pipelines.model.request import RequestKind
from pipelines.request.opinion import RIGHTS, Opinion

_SURE: Final = {
    # A correction opens nothing: a person reads its new value.
    RequestKind.RECTIFICATION: 0.4,
    # What is gone is gone.
    RequestKind.ERASURE: 0.95,
    # To leave one newsletter of several sounds like it.
    RequestKind.OBJECTION: 0.98,
}
_SURE_OF_OTHERS: Final = 0.95
_MARGIN: Final = 9.0
"""Odds of the least likely right that the model is sure of, to those of the likeliest other one."""
_AGREES: Final = 0.5
"""A right that the patterns found opens a request only if it is at least so likely."""
_DOUBTS: Final = 0.8
"""How likely a mail asks, or is unsure, for a person to read it although the patterns are sure."""
_ELSEWISE: Final = 0.4
_AGREES_ELSEWISE: Final = 0.85
_DOUBTS_ELSEWISE: Final = 0.6
"""The same in a mail that is perhaps about something else: thanks for what was erased, say."""
_INSISTS: Final = 0.7
_PERHAPS: Final = 0.03
"""A right that is at least so likely is not taken for none: who asks in vain is worse off than who reads."""
_NONE: Final = 0.35
_NONE_MARGIN: Final = 300.0
"""Odds that a mail is about something else, to those of its likeliest right: a lost request costs more."""
_ELSE: Final = 0.8
_NEARLY: Final = 0.2
"""A mail without words of data is none where it is so likely ordinary, and no right is so likely."""
_ORDINARY: Final = 0.5
_ORDINARY_ALTHOUGH: Final = 0.95
"""The same for a mail that speaks of data, of privacy or the like."""
_UNEASY: Final = {"doubt": 0.5, "other": 0.6, "withdrawal": 0.5, "letter": 0.5}
_HESITATES: Final = 0.95
_NEW: Final = 0.85
"""A right that is at least so likely is asked for anew in a mail that takes a request back."""


@dataclass(frozen=True)
class MailPatterns:
    """What the patterns know of a mail beside what it asks for.

    Attributes:
        is_about_data: whether it has words of somebody's data, although no right was found.
        is_handed_on: whether it holds a mail of somebody else, and words about that one.
        vetoed: rights that are denied in it, or spoken of as past, as said by others, as a threat.
    """

    is_about_data: bool = False
    vetoed: frozenset[RequestKind] = frozenset()
    is_handed_on: bool = False


def settled(asked: Asked, opinion: Opinion, known: MailPatterns) -> Asked:
    """Return what a mail is taken to ask for.

    Args:
        asked: what the patterns found.
    """
    if asked.is_withdrawal:
        return _taken_back(asked, opinion)
    if not asked.doubts:
        return _checked(asked, opinion, known)
    if opinion.likely["other"] >= _UNEASY["other"]:
        asked = replace(asked, is_on_behalf=True)
    is_uneasy = any(opinion.likely[name] >= bound for name, bound in _UNEASY.items())
    if is_uneasy or not opinion.is_whole:
        return asked
    if asked.doubts == (Doubt.NO_RIGHT,):
        return _decided(asked, opinion, known)
    if asked.doubts == (Doubt.UNEXPLAINED,):
        return _completed(asked, opinion)
    return asked


def _taken_back(asked: Asked, opinion: Opinion) -> Asked:
    """Take a request back although a right is named elsewhere, where the model sees none asked for."""
    is_sure = opinion.is_whole and opinion.likely["withdrawal"] >= _HESITATES
    is_new = bool(opinion.rights(_NEW))
    if asked.doubts == (Doubt.WITHDRAWAL,) and is_sure and not is_new:
        return replace(asked, doubts=())
    if not asked.doubts and opinion.likely["withdrawal"] < _UNEASY["withdrawal"]:
        # What is taken back may be a consent, and the mail a request.
        return replace(asked, doubts=(Doubt.WITHDRAWAL,))
    return asked


def _checked(asked: Asked, opinion: Opinion, known: MailPatterns) -> Asked:
    """Keep what the patterns found, or send it to a person where the model sees it otherwise."""
    likely, kinds = opinion.likely, set(asked.kinds)
    if not kinds:
        is_perhaps = bool(opinion.rights(_PERHAPS)) and not _is_elsewise(opinion)
        return replace(asked, doubts=(Doubt.NO_RIGHT,)) if is_perhaps else asked
    if likely["other"] >= _UNEASY["other"] and not asked.is_on_behalf:
        return replace(asked, is_on_behalf=True, doubts=(Doubt.ON_BEHALF,))
    agrees, doubts = _AGREES, _DOUBTS
    if likely["ordinary"] >= _ELSEWISE and not known.is_handed_on:
        agrees, doubts = _AGREES_ELSEWISE, _DOUBTS_ELSEWISE
    if likely["doubt"] >= doubts:
        return replace(asked, doubts=(Doubt.UNCERTAIN,))
    is_otherwise = any(likely[kind] < agrees for kind in kinds) or opinion.rights(_INSISTS) - kinds
    return replace(asked, doubts=(Doubt.UNEXPLAINED,)) if is_otherwise else asked


def _decided(asked: Asked, opinion: Opinion, known: MailPatterns) -> Asked:
    """Open what the patterns did not find, or say that it is none, where the model is sure."""
    sure = _sure_of(opinion)
    if sure:
        # Of two rights one is often a part of the other: "erase what you have on me".
        is_one = len(sure) == 1 or RequestKind.RECTIFICATION in sure
        is_free = not asked.is_impersonal and not known.vetoed & set(sure)
        return replace(asked, kinds=sure, doubts=()) if is_one and is_free else asked
    enough = _ORDINARY_ALTHOUGH if known.is_about_data else _ORDINARY
    ordinary, likeliest = opinion.likely["ordinary"], max(opinion.likely[name] for name in RIGHTS)
    is_far = _odds(likeliest) * _NONE_MARGIN <= _odds(ordinary)
    is_none = likeliest < _NONE and ordinary >= enough and is_far
    if not known.is_about_data:
        is_none |= _is_elsewise(opinion)
    return replace(asked, doubts=()) if is_none else asked


def _is_elsewise(opinion: Opinion) -> bool:
    """Whether the model is sure that a mail without words of data is about something else."""
    is_ordinary = opinion.likely["ordinary"] >= _ELSE and not opinion.rights(_NEARLY)
    return is_ordinary and opinion.is_whole and opinion.likely["doubt"] < _UNEASY["doubt"]


def _completed(asked: Asked, opinion: Opinion) -> Asked:
    """Add a correction to what was found: "strike it" was a part of it, and no erasure."""
    sure = _sure_of(opinion)
    is_more = set(sure) == {*asked.kinds, RequestKind.RECTIFICATION} > set(asked.kinds)
    return replace(asked, kinds=sure, doubts=()) if is_more else asked


def _sure_of(opinion: Opinion) -> tuple[RequestKind, ...]:
    """Return the rights that the model is sure of; none if it wavers about another."""
    sure = tuple(
        kind for kind in RequestKind if opinion.likely[kind] >= _SURE.get(kind, _SURE_OF_OTHERS)
    )
    others = max((_odds(opinion.likely[name]) for name in RIGHTS if name not in sure), default=0.0)
    opened = [kind for kind in sure if kind is not RequestKind.RECTIFICATION]
    margin = _MARGIN if opened else 1.0
    least = min((_odds(opinion.likely[kind]) for kind in opened or sure), default=0.0)
    return sure if others * margin <= least else ()


def _odds(likely: float) -> float:
    return likely / max(1e-9, 1 - likely)
