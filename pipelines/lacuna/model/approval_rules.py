"""Which rules approve a plan in an officer's place."""

from typing import Final

from lacuna.model.request import RequestKind

BY_IDENTITY: Final = "rule:identity-verified"
"""Identity alone decides: for rights that change nothing in the platform."""
BY_SETTING: Final = "rule:approval-auto"
"""The owner of the installation decided that plans need nobody (`LACUNA_APPROVAL=auto`)."""
BY_CANARY: Final = "rule:canary"
"""The owner set an organization aside for made-up contacts (`LACUNA_CANARY_ORG`)."""
BY_REAPPEARANCE: Final = "rule:reappearance"
"""Whoever came back was erased before, on an approval."""

IDENTITY_ALONE: Final = frozenset(
    {
        RequestKind.ACCESS,
        RequestKind.PORTABILITY,
        RequestKind.RESTRICTION,
        RequestKind.OBJECTION,
    }
)
"""Rights that change nothing in the platform."""
