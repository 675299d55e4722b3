"""The intake flow: mails and rows of other systems become queued requests, and are answered."""

from lacuna.flows.intake.flow import (
    run,
    take_in,
)

__all__ = [
    "run",
    "take_in",
]
