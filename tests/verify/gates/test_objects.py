"""The gate `objects`, and the objects that no row names."""

from __future__ import annotations

from lacuna.model.finding import Finding, Gate
from lacuna.model.queue import EffectAction
from lacuna.model.run import Role
from lacuna.verify import Place, Scope, orphans
from lacuna.verify.gates import objects as objects_gate
from tests.shop import Shop
from tests.verify.gates.applied import verifying


def objects(shop: Shop, place: Place, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with verifying(shop) as reading:
        return dict(objects_gate.check(Scope(request_ids, shop.datamap, reading, [place])))


def test_a_pending_effect_is_a_finding_until_it_is_done(
    shop: Shop, erasure: str, media: Place
) -> None:
    shop.query('update "Odd Shop"."Kunden" set "Foto" = null')
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.effects.put(
            erasure, [(EffectAction.DELETE_OBJECT, "media", "fotos/*", "fotos/1.png")]
        )
    assert objects(shop, media, erasure) == {
        erasure: (Finding(Gate.OBJECTS, "lacuna.file_effect", 1),)
    }
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
