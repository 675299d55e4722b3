"""Anonymized reporting: closed periods are protected, audited, sealed once and published."""

from pipelines.reporting.audit import AuditResult, Leak, Margin, audit_period, audit_together
from pipelines.reporting.charts import charts
from pipelines.reporting.dictionary import column_comments, dictionary
from pipelines.reporting.legacy import legacy_rules, replace_legacy
from pipelines.reporting.metadata import VIEWS, load_mart, marts
from pipelines.reporting.protect import protect
from pipelines.reporting.publication import publish, rewrite
from pipelines.reporting.restating import Attackers, carry_out, redraw_weeks

__all__ = [
    "VIEWS",
    "Attackers",
    "AuditResult",
    "Leak",
    "Margin",
    "audit_period",
    "audit_together",
    "carry_out",
    "charts",
    "column_comments",
    "dictionary",
    "legacy_rules",
    "load_mart",
    "marts",
    "protect",
    "publish",
    "redraw_weeks",
    "replace_legacy",
    "rewrite",
]
