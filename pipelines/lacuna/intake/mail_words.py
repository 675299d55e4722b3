"""Words by which the parts of a mail are told apart, in all languages: `translations/mail_words`.

An entry is alternatives of a regular expression, words, or letters. The code never asks in which language.
"""

from collections.abc import Mapping

from lacuna.translations import languages_of, texts


def one_of(name: str) -> str:
    """Return the alternatives of an entry in all languages, as they stand between parentheses."""
    return "|".join(filter(None, by_language(name).values()))


def words(name: str) -> frozenset[str]:
    """Return the words of an entry in all languages."""
    return frozenset(" ".join(by_language(name).values()).split())


def by_language(name: str) -> Mapping[str, str]:
    """Return an entry of each language (ISO 639-1)."""
    return {
        language: str(texts("mail_words", language)[name])
        for language in languages_of("mail_words")
    }
