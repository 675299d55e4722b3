"""The sweep flow: old text, recordings without consent and who came back; then what expired goes."""

from lacuna.flows.sweep.file_quarantine import quarantine_unnamed, restore_quarantined
from lacuna.flows.sweep.flow import run
from lacuna.flows.sweep.recordings_without_consent import compare_recordings
from lacuna.flows.sweep.rules import approve_rule, known_rules, revoke_known_rule
from lacuna.flows.sweep.unnamed_files import UNNAMED_FILES, Unnamed, list_unnamed

__all__ = [
    "UNNAMED_FILES",
    "Unnamed",
    "approve_rule",
    "compare_recordings",
    "known_rules",
    "list_unnamed",
    "quarantine_unnamed",
    "restore_quarantined",
    "revoke_known_rule",
    "run",
]
