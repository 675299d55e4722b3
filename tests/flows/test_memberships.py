"""Customers and agents in one table, where a table of roles tells who is what, as in Zammad.

An agent can be the customer of a ticket. The numbers of roles differ from one installation to the next.
"""

from __future__ import annotations

import re

import pytest

from lacuna.datamap import DriftKind, show
from lacuna.errors import DataMapDrift, RequestError, VerificationFailed
from lacuna.flows.fulfilment.dry_run import would_be_plan
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.opening import open_datamap
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.person_kinds import of_kind
from lacuna.model.plan import WriteBundle
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.stores.postgres.view_script import REPORTING, view_script
from tests.brought import Brought
from tests.drifts import drifts_of

ANNA, BO, NORA, OLE, PIA = (
    f"{one}@example.org" for one in ("anna.berg", "bo.lind", "nora.vik", "ole.dahl", "pia.holm")
)
# Anna and Bo are customers; Nora is an agent and the customer of ticket 13; Ole administers; Pia has no role.
SCHEMA = """
create schema desk;
create table desk.roles (id int primary key, name text not null unique);
create table desk.users (
    id int primary key, email text not null, full_name text not null, updated_by int references desk.users
);
create table desk.roles_users (user_id int references desk.users, role_id int references desk.roles);
create table desk.tickets (
    id int primary key, customer_id int not null references desk.users,
    owner_id int references desk.users, title text, state text not null
);
create table desk.articles (
    id int primary key, ticket_id int not null references desk.tickets,
    author_id int references desk.users, body text
);
create table desk.tokens (id int primary key, user_id int references desk.users, token text);
insert into desk.roles values (7, 'Customer'), (3, 'Agent'), (5, 'Admin');
insert into desk.users values
    (1, 'anna.berg@example.org', 'Anna Berg', null), (2, 'bo.lind@example.org', 'Bo Lind', null),
    (8, 'nora.vik@example.org', 'Nora Vik', null), (9, 'ole.dahl@example.org', 'Ole Dahl', 8),
    (10, 'pia.holm@example.org', 'Pia Holm', null);
insert into desk.roles_users values (1, 7), (2, 7), (8, 7), (8, 3), (9, 5);
insert into desk.tickets values
    (11, 1, 8, 'Boat of Anna Berg', 'closed'), (12, 2, 8, 'Wigs', 'closed'),
    (13, 8, 9, 'My own chair', 'closed');
insert into desk.articles values
    (21, 11, 1, 'My boat leaks'), (22, 11, 8, 'Dear Anna Berg, greetings, Nora Vik'),
    (23, 12, 2, 'As Anna Berg said to Nora Vik'), (24, 13, 8, 'A chair like that of Anna Berg'),
    (25, 13, 9, 'Dear Nora Vik');
insert into desk.tokens values (31, 1, 'aa'), (32, 8, 'bb');
"""
_LOOKED_UP = (
    "{column: desk.roles_users.user_id, where: {role_id: [NAMES]}, lookup: desk.roles.name}"
)
_THROUGH = (
    "{column: desk.roles_users.user_id, through: {role_id: desk.roles}, where: {name: [NAMES]}}"
)
DATAMAP = """
name: Desk
version: "1"
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
only_tenant: north
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.users
  member: CUSTOMERS
  unless: [agent]
  identifiers:
    - {kind: email, column: desk.users.email}
    - {kind: name, column: desk.users.full_name}
  others: [desk.users.full_name]
  levels: {contact: desk.users, conversation: desk.tickets, message: desk.articles}
  open_when: {column: state, values: [open]}
tables:
  desk.roles:
    processing: support
    key: id
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      name: {category: system.operations, erase: keep}
  desk.users:
    processing: support
    key: id
    references: [updated_by]
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      email: {category: user.contact.email, erase: {surrogate: "erased-{16}@example.invalid"}, access: true, portability: true, meaning: Address.}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: true, portability: true, meaning: Name.}
      updated_by: {category: user.unique_id, erase: unlink, access: false, portability: false}
  desk.roles_users:
    processing: support
    key: ctid
    links: {user_id: desk.users}
    rows: delete
    columns:
      user_id: {category: user.unique_id, erase: keep, access: false, portability: false}
      role_id: {category: system.operations, erase: keep}
  desk.tickets:
    processing: support
    key: id
    links: {customer_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      owner_id: {category: user.unique_id, erase: keep, kind: agent, access: false, portability: false}
      title: {category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: Title.}
      state: {category: system.operations, erase: keep}
  desk.articles:
    processing: support
    key: id
    links: {ticket_id: desk.tickets, author_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      author_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: Text.}
  desk.tokens:
    processing: support
    key: id
    links: {user_id: desk.users}
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      user_id: {category: user.unique_id, erase: keep, access: false, portability: false}
      token: {category: user.authorization.credentials, erase: keep, access: false, portability: false}
kinds:
  agent:
    table: desk.users
    member: AGENTS
    identifiers:
      - {kind: email, column: desk.users.email}
      - {kind: name, column: desk.users.full_name}
    others: [desk.users.full_name]
    tables:
      desk.users:
        rows: anonymize
        columns:
          email: {erase: {surrogate: "erased-{16}@example.invalid"}, access: true}
          full_name: {erase: {replace: "[erased]"}, access: true}
      desk.roles_users: {links: {user_id: desk.users}, rows: keep}
      desk.tickets: {links: {customer_id: desk.users, owner_id: desk.users}, rows: keep}
      desk.articles: {links: {author_id: desk.users}, rows: keep}
      desk.tokens: {links: {user_id: desk.users}, rows: delete}
stores: {}
sweeps: []
"""


def datamap(form: str = _LOOKED_UP) -> str:
    text = DATAMAP.replace("CUSTOMERS", form.replace("NAMES", "Customer"))
    return text.replace("AGENTS", form.replace("NAMES", "Agent, Admin"))


@pytest.fixture(params=[_LOOKED_UP, _THROUGH], ids=["lookup", "through"])
def either(request, database, lacuna_home) -> Brought:
    """The desk by either way to say it."""
    (lacuna_home / "datamap.yaml").write_text(datamap(request.param), "utf-8")
    return Brought(database("lacuna"), lacuna_home, [SCHEMA], lacuna_home / "datamap.yaml")


@pytest.fixture
def desk(database, lacuna_home) -> Brought:
    (lacuna_home / "datamap.yaml").write_text(datamap(), "utf-8")
    return Brought(database("lacuna"), lacuna_home, [SCHEMA], lacuna_home / "datamap.yaml")


def refused(desk: Brought, request_id: str, caplog) -> str:
    """Run, see a request refused for its person's kind, and return what is said of it."""
    before = desk.query("select u::text from desk.users u order by id")
    with pytest.raises(VerificationFailed):
        desk.run()
    with desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.OTHER_KIND
    assert desk.query("select u::text from desk.users u order by id") == before
    planned, verdict = (one for one in caplog.messages if "by the data map no" in one)
    assert verdict.startswith("verdict: failed")
    for said in (planned, verdict):
        assert not re.search(r"\b(nora|vik|pia|holm|ole|dahl)\b", said, re.IGNORECASE)
    return planned


@pytest.mark.thorough
def test_a_customer_is_erased_and_no_agents_row_is_treated(either):
    assert drifts_of(either.stores) == ()
    either.erase(ANNA)
    users = either.query(
        "select id, email, full_name, updated_by from desk.users where id > 0 and id < 100 order by id"
    )
    assert users == [
        (2, BO, "Bo Lind", None), (8, NORA, "Nora Vik", None), (9, OLE, "Ole Dahl", 8),
        (10, PIA, "Pia Holm", None),
    ]  # fmt: skip
    assert either.query("select owner_id, title from desk.tickets where id = 11") == [
        (8, "Boat of [NAME]")
    ]
    assert either.query("select id, author_id, body from desk.articles order by id") == [
        (21, None, "My boat leaks"), (22, 8, "Dear [NAME], greetings, Nora Vik"),
        (23, 2, "As [NAME] said to Nora Vik"), (24, 8, "A chair like that of [NAME]"),
        (25, 9, "Dear Nora Vik"),
    ]  # fmt: skip
    assert either.query("select user_id, role_id from desk.roles_users order by 1, 2") == [
        (2, 7), (8, 3), (8, 7), (9, 5)
    ]  # fmt: skip
    assert either.query("select id from desk.tokens") == [(32,)]


@pytest.mark.thorough
def test_an_agent_who_is_also_a_customer_is_erased_as_an_agent_and_tickets_stay(either):
    tickets = either.query("select * from desk.tickets order by id")
    either.erase(NORA, person_kind="agent")
    ((email, name),) = either.query("select email, full_name from desk.users where id = 8")
    assert email.endswith("@example.invalid")
    assert name == "[erased]"
    assert either.query("select * from desk.tickets order by id") == tickets
    assert either.query("select id, author_id, body from desk.articles order by id") == [
        (21, 1, "My boat leaks"), (22, 8, "Dear Anna Berg, greetings, [NAME]"),
        (23, 2, "As Anna Berg said to [NAME]"), (24, 8, "A chair like that of Anna Berg"),
        (25, 9, "Dear [NAME]"),
    ]  # fmt: skip
    assert either.query("select id from desk.tokens") == [(31,)]


@pytest.mark.parametrize(
    ("identifier", "kind", "said"),
    [
        ((IdentifierKind.EMAIL, NORA), "contact", "no contact but 1 of kind agent"),
        ((IdentifierKind.CONTACT_ID, "8"), "contact", "no contact but 1 of kind agent"),
        ((IdentifierKind.EMAIL, ANNA), "agent", "no agent but 1 of kind contact"),
        ((IdentifierKind.CONTACT_ID, "1"), "agent", "no agent but 1 of kind contact"),
        ((IdentifierKind.EMAIL, PIA), "contact", "no contact but 1 of no kind"),
        ((IdentifierKind.CONTACT_ID, "10"), "agent", "no agent but 1 of no kind"),
    ],
)
def test_who_is_of_another_kind_or_of_none_is_refused_and_it_is_said(
    desk, caplog, identifier, kind, said
):
    request_id = desk.submit(*identifier, person_kind=kind)
    options = RunOptions(run_id="dry", mode=Mode.OBSERVE)
    batch = Batch(desk.stores, options, open_datamap(desk.stores), is_dry=True, flow="fulfilment")
    with pytest.raises(RequestError, match="would wait for other_kind"):
        would_be_plan(batch, request_id)
    assert said in refused(desk, request_id, caplog)
    assert desk.state(request_id) is not RequestState.NOTHING_FOUND


@pytest.mark.thorough
def test_whoever_is_of_another_kind_since_the_approval_is_not_changed(desk, caplog):
    became, ceased = (desk.submit(IdentifierKind.EMAIL, one) for one in (ANNA, BO))
    desk.run()
    desk.approve(became, ceased)
    desk.query("insert into desk.roles_users values (1, 5)")
    desk.query("delete from desk.roles_users where user_id = 2")
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.query("select id, full_name from desk.users where id < 3 order by id") == [
        (1, "Anna Berg"), (2, "Bo Lind"),
    ]  # fmt: skip
    with desk.stores.transaction(Role.PLANNER) as transaction:
        waiting = {transaction.queue.requests.obstacle(one) for one in (became, ceased)}
    assert waiting == {Obstacle.OTHER_KIND}
    assert (
        f"{became}: in desk.users, whom it is about is by the data map no contact but 1 of kind agent"
        in caplog.text
    )
    assert (
        f"{ceased}: in desk.users, whom it is about is by the data map no contact but 1 of no kind"
        in caplog.text
    )
    # As it was when it was approved, it is carried out.
    desk.query("delete from desk.roles_users where user_id = 1 and role_id = 5")
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(became) is RequestState.COMPLETED
    assert desk.state(ceased) is RequestState.APPROVED


@pytest.mark.thorough
def test_a_bundle_of_either_kind_has_its_own_rows_alone(desk):
    customer = desk.submit(IdentifierKind.EMAIL, ANNA, kinds=(RequestKind.ACCESS,))
    agent = desk.submit(
        IdentifierKind.EMAIL, NORA, kinds=(RequestKind.ACCESS,), person_kind="agent"
    )
    desk.run()
    rows = {}
    for request_id in (customer, agent):
        (step,) = (step for step in desk.plan(request_id) if isinstance(step, WriteBundle))
        rows[request_id] = step.rows
    # Anna, her role, ticket, its two articles, token. Nora, two roles, three tickets, two articles, token.
    assert rows == {customer: 6, agent: 9}


@pytest.mark.parametrize(
    ("statement", "place", "said"),
    [
        ("insert into desk.roles values (9, 'Boss')", "desk.roles_users.role_id", "does not list Boss"),
        ("update desk.roles set name = 'Staff' where id = 3", "desk.roles.name", "the name Agent, but no row has it"),
        ("alter table desk.roles_users rename user_id to person_id", "desk.roles_users.user_id", "has no such column"),
        ("drop table desk.roles_users", "desk.roles_users", "no such table"),
        ("alter table desk.roles_users drop constraint roles_users_user_id_fkey, alter user_id type text", "desk.roles_users.user_id", "told apart by it, but it compares text with integer"),
    ],
)  # fmt: skip
def test_what_no_longer_tells_people_apart_stops_every_flow(desk, statement, place, said):
    desk.query(statement)
    found = {one.location: one.problem for one in drifts_of(desk.stores) if said in one.problem}
    assert place in found
    with pytest.raises(DataMapDrift):
        open_datamap(desk.stores)


def test_a_condition_that_no_row_meets_stops_every_flow(either):
    either.query("delete from desk.roles_users")
    either.query("update desk.roles set name = name || 's'")
    assert drifts_of(either.stores) != ()
    with pytest.raises(DataMapDrift, match="people are told apart by"):
        open_datamap(either.stores)


def test_a_lookup_that_may_not_be_read_is_a_missing_right(either):
    either.query("revoke select on desk.roles from lacuna_planner")
    (found,) = drifts_of(either.stores)
    assert (found.location, found.kind) == ("desk.roles", DriftKind.RIGHT)


def test_the_verifier_tells_them_apart_by_its_own_queries(either):
    with either.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        datamap = open_datamap(either.stores)
        contacts, agents = (
            transaction.verifying(of_kind(datamap, kind)) for kind in ("contact", "agent")
        )
        assert {*contacts.sample_people(20)["north"]} == {"1", "2"}
        assert {*agents.sample_people(20)["north"]} == {"8", "9"}
        assert {name for (name,) in contacts.other_people("north")} == {
            "Nora Vik",
            "Ole Dahl",
            "Pia Holm",
        }
        assert {name for (name,) in agents.other_people("north")} == {
            "Anna Berg",
            "Bo Lind",
            "Pia Holm",
        }
        assert {row[0] for row in contacts.rows_of_other_kinds("north")} == {NORA, OLE}
        assert {row[0] for row in agents.rows_of_other_kinds("north")} == {ANNA, BO}
        owners = {
            rows.columns["email"][number]: rows.owners(number)
            for rows in contacts.rows(datamap.subject.table, "north", ["email"])
            for number in range(len(rows.columns["email"]))
        }
    assert owners == {
        ANNA: {"1"}, BO: {"2"}, NORA: {"8", "agent:8"}, OLE: {"9", "agent:9"}, PIA: {"10"},
    }  # fmt: skip


def test_whose_a_row_is_follows_from_the_kind(either):
    with either.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        datamap = open_datamap(either.stores)
        reading = transaction.reading(datamap)
        tokens = TableName("desk", "tokens")
        assert reading.owners_of(tokens, [("31",), ("32",)]) == {
            ("31",): {"1"}, ("32",): {"8", "agent:8"},
        }  # fmt: skip
        assert {*reading.everybody("north")} == {"1", "2"}
        keys = [Identifier(IdentifierKind.CONTACT_ID, key) for key in ("1", "8", "10")]
        assert [*reading.holders("north", keys).values()] == [{"1"}, frozenset(), frozenset()]
        assert set(reading.other_names("north")) == {"Nora Vik", "Ole Dahl", "Pia Holm"}


def test_the_views_that_are_drafted_count_customers_alone(either):
    datamap = open_datamap(either.stores)
    with either.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        live = transaction.live_schema(datamap.schemas)
    either.query(view_script(datamap, live))
    counted = either.query(f"select contact_id from {REPORTING}.contacts order by 1")  # noqa: S608
    assert counted == [(1,), (2,)]


def test_the_map_says_who_is_of_which_kind(either):
    said = show(open_datamap(either.stores))
    assert "with a row in desk.roles_users where desk.roles.name is Customer unless agent;" in said
    assert "where desk.roles.name is Agent or Admin; found by" in said
