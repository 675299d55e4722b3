"""What the migrations give to whom, kept beside them so that an installation can be compared."""

from __future__ import annotations

import os

from pipelines.model.run import Role
from pipelines.stores.database import Database
from pipelines.stores.migrations import migrate
from pipelines.stores.rights import KINDS, RIGHTS_FILE, differences, facts, written


def test_the_kept_rights_are_those_that_the_migrations_make(database):
    opened = Database(database())
    migrate(opened)
    with opened.transaction(Role.OWNER) as connection:
        found = facts(connection)
    opened.dispose()
    if os.environ.get("LACUNA_GOLDEN") == "update":
        RIGHTS_FILE.write_text(written(found), encoding="utf-8")
    assert RIGHTS_FILE.read_text(encoding="utf-8") == written(found), "make golden, and read it"
    assert {fact.kind for fact in found} == set(KINDS)
    assert list(differences(found)) == []
