"""The residual gate: whatever is left is found, where it is, and nothing else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import quopri
import urllib.parse
from collections import defaultdict
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.errors import DataMapDrift
from lacuna.model.finding import Finding, Gate
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef, ValueClass
from lacuna.model.location import STORE_MARK, TableName
from lacuna.stores.postgres import verifier
from lacuna.verify import NOTHING_SEARCHED, Place, search_refused, search_residue
from lacuna.verify.pdf_subprocess import PdfContent
from lacuna.verify.residue import AIRFLOW_UNKNOWN
from tests.pdf_files import pdf_file, shown
from tests.verify.conftest import ORG, ZELDA, K, known_of

NAME, EMAIL, PHONE, EXTERNAL, KEY = ZELDA.known


# --- the ground truth of the sample ---------------------------------------------------------------


@pytest.mark.thorough
def test_everybody_is_found_in_every_place_where_the_sample_names_them(whole_world) -> None:
    people = [known_of(one) for one in whole_world.platform.people.values()]
    # Who stays is not erased: here every holder counts, so nothing is shared.
    found = whole_world.search(*people, places=whole_world.places("media", "mail"))
    assert found.blind == ()
    media, mail = whole_world.places("media", "mail")
    place_of = {"media": media, "mail": mail}
    missed = []
    for person in whole_world.platform.people.values():
        matches = found.matches[SubjectRef(person.contact_id)]
        for where, what in person.places:
            if where in place_of:
                group = place_of[where].group_of(what)
                if group not in matches and f"names of {group}" not in matches:
                    missed.append(group)
            elif f"{where}.{what}" not in matches:
                missed.append(f"{where}.{what}")
    assert missed == []


@pytest.mark.thorough
def test_nobody_is_found_where_the_sample_does_not_name_them(whole_tables) -> None:
    # Links are no words of the sample's; one name may be part of a longer one. Whoever is an agent
    # too stands where agents do, and whoever has a namesake stands in their addresses.
    twice = {
        key
        for one in whole_tables.platform.shared
        if one.agent_ids or one.kind == "name"
        for key in one.contact_ids
    }
    contacts = [one for key, one in whole_tables.platform.people.items() if key not in twice]
    found = whole_tables.search(*(replace(known_of(one), keys=()) for one in contacts))
    surplus = defaultdict(int)
    for person in contacts:
        named = {f"{where}.{what}" for where, what in person.places}
        for location, count in found.matches[SubjectRef(person.contact_id)].items():
            if location not in named:
                surplus[location] += count
    assert dict(surplus) == {}
    assert whole_tables.matches() == {}


# --- tables ---------------------------------------------------------------------------------------


def drop_constraints(world) -> None:
    """Let any value stand in any column; rolled back with the test."""
    for table, name in world.query(
        "select conrelid::regclass::text, quote_ident(conname) from pg_constraint "
        "where connamespace = 'contact_center'::regnamespace and contype in ('c', 'f', 'u')"
    ):
        world.query(f"alter table {table} drop constraint {name} cascade")


PLANTED = {
    "plain": (lambda value: f"x {value} x", EMAIL),
    "name": (lambda value: value.upper(), NAME),
    "turned": (lambda value: "Quistgaard, Zelda", NAME),
    "entities": (lambda value: "".join(f"&#{ord(character)};" for character in value), NAME),
    "tags": (lambda value: f"<p>{value[:4]}<b>{value[4:]}</b></p>", NAME),
    "percent": (lambda value: f"https://x/?u={urllib.parse.quote(value, safe='')}", EMAIL),
    "quoted": (lambda value: quopri.encodestring(value.encode()).decode(), NAME),
    "base64": (lambda value: base64.b64encode(f"by {value}!".encode()).decode(), EMAIL),
    "spaced": (lambda value: "+45 98 76-54 32", PHONE),
    "national": (lambda value: "call 98765432", PHONE),
    "id": (lambda value: "zq 77 1234 x", EXTERNAL),
    "md5": (lambda value: hashlib.md5(value.encode()).hexdigest(), EMAIL),  # noqa: S324
    "sha256": (lambda value: hashlib.sha256(value.encode()).hexdigest(), PHONE),
    "uuid": (lambda value: value, KEY),
}


def text_columns(world) -> list[tuple[TableName, str, str]]:
    found = []
    for table in world.datamap.tables.values():
        for name, kind in world.query(
            "select column_name, case when data_type = 'ARRAY' then 'array' else data_type end "
            "from information_schema.columns where table_schema = :schema and table_name = :name",
            schema=table.name.schema,
            name=table.name.name,
        ):
            is_key = name in (*table.key, table.tenant, *(link.column for link in table.links))
            if kind in ("text", "jsonb", "json", "array", "uuid") and not is_key:
                found.append((table.name, name, kind))
    return found


class _Everything(dict):
    """Says of every column of every table that its values repeat."""

    def get(self, table, default=None):
        return self

    def __contains__(self, name) -> bool:
        return True


@pytest.fixture(params=["rows", "values"])
def reading_by(request, monkeypatch) -> None:
    """Read row by row, as small tables are; or every column by its values first."""
    if request.param == "values":
        monkeypatch.setattr(verifier, "repeating", lambda *_: _Everything())


@pytest.mark.thorough
def test_the_same_is_found_by_rows_and_by_the_values_that_repeat(whole_tables, monkeypatch) -> None:
    people = [known_of(one) for one in whole_tables.platform.people.values()]
    by_rows = whole_tables.search(*people)
    refused = search_refused(people, whole_tables.datamap, whole_tables.verifying(), [])
    monkeypatch.setattr(verifier, "repeating", lambda *_: _Everything())
    by_values = whole_tables.search(*people)
    assert by_values.blind == by_rows.blind == ()
    assert sum(count for matches in by_rows.matches.values() for count in matches.values()) > 1000
    assert {ref: dict(matches) for ref, matches in by_values.matches.items()} == {
        ref: dict(matches) for ref, matches in by_rows.matches.items()
    }
    assert search_refused(people, whole_tables.datamap, whole_tables.verifying(), []) == refused


@pytest.mark.thorough
@pytest.mark.usefixtures("reading_by")
def test_one_value_in_every_column_is_found_in_every_column(tables) -> None:
    drop_constraints(tables)
    expected = {}
    ways = list(PLANTED.values())
    for number, (table, column, kind) in enumerate(text_columns(tables)):
        mapped = tables.datamap.tables[table]
        encode, identifier = ways[number % len(ways)]
        value = encode(identifier.value)
        if kind == "uuid":
            value = KEY.value
        elif kind == "jsonb":
            value = json.dumps({"a": [{"b": value}]})
        cast = "array[cast(:value as text)]" if kind == "array" else f"cast(:value as {kind})"
        key = mapped.key[0]
        tables.query(
            f"update {table} set {column} = {cast} where {key} = "  # noqa: S608
            f"(select min({key}::text) from {table} where {mapped.tenant} = :org_id)::"
            f"{'uuid' if key == 'contact_id' else 'text' if key == 'org_id' else 'bigint'}",
            value=value,
            org_id=ORG,
        )
        expected[f"{table}.{column}"] = 1
    assert len(expected) > 100
    found = tables.search()
    assert dict(found.matches[ZELDA.ref]) == expected
    assert found.findings(ZELDA.ref) == tuple(
        Finding(Gate.RESIDUE, location, 1) for location in sorted(expected)
    )


def message(world) -> int:
    ((number,),) = world.query(
        "select min(message_id) from contact_center.messages where org_id = :org_id", org_id=ORG
    )
    return number


def write_message(world, text: str, column: str = "body_text", number: int | None = None) -> None:
    world.query(
        f"update contact_center.messages set {column} = :text where message_id = :number",  # noqa: S608
        text=text,
        number=number or message(world),
    )


def test_each_way_of_writing_is_found_in_a_message(tables) -> None:
    numbers = tables.query(
        "select message_id from contact_center.messages where org_id = :org_id "
        "order by message_id limit :ways",
        org_id=ORG,
        ways=len(PLANTED),
    )
    for (encode, identifier), (number,) in zip(PLANTED.values(), numbers, strict=True):
        write_message(tables, f"Hello,\n{encode(identifier.value)}\nbye", number=number)
    assert tables.matches() == {"contact_center.messages.body_text": len(PLANTED)}


def test_rows_are_counted_not_values(tables) -> None:
    text = " ".join(one.value for one in ZELDA.known)
    numbers = tables.query(
        "select message_id from contact_center.messages where org_id = :org_id limit 3", org_id=ORG
    )
    for (number,) in numbers:
        write_message(tables, text, number=number)
    write_message(tables, text, "body_html", numbers[0][0])
    assert tables.matches() == {
        "contact_center.messages.body_text": 3,
        "contact_center.messages.body_html": 1,
    }


def test_stored_data_33_names_of_json_keys_are_searched(tables) -> None:
    tables.query(
        "update contact_center.contacts set custom_attributes = cast(:document as jsonb) "
        "where contact_id = (select contact_id from contact_center.contacts "
        "where org_id = :org_id limit 1)",
        document=json.dumps({"contacts": {EMAIL.value: True}}),
        org_id=ORG,
    )
    assert tables.matches() == {"contact_center.contacts.custom_attributes": 1}


@pytest.mark.thorough
def test_stored_data_35_a_blob_with_a_packed_mail_is_searched(tables) -> None:
    tables.query("alter table contact_center.messages add column raw bytea")
    mail = f"From: {EMAIL.value}\nSubject: x\n\nHello".encode()
    tables.query(
        "update contact_center.messages set raw = :raw where message_id = :number",
        raw=gzip.compress(mail),
        number=message(tables),
    )
    assert tables.matches() == {"contact_center.messages.raw": 1}
    tables.query(
        "update contact_center.messages set raw = :raw where message_id = :number",
        raw=gzip.compress(mail)[:-9],
        number=message(tables),
    )
    found = tables.search()
    assert not found.matches
    assert "contact_center.messages.raw, not searchable: 1" in found.opaque


def test_a_pdf_in_base64_in_a_text_is_searched(tables) -> None:
    encoded = base64.encodebytes(pdf_file([shown(f"Dear {EMAIL.value}")])).decode()
    tables.query(
        "update contact_center.messages set body_text = :text where message_id = :number",
        text=f"Content-Transfer-Encoding: base64\n\n{encoded}\n--x--",
        number=message(tables),
    )
    assert tables.matches() == {"contact_center.messages.body_text": 1}


def test_a_link_to_the_old_key_is_residue_however_short_the_key(tables) -> None:
    ((key,),) = tables.query(
        "select requester_id::text from contact_center.conversations where org_id = :org_id limit 1",
        org_id=ORG,
    )
    short = replace(ZELDA, keys=(key,), known=())
    matches = tables.matches(short)
    assert matches["contact_center.contacts.contact_id"] == 1
    assert matches["contact_center.conversations.requester_id"] >= 1
    assert "contact_center.messages.body_text" not in matches


@pytest.mark.thorough
def test_another_tenants_rows_are_no_matter_of_this_one(tables) -> None:
    tables.query(
        "update contact_center.messages set body_text = :text where org_id <> :org_id",
        text=EMAIL.value,
        org_id=ORG,
    )
    assert tables.matches() == {}
    assert tables.matches(replace(ZELDA, org_id="hafenkontor"))


def test_many_people_are_told_apart(tables) -> None:
    bo = replace(
        ZELDA,
        ref=SubjectRef("bo"),
        keys=(),
        known=(Identifier(K.EMAIL, "bo@example.org"), EMAIL),
    )
    write_message(tables, f"{EMAIL.value} and bo@example.org")
    write_message(tables, "bo@example.org", "body_html")
    found = tables.search(ZELDA, bo)
    assert dict(found.matches[ZELDA.ref]) == {"contact_center.messages.body_text": 1}
    assert dict(found.matches[bo.ref]) == {
        "contact_center.messages.body_text": 1,
        "contact_center.messages.body_html": 1,
    }


def test_lacunas_own_schemas_are_searched(tables) -> None:
    tables.query(
        "insert into lacuna.database_fact (name, value) values ('note', :text)", text=EMAIL.value
    )
    tables.query(
        "insert into lacuna.request_inbox (org_id, kinds, emails) "
        "values (:org_id, '{erasure}', array[:email])",
        org_id=ORG,
        email=EMAIL.value,
    )
    assert tables.matches() == {"lacuna.database_fact.value": 1, "lacuna.request_inbox.emails": 1}


def test_nothing_is_written_by_looking(tables) -> None:
    before = tables.query("select sum(n_live_tup + n_mod_since_analyze) from pg_stat_user_tables")
    tables.search()
    names = tables.query("select relname from pg_class where relpersistence = 't'")
    after = tables.query("select sum(n_live_tup + n_mod_since_analyze) from pg_stat_user_tables")
    assert names == []
    assert before == after


def test_a_missing_table_stops_the_search(tables) -> None:
    tables.query("drop table contact_center.legacy_agent_load cascade")
    with pytest.raises(DataMapDrift, match="legacy_agent_load"):
        tables.search()


# --- what may stay --------------------------------------------------------------------------------


def holder_of(world) -> tuple[str, int, int]:
    """A contact, a message of theirs, and one of somebody else."""
    rows = world.query(
        "select c.requester_id::text, min(m.message_id) from contact_center.messages m "
        "join contact_center.conversations c using (conversation_id) "
        "where m.org_id = :org_id and m.author_type <> 'contact' group by 1 order by 1 limit 2",
        org_id=ORG,
    )
    return rows[0][0], rows[0][1], rows[1][1]


@pytest.mark.thorough
def test_stored_data_22_a_shared_value_stays_with_its_holders_and_nowhere_else(tables) -> None:
    holder, theirs, foreign = holder_of(tables)
    sharing = replace(ZELDA, shared={PHONE: frozenset({holder})})
    write_message(tables, f"call {PHONE.value}", number=theirs)
    assert tables.matches(sharing) == {}
    assert tables.matches(ZELDA) == {"contact_center.messages.body_text": 1}
    write_message(tables, f"call {PHONE.value}", number=foreign)
    assert tables.matches(sharing) == {"contact_center.messages.body_text": 1}


def test_a_value_that_is_not_shared_does_not_stay_with_the_holder_of_another(tables) -> None:
    holder, theirs, _ = holder_of(tables)
    sharing = replace(ZELDA, shared={PHONE: frozenset({holder})})
    write_message(tables, f"call {PHONE.value}, {EMAIL.value}", number=theirs)
    assert tables.matches(sharing) == {"contact_center.messages.body_text": 1}


def test_a_shared_value_does_not_stay_in_lacunas_own_tables(tables) -> None:
    holder, _, _ = holder_of(tables)
    tables.query(
        "insert into lacuna.database_fact (name, value) values ('x', :text)", text=PHONE.value
    )
    sharing = replace(ZELDA, shared={PHONE: frozenset({holder})})
    assert tables.matches(sharing) == {"lacuna.database_fact.value": 1}


@pytest.mark.thorough
def test_a_shared_value_stays_in_the_objects_that_rows_of_its_holders_name(world) -> None:
    rows = world.query(
        "select c.requester_id::text, r.uri from contact_center.call_recordings r "
        "join contact_center.calls using (call_id) "
        "join contact_center.conversations c using (conversation_id) "
        "where r.org_id = :org_id and r.uri is not null order by 2 limit 2",
        org_id=ORG,
    )
    holder, uri = rows[0]
    for _, path in rows:
        world.write(f"media/{path}", b"RIFF\0\0" + PHONE.value.encode() + b"\0\0\1\2")
    sharing = replace(ZELDA, shared={PHONE: frozenset({holder})})
    expected = 0 if rows[0][0] == rows[1][0] else 1
    found = world.matches(sharing, places=world.places("media"))
    assert found == ({"media/recordings/**": expected} if expected else {})
    world.query("update contact_center.call_recordings set uri = null where uri = :uri", uri=uri)
    assert world.matches(sharing, places=world.places("media")) == {
        "media/recordings/**": expected + 1
    }


def export(world, rows: list[dict[str, str | None]]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), target, compression="gzip")
    return target.getvalue()


@pytest.mark.thorough
def test_a_shared_value_stays_in_the_holders_rows_of_a_parquet_file(world) -> None:
    media = world.places("media")
    holder = "b0000000-0000-4000-8000-000000000001"
    sharing = replace(ZELDA, shared={PHONE: frozenset({holder})})
    own = {"requester_id": holder, "requester_phone_number": "98 76 54 32"}
    world.write("media/exports/new.parquet", export(world, [own]))
    assert world.matches(sharing, places=media) == {}
    stranger = {"requester_id": None, "requester_phone_number": "98 76 54 32"}
    world.write("media/exports/new.parquet", export(world, [own, stranger]))
    assert world.matches(sharing, places=media) == {"media/exports/*.parquet": 1}
    noted = pq.read_table(io.BytesIO(export(world, [{"requester_id": holder}])))
    target = io.BytesIO()
    pq.write_table(noted.replace_schema_metadata({"by": PHONE.value}), target)
    world.write("media/exports/new.parquet", target.getvalue())
    assert world.matches(sharing, places=media) == {"media/exports/*.parquet": 1}


@pytest.mark.thorough
def test_stored_data_37_a_name_that_an_agent_bears_too_is_opaque_not_passed(tables) -> None:
    ((agent, first, last),) = tables.query(
        "select display_name, first_name, last_name from contact_center.agents "
        "where org_id = :org_id limit 1",
        org_id=ORG,
    )
    namesake = replace(ZELDA, known=(Identifier(K.NAME, agent), EMAIL))
    found = tables.search(namesake)
    assert not found.matches
    opaque = found.opaque_for(namesake.ref)
    assert "contact_center.agents.display_name, a name that an agent bears too: 1" in opaque
    assert any(one.startswith("contact_center.messages.") for one in opaque)
    assert not any(agent in one for one in opaque)
    # The same agent by first and last name, and in another order.
    tables.query("update contact_center.agents set display_name = 'x' || agent_id")
    turned = replace(ZELDA, known=(Identifier(K.NAME, f"{last} {first}"),))
    assert not tables.search(turned).matches
    write_message(tables, f"{agent} {EMAIL.value}")
    assert tables.matches(namesake) == {"contact_center.messages.body_text": 1}


def test_an_agent_of_another_tenant_is_no_namesake(tables) -> None:
    ((agent,),) = tables.query(
        "select display_name from contact_center.agents where org_id <> :org_id "
        "and display_name not in (select display_name from contact_center.agents "
        "where org_id = :org_id) limit 1",
        org_id=ORG,
    )
    write_message(tables, agent)
    namesake = replace(ZELDA, known=(Identifier(K.NAME, agent),))
    assert tables.matches(namesake) == {"contact_center.messages.body_text": 1}


def test_a_value_too_short_to_search_for_is_said_to_be(tables) -> None:
    short = replace(
        ZELDA,
        known=(
            Identifier(K.NAME, "Zelda"),
            Identifier(K.PHONE, "112"),
            Identifier(K.MESSAGE_ID, "4"),
        ),
    )
    said = "too short to search for; its rows were found by their links"
    assert tables.search(short).opaque_for(ZELDA.ref)[-2:] == (
        f"name, {said}: 1",
        f"telephone number, {said}: 1",
    )


# --- files ----------------------------------------------------------------------------------------


def plant_parquet(value: str) -> bytes:
    target = io.BytesIO()
    unused = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), ["nobody", value])
    pq.write_table(pa.table({"x": unused}), target, compression="gzip", write_statistics=False)
    return target.getvalue()


def plant_mail(value: str) -> bytes:
    body = base64.encodebytes(f"I am {value}".encode()).decode()
    return (
        "From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain\n"
        f"Content-Transfer-Encoding: base64\n\n{body}"
    ).encode()


FILES = {
    "avatars/x.png": ("media/avatars/**", lambda v: b"\x89PNG\0\0" + v.encode() + b"\0\0"),
    "recordings/2026/x.wav": (
        "media/recordings/**",
        lambda v: b"RIFF\0\0" + v.encode("utf-16-le") + b"\0\0",
    ),
    "voicemails/x.wav": ("media/voicemails/**", lambda v: b"RIFF\0\0" + v.encode() + b"\0"),
    "attachments/x.txt": ("media/attachments/**.txt", lambda v: v.encode("utf-16")),
    "attachments/x.gz": ("media/attachments/**", lambda v: gzip.compress(v.encode())),
    "raw_mail/x.eml": ("media/raw_mail/**", plant_mail),
    "too_large/x.html": (
        "media/too_large/**",
        lambda v: "".join(f"<i>&#{ord(character)};</i>" for character in v).encode(),
    ),
    "exports/x.parquet": ("media/exports/*.parquet", plant_parquet),
    "exports/old/x.parquet": ("media/exports/*.parquet", plant_parquet),
    "nobody/knows": ("media", lambda v: v.encode()),
}


@pytest.mark.parametrize("identifier", ZELDA.known, ids=lambda one: str(one.kind))
def test_one_value_in_every_group_of_files_is_found_in_every_group(world, identifier) -> None:
    expected = defaultdict(int)
    for path, (location, make) in FILES.items():
        world.write(f"media/{path}", make(identifier.value))
        expected[location] += 1
    world.write("mail/inbox/new/1", plant_mail(identifier.value))
    expected["mail/**"] += 1
    assert world.matches(places=world.places("media", "mail")) == expected


@pytest.mark.thorough
def test_stored_data_45_older_files_of_the_same_table_are_found(world) -> None:
    world.write("media/exports/_old/2025.parquet.bak", plant_parquet(EMAIL.value))
    world.write("media/exports/.tmp.parquet", plant_parquet(EMAIL.value))
    assert world.matches(places=world.places("media")) == {
        "media": 1,
        "media/exports/*.parquet": 1,
    }


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    [
        "recordings/Zelda Quistgård 1.wav",
        "recordings/zelda_quistgaard-1.wav",
        "recordings/ZELDA.QUISTGARD/1.wav",
        "recordings/+4598765432-1.wav",
        "recordings/0045 98 76 54 32.wav",
        "recordings/zelda.q%40example.org.wav",
        "recordings/zelda.q@example.org_1.wav",
        "recordings/zq-77-1234-x.wav",
    ],
)
def test_a_value_in_a_name_is_found_and_the_name_is_not_said(world, name: str) -> None:
    world.write(f"media/{name}", b"RIFF")
    assert world.matches(places=world.places("media")) == {"names of media/recordings/**": 1}


@pytest.mark.thorough
def test_the_name_of_an_empty_folder_is_searched(world) -> None:
    (world.home / "media/raw_mail/Zelda Quistgård").mkdir()
    assert world.matches(places=world.places("media")) == {"names of media/raw_mail/**": 1}


def test_links_are_not_followed_but_named(world) -> None:
    outside = world.write("outside/secret.txt", EMAIL.value.encode())
    (world.home / "media/attachments/x.txt").symlink_to(outside)
    (world.home / "media/attachments/y").symlink_to(outside.parent)
    found = world.search(places=world.places("media"))
    assert not found.matches
    opaque = found.opaque_for(ZELDA.ref)
    assert "media/attachments/**.txt, links and devices not followed: 1" in opaque
    assert "media/attachments/**, links and devices not followed: 1" in opaque


@pytest.mark.thorough
def test_what_cannot_be_searched_is_opaque_with_a_count(world, monkeypatch) -> None:
    world.write("media/attachments/one.zip", b"PK\x03\x04 broken")
    world.write("media/attachments/two.zip", b"PK\x03\x04 broken")
    world.write("media/exports/x.parquet", b"PAR1 broken")
    found = world.search(places=world.places("media"))
    assert "media/attachments/**, not searchable: 2" in found.opaque
    assert "media/exports/*.parquet, not searchable: 1" in found.opaque
    # Sound is searched as the bytes that the data map says it is; nobody hears it.
    assert "media/recordings/**, searched as bytes only: 8" in found.opaque
    # What the data map says is text and cannot be read as such is a finding.
    assert found.blind == ("media/exports/*.parquet",)
    monkeypatch.setattr("lacuna.verify.file_search._LARGEST_FILE", 4)
    found = world.search(places=world.places("mail"))
    assert any(one.startswith("mail/**, larger than is searched: ") for one in found.opaque)


@pytest.mark.thorough
def test_a_place_without_patterns_is_one_group(world) -> None:
    world.write("airflow/logs/run/1.log", f"erased {EMAIL.value}".encode())
    world.write("airflow/airflow.db", b"SQLite format 3\0" + EMAIL.value.encode() + b"\0\1")
    places = [Place("airflow", world.home / "airflow"), Place("evidence", world.home / "none")]
    assert world.matches(places=places) == {"airflow": 2}


def test_a_store_that_is_not_there_is_blind_not_clean(world) -> None:
    place = Place("media", world.home / "unmounted", is_store=True)
    assert world.search(places=[place]).blind == ("media",)


def test_a_marked_folder_without_its_mark_is_blind_not_clean(world) -> None:
    """The mount point of what is not mounted is there, and empty."""
    place = Place("reporting", world.home / "reports", mark="drawn once")
    place.folder.mkdir()
    assert world.search(places=[place]).blind == ("reporting",)
    (place.folder / STORE_MARK).write_text("drawn once\n")
    assert world.search(places=[place]).blind == ()


def test_a_folder_that_cannot_be_read_is_blind(world, monkeypatch) -> None:
    walk = os.walk

    def refuse(folder, onerror):
        if folder == world.home / "media":
            onerror(PermissionError(13, "denied"))
        return walk(folder, onerror=onerror)

    monkeypatch.setattr("lacuna.verify.places.os.walk", refuse)
    assert "media" in world.search(places=world.places("media")).blind


@pytest.mark.thorough
def test_values_searched_for_in_the_persons_own_rows_are_counted_apart_by_class(tables) -> None:
    name, alone, company = (
        Identifier(IdentifierKind.NAME, "Zelda Quillfeather"),
        Identifier(IdentifierKind.NAME, "Zelda"),
        Identifier(IdentifierKind.OTHER, "Quill and Sons"),
    )
    shared = replace(ZELDA, own_values=(name, alone, company), short_names=("Zelda",))
    found = tables.search(shared)
    full_name, other = found.places_for(ZELDA.ref).own_rows
    # A name alone is not searched for; it is among those of the person's rows all the same.
    assert (full_name.value_class, full_name.values) == (ValueClass.FULL_NAME, 1)
    assert (other.value_class, other.values) == (ValueClass.OTHER, 1)
    # In a column that stays, a company is no finding.
    assert full_name.columns > other.columns > 0
    assert found.places_for(SubjectRef("nobody")).own_rows == ()


# --- canaries -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_every_column_of_every_table_is_proved(tables) -> None:
    found = tables.search()
    assert found.blind == ()
    live = tables.query(
        "select count(*) from information_schema.columns c join information_schema.tables t "
        "using (table_schema, table_name) where t.table_type = 'BASE TABLE' and table_schema in "
        "('contact_center', 'lacuna', 'lacuna_evidence', 'reporting') and "
        "(data_type in ('text', 'json', 'jsonb', 'uuid', 'bytea') or data_type = 'ARRAY')"
    )
    assert found.places.columns >= live[0][0]
    assert found.opaque == (f"{AIRFLOW_UNKNOWN}: 1",)
    # A certificate says the same number whenever statistics were made: they are no places.
    tables.query("analyze contact_center.contacts")
    (count,) = tables.query(
        "delete from pg_statistic where starelid = 'contact_center.contacts'::regclass "
        "returning (select count(*) from pg_statistic)"
    )[:1]
    assert count[0] > 0
    assert tables.search().places == found.places


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("place", "broken"),
    [
        ("lacuna.verify.decodings._DECODERS", ()),
        ("lacuna.verify.search.words_of", lambda folded: ""),
        ("lacuna.verify.search.numbers_of", lambda *_: iter(())),
        ("lacuna.verify.search._values_in", lambda *_: iter(())),
    ],
    ids=["decoding", "words", "numbers", "values"],
)
def test_a_search_that_lost_a_sense_is_blind_everywhere(world, monkeypatch, place, broken) -> None:
    monkeypatch.setattr(place, broken)
    found = world.search(places=world.places("media", "mail"))
    assert "contact_center.messages.body_text" in found.blind
    assert "lacuna.database_fact.value" in found.blind
    assert found.findings(ZELDA.ref)[-1].gate is Gate.CANARY


@pytest.mark.parametrize(
    ("place", "broken", "blind"),
    [
        ("lacuna.verify.file_texts._parquet_texts", lambda *_: iter(()), "media/exports/*.parquet"),
        ("lacuna.verify.file_texts._decoded", lambda *_: "", "media/raw_mail/**"),
        ("lacuna.verify.file_texts.strings_in_bytes", lambda _: "", "media/recordings/**"),
        ("lacuna.verify.file_texts.unpacked", lambda one, *_: iter([one]), "media/too_large/**"),
        ("lacuna.verify.file_texts.texts_in_bytes", lambda _: iter(()), "media/too_large/**"),
        (
            "lacuna.verify.file_texts.read_pdf",
            lambda _: PdfContent([], [], False),
            "media/too_large/**",
        ),
        ("lacuna.verify.raw_bytes.is_wide", lambda _: False, None),
    ],
    ids=["parquet", "mail", "bytes", "packed", "text", "pdf", "wide"],
)
def test_a_reader_that_sees_nothing_makes_its_files_blind(
    world, monkeypatch, place, broken, blind
) -> None:
    monkeypatch.setattr(place, broken)
    found = world.search(places=world.places("media")).blind
    if blind is None:
        assert found == ()
    else:
        assert blind in found


def test_names_that_are_not_looked_at_are_blind(world, monkeypatch) -> None:
    from lacuna.verify import file_search

    real = file_search._texts_of

    def contents_only(*arguments):
        return (one for one in real(*arguments) if not one.is_name)

    monkeypatch.setattr(file_search, "_texts_of", contents_only)
    assert "names of media/recordings/**" in world.search(places=world.places("media")).blind


def test_a_table_in_which_no_canary_was_put_is_blind(tables, monkeypatch) -> None:
    monkeypatch.setattr(verifier.VerifierReader, "canary_rows", lambda *_: iter(()))
    blind = tables.search().blind
    assert {str(one) for one in tables.datamap.tables} <= set(blind)
    assert "lacuna.database_fact" in blind


def test_a_blind_search_is_a_finding_of_everybody(tables, monkeypatch) -> None:
    monkeypatch.setattr("lacuna.verify.search._values_in", lambda *_: iter(()))
    bo = replace(ZELDA, ref=SubjectRef("bo"), keys=())
    found = tables.search(ZELDA, bo)
    assert found.findings(ZELDA.ref) == found.findings(bo.ref) != ()


def test_canaries_stay_out_of_the_count_of_what_is_left(world) -> None:
    write_message(world, "canary-7f3a@example.org")
    world.write("mail/inbox/new/2", b"canary-7f3a@example.org")
    found = world.search(places=world.places("mail"))
    assert not found.matches
    assert found.blind == ()


def test_nobody_to_search_for_finds_nothing(tables) -> None:
    assert NOTHING_SEARCHED.findings(ZELDA.ref) == ()
    assert search_residue([], tables.datamap, tables.verifying(), []).matches == {}


def test_no_result_quotes_a_value_or_a_path(world) -> None:
    write_message(world, EMAIL.value)
    world.write("media/recordings/Zelda Quistgård.wav", EMAIL.value.encode())
    found = world.search(places=world.places("media"))
    said = repr(found) + repr(found.findings(ZELDA.ref)) + repr(found.opaque_for(ZELDA.ref))
    assert not any(
        one.value in said for one in ZELDA.known if one.kind is not IdentifierKind.CONTACT_ID
    )
    assert "Zelda" not in said
