"""A plan by categories of data: nothing of its steps is left out, and each is in plain words."""

from __future__ import annotations

import inspect
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from lacuna.datamap import load
from lacuna.dpo_page.plan_summary import summary_of, together
from lacuna.model import plan
from lacuna.model.treatment import Treatment
from lacuna.sql_files import SQL_FOLDER
from tests.dpo_page.conftest import NOW, ORG
from tests.dpo_page.test_decisions import decide

MAP = load(SQL_FOLDER / "contact_center" / "datamap.yaml")
CONTACTS = "contact_center.contacts"


def lines(*steps: dict[str, object]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    found = summary_of(json.dumps(steps), MAP)
    return [(one.what, one.how, one.count, one.places) for one in (*found.changes, *found.stays)]


def anonymize(table: str, rows: int, *treatments: list[str]) -> dict[str, object]:
    return {
        "kind": "AnonymizeRows",
        "location": table,
        "table": table,
        "rows": rows,
        "treatments": treatments,
    }


def test_columns_of_one_category_that_share_their_fate_are_one_line():
    found = lines(
        anonymize(
            CONTACTS,
            2,
            ["email", "suppress"],
            ["additional_emails", "empty"],
            ["first_name", "suppress"],
            ["last_name", "suppress"],
        ),
        anonymize("contact_center.identities", 3, ["no_such_column", "suppress"]),
    )
    assert found == [
        ("e-mail addresses", "deleted", 2, (CONTACTS,)),
        ("e-mail addresses", "emptied", 2, (CONTACTS,)),
        ("names", "deleted", 2, (CONTACTS,)),
        ("other personal data", "deleted", 3, ("contact_center.identities",)),
    ]


def test_what_stays_is_one_line_for_each_ground():
    found = lines(
        *(
            {"kind": "Retain", "location": place, "rows": rows, "ground": f"{rows} columns {why}"}
            for place, rows, why in (
                ("crm.a", 1, "without personal data stay (Recital 26)"),
                ("crm.b", 2, "without personal data stay (Recital 26)"),
                ("crm.b", 2, "for legal claims (17(3)(e))"),
            )
        )
    )
    assert found == [
        ("columns without personal data stay (Recital 26)", "", 3, ("crm.a", "crm.b")),
        ("columns for legal claims (17(3)(e))", "", 2, ("crm.b",)),
    ]


def test_rows_and_files_that_stay_on_one_ground_are_not_added_up():
    ground = "for legal claims (17(3)(e))"
    steps = [
        {"kind": "Retain", "location": place, "rows": rows, "ground": ground}
        for place, rows in (
            ("crm.a", 92),
            ("media/recordings/*.wav", 3),
            ("media", 2),
            ("crm.b", 1),
        )
    ]
    one = summary_of(json.dumps(steps), MAP)
    told = [(line.unit, line.count) for line in one.stays]
    assert told == [("row", 93), ("file", 5)]
    assert [(line.unit, line.count) for line in together([one, one]).stays] == [
        ("row", 186),
        ("file", 10),
    ]


def test_a_plan_of_all_rights_is_told_whole():
    steps = json.loads((Path(__file__).parents[1] / "golden/plan/all_rights.json").read_text())
    found = lines(*steps)
    told = {place for _, _, _, places in found for place in places}
    assert told == {str(step.get("table") or step["location"]) for step in steps}
    assert ("files", "deleted", 1, ("media",)) in found
    assert ("a copy of the person's data", "handed over", 32, ("lacuna",)) in found


def kinds() -> list[type]:
    found = dict(inspect.getmembers(plan, inspect.isclass))
    return [found[one.__name__] for one in plan.Step.__args__]


@pytest.mark.parametrize("kind", kinds(), ids=lambda each: each.__name__)
def test_every_kind_of_step_has_words(kind):
    fields = {
        "table": CONTACTS,
        "store": "media",
        "location": CONTACTS,
        "rows": 1,
        "ground": "x",
        "right": "restriction",
        "treatments": [["email", "suppress"]],
        "columns": [["email", 1]] if "Copies" in kind.__name__ else ["email"],
    }
    ((what, how, count, _),) = lines({"kind": kind.__name__, **fields})
    assert what
    assert count == 1
    assert (what, how) != ("reports", "computed again") or kind is plan.RefreshView


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


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("json_keys(type)", "the key type stays, everything else is removed"),
        (
            "json_keys(customer_since,newsletter)",
            "the keys customer_since and newsletter stay, everything else is removed",
        ),
        ("delete_object(media)", "the file deleted, and the path to it"),
    ],
)
def test_no_code_of_the_data_map_is_in_the_summary(code, words):
    step = anonymize("contact_center.contacts", 3, ["email", code])
    (line,) = summary_of(json.dumps([step]), MAP).changes
    assert line.how == words


def test_every_treatment_has_words():
    for treatment in Treatment:
        if treatment in (Treatment.KEEP, Treatment.REDACT):
            continue
        step = anonymize("contact_center.contacts", 3, ["email", f"{treatment}(x)"])
        (line,) = summary_of(json.dumps([step]), MAP).changes
        assert "(x)" not in line.how
        assert "_" not in line.how
