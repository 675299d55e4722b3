"""The plan that an officer saw before, and what differs since."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from tests.dpo_page.conftest import NOW, ORG
from tests.dpo_page.test_decisions import decide
from tests.model.test_plan_summary import CONTACTS, anonymize


def test_the_page_shows_the_summary_and_folds_the_steps(office, visit):
    request_id = office.planned()
    steps = json.dumps([anonymize(CONTACTS, 1, ["email", "suppress"])])
    office.plan(request_id, "anonymize contact_center.contacts, rows: 1", steps)
    dana = visit("dana")
    for path in ("", "/approve"):
        html = dana.get(f"/{ORG}/requests/{request_id}{path}").text
        assert '<td data-label="data">e-mail addresses</td>' in html
        assert "<details><summary>1 step" in html


# --- the plan that the officer saw before ---------------------------------------------------------

AGAIN = "The plan was made again since you saw another one on"


def steps_of(**rows: int) -> str:
    return json.dumps(
        [anonymize(CONTACTS, count, [name, "suppress"]) for name, count in rows.items()]
    )


def cells(html: str) -> list[tuple[str, ...]]:
    """Return the lines of the difference on a page: data, before, now, and what became of it."""
    found = re.findall(
        r'<td data-label="data">([^<]*)</td><td data-label="what happens">[^<]*</td>'
        r'<td class="n" data-label="before">([^<]*)</td><td class="n" data-label="now">([^<]*)</td>'
        r'<td data-label="difference">([^<]*)</td>',
        html,
    )
    return [tuple(each) for each in found]


def test_a_plan_that_was_made_again_is_compared_with_the_one_seen_before(office, visit):
    request_id = office.planned()
    office.plan(request_id, "first", steps_of(email=2, first_name=1, language=4))
    path = f"/{ORG}/requests/{request_id}"
    dana, dirk = visit("dana"), visit("dirk")
    first = dana.get(path).text
    assert "as you saw it" not in first
    assert AGAIN not in first
    office.clock.moment = NOW + timedelta(minutes=5)
    assert "as you saw it" not in dana.get(f"{path}/approve").text
    office.clock.moment = NOW + timedelta(hours=1)
    assert "as you saw it on <time" in dana.get(path).text
    office.plan(request_id, "second", steps_of(email=5, first_name=1, phone_e164=1))
    for each in (path, f"{path}/approve", path):
        html = dana.get(each).text
        assert f"{AGAIN} <time" in html
        assert cells(html) == [
            ("e-mail addresses", "2", "5", "3 more"),
            ("telephone numbers", "", "1", "new"),
            ("demographic data", "4", "", "gone"),
        ]
    # Whoever saw neither, and whoever may not decide, is told of no difference.
    for client in (dirk, visit("vera")):
        assert AGAIN not in client.get(path).text


def test_what_only_names_other_rows_differs_in_no_count(office, visit):
    request_id = office.planned()
    office.plan(request_id, "first", steps_of(email=2))
    dana = visit("dana")
    dana.get(f"/{ORG}/requests/{request_id}")
    office.plan(request_id, "second", steps_of(email=2))
    html = dana.get(f"/{ORG}/requests/{request_id}").text
    assert "By category of data and count, it is the same." in html


def test_of_many_plans_the_last_two_that_were_seen_are_kept_until_the_request_closes(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    for count in range(1, 5):
        office.clock.moment = NOW + timedelta(minutes=count)
        office.plan(request_id, f"plan {count}", steps_of(email=count))
        html = dana.get(f"/{ORG}/requests/{request_id}").text
    assert cells(html) == [("e-mail addresses", "3", "4", "1 more")]
    assert office.query("select count(*) from lacuna.plan_view") == [(2,)]
    assert decide(dana, request_id, "refuse", ground="17(3)(b)").status_code == 303
    assert office.query("select count(*) from lacuna.plan_view") == [(0,)]


def test_a_program_that_reads_the_page_has_seen_no_plan(office, visit):
    request_id = office.planned()
    visit("dana").get(f"/{ORG}/requests/{request_id}", headers={"accept": "*/*"})
    assert office.query("select count(*) from lacuna.plan_view") == [(0,)]
