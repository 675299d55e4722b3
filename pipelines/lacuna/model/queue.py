"""What the queue holds beside the request itself: submissions, secrets, approvals, effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.model.identity import Identifier, IdentityBasis
from lacuna.model.location import RowKey, TableName
from lacuna.model.plan import bound_digest
from lacuna.model.request import CONTACT, Level, RequestKind


@dataclass(frozen=True)
class Submission:
    """A request as it is handed in, with the identifiers in clear.

    Attributes:
        rectifications: column of the subject table → new value; only with RECTIFICATION.
        verified_by: how identity was verified; None: it still has to be.
        instructed_by: how the tenant's controller instructed it; None: a standing instruction
            of theirs covers it, or it waits.
        bundle_key: age recipient to encrypt a bundle for; None: a passphrase is made.
        person_kind: what the person is to the platform.
        identity_basis: what identity rests on, where `verified_by` says how it was verified.
    """

    org_id: str
    kinds: tuple[RequestKind, ...]
    identifiers: tuple[Identifier, ...] = field(repr=False)
    received_at: datetime
    verified_by: str | None = field(repr=False, default=None)
    is_forced: bool = False
    rectifications: Mapping[str, str] = field(repr=False, default_factory=dict)
    bundle_key: str | None = None
    instructed_by: str | None = field(repr=False, default=None)
    person_kind: str = field(repr=False, default=CONTACT)
    identity_basis: IdentityBasis = IdentityBasis.STATED

    @property
    def level(self) -> Level:
        """How far an erasure reaches: the narrowest row that the identifiers name."""
        kinds = {str(identifier.kind) for identifier in self.identifiers}
        if "message_id" in kinds:
            return Level.MESSAGE
        if "conversation_id" in kinds:
            return Level.CONVERSATION
        return Level.CONTACT


@dataclass(frozen=True)
class InboxRow:
    """A row that another system inserted into `lacuna.request_inbox`, unchecked.

    Attributes:
        kinds, identifiers: a list or None where the row has an array of arrays or NULL.
        rectifications: column → new value; None where the row has another form.
        received_at: None where no calendar of ours has the date.
    """

    inbox_id: int
    org_id: str
    kinds: tuple[object, ...] = field(repr=False)
    identifiers: tuple[tuple[str, object], ...] = field(repr=False)
    rectifications: Mapping[str, str] | None = field(repr=False)
    is_forced: bool
    verified_by: str | None = field(repr=False)
    received_at: datetime | None
    instructed_by: str | None = field(repr=False, default=None)
    person_kind: str = field(repr=False, default=CONTACT)


@dataclass(frozen=True)
class InboxResult:
    """A row of the inbox as officers see it, and what became of it.

    Attributes:
        kinds: the rights; without a word that names none.
        received_at: None where no calendar of ours has the date.
        submitted_by: role and key id of the officer; None: another system, or somebody else.
        request_id: the request that it became or repeats; None before, and where it was rejected.
        reason: why it was rejected; says no value of the row.
    """

    inbox_id: int
    kinds: tuple[RequestKind, ...]
    received_at: datetime | None
    inserted_at: datetime
    submitted_by: str | None
    status: str
    request_id: str | None
    reason: str | None

    @property
    def waits(self) -> bool:
        """Whether the intake has not read it yet."""
        return self.status == "new"


class Obstacle(StrEnum):
    """Why a request waits, or what failed last."""

    OPEN_CONVERSATIONS = "open_conversations"
    EARLIER_RIGHTS = "earlier_rights"  # e.g. an access request of the person, before an erasure
    PLAN_CHANGED = "plan_changed"
    TOO_MANY_ROWS = "too_many_rows"
    MENTION_REFUSED = "mention_refused"  # the map expects nobody where the person is mentioned
    VALUES_MISSED = "values_missed"  # the gate derives values that the plan does not know
    ROWS_UNREACHED = "rows_unreached"  # rows name the person, and the map has no link from them
    OTHER_KIND = "other_kind"  # whom it is about is of another kind of people, or of none
    INVARIANT_BROKEN = "invariant_broken"  # the application could not take what would be left
    MAP_UNPROVED = "map_unproved"  # nobody looked for what an erasure by this data map leaves
    APPLY_FAILED = "apply_failed"
    BUNDLE_FAILED = "bundle_failed"
    VERIFICATION_FAILED = "verification_failed"
    NOT_APPROVED = "not_approved"
    MODE_OBSERVE = "mode_observe"  # approved, and no run changes anything in this mode
    AMBIGUOUS = "ambiguous"
    IDENTITY = "identity"
    CONTROLLER = "controller"  # the tenant's controller has not instructed it
    DUPLICATE = "duplicate"
    DECIDED_BEFORE = "decided_before"  # held or refused before the database was put back
    INTERNAL_ERROR = "internal_error"


FAILURES: Final = frozenset(
    {
        Obstacle.PLAN_CHANGED,
        Obstacle.TOO_MANY_ROWS,
        Obstacle.MENTION_REFUSED,
        Obstacle.VALUES_MISSED,
        Obstacle.ROWS_UNREACHED,
        Obstacle.OTHER_KIND,
        Obstacle.INVARIANT_BROKEN,
        Obstacle.MAP_UNPROVED,
        Obstacle.APPLY_FAILED,
        Obstacle.BUNDLE_FAILED,
        Obstacle.VERIFICATION_FAILED,
        Obstacle.INTERNAL_ERROR,
    }
)
"""Obstacles that make a run red; the others wait for review."""


class Purpose(StrEnum):
    """What an encrypted working copy is for."""

    IDENTIFIERS = "identifiers"  # as given with the request
    IDENTITY = "identity"  # how the requester's identity was verified
    PERSON = "person"  # every value known of the person, taken before the rows change
    RECTIFICATION = "rectification"
    CORRECTIONS = "corrections"  # the values that were wrong, and what takes their place
    CHALLENGE = "challenge"  # what was sent where, to be answered from there
    CONFIRMATION = "confirmation"  # codes that a controller sends back to confirm an instruction
    CANDIDATES = "candidates"  # the people whom an ambiguous request could mean
    INSTRUCTION = "instruction"  # what the controller instructed, and how it came
    REQUESTER = "requester"  # whom the letters go to, and in which language
    DELIVERY = "delivery"  # where the link to a bundle and its code can be sent
    RECIPIENT = "recipient"  # by what the recipient of a bundle is known
    COMMENTS = "comments"  # what officers wrote about it


class EffectAction(StrEnum):
    """An effect outside the database."""

    DELETE_OBJECT = "delete_object"
    REWRITE_OBJECT = "rewrite_object"  # Parquet
    REDACT_OBJECT = "redact_object"  # text
    CORRECT_OBJECT = "correct_object"  # Parquet


@dataclass(frozen=True)
class Portion:
    """A part of a large erasure's rows, which one short transaction changes.

    Attributes:
        number: from 1; they are changed in this order.
        table: None for the last one, which looks for rows of the person that came meanwhile.
        own: keys of the person's own rows.
        mentioned: keys of rows in which the person is mentioned.
        shared: keys of own rows that go if nobody else needs them by then.
    """

    number: int
    table: TableName | None
    own: frozenset[RowKey] = field(repr=False, default=frozenset())
    mentioned: frozenset[RowKey] = field(repr=False, default=frozenset())
    shared: frozenset[RowKey] = field(repr=False, default=frozenset())


@dataclass(frozen=True)
class Effect:
    """One pending file effect.

    Attributes:
        request_id: None where it belongs to a sweep rule.
        path: personal data where the path carries a name; wiped when the effect is recorded.
    """

    effect_id: int
    request_id: str | None
    action: EffectAction
    store: str
    pattern: str
    path: str = field(repr=False)


@dataclass(frozen=True)
class EffectTotal:
    """How many effects of one sort are finished.

    Attributes:
        done: objects that were there and were treated.
        absent: objects found already absent: never counted as erased.
    """

    action: EffectAction
    store: str
    pattern: str
    done: int
    absent: int


@dataclass(frozen=True)
class StoredPlan:
    """A plan as stored: its digest and the text that people read.

    Attributes:
        inventory_digest: of what is neither in the steps nor in the text; None for a plan from before
            it was kept.
    """

    request_id: str
    digest: str
    datamap_digest: str
    steps: str
    readable: str
    planned_at: datetime
    inventory_digest: str | None

    def require_bound(self) -> None:
        """Refuse steps or a text that the digest is not over.

        Raises:
            EvidenceBroken: somebody changed them.
        """
        if self.inventory_digest is not None and self.digest != bound_digest(
            self.inventory_digest, self.steps, self.readable
        ):
            raise EvidenceBroken(
                f"{self.request_id}: the plan in lacuna.plan does not match its digest "
                f"{self.digest[:12]}; nothing changed. Find out who changed it, then hold the "
                "request so that it is planned again"
            )


@dataclass(frozen=True)
class SealedBundle:
    """A sealed bundle on record.

    Attributes:
        passphrase: the generated passphrase, encrypted with the request's key; None where
            the recipient gave a key, or once it was shown.
    """

    request_id: str
    org_id: str
    digest: str
    byte_count: int
    sealed_at: datetime
    expires_at: datetime
    passphrase: bytes | None = field(repr=False, default=None)
