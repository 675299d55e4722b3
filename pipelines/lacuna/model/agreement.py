"""Agreements: versions of a text, who accepted them, and on whose word requests are acted on."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lacuna.model.request import RequestKind


class AgreementKind(StrEnum):
    """What a text is."""

    TERMS = "terms"
    DPA = "dpa"  # Art. 28(3): without it nothing is done for a tenant but what its controller instructs
    PRIVACY = "privacy"


class AcceptanceMethod(StrEnum):
    """How a text was accepted."""

    SIGNATURE = "signature"
    WEB = "web"
    MAIL = "mail"


class InstructionSource(StrEnum):
    """On whose word a request of a contact is acted on."""

    STANDING = "standing"  # the DPA in force says so for these rights
    MAIL = "mail"  # somebody whom the tenant authorized wrote it, from its own domain
    WRITTEN = "written"  # it came by other ways, and a person recorded it


@dataclass(frozen=True)
class Agreement:
    """One version of a text for one tenant.

    Attributes:
        text_digest: SHA-256 hex of the text.
        valid_from: from when it counts; the version before it does until then.
        standing: of a DPA, rights on which requests go on without asking the controller each time.
    """

    agreement_id: str
    org_id: str
    kind: AgreementKind
    version: str
    text_digest: str
    valid_from: datetime
    standing: tuple[RequestKind, ...] = ()


@dataclass(frozen=True)
class Acceptance:
    """That a version was accepted.

    Attributes:
        contact: key of the contact who accepted it; None where the tenant itself did.
        accepted_by: who spoke for the tenant, as role and key id; None for a contact.
    """

    agreement_id: str
    org_id: str
    method: AcceptanceMethod
    accepted_at: datetime
    contact: str | None = field(repr=False, default=None)
    accepted_by: str | None = None


@dataclass(frozen=True)
class Dpa:
    """The data processing agreement of a tenant, as it stands at a moment.

    Attributes:
        agreement: the version that counts; None: there is none.
    """

    org_id: str
    agreement: Agreement | None
    is_accepted: bool

    @property
    def stands(self) -> bool:
        """Whether ordinary processing may go on."""
        return self.agreement is not None and self.is_accepted

    def allows(self, kinds: tuple[RequestKind, ...]) -> bool:
        """Whether a standing instruction covers all of these rights."""
        return (
            self.agreement is not None
            and self.is_accepted
            and set(kinds) <= set(self.agreement.standing)
        )
