"""The digest of a plan: another one for anything that would be done otherwise, and only then."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from lacuna.model.location import ObjectPath
from lacuna.model.plan import Inventory
from lacuna.model.request import Level, RequestKind, RequestState
from lacuna.plan import Rectified, plan_request
from tests.plan.inventories import DATAMAP, INVENTORIES, KEYS, NONCE, REQUEST

NEW = {"email": "b@example.org"}


def digest(inventory, *, request=REQUEST, datamap=DATAMAP, nonce=NONCE, new=NEW):
    return plan_request(request, inventory, datamap, nonce, rectified=Rectified(new)).digest


def essence(inventory):
    """Return what would be done, without the order in which it was found."""
    return (
        {each.table: each.keys for each in inventory.rows},
        {each.column: each.keys for each in inventory.mentions},
        # What another request rewrites of a shared file changes its size, and nothing else.
        {
            (each.path, each.pattern, "rewritten" if each.is_rewritten else each.byte_count)
            for each in inventory.objects
        },
        inventory.kept_identifiers,
    )


@given(INVENTORIES)
def test_the_same_plan_has_the_same_digest(inventory):
    again = replace(
        inventory,
        rows=tuple(reversed(inventory.rows)),
        mentions=tuple(reversed(inventory.mentions)),
        objects=tuple(reversed(inventory.objects)),
        open_conversations=inventory.open_conversations + 1,
    )
    assert digest(again) == digest(inventory)


@given(INVENTORIES, INVENTORIES)
def test_digests_are_equal_only_if_the_same_would_be_done(one, other):
    assert (digest(one) == digest(other)) == (essence(one) == essence(other))


@given(INVENTORIES, KEYS, st.data())
def test_one_row_more_or_another_is_another_digest(inventory, keys, data):
    assume(inventory.rows or inventory.mentions)
    part = "rows" if inventory.rows else "mentions"
    found = data.draw(st.sampled_from(getattr(inventory, part)))
    assume(keys != found.keys)
    changed = tuple(
        replace(each, keys=keys) if each is found else each for each in getattr(inventory, part)
    )
    assert digest(replace(inventory, **{part: changed})) != digest(inventory)


@given(INVENTORIES, st.data())
def test_another_object_is_another_digest(inventory, data):
    assume(inventory.objects)
    place = data.draw(st.integers(0, len(inventory.objects) - 1))
    found = inventory.objects[place]
    variants = [
        replace(found, path=ObjectPath("media", f"{found.path.path}x")),
        replace(found, path=replace(found.path, store="mail")),
        replace(found, is_rewritten=not found.is_rewritten),
    ]
    if not found.is_rewritten:
        variants.append(replace(found, byte_count=(found.byte_count or 0) + 1))
    for variant in variants:
        objects = (*inventory.objects[:place], variant, *inventory.objects[place + 1 :])
        assert digest(replace(inventory, objects=objects)) != digest(inventory)


@given(INVENTORIES)
def test_the_size_of_a_rewritten_object_is_of_no_account(inventory):
    objects = tuple(
        replace(each, byte_count=each.byte_count + 1) if each.is_rewritten else each
        for each in inventory.objects
    )
    assert digest(replace(inventory, objects=objects)) == digest(inventory)


@given(INVENTORIES)
def test_another_map_request_or_nonce_is_another_digest(inventory):
    digests = [
        digest(inventory),
        digest(inventory, datamap=replace(DATAMAP, digest="e" * 64)),
        digest(inventory, nonce=NONCE.replace("5", "6")),
        digest(inventory, request=replace(REQUEST, request_id="other")),
        digest(inventory, request=replace(REQUEST, org_id="sued")),
        digest(inventory, request=replace(REQUEST, level=Level.MESSAGE)),
        digest(inventory, request=replace(REQUEST, kinds=(RequestKind.ACCESS,))),
        digest(inventory, request=replace(REQUEST, kinds=tuple(RequestKind))),
    ]
    assert len(set(digests)) == len(digests)


@given(INVENTORIES)
def test_a_later_attempt_of_the_same_request_has_the_same_digest(inventory):
    later = replace(
        REQUEST, state=RequestState.APPROVED, attempt=9, is_forced=True, plan_digest="f" * 64
    )
    assert digest(inventory, request=later) == digest(inventory)


def test_another_new_value_is_another_digest():
    request = replace(REQUEST, kinds=(RequestKind.RECTIFICATION,))
    nothing = Inventory((), (), (), 0, 0)
    one, other = (
        digest(nothing, request=request, new={"email": each}) for each in ("a@x.org", "b@x.org")
    )
    assert one != other
