"""Where personal data lies in a platform: the data map is loaded, checked and shown here."""

from pipelines.datamap.drift import Drift, DriftKind, check, require_no_drift
from pipelines.datamap.loader import load
from pipelines.datamap.render import show
from pipelines.datamap.ropa import ropa_json, ropa_markdown
from pipelines.datamap.tenants import load_tenants

__all__ = [
    "Drift",
    "DriftKind",
    "check",
    "load",
    "load_tenants",
    "require_no_drift",
    "ropa_json",
    "ropa_markdown",
    "show",
]
