"""Tables from which no link leads to a person, kept by the answer `yes`: what its question says comes true."""

from __future__ import annotations

import pytest

from lacuna.errors import VerificationFailed
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from tests.drafting import SAID, draft
from tests.flows.test_named_states import ADA, SCHEMA, Desk, made_by

SETTINGS = """
create table desk.replies (id int primary key, body text);
insert into desk.replies select n, 'Thank you for call ' || n from generate_series(1, 9) n;
create table desk.sites (id int primary key, host text);
insert into desk.sites select n, 'desk' || n from generate_series(1, 9) n;
create table desk.sessions (id int primary key, kept text);
insert into desk.sessions select n, repeat(md5(n::text), 6) from generate_series(1, 9) n;
"""


@pytest.fixture
def desk(database, lacuna_home) -> Desk:
    said = SAID | {"open_when": "state_id = 81"}
    drafted = draft(made_by(database, SCHEMA + SETTINGS), lacuna_home, said)
    assert "unreached" in drafted.questions
    return Desk(database("lacuna"), lacuna_home, [SCHEMA + SETTINGS], drafted.path)


@pytest.mark.thorough
def test_a_text_is_covered_and_a_bare_key_stays(desk):
    desk.query("update desk.replies set body = 'Write to ' || %s || ' today' where id = 1", ADA)
    desk.query("update desk.sites set host = '1' where id = 1")
    desk.erase(ADA, is_forced=True)
    ((said,), (host,)) = desk.query(
        "select body from desk.replies where id = 1 union all "
        "select host from desk.sites where id = 1"
    )
    assert ADA not in said
    assert said.startswith("Write to ")
    assert host == "1"


def test_an_address_that_stands_elsewhere_refuses_the_plan(desk):
    desk.query("update desk.sites set host = %s where id = 1", ADA)
    request_id = desk.submit(IdentifierKind.EMAIL, ADA, is_forced=True)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert desk.state(request_id) is not RequestState.PLANNED
