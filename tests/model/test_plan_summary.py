"""A plan by categories of data: nothing of its steps is left out, and each is in plain words."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from lacuna.datamap import load
from lacuna.model import plan
from lacuna.model.location import TableName
from lacuna.model.plan_summary import summary_of, together
from lacuna.model.treatment import Treatment
from lacuna.sql_files import SQL_FOLDER

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


def test_what_stays_is_named_by_the_labels_of_the_map_under_each_ground():
    table = MAP.tables[TableName.parse(CONTACTS)]
    columns = [one for one in table.columns if one.erasure.treatment is Treatment.KEEP]
    retain = {"kind": "Retain", "location": CONTACTS, "rows": 2}
    steps = [
        {**retain, "ground": f"{len(columns)} columns without personal data stay (Recital 26)"},
        {**retain, "ground": "for legal claims (17(3)(e))"},
        {"kind": "Retain", "location": "media", "rows": 1, "ground": "for legal claims"},
        {"kind": "Retain", "location": "keys.erased", "rows": 1, "ground": "kept to recognize"},
    ]
    one = summary_of(json.dumps(steps), MAP)
    label = table.label or "contacts"
    named = ", ".join(each.label or each.name.replace("_", " ") for each in columns)
    assert [line.kinds for line in one.stays] == [
        (f"{label}: {named}",),
        (label,),
        ("files in media",),
        (),
    ]
    assert together([one, one]).stays[0].kinds == one.stays[0].kinds


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
