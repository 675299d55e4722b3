"""A table of hundreds of columns is erased, and verified, as any other is."""

from __future__ import annotations

import pytest

from tests.brought import Brought
from tests.drifts import drifts_of
from tests.flows.test_unreached_rows import ADA, AGENT, DATAMAP, SCHEMA, SUBMITTER

WIDE = """
  desk.wide:
    processing: support
    key: id
    links: {person: desk.people}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: unlink, access: false, portability: false}
"""
COLUMN = (
    "{category: user.content, erase: suppress, access: true, portability: true, meaning: Text.}"
)


# PostgreSQL allows 1,600 columns; each value of a row takes some of a page's 8 kB.
@pytest.mark.parametrize("count", [402, pytest.param(1598, marks=pytest.mark.long)])
def test_a_person_is_erased_from_a_wide_table(database, lacuna_home, count):
    names = [f"c{number}" for number in range(count)]
    columns = "".join(f"      {name}: {COLUMN}\n" for name in names)
    text = DATAMAP.replace("LINKS", f"{SUBMITTER}, {AGENT}").replace("ALONE", "")
    path = lacuna_home / "datamap.yaml"
    path.write_text(text.replace("\nstores: {}", f"{WIDE}{columns}stores: {{}}"), "utf-8")
    declared = ", ".join(f"{name} text" for name in names)
    made = f"create table desk.wide (id bigint primary key, person bigint, {declared})"
    desk = Brought(database("lacuna"), lacuna_home, [SCHEMA, made], path)
    desk.query("insert into desk.wide (id, person, c1, c399) values (1, 1, 'Order 1003', 'x')")
    desk.query("insert into desk.wide (id, person, c1, c399) values (2, 2, 'Order 1004', 'y')")
    assert drifts_of(desk.stores) == ()
    (request_id,) = desk.erase(ADA)
    assert desk.query("select person, c1, c399 from desk.wide order by id") == [
        (None, None, None),
        (2, "Order 1004", "y"),
    ]
    assert desk.verification(request_id).passed
