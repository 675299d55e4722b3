"""The intake flow: mails and rows of other systems become queued requests, and are answered."""

from lacuna.flows.intake.flow import (
    run,
    take_in,
)
from lacuna.flows.intake.mail_memory import forget_digests
from lacuna.flows.intake.submission_check import submission_check_of
from lacuna.flows.intake.tenant_search import tenant_of

__all__ = [
    "forget_digests",
    "run",
    "submission_check_of",
    "take_in",
    "tenant_of",
]
