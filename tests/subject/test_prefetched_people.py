"""People read ahead: the same answers as the platform gives, with a few statements for all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.run import Role
from lacuna.subject import PeopleAhead, resolve_identifiers
from tests.shop import (
    ANNA,
    ANNA_MAIL,
    ANNA_OLD,
    ANNA_OLD_MAIL,
    BO,
    CLARA,
    DORA,
    SHARED_PHONE,
    email,
    phone,
)

ASKED = [
    [email(ANNA_MAIL)],
    [email(ANNA_OLD_MAIL), phone("+4540506070")],
    [phone(SHARED_PHONE)],
    [email("bo.lind@example.org"), phone(SHARED_PHONE)],
    [email("nobody@example.org")],
    [Identifier(IdentifierKind.CONTACT_ID, CLARA)],
    [Identifier(IdentifierKind.CONTACT_ID, DORA)],
    [Identifier(IdentifierKind.CONVERSATION_ID, "20")],
]


@pytest.fixture
def reading(still_shop):
    with still_shop.open(Role.PLANNER, is_read_only=True) as transaction:
        yield transaction.reading(still_shop.datamap)


@pytest.mark.parametrize("identifiers", ASKED, ids=range(len(ASKED)))
def test_who_is_meant_is_the_same(reading, identifiers):
    ahead = PeopleAhead(reading, "nord", [one for asked in ASKED for one in asked])
    alone = resolve_identifiers("r-1", "nord", identifiers, reading)
    assert resolve_identifiers("r-1", "nord", identifiers, ahead) == alone


def test_what_was_not_read_ahead_is_asked_of_the_platform(reading):
    ahead = PeopleAhead(reading, "nord", [email(ANNA_MAIL)])
    bo = email("bo.lind@example.org")
    assert ahead.holders("nord", [bo, email(ANNA_MAIL)])[bo] == {BO}
    assert ahead.merged_with("nord", [BO]) == {BO}
    assert ahead.identifiers_of("nord", [BO]) == reading.identifiers_of("nord", [BO])
    # Another tenant has another person of that address.
    assert ahead.holders("sued", [email(ANNA_MAIL)]) == {email(ANNA_MAIL): {DORA}}


def test_merged_contacts_are_one_whichever_is_asked_for(reading):
    groups = reading.merged_groups("nord", [ANNA, ANNA_OLD, BO])
    assert groups == {ANNA: {ANNA, ANNA_OLD}, ANNA_OLD: {ANNA, ANNA_OLD}, BO: {BO}}
    assert reading.merged_groups("nord", [ANNA_OLD]) == {ANNA_OLD: {ANNA, ANNA_OLD}}
    assert reading.merged_groups("nord", []) == {}


def test_a_few_statements_serve_everybody(still_shop):
    asked = [one for some in ASKED for one in some]
    statements: list[str] = []

    def said(connection, cursor, statement, *others) -> None:
        statements.append(statement)

    with still_shop.open(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(still_shop.datamap)
        ahead = PeopleAhead(reading, "nord", asked)
        sa.event.listen(still_shop.database.engine, "before_cursor_execute", said)
        for identifiers in ASKED[:5]:
            resolve_identifiers("r-1", "nord", identifiers, ahead)
        sa.event.remove(still_shop.database.engine, "before_cursor_execute", said)
    assert statements == []
