"""Attacks an installation's own database by SQL, under each role, and rolls everything back.

A refusal counts only by its SQLSTATE: a statement that fails for another reason, say because a
column has another name since, was not tried.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lacuna.errors import EvidenceBroken
from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.mart import Mart
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.queue import PostgresQueue
from lacuna.stores.postgres.rights import OWN_SCHEMAS, differences, facts
from lacuna.stores.postgres.rights_questions import COMPARED, KNOWN, QUESTIONS, CatalogQuestion

_REFUSED: Final = frozenset({"42501"})  # insufficient_privilege; row-level security says the same
_BROKEN_RULE: Final = frozenset({"23514"})  # check_violation
_WITHOUT_TENANT: Final = _REFUSED | {"42704"}  # the setting that names the tenant is not there
_BATCH: Final = (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER)
_NO_OFFICERS: Final = (*_BATCH, Role.SEALER, Role.AUDITOR, Role.ANALYST, Role.SUBMITTER)
_ALL: Final = (*_NO_OFFICERS, Role.DPO)
_TENANTS_OWN: Final = (Role.DPO, Role.ANALYST, Role.SUBMITTER)
_READERS: Final = frozenset({Role.PLANNER, Role.EXECUTOR, Role.VERIFIER})
_RULE: Final = "lacuna_rule"  # as which nobody acts
_DIGEST: Final = "0" * 64
_MOST_NAMED: Final = 5
_OF_EVERYBODY: Final = frozenset({"lacuna.officer", "lacuna.two_officers"})
"""Tables whose rows of the tenant `*` are every tenant's, and no secret of another."""
_SAID: Final = (
    "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) values "
)
_OTHER_TEXT: Final = "show an officer another plan than the one that is approved"
_OTHER_TEXTS: Final = (
    "update lacuna.plan set readable = '1. nothing' where request_id = :id",
    "update lacuna.plan set readable = '1. nothing', inventory_digest = null where request_id = :id",
)
_STRANGER: Final = "lacuna-attack-no-such-tenant"
_BY_A_LOGIN: Final = ("tenants", "queue a request for a tenant that the login may not use")
_FREE_SUBMITTERS: Final = (
    "select rolname from pg_roles where rolcanlogin and pg_has_role(oid, 'lacuna_submitter', 'member') "
    "and not pg_has_role(oid, 'lacuna_dpo', 'member') "
    "and lacuna.submits_for(rolname::text, :org) order by 1"
)
_OWN_LOGIN: Final = (
    "create role {login} login noinherit",
    "grant lacuna_submitter to {login}",
    "alter sequence lacuna.request_inbox_inbox_id_seq increment 1",
)
"""A login of a moment. What the sequence counts is rolled back with it once it was altered."""
_QUEUED: Final = (
    "insert into lacuna.request_inbox (org_id, kinds, emails) "
    "values (:org, '{erasure}', '{nobody@example.org}')"
)

_RESOLVED: Final = (
    "insert into lacuna.request (request_id, org_id, kinds, level, verified_by, received_at, due_at, "
    "created_at) values (:id, :org, '{erasure}', 'contact', 'recorded', now(), now(), now())",
    "update lacuna.request set state = 'resolved' where request_id = :id",
)
_PLANNED: Final = (
    *_RESOLVED,
    "insert into lacuna.plan (request_id, digest, datamap_digest, steps, readable, planned_at, "
    "inventory_digest) values (:id, :digest, :digest, '[]', '', now(), :digest)",
    "update lacuna.request set state = 'planned', plan_digest = :digest where request_id = :id",
)
"""A request that waits for its approval, made by the planner's own rights."""


@dataclass(frozen=True)
class _Attempt:
    """Statements under roles, each of which has to be refused."""

    area: str
    attempt: str
    roles: tuple[Role, ...]
    statement: str
    needs_person: bool = False
    """A request that somebody was found for."""
    needs_plan: bool = False
    refusals: frozenset[str] = _REFUSED
    counter: str | None = None
    """A sequence that the statement moves. What moves it is rolled back with it if it was altered before."""


_ATTEMPTS: Final = (
    _Attempt(
        "approval",
        "approve a plan without an officer",
        _NO_OFFICERS,
        "insert into lacuna.approval (request_id, digest, approved_by, approved_at) "
        "values (:id, :digest, 'dpo:0badcafe', now())",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "move a planned request to approved",
        _NO_OFFICERS,
        "update lacuna.request set state = 'approved' where request_id = :id",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "move a planned request to approved as an officer, without an approval",
        (Role.DPO,),
        "update lacuna.request set state = 'approved' where request_id = :id",
        needs_plan=True,
        refusals=_REFUSED | _BROKEN_RULE,
    ),
    _Attempt(
        "approval",
        "write an approval into the ledger",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, request_id, phase, action, location, digest, actor) "
        "values (now(), :id, 'outcome', 'approved', 'lacuna.plan', :digest, 'dpo:0badcafe')",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "approve a rule of a sweep",
        _NO_OFFICERS,
        "insert into lacuna.rule_approval (rule, digest, max_rows, approved_by, approved_at) "
        "values ('lacuna-attack', :digest, null, 'dpo:0badcafe', now())",
    ),
    _Attempt(
        "approval",
        "write a refusal into the ledger",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, phase, action, location, actor) "
        "values (now(), 'outcome', 'refused', 'lacuna.request', 'dpo:0badcafe')",
    ),
    _Attempt(
        "approval",
        "hold a request",
        _NO_OFFICERS,
        "update lacuna.request set state = 'held', ground = '17(3)(e)' where request_id = :id",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "hold the rows of one table",
        _NO_OFFICERS,
        "insert into lacuna.item_hold (request_id, org_id, held_table, ground, held_until, held_at, "
        "held_by) values (:id, :org, 'lacuna.attack', '17(3)(e)', now(), now(), 'flow:attack')",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "give a request more time",
        _NO_OFFICERS,
        "update lacuna.request set extended_at = now(), due_at = due_at + interval '2 months' "
        "where request_id = :id",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "withdraw a request",
        tuple(role for role in _NO_OFFICERS if role is not Role.EXECUTOR),
        "update lacuna.request set state = 'withdrawn', closed_at = now() where request_id = :id",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "tell the requester of a refusal",
        _NO_OFFICERS,
        "insert into lacuna.answer (answer_id, org_id, request_id, kind, language, envelope, next_at, "
        "created_at) values (:id, :org, :id, 'refusal', 'en', '', now(), now())",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "write into the ledger in an officer's name",
        _NO_OFFICERS,
        "insert into lacuna_evidence.entry (at, request_id, phase, action, location, actor) "
        "values (now(), :id, 'outcome', 'received', 'lacuna.request', 'dpo:0badcafe')",
        needs_plan=True,
    ),
    _Attempt(
        "approval",
        "register an officer without the owner's login",
        _ALL,
        "insert into lacuna.officer (name, actor, org_id, added_at) "
        "values ('attacker', 'dpo:0badcafe', '*', now())",
        counter="lacuna.officer_officer_id_seq",
    ),
    _Attempt(
        "approval",
        "let a rule approve plans without the owner's login",
        _ALL,
        "insert into lacuna.standing_decision (rule, scope, decided_at) "
        "values ('rule:approval-auto', '*', now()) on conflict (rule) do nothing",
    ),
    _Attempt(
        "consent",
        "record a consent that nobody gave",
        _NO_OFFICERS,
        "insert into lacuna.consent_event (org_id, call_key, status, method, occurred_at, recorded_at, "
        "recorded_by) values (:org, 'lacuna-attack', 'granted', 'verbal', now(), now(), 'rule:reappearance')",
        counter="lacuna.consent_event_event_id_seq",
    ),
    _Attempt(
        "consent",
        "set the person of an older consent entry",
        tuple(role for role in _NO_OFFICERS if role is not Role.PLANNER),
        "insert into lacuna.subject (subject_id, org_id, contact_id) "
        "values (gen_random_uuid(), :org, 'lacuna-attack')",
    ),
    _Attempt(
        "evidence",
        "change an entry of the ledger",
        (*_ALL, Role.OWNER),
        "update lacuna_evidence.entry set actor = 'dpo:0badcafe' where false",
    ),
    _Attempt(
        "evidence",
        "delete entries of the ledger",
        (*_ALL, Role.OWNER),
        "delete from lacuna_evidence.entry where false",
    ),
    _Attempt(
        "evidence",
        "delete a checkpoint",
        (*_ALL, Role.OWNER),
        "delete from lacuna_evidence.checkpoint where false",
    ),
    _Attempt(
        "evidence",
        "delete the record of a seal",
        (*_ALL, Role.OWNER),
        "delete from lacuna_evidence.seal where false",
    ),
    _Attempt(
        "evidence",
        "write a checkpoint without sealing",
        tuple(role for role in _ALL if role is not Role.SEALER),
        "insert into lacuna_evidence.checkpoint (size, root, note, at) values (1, :digest, '', now())",
    ),
    _Attempt(
        "evidence",
        "record a report without sealing",
        tuple(role for role in _ALL if role is not Role.SEALER),
        "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
        "values (now(), 'outcome', 'reported', 'evidence/reports', :digest, 'flow:seal')",
    ),
    _Attempt(
        "evidence",
        "claim that rows were changed",
        tuple(role for role in _ALL if role is not Role.EXECUTOR),
        "insert into lacuna_evidence.entry (at, phase, action, location, rows, actor) "
        "values (now(), 'outcome', 'anonymize_rows', 'lacuna.attack', 1, 'flow:fulfilment')",
    ),
    *(
        _Attempt(
            "evidence",
            f"claim that {what}",
            tuple(role for role in _ALL if role is not by),
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
    _Attempt(
        "evidence",
        "replace a result of the gates",
        tuple(role for role in _ALL if role is not Role.VERIFIER),
        "insert into lacuna.verification (request_id, attempt, verified_at, passed, result) "
        "values (:id, 0, now(), true, '{}')",
        needs_plan=True,
    ),
    _Attempt(
        "evidence",
        "close a request as about nobody",
        tuple(role for role in _ALL if role is not Role.VERIFIER),
        "update lacuna.request set state = 'nothing_found', closed_at = now() where request_id = :id",
        needs_person=True,
    ),
    _Attempt(
        "evidence",
        "register a key as a worker's key",
        _ALL,
        "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
        "values (now(), 'outcome', 'checkpoint', 'work_keys', :digest, 'system:worker')",
    ),
    _Attempt(
        "evidence",
        "remove the ledger's triggers",
        _ALL,
        "alter table lacuna_evidence.entry disable trigger all",
    ),
    _Attempt(
        "roles",
        "give a role to oneself",
        _ALL,
        "grant lacuna_executor to current_user",
    ),
    _Attempt(
        "tenants",
        "queue a request for another tenant",
        (Role.SUBMITTER,),
        "insert into lacuna.request_inbox (org_id, kinds, emails) "
        "values ('lacuna-attack-other-tenant', '{erasure}', '{nobody@example.org}')",
        counter="lacuna.request_inbox_inbox_id_seq",
    ),
)


class _Undo(Exception):
    """Ends an attempt that was not refused, so that nothing of it lasts."""


class PostgresAttacker:
    """Tries what only others may do; every transaction is rolled back."""

    def __init__(
        self,
        database: Database,
        schemas: Sequence[str],
        known: Sequence[str] = (),
        added: Sequence[Mart] = (),
    ) -> None:
        """Attack nothing yet.

        Args:
            database: with the owner's login: it takes on each role in turn.
            schemas: of the platform.
            known: roles of the platform's own software, which reach its tables.
            added: marts of the installation, beside Lacuna's own.
        """
        self._database = database
        self._schemas = list(schemas)
        self._known = list(known)
        self._added = added

    def attacks(self) -> Iterator[Attack]:
        """Yield each attack with its end, one after another.

        Raises:
            DependencyUnreachable: the database does not answer.
            StatementRefused: the login may not take on the roles; use the owner's.
        """
        for attempt in _ATTEMPTS:
            yield self._tried(attempt)
        yield self._changed_plan()
        yield self._platform_by_others()
        for question in QUESTIONS:
            yield self._asked(question)
        yield from self._compared()
        yield self._by_a_login()
        yield from self._tenants()

    def _tried(self, attempt: _Attempt) -> Attack:
        ends = {role: self._run(role, attempt) for role in attempt.roles}
        succeeded = sorted(str(role) for role, end in ends.items() if end == "")
        blind = sorted(
            f"{role}: {end}" for role, end in ends.items() if end and end not in attempt.refusals
        )
        tried = "refused" if len(ends) == 1 else f"refused to {len(ends)} roles"
        return _judged((attempt.area, attempt.attempt), succeeded, blind, tried)

    def _run(self, role: Role, attempt: _Attempt) -> str:
        """Return the SQLSTATE that refused an attempt; empty if nothing did."""
        values = {"id": str(uuid.uuid4()), "org": _STRANGER, "digest": _DIGEST}
        with self._undone() as connection:
            if attempt.needs_plan or attempt.needs_person:
                _plan(connection, values, _PLANNED if attempt.needs_plan else _RESOLVED)
            if attempt.counter is not None:
                # What it counts from here on is counted in a file of its own, until the rollback.
                _take_on(connection, Role.OWNER)
                connection.execute(sa.text(f"alter sequence {attempt.counter} increment 1"))
            _take_on(connection, role, _STRANGER)
            return _sqlstate(connection, attempt.statement, values)

    def _changed_plan(self) -> Attack:
        """Let an officer read another text than the one that their approval is bound to."""
        read: list[str] = []
        blind: list[str] = []
        for role in (Role.PLANNER, Role.EXECUTOR):
            for statement in _OTHER_TEXTS:
                values = {"id": str(uuid.uuid4()), "org": _STRANGER, "digest": _DIGEST}
                with self._undone() as connection:
                    _plan(connection, values, _PLANNED)
                    _take_on(connection, role)
                    end = _sqlstate(connection, statement, values)
                    if end and end not in _REFUSED | _BROKEN_RULE:
                        blind.append(f"{role}: {end}")
                    elif not end and _is_read(connection, values["id"]):
                        read.append(str(role))
        return _judged(("approval", _OTHER_TEXT), read, blind, "refused to write or read")

    def _platform_by_others(self) -> Attack:
        """Ask the catalog who may change the platform besides the executor, or read it."""
        with self._undone() as connection:
            tables = connection.execute(
                sa.text(
                    "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                    "where n.nspname = any(:schemas) and c.relkind in ('r', 'p', 'v', 'm', 'f')"
                ),
                {"schemas": self._schemas},
            ).scalar_one()
            found = [
                f"{role} may {privilege.lower()} in {count} tables"
                for role in _ALL
                for privilege in _rights_too_many(role)
                if (count := self._count_granted(connection, role, privilege))
            ]
        blind = [] if tables else [f"no table in {len(self._schemas)} schemas of the platform"]
        return _judged(
            ("roles", "change or read the platform as another role than the executor's"),
            found,
            blind,
            f"{tables} tables, {len(_ALL)} roles",
        )

    def _count_granted(self, connection: sa.Connection, role: Role, privilege: str) -> int:
        return int(
            connection.execute(
                sa.text(
                    "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                    "where n.nspname = any(:schemas) and c.relkind in ('r', 'p', 'v', 'm', 'f') "
                    "and case when :privilege in ('DELETE', 'TRUNCATE', 'TRIGGER') "
                    "then has_table_privilege(:role, c.oid, :privilege) "
                    "else has_any_column_privilege(:role, c.oid, :privilege) end"
                ),
                {"schemas": self._schemas, "role": str(role), "privilege": privilege},
            ).scalar_one()
        )

    def _by_a_login(self) -> Attack:
        """Hand in with a login that was made for it, and ask of those that there are.

        Only a superuser can act as another login: for others the function is asked that the policies ask,
        and the policies are compared like all.
        """
        login = f"lacuna_attack_{uuid.uuid4().hex}"
        succeeded: list[str] = []
        blind: list[str] = []
        values = {"org": _STRANGER}
        with self._undone() as connection:
            try:
                succeeded += connection.execute(sa.text(_FREE_SUBMITTERS), values).scalars().all()
            except DBAPIError as error:
                blind.append(_state(error))
        with self._undone() as connection:
            superuser = sa.text("select current_setting('is_superuser')::boolean")
            if not connection.execute(superuser).scalar_one():
                return _judged(_BY_A_LOGIN, succeeded, blind, "every login was checked")
            for statement in _OWN_LOGIN:
                connection.execute(sa.text(statement.format(login=login)))
            connection.execute(sa.text(f"set local session authorization {login}"))
            _take_on(connection, Role.SUBMITTER, _STRANGER)
            end = _sqlstate(connection, _QUEUED, values)
        if not end:
            succeeded.append("a login without tenant")
        elif end not in _REFUSED:
            blind.append(end)
        return _judged(_BY_A_LOGIN, succeeded, blind, "refused to a login without tenant")

    def _asked(self, asked: CatalogQuestion) -> Attack:
        """Judge by the catalog."""
        values = {
            "roles": [*map(str, _ALL), _RULE],
            "rule": _RULE,
            "own": list(OWN_SCHEMAS),
            "schemas": self._schemas,
            "known": self._known,
        }
        with self._undone() as connection:
            found = connection.execute(sa.text(KNOWN + asked.found), values).scalars().all()
            looked_at = connection.execute(sa.text(KNOWN + asked.looked_at), values).scalar_one()
        blind = [] if looked_at else [f"no {asked.things}"]
        return _judged(("roles", asked.attempt), found, blind, f"{looked_at} {asked.things}")

    def _compared(self) -> Iterator[Attack]:
        """Compare the catalog with what `lacuna up` makes of an empty database."""
        with self._undone() as connection:
            found = facts(connection)
        others = tuple(differences(found, self._added))
        for kind, attempt in COMPARED.items():
            same = sum(fact.kind == kind for fact in found)
            other = [name for of_kind, name in others if of_kind == kind]
            yield _judged(("roles", attempt), other, [], f"{same} as lacuna up creates them")

    def _tenants(self) -> Iterator[Attack]:
        tables = self._tables_of_tenants()
        filled = [table for table in tables if self._count(Role.VERIFIER, table) not in ("0", "")]
        blind = [] if filled else ["no tenant has any rows"]
        for org_id, attempt, allowed in (
            (_STRANGER, "read rows of another tenant", _REFUSED | {"0"}),
            (None, "read rows without naming a tenant", _WITHOUT_TENANT | {"0"}),
        ):
            ends = {
                f"{role} reads {table}": self._count(role, table, org_id)
                for role in _TENANTS_OWN
                for table in filled
            }
            succeeded = [who for who, end in ends.items() if end not in allowed]
            yield _judged(
                ("tenants", attempt),
                succeeded,
                blind,
                f"{len(filled)} tables with rows, {len(_TENANTS_OWN)} roles",
            )

    def _tables_of_tenants(self) -> list[str]:
        """Return Lacuna's tables that row-level security is on for, quoted."""
        with self._undone() as connection:
            found = connection.execute(
                sa.text(
                    "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n "
                    "on n.oid = c.relnamespace where n.nspname = any(:own) and c.relkind in ('r', 'p') "
                    "and c.relrowsecurity order by 1"
                ),
                {"own": list(OWN_SCHEMAS)},
            )
            return [str(name) for name in found.scalars()]

    def _count(self, role: Role, table: str, org_id: str | None = None) -> str:
        """Return how many rows a role sees, or the SQLSTATE that refused the question."""
        with self._undone() as connection:
            _take_on(connection, role, org_id)
            # The name was quoted by the server itself.
            query = sa.select(sa.func.count()).select_from(sa.text(table))
            if table in _OF_EVERYBODY:
                query = query.where(sa.text("org_id <> '*'"))
            try:
                seen = str(connection.execute(query).scalar_one())
            except DBAPIError as error:
                seen = _state(error)
        return seen

    @contextmanager
    def _undone(self) -> Iterator[sa.Connection]:
        """Yield a transaction that is rolled back, whatever happens in it."""
        with suppress(_Undo), self._database.transaction(Role.OWNER) as connection:
            connection.execute(sa.text("select set_config('lock_timeout', '2s', true)"))
            yield connection
            raise _Undo


def _rights_too_many(role: Role) -> tuple[str, ...]:
    """Return the privileges on the platform's tables that a role must not have."""
    if role is Role.EXECUTOR:
        return ("TRUNCATE", "REFERENCES", "TRIGGER")
    reading = () if role in _READERS else ("SELECT",)
    return (*reading, "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def _plan(connection: sa.Connection, values: Mapping[str, str], statements: Sequence[str]) -> None:
    _take_on(connection, Role.PLANNER)
    for statement in statements:
        connection.execute(sa.text(statement), values)


def _is_read(connection: sa.Connection, request_id: str) -> bool:
    try:
        PostgresQueue(connection).plans.get(request_id)
    except EvidenceBroken:
        return False
    return True


def _take_on(connection: sa.Connection, role: Role, org_id: str | None = None) -> None:
    name = "none" if role is Role.OWNER else str(role)
    connection.execute(sa.text("select set_config('role', :role, true)"), {"role": name})
    if org_id is not None:
        connection.execute(
            sa.text("select set_config('lacuna.org_id', :org_id, true)"), {"org_id": org_id}
        )


def _sqlstate(connection: sa.Connection, statement: str, values: Mapping[str, str]) -> str:
    try:
        connection.execute(sa.text(statement), values)
    except DBAPIError as error:
        return _state(error)
    return ""


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or "none"


def _judged(
    what: tuple[str, str], succeeded: Sequence[str], blind: Sequence[str], tried: str
) -> Attack:
    """Return the end of an attack: one try that succeeded is enough, one that was blind spoils it."""
    if succeeded:
        return Attack(*what, AttackOutcome.SUCCEEDED, _some(succeeded))
    if blind:
        return Attack(*what, AttackOutcome.NOT_TRIED, _some(blind))
    return Attack(*what, AttackOutcome.HELD, tried)


def _some(found: Sequence[str]) -> str:
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return ", ".join(found[:_MOST_NAMED]) + more
