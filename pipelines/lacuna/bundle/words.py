"""What the pages of a bundle say, in the languages that they speak.

The code names the phrases; they are in `pipelines/lacuna/translations/bundles`.
"""

from collections.abc import Mapping
from typing import Final

from lacuna.bundle.page_text import text
from lacuna.model.bundle import BundleContent
from lacuna.translations import languages_of, nearest_language, texts

LANGUAGES: Final = languages_of("bundles")


def in_english(name: str) -> str:
    """Return the phrase of a name as files for machines have it."""
    return str(texts("bundles", "en")[name])


class Words:
    """The phrases of a page in one language."""

    def __init__(self, language: str, of_map: Mapping[str, str] | None = None) -> None:
        """Speak `language`, or English where there is no translation into it.

        Args:
            language: BCP 47 tag.
            of_map: translations of what the data map says.
        """
        self.language = nearest_language(language, LANGUAGES)
        self._of_map = of_map or {}

    @classmethod
    def of(cls, content: BundleContent) -> "Words":
        """Return the words of a bundle, in the language of the person whom it is for."""
        translations = content.datamap.translations
        return cls(
            content.language, translations.get(nearest_language(content.language, translations))
        )

    def __call__(self, name: str, **values: int) -> str:
        """Return the phrase of this name, with the numbers in it filled in.

        Raises:
            KeyError: no phrase has the name.
        """
        return str(texts("bundles", self.language)[name]).format(**values)

    def from_map(self, phrase: str) -> str:
        """Return a phrase of the data map in this language, or as it is if it was not translated."""
        return self._of_map.get(phrase, phrase)

    def of_map(self, phrase: str) -> str:
        """Return the same as markup that tells a reader's voice which language it is in."""
        translated = self._of_map.get(phrase)
        if translated is not None or self.language == "en":
            return text(translated or phrase)
        return f'<span lang="en">{text(phrase)}</span>'
