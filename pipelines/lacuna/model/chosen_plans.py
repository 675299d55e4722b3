"""Plans that are approved together, and the digest over all of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ChosenPlans:
    """Plans that are approved together.

    Attributes:
        digests: of the plans, by request.
    """

    digests: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 hex over the ids of the requests, in order, each with the digest of its plan."""
        lines = (f"{request_id} {digest}\n" for request_id, digest in sorted(self.digests.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()
