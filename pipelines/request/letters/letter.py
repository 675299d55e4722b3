"""A language's letters: a subject and a text for each sort of answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.model.answer import AnswerKind


@dataclass(frozen=True)
class Letterhead:
    """The letters of one language.

    Attributes:
        texts: subject and body; `{received}`, `{due}`, `{reference}`, `{code}`, `{ground}`,
            `{until}` and `{authority}` stand for facts. Nothing else goes in: a letter names nobody, and says
            nothing of what is held of anybody.
    """

    language: str
    greeting: str
    closing: str
    texts: Mapping[AnswerKind, tuple[str, str]]
