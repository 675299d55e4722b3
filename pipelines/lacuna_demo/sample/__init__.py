"""The sample platform: a contact center with all its traps, drawn from a seed.

Plain values only: rows to load and files to write. It knows neither database nor file system.
"""

from lacuna_demo.sample.agreements import agreements_of
from lacuna_demo.sample.company import CANARY_ORG, canary_organization
from lacuna_demo.sample.dialogues import Dialogue, Utterance, load_dialogues
from lacuna_demo.sample.generator import PARQUET_EXPORT, generate
from lacuna_demo.sample.options import REFERENCE_DATE, SILENT_SUNDAY, SampleOptions
from lacuna_demo.sample.platform import (
    Demo,
    SampleFile,
    SampleFiles,
    SamplePerson,
    SamplePlatform,
    Shared,
)
from lacuna_demo.sample.tables import PlantedAt, PlantedMention, TableRows
from lacuna_demo.sample.traps import TRAPS

__all__ = [
    "CANARY_ORG",
    "PARQUET_EXPORT",
    "REFERENCE_DATE",
    "SILENT_SUNDAY",
    "TRAPS",
    "Demo",
    "Dialogue",
    "PlantedAt",
    "PlantedMention",
    "SampleFile",
    "SampleFiles",
    "SampleOptions",
    "SamplePerson",
    "SamplePlatform",
    "Shared",
    "TableRows",
    "Utterance",
    "agreements_of",
    "canary_organization",
    "generate",
    "load_dialogues",
]
