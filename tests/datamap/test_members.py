"""Customers and agents in one table, told apart by rows of a link table: the draft asks which ones."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from lacuna.datamap import DriftKind, check, load, scaffold
from lacuna.datamap.scaffold.map_draft import Scaffold
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from tests.datamap.test_scaffold import Stranger, look_at

PLATFORM = Path(__file__).parents[1] / "packs"
HER_ROLE = (
    "insert into roles (id, name, updated_by_id, created_by_id, created_at, updated_at) "
    "values (4, 'Friends of Aveline', 901, 901, now(), now())"
)
SUBJECT = {"subject": "public.users"}
ROLES = ColumnName(TableName("public", "roles_users"), "user_id")
NAMES = ColumnName(TableName("public", "roles"), "name")


@pytest.fixture(scope="module")
def zammad(template_database):
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(
            url.replace("+psycopg", ""), options="-c search_path=public"
        ) as connection:
            for name in ("zammad.sql", "zammad_seed.sql"):
                connection.execute((PLATFORM / name).read_text("utf-8"))
            connection.execute(HER_ROLE)
        yield look_at(url)


def drafted(stranger: Stranger, folder: Path, **answers: str):
    made = scaffold(stranger.live, stranger.sample, SUBJECT | answers)
    path = folder / "datamap.yaml"
    path.write_text(made.text, "utf-8")
    return made, load(path)


def question(made: Scaffold) -> str:
    return next(str(one) for one in made.questions if one.about == "agents")


def test_the_question_names_tables_keys_and_counts_and_no_name_but_what_agents_are_called(
    zammad, tmp_path
):
    made, _ = drafted(zammad, tmp_path)
    said = question(made)
    assert "public.roles_users.role_id (rows by value: 1 in 1, 2 in 2, 3 in 6, named in" in said
    assert "[public.roles_users.role_id = Admin, Agent]" in said
    assert ("Customer" in said, "Aveline" in said) == (False, False)


@pytest.mark.parametrize(
    "answer", ["yes", "public.roles_users.role_id = 1, 2", "public.roles_users.role_id=Admin,Agent"]
)
def test_whoever_has_the_role_is_an_agent_and_no_data_subject_of_the_map(zammad, tmp_path, answer):
    _, datamap = drafted(zammad, tmp_path, agents=answer)
    assert (datamap.subject.member, datamap.subject.unless) == (None, ("agent",))
    member = datamap.kinds["agent"].subject.member
    assert member is not None
    assert (member.column, member.lookup, member.values) == (ROLES, NAMES, ("Admin", "Agent"))
    tickets = datamap.tables[TableName("public", "tickets")]
    assert tickets.column("owner_id").kind == "agent"
    assert "owner_id" not in {link.column for link in tickets.links}
    assert {one.kind for one in check(datamap, zammad.live)} == {DriftKind.QUESTION}


def test_any_row_of_a_table_can_make_somebody_an_agent_and_none_can(zammad, tmp_path):
    _, datamap = drafted(zammad, tmp_path, agents="public.groups_users.user_id")
    member = datamap.kinds["agent"].subject.member
    assert member is not None
    assert (str(member.column), member.where) == ("public.groups_users.user_id", ())
    _, datamap = drafted(zammad, tmp_path, agents="none")
    assert (datamap.subject.unless, dict(datamap.kinds)) == ((), {})


@pytest.mark.parametrize(
    "answer", ["public.roles_users.role_id = Nobody", "public.roles.name = Agent", "Agent"]
)
def test_an_answer_that_no_link_table_holds_is_refused(zammad, tmp_path, answer):
    with pytest.raises(
        ConfigurationError, match="names no link table, or a value that it does not"
    ):
        drafted(zammad, tmp_path, agents=answer)
