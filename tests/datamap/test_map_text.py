"""A map's text is edited, and everything else of it stays as it was written."""

from __future__ import annotations

import difflib

import yaml

from lacuna.datamap import merged, without

TEXT = """\
# Whose it is.
name: Desk
schemas: [desk]

kinds:
  agent:
    tables:
      desk.people: {rows: keep}
      desk.notes:
        rows: keep

tables:
  # The people.
  desk.people:
    key: id
    columns:
      id: {category: user.unique_id, erase: keep}
      # What it is called.
      state: {category: system.operations, erase: keep, values: [open]}

  desk.notes:
    key: id
    links:
      person: desk.people
      about: {table: desk.people, to: id}
      of:
        - {table: desk.people, where: {kind: a}}
        - {table: desk.notes, where: {kind: b}}
    columns:
      id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: unlink}

ignored:
  desk.view: a view
"""


def changes(after: str) -> list[str]:
    """Return the lines that were taken out and put in."""
    lines = difflib.ndiff(TEXT.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-" and line[1:].strip()]


def test_a_column_goes_behind_the_tables_own():
    after = merged(TEXT, "tables:\n  desk.people:\n    columns:\n      vip: {erase: keep}")
    assert changes(after) == ["+       vip: {erase: keep}"]
    assert list(yaml.safe_load(after)["tables"]["desk.people"]["columns"])[-1] == "vip"


def test_a_table_goes_behind_the_others_and_a_view_to_the_ignored():
    after = merged(TEXT, "tables:\n  desk.more:\n    key: id\nignored:\n  desk.other: a view")
    assert changes(after) == ["+   desk.more:", "+     key: id", "+   desk.other: a view"]
    assert list(yaml.safe_load(after)["tables"]) == ["desk.people", "desk.notes", "desk.more"]


def test_a_list_grows_and_what_is_written_in_one_line_keeps_the_rest():
    value = "tables:\n  desk.people:\n    columns:\n      state: {values: [open, closed]}"
    assert changes(merged(TEXT, value)) == [
        "-       state: {category: system.operations, erase: keep, values: [open]}",
        "+       state: {category: system.operations, erase: keep, values: [open, closed]}",
    ]


def test_a_value_is_written_over_and_a_new_key_at_the_end():
    after = merged(TEXT, 'name: "Other desk"\ncontroller: Desk')
    assert changes(after) == ["- name: Desk", "+ name: Other desk", "+ controller: Desk"]


def test_a_table_goes_with_all_links_to_it_alone():
    left = yaml.safe_load(without(TEXT, ["desk.people"]))
    assert list(left["tables"]) == ["desk.notes"]
    assert left["tables"]["desk.notes"]["links"] == {
        "of": {"table": "desk.notes", "where": {"kind": "b"}}
    }
    assert list(left["kinds"]["agent"]["tables"]) == ["desk.notes"]
    both = yaml.safe_load(without(TEXT, ["desk.notes"]))
    assert list(both["tables"]) == list(both["kinds"]["agent"]["tables"]) == ["desk.people"]


def test_a_column_goes_with_its_line_alone():
    after = without(TEXT, ["desk.notes.person"])
    assert changes(after) == ["-       person: {category: user.unique_id, erase: unlink}"]
