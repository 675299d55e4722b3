"""Who a request is about: one person, several, or nobody."""

import pytest
import sqlalchemy as sa

from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef, Unfound
from lacuna.model.run import Role
from lacuna.subject import know, know_all, resolve
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
    request_of,
)

KIND = IdentifierKind


def of(kind, value):
    return Identifier(kind, value)


@pytest.fixture
def asking(still_shop):
    """Resolve identifiers of a request to a tenant."""

    def resolved(*identifiers, org_id="nord"):
        request = request_of(org_id=org_id)
        with still_shop.open(Role.PLANNER, is_read_only=True) as transaction:
            return resolve(request, identifiers, transaction.reading(still_shop.datamap))

    return resolved


@pytest.fixture
def knowing(still_shop):
    def known(*keys, org_id="nord"):
        with still_shop.open(Role.PLANNER, is_read_only=True) as transaction:
            reading = transaction.reading(still_shop.datamap)
            return know(SubjectRef("r-1"), org_id, keys, reading)

    return known


@pytest.mark.parametrize(
    "identifier",
    [
        email(ANNA_MAIL),
        email(ANNA_MAIL.upper()),
        email("a.berg@example.org"),
        email("berg.private@example.org"),
        email(ANNA_OLD_MAIL),
        phone("+4540506070"),
        of(KIND.CONTACT_ID, ANNA),
        of(KIND.CONTACT_ID, ANNA_OLD),
        of(KIND.CONVERSATION_ID, "10"),
        of(KIND.CONVERSATION_ID, "11"),
        of(KIND.NAME, "Anna Berg"),
    ],
)
def test_each_way_to_name_a_person_leads_to_her_and_the_row_merged_into_hers(asking, identifier):
    found = asking(identifier)
    assert found.unfound is None
    assert found.person is not None
    assert found.person.keys == (ANNA, ANNA_OLD)


@pytest.mark.parametrize(
    "identifier",
    [
        email("nobody@example.org"),
        email("%"),
        email("%@example.org"),
        email("anna.berg@example_org"),
        phone("+4599999999"),
        of(KIND.CONTACT_ID, "00000000-0000-4000-8000-000000000000"),
        of(KIND.CONTACT_ID, "0"),
        of(KIND.CONVERSATION_ID, str(2**63)),
        of(KIND.MESSAGE_ID, "-1"),
        of(KIND.MESSAGE_ID, "1 or 1=1"),
        of(KIND.EXTERNAL_ID, ANNA_MAIL),
        # Clara's nickname column is another kind of alias.
        email("bergie"),
    ],
)
def test_what_nobody_holds_finds_nobody(asking, identifier):
    found = asking(identifier)
    assert (found.person, found.unfound, found.candidates) == (None, Unfound.NOTHING_FOUND, ())


def test_a_shared_number_alone_decides_nothing(asking):
    found = asking(phone(SHARED_PHONE))
    assert (found.person, found.unfound) == (None, Unfound.AMBIGUOUS)
    assert found.candidates == (ANNA, ANNA_OLD, BO)


def test_a_shared_number_and_an_address_of_one_of_its_holders_agree(asking):
    found = asking(phone(SHARED_PHONE), email("bo.lind@example.org"))
    assert found.person is not None
    assert found.person.keys == (BO,)


def test_identifiers_of_two_people_are_ambiguous(asking):
    found = asking(email(ANNA_MAIL), email("clara.dahl@example.org"))
    assert (found.person, found.unfound) == (None, Unfound.AMBIGUOUS)
    assert found.candidates == (ANNA, ANNA_OLD, CLARA)


def test_an_identifier_that_nobody_holds_says_nothing_beside_another(asking):
    found = asking(email(ANNA_MAIL), phone("+4599999999"))
    assert found.person is not None
    assert found.person.keys == (ANNA, ANNA_OLD)


def test_an_interaction_that_is_not_there_makes_the_request_doubtful(asking):
    found = asking(email(ANNA_MAIL), of(KIND.CONVERSATION_ID, "999"))
    assert (found.person, found.unfound) == (None, Unfound.AMBIGUOUS)


def test_an_interaction_of_somebody_else_makes_the_request_doubtful(asking):
    found = asking(email(ANNA_MAIL), of(KIND.CONVERSATION_ID, "20"))
    assert (found.person, found.unfound) == (None, Unfound.AMBIGUOUS)
    assert found.candidates == (ANNA, ANNA_OLD, BO)


def test_a_message_belongs_to_its_author_and_to_who_asked(asking):
    assert asking(of(KIND.MESSAGE_ID, "100")).person.keys == (ANNA, ANNA_OLD)
    both = asking(of(KIND.MESSAGE_ID, "101"))
    assert both.unfound is Unfound.AMBIGUOUS
    assert both.candidates == (ANNA, ANNA_OLD, CLARA)
    one = asking(of(KIND.MESSAGE_ID, "101"), email("clara.dahl@example.org"))
    assert one.person.keys == (CLARA,)


def test_another_tenants_people_are_never_found(asking):
    assert asking(email(ANNA_MAIL), org_id="sued").person.keys == (DORA,)
    for identifier in (email(ANNA_OLD_MAIL), of(KIND.CONTACT_ID, ANNA), of(KIND.MESSAGE_ID, "100")):
        assert asking(identifier, org_id="sued").unfound is Unfound.NOTHING_FOUND
    assert asking(of(KIND.CONTACT_ID, DORA)).unfound is Unfound.NOTHING_FOUND


def test_a_person_is_known_with_every_value_once(knowing):
    person = knowing(ANNA, ANNA_OLD)
    assert set(person.known) == {
        email("Anna.Berg@Example.org"),
        email("a.berg@example.org"),
        email("berg.private@example.org"),
        email(ANNA_OLD_MAIL),
        phone("+45 20 30 40 50"),
        phone("+4540506070"),
        of(KIND.NAME, "Anna Berg"),
        of(KIND.NAME, "Anna Holm"),
        of(KIND.CONTACT_ID, ANNA),
        of(KIND.CONTACT_ID, ANNA_OLD),
    }
    assert len(person.known) == len(set(person.known))
    assert person.short_names == ("Anna",)


def test_a_value_that_another_person_holds_too_is_marked_as_shared(knowing):
    assert knowing(ANNA, ANNA_OLD).shared == {phone("+45 20 30 40 50"): frozenset({BO})}
    assert knowing(BO).shared == {phone("004520304050"): frozenset({ANNA})}
    assert knowing(CLARA).shared == {}
    # Dora has Anna's address, and another controller.
    assert knowing(DORA, org_id="sued").shared == {}


def test_a_merged_row_is_not_another_person(knowing):
    assert BO not in knowing(ANNA, ANNA_OLD).keys
    holders = set().union(*knowing(ANNA, ANNA_OLD).shared.values())
    assert ANNA_OLD not in holders


def test_several_people_are_known_as_each_alone_by_as_few_statements(still_shop):
    refs = {SubjectRef(key): [key] for key in (ANNA, BO, CLARA)}
    statements: list[str] = []

    def said(connection, cursor, statement, *others) -> None:
        statements.append(statement)

    with still_shop.open(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(still_shop.datamap)
        alone = [know(ref, "nord", keys, reading) for ref, keys in refs.items()]
        sa.event.listen(still_shop.database.engine, "before_cursor_execute", said)
        together = know_all(refs, "nord", reading)
        for_all = len(statements)
        know(SubjectRef(ANNA), "nord", [ANNA], reading)
        sa.event.remove(still_shop.database.engine, "before_cursor_execute", said)
    assert together == alone
    assert for_all == len(statements) - for_all > 0


def test_a_resolution_prints_nobody(asking):
    printed = f"{asking(email(ANNA_MAIL))!r} {asking(phone(SHARED_PHONE))!r}"
    for value in (ANNA, ANNA_OLD, BO, ANNA_MAIL, "Berg", "4520304050"):
        assert value not in printed
