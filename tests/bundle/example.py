"""A shop with one customer too many: the platform that the tests of bundles read."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from lacuna.bundle import BundleSources, collect
from lacuna.bundle.values import type_of, types_in
from lacuna.datamap import load
from lacuna.model.bundle import (
    BundleContent,
    BundleOrder,
    BundleRow,
    ConsentRecord,
    PastRequest,
    TableContent,
)
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import ObjectPath, RowKey, TableName
from lacuna.model.plan import Inventory, MentionsFound, ObjectFound, RowsFound
from lacuna.model.request import RequestKind, RequestState
from lacuna.ports import Passage, Redacted, Span
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.postgres.platform_reader import PlatformReader
from lacuna.verify import CountedRows

REQUEST_ID = "6f1c2a0e-7d1b-4a55-9a53-0d8f8e1c4b77"
SNAPSHOT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
EVERYTHING = (RequestKind.ACCESS, RequestKind.PORTABILITY)

MAP = """\
name: Example shop
version: "1"
controller: Example A/S, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [shop]
longest_backup_days: 35
processings:
  support:
    purpose: Answer customers.
    lawful_basis: 6(1)(b)
    keep_for_days: 1095
    retention: Three years after the last ticket.
    recipients: [the support team]
  recording:
    purpose: Record calls to train agents.
    lawful_basis: 6(1)(a)
    keep_for_days: 180
    retention: 180 days.
    recipients: [the support team, Example Telephony Ltd]
    source: The call itself.
    transfers: United Kingdom, by its adequacy decision.
  quality:
    purpose: Hand tickets over between agents.
    lawful_basis: 6(1)(f)
    retention: Three years.
    recipients: [team leads]
    source: The agents.
    automated_decisions: Tickets are sorted by language; nothing is decided.
subject:
  table: shop.customers
  identifiers:
    - {kind: email, column: shop.customers.email}
    - {kind: name, column: shop.customers.name}
    - {kind: phone, column: shop.customers.phone}
  levels: {contact: shop.customers, conversation: shop.tickets, message: shop.comments}
  open_when: {column: state, values: [open]}
  others: [shop.agents.name]
tables:
  shop.customers:
    processing: support
    key: customer_id
    tenant: org_id
    rows: anonymize
    columns:
      customer_id: {category: user.unique_id, erase: new_key, access: true, portability: false, meaning: Number of the customer.}
      org_id: {category: system.operations, erase: keep}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: Full name.}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: E-mail address.}
      phone: {category: user.contact.phone_number, erase: suppress, access: true, portability: true, meaning: Telephone number.}
      more_emails: {category: user.contact.email, erase: empty, access: true, portability: true, meaning: Further e-mail addresses.}
      photo: {category: user.content.self_image, erase: {delete_object: media}, access: true, portability: true, meaning: Photograph.}
      token: {category: user.authorization.credentials, erase: suppress, access: true, portability: true, meaning: Log-in token.}
      country: {category: user.contact.address.country, erase: keep, access: true, portability: true, meaning: Country., legend: {DK: Denmark, SE: Sweden}}
      credit: {category: user.financial, processing: quality, erase: suppress, access: true, portability: false, meaning: Credit in kroner.}
      weight: {category: user.behavior, processing: quality, erase: suppress, access: true, portability: false, meaning: Mean weight of a parcel.}
      is_member: {category: user.account, erase: suppress, access: true, portability: true, meaning: Whether they are in the club.}
      fingerprint: {category: user.device.device_id, erase: suppress, access: true, portability: true, meaning: Mark of the browser.}
      settings: {category: user.settings, erase: {json_keys: [theme]}, access: true, portability: true, meaning: What they chose.}
      created_at: {category: user.account, erase: {generalize: day}, access: true, portability: true, meaning: When the account was made.}
  shop.tickets:
    processing: support
    key: ticket_id
    tenant: org_id
    links: {customer_id: shop.customers}
    rows: anonymize
    columns:
      ticket_id: {category: system.operations, erase: keep, access: true, portability: true, meaning: Number of the ticket.}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: true, portability: false, meaning: Number of the customer.}
      state: {category: system.operations, erase: keep, access: true, meaning: Whether the ticket is open., legend: {open: an agent works on it, closed: it is finished}}
      assignee: {category: user.name, processing: quality, erase: suppress, access: true, portability: false, meaning: Agent in charge.}
      closed_on: {category: system.operations, erase: keep, access: true, meaning: Day on which it was closed.}
  shop.comments:
    processing: support
    key: comment_id
    tenant: org_id
    links: {ticket_id: shop.tickets, customer_id: shop.customers}
    portable: {where: {sender: [customer]}, author: customer_id}
    rows: anonymize
    columns:
      comment_id: {category: system.operations, erase: keep, access: true, portability: true, meaning: Number of the comment.}
      org_id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep, access: true, portability: true, meaning: Number of the ticket.}
      customer_id: {category: user.unique_id, erase: unlink, access: true, portability: false, meaning: Number of the customer who wrote it.}
      sender: {category: system.operations, erase: keep, access: true, meaning: Who wrote it., legend: {customer: a customer, agent: an agent of the shop}}
      body: {category: user.content.private, erase: redact, text: html, access: true, portability: true, meaning: What was written.}
      parties: {category: user.contact, erase: empty, mention: redact, access: true, portability: true, meaning: Who wrote to whom.}
      raw: {category: user.content.private, erase: {delete_object: media}, mention: delete_object, access: true, portability: true, meaning: The e-mail as it arrived.}
      side_file: {category: user.content.private, erase: {delete_object: media}, mention: delete_object, access: true, portability: false, meaning: Text that was too long.}
      note: {category: user.content.private, processing: quality, erase: redact, text: plain, access: true, portability: false, meaning: Note of an agent.}
      written_at: {category: system.operations, erase: keep, access: true, portability: true, meaning: When it was written.}
  shop.recordings:
    processing: recording
    key: recording_id
    tenant: org_id
    links: {ticket_id: shop.tickets}
    rows: anonymize
    columns:
      recording_id: {category: system.operations, erase: keep, access: true, portability: true, meaning: Number of the recording.}
      org_id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep, access: true, portability: true, meaning: Number of the ticket.}
      path: {category: user.biometrics.voice, erase: {delete_object: media}, access: true, portability: true, meaning: The recording.}
      seconds: {category: system.operations, erase: keep, access: true, portability: true, meaning: Length in seconds.}
  shop.visits:
    processing: support
    key: visit_id
    tenant: org_id
    links: {customer_id: shop.customers}
    rows: delete
    columns:
      visit_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: true, portability: false, meaning: Number of the customer.}
      page: {category: user.behavior.browsing_history, erase: suppress, access: true, portability: true, meaning: Page visited.}
  shop.agents:
    processing: quality
    key: agent_id
    tenant: org_id
    rows: keep
    columns:
      agent_id: {category: user.unique_id, erase: keep, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      name: {category: user.name, erase: keep, access: false, portability: false}
stores:
  media:
    files:
      - {pattern: photos/**, format: binary, table: shop.customers, mention: delete_object}
      - {pattern: recordings/*.wav, format: binary, table: shop.recordings, mention: delete_object}
      - {pattern: raw_mail/**, format: mail, table: shop.comments, mention: delete_object}
      - {pattern: long/*.txt, format: text, table: shop.comments, mention: delete_object}
      - {pattern: exports/*.parquet, format: parquet, table: shop.tickets, mention: redact}
"""

SCHEMA = """\
create schema shop;
create table shop.customers (
    customer_id uuid primary key, org_id text, name text, email text, phone text,
    more_emails text[], photo text, token text, country text, credit numeric(10, 2),
    weight double precision, is_member boolean, fingerprint bytea, settings jsonb,
    created_at timestamptz);
create table shop.tickets (
    ticket_id bigint primary key, org_id text, customer_id uuid, state text, assignee text,
    closed_on date);
create table shop.comments (
    comment_id bigint primary key, org_id text, ticket_id bigint, customer_id uuid, sender text, body text,
    parties jsonb, raw text, side_file text, note text, written_at timestamptz);
create table shop.recordings (
    recording_id bigint primary key, org_id text, ticket_id bigint, path text, seconds int);
create table shop.visits (visit_id bigint primary key, org_id text, customer_id uuid, page text);
create table shop.agents (agent_id bigint primary key, org_id text, name text);
"""

ANNA = "0b8f6d3e-54a2-4f0e-8f0c-2f8f6f8f1a01"
BO = "5c2d9a77-1f6b-4f43-9a0b-7d5a3c1e9b02"
ANNAS_EMAIL, ANNAS_PHONE = "anna.lind@example.org", "+4520304050"
BOS_EMAIL, BOS_NAME, BOS_PHONE = "bo.bergström@example.org", "Bo Bergström", "+46701740605"
AGENT = ("Carla Holm", "carla@shop.example.org")

RAW_MAIL = (
    "From: Anna Lind <anna.lind@example.org>\r\n"
    f"Cc: =?utf-8?q?Bo_Bergstr=C3=B6m?= <{'bo.bergstroem@example.org'}>\r\n"
    "Subject: The parcel\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="part"\r\n'
    "\r\n"
    "--part\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "Qm8gQmVyZ3N0csO2bSBoYXMgdGhlIHBhcmNlbC4NCg==\r\n"
    "--part\r\n"
    "Content-Type: application/octet-stream\r\n"
    'Content-Disposition: attachment; filename="slip of Bo Bergstrom.bin"\r\n'
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "AAECAwQ=\r\n"
    "--part--\r\n"
).encode()
CLEAN_MAIL = b"From: Anna Lind <anna.lind@example.org>\nSubject: Thanks\n\nThank you.\n"

FILES = {
    "photos/anna-lind.JPG": b"\xff\xd8\xff\xe0 a photograph",
    "recordings/call-with-anna-lind.wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256)),
    "recordings/orphan.wav": b"RIFF nobody's",
    "raw_mail/2026/anna-1.eml": RAW_MAIL,
    "raw_mail/2026/anna-2.eml": CLEAN_MAIL,
    "long/anna.txt": "A long letter. Bo Bergström reads it too. Anna".encode(),
    "exports/tickets.parquet": b"PAR1 rows of everybody PAR1",
}


def load_map(folder: Path) -> DataMap:
    """Return the data map of the shop."""
    path = folder / "datamap.yaml"
    path.write_text(MAP, encoding="utf-8")
    return load(path)


def fill(url: str) -> None:
    """Create the shop's tables with rows of Anna, of Bo and of an agent."""
    customer = (
        ANNA, "org-1", "Anna Lind", ANNAS_EMAIL, ANNAS_PHONE, ["a.lind@example.org"],
        "photos/anna-lind.JPG", "token-9f8e7d", "DK", "12.50", 1.25, True, b"\x00\x01\xfe",
        Jsonb({"theme": "dark", "size": [1, 2.5, None], "name": "Anna"}),
        "2024-05-01 12:30:00.5+02",
    )  # fmt: skip
    other = (
        BO, "org-1", BOS_NAME, BOS_EMAIL, BOS_PHONE, [], None, None, "SE", None, None, False,
        None, Jsonb({}), "2024-05-02 00:00+00",
    )  # fmt: skip
    parties = {
        "from": {"name": "Anna Lind", "email": ANNAS_EMAIL},
        "cc": [{"name": BOS_NAME, "email": BOS_EMAIL}],
        "agent": {"name": AGENT[0], "email": AGENT[1].upper()},
    }
    comments = [
        (11, "org-1", 1, ANNA, "customer", "<p>Where is my parcel? &lt;Anna&gt;</p>", Jsonb(parties),
         "raw_mail/2026/anna-1.eml", None, None, "2026-02-01 08:00+00"),
        (2, "org-1", 1, None, "agent", f"<p>{BOS_NAME} has it.</p><p>Carla Holm</p>", Jsonb({}),
         None, "long/anna.txt", f"{BOS_NAME} called from {BOS_PHONE}", "2026-02-01 09:00:00.25+00"),
        (30, "org-1", 2, BO, "customer", "Mine!", Jsonb({}), None, None, None, "2026-02-02 09:00+00"),
        (12, "org-1", 2, ANNA, "customer", "Thanks \u2603 \U0001f600\x0b", Jsonb([1, "two"]),
         "raw_mail/2026/anna-2.eml", None, None, "2026-02-02 10:00+00"),
    ]  # fmt: skip
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(SCHEMA)
        marks = ", ".join(["%s"] * 15)
        for row in (customer, other):
            connection.execute(f"insert into shop.customers values ({marks})", row)  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into shop.tickets values (%s, %s, %s, %s, %s, %s)",
                [
                    (1, "org-1", ANNA, "closed", "Carla  HOLM", "2026-02-03"),
                    (2, "org-1", BO, "open", "Carla Holm", None),
                ],
            )
            cursor.executemany(
                f"insert into shop.comments values ({', '.join(['%s'] * 11)})",  # noqa: S608
                comments,
            )
            cursor.executemany(
                "insert into shop.recordings values (%s, %s, %s, %s, %s)",
                [(7, "org-1", 1, "recordings/call-with-anna-lind.wav", 42)],
            )
            cursor.execute("insert into shop.agents values (5, 'org-1', %s)", [AGENT[0]])


def put_files(folder: Path) -> Path:
    """Write the shop's media; return its folder."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def anna() -> Person:
    """The person whose bundle it is."""
    return Person(
        ref=SubjectRef(REQUEST_ID),
        org_id="org-1",
        keys=(ANNA,),
        known=(
            Identifier(IdentifierKind.EMAIL, ANNAS_EMAIL),
            Identifier(IdentifierKind.NAME, "Anna Lind"),
            Identifier(IdentifierKind.PHONE, ANNAS_PHONE),
        ),
        short_names=("Anna", "Lind"),
    )


def foreign() -> tuple[Identifier, ...]:
    """Identifiers of the other customer."""
    return (
        Identifier(IdentifierKind.EMAIL, BOS_EMAIL),
        Identifier(IdentifierKind.EMAIL, "bo.bergstroem@example.org"),
        Identifier(IdentifierKind.NAME, BOS_NAME),
        Identifier(IdentifierKind.PHONE, BOS_PHONE),
        Identifier(IdentifierKind.CONTACT_ID, BO),
    )


def inventory(datamap: DataMap) -> Inventory:
    """What the inventory finds for Anna: comment 30 is another's, 12 her own in his ticket."""
    own: dict[str, Sequence[RowKey]] = {
        "shop.customers": [(ANNA,)],
        "shop.tickets": [("1",)],
        "shop.comments": [("2",), ("11",), ("12",)],
        "shop.recordings": [("7",)],
    }
    found = [
        ("photos/anna-lind.JPG", "photos/**", 1, False),
        ("recordings/call-with-anna-lind.wav", "recordings/*.wav", 1, False),
        ("recordings/orphan.wav", "recordings/*.wav", 0, False),
        ("raw_mail/2026/anna-1.eml", "raw_mail/**", 1, False),
        ("raw_mail/2026/anna-2.eml", "raw_mail/**", 1, False),
        ("long/anna.txt", "long/*.txt", 1, False),
        ("exports/tickets.parquet", "exports/*.parquet", 1, True),
    ]
    return Inventory(
        rows=tuple(RowsFound(TableName.parse(name), frozenset(keys)) for name, keys in own.items()),
        mentions=tuple[MentionsFound, ...](),
        objects=tuple(
            ObjectFound(ObjectPath("media", path), pattern, len(FILES[path]), rows, is_rewritten)
            for path, pattern, rows, is_rewritten in found
        ),
        open_conversations=0,
        kept_identifiers=0,
    )


COUNTS = {
    "shop.agents": 0,
    "shop.comments": 3,
    "shop.customers": 1,
    "shop.recordings": 1,
    "shop.tickets": 1,
    "shop.visits": 0,
}

COUNTED = CountedRows(COUNTS, {"shop.comments": [("11",), ("12",)]})


def order(kinds: tuple[RequestKind, ...] = EVERYTHING) -> BundleOrder:
    """An order for Anna's bundle."""
    return BundleOrder(
        request_id=REQUEST_ID,
        kinds=kinds,
        snapshot_at=SNAPSHOT,
        generated_at=datetime(2026, 3, 2, 2, 5, tzinfo=UTC),
        history=(
            PastRequest(
                request_id="1d0a2f10-53a4-4a53-b9f4-8f5f7e6c1d00",
                kinds=(RequestKind.ERASURE,),
                received_at=datetime(2025, 1, 7, 9, 0, tzinfo=UTC),
                state=RequestState.REFUSED,
                closed_at=datetime(2025, 1, 20, 9, 0, tzinfo=UTC),
                ground="17(3)(b)",
            ),
        ),
        consents=(
            ConsentRecord(
                at=datetime(2026, 2, 1, 7, 59, tzinfo=UTC),
                purpose="call recording",
                status="granted",
                method="keypress 1",
                version="2026-01",
            ),
        ),
    )


def cover(passages: Sequence[Passage]) -> list[Redacted]:
    """Cover Bo's values wherever they stand as they are."""
    values = (*(one.value for one in foreign()), "Bo Bergstrom")
    covered = []
    for passage in passages:
        text, spans = passage.text, []
        for value in values:
            start = text.find(value)
            while start >= 0:
                spans.append(Span(start, start + len(value), "KNOWN", 1.0))
                text = text[:start] + "[covered]" + text[start + len(value) :]
                start = text.find(value)
        covered.append(Redacted(text, tuple(spans)))
    return covered


def gather(
    url: str, datamap: DataMap, media: Path, kinds: tuple[RequestKind, ...] = EVERYTHING
) -> BundleContent:
    """Collect Anna's bundle from the database at `url` and the files in `media`.

    Rows that are ready lie beside the media.
    """
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        sources = BundleSources(
            rows=PlatformReader(connection, datamap),
            objects={"media": FolderObjects("media", media)},
            cover_others=cover,
            cover_version="1",
            parts=Path(tempfile.mkdtemp(dir=media.parent)),
            agents=(AGENT,),
        )
        content = collect(anna(), inventory(datamap), datamap, order(kinds), sources)
    engine.dispose()
    return content


def with_rows(
    table: TableContent, change: Callable[[list[BundleRow]], Sequence[BundleRow]]
) -> TableContent:
    """Return a table with other rows."""
    rows = list(change(list(table.rows())))
    columns = list(zip(*rows, strict=True))
    present = [sum(value not in (None, "", [], {}) for value in values) for values in columns]
    return replace(
        table,
        count=len(rows),
        present=dict(zip(table.columns, present, strict=True)),
        types={
            name: type_of(types_in(values))
            for name, values in zip(table.columns, columns, strict=True)
        },
        read=lambda: iter([rows]),
    )


def read_json(path: Path) -> list[dict[str, object]]:
    """Return the rows of a JSON file."""
    rows: list[dict[str, object]] = json.loads(path.read_text("utf-8"))
    return rows


def uuid_of(text: str) -> UUID:
    """Return a key as the driver gives it."""
    return UUID(text)


def no_sources(parts: Path) -> BundleSources:
    """Sources that nobody may ask."""

    class Nothing:
        def rows(self, table: TableName, columns: object, keys: object) -> Iterator[tuple[object]]:
            raise AssertionError("nothing was to be read")

    return BundleSources(
        rows=Nothing(), objects={}, cover_others=cover, cover_version="1", parts=parts
    )
