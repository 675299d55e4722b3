import json
from pathlib import Path

import pytest

from pipelines.datamap import load, ropa_json, ropa_markdown, show
from pipelines.errors import ConfigurationError

SAMPLE = Path(__file__).parents[2] / "sql" / "contact_center" / "datamap.yaml"


def test_the_map_is_shown_column_by_column(load_changed, golden):
    datamap = load_changed("ignored: {crm.v: 'a view, holds no rows of its own'}")
    golden("datamap/show.txt", show(datamap) + "\n")


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
