"""Every kind of difference, made on a real PostgreSQL by a statement or by a change of the map."""

import re
from dataclasses import dataclass

import pytest
import yaml

from lacuna.datamap import (
    COUNTED,
    Drift,
    DriftKind,
    check,
    refuse,
    slow_foreign_keys,
    slow_references,
)
from lacuna.errors import ConfigurationError, DataMapDrift
from lacuna.model.location import TableName
from lacuna.stores.postgres.catalog import read_live_schema


def drifts(crm, datamap, *statements) -> tuple[Drift, ...]:
    for statement in statements:
        crm.exec_driver_sql(statement)
    return check(datamap, read_live_schema(crm, datamap.schemas))


def test_a_map_that_fits_has_no_drift(crm, load_changed):
    datamap = load_changed()
    live = read_live_schema(crm, datamap.schemas)
    assert check(datamap, live) == ()
    refuse(check(datamap, live))


@dataclass(frozen=True)
class Case:
    """A change of the database or the map, what is reported, and what the suggestions lead to."""

    sql: str = ""
    change: str = ""
    location: str = ""
    kind: DriftKind = DriftKind.UNMAPPED
    problem: str = ""
    suggestion: str = ""
    settled: bool = True
    """Whether merging the suggestions leaves no drift."""


def col(table: str, name: str, settings: str) -> str:
    return f"tables: {{crm.{table}: {{columns: {{{name}: {{{settings}}}}}}}}}"


def refers(table: str, name: str, erase: str = "unlink") -> str:
    settings = f"{{category: user.unique_id, access: false, portability: false, erase: {erase}}}"
    return f"tables: {{crm.{table}: {{references: [{name}], columns: {{{name}: {settings}}}}}}}"


TOMBSTONE = col("tickets", "customer_id", "erase: tombstone")
SYSTEM = "category: system.operations"
PERSONAL = "category: user.name, access: false, portability: false"
HISTORY = """
    create table crm.history (at timestamptz not null default now(), email text);
    create function crm.note() returns trigger language plpgsql as
        $$ begin insert into crm.history (email) values (old.email); return new; end $$;
    create trigger noting before update on crm.customers for each row execute function crm.note();
"""

BY_KIND = (
    "tables: {crm.comments: {portable: {where: {kind: [customer]}}, columns: {kind: {category: "
    "system.operations, erase: keep, access: true, meaning: Who wrote it., legend: {customer: c, agent: a}}}}}"
)

CASES = {
    # --- which rows are portable ---
    "portable rows by a column that the database lacks": Case(
        change=BY_KIND,
        location="crm.comments.kind",
        kind=DriftKind.MISSING,
        problem="but the table has no such column",
        settled=False,
    ),
    "portable rows by a code that the database cannot hold": Case(
        sql="alter table crm.comments add kind text check (kind in ('agent', 'bot'))",
        change=BY_KIND,
        location="crm.comments.kind",
        kind=DriftKind.UNFIT,
        problem="portable names customer, which it cannot contain, so that rows would be left out; it "
        "can contain agent, bot",
        settled=False,
    ),
    "portable rows by what is no code": Case(
        sql="alter table crm.comments add kind timestamptz",
        change=BY_KIND,
        location="crm.comments.kind",
        kind=DriftKind.UNFIT,
        problem="portable distinguishes rows by it, but a timestamp with time zone is not a code",
        settled=False,
    ),
    "portable rows by codes, of which there is a new one": Case(
        sql="alter table crm.comments add kind text check (kind in ('customer', 'agent', 'bot'))",
        change=BY_KIND,
        location="crm.comments.kind",
        problem="rows are told apart by this column, but the map does not list bot",
        suggestion="kind: {values: [customer, agent, bot]}",
    ),
    # --- what the map lacks ---
    "data_map-05: a new text column": Case(
        sql="alter table crm.customers add nickname text",
        location="crm.customers.nickname",
        problem="this column is not in the map; add it",
        suggestion=(
            "tables:\n  crm.customers:\n    columns:\n      nickname: {processing: support, "
            "category: user, erase: suppress, mention: redact, access: true, portability: false, "
            'meaning: "nickname (describe what it contains)"}'
        ),
    ),
    "a new column that may not be NULL": Case(
        sql="alter table crm.customers add nickname text not null",
        location="crm.customers.nickname",
        suggestion='erase: {replace: "[erased]"}',
    ),
    "a new short column that may not be NULL": Case(
        sql="alter table crm.customers add initials varchar(3) not null",
        location="crm.customers.initials",
        suggestion='erase: {replace: ""}',
    ),
    "a new array": Case(
        sql="alter table crm.customers add phones text[] not null",
        location="crm.customers.phones",
        suggestion="erase: empty",
    ),
    "a new document": Case(
        sql="alter table crm.customers add extra jsonb not null",
        location="crm.customers.extra",
        suggestion="erase: empty",
    ),
    "a new date": Case(
        sql="alter table crm.customers add born date not null",
        location="crm.customers.born",
        suggestion="erase: {generalize: year}",
    ),
    "a new number": Case(
        sql="alter table crm.tickets add clicks int",
        location="crm.tickets.clicks",
        suggestion="clicks: {processing: support, category: system.operations, erase: keep}",
    ),
    "a new address of a device": Case(
        sql="alter table crm.tickets add ip inet not null",
        location="crm.tickets.ip",
        suggestion="category: user, erase: keep",
    ),
    "a new generated column": Case(
        sql="alter table crm.customers add lower_email text generated always as (lower(email)) stored",
        location="crm.customers.lower_email",
        suggestion="category: user, erase: derived",
    ),
    "a new column with a name that needs quotes": Case(
        sql='alter table crm.customers add "No, or: ""yes""" text',
        location='crm.customers."No, or: ""yes"""',
        suggestion=r'"No, or: \"yes\"": {processing',
    ),
    "a new column of a table that stays": Case(
        sql="alter table crm.agents add email text",
        location="crm.agents.email",
        suggestion="erase: keep, mention: redact, access: false, portability: false",
    ),
    "a new table that points to a person": Case(
        sql="create table crm.orders (order_id int primary key, org_id text, "
        "customer uuid references crm.customers, goods text, price numeric)",
        location="crm.orders",
        problem="this table is not in the map; add it",
        suggestion="    links: {customer: crm.customers}\n    rows: anonymize\n",
    ),
    "a new table that must point to a person": Case(
        sql="create table crm.orders (order_id int primary key, org_id text, "
        "customer uuid not null references crm.customers, goods text)",
        location="crm.orders",
        suggestion="    links: {customer: crm.customers}\n    rows: anonymize\n",
    ),
    "a new table that must point to a person once": Case(
        sql="create table crm.orders (order_id int primary key, org_id text, "
        "customer uuid not null unique references crm.customers, goods text)",
        location="crm.orders",
        suggestion="    links: {customer: crm.customers}\n    rows: delete\n",
    ),
    "a new table whose key is a person's": Case(
        sql="create table crm.profiles (customer_id uuid primary key references crm.customers, "
        "org_id text, score int)",
        location="crm.profiles",
        suggestion="    links: {customer_id: crm.customers}\n    rows: delete\n",
    ),
    "a new table in the middle of a path": Case(
        sql="create table crm.calls (call_id int primary key, org_id text, ticket_id bigint "
        "not null references crm.tickets, number varchar(20))",
        location="crm.calls",
        suggestion="    links: {ticket_id: crm.tickets}\n    rows: anonymize\n",
    ),
    "a new table that points to nobody": Case(
        sql="create table crm.daily (id int primary key, org_id text, email text, ip inet)",
        location="crm.daily",
        suggestion="email: {category: user, erase: suppress, mention: redact, access: false",
    ),
    "a new table of numbers": Case(
        sql="create table crm.rates (org_id text, day date, rate numeric, primary key (org_id, day))",
        location="crm.rates",
        suggestion="    key: [org_id, day]\n    tenant: org_id\n    rows: keep\n",
    ),
    "a new table without key and tenant": Case(
        sql="create table crm.imported (line text)",
        location="crm.imported",
        suggestion="    key: ctid\n    tenant: {shared: true}\n    rows: keep\n",
    ),
    "a new table without a key that points to a person": Case(
        sql="create table crm.scores (email text, customer_id uuid references crm.customers)",
        location="crm.scores",
        suggestion="    key: ctid\n    tenant: {shared: true}\n"
        "    links: {customer_id: crm.customers}\n    rows: delete\n",
    ),
    "a new table with the only name in capitals": Case(
        sql='create table crm."Agents" (agent_id int primary key, org_id text)',
        location="crm.Agents",
        suggestion="crm.Agents:",
    ),
    "a view": Case(
        sql="create view crm.emails as select email from crm.customers",
        location="crm.emails",
        problem="this view is not in the map",
        suggestion="ignored:\n  crm.emails: a view without rows of its own",
    ),
    "data_map-12: a materialized view": Case(
        sql="create materialized view crm.emails as select customer_id, org_id, email from crm.customers;"
        "create unique index on crm.emails (customer_id)",
        location="crm.emails",
        problem="add it, so that it is refreshed after every erasure",
        suggestion="    key: customer_id\n    tenant: org_id\n    rows: refresh\n",
    ),
    "data_map-17: a partitioned table": Case(
        sql="create table crm.log (id int, org_id text, at date, said text, primary key (id, at)) "
        "partition by range (at); create table crm.log_1 partition of crm.log default",
        location="crm.log",
        problem="this partitioned table is not in the map",
        suggestion="    key: [id, at]\n",
    ),
    "a partition whose parent lies elsewhere": Case(
        sql="create schema other; create table other.log (id int primary key, org_id text) "
        "partition by range (id); create table crm.log_1 partition of other.log default",
        location="crm.log_1",
        problem="this partition is not in the map; add its parent other.log, or the partition itself",
        suggestion="  crm.log_1:\n",
    ),
    "a foreign table": Case(
        sql="create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere; "
        "create foreign table crm.remote (id int, org_id text) server nowhere",
        location="crm.remote",
        problem="this foreign table is not in the map",
        suggestion="  crm.remote:\n",
    ),
    # --- what the database lacks ---
    "data_map-04: a column that is gone": Case(
        sql="alter table crm.customers drop email",
        location="crm.customers.email",
        kind=DriftKind.MISSING,
        problem="but the table has no such column; correct the map or add a migration",
        settled=False,
    ),
    "data_map-04: a column with a new name": Case(
        sql="alter table crm.customers rename email to e_mail",
        location="crm.customers.email",
        kind=DriftKind.MISSING,
        problem="but the table has no such column, but e_mail; correct the map",
        settled=False,
    ),
    "a table that is gone": Case(
        sql="drop table crm.comments",
        location="crm.comments",
        kind=DriftKind.MISSING,
        problem="but the database has no such table",
        settled=False,
    ),
    "data_map-19: a table with another case": Case(
        sql='alter table crm.comments rename to "Comments"',
        location="crm.comments",
        kind=DriftKind.MISSING,
        problem="but the database has no such table, but crm.Comments",
        settled=False,
    ),
    "a schema that is gone": Case(
        change="schemas: [sales]",
        location="sales",
        kind=DriftKind.MISSING,
        problem="the database has no such schema",
        settled=False,
    ),
    # --- treatments that do not fit ---
    "suppress of what may not be NULL": Case(
        sql="alter table crm.customers alter email set not null",
        location="crm.customers.email",
        kind=DriftKind.UNFIT,
        problem="suppress needs a column that may be NULL",
        suggestion='email: {erase: {replace: "[erased]"}}',
    ),
    "suppress of a domain that may not be NULL": Case(
        sql="create domain crm.address as varchar(80) not null; "
        "alter table crm.customers alter email type crm.address",
        location="crm.customers.email",
        kind=DriftKind.UNFIT,
        problem="suppress needs a column that may be NULL",
        suggestion='email: {erase: {replace: "[erased]"}}',
    ),
    "unlink of what may not be NULL": Case(
        sql="alter table crm.tickets alter customer_id set not null",
        location="crm.tickets.customer_id",
        kind=DriftKind.UNFIT,
        problem="unlink needs a column that may be NULL",
        suggestion="customer_id: {erase: tombstone}",
    ),
    "a tombstone contact that gets no value of a column": Case(
        change=TOMBSTONE,
        location="crm.customers.created_at",
        kind=DriftKind.UNFIT,
        problem="the tombstone contact needs a value here, because the column may not be NULL and has no def",
        suggestion='subject:\n  tombstone:\n    created_at: "2000-01-01"',
    ),
    "a value of the tombstone contact that is no time": Case(
        change=f"{TOMBSTONE}\nsubject: {{tombstone: {{created_at: soon}}}}",
        location="crm.customers.created_at",
        kind=DriftKind.UNFIT,
        problem="the tombstone contact cannot take its value here: it is not of type timestamp with time zone",
        suggestion='created_at: "2000-01-01"',
    ),
    "a unique index that two tombstone contacts would break": Case(
        sql="create unique index on crm.customers (country)",
        change=f"{TOMBSTONE}\nsubject: {{tombstone: {{created_at: 2000-01-01, country: XX}}}}",
        location="crm.customers.country",
        kind=DriftKind.UNFIT,
        problem="the tombstone contact of a second tenant would equal the first in the unique inde",
        settled=False,
    ),
    "a link to the tombstone contact in a unique index": Case(
        sql="create unique index on crm.tickets (org_id, customer_id)",
        change=f"{TOMBSTONE}\nsubject: {{tombstone: {{created_at: 2000-01-01}}}}",
        location="crm.tickets.customer_id",
        kind=DriftKind.UNFIT,
        problem="tombstone can make two rows equal, but the unique index over org_id, customer_id",
        suggestion="customer_id: {erase: suppress}",
    ),
    "a link that the database fills": Case(
        sql="alter table crm.tickets drop customer_id, add customer_id uuid not null generated "
        "always as ('00000000-0000-4000-8000-000000000000'::uuid) stored",
        change=f"{TOMBSTONE}\nsubject: {{tombstone: {{created_at: 2000-01-01}}}}",
        location="crm.tickets.customer_id",
        kind=DriftKind.UNFIT,
        problem="the database fills it itself",
        settled=False,
    ),
    "a file of what may not be NULL": Case(
        sql="alter table crm.customers alter photo type text[] using array[photo], "
        "alter photo set not null",
        location="crm.customers.photo",
        kind=DriftKind.UNFIT,
        problem="delete_object needs a column of texts or a document that may be NULL, or a text of 8 characters or more",
        settled=False,
    ),
    "generalize of a text": Case(
        sql="alter table crm.customers alter created_at type text",
        location="crm.customers.created_at",
        kind=DriftKind.UNFIT,
        problem="generalize needs a date or a timestamp",
        suggestion='created_at: {erase: {replace: "[erased]"}}',
    ),
    "json_keys of a text": Case(
        sql="alter table crm.customers alter settings type text",
        location="crm.customers.settings",
        kind=DriftKind.UNFIT,
        problem="json_keys needs a JSON document",
        suggestion="settings: {erase: suppress}",
    ),
    "empty of a text": Case(
        change=col("customers", "email", "erase: empty"),
        location="crm.customers.email",
        kind=DriftKind.UNFIT,
        problem="empty needs an array, a JSON document, a tsvector or bytes",
        suggestion="email: {erase: suppress}",
    ),
    "a column of bytes": Case(
        sql="alter table crm.customers add raw bytea not null default ''",
        location="crm.customers.raw",
        kind=DriftKind.UNMAPPED,
        problem="this column is not in the map; add it",
        suggestion="erase: empty, mention: empty",
    ),
    "suppress of bytes that may not be NULL": Case(
        sql="alter table crm.customers add raw bytea not null default ''",
        change=col("customers", "raw", f"{PERSONAL}, erase: suppress"),
        location="crm.customers.raw",
        kind=DriftKind.UNFIT,
        problem="suppress needs a column that may be NULL",
        suggestion="raw: {erase: empty}",
    ),
    "mentions covered in bytes": Case(
        sql="alter table crm.customers add raw bytea",
        change=col("customers", "raw", f"{PERSONAL}, erase: suppress, mention: redact"),
        location="crm.customers.raw",
        kind=DriftKind.UNFIT,
        problem="it contains no text to cover; write mention: empty",
        suggestion="",
        settled=False,
    ),
    "files emptied in a text": Case(
        change=col("customers", "email", "mention: empty"),
        location="crm.customers.email",
        kind=DriftKind.UNFIT,
        problem="mention: empty is for a column of bytes; write mention: redact",
        suggestion="",
        settled=False,
    ),
    "files emptied in a date": Case(
        change=col("customers", "created_at", "mention: empty"),
        location="crm.customers.created_at",
        kind=DriftKind.UNFIT,
        problem="mention: empty is for a column of bytes; write mention: refuse",
        suggestion="",
        settled=False,
    ),
    "obfuscate of a number": Case(
        sql="alter table crm.customers add pin int",
        change=col("customers", "pin", f"{PERSONAL}, erase: obfuscate"),
        location="crm.customers.pin",
        kind=DriftKind.UNFIT,
        problem="obfuscate needs a text column",
        suggestion="pin: {erase: suppress}",
    ),
    "redact of a number that may not be NULL": Case(
        sql="alter table crm.customers add pin int not null",
        change=col("customers", "pin", f"{PERSONAL}, erase: redact"),
        location="crm.customers.pin",
        kind=DriftKind.UNFIT,
        problem="redact needs text, an array of texts or a JSON document",
        suggestion="pin: {erase: keep}",
    ),
    "data_map-07: a replacement longer than the column": Case(
        sql="alter table crm.customers alter name type varchar(5)",
        location="crm.customers.name",
        kind=DriftKind.UNFIT,
        problem="the replacement has 8 characters, but the column takes 5",
        suggestion='name: {erase: {replace: ""}}',
    ),
    "data_map-07: labels longer than the column": Case(
        sql="alter table crm.comments alter body type varchar(8)",
        change=col("comments", "body", "erase: redact"),
        location="crm.comments.body",
        kind=DriftKind.UNFIT,
        problem="8 characters leave no room for the labels of covered text",
        settled=False,
    ),
    "replace of a number": Case(
        change=col("agents", "x", f"{PERSONAL}, erase: keep") + "\n",
        sql="alter table crm.agents add x text; alter table crm.customers alter name type int using 1",
        location="crm.customers.name",
        kind=DriftKind.UNFIT,
        problem="it is not of type integer",
        settled=False,
    ),
    "a replacement that is no document": Case(
        change=col("customers", "settings", "erase: {replace: nothing}"),
        location="crm.customers.settings",
        kind=DriftKind.UNFIT,
        problem="the replacement is not a JSON document",
        suggestion="settings: {erase: suppress}",
    ),
    "data_map-10: a generated column": Case(
        sql="alter table crm.customers add lower_email text generated always as (lower(email)) stored",
        change=col("customers", "lower_email", f"{PERSONAL}, erase: suppress"),
        location="crm.customers.lower_email",
        kind=DriftKind.UNFIT,
        problem="the database fills it itself, so it cannot be treated",
        suggestion="lower_email: {erase: derived}",
    ),
    "data_map-10: an identity column": Case(
        sql="alter table crm.customers add number int generated always as identity",
        change=col("customers", "number", f"{PERSONAL}, erase: suppress"),
        location="crm.customers.number",
        kind=DriftKind.UNFIT,
        problem="the database fills it itself, so it cannot be treated",
        suggestion="number: {erase: keep}",
    ),
    "a key that the database alone numbers": Case(
        sql="alter table crm.tickets drop customer_id; alter table crm.customers drop customer_id, "
        "add customer_id bigint generated always as identity primary key; "
        "alter table crm.tickets add customer_id bigint references crm.customers",
        location="crm.customers.customer_id",
        kind=DriftKind.UNFIT,
        problem="would reveal the order of erasures; alter the column to generated by default",
        settled=False,
    ),
    "a vector of a text that would stay": Case(
        # As the type of an extension looks from here: none of PostgreSQL's own.
        sql="create type crm.vector as (a real, b real); alter table crm.comments add meant crm.vector",
        change=col("comments", "meant", f"{PERSONAL}, erase: keep"),
        location="crm.comments.meant",
        kind=DriftKind.UNFIT,
        problem="a crm.vector cannot be searched",
        suggestion="meant: {erase: suppress}",
    ),
    "a vector of a text that must stay": Case(
        sql="create type crm.vector as (a real, b real); "
        "alter table crm.comments add meant crm.vector not null",
        change=col("comments", "meant", f"{PERSONAL}, erase: keep"),
        location="crm.comments.meant",
        kind=DriftKind.UNFIT,
        problem="let it be NULL, or write rows: delete",
        settled=False,
    ),
    "rows of another database that would be changed": Case(
        sql="create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere; "
        "create foreign table crm.remote (id int, org_id text) server nowhere",
        change="tables: {crm.remote: {processing: support, key: id, tenant: org_id, rows: delete, "
        "columns: {id: {category: system.operations, erase: keep}, "
        "org_id: {category: system.operations, erase: keep}}}}",
        location="crm.remote",
        kind=DriftKind.UNFIT,
        problem="the rows of a foreign table are in another database",
        suggestion="rows: keep",
    ),
    "a new key that is a number": Case(
        sql="alter table crm.tickets drop customer_id; alter table crm.customers alter customer_id "
        "type smallint using 1; alter table crm.tickets add customer_id smallint references crm.customers",
        location="crm.customers.customer_id",
        kind=DriftKind.UNFIT,
        problem="new_key needs a uuid, an integer, or text of at least 36 characters",
        settled=False,
    ),
    "a constant in a unique column": Case(
        sql="alter table crm.customers add unique (org_id, name)",
        location="crm.customers.name",
        kind=DriftKind.UNFIT,
        problem="replace can make two rows equal, but the unique index over org_id, name allows no",
        settled=False,
    ),
    "a measure that is no number": Case(
        sql="alter table crm.tickets alter minutes type text",
        location="crm.tickets.minutes",
        kind=DriftKind.UNFIT,
        problem="a measure must be a number",
        settled=False,
    ),
    "a time of erasure that is no time": Case(
        sql="alter table crm.customers alter erased_at type bigint using 1",
        location="crm.customers.erased_at",
        kind=DriftKind.UNFIT,
        problem="erased_at needs a timestamp",
        settled=False,
    ),
    "a link of another type": Case(
        sql="alter table crm.tickets drop customer_id; alter table crm.tickets add customer_id text",
        location="crm.tickets.customer_id",
        kind=DriftKind.UNFIT,
        problem="the link compares text with uuid of crm.customers",
        settled=False,
    ),
    "rows of a view to be anonymized": Case(
        sql="create view crm.people as select customer_id, org_id, email from crm.customers",
        change="""
            tables:
              crm.people:
                {processing: support, key: customer_id, tenant: org_id, rows: delete,
                 links: {customer_id: crm.customers}, columns: {
                 customer_id: {category: system.operations, erase: keep},
                 org_id: {category: system.operations, erase: keep},
                 email: {category: user.contact.email, erase: keep, access: false, portability: false}}}
        """,
        location="crm.people",
        kind=DriftKind.UNFIT,
        problem="the rows of a view cannot be changed; write rows: keep",
        suggestion="rows: keep",
    ),
    # --- keys ---
    "a key that is not unique": Case(
        sql="alter table crm.comments drop constraint comments_pkey",
        location="crm.comments",
        kind=DriftKind.KEY,
        problem="no unique index shows that comment_id identifies its rows; add a primary key",
        settled=False,
    ),
    "a key that the map has otherwise": Case(
        change="tables: {crm.comments: {key: ticket_id}}",
        location="crm.comments",
        kind=DriftKind.KEY,
        problem="identifies its rows; its primary key is comment_id",
        settled=False,
    ),
    "a unique index over some rows only": Case(
        sql="alter table crm.comments drop constraint comments_pkey; "
        "create unique index on crm.comments (comment_id) where body is not null",
        location="crm.comments",
        kind=DriftKind.KEY,
        settled=False,
    ),
    # --- foreign keys ---
    "a foreign key to a person that is no link": Case(
        sql="alter table crm.tickets add payer_id uuid references crm.customers",
        change=col("tickets", "payer_id", f"{SYSTEM}, erase: keep"),
        location="crm.tickets.payer_id",
        kind=DriftKind.LINK,
        problem="a foreign key leads to crm.customers and on to the person, but it is not a link; "
        "rows found only this way would be missed. If the row is not that person's, such as where it "
        "holds who entered the row, name the column under references instead. If it holds keys of "
        "others in that table, such as agents, write kind: agent at the column, tell them apart by where or member of the subject, and "
        "describe them under kinds",
        suggestion="tables:\n  crm.tickets:\n    links: {payer_id: crm.customers}\n    columns:\n"
        "      payer_id: {erase: unlink}",
    ),
    "a foreign key in the middle of a path": Case(
        sql="alter table crm.agents add ticket_id bigint references crm.tickets",
        change=col("agents", "ticket_id", f"{SYSTEM}, erase: keep"),
        location="crm.agents.ticket_id",
        kind=DriftKind.LINK,
        problem="a foreign key leads to crm.tickets and on to the person",
        suggestion="tables:\n  crm.agents:\n    links: {ticket_id: crm.tickets}",
    ),
    "a foreign key of two columns": Case(
        sql="alter table crm.customers add unique (org_id, customer_id); alter table crm.agents "
        "add customer_id uuid, add foreign key (org_id, customer_id) "
        "references crm.customers (org_id, customer_id)",
        change=col("agents", "customer_id", f"{SYSTEM}, erase: keep"),
        location="crm.agents.customer_id",
        kind=DriftKind.LINK,
        suggestion="links: {customer_id: crm.customers}",
        settled=False,
    ),
    "a row that names who entered it": Case(
        sql="alter table crm.agents add made_by uuid not null references crm.customers",
        change=refers("agents", "made_by"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="unlink needs a column that may be NULL; write tombstone",
        settled=False,
    ),
    "a reference of another type": Case(
        sql="alter table crm.agents add made_by bigint",
        change=refers("agents", "made_by"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="a bigint cannot hold the key of crm.customers, which is uuid",
        settled=False,
    ),
    "references of another type": Case(
        sql="alter table crm.agents add made_by bigint[]",
        change=refers("agents", "made_by"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="a bigint cannot hold the key of crm.customers, which is uuid",
        settled=False,
    ),
    "references in a document": Case(
        sql="alter table crm.agents add made_by jsonb",
        change=refers("agents", "made_by"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="a reference holds one key or a list of keys, not JSON; name it under links",
        settled=False,
    ),
    "a list of keys in the table of people": Case(
        sql="alter table crm.customers add friends uuid[]",
        change=refers("customers", "friends"),
        location="crm.customers.friends",
        kind=DriftKind.UNFIT,
        problem="a list of keys in crm.customers itself cannot be cut",
        settled=False,
    ),
    "a reference that is computed": Case(
        sql="alter table crm.agents add made_by text generated always as (name) stored",
        change=refers("agents", "made_by"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="the database fills it itself, so that no key can be cut",
        settled=False,
    ),
    "a reference that is unique": Case(
        sql="alter table crm.agents add made_by uuid not null unique",
        change=refers("agents", "made_by", "tombstone"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="tombstone can make two rows equal, but the unique index over made_by",
        settled=False,
    ),
    "a reference too narrow for a tombstone": Case(
        sql="alter table crm.agents add made_by varchar(20) not null",
        change=refers("agents", "made_by", "tombstone"),
        location="crm.agents.made_by",
        kind=DriftKind.UNFIT,
        problem="it cannot hold the key of the tombstone contact: a new key has up to 36",
        settled=False,
    ),
    "a person who points to another": Case(
        sql="alter table crm.customers add twin uuid references crm.customers",
        change=col("customers", "twin", f"{SYSTEM}, erase: keep"),
        location="crm.customers.twin",
        kind=DriftKind.LINK,
        problem="a foreign key leads from one person to another",
        suggestion="references: [twin]",
    ),
    "a foreign key from a schema outside the map": Case(
        sql="create schema billing; create table billing.invoices "
        "(invoice_id int primary key, org_id text, customer_id uuid references crm.customers)",
        location="billing.invoices",
        kind=DriftKind.LINK,
        problem="a foreign key leads from customer_id to crm.customers, but its schema is not in "
        "the map; add billing to schemas",
        suggestion="schemas: [crm, billing]",
    ),
    "a kept row that points to a deleted one": Case(
        sql="create table crm.drafts (draft_id int primary key, org_id text, "
        "ticket_id bigint references crm.tickets); "
        "alter table crm.agents add draft_id int references crm.drafts",
        change="""
            tables:
              crm.drafts:
                {processing: support, key: draft_id, tenant: org_id, rows: delete,
                 links: {ticket_id: crm.tickets}, columns: {
                 draft_id: {category: system.operations, erase: keep},
                 org_id: {category: system.operations, erase: keep},
                 ticket_id: {category: system.operations, erase: keep}}}
              crm.agents:
                {links: {draft_id: crm.drafts},
                 columns: {draft_id: {category: system.operations, erase: keep}}}
        """,
        location="crm.agents.draft_id",
        kind=DriftKind.LINK,
        problem="rows of crm.drafts are deleted, but rows here stay and point to them",
        settled=False,
    ),
    "a kept row that holds on to a person's key": Case(
        sql="alter table crm.agents add customer_id uuid references crm.customers",
        change="""
            tables:
              crm.agents:
                {links: {customer_id: crm.customers},
                 columns: {customer_id: {category: system.operations, erase: keep}}}
        """,
        location="crm.agents.customer_id",
        kind=DriftKind.LINK,
        problem="the key of crm.customers changes, but this foreign key would forbid it",
        settled=False,
    ),
    # --- triggers ---
    "data_map-15: a trigger that copies rows": Case(
        sql="create schema audit; create table audit.history (email text); "
        "create function crm.note() returns trigger language plpgsql as $$ begin "
        "insert into audit.history values (old.email); return new; end $$; "
        "create trigger noting after update on crm.customers for each row "
        "execute function crm.note()",
        location="crm.customers (noting)",
        kind=DriftKind.TRIGGER,
        problem="crm.note writes to audit.history, which is not in the map",
        suggestion="schemas: [crm, audit]",
    ),
    "data_map-15: a trigger that copies rows within the schema": Case(
        sql=HISTORY,
        location="crm.customers (noting)",
        kind=DriftKind.TRIGGER,
        problem="crm.note writes to crm.history, which is not in the map",
        suggestion="ignored:\n  crm.note: state why no personal data ends up elsewhere",
    ),
    "a trigger that makes its statement up": Case(
        sql="create function crm.note() returns trigger language plpgsql as $$ begin "
        "execute format('insert into %%I values (1)', tg_argv[0]); return new; end $$; "
        "create trigger noting after update on crm.tickets for each row "
        "execute function crm.note('anywhere')",
        location="crm.tickets (noting)",
        kind=DriftKind.TRIGGER,
        problem="crm.note runs when a row changes, but Lacuna cannot see what it writes",
        suggestion="ignored:\n  crm.note:",
    ),
    "a rule that copies rows": Case(
        sql="create schema audit; create table audit.history (email text); "
        "create rule noting as on update to crm.customers do also "
        "insert into audit.history values (old.email)",
        location="crm.customers (noting)",
        kind=DriftKind.TRIGGER,
        problem="crm.noting writes to audit.history",
        suggestion="schemas: [crm, audit]",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_difference_is_reported_with_what_to_add(crm, load_changed, case):
    changes = [case.change] if case.change else []
    datamap = load_changed(*changes)
    found = drifts(crm, datamap, *([case.sql] if case.sql else []))
    drift = next(
        (each for each in found if each.location == case.location and each.kind is case.kind), None
    )
    assert drift is not None, [(each.location, each.kind, each.problem) for each in found]
    assert case.problem in drift.problem
    assert case.suggestion in drift.suggestion
    if not case.suggestion:
        assert drift.suggestion == ""
    # Whatever is suggested loads, step by step; what it settles is gone.
    for _ in range(4):
        for each in found:
            if each.suggestion:
                changes.append(each.suggestion)
        datamap = load_changed(*changes)
        again = drifts(crm, datamap)
        if again == found:
            break
        found = again
    assert (found == ()) == case.settled, found


UNREMARKABLE = {
    "a partition of a mapped table": (
        "drop table crm.comments; create table crm.comments (comment_id bigint primary key, "
        "org_id text not null, ticket_id bigint not null references crm.tickets, body text) "
        "partition by range (comment_id); "
        "create table crm.comments_1 partition of crm.comments for values from (0) to (9) "
        "partition by range (comment_id); "
        "create table crm.comments_2 partition of crm.comments_1 default"
    ),
    "a table of another schema": "create schema other; create table other.x (id int)",
    "a column that was dropped": "alter table crm.agents add x int; alter table crm.agents drop x",
    "a foreign key of agents among themselves": (
        "alter table crm.agents add unique (agent_id, org_id), add foreign key (agent_id, org_id) "
        "references crm.agents (agent_id, org_id)"
    ),
    "a way back that closes a circle": (
        "alter table crm.tickets add foreign key (minutes) references crm.agents (agent_id)"
    ),
    "a trigger that writes its own row": (
        "create function crm.touch() returns trigger language plpgsql as $$ begin "
        "-- insert into audit.history\n new.erased_at := now(); "
        "raise notice 'insert into nowhere'; return new; end $$; "
        "create trigger touching before update on crm.customers for each row "
        "execute function crm.touch()"
    ),
    "a trigger that writes to a mapped table": (
        "create function crm.touch() returns trigger language plpgsql as $$ begin "
        'update TICKETS set closed_at = now(); delete from only crm . "comments"; '
        "return new; end $$; "
        "create trigger touching before update on crm.customers for each row "
        "execute function crm.touch()"
    ),
    "a trigger of PostgreSQL's own": (
        "create trigger same before update on crm.tickets for each row "
        "execute function suppress_redundant_updates_trigger()"
    ),
    "a longer text": "alter table crm.customers alter name type varchar(200)",
}


@pytest.mark.parametrize("statements", UNREMARKABLE.values(), ids=UNREMARKABLE.keys())
def test_what_changes_nothing_for_the_map_is_no_drift(crm, load_changed, statements):
    assert drifts(crm, load_changed(), statements) == ()


def test_data_map_14_a_foreign_key_without_an_index_is_said_and_stops_nothing(crm, load_changed):
    datamap = load_changed()
    live = read_live_schema(crm, datamap.schemas)
    # Keys of customers change, and tickets point at them.
    (said,) = slow_foreign_keys(datamap, live)
    assert said.startswith("crm.tickets.customer_id has no index")
    assert "crm.customers" in said
    assert check(datamap, live) == ()
    crm.exec_driver_sql("create index on crm.tickets (state, customer_id)")
    assert list(slow_foreign_keys(datamap, read_live_schema(crm, datamap.schemas))) == [said]
    crm.exec_driver_sql("create index on crm.tickets (customer_id, state)")
    assert list(slow_foreign_keys(datamap, read_live_schema(crm, datamap.schemas))) == []


def test_a_reference_without_an_index_is_said_and_stops_nothing(crm, load_changed):
    crm.exec_driver_sql(
        "alter table crm.agents add made_by uuid, add seen_by uuid[], add entered_by uuid "
        "references crm.customers"
    )
    columns = {
        name: {
            "category": "user.unique_id",
            "access": "false",
            "portability": "false",
            "erase": "unlink",
        }
        for name in ("made_by", "seen_by", "entered_by")
    }
    entry = {"references": list(columns), "columns": columns}
    datamap = load_changed(yaml.safe_dump({"tables": {"crm.agents": entry}}))
    assert check(datamap, read_live_schema(crm, datamap.schemas)) == ()

    def said() -> list[str]:
        live = read_live_schema(crm, datamap.schemas)
        return [one.split(" ")[0] for one in slow_references(datamap, live)]

    assert said() == []  # the table is small
    crm.exec_driver_sql("update pg_class set reltuples = 100000 where oid = 'crm.agents'::regclass")
    # Of the foreign key, it is said already.
    assert said() == ["crm.agents.made_by", "crm.agents.seen_by"]
    crm.exec_driver_sql("create index on crm.agents (made_by, name)")
    crm.exec_driver_sql("create index on crm.agents using gin (seen_by)")
    assert said() == []


def test_paths_that_may_not_be_null_are_alike_in_any_index_over_several(crm, load_changed):
    found = drifts(
        crm,
        load_changed(),
        "alter table crm.customers alter photo set not null",
        "create unique index on crm.customers (name, photo)",
    )
    assert {each.location for each in found} == {"crm.customers.name", "crm.customers.photo"}


def test_data_map_17_a_partition_that_was_detached_is_reported(crm, load_changed):
    statements = UNREMARKABLE["a partition of a mapped table"]
    found = drifts(
        crm, load_changed(), statements, "alter table crm.comments detach partition crm.comments_1"
    )
    assert [each.location for each in found] == ["crm.comments_1"]


def test_a_trigger_on_a_partition_is_seen(crm, load_changed):
    found = drifts(
        crm,
        load_changed(),
        UNREMARKABLE["a partition of a mapped table"],
        HISTORY.replace("on crm.customers", "on crm.comments_2").replace("email", "body"),
    )
    assert "crm.comments_2 (noting)" in {each.location for each in found}


def test_a_circle_of_foreign_keys_is_no_reason_to_link_back(crm, load_changed):
    change = col("tickets", "last_comment_id", f"{SYSTEM}, erase: keep")
    found = drifts(
        crm,
        load_changed(change),
        "alter table crm.tickets add last_comment_id bigint references crm.comments",
    )
    assert found == ()


def test_a_materialized_view_cannot_be_ignored(crm, load_changed):
    found = drifts(
        crm,
        load_changed("ignored: {crm.emails: only a view}"),
        "create materialized view crm.emails as select email from crm.customers",
    )
    assert [each.kind for each in found] == [DriftKind.UNMAPPED]
    assert "cannot be ignored" in found[0].problem


def test_what_is_ignored_with_a_reason_is_left_alone(crm, load_changed):
    datamap = load_changed("ignored: {crm.spatial: of an extension, billing.x: of finance}")
    found = drifts(
        crm,
        datamap,
        "create table crm.spatial (id int); create schema billing; "
        "create table billing.x (c uuid references crm.customers)",
    )
    assert found == ()


def test_drift_stops_a_flow_and_says_what_to_add(crm, load_changed):
    datamap = load_changed()
    crm.exec_driver_sql(
        "alter table crm.customers add nickname text; alter table crm.agents drop name"
    )
    with pytest.raises(DataMapDrift) as refusal:
        refuse(check(datamap, read_live_schema(crm, datamap.schemas)))
    lines = str(refusal.value).splitlines()
    assert lines[0].endswith("(2 differences); nothing was read or changed")
    assert lines[1].startswith("  crm.agents.name: the map lists this column")
    assert lines[2] == "  crm.customers.nickname: this column is not in the map; add it"
    assert re.match(r" {12}nickname: \{processing: support, category: user, ", lines[6])
    assert refusal.value.exit_code == 1


def test_the_order_of_drift_does_not_depend_on_the_catalog(crm, load_changed):
    found = drifts(crm, load_changed(), "alter table crm.tickets add z int, add a int")
    assert [each.location for each in found] == ["crm.tickets.a", "crm.tickets.z"]


def test_the_catalog_is_read_by_any_role(crm, load_changed):
    datamap = load_changed()
    crm.exec_driver_sql("create role nobody_at_all; set local role nobody_at_all")
    assert check(datamap, read_live_schema(crm, datamap.schemas)) == ()


def test_a_schema_name_is_a_value_not_sql(crm):
    live = read_live_schema(crm, ["crm'; drop table crm.agents; --", "crm"])
    assert live.schemas == {"crm"}
    assert TableName("crm", "agents") in live.tables


def test_a_suggestion_is_not_trusted_blindly(crm, load_changed):
    """A text that is part of a unique index has no safe treatment: a person must decide."""
    statement = "alter table crm.agents add login text not null unique"
    found = drifts(crm, load_changed(), statement)
    datamap = load_changed(*(each.suggestion for each in found))
    assert drifts(crm, datamap) == ()
    with pytest.raises(ConfigurationError):
        load_changed("tables: {crm.agents: {columns: {login: {erase: keep}}}}")


OWN_TYPES = {"the platform's own type": "integer", "as contact_id": "integer"}
REPORTS = (
    "{schemas: [crm_reports], reporting: {schema: crm_reports}, ignored: {"
    + ", ".join(f"crm_reports.{name}: a view" for name in COUNTED)
    + "}}"
)


def views(**others: str) -> list[str]:
    """Return what creates the views that the marts count, some columns of another type."""
    return ["create schema crm_reports"] + [
        f"create view crm_reports.{name} as select "
        + ", ".join(
            f"null::{others.get(f'{name}_{column}', OWN_TYPES.get(kind, kind))} as {column}"
            for column, kind in columns.items()
        )
        for name, columns in COUNTED.items()
    ]


def test_views_of_the_types_that_the_marts_read_are_no_drift(crm, load_changed):
    assert drifts(crm, load_changed(REPORTS), *views()) == ()


@pytest.mark.parametrize(
    ("name", "kind", "read_as"),
    [
        ("conversations.org_id", "integer", "text"),
        ("ratings.score", "text", "integer"),
        ("conversations.created_at", "text", "timestamptz"),
        ("ratings.requester_id", "text", "as contact_id"),
    ],
)
def test_a_view_of_a_type_that_the_marts_cannot_compare_is_drift(
    crm, load_changed, name, kind, read_as
):
    (found,) = drifts(crm, load_changed(REPORTS), *views(**{name.replace(".", "_"): kind}))
    assert (found.location, found.kind) == (f"crm_reports.{name}", DriftKind.UNFIT)
    assert f"read this column as {read_as}, and it is {kind}; convert it" in found.problem
