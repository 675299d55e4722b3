"""The rights of Lacuna's roles at the tables of a platform."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lacuna.stores.postgres.database import Database


def grant_roles(database: "Database", *, has_canary: bool = False) -> tuple[str, ...]:
    """Let Lacuna's roles at the tables that the data map names, the canary's among them.

    Returns:
        The names of schemas, tables and sequences at which a right was missing.
    """
    # Only here: these imports take most of a second, and the package offers this function.
    from lacuna.datamap import load, needed_rights
    from lacuna.model.run import Role
    from lacuna.model.schema import TableRight
    from lacuna.stores.postgres.migrations import grant_platform
    from lacuna.wiring import read_settings

    settings = read_settings()
    mapped = load(settings.datamap)
    has_canary = has_canary or settings.canary_org is not None
    canary = TableRight(mapped.subject.table, Role.EXECUTOR, "insert")
    needed = needed_rights(mapped) | ({canary} if has_canary else frozenset())
    return grant_platform(database, mapped.schemas, needed)
