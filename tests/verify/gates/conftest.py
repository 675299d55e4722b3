"""Fixtures of the gates: an erasure with all that is noted before rows change, and a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacuna.model.run import Role
from lacuna.verify import Place
from tests.shop import ANNA, ANNA_OLD, KUNDEN, LINES, TICKETS, Shop


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


@pytest.fixture
def media(tmp_path: Path, shop_datamap) -> Place:
    for path in ("fotos/1.png", "fotos/2.png", "briefe/100.eml", "briefe/300.eml"):
        file = tmp_path / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return Place("media", tmp_path / "media", shop_datamap.stores["media"].files, is_store=True)
