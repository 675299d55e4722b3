"""Surrogates have the form that the data map writes, whatever they are made from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.treatment import surrogate_form


@given(
    before=st.text(st.characters(exclude_characters="{}\0"), max_size=20),
    width=st.integers(8, 64),
    seed=st.text(max_size=40),
)
def test_a_filled_form_fits_its_pattern_and_its_length(before, width, seed):
    form = surrogate_form(f"{before}{{{width}}}@example.invalid")
    assert form is not None
    value = form.filled(seed)
    assert re.fullmatch(form.pattern, value)
    assert len(value) == form.length


@given(width=st.integers(6, 18), seed=st.text(max_size=40))
def test_digits_are_digits(width, seed):
    form = surrogate_form(f"+999{{d{width}}}")
    assert form is not None
    assert re.fullmatch(rf"\+999\d{{{width}}}", form.filled(seed))


def test_other_seeds_make_other_values():
    form = surrogate_form("{16}")
    assert form is not None
    assert len({form.filled(str(number)) for number in range(1000)}) == 1000


@pytest.mark.parametrize(
    "written", ["", "erased", "{} and {}", "{7}", "{65}", "{d5}", "{d19}", "{x}", "{{}}", "{}\0"]
)
def test_what_is_no_form_is_refused(written):
    assert surrogate_form(written) is None
