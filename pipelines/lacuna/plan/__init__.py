"""Stage 3, decide: pure plans, their digests and how they read."""

from lacuna.plan.digest import as_mapping, inventory_digest, values_digest
from lacuna.plan.erasure import NEEDED_BY_OTHERS, check_size, erasure_steps
from lacuna.plan.plan_difference import differences
from lacuna.plan.rendition import as_json, render
from lacuna.plan.request_plan import Rectified, copy_steps, plan_request
from lacuna.plan.stored_plan import restore

__all__ = [
    "NEEDED_BY_OTHERS",
    "Rectified",
    "as_json",
    "as_mapping",
    "check_size",
    "copy_steps",
    "differences",
    "erasure_steps",
    "inventory_digest",
    "plan_request",
    "render",
    "restore",
    "values_digest",
]
