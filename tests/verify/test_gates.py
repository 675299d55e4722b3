"""The gates over applied erasures: objects, reconciliation, unplanned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from lacuna.model.finding import Finding, Gate
from lacuna.model.queue import EffectAction
from lacuna.model.run import Role
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.verify import Place, check_objects, check_unplanned, orphans, reconcile
from tests.shop import ANNA, ANNA_OLD, KUNDEN, LAGER, LINES, TICKETS, Shop


@contextmanager
def verifying(shop: Shop) -> Iterator[VerifierReader]:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        yield transaction.verifying(shop.datamap)


@pytest.fixture
def erasure(shop: Shop) -> str:
    """An erasure of Anna with everything that the executor notes before it changes rows."""
    request_id = shop.add_request().request_id
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.plans.put_rows(
            request_id,
            "own",
            {
                KUNDEN: [(ANNA,), (ANNA_OLD,)],
                TICKETS: [("10",), ("11",)],
                LINES: [("10", "A"), ("10", "B")],
            },
        )
        for table, totals in (
            (KUNDEN, {"rows": "2"}),
            (TICKETS, {"rows": "2", "minuten": "12", "preis": "12.5"}),
            (LINES, {"rows": "2"}),
        ):
            transaction.queue.plans.put_baselines(table, {request_id: totals})
    return request_id


def change(shop: Shop, request_ids: list[str], *statements: str) -> None:
    """Change rows in one transaction that is the requests' own."""
    with psycopg.connect(shop.url.replace("+psycopg", "")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            "update lacuna.request set rows_transaction = pg_current_xact_id() "
            "where request_id::text = any(%s)",
            [request_ids],
        )


# --- objects --------------------------------------------------------------------------------------


@pytest.fixture
def media(tmp_path: Path, shop_datamap) -> Place:
    for path in ("fotos/1.png", "fotos/2.png", "briefe/100.eml", "briefe/300.eml"):
        file = tmp_path / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return Place("media", tmp_path / "media", shop_datamap.stores["media"].files, is_store=True)


def objects(shop: Shop, place: Place, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(check_objects(request_ids, shop.datamap, reading, [place]))


def test_a_pending_effect_is_a_finding_until_it_is_done(
    shop: Shop, erasure: str, media: Place
) -> None:
    shop.query('update "Odd Shop"."Kunden" set "Foto" = null')
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.effects.put(
            erasure, [(EffectAction.DELETE_OBJECT, "media", "fotos/*", "fotos/1.png")]
        )
    assert objects(shop, media, erasure) == {erasure: (Finding(Gate.OBJECTS, "lacuna.outbox", 1),)}
    with shop.open(Role.EXECUTOR) as transaction:
        (effect,) = transaction.queue.effects.pending(erasure)
        transaction.queue.effects.finish(effect, was_there=True)
    assert objects(shop, media, erasure) == {erasure: ()}


def test_an_object_that_an_own_row_still_names_and_that_is_there_is_a_finding(
    shop: Shop, erasure: str, media: Place
) -> None:
    other = shop.add_request().request_id
    assert objects(shop, media, erasure, other) == {
        erasure: (Finding(Gate.OBJECTS, "Odd Shop.Kunden.Foto", 1),),
        other: (),
    }
    (media.folder / "fotos/1.png").unlink()
    assert objects(shop, media, erasure) == {erasure: ()}


def test_an_object_that_no_pattern_of_the_data_map_fits_is_a_finding_of_all(
    shop: Shop, erasure: str, media: Place
) -> None:
    other = shop.add_request().request_id
    shop.query('update "Odd Shop"."Kunden" set "Foto" = null')
    (media.folder / "left.over").write_bytes(b"x")
    finding = (Finding(Gate.OBJECTS, "media", 1),)
    assert objects(shop, media, erasure, other) == {erasure: finding, other: finding}


def test_a_store_that_is_not_there_is_a_finding(shop: Shop, erasure: str, media: Place) -> None:
    gone = Place("media", media.folder / "unmounted", media.patterns, is_store=True)
    assert objects(shop, gone, erasure) == {erasure: (Finding(Gate.OBJECTS, "media", 1),)}
    reports = Place("reporting", media.folder / "none")
    shop.query('update "Odd Shop"."Kunden" set "Foto" = null')
    assert objects(shop, reports, erasure) == {erasure: ()}


def test_objects_that_no_row_names_are_counted_where_rows_should_name_them(
    shop: Shop, media: Place
) -> None:
    for path in ("fotos/orphan.png", "briefe/orphan.eml", "notizen/free.txt", "exports/x.parquet"):
        (media.folder / path).parent.mkdir(exist_ok=True)
        (media.folder / path).write_bytes(b"x")
    with verifying(shop) as reading:
        assert orphans(reading, shop.datamap, [media]) == (
            "media/briefe/*.eml, named by no row: 1",
            "media/fotos/*, named by no row: 1",
        )


# --- reconciliation -------------------------------------------------------------------------------


def reconciled(shop: Shop, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(reconcile(request_ids, shop.datamap, reading))


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


# --- unplanned ------------------------------------------------------------------------------------


def unplanned(shop: Shop, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(check_unplanned(request_ids, shop.datamap, reading))


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


def test_without_the_transactions_id_the_gate_is_not_passed(shop: Shop, erasure: str) -> None:
    assert unplanned(shop, erasure) == {
        erasure: (Finding(Gate.UNPLANNED, "lacuna.request.rows_transaction", 1),)
    }


def test_no_request_no_finding(shop: Shop, media: Place) -> None:
    assert objects(shop, media) == {}
    assert reconciled(shop) == {}
    assert unplanned(shop) == {}
