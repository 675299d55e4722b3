"""Writes a letter in the requester's language, from a template and facts alone."""

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.danish import DANISH
from pipelines.request.letters.dutch import DUTCH
from pipelines.request.letters.english import ENGLISH
from pipelines.request.letters.finnish import FINNISH
from pipelines.request.letters.french import FRENCH
from pipelines.request.letters.german import GERMAN
from pipelines.request.letters.italian import ITALIAN
from pipelines.request.letters.letter import Letterhead
from pipelines.request.letters.norwegian import NORWEGIAN
from pipelines.request.letters.polish import POLISH
from pipelines.request.letters.portuguese import PORTUGUESE
from pipelines.request.letters.spanish import SPANISH
from pipelines.request.letters.swedish import SWEDISH
from pipelines.request.letters.to_controllers import CONFIRMATION, FORWARDING

LETTERHEADS: Final[Mapping[str, Letterhead]] = {
    one.language: replace(
        one,
        texts={
            **one.texts,
            AnswerKind.FORWARDING: FORWARDING[one.language],
            AnswerKind.INSTRUCTION: CONFIRMATION[one.language],
        },
    )
    for one in (
        ENGLISH,
        GERMAN,
        DANISH,
        NORWEGIAN,
        SWEDISH,
        DUTCH,
        FRENCH,
        SPANISH,
        ITALIAN,
        PORTUGUESE,
        FINNISH,
        POLISH,
    )
}
_WIDTH: Final = 78


def write_letter(
    kind: AnswerKind, language: str, facts: Mapping[str, str], signed: str
) -> tuple[str, str]:
    """Return subject and text of a letter; in English where the language has none.

    Args:
        facts: by the names of the template; a missing one stays empty.
        signed: the tenant's name.
    """
    head = LETTERHEADS.get(language, ENGLISH)
    subject, body = head.texts[kind]
    text = body.format_map({name: facts.get(name, "") for name in _FACTS})
    paragraphs = [_wrapped(part) for part in (head.greeting, *text.split("\n\n"))]
    return subject, "\n\n".join([*paragraphs, f"{head.closing}\n{signed}\n"])


_FACTS: Final = ("received", "due", "reference", "code", "ground", "authority", "articles", "until")


def _wrapped(paragraph: str) -> str:
    # A code is one line, whatever its length.
    if paragraph.startswith("    "):
        return paragraph
    return "\n".join(textwrap.wrap(paragraph, _WIDTH, break_long_words=False))
