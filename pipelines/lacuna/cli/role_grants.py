"""The rights of Lacuna's roles at the tables of a platform."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lacuna.model.schema import TableRight
    from lacuna.stores.postgres.database import Database


def grant_roles(database: "Database", *, has_canary: bool = False) -> tuple[str, ...]:
    """Let Lacuna's roles at the tables that the data map names, the canary's among them.

    Returns:
        The names of schemas, tables and sequences at which a right was missing.
    """
    # Only here: this import takes most of a second, and the package offers this function.
    from lacuna.stores.postgres.migrations import grant_platform

    return grant_platform(database, *roles_needs(has_canary=has_canary))


def roles_needs(*, has_canary: bool = False) -> "tuple[tuple[str, ...], frozenset[TableRight]]":
    """Return the platform's schemas, and the rights that Lacuna's roles need there beside reading."""
    from lacuna.datamap import load, needed_rights
    from lacuna.model.run import Role
    from lacuna.model.schema import TableRight
    from lacuna.wiring import read_settings

    settings = read_settings()
    mapped = load(settings.datamap)
    has_canary = has_canary or settings.canary_org is not None
    canary = TableRight(mapped.subject.table, Role.EXECUTOR, "insert")
    return mapped.schemas, needed_rights(mapped) | ({canary} if has_canary else frozenset())
