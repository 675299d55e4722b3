"""Stage 3, decide: pure plans, their digests and how they read."""

from pipelines.plan.difference import differences
from pipelines.plan.digest import as_mapping, inventory_digest, values_digest
from pipelines.plan.erasure import check_size, erasure_steps
from pipelines.plan.render import as_json, render
from pipelines.plan.request_plan import Rectified, copy_steps, plan_request
from pipelines.plan.stored import restore

__all__ = [
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
