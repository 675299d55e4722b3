"""Where personal data lies in a platform: the data map is loaded, checked and shown here."""

from pipelines.datamap.answers import read_answers
from pipelines.datamap.counted import COUNTED
from pipelines.datamap.difference import Drift, DriftKind, refuse
from pipelines.datamap.drift import check, require_no_drift
from pipelines.datamap.files import check_files
from pipelines.datamap.guess import category_of_name
from pipelines.datamap.loader import load
from pipelines.datamap.render import show
from pipelines.datamap.ropa import (
    processor_json,
    processor_markdown,
    ropa_json,
    ropa_markdown,
)
from pipelines.datamap.sampled import sampled
from pipelines.datamap.scaffold import Scaffold, scaffold
from pipelines.datamap.slow import slow_foreign_keys
from pipelines.datamap.tenants import load_tenants

__all__ = [
    "COUNTED",
    "Drift",
    "DriftKind",
    "Scaffold",
    "category_of_name",
    "check",
    "check_files",
    "load",
    "load_tenants",
    "processor_json",
    "processor_markdown",
    "read_answers",
    "refuse",
    "require_no_drift",
    "ropa_json",
    "ropa_markdown",
    "sampled",
    "scaffold",
    "show",
    "slow_foreign_keys",
]
