"""What each role attempts in an attack, and must be refused."""

from dataclasses import dataclass
from typing import Final

from lacuna.model.run import Role

REFUSED: Final = frozenset({"42501"})  # insufficient_privilege; row-level security says the same
BROKEN_RULE: Final = frozenset({"23514"})  # check_violation
_BATCH: Final = (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER)
_NO_OFFICERS: Final = (
    *_BATCH,
    Role.SEALER,
    Role.AUDITOR,
    Role.ANALYST,
    Role.SUBMITTER,
    Role.DELIVERY,
)
ALL: Final = (*_NO_OFFICERS, Role.DPO)
_SAID: Final = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) values "
)


@dataclass(frozen=True)
class Attempt:
    """Statements under roles, each of which has to be refused."""

    area: str
    attempt: str
    roles: tuple[Role, ...]
    statement: str
    needs_person: bool = False
    """A request that somebody was found for."""
    needs_plan: bool = False
    refusals: frozenset[str] = REFUSED
    counter: str | None = None
    """A sequence that the statement moves. What moves it is rolled back with it if it was altered before."""


ATTEMPTS: Final = (
    Attempt(
        "approval",
        "approve a plan without an officer",
        _NO_OFFICERS,
        "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
        "values (:id, :digest, 'dpo:0badcafe', now())",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "move a planned request to approved",
        _NO_OFFICERS,
        "update lacuna.request set state = 'approved' where request_id = :id",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "move a planned request to approved as an officer, without an approval",
        (Role.DPO,),
        "update lacuna.request set state = 'approved' where request_id = :id",
        needs_plan=True,
        refusals=REFUSED | BROKEN_RULE,
    ),
    Attempt(
        "approval",
        "write an approval into the ledger",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, request_id, phase, action, location, digest, actor) "
        "values (now(), :id, 'outcome', 'approved', 'lacuna.plan', :digest, 'dpo:0badcafe')",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "approve a rule of a sweep",
        _NO_OFFICERS,
        "insert into lacuna.rule_approval (rule, digest, max_rows, approved_by, approved_at) "
        "values ('lacuna-attack', :digest, null, 'dpo:0badcafe', now())",
    ),
    Attempt(
        "approval",
        "write a refusal into the ledger",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
        "values (now(), 'outcome', 'refused', 'lacuna.request', 'dpo:0badcafe')",
    ),
    Attempt(
        "approval",
        "hold a request",
        _NO_OFFICERS,
        "update lacuna.request set state = 'held', ground = '17(3)(e)' where request_id = :id",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "hold the rows of one table",
        _NO_OFFICERS,
        "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, held_at, "
        "held_by) values (:id, :org, 'lacuna.attack', '17(3)(e)', now(), now(), 'flow:attack')",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "give a request more time",
        _NO_OFFICERS,
        "update lacuna.request set extended_at = now(), due_at = due_at + interval '2 months' "
        "where request_id = :id",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "withdraw a request",
        tuple(role for role in _NO_OFFICERS if role is not Role.EXECUTOR),
        "update lacuna.request set state = 'withdrawn', closed_at = now() where request_id = :id",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "tell the requester of a refusal",
        _NO_OFFICERS,
        "insert into lacuna.letter (letter_id, org_id, request_id, kind, language, envelope, next_at, "
        "created_at) values (:id, :org, :id, 'refusal', 'en', '', now(), now())",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "write into the ledger in an officer's name",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
        "values (now(), :id, 'outcome', 'received', 'lacuna.request', 'dpo:0badcafe')",
        needs_plan=True,
    ),
    Attempt(
        "approval",
        "register an officer without the owner's login",
        ALL,
        "insert into lacuna.officer (name, actor, org_id, added_at) "
        "values ('attacker', 'dpo:0badcafe', '*', now())",
        counter="lacuna.officer_officer_id_seq",
    ),
    Attempt(
        "approval",
        "let a rule approve plans without the owner's login",
        ALL,
        "insert into lacuna.standing_decision (rule, scope, decided_at) "
        "values ('rule:approval-auto', '*', now()) on conflict (rule) do nothing",
    ),
    Attempt(
        "consent",
        "record a consent that nobody gave",
        _NO_OFFICERS,
        "insert into lacuna.consent_entry (org_id, call_key, status, method, occurred_at, recorded_at, "
        "recorded_by) values (:org, 'lacuna-attack', 'granted', 'verbal', now(), now(), 'rule:reappearance')",
        counter="lacuna.consent_entry_entry_id_seq",
    ),
    Attempt(
        "consent",
        "set the person of an older consent entry",
        tuple(role for role in _NO_OFFICERS if role is not Role.PLANNER),
        "insert into lacuna.subject (subject_id, org_id, contact_id) "
        "values (gen_random_uuid(), :org, 'lacuna-attack')",
    ),
    Attempt(
        "evidence",
        "change an entry of the ledger",
        (*ALL, Role.OWNER),
        "update lacuna_evidence.entry set actor = 'dpo:0badcafe' where false",
    ),
    Attempt(
        "evidence",
        "delete entries of the ledger",
        (*ALL, Role.OWNER),
        "delete from lacuna_evidence.entry where false",
    ),
    Attempt(
        "evidence",
        "delete a checkpoint",
        (*ALL, Role.OWNER),
        "delete from lacuna_evidence.checkpoint where false",
    ),
    Attempt(
        "evidence",
        "delete the record of a seal",
        (*ALL, Role.OWNER),
        "delete from lacuna_evidence.seal where false",
    ),
    Attempt(
        "evidence",
        "write a checkpoint without sealing",
        tuple(role for role in ALL if role is not Role.SEALER),
        "insert into lacuna_evidence.checkpoint (size, root, note, at) values (1, :digest, '', now())",
    ),
    Attempt(
        "evidence",
        "record a report without sealing",
        tuple(role for role in ALL if role is not Role.SEALER),
        "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
        "values (now(), 'outcome', 'reported', 'evidence/reports', :digest, 'flow:seal')",
    ),
    Attempt(
        "evidence",
        "claim that rows were changed",
        tuple(role for role in ALL if role is not Role.EXECUTOR),
        "insert into lacuna_evidence.entry (at, phase, action, location, rows, actor) "
        "values (now(), 'outcome', 'anonymize_rows', 'lacuna.attack', 1, 'flow:fulfilment')",
    ),
    *(
        Attempt(
            "evidence",
            f"claim that {what}",
            tuple(role for role in ALL if role is not by),
            _SAID + f"(now(), :id, 'outcome', '{action}', 'lacuna.attack', 'flow:attack')",
            needs_plan=True,
        )
        for what, action, by in (
            ("the gates passed", "verified", Role.VERIFIER),
            ("nobody was found", "nothing_found", Role.VERIFIER),
            ("files were rewritten", "scrub", Role.EXECUTOR),
            ("files were deleted", "delete_objects", Role.EXECUTOR),
            ("files were moved into quarantine", "quarantine_objects", Role.EXECUTOR),
        )
    ),
    Attempt(
        "evidence",
        "replace a result of the gates",
        tuple(role for role in ALL if role is not Role.VERIFIER),
        "insert into lacuna.verification (request_id, attempt, verified_at, passed, result) "
        "values (:id, 0, now(), true, '{}')",
        needs_plan=True,
    ),
    Attempt(
        "evidence",
        "close a request as about nobody",
        tuple(role for role in ALL if role is not Role.VERIFIER),
        "update lacuna.request set state = 'nothing_found', closed_at = now() where request_id = :id",
        needs_person=True,
    ),
    Attempt(
        "evidence",
        "register a key as a worker's key",
        ALL,
        "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
        "values (now(), 'outcome', 'key_named', 'work_keys', :digest, 'system:worker')",
    ),
    Attempt(
        "evidence",
        "remove the ledger's triggers",
        ALL,
        "alter table lacuna_evidence.entry disable trigger all",
    ),
    Attempt(
        "roles",
        "give a role to oneself",
        ALL,
        "grant lacuna_executor to current_user",
    ),
    Attempt(
        "tenants",
        "queue a request for another tenant",
        (Role.SUBMITTER,),
        "insert into lacuna.request_inbox (org_id, kinds, emails) "
        "values ('lacuna-attack-other-tenant', '{erasure}', '{nobody@example.org}')",
        counter="lacuna.request_inbox_inbox_id_seq",
    ),
)
