"""Many plans approved at once: seen together, bound to one digest over all, all of them or none."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from tests.dpo_page.conftest import ORG, OTHER
from tests.model.test_plan_summary import CONTACTS, anonymize

FORM = {"content-type": "application/x-www-form-urlencoded"}


def send(client, path, fields):
    return client.post(f"/{ORG}/{path}", content=urlencode(fields), headers=FORM)


def planned(office, count: int) -> dict[str, str]:
    """Return requests that wait for approval, with the digests of their plans."""
    steps = json.dumps([anonymize(CONTACTS, 2, ["email", "suppress"])])
    found = {}
    for number in range(count):
        request_id = office.planned(mail=f"p{number}@example.org")
        found[request_id] = office.plan(request_id, f"anonymize crm.contact, rows: {number}", steps)
    return found


def fields_of(html: str) -> dict[str, str]:
    return dict(
        re.findall(r'<input type="hidden" name="(digest|plan_[^"]+)" value="([^"]+)"', html)
    )


def test_plans_are_seen_together_and_approved_by_one_digest(office, visit):
    plans = planned(office, 3)
    dana = visit("dana")
    listed = dana.get(f"/{ORG}?kind=approval").text
    boxes = dict(re.findall(r'type="checkbox" name="(plan_[^"]+)" value="([^"]+)"', listed))
    assert boxes == {f"plan_{one}": digest for one, digest in plans.items()}
    assert 'type="checkbox"' not in visit("vera").get(f"/{ORG}?kind=approval").text
    chosen = dict(list(boxes.items())[:2])
    seen = send(dana, "approvals", chosen).text
    assert "Approve 2 plans" in seen
    assert (
        '<td data-label="what happens">deleted</td><td class="n" data-label="rows or files">4 rows'
        in seen
    )
    fields = fields_of(seen)
    assert {name: fields[name] for name in chosen} == chosen
    answer = send(dana, "approvals/confirm", fields)
    assert answer.status_code == 303
    assert "2 plans approved." in dana.get(answer.headers["location"]).text
    states = [office.state(one) for one in plans]
    assert sorted(states) == ["approved", "approved", "planned"]
    for one in plans:
        approved = ("approved", "dpo") in office.entries(one)
        assert approved == (f"plan_{one}" in chosen)


def test_if_one_plan_changed_none_is_approved(office, visit):
    plans = planned(office, 2)
    dana = visit("dana")
    fields = fields_of(send(dana, "approvals", {f"plan_{k}": v for k, v in plans.items()}).text)
    office.plan(next(iter(plans)), "anonymize crm.contact, rows: 9")
    for path in ("approvals", "approvals/confirm"):
        answer = send(
            dana, path, fields if "confirm" in path else {f"plan_{k}": v for k, v in plans.items()}
        )
        assert answer.status_code == 409
        assert "1 of 2 plans changed" in answer.text
    assert {office.state(one) for one in plans} == {"planned"}


def test_a_digest_of_other_plans_approves_nothing(office, visit):
    plans = planned(office, 2)
    dana = visit("dana")
    fields = fields_of(send(dana, "approvals", {f"plan_{k}": v for k, v in plans.items()}).text)
    for wrong in ({**fields, "digest": "0" * 64}, dict(list(fields.items())[:2]), {"digest": "x"}):
        assert send(dana, "approvals/confirm", wrong).status_code == 422
    assert send(dana, "approvals", {}).status_code == 422
    assert send(dana, "approvals", {"plan_x": "y"}).status_code == 422
    strange = office.planned(OTHER, mail="other@example.org")
    assert send(dana, "approvals", {f"plan_{strange}": "x"}).status_code == 404
    assert {office.state(one) for one in plans} == {"planned"}


@pytest.mark.thorough
def test_the_first_of_two_officers_is_told_so_before_and_after(office, visit):
    office.query("insert into lacuna.two_officers (org_id, since) values (%s, now())", ORG)
    plans = planned(office, 2)
    boxes = {f"plan_{one}": digest for one, digest in plans.items()}
    for name, before, after, state in (
        ("dana", "the first of two approvals", "2 approvals recorded. A second officer", "planned"),
        ("dirk", "Lacuna carries all of them out", "2 plans approved.", "approved"),
    ):
        client = visit(name)
        seen = send(client, "approvals", boxes).text
        assert before in seen
        done = client.get(send(client, "approvals/confirm", fields_of(seen)).headers["location"])
        assert after in done.text
        assert {office.state(one) for one in plans} == {state}
    forged = visit("dana").get(f"/{ORG}?done=7").text
    assert "7 plans approved" not in forged
