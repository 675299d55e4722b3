"""A caller is found by what is on file of them, and the recipient of a bundle is shown."""

from __future__ import annotations

import json
import re

import pytest

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import sealed_recipient
from lacuna.subject import pack
from tests.dpo_page.conftest import ORG, OTHER
from tests.dpo_page.test_mails import send, waiting
from tests.dpo_page.test_views import FORM

ON_FILE = (
    Identifier(IdentifierKind.NAME, "Ada Lind"),
    Identifier(IdentifierKind.EMAIL, "ada@home.example.org"),
    Identifier(IdentifierKind.PHONE, "+47 21 00 00 07"),
    Identifier(IdentifierKind.EXTERNAL_ID, "AB-12345"),
)
READ = Identifier(IdentifierKind.OTHER, "AB-99999")


def resolved(office, request_id: str) -> None:
    """Keep what resolution keeps of the person whom it found."""
    person = Person(SubjectRef(request_id), ORG, ("k",), (*ON_FILE, READ), read=frozenset({READ}))
    with office.stores.transaction(Role.PLANNER) as transaction:
        content = office.stores.keys.encrypt(request_id, pack(person))
        transaction.queue.secrets.put(request_id, Purpose.PERSON, content)


def completed(office) -> str:
    """Return a closed request whose bundle waits, with what closing keeps."""
    request_id = office.submit(kind=RequestKind.ACCESS)
    office.move(request_id, "resolved", "planned", "approved", "applied", "verified", "completed")
    office.bundled(request_id)
    with office.stores.transaction(Role.PLANNER) as transaction:
        desk = office.desk(transaction)
        kept = sealed_recipient(desk.queue.requests.get(request_id), (*ON_FILE, READ), desk)
        desk.queue.secrets.forget_all([request_id])
        desk.queue.secrets.put(request_id, Purpose.RECIPIENT, kept)
    return request_id


def found(client, text: str) -> tuple[set[str], set[str]]:
    """Return the ids of the requests and of the mails that a search lists."""
    answer = client.post(f"/{ORG}/find", data={"wanted": text})
    assert answer.status_code == 200, answer.text
    html = answer.text.partition("<main")[2]
    assert text not in html
    return tuple(
        set(re.findall(rf"{what}/([0-9a-f-]{{36}})\"", html)) for what in ("requests", "mails")
    )


@pytest.mark.parametrize("text", ["ada@home.example.org", "004721000007", "AB-12345"])
def test_a_known_requester_is_found_by_another_identifier_on_file(office, visit, text):
    request_id = office.submit()
    resolved(office, request_id)
    office.submit(mail="bo@example.org")
    assert found(visit("dana"), text) == ({request_id}, set())
    assert office.entries(request_id)[-1] == ("disclosed", "dpo")
    assert found(visit("dana"), "AB-99999") == (set(), set())  # nobody is recognized by it


def test_a_person_whose_bundle_waits_is_found_until_it_is_deleted(office, visit):
    request_id = completed(office)
    assert found(visit("dana"), "+4721000007") == ({request_id}, set())
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.bundles.delete(request_id, office.clock.now())
    assert found(visit("dana"), "+4721000007") == (set(), set())
    assert office.query("select * from lacuna.request_secret") == []


def test_a_mail_that_waits_is_found_by_its_writer_until_it_is_settled(office, visit):
    keys = office.stores.keys
    facts = {"sender": "eva@example.org", "identifiers": [["phone", "+4721000000"]]}
    mail_id = "00000000-0000-4000-8000-000000000001"
    sealed = keys.encrypt(mail_id, json.dumps({**facts, "is_vouched": True}).encode())
    waiting(office, mail_id=mail_id, facts=sealed, content=keys.encrypt(mail_id, b"From: x\n\nhi"))
    waiting(office, org_id=OTHER)
    dana = visit("dana")
    for text in ("Eva@example.org", "+47 21000000"):
        assert found(dana, text) == (set(), {mail_id})
    ((count,),) = office.query(
        "select count(*) from lacuna_evidence.entry where action = 'disclosed' "
        "and location = 'lacuna.mail'"
    )
    assert count == 2
    assert send(dana, mail_id, "dismiss").status_code == 303
    assert found(dana, "eva@example.org") == (set(), set())


def test_candidates_of_an_ambiguous_request_are_found(office, visit):
    request_id, _ = office.ambiguous()
    with office.stores.transaction(Role.PLANNER) as transaction:
        candidates = [["k", [["phone", "+4721000009"]], "{}"]]
        content = office.stores.keys.encrypt(request_id, json.dumps(candidates).encode())
        transaction.queue.secrets.put(request_id, Purpose.CANDIDATES, content)
    assert found(visit("dana"), "+4721000009") == ({request_id}, set())


def test_the_page_of_a_bundle_leads_to_whom_it_is_for(office, visit):
    request_id = completed(office)
    dana = visit("dana")
    path = f"/{ORG}/requests/{request_id}"
    for page in (path, f"{path}/release"):
        html = dana.get(page).text
        assert f'action="{path}/disclose"' in html
        assert "Ada Lind" not in html
    shown = dana.post(f"{path}/disclose", headers=FORM).text
    assert "On file of the person" in shown
    for one in ON_FILE:
        assert f"<dd>{one.value}</dd>" in shown
    assert READ.value not in shown
    assert office.entries(request_id)[-1] == ("disclosed", "dpo")
    assert visit("dirk").post(f"{path}/disclose", headers=FORM).status_code == 403
