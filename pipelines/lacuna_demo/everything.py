"""Reads all that an installation holds, row by row and file by file, for a search past the verifier's."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database

_TABLES: Final = (
    "select n.nspname, c.relname, format('select to_jsonb(t)::text from %I.%I t', n.nspname, c.relname) "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "
    "order by 1, 2"
)
_STATISTICS: Final = (
    "select concat_ws(' ', most_common_vals, histogram_bounds, most_common_elems) from pg_stats "
    "where schemaname !~ '^pg_' and schemaname <> 'information_schema'"
)


def everything(database: Database, home: Path) -> Iterator[tuple[str, str]]:
    """Yield where something lies and what it says: rows as JSON, statistics, names and words of files."""
    with database.transaction(Role.OWNER, is_read_only=True) as connection:
        tables = connection.execute(sa.text(_TABLES)).all()
        queries = [(f"{schema}.{name}", str(query)) for schema, name, query in tables]
        for place, query in (*queries, ("pg_stats", _STATISTICS)):
            # The server itself quoted the names.
            for text in connection.exec_driver_sql(query).scalars():
                yield place, str(text)
    for path in sorted(one for one in home.rglob("*") if one.is_file()):
        where = path.relative_to(home)
        place = f"files in {where.parts[0]}"
        yield place, str(where)
        for text in _words(path):
            yield place, text


def _words(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    if path.suffix == ".parquet":
        # Imported here: most files are none, and it takes a third of a second.
        import pyarrow.parquet as parquet

        for column in parquet.read_table(path).columns:
            yield from (str(value) for value in column.to_pylist())
    elif path.suffix == ".eml":
        mail = email.message_from_bytes(content, policy=email.policy.default)
        for part in mail.walk():
            yield "\n".join(str(value) for value in part.values())
            if part.get_content_maintype() == "text":
                yield str(part.get_content())
