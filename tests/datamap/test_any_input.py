"""Whatever stands in the file: it is loaded, or refused with a line; nothing else ever happens."""

import copy
import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap

_WORDS = (
    st.sampled_from(
        [
            "keep",
            "suppress",
            "new_key",
            "redact",
            "delete",
            "email",
            "customer_id",
            "org_id",
            "media",
        ]
    )
    | st.sampled_from(["", "crm.customers", "crm.nowhere", "a.b.c", "user.name", "true", "1", "-1"])
    | st.sampled_from(['"', "é" * 40])
    | st.text(max_size=12)
)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=4,
)


def _places(tree: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [at] if at else []
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += _places(value, (*at, key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            found += _places(value, (*at, number))
    return found


def _check(load_text, text: str) -> None:
    refusal = ""
    datamap = None
    try:
        datamap = load_text(text)
    except ConfigurationError as error:
        refusal = str(error)
    if datamap is None:
        assert re.search(r"line \d|not YAML|the file is empty", refusal)
    else:
        assert isinstance(datamap, DataMap)
        assert datamap.in_erasure_order()


@pytest.mark.thorough
@given(data=st.data())
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_map_with_junk_in_it_is_loaded_or_refused(load_text, small, data):
    tree = copy.deepcopy(yaml.safe_load(small))
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(_places(tree)))
        inside = tree
        for key in above:
            inside = inside[key]
        if data.draw(st.booleans()) or isinstance(inside, list):
            inside[last] = data.draw(_JUNK)
        else:
            value = inside.pop(last)
            if data.draw(st.booleans()):
                inside[data.draw(_WORDS)] = value
        if not tree:
            break
    _check(load_text, yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


@given(text=st.text(max_size=200) | st.text("abc:-[]{},#&*!|>'\"%@ \n\t", max_size=80))
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_text_that_is_no_map_is_refused(load_text, text):
    _check(load_text, text)
