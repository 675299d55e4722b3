"""The statement on one request: what its ledger entries, its plan and its gates say, no more.

A pure function: no clock, no chance, no database. Written again from the same leaves it has the
same bytes. It claims what entries record, and is refused where anything is missing.

The entry that closes the request names the statement's digest. The certificate, which `certificate`
makes of it when the ledger is sealed, does not change a byte of it.
"""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

import rfc8785

from lacuna.errors import EvidenceBroken, VerificationFailed
from lacuna.evidence.canonical_bytes import document, leaf_of, result_digest
from lacuna.evidence.canonical_json import read_canonical
from lacuna.evidence.durable_files import write_once
from lacuna.evidence.needed_gates import require_gates
from lacuna.evidence.scrub_depth import L0
from lacuna.evidence.summary import CHANGING, approver, done, repeats, times, unrevoked_from
from lacuna.model.evidence import Action, Entry, Leaf, Phase
from lacuna.model.finding import Verification
from lacuna.model.hold import HELD
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    JoinRows,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    Retain,
    RewriteObjects,
    Step,
    WriteBundle,
    location_of,
)
from lacuna.model.request import CONTACT, RequestKind
from lacuna.model.scrub import ReachedLevel

_RowStep = (
    AnonymizeRows
    | RedactText
    | RedactMentions
    | EmptyFiles
    | LinkTombstone
    | DeleteRows
    | RefreshView
    | DeleteObjects
    | RewriteObjects
    | Rectify
    | RectifyCopies
    | RectifyObjects
)
_StatementJson = (
    None | bool | int | str | Sequence["_StatementJson"] | Mapping[str, "_StatementJson"]
)

FORM: Final = "lacuna-statement/1"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:lacuna:certificate")


class StatementType(StrEnum):
    """What is certified."""

    ERASURE = "erasure"
    ACCESS = "access"  # or portability
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"  # or objection
    NOTHING_FOUND = "nothing_found"
    REFUSED = "refused"


@dataclass(frozen=True)
class Statement:
    """A statement, ready to be written.

    Attributes:
        certificate_id: follows from the request's id.
        content: canonical JSON (RFC 8785).
    """

    certificate_id: str
    request_id: str
    type: StatementType
    content: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hex: what the closing entry of the ledger names."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class About:
    """Whom a request was about.

    Attributes:
        digests: of the person's identifiers under the request's key (`subject_digests`).
        kind: what the person is to the platform: a contact, or another kind of its map.
        crowd: of an erasure, how many people of this kind and tenant were erased in that year and have
            rows in the same tables, this one too; ten stand for more. None where nobody is erased.
    """

    digests: Collection[str] = ()
    kind: str = CONTACT
    crowd: int | None = None


CROWD: Final = 10
"""People among whose rows those of one of them do not stand apart."""

_A_CONTACT: Final = About()
_WRITTEN: Final = (
    "texts that people wrote are not rewritten and still contain the corrected value (16)"
)


def certify(
    leaves: Sequence[Leaf],
    *,
    plan: Plan | None,
    verification: Verification | None,
    about: About = _A_CONTACT,
    ground: str | None = None,
) -> Statement:
    """Return the certificate of the request that `leaves` are about.

    Leaves after the entry that is certified (`verified`, `nothing_found` or `refused`) do not
    count: a certificate does not change when the request is closed or its key destroyed.

    1. All leaves are of one request, in order, and fit their hashes.
    2. What was done is finished: every intent has its outcome, and every step of the plan has
       one, after the approval of this very plan (an erasure must have been approved).
    3. Verification came last, ran the gates that the plan calls for, and found nothing.

    Args:
        leaves: those of the ledger that have the request's id, in order.
        plan: what was approved and applied; None where there was none.
        verification: what the gates said; None only for a refusal, or where nothing was found.
        about: the person, without a name.
        ground: the article of a refusal.

    Raises:
        EvidenceBroken: the leaves do not hold, or do not belong together.
        VerificationFailed: a gate failed or did not run, or something is not finished.
    """
    request_id = _request_of(leaves)
    leaves, closing = _certified_part(leaves, request_id)
    if (verification is not None and verification.request_id != request_id) or (
        plan is not None and plan.request_id != request_id
    ):
        raise EvidenceBroken(
            f"{request_id}: the plan or the verification belongs to another request"
        )
    if verification is not None and not verification.passed:
        raise VerificationFailed(
            f"{request_id}: no certificate, because {len(verification.findings)} findings are "
            f"open and {len(verification.gates)} gates ran; see lacuna verify {request_id}"
        )
    match closing.entry.action:
        case Action.REFUSED:
            kind = StatementType.REFUSED
        case Action.NOTHING_FOUND:
            kind = StatementType.NOTHING_FOUND
        case _:
            if plan is None or verification is None:
                raise VerificationFailed(
                    f"{request_id}: a certificate needs the plan and the gate results"
                )
            _require_result(closing, plan, verification)
            require_gates(plan, verification)
            _require_finished(plan, leaves)
            kind = _type_of(plan)
    if kind in (StatementType.REFUSED, StatementType.NOTHING_FOUND):
        _require_nothing_done(leaves, request_id)
    certificate_id = str(uuid.uuid5(_NAMESPACE, request_id))
    statement: Mapping[str, _StatementJson] = {
        "form": FORM,
        "certificate_id": certificate_id,
        "request_id": request_id,
        "type": kind.value,
        "rights": None if plan is None else [each.value for each in plan.kinds],
        "covers": None if plan is None else plan.level.value,
        "times": times(leaves, closing.entry.at),
        "ground": ground,
        "subject": sorted(about.digests),
        # Of a contact it is left out: such statements stay what they were.
        **({"person_kind": about.kind} if about.kind != CONTACT else {}),
        "approved_by": approver(leaves),
        # After a restore or a late export: what was done for these requests had to be done again.
        **({"repeats": repeated} if (repeated := repeats(leaves)) else {}),
        "plan_digest": None if plan is None else plan.digest,
        "datamap_digest": None if plan is None else plan.datamap_digest,
        "done": done(leaves),
        "absent": _absent(plan),
        "kept": [*_kept(plan), *_written(verification)],
        # Said where it is so alone: what is held makes an erasure a partial one.
        **({"completeness": "partial"} if _is_partial(plan) else {}),
        **({"texts": "obfuscated"} if _is_obfuscated(plan) else {}),
        **({} if about.crowd is None else {"crowd": min(about.crowd, CROWD)}),
        # What had been reached when the gates ran: deeper is claimed by later entries alone.
        "level": L0 if kind is StatementType.ERASURE else None,
        "levels": [asdict(one) for one in _levels(verification)],
        "unreached": [asdict(one) for level in _levels(verification) for one in level.beyond],
        "verification": None
        if verification is None
        else {
            "gates": sorted(gate.value for gate in verification.gates),
            "findings": len(verification.findings),
            "searched": verification.searched,
            "opaque": sorted(verification.opaque),
            "unnamed": sorted(verification.unnamed),
            # Statements from before values were counted by class stay what they were.
            **(
                {"values": [asdict(each) for each in verification.values]}
                if verification.values
                else {}
            ),
            **({"places": asdict(verification.places)} if verification.places else {}),
        },
        "entries": [document(leaf.entry, leaf.position) for leaf in leaves],
    }
    return Statement(certificate_id, request_id, kind, rfc8785.dumps(statement))


def write_statement(statement: Statement, folder: Path) -> Path:
    """Write the statement, named after the request, durably; the same one twice is one.

    Raises:
        EvidenceBroken: the folder holds another statement on this request.
        DependencyUnreachable: the folder cannot be written.
    """
    path = folder / f"{statement.request_id}.json"
    write_once(path, statement.content)
    return path


def is_statement_of(content: bytes, request_id: str) -> bool:
    """Whether these bytes have the form of a statement on this request; nobody signed them."""
    try:
        found = read_canonical(content, "the statement")
    except EvidenceBroken:
        return False
    return (found.get("form"), found.get("request_id")) == (FORM, request_id)


_CLOSING: Final = frozenset(
    {
        Action.VERIFIED,
        Action.VERIFICATION_FAILED,
        Action.NOTHING_FOUND,
        Action.REFUSED,
        Action.WITHDRAWN,
    }
)
_HANDING_OVER: Final = frozenset({Action.WRITE_BUNDLE, Action.SEAL_BUNDLE})


def _request_of(leaves: Sequence[Leaf]) -> str:
    """Return the one request of these leaves, which are in order and fit their hashes."""
    requests = {leaf.entry.request_id for leaf in leaves}
    (request_id,) = requests if len(requests) == 1 else (None,)
    if request_id is None:
        raise EvidenceBroken(
            f"{len(leaves)} ledger entries of {len(requests)} requests cannot make a certificate"
        )
    last = -1
    for leaf in leaves:
        if leaf.position <= last or leaf_of(leaf.entry, leaf.position) != leaf:
            raise EvidenceBroken(
                f"{request_id}: the ledger entry at position {leaf.position} is out of order or "
                "does not match its hash; stop all processing and check the ledger"
            )
        last = leaf.position
    return request_id


def _certified_part(leaves: Sequence[Leaf], request_id: str) -> tuple[Sequence[Leaf], Leaf]:
    """Return the leaves up to the last that closes something, and that leaf."""
    for index in range(len(leaves) - 1, -1, -1):
        entry = leaves[index].entry
        if entry.action in _CLOSING and entry.phase is Phase.OUTCOME:
            if entry.action in (Action.VERIFICATION_FAILED, Action.WITHDRAWN):
                break
            # A bundle is sealed after it was verified; that belongs to what is certified.
            end = index + 1
            while end < len(leaves) and leaves[end].entry.action is Action.SEAL_BUNDLE:
                end += 1
            if any(leaf.entry.action in CHANGING for leaf in leaves[end:]):
                break  # data was changed again since
            return leaves[:end], leaves[index]
    raise VerificationFailed(
        f"{request_id}: no certificate, because the ledger does not record that the request was "
        f"verified, refused or without a match after its last step; see lacuna verify {request_id}"
    )


def _require_result(closing: Leaf, plan: Plan, verification: Verification) -> None:
    # Entries from before results were bound name the plan.
    if closing.entry.digest not in (result_digest(verification, plan.digest), plan.digest):
        raise EvidenceBroken(
            f"{plan.request_id}: the gate results differ from those that the ledger names at "
            f"position {closing.position}; stop all processing and compare them with a backup"
        )


def _require_finished(plan: Plan, leaves: Sequence[Leaf]) -> None:
    # What was intended under an earlier plan and has no outcome was rolled back with it: once
    # anything is done, there is no way back to a new plan.
    entries = [leaf.entry for leaf in leaves[_approved_from(plan, leaves) :]]
    open_intents: set[tuple[Action, str]] = set()
    for entry in entries:
        if entry.action in CHANGING and entry.phase is Phase.INTENT:
            open_intents.add((entry.action, entry.location))
        elif entry.action in CHANGING:
            open_intents -= {
                (action, place)
                for action, place in open_intents
                if action is entry.action and _lies_in(entry.location, place)
            }
    if open_intents:
        raise VerificationFailed(
            f"{plan.request_id}: no certificate, because {len(open_intents)} intents in the "
            "ledger have no outcome; run the fulfilment again"
        )
    outcomes = [entry for entry in entries if entry.phase is Phase.OUTCOME]
    undone = sum(not _is_recorded(step, outcomes) for step in plan.steps)
    if undone:
        raise VerificationFailed(
            f"{plan.request_id}: no certificate, because {undone} of {len(plan.steps)} steps have "
            "no outcome in the ledger; run the fulfilment again"
        )


def _approved_from(plan: Plan, leaves: Sequence[Leaf]) -> int:
    """Return the index of the first leaf after the plan was approved, or made."""
    deciding = {Action.APPROVED}
    if RequestKind.ERASURE not in plan.kinds:
        deciding.add(Action.PLANNED)
    decided = [
        (index, leaf.entry.digest)
        for index, leaf in enumerate(leaves)
        if index >= unrevoked_from(leaves)
        and leaf.entry.action in deciding
        and leaf.entry.phase is Phase.OUTCOME
    ]
    if not decided or decided[-1][1] != plan.digest:
        raise EvidenceBroken(
            f"{plan.request_id}: no certificate, because the ledger has no approval of the plan "
            f"{plan.digest[:12]}"
        )
    return 1 + min(index for index, digest in decided if digest == plan.digest)


def _require_nothing_done(leaves: Sequence[Leaf], request_id: str) -> None:
    # An intent alone was rolled back; a bundle may have been handed over before the refusal.
    done = sum(
        leaf.entry.action in CHANGING - _HANDING_OVER and leaf.entry.phase is Phase.OUTCOME
        for leaf in leaves
    )
    if done:
        raise EvidenceBroken(
            f"{request_id}: refused or without a match, but {done} ledger entries record changes "
            "of data; find out which is true"
        )


def _is_recorded(step: Step, outcomes: Sequence[Entry]) -> bool:
    done = {entry.action for entry in outcomes}
    match step:
        case Restrict():
            return Action.RESTRICT in done
        case WriteBundle():
            return done >= _HANDING_OVER
        case JoinRows() | Retain():
            return True
        case _:
            action, place = _action_of(step), location_of(step)
            return step.rows == 0 or any(
                entry.action is action and _lies_in(entry.location, place) for entry in outcomes
            )


def _action_of(step: _RowStep) -> Action:
    match step:
        case AnonymizeRows():
            return Action.ANONYMIZE_ROWS
        case RedactText():
            return Action.REDACT_TEXT
        case RedactMentions():
            return Action.REDACT_MENTIONS
        case EmptyFiles():
            return Action.EMPTY_FILES
        case LinkTombstone():
            return Action.LINK_TOMBSTONE
        case DeleteRows():
            return Action.DELETE_ROWS
        case RefreshView():
            return Action.REFRESH_VIEW
        case DeleteObjects():
            return Action.DELETE_OBJECTS
        case RewriteObjects():
            return Action.REWRITE_OBJECTS
        case Rectify() | RectifyCopies() | RectifyObjects():
            return Action.RECTIFY
        case _:
            assert_never(step)


def _lies_in(location: str, place: str) -> bool:
    """Whether a location is a place, or a column of that table, or a pattern of that store."""
    return location == place or location.startswith((f"{place}.", f"{place}/"))


def _type_of(plan: Plan) -> StatementType:
    kinds = set(plan.kinds)
    if RequestKind.ERASURE in kinds:
        return StatementType.ERASURE
    if kinds & {RequestKind.ACCESS, RequestKind.PORTABILITY}:
        return StatementType.ACCESS
    if RequestKind.RECTIFICATION in kinds:
        return StatementType.RECTIFICATION
    return StatementType.RESTRICTION


def _levels(verification: Verification | None) -> tuple[ReachedLevel, ...]:
    return () if verification is None else verification.levels


def _absent(plan: Plan | None) -> list[dict[str, str | int]]:
    """Return objects that rows named and that were not there before: nobody erased them."""
    if plan is None:
        return []
    return [
        {"location": step.store, "objects": step.missing}
        for step in plan.steps
        if isinstance(step, DeleteObjects) and step.missing
    ]


def _is_obfuscated(plan: Plan | None) -> bool:
    """Whether texts became others as a whole, because nothing said what the person is called."""
    return plan is not None and any(
        isinstance(step, RedactText) and step.is_whole for step in plan.steps
    )


def _is_partial(plan: Plan | None) -> bool:
    return plan is not None and any(
        isinstance(step, Retain) and step.ground.startswith(HELD) for step in plan.steps
    )


def _written(verification: Verification | None) -> list[dict[str, str | int]]:
    """Return where what people wrote keeps a value that was corrected elsewhere."""
    if verification is None:
        return []
    return [
        {"location": location, "ground": _WRITTEN, "rows": count}
        for location, count in verification.written
    ]


def _kept(plan: Plan | None) -> list[dict[str, str | int]]:
    if plan is None:
        return []
    return [
        {"location": step.location, "ground": step.ground, "rows": step.rows}
        for step in plan.steps
        if isinstance(step, Retain)
    ]
