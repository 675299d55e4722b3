"""Where personal data lies in a platform: the data map is loaded, checked and shown here."""

from lacuna.datamap.check.difference import Drift, DriftKind, refuse
from lacuna.datamap.check.drift import check
from lacuna.datamap.check.file_patterns import check_files
from lacuna.datamap.check.mart_counts import COUNTED
from lacuna.datamap.check.missing_labels import check_labels
from lacuna.datamap.check.missing_languages import check_languages
from lacuna.datamap.check.obstructions import drift_of_refused, drift_of_rights, needed_rights
from lacuna.datamap.check.schema_digest import schema_digest
from lacuna.datamap.check.slow_keys import slow_foreign_keys, slow_references
from lacuna.datamap.lookups import (
    NamedNumbers,
    looked_up,
    lookup_columns,
    lookup_drift,
    told_memberships,
    untold_drift,
)
from lacuna.datamap.map_text import merged, without
from lacuna.datamap.read.loader import load, load_text
from lacuna.datamap.read.tenants import load_tenants
from lacuna.datamap.records.first_look import first_look
from lacuna.datamap.records.listing import map_json, show
from lacuna.datamap.records.ropa import (
    processor_json,
    processor_markdown,
    ropa_json,
    ropa_markdown,
)
from lacuna.datamap.scaffold.answers import questionnaire, read_answers
from lacuna.datamap.scaffold.category_proposal import category_of_name, words
from lacuna.datamap.scaffold.map_draft import Scaffold, scaffold
from lacuna.datamap.scaffold.people_tables import subject_of
from lacuna.datamap.scaffold.samples import known_by, sampled
from lacuna.datamap.scaffold.tenants_draft import draft_tenants
from lacuna.datamap.settlement import own_rows_entry, rows_of_others_entry

__all__ = [
    "COUNTED",
    "Drift",
    "DriftKind",
    "NamedNumbers",
    "Scaffold",
    "category_of_name",
    "check",
    "check_files",
    "check_labels",
    "check_languages",
    "draft_tenants",
    "drift_of_refused",
    "drift_of_rights",
    "first_look",
    "known_by",
    "load",
    "load_tenants",
    "load_text",
    "looked_up",
    "lookup_columns",
    "lookup_drift",
    "map_json",
    "merged",
    "needed_rights",
    "own_rows_entry",
    "processor_json",
    "processor_markdown",
    "questionnaire",
    "read_answers",
    "refuse",
    "ropa_json",
    "ropa_markdown",
    "rows_of_others_entry",
    "sampled",
    "scaffold",
    "schema_digest",
    "show",
    "slow_foreign_keys",
    "slow_references",
    "subject_of",
    "told_memberships",
    "untold_drift",
    "without",
    "words",
]
