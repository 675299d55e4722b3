"""The gate `reconciliation`."""

from __future__ import annotations

from lacuna.model.finding import Finding, Gate
from lacuna.verify import Scope
from lacuna.verify.gates import reconciliation
from tests.shop import TICKETS, Shop
from tests.verify.gates.applied import verifying


def reconciled(shop: Shop, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(reconciliation.check(Scope(request_ids, shop.datamap, reading)))


def test_rows_that_stay_with_their_sums_are_no_finding(shop: Shop, erasure: str) -> None:
    shop.query('update "Odd Shop"."Tickets" set betreff = null, preis = preis + 0.00')
    assert reconciled(shop, erasure) == {erasure: ()}


def test_a_sum_that_moved_is_a_finding(shop: Shop, erasure: str) -> None:
    shop.query('update "Odd Shop"."Tickets" set minuten = minuten + 1 where ticket = 10')
    assert reconciled(shop, erasure) == {
        erasure: (Finding(Gate.RECONCILIATION, "Odd Shop.Tickets.minuten", 1),)
    }


def test_a_row_that_is_gone_is_a_finding(shop: Shop, erasure: str) -> None:
    shop.query('delete from "Odd Shop"."order.lines" where ticket = 10')
    assert reconciled(shop, erasure) == {
        erasure: (Finding(Gate.RECONCILIATION, "Odd Shop.order.lines", 2),)
    }


def test_rows_that_the_plan_named_without_a_baseline_are_a_finding(
    shop: Shop, erasure: str
) -> None:
    shop.query("delete from lacuna.baseline where table_name = %s", str(TICKETS))
    assert reconciled(shop, erasure) == {
        erasure: (Finding(Gate.RECONCILIATION, "Odd Shop.Tickets", 2),)
    }
    shop.query("delete from lacuna.baseline where measure = 'rows'")
    assert len(reconciled(shop, erasure)[erasure]) == 3


def test_a_baseline_without_the_rows_it_is_about_is_a_finding(shop: Shop, erasure: str) -> None:
    shop.query("delete from lacuna.working_row where table_name = %s", str(TICKETS))
    locations = {one.location for one in reconciled(shop, erasure)[erasure]}
    assert locations == {
        "Odd Shop.Tickets",
        "Odd Shop.Tickets.minuten",
        "Odd Shop.Tickets.preis",
    }


def test_an_erasure_that_was_about_nothing_is_a_finding(shop: Shop) -> None:
    request_id = shop.add_request().request_id
    assert reconciled(shop, request_id) == {
        request_id: (Finding(Gate.RECONCILIATION, "lacuna.baseline", 1),)
    }
