"""The gate tells by rules of its own what the values in a person's rows are."""

from __future__ import annotations

import pytest

from pipelines.model.identity import ValueClass
from pipelines.verify.derivation import class_of

CLASSES = (
    ("solveig@example.org", "user.unique_id", ValueClass.IDENTIFIER),
    ("solveig@example.org", "user", ValueClass.CONTACT),
    ("+45 31 97 09 99", "user", ValueClass.CONTACT),
    ("SF-100042", "user", ValueClass.IDENTIFIER),
    ("10004217", "user", ValueClass.IDENTIFIER),
    ("1984-05-07", "user.demographic.date_of_birth", ValueClass.DATE_OF_BIRTH),
    ("1984-05-07", "user", None),
    ("2026-03-01 12:00:00", "user", None),
    ("Solveig Sommerfugl", "user.name", ValueClass.FULL_NAME),
    ("Solveig", "user.name.first", ValueClass.NAME_PART),
    ("Nabo og Fjordgaard", "user", ValueClass.OTHER),
    ("Nabo og Fjordgaard", "user.content", None),
    ("tier gold", "user", None),
    ("gold", "user", None),
    ("New York City Area", "user.contact.address.city", None),
    ("Skovvej 4, 8000", "user.contact.address.street", ValueClass.ADDRESS),
)


@pytest.mark.parametrize(("text", "category", "expected"), CLASSES)
def test_a_value_is_what_its_category_or_an_unmistakable_form_says(text, category, expected):
    assert class_of(text, category) is expected
