"""Stage 5, check: read again, by other means and another role, and prove that it can see."""

from lacuna.verify.absence import AbsenceSearch
from lacuna.verify.bundle_gate import CountedRows, check_bundle
from lacuna.verify.bundle_values import values_of_strangers
from lacuna.verify.canary import CANARY_OBJECT, ENCODINGS
from lacuna.verify.copies import CorrectedValue, find_left, findings_of
from lacuna.verify.derivation import derive_values
from lacuna.verify.disclosure_attacks import attack_period, difference
from lacuna.verify.expectations import Keep, check_expectations, check_marts
from lacuna.verify.file_search import ObjectSearch
from lacuna.verify.gates import check_erasures
from lacuna.verify.own_values import own_values_left
from lacuna.verify.places import Place, has_digest
from lacuna.verify.proof import ProofSearch
from lacuna.verify.residue import NOTHING_SEARCHED, search_refused, search_residue
from lacuna.verify.residue_tally import Residue
from lacuna.verify.scope import Scope
from lacuna.verify.unlinkability import check_unlinkability
from lacuna.verify.unnamed_objects import orphans
from lacuna.verify.versions import attack_versions
from lacuna.verify.zone import check_columns, check_files, check_texts

__all__ = [
    "CANARY_OBJECT",
    "ENCODINGS",
    "NOTHING_SEARCHED",
    "AbsenceSearch",
    "CorrectedValue",
    "CountedRows",
    "Keep",
    "ObjectSearch",
    "Place",
    "ProofSearch",
    "Residue",
    "Scope",
    "attack_period",
    "attack_versions",
    "check_bundle",
    "check_columns",
    "check_erasures",
    "check_expectations",
    "check_files",
    "check_marts",
    "check_texts",
    "check_unlinkability",
    "derive_values",
    "difference",
    "find_left",
    "findings_of",
    "has_digest",
    "orphans",
    "own_values_left",
    "search_refused",
    "search_residue",
    "values_of_strangers",
]
