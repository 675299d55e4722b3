"""The checklist of Art. 15 and the line to Art. 20, for the person whom the bundle is about."""

import json
from dataclasses import replace

import pytest

from lacuna.bundle import write
from lacuna.bundle.selection import portable_columns
from lacuna.bundle.words import in_english
from lacuna.model.bundle import Exclusion
from lacuna.model.processing import TenantContacts
from tests.bundle import example


@pytest.fixture
def information(folder, content) -> dict:
    write(folder, content)
    return json.loads((folder / "information.json").read_bytes())


@pytest.fixture
def page(folder, information) -> str:
    return (folder / "information.html").read_text("utf-8")


def found(content) -> dict[str, set[str]]:
    """By processing: the personal columns in which something of this person stands."""
    by_processing: dict[str, set[str]] = {}
    for table in content.tables:
        for place, name in enumerate(table.columns):
            column = content.datamap.tables[table.table].column(name)
            values = [row[place] for row in table.rows()]
            if column.is_personal and any(value not in (None, "", [], {}) for value in values):
                where = by_processing.setdefault(column.processing, set())
                where.add(f"{table.table}.{name}")
    return by_processing


def test_0_it_says_whether_data_is_processed(information):
    assert information["is_processed"] is True
    assert information["confirmation"].startswith("Personal data about you is processed.")


def test_a_to_d_g_h_and_transfers_for_what_is_present_of_this_person_and_nothing_else(
    information, content, page
):
    processings = {each["name"]: each for each in information["processings"]}
    present = found(content)
    assert {name: {*columns_of(each)} for name, each in processings.items()} == present
    for name, said in processings.items():
        meant = content.datamap.processings[name]
        assert said["purpose"] == meant.purpose  # (a)
        assert all(each["values"] > 0 for each in said["categories"])  # (b)
        assert tuple(said["recipients"]) == meant.recipients  # (c)
        assert said["retention"] == meant.retention  # (d)
        assert said["source"] == (
            meant.source or "you, directly or through your use of the service"
        )
        assert said["automated_decisions"] == meant.automated_decisions  # (h)
        assert said["transfers"] == (meant.transfers or "none")  # 15(2)
        assert said["lawful_basis"] == meant.lawful_basis
        assert meant.purpose in page


def columns_of(processing: dict) -> list[str]:
    return [column for each in processing["categories"] for column in each["columns"]]


def test_a_person_without_a_recording_is_not_told_about_recordings(content, folder):
    tables = tuple(each for each in content.tables if each.table.name != "recordings")
    write(folder, replace(content, tables=tables))
    information = json.loads((folder / "information.json").read_bytes())
    assert "recording" not in {each["name"] for each in information["processings"]}
    assert "Record calls" not in (folder / "information.html").read_text("utf-8")


def test_e_it_names_every_right(information, page):
    rights = {each["article"]: each["right"] for each in information["rights"]}
    assert [*rights] == ["16", "17", "18", "20", "21(1)", "21(2)", "7(3)"]
    # To whatever rests on 6(1)(e) or (f) for reasons, to direct marketing without any.
    assert "public interest" in rights["21(1)"]
    assert "legitimate interests" in rights["21(1)"]
    assert "direct marketing" in rights["21(2)"]
    assert all(f"{right} (Art. {article})" in page for article, right in rights.items())


def test_a_complaint_and_a_court_are_named_where_the_rights_are(content, folder):
    write(folder, content)
    for name in ("README.html", "information.html"):
        page = (folder / name).read_text("utf-8")
        assert f"Art. 15(1)(f): {content.tenant.authority}" in page
        assert "a judicial remedy, Art. 79." in page


def test_f_13_authority_controller_and_officer_are_those_of_the_tenant(content, folder):
    own = TenantContacts("Nordlys A/S, Havnegade 1", "dpo@nordlys.example.org", "CNIL")
    write(folder, replace(content, tenant=own))
    for name in ("information.json", "information.html", "manifest.json", "README.html"):
        text = (folder / name).read_text("utf-8")
        for words in (own.controller, own.dpo, own.authority):
            assert words in text
        assert "Datatilsynet" not in text


def test_11_what_was_covered_is_disclosed_with_its_count(information, content):
    counted = {
        (each["source"], each["reason"]): each["count"] for each in information["redactions"]
    }
    assert counted
    assert all(counted.values())
    assert {in_english(each.reason) for each in content.redactions} <= {
        reason for _, reason in counted
    }


def test_columns_that_are_about_others_are_named_and_nothing_is_called_complete(content, folder):
    excluded = (Exclusion("shop.tickets.assignee", "about others", "15(4)"),)
    write(folder, replace(content, excluded=(*content.excluded, *excluded)))
    page = (folder / "information.html").read_text("utf-8")
    section = page.partition("Left out: other people")[2].partition("</table>")[0]
    assert "Agent in charge" in section
    assert "All sources are included in full." not in page
    write(folder.with_name("without"), replace(content, excluded=(), incomplete_sources=()))
    page = (folder.with_name("without") / "information.html").read_text("utf-8")
    assert "Left out: other people" not in page
    assert "All sources are included in full." in page


def test_12_codes_that_occur_are_explained(information, page):
    codes = information["codes"]
    assert codes["shop.tickets.state"]["legend"] == {
        "open": "an agent works on it",
        "closed": "it is finished",
    }
    assert "an agent works on it" in page


def test_13_date_of_the_data_and_the_request_are_named(information, page):
    assert information["snapshot_at"] == "2026-03-02T02:00:00Z"
    assert information["request_id"] == example.REQUEST_ID
    assert example.REQUEST_ID in page


def test_people_read_the_number_that_their_letters_name(content, folder):
    numbered = replace(content, order=replace(content.order, number="SH-0042"))
    write(folder, numbered)
    for name in ("README.html", "information.html"):
        page = (folder / name).read_text("utf-8")
        assert "SH-0042" in page
        assert content.order.request_id not in page, name


def test_10_and_20_the_subset_is_part_of_the_copy_and_was_provided(content, folder, information):
    """Art. 20 is part of Art. 15: file by file, column by column, row by row."""
    for path in folder.glob("portability/json/*.json"):
        part = json.loads(path.read_bytes())
        whole = json.loads((folder / "access/json" / path.name).read_bytes())
        kept = [row for row in whole if row.get("sender") in (None, "customer")]
        assert part == [{name: row[name] for name in part[0]} for row in kept]
        mapped = next(
            table for name, table in content.datamap.tables.items() if f"{name}.json" == path.name
        )
        assert part[0].keys() == portable_columns(content.datamap, mapped)
        for name in part[0]:
            column = mapped.column(name)
            basis = content.datamap.processings[column.processing].lawful_basis
            assert column.in_portability
            assert basis in {"6(1)(a)", "6(1)(b)"}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for each in manifest["files"]:
        assert (each["article"] == "15+20") == each["path"].startswith("portability/")


def test_choices_of_the_person_are_in_their_history(content, folder, shop_map):
    name = next(name for name in shop_map.tables if name.name == "recordings")
    mapped = shop_map.tables[name]
    columns = tuple(
        replace(
            column, category="user.privacy_preferences", legend={"42": "agreed"}, object_store=None
        )
        if column.name == "seconds"
        else column
        for column in mapped.columns
    )
    datamap = replace(shop_map, tables={**shop_map.tables, name: replace(mapped, columns=columns)})
    write(folder, replace(content, datamap=datamap))
    recorded, chosen = json.loads((folder / "history/consents.json").read_bytes())
    assert recorded["purpose"] == "call recording"
    assert chosen["purpose"] == "Record calls to train agents."
    assert {"column": "seconds", "value": 42, "meaning": "Length in seconds."}.items() <= next(
        each for each in chosen["answers"] if each["column"] == "seconds"
    ).items()
