"""Every treatment that follows from the row: what it makes, and that the gate tells it from what was there.

The treatments are those of the registry, `model/treatment.py`, on a column of each type that they fit.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

from lacuna.datamap import types
from lacuna.model.run import Role
from lacuna.model.schema import LiveColumn
from lacuna.model.table import Table
from lacuna.model.treatment import Erasure, Fits, Leaves, Treatment
from lacuna.stores.postgres.platform_tables import PlatformTables
from lacuna.stores.postgres.treated_values import treated
from lacuna.verify.expectations import OwnRows, expect
from tests.shop import BRIEFE, Shop

# Two values of each type, of two people.
VALUES = {
    "text": ("Anna, +45 20 30 40 50", "bo@example.org"),
    "text[]": ("{anna@example.org}", "{bo@example.org}"),
    "jsonb": ('{"mail": "anna@example.org", "size": 3}', '{"mail": "bo@example.org", "size": 4}'),
    "date": ("1987-06-05", "1990-11-30"),
    "timestamp with time zone": ("2026-03-31 23:30:00+00", "2026-01-12 08:15:00+00"),
    "timestamp without time zone": ("2026-03-31 23:30:00", "2026-01-12 08:15:00"),
    "integer": ("20304050", "87654321"),
    "numeric": ("2030.40", "8765.43"),
    "tsvector": ("'anna'", "'bo'"),
    "bytea": (r"\x416e6e61", r"\x426f"),
}
ARGUMENTS = {Treatment.JSON_KEYS: "size", Treatment.DELETE_OBJECT: "media"}
OF_THE_ROW = [
    one
    for one in Treatment
    if not one.follows_request
    and one.effect.leaves is not Leaves.SAME
    and one is not Treatment.REDACT
]


def live(kind: str) -> LiveColumn:
    return LiveColumn("here", kind.removesuffix("[]"), is_array=kind.endswith("[]"))


def erasure_of(treatment: Treatment, column: LiveColumn) -> Erasure:
    if not treatment.effect.argument:
        return Erasure(treatment)
    if treatment is Treatment.REPLACE:
        return Erasure(treatment, types.fitting_constant(column) or "")
    if treatment.effect.choices:
        return Erasure(treatment, treatment.effect.choices[-1])
    example = treatment.effect.argument.partition(": ")[2]
    return Erasure(treatment, ARGUMENTS.get(treatment, example))


def fitting_kinds(treatment: Treatment) -> list[str]:
    return [
        kind
        for kind in VALUES
        if types.misfit(erasure_of(treatment, live(kind)), live(kind)) is None
    ]


def findings(shop: Shop, erasure: Erasure, rows: list[str | None]) -> bool:
    """Whether the gate finds anything in the values of a column with such a treatment."""
    letters = shop.datamap.tables[BRIEFE]
    column = replace(letters.column("body"), name="here", erasure=erasure)
    table: Table = replace(letters, columns=(column,), key=("here",), erased_at=None, measures=())
    datamap = replace(shop.datamap, tables={BRIEFE: table})
    frame = pd.DataFrame({"here": pd.Series(rows, dtype=object)})
    return bool(expect({BRIEFE: OwnRows(frame, {"rows": str(len(rows))})}, datamap))


@pytest.mark.parametrize(
    ("treatment", "kind"),
    [(one, kind) for one in OF_THE_ROW for kind in fitting_kinds(one)],
)
def test_what_a_treatment_makes_is_as_declared_and_the_gate_tells_it(still_shop, treatment, kind):
    erasure = erasure_of(treatment, live(kind))
    letters = still_shop.datamap.tables[BRIEFE]
    with still_shop.open(Role.OWNER) as transaction:
        connection = transaction._connection
        connection.execute(sa.text(f"create temp table one (here {kind}) on commit drop"))
        one = sa.Table("one", sa.MetaData(), autoload_with=connection)
        one.c.here.info["nullable"] = True
        tables = PlatformTables(connection, still_shop.datamap)
        for each in VALUES[kind]:
            connection.execute(
                sa.insert(one).values(here=sa.cast(sa.literal(each), one.c.here.type))
            )
        text = sa.select(sa.cast(one.c.here, sa.Text))
        before = list(connection.execute(text).scalars())
        made = []
        for _ in range(2):
            connection.execute(
                sa.update(one).values(here=treated(one.c.here, erasure, letters, tables))
            )
            made.append(list(connection.execute(text).scalars()))
    assert made[0] == made[1], (
        "made again, it is another value: declare that it follows the request"
    )
    assert (made[0] == [None, None]) == (treatment.effect.leaves is Leaves.NULL)
    assert not findings(still_shop, erasure, made[0])
    assert findings(still_shop, erasure, before), "the gate does not see that nothing was done"


@pytest.mark.parametrize("treatment", OF_THE_ROW)
def test_every_treatment_fits_some_column(treatment):
    assert fitting_kinds(treatment)


@pytest.mark.parametrize("treatment", Treatment)
def test_whether_a_column_can_be_treated_is_known_of_every_treatment(treatment):
    for kind in VALUES:
        why = types.misfit(erasure_of(treatment, live(kind)), live(kind))
        assert why is None or why != Fits.OWN


@pytest.mark.parametrize("treatment", [one for one in Treatment if one.effect.choices])
def test_the_example_of_a_treatment_is_one_of_its_choices(treatment):
    assert treatment.effect.argument in {f"{treatment}: {one}" for one in treatment.effect.choices}
