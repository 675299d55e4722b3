"""The sample platform: a contact center with all its traps, drawn from a seed.

Plain values only: rows to load and files to write. It knows neither database nor file system.
"""

from pipelines.sample.agreements import agreements_of
from pipelines.sample.company import CANARY_ORG, canary_organization
from pipelines.sample.dialogues import Dialogue, Utterance, load_dialogues
from pipelines.sample.generate import PARQUET_EXPORT, generate
from pipelines.sample.options import REFERENCE_DATE, SILENT_SUNDAY, SampleOptions
from pipelines.sample.platform import (
    Demo,
    SampleFile,
    SampleFiles,
    SamplePerson,
    SamplePlatform,
    Shared,
)
from pipelines.sample.tables import PlantedAt, PlantedMention, TableRows
from pipelines.sample.traps import TRAPS

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
