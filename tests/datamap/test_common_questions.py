"""Questions about many things at once: one answer for all, and a line of its own takes one out."""

from __future__ import annotations

import psycopg
import pytest

from lacuna.datamap import load, scaffold
from lacuna.model.location import TableName
from lacuna.model.treatment import Treatment
from tests.datamap.test_scaffold import look_at

SCRIPT = """
create schema desk;
create table desk.users (
    id integer primary key, first_name text, last_name text, title text, email text unique,
    motto text
);
create table desk.tickets (
    id integer primary key, user_id integer references desk.users, title text, status text,
    outcome text, number text
);
create table desk.messages (
    id integer primary key, ticket_id integer not null references desk.tickets, body text, mishap text
);
create table desk.queues (id integer primary key, email_address text, email_box_host text);
create table desk.partners (id integer primary key, email_address text, host text);
create table desk.leads (id integer primary key, first_name text, last_name text, title text);
insert into desk.users
select n, 'Aveline', 'Ashgrove', 'Dr. Aveline Ashgrove', 'user' || n || '@example.org', null
from generate_series(1, 8) n;
insert into desk.tickets
select n, n, 'Aveline Ashgrove asks', case when n < 4 then 'open' else 'closed' end, null, 'T-' || n
from generate_series(1, 8) n;
insert into desk.messages select n, n, 'Hello there', 'a few words' from generate_series(1, 8) n;
insert into desk.queues select n, 'desk' || n || '@example.org', 'imap' from generate_series(1, 8) n;
insert into desk.partners select n, 'c' || n || '@example.org', 'imap' from generate_series(1, 8) n;
insert into desk.leads
select n, 'Aveline', 'Ashgrove', 'Aveline Ashgrove' from generate_series(1, 8) n;
"""


@pytest.fixture(scope="module")
def stranger(template_database):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(SCRIPT)
        yield look_at(url)


@pytest.fixture
def drafted(stranger, tmp_path):
    def draft(**answers: str):
        made = scaffold(stranger.live, stranger.sample, answers)
        path = tmp_path / "datamap.yaml"
        path.write_text(made.text, "utf-8")
        asked = {one.about: str(one) for one in made.questions}
        return load(path), asked

    return draft


def column(datamap, place: str):
    table, _, name = place.rpartition(".")
    return datamap.tables[TableName.parse(table)].column(name)


def test_columns_of_which_too_little_is_known_are_one_question_and_none_of_them_stays(drafted):
    datamap, asked = drafted()
    for place in ("desk.users.motto", "desk.tickets.outcome", "desk.messages.mishap"):
        assert f"{place} (text" in asked["guessed"]
        assert column(datamap, place).erasure.treatment is not Treatment.KEEP
    # What would stay is asked about by its table.
    (alone,) = (about for about in asked if about.endswith(".*"))
    assert "number (text" in asked[alone]
    assert "guessed" not in drafted(guessed="yes")[1]


def test_a_line_of_its_own_takes_a_column_or_a_table_out(drafted):
    said = {"desk.users.motto": "system.operations", "desk.messages.*": "yes"}
    datamap, asked = drafted(**said)
    assert column(datamap, "desk.users.motto").erasure.treatment is Treatment.KEEP
    assert "motto" not in asked["guessed"]
    assert "mishap" not in asked["guessed"]
    assert "desk.tickets.outcome" in asked["guessed"]
    datamap, asked = drafted(**said, guessed="system.operations")
    assert column(datamap, "desk.tickets.outcome").erasure.treatment is Treatment.KEEP
    assert column(datamap, "desk.messages.mishap").erasure.treatment is not Treatment.KEEP


def test_the_record_of_processing_is_one_question_with_lines_for_each_part(drafted):
    _, asked = drafted(retention="Two years.")
    assert "basis: 6(1)(b)" in asked["record"]
    assert "Three years" not in asked["record"]
    assert not {"purpose", "basis", "retention", "recipients"} & asked.keys()
    datamap, asked = drafted(retention="Two years.", record="yes", recipients="A, B")
    assert "record" not in asked
    (processing,) = datamap.processings.values()
    assert (processing.retention, processing.recipients) == ("Two years.", ("A", "B"))


def test_an_answer_that_agrees_to_nothing_leaves_a_common_question_open(drafted):
    assert "record" in drafted(record="6(1)(f)")[1]


def test_the_tables_of_conversations_and_messages_are_one_question(drafted):
    _, asked = drafted()
    assert "conversation: desk.tickets; message: desk.messages" in asked["levels"]
    _, asked = drafted(conversation="desk.tickets")
    assert "[message: desk.messages]" in asked["levels"]
    assert "levels" not in drafted(levels="yes")[1]


def test_a_title_is_a_name_only_beside_names_of_people(drafted):
    datamap, _ = drafted()
    title = column(datamap, "desk.tickets.title")
    assert title.category == "user.content.private"
    assert title.erasure.treatment is Treatment.REDACT
    assert column(datamap, "desk.users.title").category == "user.name"
    assert column(datamap, "desk.leads.title").category == "user.name"


def test_the_address_of_a_mailbox_is_told_by_its_server_and_asked_about(drafted):
    datamap, asked = drafted()
    assert column(datamap, "desk.queues.email_address").category == "system.operations"
    assert "desk.queues (email_address)" in asked["unreached"]
    assert column(datamap, "desk.partners.email_address").category == "user.contact.email"
