"""A map is drafted from a live schema: what is proposed, what is asked, and that it then works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
import pytest
from typer.testing import CliRunner

from lacuna.cli.app import application
from lacuna.cli.scaffold import RedactorLabels
from lacuna.datamap import (
    DriftKind,
    Scaffold,
    check,
    check_labels,
    load,
    read_answers,
    sampled,
    scaffold,
)
from lacuna.datamap.scaffold.structure import Sample
from lacuna.errors import ConfigurationError, DataMapDrift
from lacuna.flows.run.opening import open_datamap
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.run import Role
from lacuna.model.schema import LiveSchema
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.redaction import build_redactor
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.sampled_rows import platform_schemas, sample_rows
from lacuna_demo.bulk import create_platform, load_rows
from lacuna_demo.sample import SampleOptions, generate
from tests.helpdesk import EXAMPLE, HERS, INGRID, SCRIPTS, HelpDesk

ANSWERS = EXAMPLE / "answers.yaml"
STAYS = 'stays: "It leads to nobody once the link is cut."'
MAPS = {
    "helpdesk": EXAMPLE / "datamap.yaml",
    "contact_center": SQL_FOLDER / "contact_center" / "datamap.yaml",
}


@dataclass
class Stranger:
    """A schema that nobody has mapped yet, looked at once."""

    url: str
    live: LiveSchema
    sample: Sample


def look_at(url: str) -> Stranger:
    with Database(url).transaction(Role.OWNER, is_read_only=True) as connection:
        live = read_live_schema(connection, platform_schemas(connection))
        rows = sample_rows(connection, live, 200)
    return Stranger(url, live, sampled(live, rows, RedactorLabels(build_redactor([]))))


@pytest.fixture(scope="module")
def strangers(template_database) -> Iterator[Mapping[str, Stranger]]:
    with template_database.clones() as fresh:
        helpdesk, center = fresh(), fresh()
        with psycopg.connect(helpdesk.replace("+psycopg", "")) as connection:
            for script in SCRIPTS:
                connection.execute(script)
        made = generate(SampleOptions(contacts=60, conversations=240, seed=7))
        create_platform(Database(center), "contact_center")
        load_rows(
            Database(center),
            (
                (TableName.parse(name), table.columns, table.rows)
                for name, table in made.tables.items()
            ),
        )
        yield {"helpdesk": look_at(helpdesk), "contact_center": look_at(center)}


@pytest.mark.parametrize("name", MAPS)
def test_no_personal_column_is_missed_and_nine_of_ten_are_named_right(strangers, name):
    stranger = strangers[name]
    guesses = scaffold(stranger.live, stranger.sample, {}).guesses
    truth = {
        (table.name, column.name): column.category
        for table in load(MAPS[name]).tables.values()
        for column in table.columns
        if column.is_personal
    }
    found = {(place.table, place.name): guess for place, guess in guesses.items()}
    missed = [place for place in truth if not found[place].is_personal]
    wrong = [place for place, category in truth.items() if found[place].category != category]
    assert missed == []
    assert len(wrong) * 10 <= len(truth), wrong
    assert len(truth) > 50


@pytest.mark.parametrize("name", MAPS)
def test_a_draft_loads_and_fits_but_for_its_questions(strangers, name, tmp_path):
    stranger = strangers[name]
    made = scaffold(stranger.live, stranger.sample, {})
    (tmp_path / "datamap.yaml").write_text(made.text, "utf-8")
    datamap = load(tmp_path / "datamap.yaml")
    drifts = check(datamap, stranger.live)
    assert {drift.kind for drift in drifts} == {DriftKind.QUESTION}
    assert len(drifts) == len(made.questions) > 0


@pytest.mark.parametrize("name", MAPS)
def test_no_text_stays_that_no_question_names(strangers, name, tmp_path):
    stranger = strangers[name]
    made = scaffold(stranger.live, stranger.sample, {})
    (tmp_path / "datamap.yaml").write_text(made.text, "utf-8")
    assert texts_that_stay_unasked(load(tmp_path / "datamap.yaml"), stranger, made) == []


def texts_that_stay_unasked(datamap: DataMap, stranger: Stranger, made: Scaffold) -> list[str]:
    """Return columns that could hold anything and stay, and that no question names.

    What few values repeat is a code, and what another table has the keys of is a key.
    """
    asked = " ".join(one.whole + one.about for one in made.questions)
    found = []
    for table in datamap.tables.values():
        live = stranger.live.tables[table.name]
        keys = {*live.row_key}.union(*(key.columns for key in live.foreign_keys))
        keys |= {link.column for link in table.links}
        for column in table.columns:
            there = live.column(column.name)
            few = set(stranger.sample.of(table.name, column.name).values)
            is_code = there.labels or there.allowed or 0 < len(few) <= 12
            is_text = there.type in ("text", "character varying", "json", "jsonb")
            if (
                table.rows is not RowErasure.DELETE
                and column.erasure.treatment is Treatment.KEEP
                and column.category == "system.operations"
                and is_text
                and not (is_code or column.name in keys)
                and re.search(rf"\b{column.name}\b", asked) is None
            ):
                found.append(str(ColumnName(table.name, column.name)))
    return found


def test_a_draft_holds_no_value_of_a_row(strangers):
    stranger = strangers["helpdesk"]
    text = scaffold(stranger.live, stranger.sample, {}).text
    assert not [value for value in (*HERS, "Tomáš", "Mette", "HD-50") if value in text]


def test_the_answers_of_the_example_are_few_and_enough(strangers, tmp_path):
    stranger, answers = strangers["helpdesk"], read_answers(ANSWERS)
    made = scaffold(stranger.live, stranger.sample, answers)
    assert len(answers) <= 60
    assert len(scaffold(stranger.live, stranger.sample, {}).questions) == 14
    assert made.questions == ()
    (tmp_path / "datamap.yaml").write_text(made.text, "utf-8")
    drafted = load(tmp_path / "datamap.yaml")
    assert check(drafted, stranger.live) == ()
    # What people read is drafted too; words for codes are for somebody who knows them.
    assert drafted.tables[TableName("helpdesk", "sign_ins")].label == "Sign ins"
    assert all("legend" in one.problem for one in check_labels(drafted, stranger.live))


def test_rules_for_the_text_of_old_conversations_are_drafted(strangers, tmp_path):
    stranger, answers = strangers["helpdesk"], read_answers(ANSWERS)
    path = tmp_path / "datamap.yaml"

    def rules(said: str) -> dict[str, tuple[str, int]]:
        made = scaffold(stranger.live, stranger.sample, answers | {"sweeps": said})
        path.write_text(made.text, "utf-8")
        return {str(one.table): (str(one.closed), one.after_days) for one in load(path).sweeps}

    closed = "helpdesk.tickets.closed_at"
    of_two_years = rules("730")
    assert of_two_years["helpdesk.messages"] == of_two_years["helpdesk.notes"] == (closed, 730)
    assert "helpdesk.users" not in of_two_years, "a person's own texts go with the person"
    assert {days for _, days in rules("yes").values()} == {1095}
    assert rules("none") == {}
    with pytest.raises(
        ConfigurationError, match="'sweeps' is no number of days; write one, or none"
    ):
        rules("two years")


def test_the_other_people_of_a_shared_table_are_proposed_as_a_kind(strangers, tmp_path):
    stranger, answers = strangers["helpdesk"], read_answers(ANSWERS)
    (tmp_path / "datamap.yaml").write_text(
        scaffold(stranger.live, stranger.sample, answers).text, "utf-8"
    )
    datamap = load(tmp_path / "datamap.yaml")
    assert known_kinds(datamap) == ("contact", "agent")
    agents = of_kind(datamap, "agent")
    users = TableName("helpdesk", "users")
    assert agents.subject.where == ("kind", "agent")
    assert agents.keeps_keys
    kept = {
        one.name for one in agents.tables[users].columns if agents.tables[users].is_kept(one.name)
    }
    assert not kept & {"login", "email", "full_name", "phone", "settings", "other_emails"}
    assert {"id", "kind"} <= kept
    tickets = agents.tables[TableName("helpdesk", "tickets")]
    assert [link.column for link in tickets.links] == ["assignee_id"]
    assert tickets.rows is RowErasure.KEEP
    without = scaffold(stranger.live, stranger.sample, {**answers, "kinds": "none"}).text
    assert "\nkinds:" not in without


def test_an_answer_about_nothing_is_refused(strangers):
    stranger = strangers["helpdesk"]
    with pytest.raises(ConfigurationError, match="1 answers match no question"):
        scaffold(stranger.live, stranger.sample, {"helpdesk.user.emial": "user.contact.email"})


def test_without_people_nothing_is_drafted(strangers):
    stranger = strangers["helpdesk"]
    tags = TableName("helpdesk", "tags")
    live = LiveSchema(stranger.live.schemas, {tags: stranger.live.tables[tags]})
    with pytest.raises(ConfigurationError, match="no table looks like a table of people"):
        scaffold(live, stranger.sample, {})


@pytest.mark.thorough
def test_a_contact_is_erased_by_a_drafted_map(
    strangers, database, lacuna_home, tmp_path, monkeypatch
):
    drafted = tmp_path / "datamap.yaml"
    monkeypatch.setenv("LACUNA_DATABASE_URL", strangers["helpdesk"].url)
    monkeypatch.setenv("LACUNA_HOME", str(lacuna_home))
    arguments = ["datamap", "scaffold", "--output", str(drafted)]
    asked = CliRunner().invoke(application(), arguments)
    assert asked.exit_code == 1
    assert "questions are open" in asked.output
    again = CliRunner().invoke(application(), [*arguments, "--answers", str(ANSWERS)])
    assert isinstance(again.exception, ConfigurationError), "what is there was written over"
    unanswered = HelpDesk(database("lacuna"), lacuna_home, drafted, "media")
    with pytest.raises(DataMapDrift, match="Which rows of which table are the people"):
        open_datamap(unanswered.stores)

    drafted.unlink()
    answered = CliRunner().invoke(application(), [*arguments, "--answers", str(ANSWERS)])
    assert answered.exit_code == 0, answered.output
    # The number of a ticket stands in its subject too: somebody says why it may stay.
    head, tickets = drafted.read_text("utf-8").split("  helpdesk.tickets:\n")
    said = tickets.replace("      number: {", f"      number: {{{STAYS}, ", 1)
    assert said != tickets
    drafted.write_text(f"{head}  helpdesk.tickets:\n{said}", "utf-8")
    desk = HelpDesk(database("lacuna"), lacuna_home, drafted, "media")
    desk.erase(INGRID)
    assert desk.left_of_ingrid() == []
    assert desk.query("select sum(minutes_spent), count(*) from helpdesk.tickets") == [(879, 44)]


FILES = """
create schema media;
create table media.customers (
    id uuid primary key, email text, display_name text, erased_at timestamptz
);
create table media.calls (
    id bigint primary key, customer_id uuid references media.customers, state text not null,
    parts text[] not null, attachments jsonb, tags text[] not null
);
create table media.messages (
    id bigint primary key, call_id bigint not null references media.calls, body text
);
insert into media.customers select
    ('a0000000-0000-4000-8000-00000000000' || n)::uuid, 'p' || n || '@example.org', 'Person ' || n
    from generate_series(1, 3) n;
insert into media.calls select n, ('a0000000-0000-4000-8000-00000000000' || n)::uuid, 'closed',
    array['part/' || n || '-1.wav', 'part/' || n || ' b.wav'],
    jsonb_build_object('voice', jsonb_build_object('file', 'voice/' || n || '.wav'), 'note', 'a/b',
        'screens', jsonb_build_array(jsonb_build_object('uri', 'screen/' || n || '.png'))),
    array['urgent', 'north/east'] from generate_series(1, 3) n;
insert into media.messages select n, n, 'Hello' from generate_series(1, 3) n;
"""


def test_files_named_in_lists_and_documents_are_proposed_with_their_places(database, tmp_path):
    url = database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(FILES)
    stranger = look_at(url)
    held = {f"media.calls.{name}": "user.content.private" for name in ("parts", "attachments")}
    made = scaffold(stranger.live, stranger.sample, held)
    (tmp_path / "datamap.yaml").write_text(made.text, "utf-8")
    datamap = load(tmp_path / "datamap.yaml")
    calls = datamap.tables[TableName("media", "calls")]
    parts, attachments = calls.column("parts"), calls.column("attachments")
    assert (parts.object_store, parts.object_paths) == ("media", ())
    assert (attachments.object_store, attachments.object_paths) == (
        "media",
        ("/screens/[]/uri", "/voice/file"),
    )
    assert calls.column("tags").object_store is None
    patterns = {one.pattern for one in datamap.stores["media"].files if one.table == calls.name}
    assert patterns == {"part/**", "voice/**", "screen/**"}
    assert {drift.kind for drift in check(datamap, stranger.live)} == {DriftKind.QUESTION}
