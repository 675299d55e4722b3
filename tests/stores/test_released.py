"""What the migrations make of the schema of an earlier release is the schema of today."""

import pytest

from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from tests.flows.restoring import dump, load
from tests.stores.keep_release import RELEASED, release
from tests.stores.normal_form import differences, normal_form

RELEASES = sorted(RELEASED.glob("*.sql"))

TRIAL = """
create table lacuna.trial (
    trial_id bigint generated always as identity primary key,
    org_id text not null,
    state text default 'new' check (state in ('new', 'old'))
);
comment on table lacuna.trial is 'A trial.';
insert into lacuna.trial (org_id) values ('a'), ('b');
create index trial_state on lacuna.trial (state);
create function lacuna.try_it() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger trial_tried before update on lacuna.trial for each row execute function lacuna.try_it();
alter table lacuna.trial enable always trigger trial_tried;
alter table lacuna.request add column tried_by text;
"""


def not_led(database, released):
    """Return what the migrations make otherwise of a release than the schema has it."""
    made, led = database(), database()
    # First, because it makes the roles, which a dump names.
    today = release(made)
    load(led, released)
    opened = Database(led)
    migrate(opened)
    opened.dispose()
    return differences(normal_form(today), normal_form(dump(led, "--no-owner")))


def test_before_the_first_release_there_is_nothing_to_migrate():
    assert RELEASES or not list((SQL_FOLDER / "migrations").glob("*.sql"))


def test_migrations_are_numbered_without_a_gap():
    numbers = [path.name[:5] for path in sorted((SQL_FOLDER / "migrations").glob("*.sql"))]
    assert numbers == [f"{number + 1:04}_" for number in range(len(numbers))]


def test_each_release_is_led_to_the_schema_of_today(database):
    for kept in RELEASES:
        assert not_led(database, kept.read_bytes()) == [], kept.name


@pytest.mark.thorough
def test_a_release_is_led_to_a_schema_by_migrations_that_do_all_of_it(database, own_sql):
    released = release(database())
    with (own_sql / "schema" / "09_sweeps.sql").open("a") as file:
        file.write(TRIAL)
    (own_sql / "migrations" / "0001_trial.sql").write_text(TRIAL.replace(", ('b')", ""))
    (own_sql / "migrations" / "0002_row.sql").write_text(
        "insert into lacuna.trial (org_id) values ('b');"
    )
    assert not_led(database, released) == []


FORGOTTEN = {
    "a comment": ("comment on table lacuna.trial is 'A trial.';", "TABLE trial; Type: COMMENT"),
    "a default": ("default 'new' ", "trial; Type: TABLE;"),
    "a word of a list": (", 'old'", "trial; Type: TABLE;"),
    "a row": (", ('b')", "trial; Type: TABLE DATA"),
    "an index": ("create index trial_state on lacuna.trial (state);", "trial_state; Type: INDEX"),
    "that a trigger always fires": (
        "alter table lacuna.trial enable always trigger trial_tried;",
        "trial trial_tried; Type: TRIGGER",
    ),
    "what a function does": ("return null; ", "try_it(); Type: FUNCTION"),
    "a column": ("alter table lacuna.request add column tried_by text;", "request; Type: TABLE;"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("what", "name"), FORGOTTEN.values(), ids=FORGOTTEN)
def test_what_a_migration_forgets_is_named(database, own_sql, what, name):
    released = release(database())
    with (own_sql / "schema" / "09_sweeps.sql").open("a") as file:
        file.write(TRIAL)
    assert what in TRIAL
    (own_sql / "migrations" / "0001_trial.sql").write_text(TRIAL.replace(what, ""))
    assert any(each.startswith(name) for each in not_led(database, released))


def test_rows_and_grants_have_no_order_and_everything_else_has():
    text = (
        "-- Name: t; Type: TABLE; Schema: s; Owner: o\n{0}\n{1}\n"
        "-- Data for Name: t; Type: TABLE DATA; Schema: s; Owner: o\n{2}\n{3}\n"
    )
    first, *others = (
        normal_form(text.format(*order).encode()) for order in ("abcd", "abdc", "bacd")
    )
    assert [differences(first, other) for other in others] == [[], ["t; Type: TABLE; Schema: s"]]
