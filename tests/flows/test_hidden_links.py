"""Ids of people in documents: the rows are theirs, and nothing is left that groups them."""

from __future__ import annotations

import pytest

from lacuna.datamap import load
from lacuna.errors import ConfigurationError
from tests.brought import Brought

# Anna is 501, Bo 502, and the agent Gerda 900.
SCHEMA = """
create schema desk;
create table desk.users (
    id int primary key, org_id text not null, kind text not null, email text, full_name text not null
);
create table desk.tickets (
    id int primary key, org_id text not null, customer_id int references desk.users, title text,
    state text not null
);
create table desk.articles (
    id int primary key, org_id text not null, ticket_id int not null references desk.tickets,
    body text
);
create table desk.events (id int primary key, org_id text not null, payload jsonb);
insert into desk.users values
    (501, 'north', 'customer', 'anna.berg@example.org', 'Anna Berg'),
    (502, 'north', 'customer', 'bo.lind@example.org', 'Bo Lind'),
    (900, 'north', 'agent', 'gerda.vogt@example.org', 'Gerda Vogt');
insert into desk.tickets values (1, 'north', 501, 'One', 'closed'), (2, 'north', 502, 'Two', 'closed');
insert into desk.articles values (1, 'north', 1, 'Hello'), (2, 'north', 2, 'Hello');
insert into desk.events values
    (1, 'north', '{"event": "call", "contact": {"id": 501, "shoe": "left"}, "note": "Anna Berg called"}'),
    (2, 'north', '{"event": "chat", "contact": {"id": "501"}}'),
    (3, 'north', '{"event": "chat", "contact": {"id": 502}, "note": "asked for Anna Berg"}'),
    (4, 'north', '{"event": "boot", "contact": null}'),
    (5, 'north', null), (6, 'north', '[501]');
"""
DATAMAP = """
name: Desk
version: "1"
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.users
  where: {kind: customer}
  identifiers:
    - {kind: email, column: desk.users.email}
    - {kind: name, column: desk.users.full_name}
  levels: {contact: desk.users, conversation: desk.tickets, message: desk.articles}
  open_when: {column: state, values: [open]}
tables:
  desk.users:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      kind: {category: system.operations, erase: keep, values: [agent, customer]}
      email: {category: user.contact.email, erase: suppress, access: false, portability: false}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: false, portability: false}
  desk.tickets:
    processing: support
    key: id
    tenant: org_id
    links: {customer_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      title: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      state: {category: system.operations, erase: keep}
  desk.articles:
    processing: support
    key: id
    tenant: org_id
    links: {ticket_id: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
  desk.events:
    processing: support
    key: id
    tenant: org_id
    links: {payload: {table: desk.users, path: [contact, id]}}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      payload: {category: user.content, erase: ERASE, text: plain, access: true, portability: false, meaning: Event.}
stores: {}
sweeps: []
"""
EVENTS = "select id, payload from desk.events order by id"
OTHERS = [
    (3, {"event": "chat", "contact": {"id": 502}, "note": "asked for [NAME]"}),
    (4, {"event": "boot", "contact": None}), (5, None), (6, [501]),
]  # fmt: skip


def desk_with(erase: str, database, home) -> Brought:
    (home / "datamap.yaml").write_text(DATAMAP.replace("ERASE", erase), "utf-8")
    return Brought(database("lacuna"), home, [SCHEMA], home / "datamap.yaml")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("erase", "left"),
    [
        (
            "redact",
            [
                (
                    1,
                    {
                        "event": "call",
                        "contact": {"id": None, "shoe": "left"},
                        "note": "[NAME] called",
                    },
                ),
                (2, {"event": "chat", "contact": {"id": None}}),
            ],
        ),
        (
            "{json_keys: [event, /contact/shoe]}",
            [(1, {"event": "call", "contact": {"shoe": "left"}}), (2, {"event": "chat"})],
        ),
    ],
)
def test_a_document_no_longer_says_whose_it_is(erase, left, database, lacuna_home):
    desk = desk_with(erase, database, lacuna_home)
    desk.erase("anna.berg@example.org")
    assert desk.query(EVENTS)[:2] == left
    assert desk.query(EVENTS)[2:] == OTHERS


@pytest.mark.parametrize("kept", ["/contact/id", "contact", "/contact"])
def test_a_map_that_would_keep_the_id_is_refused(kept, tmp_path):
    path = tmp_path / "datamap.yaml"
    path.write_text(DATAMAP.replace("ERASE", f"{{json_keys: [event, {kept}]}}"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"desk\.events\.payload: json_keys keeps"):
        load(path)
