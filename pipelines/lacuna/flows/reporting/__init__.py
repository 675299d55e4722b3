"""The reporting flow: closed periods are published once, legacy tables with personal rows go."""

from lacuna.flows.reporting.flow import (
    run,
    run_history,
)

__all__ = [
    "run",
    "run_history",
]
