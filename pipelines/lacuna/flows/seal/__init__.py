"""The seal flow: the ledger is checked, a checkpoint signed, certificates issued, the report written."""

from lacuna.flows.seal.acknowledgement import acknowledge_restore, find_superseded
from lacuna.flows.seal.flow import (
    rotate_key,
    run,
)
from lacuna.flows.seal.ledger_audit import FoundRestore, check_evidence, everything_signed
from lacuna.flows.seal.recorded_runs import check_runs

__all__ = [
    "FoundRestore",
    "acknowledge_restore",
    "check_evidence",
    "check_runs",
    "everything_signed",
    "find_superseded",
    "rotate_key",
    "run",
]
