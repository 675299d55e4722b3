"""What a draft asks: few questions for many columns, each with what happens, and nothing unasked stays."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import DriftKind, check, load, scaffold
from lacuna.datamap.scaffold.map_draft import Scaffold
from lacuna.datamap.scaffold.structure import Sample
from lacuna.datamap.scaffold.treatment_proposal import file_patterns
from lacuna.documentation import doc_page
from lacuna.model.location import TableName
from lacuna.model.treatment import RowErasure, Treatment
from tests.datamap.test_scaffold import Stranger, look_at

SCRIPT = (Path(__file__).parent / "strangers" / "settings.sql").read_text("utf-8")
SETTINGS = (
    "calendars", "triggers", "macros", "templates", "overviews", "jobs", "slas", "channels", "roles",
    "signatures", "text_modules", "priorities",
)  # fmt: skip
SCANS = """
insert into desk.files select n, n, 'desk/mails/' || n || '.txt' from generate_series(1, 3) n;
create table desk.scans (
    id integer primary key, ticket_id integer not null references desk.tickets, file text
);
insert into desk.scans select n, n, 'desk/scans/' || n || '.pdf' from generate_series(1, 3) n;
"""
NOTES = """
create table desk.notes (
    id integer primary key, ticket_id integer not null references desk.tickets, note text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
"""


@pytest.fixture(scope="module")
def stranger(template_database):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(SCRIPT)
        yield look_at(url)


def drafted(stranger: Stranger, **answers: str) -> Scaffold:
    return scaffold(stranger.live, stranger.sample, answers)


def asked(made: Scaffold) -> dict[str, str]:
    return {one.about: str(one) for one in made.questions}


def tables(made: Scaffold, folder):
    path = folder / "datamap.yaml"
    path.write_text(made.text, "utf-8")
    return {name.name: table for name, table in load(path).tables.items()}


def test_settings_are_one_question_however_many_they_are(stranger):
    questions = asked(drafted(stranger))
    assert all(f"desk.{name} (name, condition)" in questions["made_by"] for name in SETTINGS)
    assert not [about for about in questions for name in SETTINGS if about == f"desk.{name}.*"]
    assert len(questions) <= 25


def test_what_may_hold_somebody_is_proposed_to_be_covered_and_an_answer_lets_it_stay(
    stranger, tmp_path
):
    macros = tables(drafted(stranger), tmp_path)["macros"]
    assert macros.column("name").category == "user.content.private"
    assert macros.column("name").erasure.treatment is Treatment.REDACT
    said = {
        "made_by": "system.operations",
        "desk.jobs.*": "yes",
        "desk.slas.name": "user.name",
    }
    answered = drafted(stranger, **said)
    found = tables(answered, tmp_path)
    assert found["macros"].column("name").erasure.treatment is Treatment.KEEP
    assert found["jobs"].column("name").erasure.treatment is Treatment.REDACT
    assert found["slas"].column("name").category == "user.name"
    assert found["slas"].column("condition").category == "system.operations"
    assert "made_by" not in asked(answered)


def test_who_recorded_a_row_is_one_question_and_no_way_to_them(stranger, tmp_path):
    made = drafted(stranger)
    question = asked(made)["recorded_by"]
    assert "desk.macros (created_by_id, updated_by_id)" in question
    # Who opened a ticket or wrote an article said something there.
    assert "desk.tickets (updated_by_id); " in question
    assert "desk.articles (updated_by_id); " in question
    assert "an erasure takes only their key out of it; links: the row is theirs" in question
    found = tables(made, tmp_path)
    macros = found["macros"]
    assert (macros.references, macros.links) == (("created_by_id", "updated_by_id"), ())
    assert macros.column("created_by_id").erasure.treatment is Treatment.TOMBSTONE
    assert not macros.column("created_by_id").in_access
    assert {one.column for one in found["tickets"].links} == {"customer_id", "created_by_id"}


def test_whoever_made_a_note_wrote_it(template_database, tmp_path):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(SCRIPT + NOTES)
        other = look_at(url)
    notes = tables(drafted(other), tmp_path)["notes"]
    assert [one.column for one in notes.links] == ["ticket_id", "created_by_id"]
    assert notes.references == ("updated_by_id",)


def test_the_answer_makes_them_links_in_all_tables_or_in_one(stranger, tmp_path):
    answered = drafted(stranger, **{"recorded_by": "links", "desk.macros.recorded_by": "yes"})
    assert "recorded_by" not in asked(answered)
    found = tables(answered, tmp_path)
    assert [one.column for one in found["jobs"].links] == ["created_by_id", "updated_by_id"]
    assert found["jobs"].references == ()
    assert found["macros"].references == ("created_by_id", "updated_by_id")
    (tmp_path / "datamap.yaml").write_text(answered.text, "utf-8")
    drifts = check(load(tmp_path / "datamap.yaml"), stranger.live)
    assert {one.kind for one in drifts} == {DriftKind.QUESTION}, drifts


def test_what_stays_in_tables_without_a_way_is_asked_once(stranger):
    question = asked(drafted(stranger))["unreached"]
    assert "desk.imports (payload, result); desk.options (area, state_initial)" in question


def test_a_table_of_the_person_is_asked_about_with_types_and_forms(stranger):
    questions = asked(drafted(stranger))
    assert "desk.users.motto (text, empty)" in questions["guessed"]
    assert "desk.tickets.reminder (text, 9 values of several words)" in questions["guessed"]


def test_every_question_says_what_happens_on_each_answer(stranger):
    assert [one.about for one in drafted(stranger).questions if not one.effect] == []


def test_several_states_are_written_with_commas(stranger, tmp_path):
    tables(drafted(stranger, open_when="status = 1, 2, 6"), tmp_path)
    opened = load(tmp_path / "datamap.yaml").subject.open_when
    assert opened == ("status", ("1", "2", "6"))


def test_who_is_asked_for_a_category_is_told_where_they_are_listed(stranger):
    page = doc_page("datamap", "Categories")
    about = [one.about for one in drafted(stranger).questions if page in one.effect]
    assert {"made_by", "unreached", "guessed"} <= {*about}


def test_the_first_questions_settle_later_ones(stranger):
    order = [one.about for one in drafted(stranger).questions]
    places = [
        order.index(one)
        for one in (
            "people",
            "open_when",
            "recorded_by",
            "deleted",
            "made_by",
            "unreached",
            "guessed",
        )
    ]
    assert places == sorted(places)
    # Whoever says that other rows are the people is asked about other tables.
    assert "guessed" in order
    assert order.index("guessed") > len(order) - 4


def test_the_draft_fits_but_for_its_questions(stranger, tmp_path):
    made = drafted(stranger)
    (tmp_path / "datamap.yaml").write_text(made.text, "utf-8")
    drifts = check(load(tmp_path / "datamap.yaml"), stranger.live)
    assert {one.kind for one in drifts} == {DriftKind.QUESTION}, drifts


def test_rows_are_deleted_only_where_nothing_else_can_be_done_and_the_question_says_why(
    stranger, tmp_path
):
    made = drafted(stranger)
    found = tables(made, tmp_path)
    deleted = {name for name, table in found.items() if table.rows is RowErasure.DELETE}
    assert deleted == {"roles_users", "seats", "chat_sessions"}
    question = asked(made)["deleted"]
    assert "desk.roles_users (it has no primary key" in question
    assert "desk.seats (user_id leads to the person, may not be NULL, and cannot point" in question
    assert "desk.chat_sessions (no other value fits its column key)" in question
    # Tokens are worth nothing without the person, but they can be taken away.
    tokens = found["user_tokens"]
    assert tokens.rows is RowErasure.ANONYMIZE
    assert tokens.column("token").erasure.treatment is Treatment.SURROGATE
    assert tokens.column("purpose_said").erasure.treatment is Treatment.REPLACE


def test_a_deletion_is_answered_together_or_for_one_table(stranger, tmp_path):
    made = drafted(stranger, **{"deleted": "yes", "desk.seats": "keep"})
    assert "deleted" not in asked(made)
    assert tables(made, tmp_path)["roles_users"].rows is RowErasure.DELETE
    assert tables(made, tmp_path)["seats"].rows is RowErasure.KEEP


def test_rows_that_only_connect_settings_stay_also_without_a_key(stranger, tmp_path):
    assert tables(drafted(stranger), tmp_path)["macros_roles"].rows is RowErasure.KEEP


def test_states_that_are_numbers_are_shown_and_none_is_proposed(stranger):
    (question,) = [one for one in drafted(stranger).questions if one.about == "open_when"]
    assert re.search(r"Of \d+ rows that were read, status is 1 in \d+, 2 in \d+, 3", question.text)
    # None is proposed, not by an example either.
    assert question.text.endswith("Name the open ones, as status = VALUE, VALUE")
    assert "column = value, value:" in question.effect
    assert question.proposal == ""
    still = drafted(stranger, open_when="yes")
    assert "open_when" in asked(still)
    assert "open_when" not in asked(drafted(stranger, open_when="status = 1, 2"))


def test_an_order_is_no_job_a_password_no_address_and_a_flag_no_contact(stranger):
    guesses = {
        (place.table.name, place.name): taken.category
        for place, taken in drafted(stranger).guesses.items()
    }
    assert guesses["tickets", "position"] == "system.operations"
    assert guesses["users", "position"] == "user.professional_information.job_title"
    assert guesses["mailboxes", "email_box_pass"] == "user.authorization.credentials"
    assert guesses["mailboxes", "email_box_host"] != "user.contact.email"
    assert guesses["users", "email_notifications"] == "system.operations"
    assert guesses["articles", "author_type"] == "system.operations"


def test_the_pattern_of_files_that_nobody_has_seen_is_asked(stranger):
    made = drafted(stranger)
    assert (
        "nobody knows yet, and a file in the store stops a run" in asked(made)["desk.files.files"]
    )
    # No folder is made up: this one is nobody's, so that the first file there stops a run.
    assert re.findall(r'pattern: "(.*?)"', made.text) == ["no-file-seen/files/**"]
    said = drafted(stranger, **{"desk.files.files": "uploads/kb/**"}).text
    assert '"uploads/kb/**"' in said


def test_files_that_nobody_has_seen_are_expected_around_those_of_others_which_come_first():
    seen, unseen = TableName("desk", "files"), TableName("desk", "article_files")
    paths = {unseen: (), seen: ["desk/mails/1/a.eml", "desk/mails/2/b.eml"]}
    lines = file_patterns(paths, lambda _, beside: beside)
    assert [re.findall(r'pattern: "(.*?)", .*table: ([\w.]+)', one)[0] for one in lines] == [
        ("desk/mails/**", "desk.files"),
        ("desk/**", "desk.article_files"),
    ]
    said = file_patterns(paths, lambda _, beside: "kb/**")
    assert [re.findall(r'pattern: "(.*?)"', one)[0] for one in said] == ["desk/**", "kb/**"]
    # Where theirs lie in no folder below one, there is nothing to go by.
    around: list[str] = []
    for some in (["a.eml"], ["desk/a.eml"], ["x/1/a.eml", "y/1/b.eml"]):
        file_patterns({seen: some, unseen: ()}, lambda _, beside: around.append(beside) or "kb/**")
    assert around == ["", "", ""]


def test_two_tables_with_files_in_one_folder_have_their_own_patterns(template_database, tmp_path):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(SCRIPT + SCANS)
        other = look_at(url)
    (tmp_path / "datamap.yaml").write_text(drafted(other).text, "utf-8")
    files = load(tmp_path / "datamap.yaml").stores["media"].files
    # The first that fits counts: the folder below comes first.
    assert [(one.pattern, one.table.name, str(one.format)) for one in files] == [
        ("desk/scans/**", "scans", "detect"),
        ("desk/**", "files", "detect"),
    ]


def test_a_folder_in_which_all_files_are_texts_may_hold_pictures_tomorrow():
    paths = {TableName("desk", "files"): [f"mails/{n}/a.eml" for n in range(3)]}
    drafted_lines = file_patterns(paths, lambda _, proposed: proposed)
    assert [re.findall(r'pattern: "(.*?)", format: (\w+)', one) for one in drafted_lines] == [
        [("mails/**", "detect")],
    ]


def test_patterns_are_drafted_so_that_each_is_reached_whatever_was_said():
    tables = [TableName("desk", name) for name in ("any", "files", "scans", "deep")]
    said = dict(zip(tables, ("**", "desk/**", "desk/scans/**", "desk/scans/kb/**"), strict=True))
    lines = file_patterns(dict.fromkeys(tables, ()), lambda table, _: said[table])
    assert [re.findall(r'pattern: "(.*?)"', one)[0] for one in lines] == list(
        reversed(said.values())
    )


def test_without_a_look_at_rows_the_same_columns_are_asked(stranger):
    made = scaffold(stranger.live, Sample({}, {}), {})
    assert "empty" in asked(made)["guessed"]
    assert TableName("desk", "users") in {place.table for place in made.guesses}
