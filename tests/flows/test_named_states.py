"""A conversation's state is a number that another table gives a name, as in Zammad."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
import yaml

from lacuna.datamap import load
from lacuna.errors import DataMapDrift
from lacuna.flows.run.opening import open_datamap
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.brought import Brought
from tests.drafting import SAID, draft

ADA = "ada.fjeld@example.org"
SCHEMA = """
create schema desk;
create table desk.customers (id int primary key, email text not null, full_name text);
create table desk.ticket_states (
    id int primary key, name varchar(250) not null unique, note text, is_default boolean
);
create table desk.tickets (
    id int primary key, customer_id int references desk.customers, title text,
    state_id int not null references desk.ticket_states
);
create table desk.comments (
    id int primary key, ticket_id int not null references desk.tickets, body text
);
insert into desk.customers values
    (1, 'ada.fjeld@example.org', 'Ada Fjeld'), (2, 'bo.lund@example.org', 'Bo Lund');
insert into desk.ticket_states values (70, 'closed successfully'), (81, 'New'),
    (92, 'open'), (13, 'merged into another');
insert into desk.tickets values (1, 1, 'A lamp', 92), (2, 1, 'Another', 70), (3, 2, 'A desk', 81);
insert into desk.comments select id, id, 'Hello' from desk.tickets;
"""


class Desk(Brought):
    """A desk of one tenant, by the name that the scaffold proposes."""

    org_id = "main"
    tenants = ("main",)

    def obstacle(self, request_id: str) -> Obstacle | None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.obstacle(request_id)


def made_by(database, script: str) -> str:
    url = database()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(script)
    return url


@pytest.fixture
def desk(database, lacuna_home: Path) -> Desk:
    drafted = draft(made_by(database, SCHEMA), lacuna_home)
    return Desk(database("lacuna"), lacuna_home, [SCHEMA], drafted.path)


def test_the_scaffold_proposes_the_states_by_their_names(desk):
    subject = load(desk.stores.datamap_path).subject
    assert subject.open_when == ("state_id", ("New", "open"))
    assert str(subject.open_lookup) == "desk.ticket_states.name"


@pytest.mark.thorough
def test_a_conversation_in_a_state_of_an_open_ones_name_is_open(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, ADA)
    desk.run()
    assert desk.obstacle(request_id) is Obstacle.OPEN_CONVERSATIONS
    desk.query("update desk.tickets set state_id = 13 where id = 1")
    desk.run()
    assert desk.state(request_id) is RequestState.PLANNED


def test_a_state_that_the_map_does_not_know_stops_the_run_and_is_named(desk):
    desk.query("insert into desk.ticket_states values (14, 'asked the lawyer')")
    with pytest.raises(DataMapDrift, match="does not list asked the lawyer") as caught:
        open_datamap(desk.stores)
    assert "open_when" in str(caught.value)


@pytest.mark.parametrize(
    ("lookup", "problem"),
    [
        ("desk.ticket_states.title", "is not in the map"),
        ("desk.customers.full_name", "holds personal data"),
    ],
)
def test_a_lookup_that_names_no_states_is_refused(desk, lookup, problem):
    path = desk.stores.datamap_path
    entries = yaml.safe_load(path.read_text("utf-8"))
    entries["subject"]["open_when"]["lookup"] = lookup
    path.write_text(yaml.safe_dump(entries), "utf-8")
    with pytest.raises(Exception, match=f"open_when: lookup names {lookup}, which {problem}"):
        load(path)


def test_where_nothing_says_a_state_the_scaffold_asks_and_its_other_questions_too(
    database, lacuna_home
):
    url = made_by(database, SCHEMA.replace("state_id", "stage_id"))
    with pytest.raises(AssertionError, match="'open_when'"):
        draft(url, lacuna_home)
    asked = " ".join((lacuna_home / "answers.yaml").read_text("utf-8").replace("# ", "").split())
    assert re.search(r"When is a conversation open\?.*needs an answer.* open_when: \"\"", asked)
    said = {"open_when": "stage_id of desk.ticket_states.name = New, open"}
    (answered := lacuna_home / "answered").mkdir()
    drafted = draft(url, answered, SAID | said)
    assert load(drafted.path).subject.open_when == ("stage_id", ("New", "open"))
