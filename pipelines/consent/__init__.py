"""Consent to recording, and agreements: what was said and accepted, and whether it covers what is done."""

from pipelines.consent.ledger import owners_of_calls, record, take_answers, withdraw
from pipelines.consent.reconciling import Judged, judge, judged, reconcile

__all__ = [
    "Judged",
    "judge",
    "judged",
    "owners_of_calls",
    "reconcile",
    "record",
    "take_answers",
    "withdraw",
]
