"""Where personal data lies in a platform: the data map is loaded, checked and shown here."""

from lacuna.datamap.answers import read_answers
from lacuna.datamap.counted import COUNTED
from lacuna.datamap.difference import Drift, DriftKind, refuse
from lacuna.datamap.drift import check, require_no_drift
from lacuna.datamap.files import check_files
from lacuna.datamap.guess import category_of_name
from lacuna.datamap.loader import load
from lacuna.datamap.render import show
from lacuna.datamap.ropa import (
    processor_json,
    processor_markdown,
    ropa_json,
    ropa_markdown,
)
from lacuna.datamap.sampled import sampled
from lacuna.datamap.scaffold import Scaffold, scaffold
from lacuna.datamap.slow import slow_foreign_keys
from lacuna.datamap.tenants import load_tenants

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
