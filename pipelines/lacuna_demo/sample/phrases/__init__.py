"""What contacts and agents say, in the languages of the sample platform."""

from collections.abc import Mapping
from types import MappingProxyType

from lacuna_demo.sample.phrases.danish import DANISH
from lacuna_demo.sample.phrases.dutch import DUTCH
from lacuna_demo.sample.phrases.english import ENGLISH
from lacuna_demo.sample.phrases.french import FRENCH
from lacuna_demo.sample.phrases.german import GERMAN
from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic
from lacuna_demo.sample.phrases.swedish import SWEDISH

PHRASES: Mapping[str, Phrasebook] = MappingProxyType(
    {"en": ENGLISH, "da": DANISH, "de": GERMAN, "fr": FRENCH, "nl": DUTCH, "sv": SWEDISH}
)
"""Language -> phrase book."""

__all__ = ["PHRASES", "Phrasebook", "Topic"]
