"""Consent to recording, and agreements: what was said and accepted, and whether it covers what is done."""

from lacuna.consent.agreements import (
    accept_version,
    add_version,
    inherit_instruction,
    instruct,
    instructed,
    tenants_without_dpa,
    would_be_instructed,
)
from lacuna.consent.consent_ledger import (
    owner_of_call,
    owners_of_calls,
    record,
    take_consents,
    withdraw,
)
from lacuna.consent.consent_reconciliation import Judged, judge, judged, reconcile

__all__ = [
    "Judged",
    "accept_version",
    "add_version",
    "inherit_instruction",
    "instruct",
    "instructed",
    "judge",
    "judged",
    "owner_of_call",
    "owners_of_calls",
    "reconcile",
    "record",
    "take_consents",
    "tenants_without_dpa",
    "withdraw",
    "would_be_instructed",
]
