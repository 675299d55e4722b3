"""Properties of the paths and the order that links make, over made-up maps without circles."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna.datamap import load
from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.table import Link, Table

FOLDER = Path(__file__).parents[2] / "sql" / "contact_center"
SAMPLE = load(FOLDER / "datamap.yaml")


@st.composite
def maps(draw: st.DrawFn) -> DataMap:
    """Tables 0 to n; each may link to tables with a smaller number, so there is no circle."""
    count = draw(st.integers(1, 8))
    names = [TableName("s", f"t{number}") for number in range(count)]
    a_table = SAMPLE.tables[SAMPLE.subject.table]
    tables = []
    for number, name in enumerate(names):
        targets = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        links = tuple(Link(f"c{place}", names[to]) for place, to in enumerate(targets))
        tables.append(replace(a_table, name=name, links=links))
    shuffled = draw(st.permutations(tables))
    return replace(
        SAMPLE,
        tables={table.name: table for table in shuffled},
        subject=replace(SAMPLE.subject, table=names[0]),
    )


def reaches(datamap: DataMap, table: Table, target: TableName) -> bool:
    return table.name == target or any(
        reaches(datamap, datamap.tables[link.table], target) for link in table.links
    )


@given(maps())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_row_is_treated_before_the_row_it_points_to(datamap):
    order = [table.name for table in datamap.in_erasure_order()]
    assert sorted(order) == sorted(datamap.tables)
    for table in datamap.tables.values():
        for link in table.links:
            assert order.index(table.name) < order.index(link.table)


@given(maps())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_path_leads_along_links_to_the_target(datamap):
    subject = datamap.subject.table
    for table in datamap.tables.values():
        chains = list(datamap.path_to(table.name, subject))
        assert bool(chains) == reaches(datamap, table, subject)
        assert len(chains) == len(set(chains)), "a path twice"
        assert chains == sorted(chains, key=len)
        for chain in chains:
            here = table.name
            for link in chain:
                assert link in datamap.tables[here].links
                here = link.table
            assert here == subject


@given(maps())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_there_are_as_many_paths_as_ways_to_choose_links(datamap):
    subject = datamap.subject.table

    def ways(name: TableName) -> int:
        return (
            1 if name == subject else sum(ways(link.table) for link in datamap.tables[name].links)
        )

    for name in datamap.tables:
        assert len(list(datamap.path_to(name, subject))) == ways(name)


@pytest.mark.parametrize(
    ("table", "lengths"),
    [
        ("contacts", [0]),
        ("conversations", [1]),
        ("messages", [1, 2]),
        ("attachments", [2, 3]),
        ("transcripts", [3]),
        ("ratings", [1, 2]),
        ("agents", []),
    ],
)
def test_paths_of_the_sample(table, lengths):
    chains = SAMPLE.path_to(TableName("contact_center", table), SAMPLE.subject.table)
    assert [len(chain) for chain in chains] == lengths
