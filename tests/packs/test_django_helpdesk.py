"""The pack of django-helpdesk, on the tables that its migrations make."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import NamedNumbers, load, schema_digest
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName, TableName
from lacuna.model.run import Role
from lacuna.model.schema import LiveSchema
from lacuna.model.treatment import Treatment
from lacuna.packs import find_pack, match
from lacuna.packs.pack import Variant
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.database import Database
from tests.brought import Brought
from tests.cli.conftest import run_here
from tests.proved import let_pass

SCHEMA = Path(__file__).with_name("django_helpdesk.sql").read_text("utf-8")
OWN = (
    *("--controller", "Desk A/S, Example Street 5, 1000 Example City"),
    *("--dpo", "dpo@desk.example.org", "--authority", "Datatilsynet"),
)


@pytest.fixture
def desk(template_database, database):
    def build(url: str) -> None:
        execute(url, SCHEMA)

    template_database.register("django_helpdesk", build)
    return database("django_helpdesk")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def lacuna(desk, tmp_path):
    home = tmp_path / "home"
    media = tmp_path / "files" / "helpdesk" / "attachments"
    media.mkdir(parents=True)
    output = tmp_path / "desk"
    variables = {"LACUNA_HOME": str(home), "LACUNA_DATABASE_URL": desk}

    def run(*arguments, **more):
        return run_here(*arguments, cwd=tmp_path, **variables | more)

    run.output, run.files, run.home, run.url = output, tmp_path / "files", home, desk
    run.map = {
        "LACUNA_DATAMAP": str(output / "datamap.yaml"),
        "LACUNA_TENANTS": str(output / "tenants.yaml"),
    }
    return run


def init(lacuna, *more):
    return lacuna(
        *("datamap", "init", "django-helpdesk", "--output", lacuna.output),
        *("--files", lacuna.files, *OWN, *more),
    )


@pytest.mark.thorough
def test_what_init_writes_fits_the_applications_own_schema(lacuna):
    done = init(lacuna, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["version"], said["same_schema"], said["questions"]) == ("2.6", True, [])
    assert (lacuna.home / "media").resolve() == lacuna.files
    execute(lacuna.url, (lacuna.output / "reporting.sql").read_text("utf-8"))
    up = lacuna("up", **lacuna.map)
    assert up.returncode == 0, up.stderr
    assert "media: marked" in up.stdout
    checked = lacuna("datamap", "check", **lacuna.map)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.thorough
def test_what_administrators_added_is_drafted_and_stops_the_check_until_it_is_decided(lacuna):
    execute(
        lacuna.url,
        "alter table auth_user add column vip_note text",
        "create table loyalty_card (id serial primary key, number text, "
        "holder_id integer not null references auth_user)",
        "create view open_tickets as select id from helpdesk_ticket where status = 1",
        "insert into django_content_type (app_label, model) values ('loyalty', 'loyaltycard')",
    )
    done = init(lacuna, "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    places = {
        "public.auth_user.vip_note",
        "public.django_admin_log.content_type_id",
        "public.loyalty_card",
        "public.open_tickets",
    }
    assert (set(said["added"]), said["differences"]) == (places, [])
    assert {one.partition(":")[0] for one in said["questions"]} == places
    written = load(lacuna.output / "datamap.yaml")
    people, cards = (
        written.tables[TableName.parse(name)]
        for name in ("public.auth_user", "public.loyalty_card")
    )
    assert people.column("vip_note").erasure.treatment is Treatment.SUPPRESS
    assert {link.column: str(link.table) for link in cards.links} == {
        "holder_id": "public.auth_user"
    }
    execute(lacuna.url, (lacuna.output / "reporting.sql").read_text("utf-8"))
    assert lacuna("up", **lacuna.map).returncode == 0
    checked = lacuna("datamap", "check", "--json", **lacuna.map)
    found = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert [one["kind"] for one in found["drifts"]] == ["question"] * len(places)
    decide(lacuna.output / "datamap.yaml")
    decided = lacuna("datamap", "check", **lacuna.map)
    assert decided.returncode == 0, decided.stderr


def decide(path: Path) -> None:
    """Remove the questions, as an operator does who read the entries."""
    path.write_text(path.read_text("utf-8").partition("\nquestions:\n")[0] + "\n", "utf-8")


@pytest.mark.thorough
def test_another_schema_is_answered_with_what_differs_and_no_stack_trace(lacuna):
    execute(
        lacuna.url,
        "alter table helpdesk_ticket rename column submitter_email to reporter",
        "drop table helpdesk_checklisttask",
        "alter table helpdesk_followup alter column email_recipients set not null",
    )
    done = init(lacuna)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    for place in (
        "public.helpdesk_ticket.submitter_email: the map lists this column",
        "public.helpdesk_checklisttask: the map lists this table",
        "public.helpdesk_followup.email_recipients: ",
        "public.helpdesk_ticket.reporter: django-helpdesk does not make it",
        "The schema is not exactly django-helpdesk 2.6",
    ):
        assert place in done.stdout


def test_a_database_of_something_else_is_refused_and_nothing_is_written(lacuna):
    execute(lacuna.url, "drop schema public cascade", "create schema public")
    done = init(lacuna)
    assert (done.returncode, lacuna.output.exists(), lacuna.home.exists()) == (2, False, False)
    assert "0 of the 37 tables of django-helpdesk" in done.stderr


@pytest.mark.thorough
def test_nothing_is_overwritten_and_nothing_is_left_half_written(lacuna):
    lacuna.output.mkdir()
    (lacuna.output / "NOTES.md").write_text("mine", "utf-8")
    done = init(lacuna)
    assert (done.returncode, (lacuna.output / "NOTES.md").read_text("utf-8")) == (2, "mine")
    assert [one.name for one in lacuna.output.iterdir()] == ["NOTES.md"]
    assert not lacuna.home.exists()


@pytest.mark.thorough
def test_a_store_that_is_there_is_not_replaced(lacuna):
    (lacuna.home / "media").mkdir(parents=True)
    done = init(lacuna)
    assert (done.returncode, lacuna.output.exists()) == (2, False)
    assert not (lacuna.home / "media").is_symlink()


def test_without_a_database_the_newest_map_is_written_and_asks_for_the_controller(tmp_path):
    done = run_here(
        *("datamap", "init", "django-helpdesk", "--output", "desk", "--files", "s3://desk/media"),
        cwd=tmp_path,
        LACUNA_HOME=str(tmp_path / "home"),
    )
    assert done.returncode == 1
    assert "Compared with no database" in done.stdout
    written = load(tmp_path / "desk" / "datamap.yaml")
    about = [one.partition(":")[0] for one in written.questions]
    assert about == ["controller", "dpo", "authority"]
    assert written.stores["media"].address == "s3://desk/media"
    assert not (tmp_path / "home").exists()


def test_a_database_that_does_not_answer_is_named_and_nothing_is_written(lacuna, tmp_path):
    nowhere = f"postgresql://lacuna@/lacuna?host={tmp_path}"
    done = lacuna(
        *("datamap", "init", "django-helpdesk", "--output", lacuna.output),
        LACUNA_DATABASE_URL=nowhere,
    )
    assert (done.returncode, lacuna.output.exists()) == (3, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), "there are chatwoot, django-helpdesk"),
        (("django-helpdesk", "--version", "0.1"), "the pack has 2.6"),
        (("django-helpdesk", "--dpo", "nobody"), "dpo"),
        (("django-helpdesk", "--files", "nowhere"), "is no folder"),
        (("django-helpdesk", "--files", "ftp:///x"), "address"),
    ],
)
def test_a_wrong_word_is_named_and_nothing_is_written(tmp_path, words, said):
    home = tmp_path / "home"
    done = run_here(
        "datamap", "init", *words, "--output", "desk", cwd=tmp_path, LACUNA_HOME=str(home)
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def live_schema(url: str) -> LiveSchema:
    with Database(url).transaction(Role.OWNER, is_read_only=True) as connection:
        return read_live_schema(connection, ["public"])


@pytest.mark.thorough
@pytest.mark.parametrize(
    "variant", find_pack("django-helpdesk").variants, ids=lambda one: one.version
)
def test_an_older_version_is_known_by_its_digest_and_its_map_fits(desk, variant):
    for place in map(parse_column, variant.without):
        execute(desk, f"alter table {place.table} drop column {place.name}")
    found = match(find_pack("django-helpdesk"), live_schema(desk), no_numbers, None)
    assert (found.variant, found.is_same) == (variant, True)
    assert (found.differences, found.added) == ((), ())


def parse_column(text: str) -> ColumnName:
    table, _, column = text.rpartition(".")
    return ColumnName(TableName.parse(table), column)


@pytest.mark.thorough
def test_the_variant_with_the_digest_is_chosen_and_otherwise_the_one_with_the_fewest_differences(
    desk,
):
    pack = find_pack("django-helpdesk")
    gone = (
        "public.helpdesk_checklisttask",
        "public.helpdesk_checklist",
        "public.helpdesk_followup.time_spent",
    )
    older = Variant("2.0", "an older one", "0" * 64, gone)
    two = replace(pack, variants=(*pack.variants, older))
    assert match(two, live_schema(desk), no_numbers, None).variant.version == "2.6"
    execute(
        desk,
        "drop table helpdesk_checklisttask, helpdesk_checklist",
        "alter table helpdesk_followup drop column time_spent",
    )
    live = live_schema(desk)
    near = match(two, live, no_numbers, None)
    assert (near.variant, near.is_same, near.differences) == (older, False, ())
    digest = schema_digest(live, two.load_map(two.map_text(older)).tables)
    exact = replace(two, variants=(*pack.variants, replace(older, digest=digest)))
    assert match(exact, live, no_numbers, None).is_same
    asked = match(two, live, no_numbers, "2.6")
    assert {one.location for one in asked.differences} == set(gone)


def no_numbers(datamap: DataMap) -> NamedNumbers:
    return {}


TOLD = """
insert into auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
    values (1, '!', false, 'esben', 'Esben', 'Krag', 'esben.krag@example.org', false, true, now()),
    (2, '!', false, 'gorm', 'Gorm', 'Vig', 'gorm.vig@example.org', false, true, now());
insert into helpdesk_queue (id, title, slug, allow_public_submission, allow_email_submission, email_box_ssl,
    enable_notifications_on_email_events) values (1, 'Lamps', 'lamps', true, false, false, false);
insert into helpdesk_ticket (id, title, created, modified, submitter_email, status, on_hold, priority, queue_id, secret_key)
    values (1, 'Lamp', now(), now(), 'esben.krag@example.org', 4, false, 3, 1, 'a'),
    (2, 'Table', now(), now(), 'gorm.vig@example.org', 4, false, 3, 1, 'b');
insert into helpdesk_customfield (id, name, label, data_type, empty_selection_list, required, staff_only)
    values (3, 'phone', 'Telephone', 'varchar', false, false, false);
insert into helpdesk_ticketcustomfieldvalue (ticket_id, field_id, value) values (1, 3, '+45 31 55 14 24');
insert into helpdesk_followup (id, date, title, comment, public, ticket_id)
    values (1, now(), 'Comment', 'His neighbor has tel. 31551424 too', false, 2);
"""
IDENTIFIER = '    - {kind: phone, column: public.helpdesk_ticketcustomfieldvalue.value, only_where: {field_id: "3"}}\n'


class FieldedSite(Brought):
    org_id, tenants = "main", ("main",)


@pytest.mark.thorough
@pytest.mark.parametrize("is_named", [False, True])
def test_a_custom_field_that_the_map_names_is_looked_for_in_tickets_of_others(
    template_database, lacuna_home, is_named
):
    pack = find_pack("django-helpdesk")
    text = pack.texts["datamap.yaml"]
    first = "    - {kind: external_id, column: public.auth_user.username}\n"
    path = lacuna_home / "datamap.yaml"
    path.write_text(text.replace(first, IDENTIFIER * is_named + first, 1), "utf-8")
    scripts = (
        "set search_path = public; " + SCHEMA,
        pack.texts["reporting.sql"],
        "set search_path = public; " + TOLD,
    )
    with template_database.clones() as fresh:
        site = FieldedSite(fresh("lacuna"), lacuna_home, scripts, path)
        let_pass(site.stores)
        site.erase("esben.krag@example.org")
        (said,) = site.query("select comment from public.helpdesk_followup")[0]
    assert said == (
        "His neighbor has tel. [PHONE] too" if is_named else "His neighbor has tel. 31551424 too"
    )
