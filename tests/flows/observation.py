"""What a test sees of an installation, with means of its own: rows, files, and every word said."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from lacuna.model.evidence import Leaf
from lacuna.model.run import Role

# The words of Lacuna about a request; what is encrypted or pending is left out.
SAID_IN = (
    "lacuna.request",
    "lacuna.plan",
    "lacuna.approval",
    "lacuna.verification",
    "lacuna.batch",
    "lacuna.bundle",
    "lacuna.rule_approval",
    "lacuna_evidence.entry",
    "lacuna_evidence.checkpoint",
)


def connect(url: str) -> psycopg.Connection:
    """Connect as the database's owner, past all of Lacuna's code."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))


def execute(url: str, statement: str | sql.Composed, *values: object) -> list[tuple[object, ...]]:
    """Run one statement and commit; return its rows."""
    with connect(url) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description is not None else []


def rows_of(url: str, schema: str = "contact_center") -> dict[str, Counter[str]]:
    """Return every row of the platform's tables, as text."""
    with connect(url) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = %s and table_type = 'BASE TABLE'",
            [schema],
        ).fetchall()
        return {
            table: Counter(
                text
                for (text,) in connection.execute(
                    sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                )
            )
            for (table,) in tables
        }


def changed_tables(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> set[str]:
    """Return the tables that have other rows than before."""
    return {table for table in before | after if before.get(table) != after.get(table)}


def open_folders(home: Path) -> list[str]:
    """Return the folders that somebody else than their owner may enter."""
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_dir() and path.stat().st_mode & 0o077
    ]


def files_of(home: Path, *folders: str) -> dict[str, str]:
    """Return the files of stores with their digests."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders or ("media", "mail")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
    }


def platform_of(installation) -> tuple[dict[str, Counter[str]], dict[str, str]]:
    """Return everything that belongs to the platform: rows and files."""
    return rows_of(installation.url), files_of(installation.stores.home)


def leaves_of(installation, request_id: str | None = None) -> list[Leaf]:
    """Return the ledger."""
    with installation.stores.transaction(Role.AUDITOR) as transaction:
        return list(transaction.ledger.leaves(request_id=request_id))


def quiet_people(platform, *, org_id: str = "fjordlys", conversations: int = 1) -> list[str]:
    """Return people with nothing open, nothing shared and no mail waiting, the smallest first.

    Args:
        conversations: how many they have at least.
    """
    table = platform.tables["contact_center.conversations"]
    position = table.columns.index("requester_id")
    counts = Counter(str(row[position]) for row in table.rows)
    sharing = {contact for shared in platform.shared for contact in shared.contact_ids}
    found = [
        one
        for one in platform.people.values()
        if one.org_id == org_id
        and counts[one.contact_id] >= conversations
        and not (one.has_open_conversation or one.awaits_mail or one.contact_id in sharing)
        and not one.visitor_contact_ids
    ]
    return [
        one.contact_id
        for one in sorted(found, key=lambda one: (counts[one.contact_id], one.contact_id))
    ]


def keep_conversations(url: str, kept: list[str]) -> None:
    """Leave out all other conversations, and all rows that belong to those."""
    with connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "delete from contact_center.conversations where conversation_id::text <> all(%s)",
            [kept],
        )
        for column, parent in (
            ("conversation_id", "conversations"),
            ("message_id", "messages"),
            ("call_id", "calls"),
        ):
            tables = connection.execute(
                "select c.table_name from information_schema.columns c join "
                "information_schema.tables t using (table_schema, table_name) where "
                "c.table_schema = 'contact_center' and c.column_name = %s "
                "and t.table_type = 'BASE TABLE' and c.table_name <> %s",
                [column, parent],
            ).fetchall()
            for (table,) in tables:
                connection.execute(
                    sql.SQL("delete from {} where {} not in (select {} from {})").format(
                        sql.Identifier("contact_center", table),
                        sql.Identifier(column),
                        sql.Identifier(column),
                        sql.Identifier("contact_center", parent),
                    )
                )


def values_of(person) -> tuple[str, ...]:
    """Return what nobody may read in anything that Lacuna says."""
    return (
        *person.emails,
        *person.phones,
        *person.external_ids,
        person.full_name,
        person.contact_id,
        *person.merged_contact_ids,
    )


class Listener(logging.Handler):
    """Hears every word that is logged, at DEBUG, tracebacks included."""

    def __init__(self, *loud: str) -> None:
        """Listen; `loud` names loggers that do not follow the root's level of themselves."""
        super().__init__(logging.DEBUG)
        self._loud = ("", *loud)
        self.lines: list[str] = []
        self._levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> Listener:
        for name in self._loud:
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger().removeHandler(self)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def said_by(installation) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of everything that Lacuna keeps about what it did."""
    with connect(installation.url) as connection:
        for table in SAID_IN:
            name = sql.Identifier(*table.split("."))
            for (text,) in connection.execute(sql.SQL("select t::text from {} t").format(name)):
                yield table, text
    for path in sorted((installation.stores.home / "evidence").rglob("*")):
        if path.is_file():
            yield path.relative_to(installation.stores.home).parts[1], path.read_text("utf-8")


def people_named(platform, texts: Iterable[tuple[str, str]]) -> set[str]:
    """Return the places whose text has an identifier of anybody on the platform."""
    values = {value.casefold() for one in platform.people.values() for value in values_of(one)}
    return {
        place
        for place, text in texts
        if (folded := text.casefold()) and any(value in folded for value in values)
    }
