"""`lacuna prove-absent`: finds what another tool left of people, with a login that may only read."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import json
import lzma
import quopri
import shutil
import sqlite3
import subprocess
import uuid
from collections import defaultdict
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from lacuna import datamap
from lacuna_demo.embedded_server import binary
from tests.bucket import left_in, s3
from tests.cli.conftest import run_here

__all__ = ["s3"]

SCHEMA = """
create table users (id int primary key, name text, email varchar(120), phone bigint, note jsonb);
create table tickets (id int primary key, subject text, requestor int references users);
create table transactions (id int primary key, ticket int references tickets, data text);
create table attachments (id int primary key, transaction int references transactions,
    headers text, content text, original bytea);
create table field_values (id int primary key, field text, content text);
create table sessions (id char(32) primary key, session bytea);
create table search_index (id int primary key, content tsvector);
create table labels (id int primary key, given text[], pair point);
create domain mailbox as varchar(40) check (value like '%@%');
create table every_type (id uuid primary key, a mailbox, b mailbox[], c json[], d numeric(12, 0), e char(3),
    f name, g bytea, h uuid[], i bigint[], j xml, k "char", l int references users);
"""
TABLES = ("users", "tickets", "transactions", "attachments", "field_values", "sessions",
          "search_index", "labels", "every_type")  # fmt: skip
FIRST = ("Ottilie", "Bartholomew", "Zuzanna", "Thaddeus", "Philippa", "Leopold", "Wilhelmina",
         "Cornelius", "Hyacinth", "Montgomery")  # fmt: skip
LAST = ("Quillfeather", "Brambleworth")
PEOPLE = tuple(
    {
        "name": f"{first} {last}",
        "email": f"{first}.{last}@mail.example.org".lower(),
        "phone": f"+45 70{number:02}{91 - number} {number:02}",
        "external_id": f"CUST-{77_000 + 37 * number}-{first[:2].upper()}",
        "address": f"Nightingale Terrace {number + 11}, {4100 + number} Larkstead",
    }
    for number, (first, last) in enumerate((first, last) for last in LAST for first in FIRST)
)


def listed(people, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("person", "kind", "value"))
        for number, one in enumerate(people):
            writer.writerows((f"c{number}", kind, value) for kind, value in one.items())
    return path


def fill(connection, people) -> dict[str, set[int]]:
    """Write ten values of each person, each in a place of its own; return who is where."""
    planted: dict[str, set[int]] = defaultdict(set)

    def put(table: str, person: int, **row: object) -> None:
        key = person if table != "sessions" else uuid.uuid4().hex
        names = sql.SQL(", ").join(map(sql.Identifier, ("id", *row)))
        values = sql.SQL(", ").join(map(sql.Literal, (key, *row.values())))
        connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table), names, values)
        )
        for column in row:
            planted[f"public.{table}.{column}"].add(person)

    for person, one in enumerate(people, 1):
        name, email, digits = one["name"], one["email"], one["phone"].replace(" ", "")
        put("users", person, phone=int(digits[1:]), note=json.dumps({"aka": [name.upper()]}))
        put("tickets", person, subject=f"Delivery to {one['address']}")
        put("transactions", person, data=f"<p>Owner: <b>{email.replace('@', '&#64;')}</b></p>")
        put(
            "attachments",
            person,
            headers=f"From: =?utf-8?b?{base64.b64encode(name.encode()).decode()}?= <x@example.com>",
            content=quopri.encodestring(f"call me at {one['phone']} – {name}".encode()).decode(),
            original=gzip.compress(f"{name}, {email}".encode()),
        )
        put("field_values", person, content=one["external_id"].lower())
        put("sessions", person, session=base64.b64encode(json.dumps({"user": email}).encode()))
        put("labels", person, given=[name, "vip"])
    connection.execute(
        "insert into search_index select id, to_tsvector('english', 'order for ' || (note #>> '{aka,0}'))"
        " from users"
    )
    if people:
        planted["public.search_index.content"] = set(range(1, len(people) + 1))
    return dict(planted)


def strangers(connection) -> None:
    for number in range(200):
        connection.execute(
            "insert into users values (%s, %s, %s, %s, '{}')",
            [
                10_000 + number,
                f"Ottilie Winterbourne {number}",
                f"ottilie{number}@example.net",
                4_570_600_000 + number,
            ],
        )
    connection.execute("analyze")


@pytest.fixture
def reader(database):
    """A database of somebody else, the address of a login that may only read it, and a connection."""
    url = database()
    plain = url.replace("postgresql+psycopg", "postgresql")
    login = f"absence_reader_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(
            sql.SQL("create role {0} login password 'quiet'").format(sql.Identifier(login))
        )
        connection.execute(
            sql.SQL("grant select on all tables in schema public to {}").format(
                sql.Identifier(login)
            )
        )
        host = plain.partition("host=")[2].partition("&")[0]
        name = plain.partition("@/")[2].partition("?")[0]
        yield f"postgresql://{login}@/{name}?host={host}", connection
        connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(login)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))


def owner_of(connection) -> dict[str, str]:
    """Return how the owner connects, but for the database."""
    given = connection.info.get_parameters()
    return {name: given[name] for name in ("host", "user", "passfile")}


@pytest.fixture
def prove(tmp_path):
    home = tmp_path / "home"

    def run(*arguments: object):
        return run_here(
            "prove-absent", *arguments, cwd=tmp_path, LACUNA_HOME=str(home), PGPASSWORD="quiet"
        )

    return run


def places_of(said) -> dict[str, set[int]]:
    return {
        one["where"]: set(one["people"])
        for place in json.loads(said.stdout)["places"]
        for one in place["found"]
    }


@pytest.mark.thorough
def test_what_another_tool_left_is_found_each_value_where_it_stands(reader, prove, tmp_path):
    url, connection = reader
    planted = fill(connection, PEOPLE)
    strangers(connection)
    assert sum(map(len, planted.values())) >= 200
    before = connection.execute("select sum(hashtext(users::text)) from users").fetchone()

    said = prove(
        "--identifiers", listed(PEOPLE, tmp_path / "people.csv"), "--database", url, "--json"
    )
    assert said.returncode == 1, said.stderr
    found = places_of(said)
    # ANALYZE keeps values of its own.
    assert found.pop("pg_catalog.pg_stats.most_common_vals")
    assert found == planted
    shown = said.stdout + said.stderr
    assert not [value for one in PEOPLE for value in one.values() if value.lower() in shown.lower()]
    assert connection.execute("select sum(hashtext(users::text)) from users").fetchone() == before

    # A DELETE by hand that forgets what no key leads to.
    connection.execute("delete from attachments; delete from transactions; delete from tickets")
    connection.execute("delete from users where id < 1000; delete from labels")
    connection.execute("analyze")
    left = prove("--identifiers", tmp_path / "people.csv", "--database", url, "--json")
    rest = {"field_values.content", "sessions.session", "search_index.content"}
    found = {where: who for where, who in places_of(left).items() if "pg_stats" not in where}
    assert found == {f"public.{where}": set(range(1, 21)) for where in rest}


def test_nothing_is_found_in_a_clean_database_and_the_report_is_signed(reader, prove, tmp_path):
    url, connection = reader
    strangers(connection)
    people, report = listed(PEOPLE, tmp_path / "people.csv"), tmp_path / "report.json"
    said = prove("--identifiers", people, "--database", url, "--report", report)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Absent: no value of these people was found" in said.stdout
    document = json.loads(report.read_text("utf-8"))
    (place,) = document["places"]
    assert (document["result"], place["searched"], place["unread"]) == ("absent", 9, {})
    assert (tmp_path / "home/keys/absence.pem").stat().st_mode & 0o077 == 0

    keys = tmp_path / "home/keys/absence.pub"
    verify = ("evidence", "verify", report, "--keys", keys)
    verified = run_here(*verify, cwd=tmp_path, LACUNA_HOME=str(tmp_path / "home"))
    assert verified.returncode == 0, verified.stderr
    assert "absent" in verified.stdout
    report.write_text(report.read_text("utf-8").replace('"people": 20', '"people": 21'), "utf-8")
    forged = run_here(*verify, cwd=tmp_path, LACUNA_HOME=str(tmp_path / "home"))
    assert forged.returncode == 1


def test_what_may_not_be_read_is_said_and_nothing_is_called_absent(reader, prove, tmp_path):
    url, connection = reader
    connection.execute("alter table field_values enable row level security")
    connection.execute("create policy none on field_values using (false)")
    connection.execute("revoke select on sessions from public")
    connection.execute("create table secrets (said text)")
    said = prove(
        "--identifiers", listed(PEOPLE[:1], tmp_path / "people.csv"), "--database", url, "--json"
    )
    assert said.returncode == 1
    document = json.loads(said.stdout)
    assert document["result"] == "incomplete"
    assert set(document["places"][0]["unread"]) == {"public.field_values", "public.secrets"}
    told = prove("--identifiers", tmp_path / "people.csv", "--database", url).stdout
    assert "Could not be read: public.field_values, public.secrets: " in told
    assert "a login with BYPASSRLS alone" in " ".join(told.split())


def test_dumps_of_every_format_are_searched(reader, prove, tmp_path, database, monkeypatch):
    _, connection = reader
    planted = fill(connection, PEOPLE[:3])
    owner = connection.info
    address = f"postgresql://{owner.user}@/{owner.dbname}?host={owner.host}"
    people = listed(PEOPLE[:3], tmp_path / "people.csv")
    monkeypatch.setenv("PATH", f"{binary('pg_restore').parent}:/usr/bin:/bin")
    monkeypatch.setenv("PGPASSFILE", connection.info.get_parameters()["passfile"])
    for form in ("plain", "custom", "tar"):
        dump = tmp_path / f"{form}.dump"
        subprocess.run([binary("pg_dump"), f"--format={form}", "--file", dump, address], check=True)
        if form == "plain":
            dump.write_bytes(gzip.compress(dump.read_bytes()))
        found = places_of(prove("--identifiers", people, "--dump", dump, "--json"))
        # In a dump an index has its words and places.
        assert found == {k: v for k, v in planted.items() if "search_index" not in k}, form
    (tmp_path / "custom.dump").write_bytes((tmp_path / "custom.dump").read_bytes()[:900])
    broken = prove("--identifiers", people, "--dump", tmp_path / "custom.dump", "--json")
    assert (broken.returncode, json.loads(broken.stdout)["result"]) == (1, "incomplete")


def test_a_folder_is_searched_and_nothing_is_written_there(prove, tmp_path):
    folder = tmp_path / "files"
    (folder / "2026").mkdir(parents=True)
    one = PEOPLE[4]
    (folder / "2026" / f"{one['email']}.txt").write_text("nothing", "utf-8")
    (folder / "letter.gz").write_bytes(gzip.compress(one["name"].encode()))
    people = listed([one], tmp_path / "people.csv")
    said = prove("--identifiers", people, "--folder", folder, "--json")
    assert places_of(said) == {"folder 1": {1}, "names of folder 1": {1}}
    shutil.rmtree(folder / "2026")
    (folder / "letter.gz").unlink()
    (folder / "other.txt").write_text("Ottilie Winterbourne", "utf-8")
    before = sorted(folder.rglob("*"))
    clean = prove("--identifiers", people, "--folder", folder)
    assert clean.returncode == 0, clean.stdout
    assert sorted(folder.rglob("*")) == before
    assert prove("--identifiers", people, "--folder", tmp_path / "none").returncode == 2


def test_large_objects_are_read_and_a_server_that_does_not_answer_proves_nothing(
    reader, prove, tmp_path
):
    url, connection = reader
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    (oid,) = connection.execute(
        "select lo_from_bytea(0, %s)", [PEOPLE[0]["email"].encode()]
    ).fetchone()
    hidden = json.loads(prove("--identifiers", people, "--database", url, "--json").stdout)
    assert list(hidden["places"][0]["unread"]) == ["pg_catalog.pg_largeobject"]
    # Whoever may read everything reads these, too.
    login = url.partition("//")[2].partition("@")[0]
    connection.execute(f"grant pg_read_all_data to {login}")
    said = prove("--identifiers", people, "--database", url, "--json")
    assert places_of(said) == {"pg_catalog.pg_largeobject.data": {1}}
    connection.execute(f"revoke pg_read_all_data from {login}")
    connection.execute(f"grant select on large object {oid} to public")
    said = prove("--identifiers", people, "--database", url, "--json")
    assert places_of(said) == {"pg_catalog.pg_largeobject.data": {1}}
    gone = prove("--identifiers", people, "--database", url.replace("absence_", "no_such_"))
    assert gone.returncode == 1
    assert "check its address" in gone.stdout


def test_a_database_of_another_make_is_read_only(prove, tmp_path):
    file, one = tmp_path / "desk.db", PEOPLE[2]
    with sqlite3.connect(file) as connection:
        connection.execute("create table person (id integer primary key, phone integer, born date)")
        connection.execute("create table note (id integer, said text, packed blob)")
        digits = int(one["phone"].replace(" ", ""))
        connection.execute("insert into person values (1, ?, ?)", [digits, "1970-01-01"])
        packed = gzip.compress(one["email"].encode())
        connection.execute("insert into note values (1, ?, ?)", [one["name"], packed])
    before = file.read_bytes()
    people, url = listed([one], tmp_path / "people.csv"), f"sqlite:///{file}"
    found = places_of(prove("--identifiers", people, "--database", url, "--json"))
    assert set(found) == {"main.person.phone", "main.note.said", "main.note.packed"}
    assert file.read_bytes() == before
    with sqlite3.connect(file) as connection:
        connection.execute("delete from person")
        connection.execute("update note set said = null, packed = null")
        connection.execute("pragma journal_mode = wal")
    connection.close()
    there = sorted(tmp_path.glob("desk.db*"))
    assert prove("--identifiers", people, "--database", url).returncode == 0
    assert prove("--identifiers", people, "--database", "sqlite:////no/such/file").returncode == 2
    assert sorted(tmp_path.glob("desk.db*")) == there


def test_a_data_map_says_what_would_become_of_what_is_found(reader, prove, tmp_path):
    """The map of a help desk that Lacuna knows, as `lacuna datamap init` writes it."""
    (url, connection), one = reader, PEOPLE[0]
    packs = Path(datamap.__file__).parents[1] / "packs" / "django-helpdesk"
    schema = Path(__file__).parents[1] / "packs" / "django_helpdesk.sql"
    connection.execute(schema.read_text("utf-8"))
    connection.execute(
        "insert into auth_user (id, username, first_name, last_name, email, password, is_superuser,"
        " is_staff, is_active, date_joined) values"
        " (1, 'x1', 'Ottilie', 'Quillfeather', %s, '', false, false, true, now())",
        [one["email"]],
    )
    connection.execute("create table newsletter as select email from auth_user")
    connection.execute("grant select on all tables in schema public to public")
    people = listed([one], tmp_path / "people.csv")
    asked = ("--identifiers", people, "--database", url, "--datamap")
    said = prove(*asked, packs / "datamap.yaml", "--json")
    found = {
        one["where"]: one["mapped_as"]
        for place in json.loads(said.stdout)["places"]
        for one in place["found"]
    }
    # A map of another platform would have few of them.
    (place,) = json.loads(said.stdout)["places"]
    assert 25 < place["mapped"] < place["searched"]
    assert found == {
        "public.auth_user.email": "user.contact.email, surrogate",
        "public.auth_user.first_name + last_name": "user.name.first, replace + user.name.last, replace",
        "public.newsletter.email": "not mapped",
    }
    assert "public.newsletter.email\tnot mapped\t1" in prove(*asked, packs / "datamap.yaml").stdout
    unmapped = prove(*asked, tmp_path / "none.yaml")
    assert unmapped.returncode == 2
    assert "check --datamap" in unmapped.stderr


APART = {"name": "Siobhan O'Brien-Quill", "email": "siobhan@mail.example.org"}
OF_WORDS = {"name": "Thaddeus of the Brambleworths"}


def test_a_name_whose_words_stand_apart_is_found(reader, prove, tmp_path):
    url, connection = reader
    connection.execute(
        "create table clients (a int, last text, city text, first text, extra jsonb)"
    )
    connection.execute(
        "insert into clients values (1, 'O''Brien-Quill', 'Siobhan', null, '{}'),"
        " (2, 'Winterbourne', 'Larkstead', 'Siobhan', '{}'),"
        """ (3, null, null, null, '{"given": "Siobhan", "more": {"family": "O''Brien-Quill"}}')"""
    )
    connection.execute(
        "insert into search_index values (1, strip(to_tsvector('siobhan wrote, o''brien-quill')))"
    )
    connection.execute("grant select on all tables in schema public to public")
    connection.execute(
        "insert into search_index values (2, strip(to_tsvector('english', 'thaddeus of the brambleworths')))"
    )
    people = listed([APART, OF_WORDS], tmp_path / "people.csv")
    found = places_of(prove("--identifiers", people, "--database", url, "--json"))
    assert found["public.search_index.content"] == {1, 2}
    assert set(found) == {
        "public.clients.last + city", "public.clients.extra", "public.search_index.content"
    }  # fmt: skip
    folder = tmp_path / "files"
    folder.mkdir()
    pq.write_table(pa.table({"l": ["O'Brien-Quill"], "f": ["Siobhan"]}), folder / "rows.parquet")
    (folder / "people.csv").write_text("1;O'Brien-Quill;Siobhan\n", "utf-8")
    (folder / "card.vcf").write_text("BEGIN:VCARD\nN:O'Brien-Quill;Siobhan;;;\n", "utf-8")
    (folder / "letter.txt").write_text("Siobhan wrote to Brien Quill.", "utf-8")
    said = prove("--identifiers", people, "--folder", folder, "--json")
    (one,) = json.loads(said.stdout)["places"][0]["found"]
    assert one["rows"] == 3


def test_bytes_moments_and_closed_lists_are_searched_too(reader, prove, tmp_path):
    url, connection = reader
    one = {"external_id": "203.0.113.77", "email": "quill@mail.example.org"}
    packed = one["email"].encode()
    connection.execute("create type kind as enum ('quill@mail.example.org', 'b')")
    connection.execute(
        'create table "odd 100%s" ("a%%b" inet, c kind, d bytea[], e text, f float8)'
    )
    connection.execute(
        'insert into "odd 100%%s" values (%s, %s, %s, %s, 1)',
        [one["external_id"], one["email"], [packed], f"was \\x{packed.hex()}"],
    )
    connection.execute("grant select on all tables in schema public to public")
    said = prove(
        "--identifiers", listed([one], tmp_path / "people.csv"), "--database", url, "--json"
    )
    table = "public.odd 100%s"
    assert set(places_of(said)) == {f"{table}.{name}" for name in ("a%%b", "c", "d", "e")}
    assert json.loads(said.stdout)["places"][0]["unread"] == {}


def test_a_name_of_a_table_that_holds_a_value_is_not_shown(reader, prove, tmp_path):
    url, connection = reader
    email = PEOPLE[0]["email"]
    connection.execute(sql.SQL("create table {} (said text)").format(sql.Identifier(f"of {email}")))
    connection.execute(
        sql.SQL("insert into {} values (%s)").format(sql.Identifier(f"of {email}")), [email]
    )
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    refused = prove("--identifiers", people, "--database", url)
    assert email not in refused.stdout + refused.stderr
    connection.execute("grant select on all tables in schema public to public")
    said = prove("--identifiers", people, "--database", url, "--report", tmp_path / "report.json")
    assert said.returncode == 1
    assert "Found: " in said.stdout
    assert "its name is not shown" in said.stdout
    assert email not in said.stdout + said.stderr + (tmp_path / "report.json").read_text("utf-8")


def test_an_empty_database_proves_nothing(prove, tmp_path, reader):
    url, connection = reader
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    connection.execute("drop table " + ", ".join(TABLES))
    empty = json.loads(prove("--identifiers", people, "--database", url, "--json").stdout)
    assert (empty["result"], empty["places"][0]["searched"]) == ("incomplete", 0)


def test_a_database_of_another_encoding_is_searched_and_not_called_absent(prove, tmp_path, reader):
    url, connection = reader
    name = f"latin_{uuid.uuid4().hex[:8]}"
    connection.execute(f"create database {name} encoding 'LATIN1' template template0 locale 'C'")
    one = {"name": "Jürgen Öståker", "email": "jo@mail.example.org"}
    people = listed([one], tmp_path / "people.csv")
    host = url.partition("?")[2]
    login = url.partition("://")[2].partition("@")[0]
    try:
        with psycopg.connect(dbname=name, **owner_of(connection)) as there:
            there.execute("create table note (said text); grant select on note to public")
            there.execute("insert into note values (%s)", [one["name"]])
            there.commit()
        said = prove(
            "--identifiers", people, "--database", f"postgresql://{login}@/{name}?{host}", "--json"
        )
        assert places_of(said) == {"public.note.said": {1}}
        assert list(json.loads(said.stdout)["places"][0]["unread"]) == ["canaries of public.note"]
    finally:
        connection.execute(f"drop database {name} with (force)")


PLAIN = """--
-- PostgreSQL database dump
--
{}
--
-- PostgreSQL database dump complete
--
"""


@pytest.mark.parametrize(
    "said",
    [
        "INSERT INTO a VALUES (1, '\\x{hex}');",
        "INSERT INTO a VALUES (1, 0x{hex});",
        "INSERT INTO a VALUES (1, E'\\\\x{hex}');",
        "SELECT pg_catalog.lowrite(0, '\\x{hex}');",
        "INSERT INTO a VALUES (1, 'Nightingale Terrace 11\n4100 Larkstead');",
        "INSERT INTO a VALUES (1, '<p>Ottilie\n<b>Quillfeather</b>');",
        "COPY a (b) FROM stdin;\n\\\\x{hex}\n\\.\n",
        "COPY a (b, c) FROM stdin;\r\nQuillfeather\tOttilie\r\n\\.\r\n",
    ],
)
def test_a_plain_dump_is_read_as_databases_write_it(prove, tmp_path, said):
    one = PEOPLE[0]
    dump = tmp_path / "desk.sql"
    text = PLAIN.format(said.format(hex=one["email"].encode().hex()))
    people = listed([one], tmp_path / "people.csv")
    for packing in (bytes, gzip.compress, bz2.compress, lzma.compress):
        dump.write_bytes(packing(text.encode()))
        found = json.loads(prove("--identifiers", people, "--dump", dump, "--json").stdout)
        assert found["result"] == "found"
    dump.write_bytes(text.encode("utf-16"))
    assert (
        json.loads(prove("--identifiers", people, "--dump", dump, "--json").stdout)["result"]
        == "found"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(range(256)) * 20,
        b"SQLite format 3\0" + bytes(2000),
        b"PK\x03\x04" + bytes(100),
        PLAIN.format("COPY a (b) FROM stdin;\nx\n").encode(),
        PLAIN.format("SELECT 1;").partition("-- PostgreSQL database dump complete")[0].encode(),
        PLAIN.format("SET client_encoding = 'MULE_INTERNAL';").encode(),
        # The last line of a dump stands in a value of one that was cut.
        PLAIN.format("SELECT 1;").encode() + b"x'); INSERT INTO a VALUES ('y",
    ],
)
def test_what_is_no_whole_dump_proves_nothing(prove, tmp_path, content):
    (tmp_path / "desk.sql").write_bytes(content)
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    said = prove("--identifiers", people, "--dump", tmp_path / "desk.sql", "--json")
    document = json.loads(said.stdout)
    assert (said.returncode, document["result"]) == (1, "incomplete")
    assert document["places"][0]["unread"]


def test_a_dump_in_latin_letters_of_one_byte_is_read_by_what_it_says(prove, tmp_path):
    text = PLAIN.format("SET client_encoding = 'LATIN1';\nSELECT 'Jürgen Öståker';")
    (tmp_path / "desk.sql").write_bytes(text.encode("latin-1"))
    people = listed([{"name": "Jürgen Öståker"}], tmp_path / "people.csv")
    assert places_of(prove("--identifiers", people, "--dump", tmp_path / "desk.sql", "--json"))


def test_what_cannot_be_read_in_a_folder_makes_it_incomplete(prove, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("nothing", "utf-8")
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    (folder / "elsewhere").symlink_to(tmp_path)
    linked = json.loads(prove("--identifiers", people, "--folder", folder, "--json").stdout)
    assert linked["result"] == "incomplete"
    (folder / "elsewhere").unlink()
    with (folder / "large.bin").open("wb") as file:
        file.truncate(256 * 1024 * 1024 + 1)
    large = json.loads(prove("--identifiers", people, "--folder", folder, "--json").stdout)
    assert list(large["places"][0]["unread"].values()) == ["larger than is searched"]


def test_a_person_without_a_value_that_says_enough_is_named_by_number(prove, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("nothing", "utf-8")
    people = listed([PEOPLE[0], {"name": "Ottilie"}], tmp_path / "people.csv")
    document = json.loads(prove("--identifiers", people, "--folder", folder, "--json").stdout)
    assert (document["result"], document["unsearchable_people"]) == ("incomplete", [2])


def test_a_report_that_exists_is_seen_before_the_search(prove, tmp_path):
    (tmp_path / "report.json").write_text("{}", "utf-8")
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    for report in (tmp_path / "report.json", tmp_path / "none" / "report.json"):
        said = prove("--identifiers", people, "--folder", tmp_path, "--report", report)
        assert said.returncode == 2
        assert "searching" not in said.stderr


@pytest.mark.parametrize(
    "content",
    [
        "",
        "person,kind\n1,email\n",
        "person,kind,value\n",
        "person,kind,value\n1,mail,somebody@example.org\n",
        "person,kind,value\n1,email\n",
        "person,kind,value\n1,email,\n",
        'person,kind,value\n1,email,"somebody@example.org\n',
        "person,kind,value\n1,date_of_birth,1970-01-01\n",
        "person,kind,value\n1,phone,somebody\n",
        "person,kind,value\n1,email,somebody\n",
    ],
)
def test_a_list_that_says_something_else_is_refused_without_its_values(prove, tmp_path, content):
    (tmp_path / "people.csv").write_text(content, "utf-8")
    said = prove("--identifiers", tmp_path / "people.csv", "--folder", tmp_path)
    assert said.returncode == 2
    assert "somebody" not in said.stdout + said.stderr


def test_a_list_of_names_too_weak_to_search_for_proves_nothing(prove, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("Ottilie", "utf-8")
    people = listed([{"name": "Ottilie"}], tmp_path / "people.csv")
    said = prove("--identifiers", people, "--folder", folder, "--json")
    document = json.loads(said.stdout)
    assert (said.returncode, document["result"]) == (1, "incomplete")
    assert document["too_weak_to_search"] == {"full name": 1}


def test_a_password_on_the_command_line_is_refused(prove, tmp_path):
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    said = prove("--identifiers", people, "--database", "postgresql://a:secretive@localhost/x")
    assert said.returncode == 2
    assert "secretive" not in said.stderr
    for url in ("no url", "postgresql://a@/x?host=localhost&password=secretive"):
        assert prove("--identifiers", people, "--database", url).returncode == 2
    assert prove("--identifiers", people).returncode == 2


@pytest.fixture
def bucket(s3, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tester")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return s3.make()


def test_a_bucket_is_searched_in_every_version_and_nothing_is_written_there(
    prove, s3, bucket, tmp_path
):
    client, (one, other, third) = s3.client(), PEOPLE[:3]
    rows = pa.table({"last": [third["name"].split()[1]], "first": [third["name"].split()[0]]})
    pq.write_table(rows, tmp_path / "rows.parquet")
    client.put_object(Bucket=bucket, Key="calls/1.txt", Body=other["email"].encode())
    client.put_object(Bucket=bucket, Key="calls/1.txt", Body=b"nothing")  # hides the first
    client.put_object(
        Bucket=bucket, Key="calls/2.txt", Body=b"nothing", Metadata={"to": one["email"]}
    )
    client.put_object(
        Bucket=bucket, Key="calls/3.parquet", Body=(tmp_path / "rows.parquet").read_bytes()
    )
    client.put_object(Bucket=bucket, Key="calls/=1+1.txt", Body=one["email"].encode())
    client.put_object(Bucket=bucket, Key="elsewhere.txt", Body=PEOPLE[3]["email"].encode())
    people = listed(PEOPLE[:5], tmp_path / "people.csv")
    given = ("--identifiers", people, "--bucket", f"s3://{bucket}/calls")
    before = left_in(s3, bucket)
    said = prove(*given, "--json", "--files", tmp_path / "found.csv")
    assert said.returncode == 1
    assert places_of(said) == {"bucket 1": {1, 2, 3}}
    assert (tmp_path / "found.csv").read_text("utf-8") == (
        "place,path,people\nbucket 1,1.txt,2\nbucket 1,2.txt,1\nbucket 1,3.parquet,3\n"
        "bucket 1,./=1+1.txt,1\n"
    )
    assert (tmp_path / "found.csv").stat().st_mode & 0o777 == 0o600
    assert left_in(s3, bucket) == before
    for there in (tmp_path / "found.csv", tmp_path / "none" / "found.csv"):
        assert prove(*given, "--files", there).returncode == 2


def test_a_bucket_without_these_people_is_clean_and_an_empty_prefix_shows_nothing(
    prove, s3, bucket, tmp_path
):
    s3.client().put_object(Bucket=bucket, Key="calls/1.txt", Body=b"nothing")
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    clean = prove("--identifiers", people, "--bucket", f"s3://{bucket}/calls/")
    assert clean.returncode == 0, clean.stderr
    for address, why in (
        (f"s3://{bucket}/chats", "no file was read"),
        ("s3://none-such", "NoSuchBucket"),
    ):
        said = prove("--identifiers", people, "--bucket", address, "--json")
        (place,) = json.loads(said.stdout)["places"]
        assert (said.returncode, place["result"]) == (1, "incomplete")
        assert why in place["unread"]["bucket 1"]


@pytest.mark.parametrize("address", ["bucket", "s3://", "s3:///prefix", "gs://bucket", "s3://a b"])
def test_what_is_no_bucket_is_refused(prove, tmp_path, address):
    people = listed(PEOPLE[:1], tmp_path / "people.csv")
    said = prove("--identifiers", people, "--bucket", address)
    assert said.returncode == 2
    assert "bucket 1: " in said.stderr
