"""Somebody with any login holds the lock of the ledger, so that nothing is ever recorded."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.errors import LedgerHeld
from lacuna.flows import seal
from lacuna.model.identity import IdentifierKind
from lacuna.model.run import Role
from lacuna.stores.postgres import database as connected
from tests.post import open_post

MAIL = "anna.berg@example.org"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUBMITTER])
def test_who_holds_the_lock_of_the_ledger_is_named_and_nobody_waits_for_ever(
    database, tmp_path, monkeypatch, role
):
    post = open_post(database("lacuna"), tmp_path)
    monkeypatch.setattr(connected, "_LOCK_TIMEOUT", "300ms")
    post.submit(IdentifierKind.EMAIL, MAIL)
    with post.stores.database.transaction(role, org_id="north") as connection:
        connection.execute(sa.text("select pg_advisory_lock(7205982)"))
        for act in (
            lambda: post.run(seal),
            lambda: post.submit(IdentifierKind.EMAIL, "x@example.org"),
        ):
            with pytest.raises(LedgerHeld, match="7205982") as caught:
                act()
            assert caught.value.exit_code == 3
        connection.execute(sa.text("select pg_advisory_unlock(7205982)"))
    post.run(seal)
