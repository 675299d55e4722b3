"""Columns that nothing can read while a map is drafted: bytes, and what a program encoded; and counters."""

from __future__ import annotations

import base64
import json
import pickle
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import DriftKind, check, load, scaffold
from lacuna.datamap.scaffold import samples
from lacuna.datamap.scaffold.category_proposal import (
    SURE,
    ColumnSample,
    Guess,
    TableSurroundings,
    guess,
)
from lacuna.datamap.scaffold.file_names import places_of_paths
from lacuna.datamap.scaffold.map_draft import Scaffold
from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.schema import LiveColumn
from lacuna.model.treatment import Mention, Treatment
from tests.datamap.test_scaffold import Stranger, look_at

ZAMMAD = (Path(__file__).parents[1] / "packs" / "zammad.sql").read_text("utf-8")
FAILED, CHUNKS = TableName("public", "failed_emails"), TableName("public", "store_provider_dbs")
SESSIONS = """
create table django_session (session_key text primary key, session_data text not null);
insert into django_session select n::text, repeat(md5(n::text), 6) from generate_series(1, 9) n;
create table admin_log (
    id integer primary key, user_id integer references users, object_repr text not null, action text not null
);
insert into admin_log values (1, null, 'ada', 'changed'), (2, null, 'bo', 'changed'), (3, null, 'cy', 'changed');
create type pair as (one text, other text);
create table imports (id integer primary key, document xml, attributes pair);
"""
PEOPLE = TableSurroundings(is_of_people=True, leads=False, is_one_to_one=False, keys={})


@pytest.fixture(scope="module")
def stranger(template_database):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(ZAMMAD + SESSIONS)
        yield look_at(url)


@pytest.fixture(scope="module")
def drafted(stranger: Stranger) -> Scaffold:
    return scaffold(stranger.live, stranger.sample, {})


@pytest.fixture
def datamap(drafted: Scaffold, tmp_path: Path) -> DataMap:
    path = tmp_path / "datamap.yaml"
    path.write_text(drafted.text, "utf-8")
    return load(path)


def asked(made: Scaffold) -> dict[str, str]:
    return {one.about: str(one) for one in made.questions}


@pytest.mark.parametrize("table", [FAILED, CHUNKS])
def test_bytes_that_no_link_reaches_are_taken_for_content_and_asked_about(drafted, datamap, table):
    column = datamap.tables[table].column("data")
    assert column.category == "user.content.private"
    assert column.mention is Mention.EMPTY
    question = asked(drafted)["guessed"]
    assert f"{table}.data (bytea, empty)" in question
    assert "bytes, such as a mail or a picture, can name anybody" in question
    assert "elsewhere a name or address refuses the plan, a bare key does not" in question


def test_no_bytes_stay_unasked(drafted, datamap, stranger):
    questions = " ".join(asked(drafted).values())
    silent = [
        f"{table.name}.{column.name}"
        for table in datamap.tables.values()
        for column in table.columns
        if stranger.live.tables[table.name].column(column.name).type == "bytea"
        and not column.is_personal
        and column.name not in questions
    ]
    assert silent == []


def test_the_draft_with_bytes_fits_but_for_its_questions(datamap, stranger):
    assert {one.kind for one in check(datamap, stranger.live)} == {DriftKind.QUESTION}


def test_an_answer_lets_bytes_stay_or_takes_them(stranger, tmp_path):
    said = {f"{FAILED}.*": "system.operations", f"{CHUNKS}.data": "user.content.private"}
    made = scaffold(stranger.live, stranger.sample, said)
    path = tmp_path / "datamap.yaml"
    path.write_text(made.text, "utf-8")
    found = load(path)
    assert found.tables[FAILED].column("data").category == "system.operations"
    assert found.tables[CHUNKS].column("data").mention is Mention.EMPTY
    assert not re.search(f"({FAILED}|{CHUNKS})[.]", asked(made).get("guessed", ""))


def test_a_counter_of_logins_is_no_identifier(datamap):
    users = datamap.tables[TableName("public", "users")]
    assert users.column("login_failed").erasure.treatment is Treatment.KEEP
    assert {one.column.name for one in datamap.subject.identifiers} >= {"email", "login"}
    assert "login_failed" not in {one.column.name for one in datamap.subject.identifiers}


@pytest.mark.parametrize("type_of", ["integer", "bigint", "numeric", "boolean"])
@pytest.mark.parametrize(
    "name",
    [
        "login_failed", "failed_login", "login_count", "user_name_changes", "nickname_set",
        "display_name_length", "first_name_count", "last_name_id", "emails_sent", "email_count",
        "photo_count", "social_media_score", "token_count", "password_attempts", "phone_count",
        "sms_number_tries", "address_line_count",
    ],
)  # fmt: skip
def test_a_number_or_a_flag_is_no_name_whatever_it_is_called(name, type_of):
    taken = taken_for(name, type_of)
    refused = ("user.name", "user.account.username", "user.contact", "user.authorization")
    assert not taken.category.startswith(refused), taken
    assert taken.category != "user.content.self_image"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("phone", "user.contact.phone_number"),
        ("mobile", "user.contact.phone_number"),
        ("caller_number", "user.contact.phone_number"),
        ("zip", "user.contact.address.postal_code"),
        ("house_no", "user.contact.address.street"),
        ("pin", "user.authorization.credentials"),
        ("ssn", "user.government_id.national_identification_number"),
        ("customer_number", "user.unique_id"),
    ],
)
def test_numbers_that_lead_to_somebody_are_still_taken_for_what_they_are(name, category):
    assert taken_for(name, "bigint").category == category


def taken_for(name: str, type_of: str) -> Guess:
    return guess(LiveColumn(name, type_of), ColumnSample(("1", "2")), PEOPLE)


FIELDS = frozenset({"id", "field_id", "ticket_id", "value"})
NOTES = tuple(f"Please ring at door {number}, the bell is broken." for number in range(30))


@pytest.mark.parametrize(
    ("name", "beside", "values", "category"),
    [
        ("value", FIELDS, (*NOTES, "K881207", "K881208"), "user.unique_id"),
        ("content", FIELDS, (*NOTES, "K881207", "K881208"), "user.unique_id"),
        ("field_value", frozenset[str](), (*NOTES, "K881207", "K881208"), "user.unique_id"),
        ("value", FIELDS, NOTES, "user.content.private"),
        ("comment", frozenset({"id", "comment"}), (*NOTES, "K881207"), "user.content.private"),
    ],
)
def test_a_column_of_several_fields_is_asked_about_if_some_of_them_are_numbers(
    name, beside, values, category
):
    around = TableSurroundings(
        is_of_people=False, leads=True, is_one_to_one=False, keys={}, beside=beside
    )
    taken = guess(LiveColumn(name, "text"), ColumnSample(values), around)
    assert taken.category == category
    assert (taken.confidence < SURE) == (category == "user.unique_id")


def test_what_a_program_encoded_is_asked_about_with_a_reason_and_answers_that_fit(drafted):
    question = asked(drafted)["unreached"]
    assert "public.django_session (session_data: encoded)" in question
    assert "the person covered in texts of several words and in what is encoded" in question
    assert "elsewhere a name or address refuses the plan, a bare key does not" in question
    assert not [about for about in asked(drafted) if "django_session" in about]


def test_what_a_program_encoded_is_covered_where_it_names_a_person(datamap):
    column = datamap.tables[TableName("public", "django_session")].column("session_data")
    assert (column.erasure.treatment, column.mention) == (Treatment.KEEP, Mention.REDACT)


def test_texts_are_codes_only_if_they_were_seen_again_and_again(datamap):
    log = datamap.tables[TableName("public", "admin_log")]
    text, code = log.column("object_repr"), log.column("action")
    assert (text.erasure.treatment, text.mention) == (Treatment.KEEP, Mention.REDACT)
    assert (code.erasure.treatment, code.mention) == (Treatment.KEEP, Mention.REFUSE)


def in_base64(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


TERMS = tuple(in_base64({"search_string": f"person{number}@example.org"}) for number in range(3))
ELSEWHERE = TableSurroundings(is_of_people=False, leads=False, is_one_to_one=False, keys={})


@pytest.mark.parametrize(
    ("name", "table", "values", "category"),
    [
        ("query", "saved_search", TERMS, "user.behavior.search_history"),
        ("query", "saved_search", ("d41d8cd98f00b204e9800998ecf8427e",), "system.operations"),
        ("state", "job", TERMS, "user.content.private"),
        ("state", "job", (base64.b64encode(pickle.dumps({"to": "x"})).decode(),), "user.content.private"),
        ("state", "job", (*TERMS, "waiting"), "system.operations"),
    ],
)  # fmt: skip
def test_documents_in_base64_are_taken_for_personal_data_wherever_they_are(
    name, table, values, category
):
    around = replace(ELSEWHERE, table=table)
    taken = guess(LiveColumn(name, "text"), ColumnSample(values), around)
    assert taken.category == category
    assert (taken.confidence < SURE) == (category != "system.operations")


@pytest.mark.parametrize("values", [(), ("text/plain", "application/pdf", "text/html; charset=x")])
def test_a_media_type_is_no_personal_data_and_no_question(values):
    around = replace(ELSEWHERE, leads=True)
    taken = guess(LiveColumn("mime_type", "text"), ColumnSample(values), around)
    assert (taken.category, taken.confidence) == ("system.operations", 0.9)
    other = guess(LiveColumn("mime_type", "text"), ColumnSample(("Anna Berg",)), around)
    assert (other.category, other.confidence < SURE) == ("user.content.private", True)


def test_xml_and_types_of_extensions_are_asked_about_too(drafted):
    assert "public.imports (document, attributes)" in asked(drafted)["unreached"]


DEEP = "[" * 200_000


def test_a_document_that_is_nested_too_deep_to_read_ends_no_draft():
    packed = base64.b64encode(DEEP.encode()).decode()
    taken = guess(LiveColumn("state", "text"), ColumnSample((packed,)), ELSEWHERE)
    assert taken.category == "user.content.private"
    assert places_of_paths([DEEP, '{"voice": "v/1.wav"}']) == {"/voice": ("v/1.wav",)}
    assert samples._keys([DEEP, '{"age": 4}']) == {("age",)}
