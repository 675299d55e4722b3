"""Decisions on the page: bound to the plan that was read, and each one is in the ledger."""

from __future__ import annotations

import json
import re
import threading
from urllib.parse import urlencode

import pytest

from lacuna.model.ground import GROUNDS
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import keep_candidates
from lacuna.stores.postgres.officers import OfficerRegister
from tests.dpo_page.conftest import DIGEST, MAIL, NOW, ORG, STRANGERS_MAIL, token_in

# The article of each right: the first ground that is offered is one of it.
RIGHTS = {
    RequestKind.ACCESS: "15",
    RequestKind.RECTIFICATION: "16",
    RequestKind.ERASURE: "17",
    RequestKind.RESTRICTION: "18",
    RequestKind.PORTABILITY: "20",
    RequestKind.OBJECTION: "21",
}


def decide(client, request_id, deed, **fields):
    return client.post(
        f"/{ORG}/requests/{request_id}/{deed}",
        content=urlencode(fields),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )


def test_an_approval_names_the_plan_and_who_gave_it_by_a_key_id(office, visit):
    request_id = office.planned()
    dana = visit("dana", cookie=True)
    html = dana.get(f"/{ORG}/requests/{request_id}/approve").text
    answer = decide(dana, request_id, "approve", digest=DIGEST, form_token=token_in(html))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/{ORG}/requests/{request_id}?done=approve&")
    assert office.state(request_id) == "approved"
    assert office.entries(request_id)[-1] == ("approved", "dpo")
    ((actor,),) = office.query("select approved_by from lacuna.approval")
    assert actor.startswith("dpo:")
    assert "dana" not in actor
    assert actor in visit("vera").get(f"/{ORG}/requests/{request_id}").text


@pytest.mark.parametrize("digest", ["b" * 64, "", "A" * 64, DIGEST + "0"])
def test_dpo_api_07_an_approval_of_another_plan_than_the_newest_does_nothing(office, visit, digest):
    request_id = office.planned()
    answer = decide(visit("dana"), request_id, "approve", digest=digest)
    assert answer.status_code == (409 if digest == "b" * 64 else 422)
    assert office.state(request_id) == "planned"


def test_dpo_api_07_a_plan_that_was_made_again_has_to_be_read_again(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    dana.get(f"/{ORG}/requests/{request_id}")
    again = office.plan(request_id, "anonymize crm.contact, rows: 2")
    assert decide(dana, request_id, "approve", digest=DIGEST).status_code == 409
    assert decide(dana, request_id, "approve", digest=again).status_code == 303


def test_dpo_api_06_of_two_approvals_at_once_one_wins(office, visit):
    request_id = office.planned()
    people, statuses = [visit("dana"), visit("dirk")], []
    barrier = threading.Barrier(2)

    def approve(client) -> None:
        barrier.wait()
        statuses.append(decide(client, request_id, "approve", digest=DIGEST).status_code)

    threads = [threading.Thread(target=approve, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409]
    assert [action for action, _ in office.entries(request_id)].count("approved") == 1
    # And one that comes later is told the same.
    assert decide(people[0], request_id, "approve", digest=DIGEST).status_code == 409


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("approve", {"digest": DIGEST}),
        ("refuse", {"ground": "17(3)(b)"}),
        ("resolve", {"contact_id": "1"}),
        ("disclose", {}),
        ("bundle", {}),
    ],
)
def test_whom_airflow_lets_decide_and_nobody_registered_decides_nothing(
    office, visit, verb, fields
):
    request_id = office.planned()
    uma = visit("uma")
    refused = decide(uma, request_id, verb, **fields)
    assert refused.status_code == 403
    assert "lacuna officer add" in refused.text
    assert office.state(request_id) == "planned"
    assert not {"approved", "disclosed"} & {action for action, _ in office.entries(request_id)}
    assert "/approve" not in uma.get(f"/{ORG}/requests/{request_id}").text


def test_where_two_officers_are_needed_the_page_waits_for_the_second(office, visit):
    OfficerRegister(office.stores.database).need(2, ORG, NOW)
    request_id = office.planned()
    dana, dirk = visit("dana"), visit("dirk")
    for status in (303, 409):
        assert decide(dana, request_id, "approve", digest=DIGEST).status_code == status
        assert office.state(request_id) == "planned"
    assert decide(dirk, request_id, "approve", digest=DIGEST).status_code == 303
    assert office.state(request_id) == "approved"
    assert [action for action, _ in office.entries(request_id)].count("approved") == 2


def test_a_refusal_forgets_what_the_request_brought(office, visit):
    request_id = office.planned()
    assert decide(visit("dana"), request_id, "refuse", ground="17(3)(b)").status_code == 303
    assert office.state(request_id) == "refused"
    assert office.query("select count(*) from lacuna.request_secret") == [(0,)]
    assert [action for action, _ in office.entries(request_id)][-2:] == [
        "refused",
        "forget_working_copies",
    ]
    assert "Art. 17(3)(b)" in visit("vera").get(f"/{ORG}/requests/{request_id}").text


@pytest.mark.parametrize("ground", ["", "because", "17(3)(b); drop table", "99999"])
def test_a_refusal_needs_an_article(office, visit, ground):
    request_id = office.planned()
    assert decide(visit("dana"), request_id, "refuse", ground=ground).status_code == 422
    assert office.state(request_id) == "planned"


@pytest.mark.parametrize("kind", RequestKind)
def test_a_refusal_offers_each_ground_against_the_right_and_no_other(office, visit, kind):
    request_id = office.submit(kind=kind)
    html = visit("dana").get(f"/{ORG}/requests/{request_id}/refuse").text
    offered = re.findall(r'<option value="([^"]+)">Art\. ([^:]+): [a-z]', html)
    assert {value for value, _ in offered} == GROUNDS[kind]
    assert all(value == article for value, article in offered)
    # Those of the right itself come first, not those of any right.
    assert offered[0][0].startswith(RIGHTS[kind])
    assert decide(visit("dana"), request_id, "refuse", ground=offered[0][0]).status_code == 303


def test_what_was_changed_already_cannot_be_refused(office, visit):
    request_id = office.planned()
    office.move(request_id, "approved", "applied")
    assert decide(visit("dana"), request_id, "refuse", ground="17(3)(b)").status_code == 409
    assert "/refuse" not in visit("dana").get(f"/{ORG}/requests/{request_id}").text


def test_a_candidate_is_chosen_by_somebody_who_saw_them(office, visit):
    request_id, keys = office.ambiguous()
    dana = visit("dana")
    shown = decide(dana, request_id, "disclose")
    assert "Ada Lind 1" in shown.text
    assert all(key in shown.text for key in keys)
    assert MAIL in shown.text
    assert office.entries(request_id)[-1] == ("disclosed", "dpo")
    assert decide(dana, request_id, "resolve", contact_id=keys[1]).status_code == 303
    assert office.state(request_id) == "resolved"
    with office.stores.transaction(Role.PLANNER) as transaction:
        secret = transaction.queue.secrets.get(request_id, Purpose.PERSON)
    assert keys[1].encode() in office.stores.keys.decrypt(request_id, secret)


def test_candidates_show_what_tells_them_apart_who_wrote_and_what_if_it_is_neither(office, visit):
    request_id, keys = office.ambiguous()
    same = ["email", MAIL]
    candidates = [
        [key, [same, ["name", f"Ada Lind {number}"], ["phone", f"+471100000{number}"]], "{}"]
        for number, key in enumerate(keys)
    ]
    content = office.stores.keys.encrypt(request_id, json.dumps(candidates).encode())
    wrote = office.stores.keys.encrypt(
        request_id, json.dumps({"address": STRANGERS_MAIL, "language": "en"}).encode()
    )
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.secrets.put(request_id, Purpose.CANDIDATES, content)
        transaction.queue.secrets.put(request_id, Purpose.REQUESTER, wrote)
    dana = visit("dana")
    shown = decide(dana, request_id, "disclose").text
    assert "1: Ada Lind 0</label>" in shown
    assert "2: Ada Lind 1</label>" in shown
    assert shown.count(f'{MAIL} <span class="tag">both</span>') == 2
    assert shown.count("as in the request") == 2
    assert "+4711000001</dd>" in shown
    assert f"<dd>{STRANGERS_MAIL}</dd>" in shown
    assert "Neither of them" in shown
    assert "A letter states it" in shown
    assert f'href="/{ORG}/requests/{request_id}/refuse"' in shown
    refused = dana.get(f"/{ORG}/requests/{request_id}/refuse").text
    assert 'value="12(6)"' in refused


def test_candidates_without_a_full_name_show_the_names_and_the_key_that_they_have(office, visit):
    request_id, _ = office.ambiguous()
    with office.stores.transaction(Role.PLANNER) as transaction:
        people = [
            (key, Person(SubjectRef(request_id), ORG, (key,), (), short_names=(name,)), b"{}")
            for key, name in (("k-1", "Adalbert"), ("k-2", "Adelheid"))
        ]
        request = transaction.queue.requests.get(request_id)
        keep_candidates(request, people, office.desk(transaction))
    shown = decide(visit("dana"), request_id, "disclose").text
    assert "1: Adalbert</label>" in shown
    assert "2: Adelheid</label>" in shown
    assert "<code>k-2</code>" in shown


@pytest.mark.parametrize("given", ["", "nobody", "00000000-0000-4000-8000-000000000000"])
def test_nobody_but_a_candidate_can_be_chosen(office, visit, given):
    request_id, _ = office.ambiguous()
    answer = decide(visit("dana"), request_id, "resolve", contact_id=given)
    assert answer.status_code == 422
    assert office.state(request_id) == "ambiguous"


def test_each_look_at_personal_data_is_an_entry_and_no_entry_names_anybody(office, visit):
    request_id = office.planned()
    for count in (1, 2):
        assert MAIL in decide(visit("dana"), request_id, "disclose").text
        found = [action for action, _ in office.entries(request_id)]
        assert found.count("disclosed") == count
    assert MAIL not in str(office.query("select e::text from lacuna_evidence.entry e"))
    assert MAIL not in visit("dana").get(f"/{ORG}/requests/{request_id}").text


def test_the_new_values_of_a_correction_are_shown_before_its_approval(office, visit):
    request_id = office.planned(kind=RequestKind.RECTIFICATION)
    dana = visit("dana")
    for path in ("", "/approve"):
        read = dana.get(f"/{ORG}/requests/{request_id}{path}").text
        assert "Show the new values" in read
        assert "Ada Berg" not in read
    shown = decide(dana, request_id, "disclose").text
    assert "<dt>name</dt><dd>Ada Berg</dd>" in shown
    assert office.query(
        "select rows from lacuna_evidence.entry where action = 'disclosed' and request_id = %s",
        request_id,
    ) == [(2,)]  # with the address that came with it
    erasure = office.planned(mail="bo.lind@example.org")
    assert "Show the new values" not in dana.get(f"/{ORG}/requests/{erasure}").text


def test_personal_data_is_not_shown_where_its_entry_cannot_be_made(office, visit):
    request_id = office.planned()
    office.query("revoke insert on lacuna_evidence.entry from lacuna_dpo")
    answer = decide(visit("dana"), request_id, "disclose")
    assert answer.status_code == 500
    assert MAIL not in answer.text


def test_a_bundle_is_handed_to_whoever_may_see_personal_data(office, visit):
    request_id = office.planned()
    office.bundled(request_id)
    answer = decide(visit("dana"), request_id, "bundle")
    assert answer.content.startswith(b"age-encryption.org/v1")
    assert office.entries(request_id)[-1] == ("disclosed", "dpo")


@pytest.mark.parametrize("left", [b"age-encryption.org/v1 another's", None], ids=["other", "gone"])
def test_a_bundle_that_is_not_the_one_that_was_sealed_is_handed_to_nobody(office, visit, left):
    request_id = office.planned()
    office.bundled(request_id)
    file = office.stores.home / "bundles" / f"{request_id}.zip.age"
    file.unlink()
    if left is not None:
        file.write_bytes(left)
    answer = decide(visit("dana"), request_id, "bundle")
    assert 400 <= answer.status_code < 500
    assert b"age-encryption" not in answer.content
    assert ("disclosed", "dpo") not in office.entries(request_id)


def test_dpo_api_31_a_bundle_is_named_by_its_request_alone(office, visit):
    request_id = office.planned(mail="dot.dot@example.org")
    office.bundled(request_id)
    answer = decide(visit("dana"), request_id, "bundle")
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="{request_id}.zip.age"'
    for strange in ("..%2F..%2Fx", "../../x", f"{request_id}.zip.age"):
        answer = visit("dana").post(f"/{ORG}/requests/{strange}/bundle")
        assert answer.status_code in (404, 405, 415, 422)


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-3"}, {"range": "bytes=5-"}])
def test_dpo_api_29_an_expired_bundle_is_gone_whatever_part_is_asked_for(office, visit, headers):
    request_id = office.planned()
    office.bundled(request_id, days=-1)
    answer = visit("dana").post(
        f"/{ORG}/requests/{request_id}/bundle", data={"x": ""}, headers=headers
    )
    assert answer.status_code == 422  # a form of ours has no such field
    answer = visit("dana").post(
        f"/{ORG}/requests/{request_id}/bundle",
        content="",
        headers={**headers, "content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 410
    assert b"age-encryption" not in answer.content


def test_dpo_api_04_a_bundle_of_the_next_id_is_not_there(office, visit):
    request_id = office.planned()
    office.bundled(request_id)
    following = f"{int(request_id.replace('-', ''), 16) + 1:032x}"
    assert decide(visit("dana"), following, "bundle").status_code == 404


@pytest.mark.parametrize("deed", ["approve", "refuse", "resolve", "disclose", "bundle", "purge"])
def test_dpo_api_42_a_viewer_changes_nothing(office, visit, deed):
    request_id = office.planned()
    answer = decide(visit("vera"), request_id, deed, digest=DIGEST)
    # Nothing on the page purges: what is not there is not there for anybody.
    assert answer.status_code == (404 if deed == "purge" else 403)
    assert office.state(request_id) == "planned"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f"digest={DIGEST}&digest={DIGEST}", 422),
        (f"digest={DIGEST}&state=completed", 422),
        ("", 422),
        ("digest", 422),
        ("digest=%ff&x=%", 422),
        ("&".join(f"f{n}=1" for n in range(50)), 422),
        ("digest=" + "a" * 70_000, 413),
        (b"\xff\xfe", 422),
    ],
)
def test_a_form_has_its_own_fields_once_each(office, visit, body, status):
    request_id = office.planned()
    answer = visit("dana").post(
        f"/{ORG}/requests/{request_id}/approve",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == status
    assert office.state(request_id) == "planned"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/json", "multipart/form-data", ""]
)
def test_a_form_of_another_type_is_refused(office, visit, media_type):
    request_id = office.planned()
    answer = visit("dana").post(
        f"/{ORG}/requests/{request_id}/approve",
        content=f"digest={DIGEST}",
        headers={"content-type": media_type},
    )
    assert answer.status_code == 415
    assert office.state(request_id) == "planned"
