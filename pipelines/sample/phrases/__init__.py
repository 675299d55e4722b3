"""What contacts and agents say, in the languages of the sample platform."""

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.sample.phrases.danish import DANISH
from pipelines.sample.phrases.dutch import DUTCH
from pipelines.sample.phrases.english import ENGLISH
from pipelines.sample.phrases.french import FRENCH
from pipelines.sample.phrases.german import GERMAN
from pipelines.sample.phrases.phrasebook import Phrasebook, Topic
from pipelines.sample.phrases.swedish import SWEDISH

PHRASES: Mapping[str, Phrasebook] = MappingProxyType(
    {"en": ENGLISH, "da": DANISH, "de": GERMAN, "fr": FRENCH, "nl": DUTCH, "sv": SWEDISH}
)
"""Language -> phrase book."""

__all__ = ["PHRASES", "Phrasebook", "Topic"]
