"""Anonymized reporting: closed periods are protected, audited, sealed once and published."""

from pipelines.reporting.audit import AuditResult, Leak, Margin, audit_period, audit_together
from pipelines.reporting.legacy import legacy_rules, replace_legacy
from pipelines.reporting.metadata import load_mart, marts
from pipelines.reporting.protect import protect
from pipelines.reporting.publication import publish

__all__ = [
    "AuditResult",
    "Leak",
    "Margin",
    "audit_period",
    "audit_together",
    "legacy_rules",
    "load_mart",
    "marts",
    "protect",
    "publish",
    "replace_legacy",
]
