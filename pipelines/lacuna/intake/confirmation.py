"""Says whether the answer to a letter agrees, or chooses, or may deny what was asked.

A reply quotes the letter, code and all, whatever it says beside: "I never asked for this" must confirm
nothing. So nothing is searched for a denial: every word of the writer's own has to be of a clause that
people agree with in the letter's language. Whatever else an answer says, an officer reads it.
"""

import re
from typing import Final

from lacuna.intake.affirmations import affirmations_in
from lacuna.intake.phrases import has_any
from lacuna.intake.sentences import fold, sentences
from lacuna.intake.sign_offs import ALARMS, at_signature, is_sign_off
from lacuna.intake.triage import below_choices, codes_of, without_codes
from lacuna.model.mail import Mail

_LONGEST: Final = 400
_WORD: Final = re.compile(r"[^\W\d_]+")
_PLAIN: Final = re.compile(r"[\w\s.,;:!()'’\"/&+-]*")


def confirms(mail: Mail, language: str) -> bool:
    """Whether the writer of an answer agrees, in their own words, and says nothing else.

    A code that they wrote themselves and nothing beside it agrees too. What they quote counts for
    nothing.

    Args:
        language: of the letter that is answered.
    """
    own, _ = at_signature(mail.text)
    said = _words(own)
    agrees = bool(codes_of(own)) if not said else affirmations_in(language).agrees(said)
    return agrees and _says_no_more(mail, language)


def instructs(mail: Mail, secret: str, language: str) -> bool:
    """Whether a controller wrote this code themselves, and says nothing against it.

    Args:
        language: of the letter that is answered.
    """
    own, _ = at_signature(mail.text)
    return any(one == secret for _, one in codes_of(own)) and _says_no_more(mail, language)


def only_chooses(mail: Mail, language: str) -> bool:
    """Whether an answer to a question has no words beside the numbers but courtesies and a name.

    Args:
        language: of the letter that is answered.
    """
    own, signature = at_signature(below_choices(mail))
    is_courtesy = affirmations_in(language).is_courtesy(_words(own)) and _is_plain(own)
    return (
        (is_courtesy or is_sign_off(without_codes(own)))
        and is_sign_off(signature)
        and not mail.forwarded
        and not _denies(mail.subject.replace("?", ""))  # that of the question is one
    )


def _says_no_more(mail: Mail, language: str) -> bool:
    own, signature = at_signature(mail.text)
    return (
        affirmations_in(language).allows(_words(own))
        and len(own) <= _LONGEST
        and _is_plain(own)
        and not mail.forwarded
        and is_sign_off(without_codes(signature))
        and not _denies(mail.subject)
    )


def _words(text: str) -> str:
    """Return the folded words of a text, a space behind each."""
    return "".join(f"{word} " for word in _WORD.findall(fold(without_codes(text))))


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(without_codes(text)) is not None


def _denies(text: str) -> bool:
    said = tuple(sentences(text))
    return "?" in text or has_any("denials", said) or any(ALARMS & {*one.split()} for one in said)
