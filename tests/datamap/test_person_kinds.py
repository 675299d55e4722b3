"""Further kinds of people: what a map may say of them, and what is refused."""

from __future__ import annotations

import copy

import pytest
import yaml

from lacuna.datamap import check, show
from lacuna.errors import ConfigurationError, RequestError
from lacuna.model.location import TableName
from lacuna.model.person_kinds import known_kinds, of_kind, qualified_keys
from lacuna.model.request import CONTACT, Level
from lacuna.model.treatment import Mention, RowErasure, Treatment
from lacuna.stores.postgres.catalog import read_live_schema

AGENTS = TableName("crm", "agents")
TICKETS = TableName("crm", "tickets")
COMMENTS = TableName("crm", "comments")


@pytest.fixture
def tree(small) -> dict:
    """The small map with agents as a second kind, who answer tickets."""
    tree = yaml.load(small, yaml.BaseLoader)  # noqa: S506
    columns = tree["tables"]["crm.agents"]["columns"]
    columns["email"] = {
        "category": "user.contact.email",
        "erase": "keep",
        "access": "false",
        "portability": "false",
        "meaning": "Work address.",
    }
    columns["name"]["meaning"] = "Name."
    tree["tables"]["crm.tickets"]["columns"]["agent_id"] = {
        "category": "user.unique_id",
        "erase": "keep",
        "access": "false",
        "portability": "false",
    }
    tree["kinds"] = {
        "agent": {
            "table": "crm.agents",
            "identifiers": [
                {"kind": "email", "column": "crm.agents.email"},
                {"kind": "name", "column": "crm.agents.name"},
            ],
            "tables": {
                "crm.agents": {
                    "rows": "anonymize",
                    "columns": {
                        "name": {"erase": {"replace": "[erased]"}, "access": "true"},
                        "email": {"erase": "suppress", "access": "true"},
                    },
                },
                "crm.tickets": {"links": {"agent_id": "crm.agents"}, "rows": "keep"},
            },
        }
    }
    return tree


def written(tree: dict) -> str:
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def refusal(load_text, tree: dict) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load_text(written(tree))
    return str(refused.value)


def test_the_view_of_a_kind_has_its_people_and_leaves_all_else_but_mentions(load_text, tree):
    datamap = load_text(written(tree))
    view = of_kind(datamap, "agent")
    assert known_kinds(datamap) == (CONTACT, "agent")
    assert view.subject.table == AGENTS
    assert set(view.subject.levels) == {Level.CONTACT}
    assert view.keeps_keys
    assert view.tables[AGENTS].rows is RowErasure.ANONYMIZE
    assert view.tables[AGENTS].column("name").erasure.argument == "[erased]"
    assert view.tables[TICKETS].rows is RowErasure.KEEP
    assert {link.column for link in view.tables[TICKETS].links} == {"agent_id"}
    comments = view.tables[COMMENTS]
    assert comments.links == ()
    assert {one.erasure.treatment for one in comments.columns} == {Treatment.KEEP}
    assert comments.column("body").mention is Mention.REDACT
    assert view.sweeps == ()


def test_of_contacts_the_view_is_the_map_itself(load_text, tree):
    datamap = load_text(written(tree))
    assert of_kind(datamap, CONTACT) is datamap
    assert of_kind(of_kind(datamap, "agent"), CONTACT) is datamap
    assert not datamap.keeps_keys
    assert datamap.tables[AGENTS].rows is RowErasure.KEEP


def test_a_kind_changes_the_digest_and_none_leaves_it(load_text, tree, small):
    with_kind = load_text(written(tree)).digest
    del tree["kinds"]
    without = load_text(written(tree)).digest
    assert with_kind != without
    assert of_kind(load_text(small), CONTACT).digest == load_text(small).digest


def test_a_kind_that_the_map_has_not_is_refused_with_those_it_has(load_text, tree):
    with pytest.raises(RequestError, match="no such kind of person; known kinds: contact, agent"):
        of_kind(load_text(written(tree)), "agnet")


def test_keys_of_two_kinds_are_told_apart_in_lacunas_own_tables():
    assert qualified_keys(CONTACT, ["17"]) == ("17",)
    assert qualified_keys("agent", ["17"]) == ("agent:17",)


def test_the_controller_of_a_kind_takes_the_place_of_the_tenants(load_text, tree):
    tree["tenants"] = {"north": {"controller": "North A/S", "dpo": "dpo@north.example"}}
    tree["kinds"]["agent"] |= {
        "controller": "Vendor ApS",
        "dpo": "dpo@vendor.example",
        "authority": "Datatilsynet",
    }
    datamap = load_text(written(tree))
    assert of_kind(datamap, "agent").tenant("north").controller == "Vendor ApS"
    assert datamap.tenant("north").controller == "North A/S"
    del tree["kinds"]["agent"]["dpo"]
    assert "kind agent: 'dpo' is missing" in refusal(load_text, tree)


def test_a_kind_is_shown(load_text, tree):
    shown = show(load_text(written(tree)))
    assert "kind agent: the rows of crm.agents; found by email, name" in shown
    assert 'replace: "[erased]"' in shown.split("kind agent")[1]


WRONG = [
    (("table",), "crm.agent", "kind agent: table crm.agent is not in the map"),
    (("identifiers",), None, "'identifiers' is missing; list the columns that identify"),
    (
        ("identifiers",),
        [{"kind": "name", "column": "crm.agents.name"}],
        "kind agent: identifiers need one that identifies a person alone",
    ),
    (
        ("identifiers",),
        [{"kind": "email", "column": "crm.agents.mail"}],
        "identifier crm.agents.mail is not in the map; did you mean 'email'?",
    ),
    (
        ("tables", "crm.agents", "rows"),
        "keep",
        "kind agent: the rows of crm.agents are people: write rows: anonymize",
    ),
    (("tables", "crm.agents", "rows"), None, "kind agent: crm.agents: 'rows' is missing"),
    (
        ("tables", "crm.agents", "columns", "email", "erase"),
        "keep",
        "crm.agents.email: it identifies people, so erase cannot be keep",
    ),
    (
        ("tables", "crm.agents", "columns", "nmae"),
        {"erase": "keep"},
        "kind agent: crm.agents.nmae is not in the map; did you mean 'name'?",
    ),
    (
        ("tables", "crm.ticket"),
        {"rows": "keep"},
        "kind agent: crm.ticket is not under tables of the map; did you mean 'crm.tickets'?",
    ),
    (
        ("tables", "crm.tickets", "links"),
        {"agent": "crm.agents"},
        "crm.tickets: links names the column 'agent', which is not listed",
    ),
    (
        ("tables", "crm.tickets"),
        {
            "links": {"agent_id": "crm.agents"},
            "rows": "anonymize",
            "columns": {"agent_id": {"erase": "tombstone"}},
        },
        "kind agent: the tombstone is a contact",
    ),
    (
        ("tables", "crm.comments"),
        {"rows": "delete"},
        "no link leads to crm.agents",
    ),
    (
        ("table",),
        "crm.customers",
        "kind agent: crm.customers also contains the people of subject",
    ),
    (("levels",), {"contact": "crm.agents"}, "kind agent: unknown key 'levels'"),
]


@pytest.mark.parametrize(("place", "value", "said"), WRONG, ids=[one[2][:40] for one in WRONG])
def test_what_does_not_hold_together_is_refused(load_text, tree, place, value, said):
    where = tree["kinds"]["agent"]
    for key in place[:-1]:
        where = where[key]
    if value is None:
        del where[place[-1]]
    else:
        where[place[-1]] = value
    assert said in refusal(load_text, tree)


@pytest.mark.parametrize("name", ["contact", "Agents"])
def test_a_kind_needs_a_name_of_its_own(load_text, tree, name):
    tree["kinds"][name] = tree["kinds"].pop("agent")
    assert f"kind {name}" in refusal(load_text, tree).replace("'", "")


def test_two_kinds_of_one_table_need_a_column_that_tells_them_apart(load_text, tree):
    tree["kinds"]["lead"] = copy.deepcopy(tree["kinds"]["agent"])
    assert (
        "kind lead: crm.agents also contains the people of kind agent; state with where"
        in refusal(load_text, tree)
    )
    columns = tree["tables"]["crm.agents"]["columns"]
    columns["role"] = {"category": "system.operations", "erase": "keep", "values": ["a", "l"]}
    tree["kinds"]["agent"]["where"] = {"role": "a"}
    tree["kinds"]["lead"]["where"] = {"role": "l"}
    assert known_kinds(load_text(written(tree))) == (CONTACT, "agent", "lead")
    tree["kinds"]["lead"]["where"] = {"role": "a"}
    assert "where says the same rows in both" in refusal(load_text, tree)


# --- against the database -------------------------------------------------------------------------


@pytest.fixture
def answered(crm):
    """The database of the small map, with agents that tickets lead to."""
    crm.exec_driver_sql("alter table crm.agents add email text not null unique")
    crm.exec_driver_sql("alter table crm.tickets add agent_id int references crm.agents")
    return crm


def differences(connection, datamap) -> list[str]:
    live = read_live_schema(connection, datamap.schemas)
    return [f"{one.location}: {one.problem}" for one in check(datamap, live)]


def test_a_kind_that_fits_the_database_is_no_difference(answered, load_text, tree):
    email = tree["kinds"]["agent"]["tables"]["crm.agents"]["columns"]["email"]
    email["erase"] = {"surrogate": "erased-{24}@example.invalid"}
    assert differences(answered, load_text(written(tree))) == []


def test_a_treatment_that_a_column_of_a_kind_cannot_take_is_a_difference(answered, load_text, tree):
    (said,) = differences(answered, load_text(written(tree)))
    assert said.startswith("crm.agents.email: kind agent: ")


def test_a_foreign_key_to_people_of_a_kind_that_is_no_link_is_a_difference(
    answered, load_text, tree
):
    agent = tree["kinds"]["agent"]["tables"]
    agent["crm.agents"]["columns"]["email"]["erase"] = {"surrogate": "{}@example.invalid"}
    del agent["crm.tickets"]
    (said,) = differences(answered, load_text(written(tree)))
    assert said.startswith("crm.tickets.agent_id: kind agent: a foreign key leads to crm.agents")


def test_a_key_that_changes_while_foreign_keys_point_at_it_is_a_difference(
    answered, load_text, tree
):
    columns = tree["kinds"]["agent"]["tables"]["crm.agents"]["columns"]
    columns["email"]["erase"] = {"surrogate": "{}@example.invalid"}
    columns["agent_id"] = {"erase": "new_key"}
    (said,) = differences(answered, load_text(written(tree)))
    assert "kind agent: the key of crm.agents changes" in said


MEMBER = {
    "column": "crm.staff.agent_id",
    "where": {"role_id": ["lead"]},
    "lookup": "crm.roles.name",
}


@pytest.fixture
def members(tree) -> dict:
    """The agents with another kind of them: who leads, by a table of roles."""
    for name, key in (("roles", ["id", "name"]), ("staff", ["agent_id", "role_id"])):
        tree["tables"][f"crm.{name}"] = {
            "processing": "support",
            "tenant": {"shared": "true"},
            "rows": "keep",
            "key": key if name == "staff" else "id",
            "columns": {one: {"category": "system.operations", "erase": "keep"} for one in key},
        }
    tree["kinds"]["lead"] = copy.deepcopy(tree["kinds"]["agent"])
    tree["kinds"]["lead"]["member"] = copy.deepcopy(MEMBER)
    tree["kinds"]["agent"]["unless"] = ["lead"]
    return tree


def test_who_is_member_of_both_kinds_is_of_the_one_that_comes_first(load_text, members):
    datamap = load_text(written(members))
    agent, lead = of_kind(datamap, "agent"), of_kind(datamap, "lead")
    assert agent.told_from == (lead.subject,)
    assert lead.told_from == ()
    assert lead.subject.member is not None
    assert lead.subject.member.told_in == TableName("crm", "roles")
    del members["kinds"]["agent"]["unless"]
    assert "a row can be of both; write at one of them unless: [OTHER]" in refusal(
        load_text, members
    )


def test_each_word_of_a_membership_changes_the_digest(load_text, members):
    digests = {load_text(written(members)).digest}
    members["kinds"]["lead"]["member"]["where"]["role_id"] = ["lead", "head"]
    digests.add(load_text(written(members)).digest)
    members["kinds"]["lead"]["member"] = {
        "column": "crm.staff.agent_id",
        "through": {"role_id": "crm.roles"},
        "where": {"name": "lead"},
    }
    digests.add(load_text(written(members)).digest)
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("lead", "unless"), ["agent"], "unless names 'agent', whom neither where nor member tells apart"),
        (("lead", "unless"), ["lead"], "unless names 'lead', whose people are not among these rows"),
        (("agent", "unless"), ["contact"], "unless names 'contact', whose people are not among these"),
        (("agent", "unless"), ["boss"], "unless names 'boss', which is no kind; known: contact, lead"),
        (("lead", "member", "column"), "crm.staff.person", "crm.staff.person is not in the map"),
        (("lead", "member", "column"), "crm.agents.name", "tells its own rows apart with where"),
        (("lead", "member", "lookup"), "crm.roles.title", "crm.roles.title is not in the map"),
        (("lead", "member", "where"), {"role": ["lead"]}, "crm.staff.role is not in the map"),
        (("lead", "member", "where"), {}, "lookup names what one column of where holds the keys of"),
        (("lead", "member", "where"), {"role_id": []}, "where lists no value"),
        (("lead", "member", "through"), {"role_id": "crm.roles"}, "without through"),
        (("lead", "member", "of"), "crm.staff", "unknown key 'of'"),
    ],
)  # fmt: skip
def test_a_membership_that_tells_nobody_apart_is_refused(load_text, members, path, value, said):
    place = members["kinds"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert said in refusal(load_text, members)


def test_kinds_that_come_before_each_other_in_a_circle_are_refused(load_text, members):
    for name, before in (("lead", "boss"), ("agent", "lead"), ("boss", "agent")):
        kind = members["kinds"].setdefault(name, copy.deepcopy(members["kinds"]["lead"]))
        kind["member"] = copy.deepcopy(MEMBER)
        kind["unless"] = [before]
    assert "unless leads back to it; state in one order" in refusal(load_text, members)


def test_what_tells_people_apart_is_not_treated_and_holds_no_personal_data(load_text, members):
    name = members["tables"]["crm.roles"]["columns"]["name"]
    name |= {"category": "user.name", "access": "false", "portability": "false"}
    assert "tells people apart: it needs erase: keep, and no personal data" in refusal(
        load_text, members
    )
