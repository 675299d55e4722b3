"""The fulfilment flow: claimed requests are resolved, planned, applied, verified and closed."""

from lacuna.flows.fulfilment.flow import (
    alone,
    apply,
    apply_chunk,
    claim,
    close,
    close_chunk,
    conclude,
    resolve_and_plan,
    rewrite_chunk,
    run,
    scrub,
    stage_of,
    verify,
)

__all__ = [
    "alone",
    "apply",
    "apply_chunk",
    "claim",
    "close",
    "close_chunk",
    "conclude",
    "resolve_and_plan",
    "rewrite_chunk",
    "run",
    "scrub",
    "stage_of",
    "verify",
]
