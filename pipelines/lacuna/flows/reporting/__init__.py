"""The reporting flow: closed periods are published once, legacy tables with personal rows go."""

from lacuna.flows.reporting.flow import run
from lacuna.flows.reporting.mart_declarations import refuse_columns
from lacuna.flows.reporting.restatement import check_restatements, proposed_rules, run_restatement

__all__ = [
    "check_restatements",
    "proposed_rules",
    "refuse_columns",
    "run",
    "run_restatement",
]
