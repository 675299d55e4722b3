"""A stranger's desk is mapped by the scaffold with every proposal accepted, and people are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import yaml
from typer.testing import CliRunner

from lacuna.cli.app import app
from lacuna.datamap import load
from lacuna.flows.run.opening import find_drift
from lacuna.model.location import TableName
from tests.brought import Brought

STRANGERS = Path(__file__).parents[1] / "datamap" / "strangers"
SCRIPT, NATURAL = ((STRANGERS / f"{one}.sql").read_text("utf-8") for one in ("support", "natural"))
# What only a person can say; to every other question the answer is `yes`.
SAID = {
    "name": "Support desk",
    "controller": "Desk A/S, Example City",
    "dpo": "dpo@example.org",
    "authority": "Datatilsynet",
}


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


@dataclass(frozen=True)
class Drafted:
    path: Path
    questions: tuple[str, ...]


def draft(url: str, folder: Path, script: str) -> Drafted:
    """Draft a map of what a script makes, and accept every proposal."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(script)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LACUNA_DATABASE_URL", url)
        patch.setenv("LACUNA_HOME", str(folder))
        arguments = ["datamap", "scaffold", "--output"]
        asked = CliRunner().invoke(app, [*arguments, str(folder / "asked.yaml")])
        said = yaml.safe_load((folder / "asked.yaml").read_text("utf-8"))["questions"]
        about = tuple(one.partition(":")[0] for one in said)
        answers = dict.fromkeys(about, "yes") | SAID
        (folder / "answers.yaml").write_text(yaml.safe_dump(answers), "utf-8")
        path = folder / "datamap.yaml"
        given = ["--answers", str(folder / "answers.yaml")]
        answered = CliRunner().invoke(app, [*arguments, str(path), *given])
    assert (asked.exit_code, answered.exit_code) == (1, 0), answered.output
    return Drafted(path, about)


@pytest.fixture(scope="module")
def drafted(template_database, tmp_path_factory) -> Iterator[Drafted]:
    with template_database.clones() as fresh:
        yield draft(fresh(), tmp_path_factory.mktemp("drafted"), SCRIPT)


@pytest.fixture
def desk(drafted, database, lacuna_home) -> Desk:
    return Desk(database("lacuna"), lacuna_home, drafted.path)


def test_the_draft_passes_the_check(desk):
    assert find_drift(desk.stores)[1] == ()


@pytest.mark.parametrize("number", [7, 8])
def test_nothing_of_a_person_is_left(desk, number):
    assert len(desk.left_of(number)) > 10
    desk.erase(f"guest{number}@example.org")
    assert desk.left_of(number) == []
    # An odd ticket is assigned to nobody, an even one to an agent, who is not whom it is about.
    assert desk.query("select count(*) from support.ticket") == [(20,)]
    assert desk.query("select count(*) from support.ticket where assigned_to_id = 90") == [(10,)]


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
    assert "support.session.session_data" in drafted.questions


def test_nobody_is_handed_a_password(drafted):
    accounts = load(drafted.path).tables[TableName("support", "accounts")]
    assert not accounts.column("password").in_access
    assert accounts.column("email").in_access


def test_people_whose_key_is_their_address_are_found_by_it_and_erased(
    database, lacuna_home, tmp_path
):
    drafted = draft(database(), tmp_path, NATURAL)
    shop = Only(database("lacuna"), lacuna_home, [NATURAL], drafted.path)
    shop.erase("guest7@example.org")
    for table, count in (("customers", 20), ("tickets", 19), ("messages", 19)):
        rows = [row for (row,) in shop.query(f"select t::text from shop.{table} t")]  # noqa: S608
        assert len(rows) == count
        assert not [row for row in rows if "guest7@" in row or "Number7" in row]
