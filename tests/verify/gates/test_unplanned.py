"""The gate `unplanned`."""

from __future__ import annotations

from dataclasses import replace

from lacuna.model.finding import Finding, Gate
from lacuna.model.run import Role
from lacuna.model.treatment import Erasure, Treatment
from lacuna.verify import Scope
from lacuna.verify.gates import unplanned as unplanned_gate
from tests.shop import LAGER, LINES, TICKETS, Shop
from tests.verify.gates.applied import change, verifying


def unplanned(shop: Shop, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(unplanned_gate.check(Scope((), shop.datamap, reading, disputed=request_ids)))


def test_an_unplanned_row_written_in_the_erasures_transaction_is_a_finding(
    shop: Shop, erasure: str
) -> None:
    change(
        shop,
        [erasure],
        'update "Odd Shop"."Tickets" set betreff = null where ticket in (10, 11, 30)',
        'insert into "Odd Shop"."La""ger" values (7, \'nord\', null, null)',
    )
    assert set(unplanned(shop, erasure)[erasure]) == {
        Finding(Gate.UNPLANNED, "Odd Shop.Tickets", 1),
        Finding(Gate.UNPLANNED, str(LAGER), 1),
    }


def test_own_rows_mentions_and_siblings_of_the_batch_are_planned(shop: Shop, erasure: str) -> None:
    sibling = shop.add_request().request_id
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.plans.put_rows(sibling, "own", {TICKETS: [("20",)]})
        transaction.queue.plans.put_rows(erasure, "mention", {TICKETS: [("30",)]})
    change(
        shop,
        [erasure, sibling],
        'update "Odd Shop"."Tickets" set betreff = null where ticket in (10, 20, 30)',
        'update "Odd Shop"."order.lines" set "Wunsch" = null where ticket = 10',
    )
    assert unplanned(shop, erasure, sibling) == {erasure: (), sibling: ()}


def test_a_row_that_is_derived_from_a_planned_row_is_planned_and_no_other(
    shop: Shop, erasure: str
) -> None:
    lines = shop.datamap.tables[LINES]
    derived = Erasure(Treatment.DERIVED)
    columns = tuple(
        replace(one, erasure=derived) if one.name == "Wunsch" else one for one in lines.columns
    )
    change(
        shop,
        [erasure],
        "insert into \"Odd Shop\".\"order.lines\" values (11, 'C', 'nord', 'x')",
        'update "Odd Shop"."order.lines" set "Wunsch" = null where ticket = 20',
    )
    for made, count in ((lines, 2), (replace(lines, columns=columns), 1)):
        tables = {**shop.datamap.tables, LINES: made}
        with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
            reading = transaction.verifying(replace(shop.datamap, tables=tables))
            found = reading.unplanned_rows(LINES, [erasure])
        assert found == {erasure: count}


def test_without_the_transactions_id_the_gate_is_not_passed(shop: Shop, erasure: str) -> None:
    assert unplanned(shop, erasure) == {
        erasure: (Finding(Gate.UNPLANNED, "lacuna.request.rows_transaction", 1),)
    }
