"""Writes a letter in the requester's language, from a template and facts alone."""

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from lacuna.errors import ConfigurationError
from lacuna.model.letter import LetterKind
from lacuna.translations import languages_of, nearest_language, texts

LANGUAGES: Final = languages_of("letters")
_WIDTH: Final = 78


def require_alarms(languages: Collection[str]) -> None:
    """Refuse languages in which an answer can agree, and nobody knows how it raises an alarm.

    Raises:
        ConfigurationError: "Yes" under the subject "fraud, I never asked" would confirm a request.
    """
    if without := sorted(set(languages) - set(languages_of("mail_words"))):
        raise ConfigurationError(
            f"translations: {len(without)} languages have affirmations and no mail_words: "
            f"{', '.join(without)}; add mail_words/{without[0]}.toml"
        )


require_alarms(languages_of("affirmations"))
_FACTS: Final = (
    *("received", "due", "reference", "code", "ground", "authority", "articles", "until", "link"),
)


@dataclass(frozen=True)
class Letterhead:
    """The letters of one language.

    Attributes:
        texts: subject and body; `{received}`, `{due}`, `{reference}`, `{code}`, `{ground}`,
            `{until}`, `{authority}` and `{link}` stand for facts. Nothing else goes in: a letter names nobody, and says
            nothing of what is held of anybody.
    """

    greeting: str
    closing: str
    texts: Mapping[LetterKind, tuple[str, str]]


@cache
def letterhead(language: str) -> Letterhead:
    """Return the letters of a language (BCP 47); those in English where it has none."""
    found = texts("letters", nearest_language(language, LANGUAGES))
    letters = {kind: found[kind.value] for kind in LetterKind}
    return Letterhead(
        str(found["greeting"]),
        str(found["closing"]),
        {
            kind: (letter["subject"], letter["body"])
            for kind, letter in letters.items()
            if isinstance(letter, Mapping)
        },
    )


def write_letter(
    kind: LetterKind, language: str, facts: Mapping[str, str], signed: str
) -> tuple[str, str]:
    """Return subject and text of a letter; in English where the language has none.

    Args:
        facts: by the names of the template; a missing one stays empty.
        signed: the tenant's name.
    """
    head = letterhead(language)
    subject, body = head.texts[kind]
    text = body.format_map({name: facts.get(name, "") for name in _FACTS})
    paragraphs = [_wrapped(part) for part in (head.greeting, *text.split("\n\n"))]
    return subject, "\n\n".join([*paragraphs, f"{head.closing}\n{signed}\n"])


def _wrapped(paragraph: str) -> str:
    # A code is one line, whatever its length.
    if paragraph.startswith("    "):
        return paragraph
    return "\n".join(textwrap.wrap(paragraph, _WIDTH, break_long_words=False))
