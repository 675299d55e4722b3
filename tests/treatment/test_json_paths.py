"""What stays of a JSON document is what was named, and nothing else."""

from lacuna.treatment import KeptKeys, kept_keys

WHOLE = KeptKeys(is_whole=True)


def test_a_key_stays_whole():
    assert kept_keys(["tier"]) == KeptKeys(keys={"tier": WHOLE})


def test_a_path_goes_through_objects_and_lists():
    items = KeptKeys(elements=KeptKeys(keys={"sku": WHOLE}))
    assert kept_keys(["/order/items/[]/sku"]) == KeptKeys(
        keys={"order": KeptKeys(keys={"items": items})}
    )


def test_a_shorter_path_takes_longer_ones_along():
    assert kept_keys(["/order/number", "/order"]) == KeptKeys(keys={"order": WHOLE})


def test_a_key_with_a_dot_is_one_key():
    assert kept_keys(["a.b"]) == KeptKeys(keys={"a.b": WHOLE})
