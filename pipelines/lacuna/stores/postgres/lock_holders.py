"""Who holds the locks that a statement did not get in time."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

# Modes that keep others out of a table, or of its rows.
_STRONG: Final = (
    "AccessExclusiveLock",
    "ExclusiveLock",
    "ShareRowExclusiveLock",
    "ShareLock",
)
# An application may give itself any name; a longer one, or one with other characters, is left out.
_HOLDERS: Final = sa.text(
    "select n.nspname || '.' || c.relname, l.pid, l.mode, count(*) over (), "
    "case when a.application_name ~ '^[A-Za-z0-9 ._:\\[\\]-]{1,63}$' then a.application_name end "
    "from pg_locks l join pg_stat_activity a using (pid) join pg_class c on c.oid = l.relation "
    "join pg_namespace n on n.oid = c.relnamespace "
    "where l.granted and l.pid <> pg_backend_pid() and c.relkind in ('r', 'p', 'm') "
    "and l.database = (select oid from pg_database where datname = current_database()) "
    "and n.nspname not in ('pg_catalog', 'information_schema') "
    "and (l.mode = any(:strong) or l.mode in ('RowExclusiveLock', 'RowShareLock') "
    "and l.relation = any(select to_regclass(one) from unnest(cast(:tables as text[])) one)) "
    # Most of those who wait, wait for the same one; of the others, who began first has kept it longest.
    "order by l.mode = any(:strong) desc, "
    "exists (select from pg_locks w where w.pid = l.pid and not w.granted), a.xact_start, 1, 2 limit 3"
)


def lock_holders(connection: sa.Connection, tables: Sequence[str]) -> str:
    """Return a sentence about who has locked what, empty where nobody has any more.

    It is asked after the wait, so it names those who may have been in the way: whoever keeps a
    whole table, in this database, and whoever works on rows of `tables`; of many the three that
    began first.
    """
    asked = {"strong": list(_STRONG), "tables": list(tables)}
    found = connection.execute(_HOLDERS, asked).all()
    who = ", ".join(
        f"{table} is locked by server process {pid} ({mode}{'' if name is None else f', {name}'})"
        for table, pid, mode, _, name in found
    )
    more = found[0][3] - len(found) if found else 0
    return f"{who} and {more} more" if more else who
