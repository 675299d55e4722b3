"""What contacts and agents say, in the languages of the sample platform."""

from collections.abc import Mapping
from types import MappingProxyType

from lacuna.sample.phrases.danish import DANISH
from lacuna.sample.phrases.dutch import DUTCH
from lacuna.sample.phrases.english import ENGLISH
from lacuna.sample.phrases.french import FRENCH
from lacuna.sample.phrases.german import GERMAN
from lacuna.sample.phrases.phrasebook import Phrasebook, Topic
from lacuna.sample.phrases.swedish import SWEDISH

PHRASES: Mapping[str, Phrasebook] = MappingProxyType(
    {"en": ENGLISH, "da": DANISH, "de": GERMAN, "fr": FRENCH, "nl": DUTCH, "sv": SWEDISH}
)
"""Language -> phrase book."""

__all__ = ["PHRASES", "Phrasebook", "Topic"]
