"""A small shop as a platform of its own: odd names, a composite key, every treatment once.

The people are made up. Anna has an older row merged into hers and shares a telephone number with
Bo; Dora of another tenant has Anna's e-mail address too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import load
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action, Entry
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.stores.installation import OpenTransaction
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from tests.officers import register

ANNA, ANNA_OLD = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
BO, CLARA = "b0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000001"
DORA = "d0000000-0000-4000-8000-000000000001"
ANNA_MAIL, ANNA_OLD_MAIL = "anna.berg@example.org", "anna.old@example.org"
SHARED_PHONE = "+4520304050"
NOW = datetime(2026, 11, 24, 13, 45, 12, 345678, tzinfo=UTC)

KUNDEN = TableName("Odd Shop", "Kunden")
ALIAS = TableName("Odd Shop", "Alias")
TICKETS = TableName("Odd Shop", "Tickets")
BRIEFE = TableName("Odd Shop", "Briefe")
LINES = TableName("Odd Shop", "order.lines")
CACHE = TableName("Odd Shop", "cache")
LAGER = TableName("Odd Shop", 'La"ger')

SCHEMA = """
create schema "Odd Shop";
create table "Odd Shop"."Kunden" (
    "Kunde Nr" uuid primary key, org_id text not null, "E-Mail" text,
    "E-Mails" text[] not null default '{}', telefon text, "Name" text not null, "order" text,
    "Foto" text, merged_into uuid references "Odd Shop"."Kunden", "Einstellungen" jsonb,
    geboren date, gesehen timestamptz, notiert timestamp, "Daten" json default '{"a": 1}',
    "GELÖSCHT AM" timestamptz
);
create table "Odd Shop"."Alias" (
    id bigint primary key, org_id text not null,
    kunde uuid not null references "Odd Shop"."Kunden", art text not null, wert text not null
);
create table "Odd Shop"."Tickets" (
    ticket bigint primary key, org_id text not null, kunde uuid references "Odd Shop"."Kunden",
    zustand text not null, betreff text, minuten int not null, preis numeric(8, 2),
    sprache text, geschlossen timestamptz, "erasedAt" timestamp
);
create table "Odd Shop"."Briefe" (
    brief bigint primary key, org_id text not null,
    ticket bigint not null references "Odd Shop"."Tickets",
    autor uuid references "Odd Shop"."Kunden", body text, html text, cc text[], roh text
);
create table "Odd Shop"."order.lines" (
    ticket bigint references "Odd Shop"."Tickets", "Pos" varchar(10), org_id text not null,
    "Wunsch" text, primary key (ticket, "Pos")
);
create table "Odd Shop".cache (
    "KEY" text primary key, org_id text not null, kunde uuid references "Odd Shop"."Kunden"
);
create table "Odd Shop"."La""ger" (
    id int primary key, org_id text not null, notiz text, ticket bigint, angaben jsonb
);
create table "Odd Shop"."Agenten" (
    id int primary key, org_id text not null, "Voller Name" text, vorname text
);
"""

ROWS = f"""
insert into "Odd Shop"."Kunden" values
    ('{ANNA}', 'nord', 'Anna.Berg@Example.org', '{{a.berg@example.org}}', '+45 20 30 40 50',
     'Anna Berg', 'Anna', 'fotos/1.png', null, '{{"theme": "dark", "size": 3, "mail": "x"}}',
     '1987-06-05', '2026-03-31 23:30:00+00', '2026-02-03 04:05:06', '{{"anna": true}}', null),
    ('{ANNA_OLD}', 'nord', '{ANNA_OLD_MAIL}', '{{}}', null, 'Anna Holm', null, null,
     '{ANNA}', null, null, null, null, null, null),
    ('{BO}', 'nord', 'bo.lind@example.org', '{{}}', '004520304050', 'Bo Lind', 'Bo', 'fotos/2.png',
     null, '{{"theme": "light"}}', '1990-12-31', '2026-01-01 00:00:00+00', '2026-12-31 23:59:59',
     '[1]', null),
    ('{CLARA}', 'nord', 'clara.dahl@example.org', '{{}}', '+4530405060', 'Clara Dahl', 'Clara',
     null, null, null, null, null, null, null, null),
    ('{DORA}', 'sued', '{ANNA_MAIL}', '{{}}', null, 'Dora Elm', 'Dora', null, null, null, null,
     null, null, null, null);
insert into "Odd Shop"."Alias" values
    (1, 'nord', '{ANNA}', 'email', 'berg.private@example.org'),
    (2, 'nord', '{ANNA}', 'phone', '+4540506070'),
    (3, 'nord', '{ANNA}', 'nick', 'bergie'),
    (4, 'nord', '{CLARA}', 'email', 'cd@example.org');
insert into "Odd Shop"."Tickets" values
    (10, 'nord', '{ANNA}', 'closed', 'Question by Anna Berg', 5, 12.50, 'en', '2026-01-01', null),
    (11, 'nord', '{ANNA_OLD}', 'closed', null, 7, null, null, '2026-02-01', null),
    (20, 'nord', '{BO}', 'open', 'Hello', 11, 1.25, 'de', null, null),
    (30, 'nord', '{CLARA}', 'closed', 'Anna Berg told me', 13, null, 'en', '2026-03-01', null),
    (40, 'sued', '{DORA}', 'closed', 'Mail from {ANNA_MAIL}', 17, null, 'en', '2026-03-01', null);
insert into "Odd Shop"."Briefe" values
    (100, 'nord', 10, '{ANNA}', 'I am Anna Berg', '<p>I am Anna Berg</p>',
     '{{"{ANNA_MAIL}", "bo.lind@example.org", NULL}}', 'briefe/100.eml'),
    (101, 'nord', 10, '{CLARA}', 'Clara answers', null, null, null),
    (200, 'nord', 20, '{BO}', 'Call me on {SHARED_PHONE}', null, null, null),
    (300, 'nord', 30, '{CLARA}', 'Ask {ANNA_MAIL}, or call {SHARED_PHONE}', null,
     '{{"a \\"quoted\\" {ANNA_MAIL}", NULL, "x"}}', 'briefe/300.eml'),
    (301, 'nord', 30, null, 'Nobody here', null, '{{}}', null);
insert into "Odd Shop"."order.lines" values
    (10, 'A', 'nord', 'Grün für Anna'), (10, 'B', 'nord', null), (20, 'A', 'nord', 'Blau\tzwei');
insert into "Odd Shop".cache values ('k1', 'nord', '{ANNA}'), ('k2', 'nord', '{CLARA}'),
    ('k3', 'nord', null);
insert into "Odd Shop"."La""ger" values
    (1, 'nord', 'Reserved for anna.berg@example.org', null), (2, 'nord', 'Empty', 10);
insert into "Odd Shop"."Agenten" values
    (1, 'nord', 'Gerda Vogt', 'Gerda'), (2, 'nord', 'Anna', 'Anna'), (3, 'sued', 'Ulf Ek', 'Ulf');
"""  # noqa: S608 - constants of this file alone

DATAMAP = """
name: Odd shop
version: "1"
controller: Odd Shop A/S, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [Odd Shop]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: '"Odd Shop".Kunden'
  merged_into: merged_into
  identifiers:
    - {kind: email, column: '"Odd Shop".Kunden.E-Mail'}
    - {kind: email, column: '"Odd Shop".Kunden.E-Mails'}
    - {kind: phone, column: '"Odd Shop".Kunden.telefon'}
    - {kind: name, column: '"Odd Shop".Kunden.Name'}
    - {kind: name, column: '"Odd Shop".Kunden.order', short: true}
    - {kind: email, column: '"Odd Shop".Alias.wert', only_where: {art: email}}
    - {kind: phone, column: '"Odd Shop".Alias.wert', only_where: {art: phone}}
  levels:
    contact: '"Odd Shop".Kunden'
    conversation: '"Odd Shop".Tickets'
    message: '"Odd Shop".Briefe'
  open_when: {column: zustand, values: [open, pending]}
  others: ['"Odd Shop".Agenten."Voller Name"', '"Odd Shop".Agenten.vorname']
tables:
  '"Odd Shop".Kunden':
    processing: support
    key: Kunde Nr
    tenant: org_id
    rows: anonymize
    erased_at: GELÖSCHT AM
    columns:
      Kunde Nr: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      E-Mail: {category: user.contact.email, erase: suppress, mention: redact, access: false, portability: false}
      E-Mails: {category: user.contact.email, erase: empty, access: false, portability: false}
      telefon: {category: user.contact.phone_number, erase: suppress, access: false, portability: false}
      Name: {category: user.name, erase: {replace: "[it's 100% \\"erased\\"]"}, access: false, portability: false}
      order: {category: user.name, erase: suppress, access: false, portability: false}
      Foto: {category: user.content, erase: {delete_object: media}, mention: delete_object, access: false, portability: false}
      merged_into: {category: user.unique_id, erase: suppress, access: false, portability: false}
      Einstellungen: {category: user.settings, erase: {json_keys: [theme, size]}, access: false, portability: false}
      geboren: {category: user.demographic, erase: {generalize: year}, access: false, portability: false}
      gesehen: {category: user.behavior, erase: {generalize: day}, access: false, portability: false}
      notiert: {category: user.behavior, erase: {generalize: month}, access: false, portability: false}
      Daten: {category: user.settings, erase: empty, access: false, portability: false}
      GELÖSCHT AM: {category: system.operations, erase: keep}
  '"Odd Shop".Alias':
    processing: support
    key: id
    tenant: org_id
    links: {kunde: '"Odd Shop".Kunden'}
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      kunde: {category: user.unique_id, erase: keep, access: false, portability: false}
      art: {category: system.operations, erase: keep}
      wert: {category: user.contact, erase: keep, access: false, portability: false}
  '"Odd Shop".Tickets':
    processing: support
    key: ticket
    tenant: org_id
    links: {kunde: '"Odd Shop".Kunden'}
    rows: anonymize
    erased_at: erasedAt
    language: sprache
    measures: [minuten, preis]
    columns:
      ticket: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      kunde: {category: user.unique_id, erase: unlink, access: false, portability: false}
      zustand: {category: system.operations, erase: keep}
      betreff: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      minuten: {category: system.operations, erase: keep}
      preis: {category: system.operations, erase: keep}
      sprache: {category: system.operations, erase: keep}
      geschlossen: {category: system.operations, erase: keep}
      erasedAt: {category: system.operations, erase: keep}
  '"Odd Shop".Briefe':
    processing: support
    key: brief
    tenant: org_id
    links: {ticket: '"Odd Shop".Tickets', autor: '"Odd Shop".Kunden'}
    rows: anonymize
    language: ticket
    columns:
      brief: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      ticket: {category: system.operations, erase: keep}
      autor: {category: user.unique_id, erase: unlink, access: false, portability: false}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      html: {category: user.content, erase: redact, text: html, access: false, portability: false}
      cc: {category: user.contact, erase: redact, mention: redact, access: false, portability: false}
      roh: {category: user.content, erase: {delete_object: media}, mention: delete_object, access: false, portability: false}
  '"Odd Shop"."order.lines"':
    processing: support
    key: [ticket, Pos]
    tenant: org_id
    links: {ticket: '"Odd Shop".Tickets'}
    rows: anonymize
    columns:
      ticket: {category: system.operations, erase: keep}
      Pos: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      Wunsch: {category: user.content, erase: obfuscate, mention: refuse, access: false, portability: false}
  '"Odd Shop".cache':
    processing: support
    key: KEY
    tenant: org_id
    links: {kunde: '"Odd Shop".Kunden'}
    rows: delete
    columns:
      KEY: {category: user.unique_id, erase: keep, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      kunde: {category: user.unique_id, erase: keep, access: false, portability: false}
  '"Odd Shop"."La""ger"':
    processing: support
    key: id
    tenant: org_id
    links: {ticket: '"Odd Shop".Tickets'}
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      notiz: {category: system.operations, erase: keep, mention: redact}
      angaben: {category: system.operations, erase: keep, mention: redact}
      ticket: {category: system.operations, erase: keep}
  '"Odd Shop".Agenten':
    processing: support
    key: id
    tenant: org_id
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      Voller Name: {category: user.name, erase: keep, access: false, portability: false}
      vorname: {category: user.name, erase: keep, access: false, portability: false}
stores:
  media:
    files:
      - {pattern: fotos/*, format: binary, table: '"Odd Shop".Kunden', mention: delete_object}
      - {pattern: briefe/*.eml, format: mail, table: '"Odd Shop".Briefe', mention: delete_object}
      - {pattern: notizen/*.txt, format: text, mention: redact}
      - {pattern: tresor/*.txt, format: text, mention: refuse}
      - {pattern: exports/*.parquet, format: parquet, table: '"Odd Shop".Kunden', mention: redact}
sweeps:
  - {name: letters, table: '"Odd Shop".Briefe', closed: '"Odd Shop".Tickets.geschlossen', after_days: 90}
"""


@dataclass
class Shop:
    """The shop in a database of its own."""

    url: str
    database: Database
    datamap: DataMap

    @contextmanager
    def open(self, role: Role, **details: object) -> Iterator[OpenTransaction]:
        with self.database.transaction(role, **details) as connection:
            yield OpenTransaction(connection, self.database)

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        """Run a statement as the owner, past everything under test."""
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def approve(self, request_id: str, digest: str, actor: str = "dpo:1") -> None:
        """Approve a plan as an officer whom the queue and the ledger know."""
        with self.open(Role.OWNER) as transaction:
            transaction.queue.plans.approve(request_id, digest, actor, NOW)
            transaction.ledger.append(
                Entry(
                    at=NOW,
                    action=Action.APPROVED,
                    location="lacuna.plan",
                    actor=actor,
                    request_id=request_id,
                    digest=digest,
                )
            )

    def add_request(self, **details: object) -> Request:
        """Queue an erasure; `state` is forced as the owner."""
        nonce = str(details.pop("nonce", uuid.uuid4()))
        request = request_of(**details)
        with self.open(Role.PLANNER) as transaction:
            request = transaction.queue.requests.insert(request, created_at=NOW, nonce=nonce)
        if request.state is not RequestState.RECEIVED:
            self.query("alter table lacuna.request disable trigger request_transition")
            self.query(
                "update lacuna.request set state = %s where request_id = %s",
                str(request.state),
                request.request_id,
            )
            self.query("alter table lacuna.request enable trigger request_transition")
        return request


def request_of(**details: object) -> Request:
    """Return an erasure that was received just now."""
    return Request(
        **{
            "request_id": str(uuid.uuid4()),
            "org_id": "nord",
            "kinds": (RequestKind.ERASURE,),
            "state": RequestState.RECEIVED,
            "level": Level.CONTACT,
            "is_forced": False,
            "received_at": NOW,
            "due_at": NOW,
            "is_verified": False,
            "plan_digest": None,
            "attempt": 0,
        }
        | details
    )


def email(value: str) -> Identifier:
    return Identifier(IdentifierKind.EMAIL, value)


def phone(value: str) -> Identifier:
    return Identifier(IdentifierKind.PHONE, value)


def build(url: str) -> None:
    """Fill an empty database with Lacuna's schemas and the shop."""
    database = Database(url)
    migrate(database)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(SCHEMA)
        connection.execute(ROWS)
    grant_platform(database, ("Odd Shop",))
    register(database)


@pytest.fixture(scope="session")
def shop_datamap(tmp_path_factory: pytest.TempPathFactory) -> DataMap:
    path: Path = tmp_path_factory.mktemp("shop") / "datamap.yaml"
    path.write_text(DATAMAP, "utf-8")
    return load(path)


@pytest.fixture
def shop(template_database, database, shop_datamap) -> Shop:
    """A shop that nothing happened to yet."""
    template_database.register("shop", build)
    url = database(template="shop")
    return Shop(url, Database(url), shop_datamap)


@pytest.fixture(scope="module")
def still_shop(template_database, shop_datamap) -> Iterator[Shop]:
    """A shop that the tests of a module share, because they change nothing in it."""
    template_database.register("shop", build)
    with template_database.clones() as fresh:
        url = fresh(template="shop")
        yield Shop(url, Database(url), shop_datamap)
