"""Decides what a mail that was read is taken for: a value in, a value out."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, takewhile
from typing import Final

from lacuna.intake.mail_words import one_of
from lacuna.intake.named_values import Named
from lacuna.model.identity import Identifier, IdentifierKind, Person
from lacuna.model.letter import LetterKind
from lacuna.model.mail import Asked, Doubt, Mail
from lacuna.model.request import RequestKind
from lacuna.model.sender import Grade, Sender, SenderRole, is_enough
from lacuna.treatment import compared

CHOICES: Final = (
    RequestKind.ACCESS,
    RequestKind.PORTABILITY,
    RequestKind.RECTIFICATION,
    RequestKind.RESTRICTION,
    RequestKind.OBJECTION,
    RequestKind.ERASURE,
)
"""The rights as the letters number them, from 1."""
TAKE_BACK: Final = len(CHOICES) + 1
"""The number of the letters for who takes a request back."""
NONE_OF_THESE: Final = TAKE_BACK + 1
_ABOUT_RIGHTS: Final = frozenset(
    {Doubt.CONTRADICTORY, Doubt.UNEXPLAINED, Doubt.LANGUAGE, Doubt.NO_RIGHT, Doubt.WITHDRAWAL}
)
"""What the writer alone can clear up, by a number."""
_BESIDE: Final = frozenset(
    {Doubt.NO_PERSON, Doubt.ON_BEHALF, Doubt.CORRECTION, Doubt.NOT_AUTHORIZED}
)
"""What is asked about after that. The first two depend on whether somebody was found."""
_LOOKED_UP: Final = frozenset({Doubt.STRANGE_ADDRESS, Doubt.LABELLED_ADDRESS})
_CODE: Final = re.compile(r"\bL-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9a-f]{32})\b")
_MOST_CODES: Final = 5
_LONGEST_CHOICE: Final = 60
_NUMBER: Final = re.compile(r"[1-8]")
# For a line whose spaces are single: what can be split in one way alone takes no time.
_NUMBERS: Final = re.compile(
    rf"[1-8](?:(?: ?[,;+&] ?| (?:(?:{one_of('ands')}) )?)[1-8])* ?[.!]?", re.IGNORECASE
)


@dataclass(frozen=True)
class Held:
    """What the platform says of the values that a mail names.

    Attributes:
        holders: for each value, the keys of the people who hold it; merged people count as one.
        person: whom all of them mean together; None: nobody, or more than one.
        is_ambiguous: whether it is more than one.
        strange: how many addresses in the writer's own words nobody is known by.
        is_labelled: whether the writer's address is somebody's but for its label.
    """

    holders: Mapping[Identifier, frozenset[str]] = field(repr=False)
    person: Person | None
    is_ambiguous: bool = False
    strange: int = 0
    is_labelled: bool = False

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The values that somebody holds."""
        return tuple(one for one, keys in self.holders.items() if keys)


@dataclass(frozen=True)
class Evidence:
    """How well a request's sender is known.

    Attributes:
        grade: of the sender as the person.
        is_instruction: whether it says that it is the controller's own word: a code confirms that.
    """

    grade: Grade
    is_instruction: bool = False

    def is_enough_for(self, kinds: tuple[RequestKind, ...]) -> bool:
        """Whether these rights may be acted on."""
        return is_enough(self.grade, kinds)

    def __str__(self) -> str:
        """Return it as it is kept with the request."""
        return f"request mail, evidence: {self.grade.name.lower()}"


def grade(sender: Sender, named: Named, held: Held) -> Evidence:
    """Return how well the sender of a mail is known as the person whom it is about.

    Somebody who names more than themselves, and is nobody on file, is treated like somebody who
    names a person that there is: they learn nothing from what follows.
    """
    if sender.role is SenderRole.CONTROLLER:
        return Evidence(Grade.UNKNOWN, is_instruction=True)
    if sender.role is SenderRole.AGENT or named.writer != sender.address:
        return Evidence(Grade.UNKNOWN)
    is_held = any(
        keys and one.kind is IdentifierKind.EMAIL and compared(one.value) == sender.address
        for one, keys in held.holders.items()
    )
    if held.person is not None and sender.address not in addresses_of(held.person):
        return Evidence(Grade.UNKNOWN)
    if not is_held and (held.is_ambiguous or named.others or named.addresses):
        return Evidence(Grade.UNKNOWN)
    if sender.is_confirmed and held.person is not None:
        return Evidence(Grade.CONFIRMED)
    if not sender.is_vouched or held.is_ambiguous:
        # Who names two people is vouched for as one of them, and nobody knows yet which is meant.
        return Evidence(Grade.CLAIMED)
    others = [
        one
        for one in held.identifiers
        if not (one.kind is IdentifierKind.EMAIL and compared(one.value) == sender.address)
    ]
    return Evidence(Grade.TWO_FACTORS if others else Grade.VOUCHED)


def is_stranger_to(sender: Sender, held: Held) -> bool:
    """Whether a sender, as far as their address says, is not the person who is named."""
    is_own = held.person is not None and sender.address in addresses_of(held.person)
    return sender.role is SenderRole.PERSON and not is_own


def addresses_of(person: Person) -> frozenset[str]:
    """Return the addresses on file of a person, as they compare."""
    return frozenset(
        compared(one.value) for one in person.identifiers if one.kind is IdentifierKind.EMAIL
    )


def doubts_about(asked: Asked, held: Held, writer: str | None) -> tuple[Doubt, ...]:
    """Return why a mail that asks for rights waits for a person; empty if it does not."""
    found = set(asked.doubts)
    if RequestKind.RECTIFICATION in asked.kinds:
        found.add(Doubt.CORRECTION)
    elif held.strange and not _is_transfer(asked):
        # Of a correction the new address is a stranger by nature, of a transfer the new company's.
        found.add(Doubt.STRANGE_ADDRESS)
    if held.is_labelled and held.person is None and not held.is_ambiguous:
        found.add(Doubt.LABELLED_ADDRESS)
    is_nobody = held.person is None and not held.is_ambiguous
    if is_nobody and (writer is None or asked.is_impersonal):
        found.add(Doubt.ON_BEHALF if asked.is_on_behalf else Doubt.NO_PERSON)
    return tuple(sorted(found))


def _is_transfer(asked: Asked) -> bool:
    """Whether data should be moved elsewhere and nothing erased: what goes, goes to the person."""
    kinds = asked.kinds
    return RequestKind.PORTABILITY in kinds and RequestKind.ERASURE not in kinds


def letter_kind_of(doubts: Iterable[Doubt]) -> LetterKind:
    """Return the kind of letter that the writer of a waiting mail gets meanwhile.

    What the platform was asked for shows in no letter: whoever would be challenged if nothing
    had been found gets the same letter.
    """
    said = frozenset(doubts) - _LOOKED_UP
    if not said:
        return LetterKind.CHALLENGE
    if said == {Doubt.CORRECTION}:
        return LetterKind.ACKNOWLEDGEMENT
    if said & _ABOUT_RIGHTS and said <= _ABOUT_RIGHTS | _BESIDE:
        return LetterKind.QUESTION
    return LetterKind.CLARIFICATION


@dataclass(frozen=True)
class Chosen:
    """What an answer to a question chooses: rights, that a request is taken back, or none of these.

    Attributes:
        kinds: the rights, in the order of fulfilment.
    """

    kinds: tuple[RequestKind, ...] = ()
    is_withdrawal: bool = False


def choices_in(mail: Mail) -> Chosen | None:
    """Return the choices of an answer to a question; None where none can be read.

    Numbers alone count, on the first line that is not empty and on those below it: a number within
    words may be anything.
    """
    numbers = {
        int(one) for line in takewhile(_is_choice, _lines(mail)) for one in _NUMBER.findall(line)
    }
    if numbers in ({TAKE_BACK}, {NONE_OF_THESE}):
        return Chosen(is_withdrawal=numbers == {TAKE_BACK})
    if not numbers or max(numbers) > len(CHOICES):
        return None
    chosen = {CHOICES[number - 1] for number in numbers}
    return Chosen(tuple(kind for kind in RequestKind if kind in chosen))


def below_choices(mail: Mail) -> str:
    """Return the text of an answer to a question below its numbers."""
    return "\n".join(dropwhile(_is_choice, _lines(mail)))


def _lines(mail: Mail) -> list[str]:
    return [line for one in mail.text.splitlines() if (line := " ".join(one.split()))]


def _is_choice(line: str) -> bool:
    return len(line) <= _LONGEST_CHOICE and _NUMBERS.fullmatch(line) is not None


def code_for(owner_id: str, secret: str) -> str:
    """Return the code of a challenge or a question, as it stands in the letter.

    Args:
        owner_id: of the mail that the letter answers.
    """
    return f"L-{owner_id}-{secret}"


def codes_in(mail: Mail) -> tuple[tuple[str, str], ...]:
    """Return id and secret of each code that a mail sends back, quoted or not."""
    return codes_of(f"{mail.text}\n{mail.quoted}")


def codes_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return id and secret of each code in a text."""
    return tuple(dict.fromkeys(_CODE.findall(text)))[:_MOST_CODES]


def without_codes(text: str) -> str:
    """Return a text with its codes taken out."""
    return _CODE.sub("", text)


def is_same_code(one: str, other: str) -> bool:
    """Compare two secrets in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())
