"""What a restore must not take back: rights of people who stay, and decisions on open requests."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from lacuna.model.consent import ConsentEntry
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentityBasis
from lacuna.model.request import CONTACT, RequestKind


@dataclass(frozen=True)
class Restriction:
    """That sweeps and reporting leave a contact out, since a request restricts them or objects."""

    request_id: str
    org_id: str
    contact_id: str = field(repr=False)
    kind: RequestKind
    since: datetime


@dataclass(frozen=True)
class KeptRight:
    """What took effect, or was decided, about one request, kept outside the database.

    Attributes:
        request_id: the request; of what somebody said about recordings, an id of its own.
        at: when it took effect: a backup that is older has it not.
        kinds: restriction, objection or rectification, where that took effect.
        vendor_ids: keys of the person's rows, and external ids that nobody else held.
        corrected: columns of the subject table with the values that they were corrected to.
        basis: on what the identity of the requester rests.
        consent: what the person said about recordings, other than by keys of a telephone.
        decided: when an officer held or refused it last, as the ledger has it.
        held: ground and end of a hold on the whole request.
        holds: on single tables of it.
        refused: the ground of its refusal.
        person_kind: what the person is to the platform.
    """

    request_id: str
    org_id: str
    at: datetime
    kinds: tuple[RequestKind, ...] = ()
    vendor_ids: tuple[Identifier, ...] = field(repr=False, default=())
    corrected: tuple[tuple[str, str], ...] = field(repr=False, default=())
    basis: IdentityBasis | None = None
    consent: ConsentEntry | None = field(repr=False, default=None)
    held: tuple[str, datetime] | None = None
    holds: tuple[ItemHold, ...] = ()
    refused: str | None = None
    person_kind: str = field(repr=False, default=CONTACT)
    decided: datetime | None = None

    def with_later(self, later: "KeptRight") -> "KeptRight":
        """Return both in one: what the later one says of a column or table stands.

        Of a request that is refused nothing takes effect.
        """
        holds = {one.table: one for one in (*self.holds, *later.holds)}
        kinds = () if later.refused else (*self.kinds, *later.kinds)
        return replace(
            later,
            kinds=tuple(kind for kind in RequestKind if kind in kinds),
            vendor_ids=tuple(dict.fromkeys((*self.vendor_ids, *later.vendor_ids))),
            corrected=tuple({**dict(self.corrected), **dict(later.corrected)}.items()),
            consent=later.consent or self.consent,
            decided=later.decided or self.decided,
            held=later.held or self.held,
            holds=tuple(holds.values()),
            refused=later.refused or self.refused,
        )

    def is_held(self, now: datetime) -> bool:
        """Whether the whole request is held."""
        return self.held is not None and self.held[1] > now

    def stands(self, now: datetime) -> bool:
        """Whether what an officer decided has not lapsed."""
        return (
            self.refused is not None
            or self.is_held(now)
            or any(one.until > now for one in self.holds)
        )
