"""Stage 5, check: read again, by other means and another role, and prove that it can see."""

from pipelines.verify.bundle_gate import CountedRows, check_bundle
from pipelines.verify.bundle_values import values_of_strangers
from pipelines.verify.canary import CANARY_OBJECT
from pipelines.verify.copies import CorrectedValue, find_left, findings_of
from pipelines.verify.derivation import derive_values
from pipelines.verify.disclosure import attack_period, difference
from pipelines.verify.expectations import Keep, check_expectations, check_marts
from pipelines.verify.files import ObjectSearch
from pipelines.verify.gates import check_neighbours, check_objects, orphans, reconcile
from pipelines.verify.places import Place, has_digest
from pipelines.verify.residue import NOTHING_SEARCHED, Residue, search_refused, search_residue
from pipelines.verify.unlinkability import check_unlinkability
from pipelines.verify.versions import attack_versions
from pipelines.verify.zone import check_columns, check_files, check_texts

__all__ = [
    "CANARY_OBJECT",
    "NOTHING_SEARCHED",
    "CorrectedValue",
    "CountedRows",
    "Keep",
    "ObjectSearch",
    "Place",
    "Residue",
    "attack_period",
    "attack_versions",
    "check_bundle",
    "check_columns",
    "check_expectations",
    "check_files",
    "check_marts",
    "check_neighbours",
    "check_objects",
    "check_texts",
    "check_unlinkability",
    "derive_values",
    "difference",
    "find_left",
    "findings_of",
    "has_digest",
    "orphans",
    "reconcile",
    "search_refused",
    "search_residue",
    "values_of_strangers",
]
