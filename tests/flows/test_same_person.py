"""People in several rows are one person by the rules of the data map, and the plan says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from lacuna.datamap import load
from lacuna.errors import ConfigurationError
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind, RequestState
from tests.flows.conftest import DATAMAP, Installation
from tests.flows.observation import execute, quiet_people
from tests.flows.test_person_kinds import plan_of

RULE = "  joined_by: [email]\n"


def map_with(folder: Path, rule: str) -> Path:
    path = folder / "datamap.yaml"
    written = DATAMAP.read_text("utf-8")
    assert RULE in written
    path.write_text(written.replace(RULE, rule, 1), "utf-8")
    return path


def visit_again(installation: Installation, contact_id: str, email: str) -> str:
    """Add a row of a visitor with an address, and give one conversation of a contact's to it."""
    ((visitor,),) = execute(
        installation.url,
        "insert into contact_center.contacts (contact_id, org_id, email, created_at) "
        "select gen_random_uuid(), org_id, %s, created_at "
        "from contact_center.contacts where contact_id::text = %s returning contact_id::text",
        email,
        contact_id,
    )
    moved = execute(
        installation.url,
        "update contact_center.conversations set requester_id = %s::uuid where conversation_id = "
        "(select max(conversation_id) from contact_center.conversations where requester_id::text = %s) "
        "returning 1",
        visitor,
        contact_id,
    )
    assert moved == [(1,)]
    return str(visitor)


def address_of(installation: Installation, contact_id: str) -> str:
    return installation.platform.people[contact_id].emails[0]


def left(installation: Installation, *contact_ids: str) -> list[object]:
    return execute(
        installation.url,
        "select contact_id::text from contact_center.contacts "
        "where contact_id::text = any(%s) and email is not null",
        list(contact_ids),
    )


@pytest.mark.thorough
def test_a_visitor_with_the_address_of_a_contact_is_the_same_person(
    installation: Installation,
) -> None:
    """Whether a request names the address, or the contact by its id."""
    people = quiet_people(installation.platform, conversations=3)[:2]
    rows = {
        one: visit_again(installation, one, address_of(installation, one).upper()) for one in people
    }
    by_address, by_id = people
    ids = [
        installation.submit((IdentifierKind.EMAIL, address_of(installation, by_address))),
        installation.submit_contact(by_id),
    ]
    assert installation.run() is None

    for request_id in ids:
        assert (
            "find further rows of contact_center.contacts for the same person, rows: 1: the same email"
            in plan_of(installation, request_id)
        )
        installation.approve(request_id)
    assert installation.run() is None

    for request_id, (contact, visitor) in zip(ids, rows.items(), strict=True):
        assert installation.request(request_id).state is RequestState.COMPLETED
        assert left(installation, contact, visitor) == []


@pytest.mark.thorough
def test_without_the_rule_somebody_has_to_say_who_is_meant(
    installation: Installation, tmp_path: Path
) -> None:
    stores = replace(installation.stores, datamap_path=map_with(tmp_path, ""))
    installation = replace(installation, stores=stores)
    contact = quiet_people(installation.platform, conversations=3)[0]
    email = address_of(installation, contact)
    visit_again(installation, contact, email)
    org_id = installation.platform.people[contact].org_id
    request_id = installation.submit((IdentifierKind.EMAIL, email), org_id=org_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.AMBIGUOUS


def note_in_own_profile(installation: Installation, contact_id: str, address: str) -> None:
    execute(
        installation.url,
        "update contact_center.contacts set additional_emails = array[%s] "
        "where contact_id::text = %s",
        address,
        contact_id,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("is_nameless", [False, True])
def test_who_notes_somebody_elses_address_gets_nothing_of_theirs(
    installation: Installation, is_nameless: bool
) -> None:
    victim, *others = quiet_people(installation.platform)
    org_id = installation.platform.people[victim].org_id
    stranger = next(one for one in others if installation.platform.people[one].org_id == org_id)
    address = address_of(installation, victim)
    if is_nameless:
        victim = visit_again(installation, victim, "only.a.visitor@example.org")
        address = "only.a.visitor@example.org"
    note_in_own_profile(installation, stranger, address)
    # By their own address, which their mail proves, and with the other one beside it.
    own = (IdentifierKind.EMAIL, address_of(installation, stranger))
    for given in ([own], [own, (IdentifierKind.EMAIL, address)]):
        request_id = installation.submit(*given, org_id=org_id, kinds=(RequestKind.RESTRICTION,))
        assert installation.run() is None
        assert installation.request(request_id).state is RequestState.COMPLETED
        restricted = execute(
            installation.url, "delete from lacuna.restriction returning contact_id"
        )
        assert restricted == [(stranger,)]


@pytest.mark.parametrize("column", ["display_name", "last_name"])
def test_a_couple_with_one_mailbox_are_two_people(installation: Installation, column: str) -> None:
    contact = quiet_people(installation.platform, conversations=3)[0]
    email = address_of(installation, contact)
    spouse = visit_again(installation, contact, email)
    if column != "display_name":
        execute(installation.url, "update contact_center.contacts set display_name = null")
    named = sql.SQL("update contact_center.contacts set {} = %s where contact_id::text = %s")
    execute(installation.url, named.format(sql.Identifier(column)), "Balthasar Sommerfugl", spouse)
    org_id = installation.platform.people[contact].org_id
    request_id = installation.submit((IdentifierKind.EMAIL, email), org_id=org_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.AMBIGUOUS


@pytest.mark.thorough
def test_a_row_merged_into_another_is_said_to_be(installation: Installation) -> None:
    pairs = execute(
        installation.url,
        "select merged_into::text from contact_center.contacts c where merged_into is not null "
        "and not exists (select from contact_center.conversations v where v.state in ('open', 'pending') "
        "and v.requester_id in (c.contact_id, c.merged_into)) order by 1 limit 1",
    )
    request_id = installation.submit_contact(str(pairs[0][0]))
    assert installation.run() is None
    assert "for the same person, rows: 1: merged_into" in plan_of(installation, request_id)


@pytest.mark.parametrize("kinds", ["phone", "name", "email, phone", "nonsense"])
def test_rows_are_joined_by_what_one_person_alone_holds(tmp_path: Path, kinds: str) -> None:
    with pytest.raises(ConfigurationError, match="joined_by cannot be"):
        load(map_with(tmp_path, f"  joined_by: [{kinds}]\n"))


def test_a_rule_needs_an_identifier_of_its_kind(tmp_path: Path) -> None:
    path = map_with(tmp_path, "  joined_by: [external_id]\n")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(one for one in lines if "{kind: external_id, " not in one), "utf-8")
    with pytest.raises(ConfigurationError, match="joined_by names external_id, but no identifier"):
        load(path)
