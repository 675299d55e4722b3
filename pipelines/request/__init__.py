"""Stage 1, accept: requests are checked, queued, decided on and moved through their states."""

from pipelines.request.accept import Accepted, accept, identifiers_of, rectifications_of
from pipelines.request.deadline import one_month_after
from pipelines.request.decide import (
    approve,
    forget,
    hold,
    lift_lapsed_holds,
    refuse,
    verify_identity,
    withdraw,
)
from pipelines.request.inbox import InboxTaken, take_inbox

__all__ = [
    "Accepted",
    "InboxTaken",
    "accept",
    "approve",
    "forget",
    "hold",
    "identifiers_of",
    "lift_lapsed_holds",
    "one_month_after",
    "rectifications_of",
    "refuse",
    "take_inbox",
    "verify_identity",
    "withdraw",
]
