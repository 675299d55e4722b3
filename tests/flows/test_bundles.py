"""Bundles of the sample's people, whole flow: complete, by other means, and nobody else's."""

import email
import email.policy
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from uuid import UUID

import ahocorasick
import psycopg
import pyarrow.parquet as pq
import pyrage
import pytest
from jsonschema import Draft202012Validator

from lacuna.bundle import collection, open_sealed, other_people, seal
from lacuna.errors import EvidenceBroken, VerificationFailed
from lacuna.flows.fulfilment import bundles
from lacuna.flows.fulfilment.bundles import check_signature
from lacuna.flows.fulfilment.verification import retained_bundles
from lacuna.flows.run.batch import Batch
from lacuna.model.bundle import PrivateKey
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import refuse
from lacuna_demo.sample import SampleOptions, generate
from tests.flows.conftest import DATAMAP, Installation, builder_of, installed, write_all
from tests.flows.observation import quiet_people

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
BOTH = (RequestKind.ACCESS, RequestKind.PORTABILITY)

# Whose rows they are, written down from the schema and not taken from the data map.
KEYS = """
with recursive same as (
    select c.contact_id from contact_center.contacts c where c.contact_id = %(contact)s
    union
    select other.contact_id
    from same
    join contact_center.contacts mine using (contact_id)
    join contact_center.contacts other using (org_id)
    where other.merged_into = mine.contact_id or mine.merged_into = other.contact_id
      -- A visitor: the address, and nothing else.
      or (lower(other.email) = lower(mine.email) and other.display_name is null
        and other.phone_e164 is null and other.external_id is null)
)
select contact_id from same
"""
CONVERSATIONS = (
    "select conversation_id from contact_center.conversations where requester_id = any(%(keys)s)"
)
MESSAGES = f"""
select message_id from contact_center.messages
where conversation_id in ({CONVERSATIONS}) or author_contact_id = any(%(keys)s)
"""  # noqa: S608
CALLS = f"select call_id from contact_center.calls where conversation_id in ({CONVERSATIONS})"  # noqa: S608
BY_CONVERSATION = f"conversation_id in ({CONVERSATIONS})"
OWN = {
    "contacts": "contact_id = any(%(keys)s)",
    "contact_aliases": "contact_id = any(%(keys)s)",
    "conversations": "requester_id = any(%(keys)s)",
    "messages": f"message_id in ({MESSAGES})",
    "attachments": f"message_id in ({MESSAGES})",
    "form_submissions": f"message_id in ({MESSAGES})",
    "calls": f"call_id in ({CALLS})",
    "call_recordings": f"call_id in ({CALLS})",
    "voicemails": f"call_id in ({CALLS})",
    "transcripts": f"call_id in ({CALLS})",
    "ratings": f"{BY_CONVERSATION} or requester_id = any(%(keys)s)",
    "internal_notes": BY_CONVERSATION,
    "wrapup_notes": BY_CONVERSATION,
    "conversation_tags": BY_CONVERSATION,
    "activity_log": BY_CONVERSATION,
    "agreement_acceptances": "contact_id = any(%(keys)s)",
    "conversation_export": f"{BY_CONVERSATION} or requester_id = any(%(keys)s)",
    "legacy_contact_360": "contact_id = any(%(keys)s)",
}
# What of these the person provided, or was observed of them: neither what staff and the platform wrote,
# nor what others in copy did, nor a question that nobody answered.
WRITTEN = f"""
select message_id from contact_center.messages
where message_id in ({MESSAGES}) and author_type = 'contact' and author_contact_id = any(%(keys)s)
"""  # noqa: S608
PROVIDED = {
    **{name: OWN[name] for name in ("contacts", "conversations")},
    **{name: OWN[name] for name in ("calls", "call_recordings", "voicemails")},
    "contact_aliases": f"({OWN['contact_aliases']}) and source <> 'agent'",
    **dict.fromkeys(("messages", "attachments", "form_submissions"), f"message_id in ({WRITTEN})"),
    "ratings": f"({OWN['ratings']}) and status = 'rated' and requester_id = any(%(keys)s)",
}
NOBODYS = (
    "organizations", "teams", "agents", "queues", "tags", "legacy_conversation_daily",
    "legacy_csat_weekly", "legacy_agent_load",
)  # fmt: skip


def deliver(installation: Installation, contacts: Sequence[str]) -> dict[str, str]:
    """Ask for everything about each contact, and run; return the request of each."""
    ids = {
        one: installation.submit_contact(one, kinds=BOTH, bundle_key=RECIPIENT) for one in contacts
    }
    assert installation.run() is None
    for request_id in ids.values():
        assert installation.request(request_id).state is RequestState.COMPLETED
    return ids


def opened(installation: Installation, request_id: str, to: Path) -> Path:
    sealed = installation.stores.home / "bundles" / f"{request_id}.zip.age"
    return open_sealed(sealed, PrivateKey(str(IDENTITY)), to).folder


class Independent:
    """The platform read by plain SQL, one person at a time."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def keys(self, contact: str) -> list[UUID]:
        return [row[0] for row in self._connection.execute(KEYS, {"contact": contact})]

    def rows(self, table: str, keys: list[UUID]) -> list[dict[str, object]]:
        query = f"select * from contact_center.{table} where {OWN[table]}"  # noqa: S608
        with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(query, {"keys": keys}).fetchall()

    def provided(self, table: str, keys: list[UUID]) -> int:
        query = f"select count(*) from contact_center.{table} where {PROVIDED[table]}"  # noqa: S608
        return self._connection.execute(query, {"keys": keys}).fetchone()[0]

    def letters(self, keys: list[UUID]) -> set[str]:
        """The messages that have an address or came as a letter."""
        query = f"""
            select message_id::text from contact_center.messages where ({OWN["messages"]})
              and (from_party ->> 'email' is not null or original_content_uri is not null)"""  # noqa: S608
        return {number for (number,) in self._connection.execute(query, {"keys": keys})}

    def query(self, query: str) -> list[tuple[object, ...]]:
        return self._connection.execute(query).fetchall()

    def authors(self, keys: list[UUID]) -> Counter[str]:
        """How many messages who wrote, with those of other customers apart."""
        query = f"""
            select case when author_type <> 'contact' then author_type
              when author_contact_id = any(%(keys)s) then 'own' else 'other' end, count(*)
            from contact_center.messages where {OWN["messages"]} group by 1"""  # noqa: S608
        return Counter(dict(self._connection.execute(query, {"keys": keys}).fetchall()))

    def tables(self) -> set[str]:
        found = self._connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'contact_center' and table_type = 'BASE TABLE'"
        )
        return {row[0] for row in found}

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def by_sql(installation: Installation) -> Iterator[Independent]:
    reader = Independent(installation.url)
    yield reader
    reader.close()


def plain(value: object) -> object:
    """A value as JSON has it, by other code than the bundle's."""
    match value:
        case datetime():
            return value.timestamp()
        case Decimal() | UUID() | date():
            return str(value)
        case _:
            return value


def read(value: object) -> object:
    """A value of a bundle, times as numbers."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        return datetime.fromisoformat(value).timestamp()
    return value


def rows_of(folder: Path, root: str, table: str) -> list[dict[str, object]]:
    path = folder / f"{root}/json/contact_center.{table}.json"
    return json.loads(path.read_bytes()) if path.exists() else []


def require_complete(folder: Path, keys: list[UUID], by_sql: Independent) -> None:
    """Row for row and value for value what SQL finds; what differs was covered and counted."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    checked = {each["source"]: each["rows"] for each in manifest["sources_checked"]}
    covered = {
        each["source"]: each["redactions"]
        for each in manifest["files"]
        if each["path"].startswith("access/json/")
    }
    for table in NOBODYS:
        assert checked[f"contact_center.{table}"] == 0
        assert not rows_of(folder, "access", table)
    for table in OWN:
        expected, given = by_sql.rows(table, keys), rows_of(folder, "access", table)
        assert len(given) == len(expected) == checked[f"contact_center.{table}"], table
        if not given:
            continue
        shown = [name for name in given[0] if name not in PATHS]
        for name in PATHS & given[0].keys():
            named = [row[name] for row in given if row[name] is not None]
            assert len(named) == sum(row[name] is not None for row in expected)
            assert all((folder / place).is_file() for place in named)
        differing = 0
        left = Counter(as_text([read(row[name]) for name in shown]) for row in given)
        for row in expected:
            wanted = as_text([plain(row[name]) for name in shown])
            if left[wanted]:
                left[wanted] -= 1
            else:
                differing += 1
        assert differing <= covered[f"contact_center.{table}"], table


PATHS = {"uri", "avatar_url", "original_content_uri", "too_large_uri"}


def as_text(values: list[object]) -> str:
    return json.dumps(values, sort_keys=True, default=str)


def require_consistent(folder: Path) -> None:
    """JSON is Parquet, schemas hold, the subset is part of the whole, and other formats parse."""
    for path in folder.glob("*/json/*.json"):
        rows = json.loads(path.read_bytes())
        table = pq.read_table(path.parents[1] / "parquet" / f"{path.stem}.parquet")
        encoded = [one.name for one in table.schema if one.metadata]
        other = [
            {
                name: json.loads(value) if name in encoded and value is not None else value
                for name, value in row.items()
            }
            for row in table.to_pylist()
        ]
        assert as_text(rows) == as_text(other)
    for path in folder.glob("portability/json/*.json"):
        rows = json.loads(path.read_bytes())
        schema = json.loads((folder / f"portability/schemas/{path.stem}.schema.json").read_bytes())
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(rows)
        whole = json.loads((folder / "access" / "json" / path.name).read_bytes())
        left = iter({name: row[name] for name in rows[0]} for row in whole)
        assert all(row in left for row in rows)  # a part of the whole, in its order
    for path in folder.rglob("*.eml"):
        require_letter(path)
    for path in folder.rglob("*.vcf"):
        assert cards_in(path.read_bytes().decode())
    for path in folder.rglob("*.vtt"):
        require_subtitles(path.read_text("utf-8"))


def require_provided(folder: Path, keys: list[UUID], by_sql: Independent) -> Counter[str]:
    """The portable part is what SQL counts; the rest is named. Return who wrote the messages."""
    given = {path.stem.partition(".")[2] for path in folder.glob("portability/json/*.json")}
    counted = {name: by_sql.provided(name, keys) for name in PROVIDED}
    assert {name: len(rows_of(folder, "portability", name)) for name in PROVIDED} == counted
    assert given == {name for name, rows in counted.items() if rows}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    left = Counter[str]()
    for each in manifest["left_out_of_portability"]:
        if not each["columns"]:
            left[each["source"].partition(".")[2]] += each["rows"]
    whole = {name: len(rows_of(folder, "access", name)) for name in OWN}
    assert +left == +Counter({name: whole[name] - counted.get(name, 0) for name in OWN})
    wrote = by_sql.authors(keys)
    said = Counter[str]()
    for each in manifest["left_out_of_portability"]:
        if each["source"] == "contact_center.messages" and not each["columns"]:
            assert each["article"] == "20(1)"
            said[each["value"] or "other"] += each["rows"]
            page = (folder / "pages/transfer.html").read_text("utf-8")
            assert each["value"] != "agent" or f"<td>{each['rows']}</td>" in page
    assert said == wrote - Counter(own=wrote["own"])
    letters = {path.stem for path in folder.glob("portability/mail/*/*.eml")}
    messages = {str(row["message_id"]) for row in rows_of(folder, "portability", "messages")}
    assert letters <= messages
    # The copy has the letters of everybody, these apart.
    others = {path.stem for path in folder.glob("access/mail/*/*.eml")}
    assert others.isdisjoint(messages)
    assert letters | others == by_sql.letters(keys)
    named = set(re.findall(r"portability/(?:media|mail)/[^\"]+", str_of(folder, "portability")))
    files = {
        path.relative_to(folder).as_posix() for path in folder.glob("portability/media/**/*.*")
    }
    assert files <= named
    return wrote


def str_of(folder: Path, root: str) -> str:
    return "".join(path.read_text("utf-8") for path in (folder / root / "json").glob("*.json"))


def require_letter(path: Path) -> None:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    defects = [each for part in message.walk() for each in part.defects]
    assert not defects, path
    assert message["From"].addresses
    body = message.get_body(("plain", "html"))
    assert body is not None
    assert isinstance(body.get_content(), str)


def cards_in(text: str) -> list[Mapping[str, list[str]]]:
    """Parse address cards strictly, as RFC 2426 and RFC 2425 say."""
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines.pop() == ""
    cards: list[dict[str, list[str]]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon
        assert re.fullmatch("[A-Z]+", name)
        assert re.fullmatch(r"(?:[^\\]|\\[\\,;n])*", value)
        if (name, value) == ("BEGIN", "VCARD"):
            cards.append({})
        cards[-1].setdefault(name, []).append(value)
    for card in cards:
        assert card["VERSION"] == ["3.0"]
        assert card["END"] == ["VCARD"]
        assert len(card["FN"]) == len(card["N"]) == 1
        assert len(re.split(r"(?<!\\);", card["N"][0])) == 5
    return cards


def require_subtitles(text: str) -> None:
    head, *cues = text.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    for cue in cues:
        times, *words = cue.split("\n")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", times)
        start, end = times.split(" --> ")
        assert start < end
        assert len(words) == 1
        assert "-->" not in words[0]


def strangers(installation: Installation, contact: str) -> ahocorasick.Automaton:
    """Everything that identifies another contact of the tenant, and not this one too."""
    mine = installation.platform.people[contact]

    def values(person):
        return {*person.emails, *person.phones, *person.external_ids, person.contact_id}

    found = ahocorasick.Automaton()
    for person in installation.platform.people.values():
        if person.org_id == mine.org_id and person.contact_id != contact:
            for value in values(person) - values(mine):
                found.add_word(value.lower(), value)
    found.make_automaton()
    return found


def require_nobody_else(folder: Path, others: ahocorasick.Automaton) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            text = f"{path.name}\n{path.read_bytes().decode('utf-8', 'replace')}".lower()
            if path.suffix == ".eml":
                message = email.message_from_string(text, policy=email.policy.default)
                parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
                text += "".join(part.get_content() for part in parts).lower()
            assert not list(others.iter(text)), path.suffix


def require_all(installation, contacts, by_sql: Independent, tmp_path) -> None:
    assert {*OWN, *NOBODYS} == by_sql.tables()
    ids = deliver(installation, contacts)
    files = Counter()
    wrote = Counter()
    for contact, request_id in ids.items():
        folder = opened(installation, request_id, tmp_path / request_id)
        require_complete(folder, by_sql.keys(contact), by_sql)
        wrote += require_provided(folder, by_sql.keys(contact), by_sql)
        require_consistent(folder)
        require_nobody_else(folder, strangers(installation, contact))
        files.update(path.suffix for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder)
    assert min(wrote[who] for who in ("own", "agent", "system")) > 0
    assert files[".vcf"] == len(contacts)
    for suffix in (".eml", ".vtt", ".wav", ".html", ".parquet"):
        assert files[suffix], suffix


def with_traps(installation: Installation) -> list[str]:
    """Contacts of every kind: merged, sharing a telephone, with the most places of their data."""
    people = installation.platform.people
    merged = [one.contact_id for one in people.values() if one.merged_contact_ids][:1]
    shared = [each.contact_ids[0] for each in installation.platform.shared][:1]
    widest = sorted(people.values(), key=lambda one: (-len(one.places), one.contact_id))[:2]
    return list(dict.fromkeys([*merged, *shared, *(one.contact_id for one in widest)]))


@pytest.mark.thorough
def test_bundles_hold_what_sql_finds_and_nobody_else(installation, by_sql, tmp_path):
    require_all(installation, with_traps(installation), by_sql, tmp_path)


@pytest.mark.long
def test_two_hundred_bundles_hold_what_sql_finds_and_nobody_else(
    template_database, session_folder, lacuna_home, tmp_path
):
    platform = generate(SampleOptions(contacts=210, conversations=900, seed=11))
    assert min(platform.traps.values()) >= 1
    template_database.register("two_hundred", builder_of(platform))
    files = write_all(platform, session_folder / "two-hundred-files")
    with template_database.clones() as fresh:
        installation = installed(fresh("two_hundred"), lacuna_home, platform, files)
        by_sql = Independent(installation.url)
        require_all(installation, list(platform.people)[:200], by_sql, tmp_path)
        by_sql.close()


# --- what the person provided ---------------------------------------------------------------------

COPIED = """
select m.message_id, c.requester_id::text, m.author_contact_id::text
from contact_center.messages m join contact_center.conversations c using (conversation_id)
where m.author_type = 'contact' and m.author_contact_id <> c.requester_id order by 1
"""


@pytest.mark.thorough
def test_what_somebody_in_copy_wrote_is_passed_on_to_them_alone(installation, by_sql, tmp_path):
    number, requester, author = next(
        (number, requester, author)
        for number, requester, author in by_sql.query(COPIED)
        if author not in map(str, by_sql.keys(requester))
        and {requester, author} <= installation.platform.people.keys()
    )
    ids = deliver(installation, [requester, author])
    for contact, is_theirs in ((requester, False), (author, True)):
        folder = opened(installation, ids[contact], tmp_path / contact)
        require_provided(folder, by_sql.keys(contact), by_sql)
        for root, is_there in (("access", True), ("portability", is_theirs)):
            given = [row["message_id"] for row in rows_of(folder, root, "messages")]
            assert (number in given) is is_there


def test_a_bundle_of_portability_alone_holds_what_was_provided_alone(little, tmp_path):
    contact = quiet_people(little.platform)[0]
    by_sql = Independent(little.url)
    keys = by_sql.keys(contact)
    assert by_sql.authors(keys)["agent"]
    request_id = ask(little, contact, RequestKind.PORTABILITY)
    assert little.run() is None
    folder = opened(little, request_id, tmp_path / "opened")
    counted = {name: by_sql.provided(name, keys) for name in PROVIDED}
    assert {name: len(rows_of(folder, "portability", name)) for name in PROVIDED} == counted
    assert not (folder / "access").exists()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    left = Counter[str]()
    for each in manifest["left_out_of_portability"]:
        if not each["columns"]:
            left[each["source"].partition(".")[2]] += each["rows"]
    assert +left == +Counter(
        {name: len(by_sql.rows(name, keys)) - counted.get(name, 0) for name in OWN}
    )
    page = (folder / "README.html").read_text("utf-8")
    with psycopg.connect(little.url.replace("+psycopg", "")) as connection:
        said = connection.execute(
            f"select body_text from contact_center.messages where ({OWN['messages']}) "  # noqa: S608
            "and author_type = 'agent' and length(body_text) > 40",
            {"keys": keys},
        ).fetchall()
    assert said
    pages = (file.read_text("utf-8") for file in sorted((folder / "pages").rglob("*.html")))
    everything = "".join([page, *pages, str_of(folder, "portability")])
    assert [text for (text,) in said if json.dumps(text)[1:-1] in everything] == []
    by_sql.close()


@pytest.mark.thorough
@pytest.mark.parametrize("kinds", [BOTH, (RequestKind.PORTABILITY,)])
def test_a_bundle_that_passes_on_what_agents_wrote_is_not_sealed(little, monkeypatch, kinds):
    contact = quiet_people(little.platform)[0]
    request_id = ask(little, contact, *kinds)
    with monkeypatch.context() as patched:
        patched.setattr(collection.Provided, "keys_of", lambda *_: None)
        assert isinstance(little.run(), VerificationFailed)
    assert little.obstacle(request_id) is Obstacle.BUNDLE_FAILED
    assert not list((little.stores.home / "bundles").glob("*.age"))
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED


# --- what keeps a bundle open, and what the person asked before -----------------------------------


def ask(installation: Installation, contact: str, *kinds: RequestKind) -> str:
    return installation.submit_contact(contact, kinds=kinds, bundle_key=RECIPIENT)


@pytest.mark.thorough
def test_a_source_that_cannot_be_read_keeps_the_request_open(little):
    contact = little.platform.demo.access
    person = little.platform.people[contact]
    file = next(
        little.stores.home / "media" / path
        for path in sorted(person.files)
        if path.startswith("recordings/")
    )
    content = file.read_bytes()
    file.unlink()
    request_id = ask(little, contact, RequestKind.ACCESS)
    assert isinstance(little.run(), VerificationFailed)
    assert little.request(request_id).state is RequestState.APPROVED
    assert little.obstacle(request_id) is Obstacle.BUNDLE_FAILED
    assert not list((little.stores.home / "bundles").iterdir())
    file.write_bytes(content)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_bundle_tells_of_earlier_requests_and_refusals(little, tmp_path):
    contact = quiet_people(little.platform)[0]
    objection = ask(little, contact, RequestKind.OBJECTION)
    erasure = ask(little, contact, RequestKind.ERASURE)
    assert little.run() is None
    org_id = little.request(erasure).org_id
    with little.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = little.desk(transaction)
        refuse(transaction.queue.requests.get(erasure), "17(3)(b)", desk)
    access = ask(little, contact, RequestKind.ACCESS)
    assert little.run() is None
    folder = opened(little, access, tmp_path / "opened")
    history = json.loads((folder / "history/requests.json").read_bytes())
    assert [(each["request_id"], each["state"], each["ground"]) for each in history] == [
        (objection, "completed", None),
        (erasure, "refused", "17(3)(b)"),
        (access, "approved", None),
    ]
    assert "17(3)(b)" in (folder / "README.html").read_text("utf-8")
    # After an erasure the residual search would find the key that stands here.
    assert subjects(little) == {contact}


def subjects(installation: Installation) -> set[str]:
    with psycopg.connect(installation.url.replace("+psycopg", "")) as connection:
        return {
            row[0] for row in connection.execute("select person_key from lacuna.request_subject")
        }


@pytest.mark.thorough
def test_a_bundle_is_kept_from_the_search_by_its_plan_alone_and_while_it_is_what_was_sealed(little):
    """Not by the folder that it lies in: what no plan keeps there is opaque for its person too."""
    contact = quiet_people(little.platform)[0]
    access = ask(little, contact, RequestKind.ACCESS)
    assert little.run() is None
    both = ask(little, contact, RequestKind.ACCESS, RequestKind.ERASURE)
    assert little.run() is None
    little.approve(both)
    assert little.run() is None
    file = little.stores.home / "bundles" / f"{both}.zip.age"
    assert file.is_file()
    assert (little.stores.home / "bundles" / f"{access}.zip.age").is_file()

    def kept() -> dict[str, str]:
        batch = Batch.open(little.stores, little.options(), flow="fulfilment")
        asked = [little.request(one) for one in (access, both)]
        with little.stores.transaction(Role.PLANNER) as transaction:
            return dict(retained_bundles(batch, asked, transaction.queue))

    assert kept() == {file.name: both}
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert kept() == {}
    file.write_bytes(content)
    assert kept() == {file.name: both}
    with psycopg.connect(little.url.replace("+psycopg", "")) as connection:
        connection.execute("update lacuna.bundle set expires_at = now() - interval '1 minute'")
    assert kept() == {}


@pytest.mark.thorough
def test_a_changed_manifest_is_not_opened_as_ours(little, tmp_path):
    contact = quiet_people(little.platform)[0]
    request_id = ask(little, contact, RequestKind.ACCESS)
    assert little.run() is None
    sealed = little.stores.home / "bundles" / f"{request_id}.zip.age"
    check = partial(check_signature, little.stores)
    key = PrivateKey(str(IDENTITY))
    folder = open_sealed(sealed, key, tmp_path / "right", check_signature=check).folder
    # Whoever has the recipient's public key could seal another bundle of the same form.
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["controller"] = "Somebody else"
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    lines = [line for line in sums if not line.endswith("  manifest.json")]
    lines.append(f"{hashlib.sha256(content).hexdigest()}  manifest.json")
    lines.sort(key=lambda line: line.partition("  ")[2])
    (folder / "SHA256SUMS").write_text("".join(f"{line}\n" for line in lines))
    forged = seal(folder, tmp_path / "forged", RECIPIENT)
    assert open_sealed(forged.path, key, tmp_path / "unchecked").files
    with pytest.raises(EvidenceBroken, match="signature does not match its manifest"):
        open_sealed(forged.path, key, tmp_path / "opened", check_signature=check)
    assert not (tmp_path / "opened").exists()


@pytest.mark.thorough
def test_no_column_of_a_bundle_says_who_of_the_staff_it_was(little, tmp_path):
    contact = quiet_people(little.platform)[0]
    folder = opened(little, deliver(little, [contact])[contact], tmp_path / "opened")
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        agents = connection.execute(
            "select email, phone, display_name from contact_center.agents"
        ).fetchall()
    said = json.dumps(
        [
            rows_of(folder, "access", "activity_log"),
            [
                {name: row[name] for name in ("from_party", "to_parties", "cc_parties")}
                for row in rows_of(folder, "access", "messages")
            ],
        ],
        ensure_ascii=False,
    )
    assert "agent-" in said
    assert [one for agent in agents for one in agent if one and one in said] == []


@pytest.mark.thorough
def test_no_column_of_a_bundle_holds_a_known_value_of_somebody_else(little, tmp_path, monkeypatch):
    contact, *rest = quiet_people(little.platform)[:8]
    org_id = little.platform.people[contact].org_id
    other = next(one for one in rest if little.platform.people[one].org_id == org_id)
    noted = {"order_no": "SF-771204-Q", "address": "Sommerfuglevej 17, 8000 Aarhus"}
    shared = {"street": "Fælles Alle 4, 8000 Aarhus"}
    given = {"type": "system", "order": noted["order_no"], "at": noted["address"]}
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        for key, more in ((other, noted | shared), (contact, shared)):
            connection.execute(
                "update contact_center.contacts set custom_attributes = custom_attributes || %s "
                "where contact_id::text = %s",
                (json.dumps(more), key),
            )
        done = connection.execute(
            "update contact_center.activity_log l set author = %s from contact_center.conversations c "
            "where c.conversation_id = l.conversation_id and c.requester_id::text = %s",
            (json.dumps(given | shared), contact),
        )
        assert done.rowcount
        # What the person has read stays as it was.
        connection.execute(
            "update contact_center.messages set body_text = body_text || %s where message_id = ("
            "select min(message_id) from contact_center.messages join contact_center.conversations "
            "using (conversation_id) where requester_id::text = %s and body_text is not null)",
            (f" about {noted['order_no']}", contact),
        )
    request_id = ask(little, contact, RequestKind.ACCESS)
    whole = other_people.TextCover.__init__
    with monkeypatch.context() as patched:
        patched.setattr(
            other_people.TextCover, "__init__", lambda self, *args: whole(self, *args[:3])
        )
        assert isinstance(little.run(), VerificationFailed)
        assert little.obstacle(request_id) is Obstacle.BUNDLE_FAILED

    assert little.run() is None

    folder = opened(little, request_id, tmp_path / "opened")
    logged = str(rows_of(folder, "access", "activity_log"))
    assert noted["order_no"] not in logged
    assert "Sommerfuglevej" not in logged
    assert shared["street"] in logged
    assert noted["order_no"] in str(rows_of(folder, "access", "messages"))


def with_logins(little, folder, org_id, which, login):
    """Give an agent a login; return a data map that knows the column."""
    datamap = folder / "datamap.yaml"
    datamap.write_text(
        DATAMAP.read_text("utf-8").replace(
            "      signature: {category: user.professional_information, erase: keep, access: false",
            "      login: {category: user.account.username, erase: keep, access: false, "
            "portability: false, meaning: Login.}\n"
            "      signature: {category: user.professional_information, erase: keep, access: false",
        ),
        "utf-8",
    )
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("alter table contact_center.agents add column login text")
        connection.execute(
            f"update contact_center.agents set login = %s where agent_id = "  # noqa: S608
            f"(select {which}(agent_id) from contact_center.agents where org_id = %s)",
            (login, org_id),
        )
    return datamap


@pytest.mark.thorough
@pytest.mark.parametrize("login", ["petra.a", "BADGE-7788"])
def test_the_login_of_whoever_serves_a_person_is_the_agents_in_their_profile(
    little, tmp_path, login
):
    contact = quiet_people(little.platform)[0]
    org_id = little.platform.people[contact].org_id
    little.stores = replace(
        little.stores, datamap_path=with_logins(little, tmp_path, org_id, "min", login)
    )
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "update contact_center.contacts set custom_attributes = custom_attributes || %s "
            "where contact_id::text = %s",
            (json.dumps({"am_login": login, "note": f"served by {login}"}), contact),
        )
    request_id = ask(little, contact, RequestKind.ACCESS)

    assert little.run() is None

    folder = opened(little, request_id, tmp_path / "opened")
    (profile,) = [one["custom_attributes"] for one in rows_of(folder, "access", "contacts")]
    assert profile["am_login"].startswith("agent-")
    assert login not in str(profile)
    assert login not in (folder / "README.html").read_text("utf-8")


@pytest.mark.thorough
def test_what_linked_tables_hold_of_staff_and_others_is_covered_and_the_gate_derives_it(
    little, tmp_path, monkeypatch
):
    """An agent's login, an address with which somebody else signed, and both in agents' notes."""
    notes = "select requester_id::text from contact_center.internal_notes join "
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        noted = {
            one
            for (one,) in connection.execute(
                notes + "contact_center.conversations using (conversation_id)"
            )
        }
    people = quiet_people(little.platform)
    contact = next(one for one in people if one in noted)
    org_id = little.platform.people[contact].org_id
    other = next(one for one in people if one != contact)
    login, signed, order = "hkrogsgaard", "nina.elsewhere@example.org", "SF-771204-Q"
    little.stores = replace(
        little.stores, datamap_path=with_logins(little, tmp_path, org_id, "min", login)
    )
    with psycopg.connect(little.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "update contact_center.contacts set custom_attributes = custom_attributes || %s "
            "where contact_id::text = %s",
            (json.dumps({"order_no": order}), other),
        )
        connection.execute(
            "insert into contact_center.agreement_acceptances "
            "(acceptance_id, org_id, contact_id, kind, version, text_sha256, method, "
            "accepted_by_email, accepted_at) "
            "select 987654, %s, %s::uuid, kind, version, text_sha256, method, %s, accepted_at "
            "from contact_center.agreement_acceptances limit 1",
            (org_id, other, signed),
        )
        given = {"type": "system", "username": login, "email": signed}
        mine = (
            " from contact_center.conversations c "
            "where c.conversation_id = l.conversation_id and c.requester_id::text = %s"
        )
        for changed, value in (
            ("update contact_center.activity_log l set author = %s", json.dumps(given)),
            ("update contact_center.internal_notes l set message = %s", f"see {order}"),
        ):
            assert connection.execute(changed + mine, (value, contact)).rowcount
    request_id = ask(little, contact, RequestKind.ACCESS)
    with monkeypatch.context() as patched:
        patched.setattr(bundles, "values_held_by_others", lambda *_: (frozenset(), frozenset()))
        assert isinstance(little.run(), VerificationFailed)
        assert little.obstacle(request_id) is Obstacle.BUNDLE_FAILED

    assert little.run() is None

    folder = opened(little, request_id, tmp_path / "opened")
    said = str(rows_of(folder, "access", "activity_log"))
    said += str(rows_of(folder, "access", "internal_notes"))
    assert [one for one in (login, signed, order) if one in said] == []
