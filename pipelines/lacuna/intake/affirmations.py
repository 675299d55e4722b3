"""Clauses by which people agree in answer to a letter, and those that only greet or thank.

They are data: `translations/affirmations`, with the templates of `phrases`. What agrees in one language
thanks in another ("tak") or tells the reader to do something ("confirm"), so only the letter's own
language counts.
"""

from functools import cache
from typing import Final

from lacuna.intake.phrases import compiled, pattern
from lacuna.translations import languages_of, nearest_language, texts


class Affirmations:
    """What an answer in one language may consist of."""

    def __init__(self, language: str) -> None:
        """Compile the clauses of a language that say yes, and those that say nothing, or only who it was."""
        named = {
            name: text
            for name, text in texts("affirmations", language).items()
            if isinstance(text, str)
        }
        agreeing, beside = (pattern(named[name], named) for name in ("agreeing", "beside"))
        self._allowed = compiled(f"(?:{agreeing}|{beside})*")
        self._agreeing = compiled(f"(?:^| )(?:{agreeing})")
        self._courtesies = compiled(f"(?:{beside})*")

    def allows(self, said: str) -> bool:
        """Whether folded words, a space behind each, are such clauses and nothing else."""
        return self._allowed.fullmatch(said) is not None

    def agrees(self, said: str) -> bool:
        """Whether they are, and one of them agrees."""
        return self.allows(said) and self._agreeing.search(said) is not None

    def is_courtesy(self, said: str) -> bool:
        """Whether they greet or thank, and say no more."""
        return self._courtesies.fullmatch(said) is not None


_LANGUAGES: Final = languages_of("affirmations")
_of = cache(Affirmations)


def affirmations_in(language: str) -> Affirmations:
    """Return those of a letter's language (BCP 47); letters in one without a file are in English."""
    return _of(nearest_language(language, _LANGUAGES))
