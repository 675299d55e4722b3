"""What an erasure does: each thing that was found is decided on once, in an order that works."""

import pytest
from hypothesis import given

from lacuna.errors import BlastRadiusExceeded
from lacuna.model.location import ColumnName
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    Inventory,
    RedactMentions,
    RedactText,
    Retain,
    RewriteObjects,
    RowsFound,
    location_of,
)
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.plan import check_size, erasure_steps
from tests.plan.inventories import DATAMAP, INVENTORIES, TABLES, table

OWN = (AnonymizeRows, RedactText, DeleteRows)


def steps_of(inventory, *, has_bundle=False):
    return erasure_steps(inventory, DATAMAP, has_bundle=has_bundle)


def at(steps, name, kind):
    """Return the steps of a kind at a table."""
    return [step for step in steps if isinstance(step, kind) and location_of(step) == str(name)]


@given(INVENTORIES)
def test_every_column_of_an_own_table_is_decided_on_once(inventory):
    steps = steps_of(inventory)
    for found in inventory.rows:
        mapped = DATAMAP.tables[found.table]
        rows = len(found.keys)
        redacted = at(steps, found.table, RedactText)
        treated = at(steps, found.table, AnonymizeRows)
        deleted = at(steps, found.table, DeleteRows)
        kept = at(steps, found.table, Retain)
        assert all(step.rows == rows for step in (*redacted, *treated, *deleted, *kept))
        if mapped.rows is RowErasure.DELETE:
            assert (redacted, treated, len(deleted), kept) == ([], [], 1, [])
        elif mapped.rows is RowErasure.KEEP:
            assert (redacted, treated, deleted, len(kept)) == ([], [], [], 1)
        else:
            names = [name for step in redacted for name in step.columns]
            names += [name for step in treated for name, _ in step.treatments]
            left = {each.name for each in mapped.columns} - set(names)
            assert len(names) == len(set(names))
            assert {mapped.column(each).erasure.treatment for each in left} == {Treatment.KEEP}
            assert [step.ground.split()[0] for step in kept] == [str(len(left))]
            assert deleted == []


@given(INVENTORIES)
def test_nothing_is_done_where_nothing_was_found(inventory):
    found = {each.table for each in inventory.rows}
    for step in steps_of(inventory):
        if isinstance(step, OWN):
            assert step.table in found


@given(INVENTORIES)
def test_every_mention_is_in_one_step(inventory):
    steps = [step for step in steps_of(inventory) if isinstance(step, RedactMentions)]
    named = [ColumnName(step.table, name) for step in steps for name in step.columns]
    assert sorted(named) == sorted(each.column for each in inventory.mentions)
    for step in steps:
        keys = [each.keys for each in inventory.mentions if each.column.table == step.table]
        assert step.rows == len(frozenset().union(*keys))


@given(INVENTORIES)
def test_every_object_is_counted_once(inventory):
    steps = steps_of(inventory)
    deleted = [step for step in steps if isinstance(step, DeleteObjects)]
    rewritten = [step for step in steps if isinstance(step, RewriteObjects)]
    gone = [each for each in inventory.objects if not each.is_rewritten]
    assert sum(step.rows + step.missing for step in deleted) == len(gone)
    assert sum(step.byte_count for step in deleted) == sum(each.byte_count or 0 for each in gone)
    assert sum(step.missing for step in deleted) == sum(each.byte_count is None for each in gone)
    assert sum(step.rows for step in rewritten) == len(inventory.objects) - len(gone)


@given(INVENTORIES)
def test_a_row_is_treated_before_the_row_that_it_points_to(inventory):
    places = [step.table for step in steps_of(inventory) if isinstance(step, OWN)]
    for mapped in TABLES:
        for link in mapped.links:
            if mapped.name in places and link.table in places:
                last = max(at for at, name in enumerate(places) if name == mapped.name)
                assert last < places.index(link.table), f"{mapped.name} after {link.table}"


@given(INVENTORIES)
def test_own_rows_come_first_then_mentions_then_objects_then_what_stays(inventory):
    order = {RedactMentions: 1, DeleteObjects: 2, RewriteObjects: 2}
    ranks = [
        order.get(type(step), 3 if getattr(step, "location", None) == "lacuna" else 0)
        for step in steps_of(inventory)
    ]
    assert ranks == sorted(ranks)


def test_nothing_found_is_no_step():
    assert steps_of(Inventory((), (), (), open_conversations=0, kept_identifiers=0)) == ()


def test_what_stays_is_a_step_with_its_ground():
    inventory = Inventory((), (), (), open_conversations=0, kept_identifiers=2)
    shared, bundle = steps_of(inventory, has_bundle=True)
    assert (shared.location, shared.rows) == ("lacuna", 2)
    assert "15(4)" in shared.ground
    assert (bundle.location, bundle.rows) == ("bundles", 1)
    assert "15(3)" in bundle.ground


def test_a_table_that_only_takes_the_time_of_erasure_is_still_anonymized():
    found = RowsFound(table("marks"), frozenset({("1",)}))
    anonymized, kept = steps_of(
        Inventory((found,), (), (), open_conversations=0, kept_identifiers=0)
    )
    assert anonymized == AnonymizeRows(table("marks"), (), 1)
    assert isinstance(kept, Retain)


def test_a_plan_as_large_as_its_limit_is_no_larger():
    check_size("r-1", 9, 9)
    with pytest.raises(BlastRadiusExceeded, match="r-1: the plan changes 10 rows, the limit is 9"):
        check_size("r-1", 10, 9)
