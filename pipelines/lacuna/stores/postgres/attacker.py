"""Attacks an installation's own database by SQL, under each role, and rolls everything back.

A refusal counts only by its SQLSTATE: a statement that fails for another reason, say because a
column has another name since, was not tried.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lacuna.errors import EvidenceBroken
from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.mart import Mart
from lacuna.model.run import Role
from lacuna.stores.postgres.attempts import ALL, ATTEMPTS, BROKEN_RULE, REFUSED, Attempt
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.queue import PostgresQueue
from lacuna.stores.postgres.rights import OWN_SCHEMAS, differences, facts
from lacuna.stores.postgres.rights_questions import COMPARED, KNOWN, QUESTIONS, CatalogQuestion

_WITHOUT_TENANT: Final = REFUSED | {"42704"}  # the setting that names the tenant is not there
_TENANTS_OWN: Final = (Role.DPO, Role.ANALYST, Role.SUBMITTER)
_READERS: Final = frozenset({Role.PLANNER, Role.EXECUTOR, Role.VERIFIER})
_RULE: Final = "lacuna_rule"  # as which nobody acts
_DIGEST: Final = "0" * 64
_MOST_NAMED: Final = 5
_OF_EVERYBODY: Final = frozenset({"lacuna.officer", "lacuna.two_officers"})
"""Tables whose rows of the tenant `*` are every tenant's, and no secret of another."""
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
    "insert into lacuna.request (request_id, org_id, kinds, level, is_verified, received_at, due_at, "
    "created_at) values (:id, :org, '{erasure}', 'contact', true, now(), now(), now())",
    "update lacuna.request set state = 'resolved' where request_id = :id",
)
_PLANNED: Final = (
    *_RESOLVED,
    "insert into lacuna.plan (request_id, digest, datamap_digest, steps, readable, planned_at, "
    "inventory_digest) values (:id, :digest, :digest, '[]', '', now(), :digest)",
    "update lacuna.request set state = 'planned', plan_digest = :digest where request_id = :id",
)
"""A request that waits for its approval, made by the planner's own rights."""


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
        for attempt in ATTEMPTS:
            yield self._tried(attempt)
        yield self._changed_plan()
        yield self._platform_by_others()
        for question in QUESTIONS:
            yield self._asked(question)
        yield from self._compared()
        yield self._by_a_login()
        yield from self._tenants()

    def _tried(self, attempt: Attempt) -> Attack:
        ends = {role: self._run(role, attempt) for role in attempt.roles}
        succeeded = sorted(str(role) for role, end in ends.items() if end == "")
        blind = sorted(
            f"{role}: {end}" for role, end in ends.items() if end and end not in attempt.refusals
        )
        tried = "refused" if len(ends) == 1 else f"refused to {len(ends)} roles"
        return _judged((attempt.area, attempt.attempt), succeeded, blind, tried)

    def _run(self, role: Role, attempt: Attempt) -> str:
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
                    if end and end not in REFUSED | BROKEN_RULE:
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
                for role in ALL
                for privilege in _rights_too_many(role)
                if (count := self._count_granted(connection, role, privilege))
            ]
        blind = [] if tables else [f"no table in {len(self._schemas)} schemas of the platform"]
        return _judged(
            ("roles", "change or read the platform as another role than the executor's"),
            found,
            blind,
            f"{tables} tables, {len(ALL)} roles",
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
        elif end not in REFUSED:
            blind.append(end)
        return _judged(_BY_A_LOGIN, succeeded, blind, "refused to a login without tenant")

    def _asked(self, asked: CatalogQuestion) -> Attack:
        """Judge by the catalog."""
        values = {
            "roles": [*map(str, ALL), _RULE],
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
            (_STRANGER, "read rows of another tenant", REFUSED | {"0"}),
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
