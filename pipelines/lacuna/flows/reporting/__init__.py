"""The reporting flow: closed periods are published once, legacy tables with personal rows go."""

from lacuna.flows.reporting.flow import run

__all__ = [
    "run",
]
