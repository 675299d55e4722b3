"""The words by which requests are recognized, one module a language."""

from typing import Final

from pipelines.request.words.danish import DANISH
from pipelines.request.words.dutch import DUTCH
from pipelines.request.words.english import ENGLISH
from pipelines.request.words.finnish import FINNISH
from pipelines.request.words.french import FRENCH
from pipelines.request.words.german import GERMAN
from pipelines.request.words.italian import ITALIAN
from pipelines.request.words.norwegian import NORWEGIAN
from pipelines.request.words.polish import POLISH
from pipelines.request.words.portuguese import PORTUGUESE
from pipelines.request.words.spanish import SPANISH
from pipelines.request.words.swedish import SWEDISH
from pipelines.request.words.wordbook import Wordbook

WORDBOOKS: Final = (
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

__all__ = ["WORDBOOKS", "Wordbook"]
