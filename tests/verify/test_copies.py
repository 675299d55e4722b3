"""Which matches of the search are copies of a corrected value, and which are something else."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.model.correction import Correction
from lacuna.model.datamap import FilePattern, ObjectFormat
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.treatment import Mention
from lacuna.verify.copies import CopyRules, CorrectedValue
from tests.plan.inventories import DATAMAP

EMAIL, NAME = IdentifierKind.EMAIL, IdentifierKind.NAME
PERSON = Person(SubjectRef("r"), "shop", ("7",), ())


def value(kind, old, new, holders=()):
    correction = Correction(
        "name", "user.name", Identifier(kind, old), new, True, frozenset(holders)
    )
    return CorrectedValue(0, PERSON, correction)


@pytest.mark.parametrize(
    ("old", "new", "text", "stands"),
    [
        ("Anna Berg", "Anna Berg Holm", "Anna Berg", True),
        ("Anna Berg", "Anna Berg Holm", "to Anna Berg Holm", False),
        ("Anna Berg", "Anna Berg Holm", '["Anna Berg Holm", "Anna Berg"]', True),
        ("Åse Berg", "Åse Berg Holm", '["\\u00c5se Berg Holm"]', False),
        ("Anna Berg", "Ann Berg", "anna.berg@example.org", False),
        ("Anna Berg", "Ann Berg", "anna_berg", False),
        ("Anna Berg", "Ann Berg", "Berg, Anna <anna.berg@example.org>", True),
        ("Anna Berg-Holm", "Ann Berg", "Anna Berg-Holm", True),
        ("Berg-Holm", "Berg", "Berg-Holm", True),
    ],
)
def test_the_right_name_and_the_name_of_a_mailbox_are_no_copies(old, new, text, stands):
    assert value(NAME, old, new).stands_in(text) is stands


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("anna@example.org", True),
        ("ANNA@example.org, anna+shop@example.org", True),
        ("anna+shop@example.org", False),
    ],
)
def test_a_tagged_address_is_another_value(text, stands):
    assert value(EMAIL, "anna@example.org", "ann@example.org").stands_in(text) is stands


@pytest.mark.parametrize(
    ("owners", "stays"), [({"7"}, False), ({"8"}, True), ({"7", "8"}, True), (set(), True)]
)
def test_what_another_holds_too_is_a_copy_in_the_persons_own_rows_alone(owners, stays):
    shared = value(EMAIL, "anna@example.org", "ann@example.org", {"8"})
    assert shared.may_stay(frozenset(owners)) is stays
    alone = value(EMAIL, "anna@example.org", "ann@example.org")
    assert alone.may_stay(frozenset(owners)) is False


@pytest.mark.parametrize(
    ("text", "owners", "stays"),
    [
        ("Anna Berg Olsen", {"8"}, True),
        ('{"by": ["Jo Anna Berg <jo@example.org>"]}', set(), True),
        ('{"by": ["Berg, Anna <anna@example.org>", "Jo"]}', set(), False),
        ("Anna Berg", {"8"}, False),
        ("Anna Berg Olsen", {"7"}, False),
    ],
)
def test_a_longer_name_in_a_row_of_somebody_else_is_another_ones(text, owners, stays):
    assert value(NAME, "Anna Berg", "Ann Berg").is_of_another(text, frozenset(owners)) is stays


@pytest.mark.parametrize(
    ("columns", "metadata", "left"),
    [
        ({"name": ["Anna Berg", "Bo"]}, None, True),
        ({"name": ["Ann Berg", "Bo"]}, {"by": "Anna Berg"}, True),
        ({"name": ["Anna Berg Holm", "Bo"]}, None, False),
        ({"tags": [["x", "Anna Berg"], []]}, None, True),
    ],
)
def test_an_export_is_read_cell_by_cell_and_what_no_cell_says_is_left(columns, metadata, left):
    """Whatever the search found and the reading by columns does not see counts as left."""
    one = value(NAME, "Anna Berg", "Anna Berg Holm")
    rules = CopyRules(DATAMAP, {one.ref: one})
    target = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), target)
    pattern = FilePattern("exports/*", ObjectFormat.PARQUET, None, Mention.REDACT)
    assert rules.left_in_export(target.getvalue(), pattern, one.ref) == (left, False)
