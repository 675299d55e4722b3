"""A stranger's desk is mapped by the scaffold with every proposal accepted, and people are erased."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import load
from lacuna.model.location import TableName
from tests.brought import Brought
from tests.drafting import SAID, Drafted, draft
from tests.drifts import drifts_of

STRANGERS = Path(__file__).parents[1] / "datamap" / "strangers"
SCRIPT, NATURAL = ((STRANGERS / f"{one}.sql").read_text("utf-8") for one in ("support", "natural"))


class Only(Brought):
    """A platform of one tenant, by the name that the scaffold proposes."""

    org_id = "main"
    tenants = ("main",)


class Desk(Only):
    """The desk with its files, and what is left of a person."""

    def __init__(self, url: str, home: Path, datamap: Path) -> None:
        super().__init__(url, home, [SCRIPT], datamap)
        self.files = home / "media"
        for number, file in self.query("select id, file from support.attachment"):
            path = self.files / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"order ORD-{4000 + number}-AV\n", "utf-8")

    def left_of(self, number: int) -> list[tuple[str, str]]:
        """Return where something of a person is left, and what."""
        ((first, last),) = self.query(
            "select (array['Aveline', 'Bodil', 'Casimir', 'Dagny', 'Emeric'])[1 + %s %% 5], "
            "(array['Ashgrove', 'Birkelund', 'Coppersmith', 'Drosselbart'])[1 + %s %% 4]",
            number,
            number,
        )
        values = (
            f"guest{number}@", f"'guest{number}'", f"{first} {last}", f"{first}_{last}",
            f"ORD-{4000 + number}-AV", f"\n{number} Lantern Lane", f"+44 1632 9600{number:02d}",
        )  # fmt: skip
        found = [
            (table, value)
            for (table,) in self.query(
                "select oid::regclass::text from pg_class "
                "where relnamespace = 'support'::regnamespace and relkind = 'r'"
            )
            for (row,) in self.query(f"select t::text from {table} t")  # noqa: S608
            for value in values
            if value in row
        ]
        return found + [
            ("file", path.name)
            for path in self.files.rglob("*.txt")
            for value in values
            if value in path.read_text("utf-8") or value in path.name
        ]


def made_by(url: str, script: str) -> str:
    """Run a script in a database; return its URL."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(script)
    return url


@pytest.fixture(scope="module")
def drafted(template_database, tmp_path_factory) -> Iterator[Drafted]:
    with template_database.clones() as fresh:
        yield draft(made_by(fresh(), SCRIPT), tmp_path_factory.mktemp("drafted"))


@pytest.fixture
def desk(drafted, database, lacuna_home) -> Desk:
    return Desk(database("lacuna"), lacuna_home, drafted.path)


def test_the_draft_passes_the_check(desk):
    assert drifts_of(desk.stores) == ()


@pytest.mark.thorough
@pytest.mark.parametrize("number", [7, 8])
def test_nothing_of_a_person_is_left(desk, number):
    assert len(desk.left_of(number)) > 10
    desk.erase(f"guest{number}@example.org")
    assert desk.left_of(number) == []
    # An odd ticket is assigned to nobody, an even one to an agent, who is not whom it is about.
    assert desk.query("select count(*) from support.ticket") == [(20,)]
    assert desk.query("select count(*) from support.ticket where assigned_to_id = 90") == [(10,)]


@pytest.mark.thorough
def test_rows_of_everybody_else_and_the_settings_of_the_desk_stay(desk):
    rows = "select t::text from support.{} t where id <> all(%s) order by 1"
    tables = ("accounts", "queue", "ticket", "attachment", "ticket_field")
    theirs = {"ticket_field": [7, 107]}
    before = {one: desk.query(rows.format(one), theirs.get(one, [7])) for one in tables}
    desk.erase("guest7@example.org")
    (key,) = desk.query("select id from support.accounts where id <> all(%s)", [*range(1, 21), 90])
    for one in tables:
        left_out = theirs.get(one, [7, key[0]])
        assert desk.query(rows.format(one), left_out) == before[one], one


def test_only_a_person_can_say_who_is_responsible(drafted):
    assert set(SAID) <= set(drafted.questions)
    assert load(drafted.path).dpo == SAID["dpo"]


def test_what_nobody_can_read_is_asked_about(drafted):
    assert {"support.session.*", "guessed"} & {*drafted.questions}


def test_nobody_is_handed_a_password(drafted):
    accounts = load(drafted.path).tables[TableName("support", "accounts")]
    assert not accounts.column("password").in_access
    assert accounts.column("email").in_access


@pytest.mark.thorough
def test_people_whose_key_is_their_address_are_found_by_it_and_erased(
    database, lacuna_home, tmp_path
):
    drafted = draft(made_by(database(), NATURAL), tmp_path)
    shop = Only(database("lacuna"), lacuna_home, [NATURAL], drafted.path)
    shop.erase("guest7@example.org")
    # One more customer: nobody, whom the ticket leads to.
    for table, count in (("customers", 21), ("tickets", 20), ("messages", 20)):
        rows = [row for (row,) in shop.query(f"select t::text from shop.{table} t")]  # noqa: S608
        assert len(rows) == count
        assert not [row for row in rows if "guest7@" in row or "Number7" in row]
