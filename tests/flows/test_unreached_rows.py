"""Rows that name a person and lead to nobody: an erasure would miss all that they contain besides."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.errors import RequestError, VerificationFailed
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment.dry_run import would_be_plan
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role, RunOptions
from tests.brought import Brought
from tests.proved import let_pass

ADA, PHONE = "ada.fjeld@example.org", "+44 1632 960003"
SCHEMA = """
create schema desk;
create table desk.people (
    id bigint primary key, email text, phone text, name text, is_agent boolean not null
);
create table desk.tickets (
    id bigint primary key, submitter text, agent bigint references desk.people,
    state text not null, details text
);
create table desk.notes (id bigint primary key, ticket bigint references desk.tickets, body text);
insert into desk.people values
    (1, 'ada.fjeld@example.org', '+44 1632 960003', 'Ada Fjeld', false),
    (2, 'bo.lund@example.org', '+44 1632 960009', 'Bo Lund', false),
    (9, 'nora.desk@example.org', null, 'Nora Desk', true);
insert into desk.tickets values
    (10, 'ada.fjeld@example.org', 9, 'closed', 'Order 1003 to 4 Lantern Lane'),
    (11, 'bo.lund@example.org', null, 'closed', 'Order 1004 to 5 Lantern Lane');
insert into desk.notes values (100, 10, 'Order 1003 again'), (101, 11, 'Order 1004 again');
"""
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
  table: desk.people
  where: {is_agent: "false"}
  identifiers:
    - {kind: email, column: desk.people.email}
    - {kind: phone, column: desk.people.phone}
    - {kind: name, column: desk.people.name}
  levels: {contact: desk.people, conversation: desk.tickets, message: desk.notes}
  open_when: {column: state, values: [open]}
tables:
  desk.people:
    processing: support
    key: id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      email: {category: user.contact.email, erase: suppress, mention: redact, access: true, portability: true, meaning: What it says.}
      phone: {category: user.contact.phone_number, erase: suppress, mention: redact, access: true, portability: true, meaning: What it says.}
      name: {category: user.name, erase: suppress, mention: redact, access: true, portability: true, meaning: What it says.}
      is_agent: {category: system.operations, erase: keep}
  desk.tickets:
    processing: support
    key: id
    links: {LINKS}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      submitter: {category: user.contact.email, erase: suppress, mention: redact,ALONE access: true, portability: true, meaning: What it says.}
      agent: {category: user.unique_id, erase: unlink, access: false, portability: false}
      state: {category: system.operations, erase: keep}
      details: {category: user.content, erase: {replace: "[erased]"}, mention: redact, access: true, portability: true, meaning: What it says.}
  desk.notes:
    processing: support
    key: id
    links: {ticket: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket: {category: system.operations, erase: keep}
      body: {category: user.content, erase: {replace: "[erased]"}, mention: redact, access: true, portability: true, meaning: What it says.}
stores: {}
sweeps: []
"""
AGENT = "agent: desk.people"
SUBMITTER = "submitter: {table: desk.people, to: email}"


def write_map(path: Path, *links: str, alone: bool = False) -> None:
    text = DATAMAP.replace("LINKS", ", ".join(links))
    path.write_text(text.replace("ALONE", " alone: true," if alone else ""), "utf-8")


@pytest.fixture
def bring(database, lacuna_home):
    def with_map(*links: str, alone: bool = False, submitter: str = ADA) -> Brought:
        path = lacuna_home / "datamap.yaml"
        write_map(path, *links, alone=alone)
        desk = Brought(database("lacuna"), lacuna_home, [SCHEMA], path)
        desk.query("update desk.tickets set submitter = %s where id = 10", submitter)
        return desk

    return with_map


def refused(desk: Brought, request_id: str | None = None) -> None:
    """Ask to be forgotten, unless it was asked, and see the plan refused."""
    request_id = request_id or desk.submit(IdentifierKind.EMAIL, ADA)
    before = desk.query("select t::text from desk.tickets t order by 1")
    with pytest.raises(VerificationFailed):
        desk.run()
    with desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.ROWS_UNREACHED
    assert desk.query("select t::text from desk.tickets t order by 1") == before


def details(desk: Brought) -> list[tuple]:
    return desk.query(
        "select submitter, details, body from desk.tickets t join desk.notes n on ticket = t.id "
        "order by t.id"
    )


def test_rows_that_only_an_agents_link_leads_to_refuse_the_plan(bring, caplog):
    refused(bring(AGENT))
    assert "desk.tickets.submitter in 1 row;" in caplog.text
    assert re.search(r"\bada\b", caplog.text, re.IGNORECASE) is None
    assert "960003" not in caplog.text


@pytest.mark.parametrize(
    "written", [PHONE, "+441632960003", "01632 960003", "+44.1632.960.003", f" {ADA.upper()} "]
)
def test_the_way_that_the_identifier_is_written_does_not_matter(bring, written):
    refused(bring(AGENT, submitter=written))


@pytest.mark.parametrize(
    ("written", "is_said"), [(f" {ADA.title()} ", True), (PHONE, False)], ids=["case", "other"]
)
def test_it_is_said_where_outer_spaces_alone_keep_a_link_from_the_person(
    bring, caplog, written, is_said
):
    refused(bring(AGENT, SUBMITTER, submitter=written))
    said = "in 1 row the value differs from a person's own in letter case or outer spaces"
    assert (said in caplog.text) is is_said


@pytest.mark.thorough
def test_what_a_link_leads_to_is_erased_with_all_that_it_contains(bring):
    desk = bring(SUBMITTER, AGENT)
    desk.erase(ADA)
    assert details(desk) == [
        (None, "[erased]", "[erased]"),
        ("bo.lund@example.org", "Order 1004 to 5 Lantern Lane", "Order 1004 again"),
    ]


@pytest.mark.parametrize(
    ("on_file", "written"), [(ADA, ADA.title()), (ADA.upper(), ADA), (ADA.title(), ADA.upper())]
)
def test_an_address_leads_to_the_person_in_whatever_letters_either_is_written(
    bring, on_file, written
):
    desk = bring(SUBMITTER, AGENT, submitter=written)
    desk.query("update desk.people set email = %s where id = 1", on_file)
    (request_id,) = desk.erase(ADA)
    assert desk.verification(request_id).passed
    assert details(desk) == [
        (None, "[erased]", "[erased]"),
        ("bo.lund@example.org", "Order 1004 to 5 Lantern Lane", "Order 1004 again"),
    ]


@pytest.mark.thorough
def test_the_gate_misses_a_row_that_only_other_letters_lead_to(bring, monkeypatch):
    """Planner and verifier find rows by code of their own: neither alone decides."""
    desk = bring(SUBMITTER, AGENT, submitter=ADA.title())
    monkeypatch.setattr(
        "lacuna.stores.postgres.platform_tables._is_address_of_people", lambda *_: False
    )
    refused(desk)


@pytest.mark.thorough
def test_a_column_that_may_stand_alone_has_its_value_covered_and_nothing_else(bring):
    desk = bring(AGENT, alone=True)
    desk.erase(ADA)
    assert details(desk)[0] == (None, "Order 1003 to 4 Lantern Lane", "Order 1003 again")


@pytest.mark.thorough
def test_who_writes_somebodys_address_and_nothing_else_does_not_block_their_erasure(bring):
    desk = bring(SUBMITTER, AGENT)
    desk.query("insert into desk.tickets values (12, null, null, 'closed', %s)", ADA)
    desk.query("insert into desk.notes values (102, 12, %s)", ADA)
    desk.erase(ADA)
    assert details(desk)[2] == (None, "[EMAIL]", "[EMAIL]")


@pytest.mark.thorough
def test_a_value_among_others_is_a_mention_and_no_missing_link(bring):
    desk = bring(AGENT, submitter=f"Ada Fjeld <{ADA}>")
    (request_id,) = desk.erase(ADA)
    assert desk.state(request_id) is RequestState.COMPLETED


# --- a map that changes while a plan waits --------------------------------------------------------


def shown(desk, request_id: str) -> str:
    options = RunOptions(run_id="plan-test", mode=Mode.OBSERVE)
    batch = replace(Batch.open(desk.stores, options, flow="fulfilment"), is_dry=True)
    return would_be_plan(batch, request_id).digest


@pytest.mark.thorough
def test_a_plan_that_waits_is_made_anew_by_a_changed_map(bring, lacuna_home):
    desk = bring(AGENT, alone=True)
    request_id = desk.submit(IdentifierKind.EMAIL, ADA)
    desk.run()
    first = desk.request(request_id).plan_digest
    desk.run()
    assert desk.request(request_id).plan_digest == first
    assert shown(desk, request_id) == first
    write_map(lacuna_home / "datamap.yaml", SUBMITTER, AGENT)
    let_pass(desk.stores)
    # What the command shows is what the next run stores.
    would_be = shown(desk, request_id)
    desk.run()
    assert desk.request(request_id).plan_digest == would_be != first
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert details(desk)[0] == (None, "[erased]", "[erased]")


@pytest.mark.thorough
def test_a_plan_that_waits_is_refused_by_a_changed_map(bring, lacuna_home):
    desk = bring(AGENT, alone=True)
    request_id = desk.submit(IdentifierKind.EMAIL, ADA)
    desk.run()
    write_map(lacuna_home / "datamap.yaml", AGENT)
    let_pass(desk.stores)
    refused(desk, request_id)
    assert desk.state(request_id) is RequestState.PLANNED


@pytest.mark.thorough
def test_what_waits_for_an_officer_takes_no_place_in_a_full_batch(bring, lacuna_home):
    desk = bring(AGENT, alone=True)
    waiting = desk.submit(IdentifierKind.EMAIL, ADA)
    desk.run()
    first = desk.request(waiting).plan_digest
    write_map(lacuna_home / "datamap.yaml", SUBMITTER, AGENT)
    let_pass(desk.stores)
    new = desk.submit(IdentifierKind.EMAIL, "bo.lund@example.org")
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, limit=1)
    fulfilment.run(desk.stores, options, str(uuid.uuid4()))
    assert desk.state(new) is RequestState.PLANNED
    assert desk.request(waiting).plan_digest == first
    desk.run()
    assert desk.request(waiting).plan_digest != first


ZOE = "zoe.quick@example.org"


def test_somebody_without_a_row_is_not_said_to_be_nowhere(bring, caplog):
    desk = bring(AGENT, submitter=ZOE)
    before = everything(desk)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    with pytest.raises(VerificationFailed):
        desk.run()
    with desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.ROWS_UNREACHED
    assert "desk.tickets.submitter in 1 row;" in caplog.text
    assert re.search("zoe", caplog.text, re.IGNORECASE) is None
    assert everything(desk) == before


@pytest.mark.thorough
def test_where_others_name_somebody_without_a_row_they_are_covered(bring):
    desk = bring(AGENT, SUBMITTER)
    desk.query("update desk.notes set body = %s where id = 101", f"Ask {ZOE} as well.")
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    desk.run()
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert desk.query("select body from desk.notes where id = 101") == [("Ask [EMAIL] as well.",)]
    assert desk.query("select body from desk.notes where id = 100") == [("Order 1003 again",)]


NO_ERASURE = (
    (RequestKind.ACCESS,),
    (RequestKind.PORTABILITY,),
    (RequestKind.RESTRICTION,),
    (RequestKind.ACCESS, RequestKind.ERASURE),
)


@pytest.mark.parametrize("kinds", NO_ERASURE, ids=lambda kinds: "+".join(kinds))
@pytest.mark.parametrize("place", ["desk.tickets.submitter", "desk.notes.body"])
def test_what_reaches_a_persons_own_rows_alone_is_refused_to_somebody_without_one(
    bring, caplog, kinds, place
):
    desk = bring(AGENT, submitter=ZOE if "tickets" in place else ADA)
    if "notes" in place:
        desk.query("update desk.notes set body = %s where id = 101", f"Ask {ZOE} as well.")
    before = everything(desk)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE, kinds=kinds)
    with pytest.raises(
        RequestError, match=rf"would wait for rows_unreached.*{re.escape(place)} in 1 row"
    ):
        shown(desk, request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is RequestState.RESOLVED
    with desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.ROWS_UNREACHED
    assert f"{place} in 1 row" in caplog.text
    assert re.search("zoe", caplog.text, re.IGNORECASE) is None
    assert everything(desk) == before


@pytest.mark.parametrize("kinds", NO_ERASURE, ids=lambda kinds: "+".join(kinds))
def test_who_is_nowhere_has_nothing_of_any_right(bring, kinds):
    desk = bring(AGENT, SUBMITTER)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE, kinds=kinds)
    desk.run()
    assert desk.state(request_id) is RequestState.NOTHING_FOUND


@pytest.mark.parametrize("kind", [RequestKind.ACCESS, RequestKind.ERASURE])
def test_who_is_named_where_the_map_expects_nobody_is_not_said_to_be_nowhere(
    bring, lacuna_home, kind
):
    desk = bring(AGENT, SUBMITTER)
    path = lacuna_home / "datamap.yaml"
    path.write_text(
        path.read_text("utf-8").replace(
            "state: {category: system.operations, erase: keep}",
            "state: {category: system.operations, erase: keep, mention: refuse}",
        ),
        "utf-8",
    )
    let_pass(desk.stores)
    desk.query("update desk.tickets set state = %s where id = 11", ZOE)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE, kinds=(kind,))
    with pytest.raises(RequestError, match=r"desk\.tickets\.state in 1 row"):
        shown(desk, request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is RequestState.RESOLVED


@pytest.mark.parametrize("word", ["Order", "1003", "Lantern Lane", "Order 1003"])
def test_a_word_that_somebody_gives_as_their_id_covers_it_in_nobodys_texts(bring, word):
    desk = bring(AGENT, SUBMITTER)
    before = everything(desk)
    request_id = desk.submit(IdentifierKind.EXTERNAL_ID, word)
    desk.run()
    assert desk.state(request_id) is RequestState.NOTHING_FOUND
    assert everything(desk) == before


def test_somebody_who_is_nowhere_is_nowhere(bring):
    desk = bring(AGENT, SUBMITTER)
    before = everything(desk)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    desk.run()
    assert desk.state(request_id) is RequestState.NOTHING_FOUND
    assert everything(desk) == before


def everything(desk: Brought) -> list[tuple]:
    return desk.query(
        "select t::text, n::text from desk.tickets t join desk.notes n on ticket = t.id order by 1"
    )
