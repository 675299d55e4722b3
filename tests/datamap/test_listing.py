import json
import re
from pathlib import Path

import pytest

from lacuna.datamap import (
    first_look,
    load,
    processor_json,
    processor_markdown,
    ropa_json,
    ropa_markdown,
    show,
)
from lacuna.errors import ConfigurationError

SAMPLE = Path(__file__).parents[2] / "sql" / "contact_center" / "datamap.yaml"


def test_the_map_is_shown_column_by_column(load_changed, golden):
    datamap = load_changed("ignored: {crm.v: 'a view without rows of its own'}")
    golden("datamap/show.txt", show(datamap) + "\n")


def test_what_deserves_a_look_first_is_short(load_changed, golden):
    datamap = load_changed()
    golden("datamap/first_look.txt", first_look(datamap) + "\n")


def test_each_personal_column_that_stays_in_a_persons_row_is_in_the_first_look():
    datamap = load(SAMPLE)
    text = first_look(datamap).partition("personal data that stays")[2].partition("\n\n")[0]
    place = "contact_center.contacts"
    table = next(one for name, one in datamap.tables.items() if str(name) == place)
    (line,) = [line for line in text.splitlines() if line.startswith(f"  {place}: ")]
    kept = [
        column.name
        for column in table.columns
        if column.is_personal and str(column.erasure.treatment) == "keep"
    ]
    assert line == f"  {place}: {', '.join(kept)}"


def test_the_record_of_processing_is_written_for_people(load_text, small, golden):
    golden("datamap/ropa.md", ropa_markdown(load_text(small)))


def test_the_record_of_processing_is_written_for_machines(load_text, small, golden):
    golden("datamap/ropa.json", ropa_json(load_text(small)))


def test_a_special_category_stands_out_in_the_record(load_changed):
    column = "category: user.health.condition, erase: suppress, access: false, portability: false"
    datamap = load_changed(
        f"tables: {{crm.customers: {{columns: {{allergy: {{{column}}}}}}}}}",
        "processings: {support: {transfers: To Norway, automated_decisions: None at all.}}",
    )
    assert "- Special categories (Art. 9): user.health.condition\n" in ropa_markdown(datamap)
    support = json.loads(ropa_json(datamap))["activities"][0]
    assert support["special_categories"] == ["user.health.condition"]
    assert support["transfers_to_third_countries"] == "To Norway"


def test_every_processing_and_personal_column_of_the_sample_is_in_its_record():
    datamap = load(SAMPLE)
    record = json.loads(ropa_json(datamap))
    assert record["data_map"]["digest"] == datamap.digest
    assert {each["name"] for each in record["activities"]} == set(datamap.processings)
    listed = [place for each in record["activities"] for place in each["columns"]]
    personal = [
        f"{table.name}.{column.name}"
        for table in datamap.tables.values()
        for column in table.columns
        if column.is_personal
    ]
    assert sorted(listed) == sorted(personal)
    text = ropa_markdown(datamap)
    for processing in datamap.processings.values():
        assert processing.purpose in text


def test_the_record_names_each_kind_of_people_that_the_map_has_rules_for():
    datamap = load(SAMPLE)
    agents = {
        f"{table.name}.{column.name}"
        for table in datamap.kinds["agent"].tables.values()
        for column in table.columns
        if column.in_access
    }
    activities = json.loads(ropa_json(datamap))["activities"]
    for each in activities:
        is_theirs = bool(agents.intersection(each["columns"]))
        assert ("agents" in each["categories_of_data_subjects"]) is is_theirs
    assert any("agents" in each["categories_of_data_subjects"] for each in activities)
    assert "- People: contacts, agents" in ropa_markdown(datamap)


def test_every_column_of_the_sample_is_shown():
    datamap = load(SAMPLE)
    lines = show(datamap).splitlines()
    for table in datamap.tables.values():
        head = next(n for n, line in enumerate(lines) if line.startswith(f"{table.name}   "))
        shown = [line.split()[0] for line in lines[head + 1 : head + 1 + len(table.columns)]]
        assert shown == [column.name for column in table.columns]


def test_each_tenant_has_a_record_of_its_own(load_changed):
    datamap = load_changed(
        "tenants: {nord: {controller: Nord A/S, dpo: dpo@nord.example.org}}\n"
        "security: [Disks are encrypted]"
    )
    record = json.loads(ropa_json(datamap, "nord"))
    assert record["tenant"] == "nord"
    assert record["controller"] == "Nord A/S"
    assert record["supervisory_authority"] == "Datatilsynet"
    assert record["security_measures"][0] == "Disks are encrypted"
    support, statistics = record["activities"]
    assert support["categories_of_data_subjects"] == ["contacts"]
    assert support["erased_without_request"] == ["crm.comments after 90 days"]
    assert support["recipients"] == ["the support team"]
    assert statistics["categories_of_data_subjects"] == ["employees and others"]
    text = ropa_markdown(datamap, "nord")
    assert "# Record of processing activities: crm, nord" in text
    assert "- Controller: Nord A/S" in text
    assert "- Disks are encrypted" in text


def test_a_record_of_a_tenant_that_is_not_there_is_refused(load_text, small):
    with pytest.raises(ConfigurationError, match="names no tenant 'south'; known: none"):
        ropa_markdown(load_text(small), "south")


OWN_BASES = """
representative: Example SARL, 1 rue de l'Exemple, Paris
joint_controllers: [Sister A/S]
processor: {name: Desk Inc., dpo: dpo@desk.example.com, representative: Desk BV}
tenants:
  nord:
    controller: Nord A/S
    dpo: dpo@nord.example.com
    joint_controllers: [Other Oy]
    processings:
      support: {lawful_basis: 6(1)(f), keep_for_days: 30, retention: Thirty days.}
  sued: {controller: Süd GmbH, dpo: dpo@sued.example.com, representative: Süd SA}
"""


def activity(record: str, name: str = "support") -> dict:
    return next(each for each in json.loads(record)["activities"] if each["name"] == name)


def test_a_tenant_has_its_own_basis_and_period_and_the_others_have_the_maps(load_changed):
    datamap = load_changed(OWN_BASES)
    theirs = activity(ropa_json(datamap, "nord"))
    assert (theirs["lawful_basis"], theirs["keep_for_days"]) == ("6(1)(f)", 30)
    assert theirs["retention"] == "Thirty days."
    assert theirs["purpose"] == activity(ropa_json(datamap))["purpose"]
    assert activity(ropa_json(datamap, "sued")) == activity(ropa_json(datamap))
    # It decides what is deleted for lack of consent, and what is portable.
    assert datamap.digest != load_changed(OWN_BASES.replace("6(1)(f)", "6(1)(b)")).digest


def test_the_record_has_representatives_and_joint_controllers(load_changed):
    datamap = load_changed(OWN_BASES)
    own, nord = json.loads(ropa_json(datamap)), json.loads(ropa_json(datamap, "nord"))
    assert own["representative"] == "Example SARL, 1 rue de l'Exemple, Paris"
    assert own["joint_controllers"] == ["Sister A/S"]
    assert (nord["representative"], nord["joint_controllers"]) == (None, ["Other Oy"])
    assert "- Representative in the Union: Süd SA\n" in ropa_markdown(datamap, "sued")
    # Who is told of it changes no plan that was approved.
    assert datamap.digest == load_changed(OWN_BASES.replace("Other Oy", "Third Oy")).digest


def test_a_period_that_nothing_enforces_is_said_to_be_so(load_changed):
    kept = "processings: {support: {keep_for_days: %d}}"
    in_time = activity(ropa_json(load_changed(kept % 90)))
    assert "crm.comments.body" not in in_time["kept_longer_unless_erased_otherwise"]
    assert "crm.customers.email" in in_time["kept_longer_unless_erased_otherwise"]
    too_late = load_changed(kept % 89)  # the sweep redacts after 90 days
    left = activity(ropa_json(too_late))["kept_longer_unless_erased_otherwise"]
    assert "crm.comments.body" in left
    assert f"the period of 89 days for {len(left)} of {len(left)} columns" in ropa_markdown(
        too_late
    )


def test_the_processors_record_has_every_controller_and_what_is_done_for_it(load_changed):
    datamap = load_changed(OWN_BASES)
    record = json.loads(processor_json(datamap))
    assert record["article"] == "30(2)"
    assert (record["processor"], record["representative"]) == ("Desk Inc.", "Desk BV")
    assert [one["tenant"] for one in record["controllers"]] == [None, "nord", "sued"]
    for one in record["controllers"]:
        assert {each["name"] for each in one["categories_of_processing"]} == {
            each["name"] for each in json.loads(ropa_json(datamap))["activities"] if each["columns"]
        }
    text = processor_markdown(datamap)
    assert "## Every other tenant\n" in text
    assert "- Joint controllers: Other Oy\n" in text
    with pytest.raises(ConfigurationError, match="names no processor"):
        processor_json(load_changed())


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{suport: {lawful_basis: 6(1)(f)}}", "has no such processing; known: "),
        ("{support: {lawful_basis: 6(1)(g)}}", "written 6(1)(a) to 6(1)(f)"),
        ("{support: {keep_for_days: 30}}", "also write keep_for_days, because retention tells"),
        ("{support: {lawfull_basis: 6(1)(f)}}", "did you mean 'lawful_basis'"),
    ],
)
def test_a_processing_of_a_tenant_that_does_not_hold_together_is_refused(
    load_changed, entry, problem
):
    with pytest.raises(ConfigurationError, match=re.escape(problem)):
        load_changed(
            f"tenants: {{nord: {{controller: N, dpo: d@example.org, processings: {entry}}}}}"
        )
