"""Where personal data lies in a platform: the data map is loaded and checked here."""

from pipelines.datamap.drift import Drift, DriftKind, check, require_no_drift
from pipelines.datamap.loader import load

__all__ = ["Drift", "DriftKind", "check", "load", "require_no_drift"]
