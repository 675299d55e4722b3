"""One request as the page shows it: everything about it that names nobody."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from lacuna.datamap import load_tenants
from lacuna.dpo_page.assignments import officer_names
from lacuna.dpo_page.user_rights import Visit
from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.model.evidence import Action, Leaf, Phase
from lacuna.model.ground import MEANINGS, shared_grounds
from lacuna.model.queue import Obstacle, Purpose, SealedBundle, StoredPlan
from lacuna.model.register import Approval, Filed, Gates, SeenPlan
from lacuna.model.request import NEXT, Request, RequestKind, RequestState, is_past
from lacuna.model.run import StepLine
from lacuna.ports import Transaction
from lacuna.request import comments_of, identifiers_of, requester_of, resumed

# Art. 15 to 21 are the rights; before and after them stand grounds against any of them.
_FIRST_OF_RIGHTS, _FIRST_OF_LAWS = 15, 23
_OF_IDENTITY: Final = frozenset({"11(2)", "12(2)", "12(5)", "12(5)(b)", "12(6)"})
"""Grounds for a request of which nobody knows whose it is: no right was weighed yet."""
_WAITING_FOR_PEOPLE: Final = frozenset(
    {
        RequestState.IDENTITY_PENDING,
        RequestState.AMBIGUOUS,
        RequestState.PLANNED,
        RequestState.HELD,
    }
)
_BEGINNINGS: Final = frozenset(
    {Action.RECTIFY, Action.RESTRICT, Action.SEAL_BUNDLE, Action.RELEASE_BUNDLE}
)
_STEP: Final = re.compile(r"([0-9]+)\. (.*)")
CERTIFICATE_FORMS: Final = {"json": "application/json", "html": "text/html"}


@dataclass(frozen=True)
class Run:
    """A run that worked on a request.

    Attributes:
        dag_id, dag_run_id: None for a run without Airflow.
        lines: what it did for this request.
    """

    flow: str
    run_id: str
    dag_id: str | None
    dag_run_id: str | None
    lines: tuple[StepLine, ...]


@dataclass(frozen=True)
class Dossier:
    """Everything about one request that names nobody.

    Attributes:
        given: how many identifiers of each kind, in words, came with it.
        bundle: the sealed bundle, while its file is kept.
        is_ambiguous: whether somebody must choose between people.
        is_asked: whether Lacuna mailed the requester a code, as a proof of identity.
        is_by_mail: whether a letter reaches the requester.
        letter_language: of letters about it, ISO 639-1.
        officers_missing: how many officers must still approve the plan; 0 without a plan.
        reader: role and key id of the officer who reads; empty for anybody else.
        officer: who has it, as role and key id; None: nobody.
        officers: names of the tenant's officers by role and key id; none for who is no officer.
        commented_at: times of the comments on it.
        seen_plans: plans of it that the reader saw, the last one first.
        resumed: the request as it would be if its clock ran again now.
    """

    filed: Filed
    plan: StoredPlan | None
    approvals: list[Approval]
    gates: list[Gates]
    leaves: list[Leaf]
    runs: list[Run]
    given: dict[str, int]
    certificates: list[str]
    bundle: SealedBundle | None
    is_ambiguous: bool
    is_asked: bool
    is_by_mail: bool
    letter_language: str
    officers_missing: int
    reader: str
    officer: str | None
    officers: Mapping[str, str]
    commented_at: list[datetime]
    seen_plans: Sequence[SeenPlan]
    resumed: Request

    @property
    def request(self) -> Request:
        """The request itself."""
        return self.filed.request

    @property
    def is_expired(self) -> bool:
        """Whether its certificate was deleted after its retention."""
        return any(leaf.entry.action is Action.CERTIFICATE_EXPIRED for leaf in self.leaves)

    @property
    def has_begun(self) -> bool:
        """Whether something was corrected or handed over already."""
        return any(
            leaf.entry.action in _BEGINNINGS and leaf.entry.phase is Phase.OUTCOME
            for leaf in self.leaves
        )

    @property
    def is_released(self) -> bool:
        """Whether its bundle was handed over."""
        handed = {Action.SEAL_BUNDLE, Action.RELEASE_BUNDLE, Action.LINK_REVOKED}
        said = [leaf.entry.action for leaf in self.leaves if leaf.entry.action in handed]
        return bool(said) and said[-1] is Action.RELEASE_BUNDLE

    @property
    def steps(self) -> list[tuple[int, str]]:
        """The plan's steps by their number, each in a sentence."""
        lines = [] if self.plan is None else self.plan.readable.splitlines()
        return [(int(found[1]), found[2]) for line in lines if (found := _STEP.fullmatch(line))]

    @property
    def changes(self) -> list[tuple[int, str]]:
        """The steps that change something or hand it over."""
        return [(number, step) for number, step in self.steps if not _stays(step)]

    @property
    def stays(self) -> list[tuple[int, str]]:
        """The steps that say what stays, and on which ground."""
        return [(number, step) for number, step in self.steps if _stays(step)]

    @property
    def milestones(self) -> list[tuple[str, datetime | None]]:
        """The way of a request, and when each point of it was last reached."""
        reached = {leaf.entry.action: leaf.entry.at for leaf in self.leaves}
        # The clock began when it was received, and not when it was written down.
        if Action.RECEIVED in reached:
            reached[Action.RECEIVED] = self.request.received_at
        ends = {Action.REFUSED: "refused", Action.NOTHING_FOUND: "nobody found"}
        for action, name in ends.items():
            if action in reached:
                return [("received", reached.get(Action.RECEIVED)), (name, reached[action])]
        if self.request.state is RequestState.PLANNED:
            reached.pop(Action.APPROVED, None)  # it was of an earlier plan, or was revoked
        way = {
            "received": Action.RECEIVED,
            "planned": Action.PLANNED,
            "approved": Action.APPROVED,
            "verified": Action.VERIFIED,
            "completed": Action.COMPLETED,
        }
        if RequestKind.ERASURE not in self.request.kinds:
            del way["approved"]
        return [(name, reached.get(action)) for name, action in way.items()]

    @property
    def is_approvable(self) -> bool:
        """Whether a plan waits for its approval, and not only for another officer's."""
        is_waiting = self.request.state is RequestState.PLANNED and self.plan is not None
        return is_waiting and not (self.is_approved_by_reader and self.officers_missing)

    @property
    def is_approved_by_reader(self) -> bool:
        """Whether the reader approved the plan as it is now."""
        return any(
            (each.approved_by, each.digest) == (self.reader, self.request.plan_digest)
            for each in self.approvals
        )

    @property
    def waits_for_a_run(self) -> bool:
        """Whether nobody has to do anything before the next run goes on with it."""
        state = self.request.state
        return not state.is_final and state not in _WAITING_FOR_PEOPLE

    def may_become(self, state: RequestState) -> bool:
        """Whether the request can be moved to a state."""
        return state in NEXT[self.request.state]

    @property
    def grounds(self) -> list[tuple[str, str]]:
        """The articles on which all of the rights may be refused now, each with what it says.

        Those of the rights themselves come first, then those of any right. While identity is not
        verified, only grounds that rest on that.
        """
        found = shared_grounds(self.request.kinds)
        if not self.request.is_verified:
            return _told(one for one in found if one in _OF_IDENTITY)
        own = [
            one for one in found if _FIRST_OF_RIGHTS <= int(one.partition("(")[0]) < _FIRST_OF_LAWS
        ]
        return _told([*own, *(one for one in found if one not in own)])


def can_extend(one: Dossier, now: datetime) -> bool:
    """Whether a request can be extended now."""
    request = one.request
    is_in_time = not is_past(request.act_by, now)
    return is_in_time and not request.state.is_final and request.extended_at is None


def missing_extension(one: Dossier, now: datetime) -> str:
    """Return why an overdue request cannot be extended; nothing for any other."""
    request = one.request
    if request.state.is_final or not is_past(request.act_by, now) or can_extend(one, now):
        return ""
    if request.extended_at is not None:
        return (
            "It cannot be extended: it was extended before, and that is possible once (Art. 12(3))."
        )
    return "It cannot be extended any more: that is possible only before its deadline (Art. 12(3))."


def _told(grounds: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, MEANINGS[one]) for one in grounds]


def _stays(step: str) -> bool:
    return step.startswith("retain ")


def read_dossier(visited: Visit, request_id: str, transaction: Transaction) -> Dossier:
    """Return everything about a request of the tenant.

    Raises:
        UnknownRequest: the tenant has no such request.
    """
    register, queue = transaction.register, transaction.queue
    filed = register.filed(request_id)
    if filed.obstacle is Obstacle.CONTROLLER and transaction.agreements.instructed([request_id]):
        filed = replace(filed, obstacle=None)  # the next run sees it
    leaves = list(transaction.ledger.leaves(request_id=request_id))
    batches = [leaf.entry.batch_id for leaf in leaves if leaf.entry.batch_id is not None]
    if filed.batch_id is not None:
        batches.append(filed.batch_id)
    found = [register.run_of(each) for each in dict.fromkeys(batches)]
    is_waiting = filed.request.state is RequestState.AMBIGUOUS
    return Dossier(
        filed=filed,
        plan=queue.plans.get(request_id),
        approvals=register.approvals(request_id),
        gates=register.gates(request_id),
        leaves=leaves,
        runs=[_run(visited, request_id, *each) for each in found if each is not None],
        given=_given(filed.request, visited, transaction),
        certificates=[
            form
            for form in CERTIFICATE_FORMS
            if certificate_path(visited, request_id, form).is_file()
        ],
        bundle=_kept_bundle(visited, request_id, transaction),
        is_ambiguous=(is_waiting or filed.obstacle is Obstacle.AMBIGUOUS)
        and queue.secrets.get(request_id, Purpose.CANDIDATES) is not None,
        is_asked=queue.secrets.get(request_id, Purpose.CHALLENGE) is not None,
        reader=visited.officer,
        officers_missing=0
        if filed.request.plan_digest is None
        else queue.plans.officers_missing(filed.request, filed.request.plan_digest),
        is_by_mail=queue.secrets.get(request_id, Purpose.REQUESTER) is not None,
        letter_language=_letter_language(filed.request, visited, transaction),
        officer=transaction.assignments.of([request_id]).get(request_id),
        officers=officer_names(visited, transaction),
        commented_at=_commented_at(filed.request, visited, transaction),
        seen_plans=transaction.plan_views.of(request_id, visited.officer)
        if visited.officer
        else (),
        resumed=resumed(
            filed.request,
            visited.stores.clock.now(),
            country=load_tenants(visited.stores.tenants_path).by_org[visited.org_id].country,
        ),
    )


def reading(visited: Visit) -> AbstractContextManager[Transaction]:
    """Begin a transaction that reads the tenant's register, and nothing of another tenant."""
    return visited.stores.transaction(visited.role, org_id=visited.org_id, is_read_only=True)


def certificate_path(visited: Visit, request_id: str, form: str) -> Path:
    """Return where the certificate of a request lies, or would."""
    evidence = visited.stores.home / "evidence"
    present = evidence / "certificates" / f"{request_id}.{form}"
    if present.is_file():
        return present
    # One that a restore superseded stays true of its time.
    superseded = sorted(evidence.glob(f"superseded/*/certificates/{request_id}.{form}"))
    return superseded[-1] if superseded else present


def _kept_bundle(visited: Visit, request_id: str, transaction: Transaction) -> SealedBundle | None:
    expiry = transaction.register.bundle_expiry(request_id)
    if expiry is None or expiry[1] or expiry[0] <= visited.stores.clock.now():
        return None
    return transaction.queue.bundles.get(request_id)


def _run(visited: Visit, request_id: str, flow: str, run_id: str) -> Run:
    dag_id, is_airflows, dag_run_id = run_id.partition(".")
    if not is_airflows or dag_id != f"gdpr_{flow}":
        dag_id = dag_run_id = ""
    try:
        lines = visited.stores.run_log.read(run_id)
    except EvidenceBroken:
        # The seal says so, to everybody; here the rest of the page is worth more.
        lines = ()
    own = tuple(line for line in lines if line.request_id == request_id)
    return Run(flow, run_id, dag_id or None, dag_run_id or None, own)


def _letter_language(request: Request, visited: Visit, transaction: Transaction) -> str:
    """Return the language of letters about a request: the requester's, or the tenant's."""
    with suppress(EvidenceBroken, UnknownRequest):
        requester = requester_of(request, visited.desk(transaction, actor="system:dpo-page"))
        if requester is not None:
            return requester["language"] or "en"
    tenant = load_tenants(visited.stores.tenants_path).by_org.get(request.org_id)
    return "en" if tenant is None else tenant.language


def _given(request: Request, visited: Visit, transaction: Transaction) -> dict[str, int]:
    """Return how many identifiers of each kind came with a request; none once forgotten."""
    desk = visited.desk(transaction, actor="system:dpo-page")
    try:
        return dict(Counter(one.kind.words for one in identifiers_of(request, desk)))
    except (EvidenceBroken, UnknownRequest):
        return {}


def _commented_at(request: Request, visited: Visit, transaction: Transaction) -> list[datetime]:
    """Return when a request was commented on; never once it is closed, and its key is gone."""
    desk = visited.desk(transaction, actor="system:dpo-page")
    try:
        return [one.at for one in comments_of(request, desk)]
    except (EvidenceBroken, UnknownRequest):
        return []
