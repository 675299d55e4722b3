"""How people name a request."""

import pytest

from lacuna.model.request_reference import normal_reference


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("FJ-0142", "FJ-0142"),
        ("fj-142", "FJ-0142"),
        ("h2-12345", "H2-12345"),
        ("H2-00012345", "H2-12345"),
        ("3F2A9C1B", "3f2a9c1b"),
        ("3f2a9c1b-12", "3f2a9c1b12"),
        ("a1b2c3d4-0000-4000-8000-000000000001", "a1b2c3d4000040008000000000000001"),
        ("3f2a9c1", None),
        ("0142", None),
        ("TOOLONG-1", None),
        ("FJ-", None),
        ("FJ-٣", None),
        ("a" * 33, None),
        ("", None),
    ],
)
def test_a_reference_is_read_in_any_case(text, normal):
    assert normal_reference(text) == normal
