"""The seal flow: the ledger is checked, a checkpoint signed, certificates issued, the report written."""

from lacuna.flows.seal.flow import (
    rotate_key,
    run,
)

__all__ = [
    "rotate_key",
    "run",
]
