"""What a drafted map asks, in which order, and the placeholders until somebody has answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["ACCEPT", "MUST_SAY", "RECORD", "UNANSWERED", "Question", "Questionnaire"]

ACCEPT: Final = "yes"
"""The answer that agrees to a proposal."""

# The question, what is proposed, and what the answer is for.
MUST_SAY: Final = {
    "name": ("What is the platform called?", "", "in the record of processing"),
    "controller": ("Who is the controller, with address?", "", "in letters and bundles"),
    "dpo": ("Which e-mail address has the data protection officer?", "", "in letters and bundles"),
    "authority": ("Which supervisory authority is competent?", "", "in letters and bundles"),
}
RECORD: Final = {
    "purpose": "Answer the questions of customers.",
    "basis": "6(1)(b)",
    "retention": "Three years after the last contact.",
    "recipients": "none",
    "backup_days": "35",
}
"""What a draft asks of all columns and of the longest-lived backup, with what it proposes."""
# What stands in a draft until somebody has answered; no flow runs on it.
UNANSWERED: Final = {"dpo": "unknown@example.invalid"}


@dataclass(frozen=True)
class Question:
    """A question to the person who makes the map.

    Attributes:
        about: what an answer's line begins with.
        proposal: what is taken until then; the answer `yes` agrees to it. Empty where only a
            person can say it: `yes` is no answer then.
        effect: what happens on each answer.
        items: what the question is about, one by one.
    """

    about: str
    text: str
    proposal: str
    effect: str = ""
    items: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The question with all that it is about, in one line."""
        return " ".join([self.text, *(["; ".join(self.items)] if self.items else [])])

    def __str__(self) -> str:
        """Return the question with its proposal, and what happens on each answer."""
        asked = f"{self.about}: {self.whole} [{self.proposal or 'needs an answer'}]"
        return f"{asked} ({self.effect})" if self.effect else asked


class Questionnaire:
    """Answers that were given, and the questions that are open."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        """Begin with `answers`, by what they are about."""
        self.open: list[Question] = []
        self._said = dict(answers)
        self._known: set[str] = set()

    def ask(self, question: Question) -> str:
        """Return the answer to a question, or its proposal, and the question is open then."""
        answer = self.given(question.about)
        if answer is None or (answer == ACCEPT and not question.proposal):
            self.open.append(question)
        return question.proposal if answer in (None, ACCEPT) else str(answer)

    def ask_together(self, question: Question, proposed: Mapping[str, str]) -> Mapping[str, str]:
        """Return the answers about several things: each by its own line, or as proposed.

        Args:
            question: about all that have no line of their own; its proposal is put together here,
                and the answer `yes` agrees to it.
            proposed: by what a line of its own begins with.
        """
        own = {about: answer for about in proposed if (answer := self.given(about)) is not None}
        rest = "; ".join(f"{one}: {text}" for one, text in proposed.items() if one not in own)
        if self.given(question.about) != ACCEPT and rest:
            self.open.append(replace(question, proposal=rest))
        taken = {about: answer for about, answer in own.items() if answer != ACCEPT}
        return {**proposed, **taken}

    def say(self, about: str, proposal: str) -> str:
        """Return the answer about something, or the proposal, which is not asked."""
        answer = self.given(about)
        return proposal if answer in (None, ACCEPT) else str(answer)

    def given(self, about: str) -> str | None:
        """Return the answer about something, which may be asked about from now on; None for none."""
        self._known.add(about)
        return self._said.get(about)

    def unknown(self) -> list[str]:
        """Return the keys of answers that nothing was asked about."""
        return sorted(self._said.keys() - self._known)
