"""What the pages of a bundle say, in the languages that they speak.

The code names the phrases; they are in `pipelines/lacuna/translations/bundles`.
"""

from collections.abc import Mapping
from typing import Final

from lacuna.bundle.page_text import text
from lacuna.model.bundle import BundleContent
from lacuna.model.datamap import DataMap
from lacuna.model.table import Column, Table
from lacuna.translations import languages_of, nearest_language, texts

LANGUAGES: Final = languages_of("bundles")


def in_english(name: str) -> str:
    """Return the phrase of a name as files for machines have it."""
    return str(texts("bundles", "en")[name])


class Words:
    """The phrases of a page in one language."""

    def __init__(
        self, language: str, of_map: Mapping[str, str] | None = None, map_language: str = "en"
    ) -> None:
        """Speak `language`, or English where there is no translation into it.

        Args:
            language: BCP 47 tag.
            of_map: translations of what the data map says.
            map_language: in which the data map says it.
        """
        self.language = nearest_language(language, LANGUAGES)
        self._of_map = of_map or {}
        self._map_language = map_language

    @classmethod
    def of(cls, content: BundleContent) -> "Words":
        """Return the words of a bundle, in the language of the person whom it is for."""
        datamap = content.datamap
        # What the map says itself is as good as a translation.
        languages = {*datamap.translations, datamap.language}
        nearest = nearest_language(content.language, languages, datamap.language)
        return cls(content.language, datamap.translations.get(nearest), datamap.language)

    @property
    def locale(self) -> str:
        """The locale by whose data the page writes days."""
        return self("locale")

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
        return self._tagged(self.from_map(phrase), phrase)

    def label(self, one: Column | Table) -> str:
        """Return the label of a column or table, as markup."""
        return self._tagged(self.plain_label(one), _meant(one))

    def plain_label(self, one: Column | Table) -> str:
        """Return the same as plain text."""
        return self.from_map(_meant(one)).removesuffix(".")

    def source(self, source: str, datamap: DataMap) -> str:
        """Return the words for a source, a table or files of a store, as markup."""
        tables = {str(name): table for name, table in datamap.tables.items()}
        for store in datamap.stores.values():
            for pattern in store.files:
                if source == f"{store.name}/{pattern.pattern}" and pattern.table is not None:
                    return f"{self.label(datamap.tables[pattern.table])}: {text(self('files'))}"
        if source in tables:
            return self.label(tables[source])
        return text(self("files")) if "/" in source or source in datamap.stores else ""

    def _tagged(self, said: str, phrase: str) -> str:
        if phrase in self._of_map or self.language == self._map_language:
            return text(said)
        return f'<span lang="{self._map_language}">{text(said)}</span>'


def _meant(one: Column | Table) -> str:
    """Return the phrase of the map that names a column or table; its name in words for none."""
    if one.label or (isinstance(one, Column) and one.meaning):
        return one.label or one.meaning
    name = one.name if isinstance(one, Column) else one.name.name
    return name.replace("_", " ").strip().capitalize()
