"""What a drafted map asks, and what stands there until somebody has answered."""

from dataclasses import dataclass
from typing import Final

MUST_SAY: Final = {
    "name": ("What is the name of the platform?", ""),
    "controller": ("Who is the controller (name and address)?", ""),
    "dpo": ("What is the e-mail address of the data protection officer?", ""),
    "authority": ("Which supervisory authority is competent (Art. 15(1)(f))?", ""),
    "backup_days": ("For how many days is the longest-lived backup kept?", "35"),
    "purpose": ("Why is the data processed?", "Answer the questions of customers."),
    "basis": ("On which lawful basis (a letter of Art. 6(1))?", "6(1)(b)"),
    "retention": ("How long is it kept?", "Three years after the last contact."),
    "recipients": ("Who receives it, separated by commas (or: none)?", "none"),
}
# What stands in a draft until somebody has answered; no flow runs on it.
UNANSWERED: Final = {"dpo": "unknown@example.invalid"}


@dataclass(frozen=True)
class Question:
    """A question to the person who makes the map.

    Attributes:
        about: what an answer's line begins with.
        proposal: what is taken until then; the answer `yes` agrees to it. Empty where only a
            person can say it: `yes` is no answer then.
    """

    about: str
    text: str
    proposal: str

    def __str__(self) -> str:
        """Return the question with its proposal."""
        return f"{self.about}: {self.text} [{self.proposal or 'needs an answer'}]"
