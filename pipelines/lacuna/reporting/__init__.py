"""Anonymized reporting: closed periods are protected, audited, sealed once and published."""

from lacuna.marts import load_mart, marts
from lacuna.reporting.charts import charts
from lacuna.reporting.dictionary import dictionary
from lacuna.reporting.legacy import legacy_rules, replace_legacy
from lacuna.reporting.period_audit import AuditResult, Leak, Margin, audit_period, audit_together
from lacuna.reporting.protection import protect
from lacuna.reporting.publication import publish, rewrite
from lacuna.reporting.rehearsal import rehearse
from lacuna.reporting.restatement import Attackers, carry_out, redraw_weeks

__all__ = [
    "Attackers",
    "AuditResult",
    "Leak",
    "Margin",
    "audit_period",
    "audit_together",
    "carry_out",
    "charts",
    "dictionary",
    "legacy_rules",
    "load_mart",
    "marts",
    "protect",
    "publish",
    "redraw_weeks",
    "rehearse",
    "replace_legacy",
    "rewrite",
]
