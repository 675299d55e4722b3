"""The intake flow: mails and rows of other systems become queued requests, and are answered."""

from lacuna.flows.intake.flow import (
    run,
    take_in,
)
from lacuna.flows.intake.mail_memory import forget_digests
from lacuna.flows.intake.submission_check import admission_of
from lacuna.flows.intake.tenant_search import tenant_of

__all__ = [
    "admission_of",
    "forget_digests",
    "run",
    "take_in",
    "tenant_of",
]
