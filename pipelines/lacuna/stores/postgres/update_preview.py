"""What `lacuna up` would change in a database: carried out in a transaction that is taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from lacuna.model.evidence import Action
from lacuna.model.mart import Mart
from lacuna.model.run import Role
from lacuna.model.schema import TableRight
from lacuna.stores.clock import SystemClock
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.migrations import grant_within, migrate_within
from lacuna.stores.postgres.rights import OWN_SCHEMAS, Fact, facts
from lacuna.stores.postgres.standing_rules import decide_within

_ROLES: Final = r"""
select 'role', rolname::text, 'no login' from pg_roles where rolname like 'lacuna\_%' and not rolcanlogin
union all
select 'role', granted.rolname || ' to ' || member.rolname, 'may be taken on'
from pg_auth_members m join pg_roles granted on granted.oid = m.roleid join pg_roles member on member.oid = m.member
where granted.rolname like 'lacuna\_%'
"""
_STANDING: Final = "select 'standing decision', rule, scope from lacuna.standing_decision"
_EVERYBODY: Final = "*"


@dataclass(frozen=True)
class UpdatePreview:
    """What an update would do to a database, and what that knows of the rest of the installation.

    Attributes:
        applied: as `migrate` returns it.
        changes: a line for each table, column, policy, trigger, function, right, role and standing
            decision, which begins with `+` or `-`. Rights also in the platform's schemas.
        known: facts that the database notes, such as marks of stores, by name.
        key_digests: SHA-256 of the workers' keys that the ledger names, hex.
    """

    applied: tuple[str, ...]
    changes: tuple[str, ...]
    known: Mapping[str, str]
    key_digests: frozenset[str]


def preview(
    database: Database,
    marts: Sequence[Mart] | None = None,
    *,
    schemas: tuple[str, ...] = (),
    needed: Collection[TableRight] = (),
    standing: Mapping[str, str | None] | None = None,
) -> UpdatePreview:
    """Do what `lacuna up` does to a database, and take it all back.

    Args:
        schemas: the platform's.
        needed: rights at the platform's tables, beside reading.
        standing: rules to let approve, and for which tenant; None ends one.

    Raises:
        ConfigurationError: as for `migrate`.
    """
    with database.transaction(Role.OWNER) as connection:
        path = connection.execute(sa.text("select current_setting('search_path')")).scalar_one()
        before = _all_facts(connection, schemas)
        _search(connection, path)
        applied = migrate_within(connection, marts)
        grant_within(connection, schemas, needed)
        for rule, scope in (standing or {}).items():
            decide_within(connection, rule, scope, SystemClock().now())
        noted = connection.execute(sa.text("select name, value from lacuna.database_fact"))
        known = {str(name): str(content) for name, content in noted}
        named = PostgresLedger(connection).digests(Action.KEY_NAMED)
        after = _all_facts(connection, schemas)
        connection.rollback()
    changes = [(*one, "-") for one in before - after] + [(*one, "+") for one in after - before]
    lines = tuple(f"{sign} {kind} {name}: {what}" for kind, name, what, sign in sorted(changes))
    return UpdatePreview(applied, lines, known, named)


def _search(connection: sa.Connection, path: str) -> None:
    connection.execute(sa.text("select set_config('search_path', :path, true)"), {"path": path})


def _all_facts(connection: sa.Connection, schemas: tuple[str, ...]) -> set[Fact]:
    found = facts(connection, words=False, schemas=(*OWN_SCHEMAS, *schemas))
    found |= {Fact(*map(str, row)) for row in connection.execute(sa.text(_ROLES))}
    standing = connection.execute(sa.text("select to_regclass('lacuna.standing_decision')"))
    if standing.scalar_one() is not None:
        for kind, rule, scope in connection.execute(sa.text(_STANDING)):
            whom = "all tenants" if scope == _EVERYBODY else scope
            found.add(Fact(kind, str(rule), f"approves for {whom}"))
    return found
