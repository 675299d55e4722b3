"""What marks the parts of a mail in the languages that are read: `translations/marks`.

Each entry is alternatives of a regular expression, or words; the code never asks in which language.
"""

from lacuna.intake.sentences import fold
from lacuna.translations import languages_of, texts


def one_of(name: str) -> str:
    """Return the alternatives of an entry in all languages, as they stand between parentheses."""
    return "|".join(text for text in _in_all(name) if text)


def words(name: str) -> frozenset[str]:
    """Return the words of an entry in all languages, folded."""
    return frozenset(fold(" ".join(_in_all(name))).split())


def _in_all(name: str) -> list[str]:
    return [str(texts("marks", language)[name]) for language in languages_of("marks")]
