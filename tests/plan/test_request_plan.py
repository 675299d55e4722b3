"""The plan of a request: its rights in their order, erasure last."""

from dataclasses import replace

import pytest
from hypothesis import given

from lacuna.errors import EvidenceBroken, RequestError
from lacuna.model.identity import IdentityBasis
from lacuna.model.location import ColumnName, ObjectPath
from lacuna.model.plan import (
    Inventory,
    MentionsFound,
    ObjectFound,
    Plan,
    Rectify,
    RedactText,
    Restrict,
    Retain,
    RowsFound,
    WriteBundle,
)
from lacuna.model.queue import StoredPlan
from lacuna.model.request import RequestKind
from lacuna.plan import Rectified, as_json, plan_request, render, restore, values_digest
from tests.plan.inventories import DATAMAP, INVENTORIES, NONCE, NOW, REQUEST, REQUESTS, table

NEW = {"email": "b@example.org", "born": "1990"}


def keys(count):
    return frozenset((str(number),) for number in range(count))


EVERYTHING = Inventory(
    rows=(
        RowsFound(table("people"), keys(2)),
        RowsFound(table("talks"), keys(5)),
        RowsFound(table("notes"), keys(17)),
        RowsFound(table("aliases"), keys(3)),
        RowsFound(table("invoices"), keys(1)),
        RowsFound(table("marks"), keys(4)),
    ),
    mentions=(
        MentionsFound(ColumnName(table("notes"), "text"), keys(2)),
        MentionsFound(ColumnName(table("talks"), "subject"), keys(1)),
    ),
    objects=(
        ObjectFound(ObjectPath("media", "calls/1.wav"), "calls/*", 700, 1, False),
        ObjectFound(ObjectPath("media", "calls/2.wav"), "calls/*", None, 1, False),
        ObjectFound(ObjectPath("media", "exports/a"), "exports/*", 50, 3, True),
    ),
    open_conversations=0,
    kept_identifiers=1,
)


def plan_of(*kinds, inventory=EVERYTHING):
    request = replace(REQUEST, kinds=kinds)
    return plan_request(request, inventory, DATAMAP, NONCE, rectified=Rectified(NEW))


def stored(plan):
    return StoredPlan(
        plan.request_id,
        plan.digest,
        plan.datamap_digest,
        as_json(plan),
        render(plan),
        NOW,
        plan.inventory_digest,
    )


def test_an_erasure_reads_as_it_is_done(golden):
    golden("plan/erasure.txt", render(plan_of(RequestKind.ERASURE)))


@pytest.mark.parametrize(
    ("basis", "is_nameless", "has_profile", "is_whole"),
    [
        (None, False, True, False),
        (None, True, True, True),
        (IdentityBasis.ERASED, False, True, False),
        (IdentityBasis.ERASED, False, False, True),
    ],
)
def test_texts_go_as_a_whole_where_nothing_says_what_the_person_is_called(
    basis, is_nameless, has_profile, is_whole
):
    own = [one for one in EVERYTHING.rows if has_profile or one.table != DATAMAP.subject.table]
    inventory = replace(EVERYTHING, rows=tuple(own), is_nameless=is_nameless)
    request = replace(REQUEST, kinds=(RequestKind.ERASURE,), identity_basis=basis)
    plan = plan_request(request, inventory, DATAMAP, NONCE)
    texts = [one for one in plan.steps if isinstance(one, RedactText)]
    assert texts
    assert {one.is_whole for one in texts} == {is_whole}
    assert restore(request, stored(plan)) == plan


def test_all_rights_together_read_in_their_order(golden):
    golden("plan/all_rights.txt", render(plan_of(*RequestKind)))


def test_the_steps_for_machines(golden):
    golden("plan/all_rights.json", as_json(plan_of(*RequestKind)) + "\n")


def test_a_plan_of_nothing_says_so():
    nothing = Inventory((), (), (), open_conversations=0, kept_identifiers=0)
    text = render(plan_of(RequestKind.ERASURE, inventory=nothing))
    assert "Nothing was found. There is nothing to do." in text
    assert "Rows changed or deleted in the platform: 0" in text


def test_rights_are_planned_in_the_order_of_fulfilment():
    kinds = [type(step) for step in plan_of(*reversed(RequestKind)).steps]
    assert kinds[:4] == [Restrict, Restrict, Rectify, WriteBundle]
    assert kinds[-1] is Retain


@pytest.mark.parametrize("kind", [kind for kind in RequestKind if kind is not RequestKind.ERASURE])
def test_no_other_right_erases_anything(kind):
    (step,) = plan_of(kind).steps
    assert isinstance(step, Restrict | Rectify | WriteBundle)


def test_a_bundle_counts_own_rows_and_objects_that_are_there():
    (step,) = plan_of(RequestKind.ACCESS, RequestKind.PORTABILITY).steps
    assert (step.rows, step.objects) == (2 + 5 + 17 + 3 + 1 + 4, 1)
    assert step.kinds == (RequestKind.ACCESS, RequestKind.PORTABILITY)


def test_corrected_columns_are_named_and_their_new_values_are_not():
    (step,) = plan_of(RequestKind.RECTIFICATION).steps
    assert step == Rectify(table("people"), ("born", "email"), 1, values_digest(NEW, NONCE))


@pytest.mark.parametrize("name", ["id", "org_id", "no_such_column", "erased_at"])
def test_what_cannot_be_corrected_is_refused_by_count(name):
    request = replace(REQUEST, kinds=(RequestKind.RECTIFICATION,))
    with pytest.raises(
        RequestError, match=r"1 of 2 fields cannot be corrected .*allowed: born, email"
    ):
        plan_request(
            request,
            EVERYTHING,
            DATAMAP,
            NONCE,
            rectified=Rectified({"email": "b@example.org", name: "x"}),
        )


@given(REQUESTS, INVENTORIES)
def test_a_stored_plan_comes_back_as_it_was(request_, inventory):
    plan = plan_request(
        request_, inventory, DATAMAP, NONCE, rectified=Rectified({"email": "b@example.org"})
    )
    assert restore(request_, stored(plan)) == plan


@given(REQUESTS, INVENTORIES)
def test_a_plan_names_no_row_and_no_object(request_, inventory):
    plan = plan_request(
        request_, inventory, DATAMAP, NONCE, rectified=Rectified({"email": "b@example.org"})
    )
    shown = render(plan) + as_json(plan) + repr(plan)
    for found in inventory.objects:
        assert found.path.path not in shown


@pytest.mark.parametrize(
    "steps",
    [
        '[{"kind": "Explode", "rows": 1}]',
        '[{"kind": "Retain", "rows": 1}]',
        '[{"kind": "Restrict", "kind_": "x"}]',
        '[{"kind": "DeleteRows", "rows": 1, "table": "people"}]',
        '[["Retain"]]',
        "7",
        "null",
        "no json",
    ],
)
def test_what_is_stored_and_is_no_plan_is_broken_evidence(steps):
    broken = replace(stored(plan_of(RequestKind.ERASURE)), steps=steps)
    with pytest.raises(EvidenceBroken, match="the stored plan is invalid; plan again"):
        restore(REQUEST, broken)


def test_the_same_input_gives_the_same_plan():
    assert plan_of(*RequestKind) == plan_of(*RequestKind)
    assert isinstance(plan_of(*RequestKind), Plan)


def test_a_correction_names_every_row_that_is_the_person():
    twice = replace(EVERYTHING, subject_rows=2)
    (step,) = plan_of(RequestKind.RECTIFICATION, inventory=twice).steps
    assert step.rows == 2
