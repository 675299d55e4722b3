"""Why data is processed, who decides on it, and who got it: entries of the record of processing (Art. 30)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lacuna.model.identity import IdentifierKind


@dataclass(frozen=True)
class Processing:
    r"""Why data is processed: one entry of the record of processing, shared by columns.

    Attributes:
        lawful_basis: letter of Art. 6(1), e.g. `"6(1)(b)"`.
        keep_for_days: retention period; None while the relationship lasts.
        retention: the period or its criteria in words, for the information \(Art. 15(1)(d)).
        recipients: to whom the data is disclosed (Art. 15(1)(c)).
        source: where the data comes from if not from the person (Art. 15(1)(g)).
        transfers: third countries and their safeguards (Art. 15(2)); empty for none.
        automated_decisions: the logic involved (Art. 15(1)(h)); None for none.
    """

    name: str
    purpose: str
    lawful_basis: str
    keep_for_days: int | None
    retention: str
    recipients: tuple[str, ...]
    source: str
    transfers: str
    automated_decisions: str | None


@dataclass(frozen=True)
class TenantContacts:
    """A controller, whom to ask there, and whom to complain to.

    Attributes:
        controller: name and address (Art. 4(7)).
        dpo: contact of the data protection officer.
        authority: the supervisory authority (Art. 15(1)(f)).
        representative: in the Union (Art. 27); empty for none.
        joint_controllers: name and address of each (Art. 26).
        processings: those that differ from the map's for this tenant, whole.
    """

    controller: str
    dpo: str
    authority: str
    representative: str = ""
    joint_controllers: tuple[str, ...] = ()
    processings: Mapping[str, Processing] = field(default_factory=dict)


@dataclass(frozen=True)
class Processor:
    """Who runs the platform for the controllers (Art. 4(8), 30(2)(a)).

    Attributes:
        name: name and address.
        dpo: contact of its data protection officer; empty for none.
        representative: in the Union (Art. 27); empty for none.
    """

    name: str
    dpo: str = ""
    representative: str = ""


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom data was disclosed, and who is told what becomes of it (Art. 19).

    Attributes:
        title: as a letter names it.
        webhook: where it is told, or None.
        email: where it is told instead, or None.
        reference: by what sort of value it knows a person: all that it is told of them.
        tenants: whose contacts it got; empty: every tenant's.
        within_days: in which time after the erasure, correction or restriction it must be told.
        fields: columns of the subject table that it got: it is told their corrections, value and
            all; empty: it is told of any correction, and of no value.
    """

    name: str
    title: str
    webhook: str | None
    email: str | None
    reference: IdentifierKind
    tenants: tuple[str, ...]
    within_days: int
    fields: tuple[str, ...] = ()
