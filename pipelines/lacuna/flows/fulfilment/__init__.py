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
from lacuna.flows.fulfilment.proof import PEOPLE, Tell, prove

__all__ = [
    "PEOPLE",
    "Tell",
    "alone",
    "apply",
    "apply_chunk",
    "claim",
    "close",
    "close_chunk",
    "conclude",
    "prove",
    "resolve_and_plan",
    "rewrite_chunk",
    "run",
    "scrub",
    "stage_of",
    "verify",
]
