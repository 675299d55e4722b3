"""A list of who takes part in a conversation: the erased person's address goes, somebody else's stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from tests.brought import Brought
from tests.drafting import SAID, draft
from tests.flows.test_every_default import made_by
from tests.proved import let_pass

SCHEMA = """
create schema desk;
set search_path = desk;
create table customer (
    id bigint primary key, email text not null unique, full_name text not null
);
create table ticket (
    id bigint primary key, customer_id bigint not null references customer,
    subject text, status text not null check (status in ('open', 'closed'))
);
create table ticket_watcher (
    id bigint primary key, ticket_id bigint not null references ticket,
    customer_id bigint references customer, email text, is_active boolean not null default true
);
insert into customer
select n, 'customer' || n || '@example.org', 'Vera Lindqvist' || n from generate_series(1, 30) n;
insert into ticket select n, n, 'A parcel', 'closed' from generate_series(1, 30) n;
-- The next customer watches each ticket; the first customer's own has three more.
insert into ticket_watcher (id, ticket_id, email)
select n, n, 'customer' || n % 30 + 1 || '@example.org' from generate_series(1, 30) n;
insert into ticket_watcher (id, ticket_id, customer_id, email) values
    (101, 1, null, 'Customer1@example.org'), (102, 1, 1, null), (103, 1, null, 'nobody@example.org'),
    (104, 1, 5, null);
"""


@pytest.fixture
def platform(database, lacuna_home, tmp_path) -> Brought:
    drafting = database()
    made_by(drafting, SCHEMA)
    path: Path = draft(drafting, tmp_path, SAID | {"open_when": "status = open"}).path
    url = database("lacuna")
    made_by(url, SCHEMA)
    kind = type("Participants", (Brought,), {"org_id": "main", "tenants": ("main",)})
    return kind(url, lacuna_home, (), path)


def test_an_address_of_somebody_else_stays_beside_the_erased_persons(platform):
    others = "select * from desk.ticket_watcher where id not in (1, 30) and id < 100 order by id"
    before = platform.query(others)
    let_pass(platform.stores)
    request_id = platform.submit(IdentifierKind.EMAIL, "customer1@example.org")
    platform.run()
    platform.approve(request_id)
    platform.run()
    assert platform.state(request_id) is RequestState.COMPLETED
    rows = platform.query(
        "select id, customer_id, email from desk.ticket_watcher where id in (1, 30, 101, 102, 103, 104) "
        "order by id"
    )
    assert rows == [
        (1, None, "customer2@example.org"),
        (30, None, None),
        (101, None, None),
        (102, None, None),
        # An address that nobody on record has may be the person's.
        (103, None, None),
        (104, 5, None),
    ]
    assert platform.query(others) == before
