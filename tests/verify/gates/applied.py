"""An erasure that was applied in the shop, and a look at it under the role of the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from lacuna.model.run import Role
from lacuna.stores.postgres.verifier import VerifierReader
from tests.shop import Shop


@contextmanager
def verifying(shop: Shop) -> Iterator[VerifierReader]:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        yield transaction.verifying(shop.datamap)


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
