"""What the schema gives to whom, kept beside them so that an installation can be compared."""

from __future__ import annotations

import os

from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.postgres.rights import KINDS, RIGHTS_FILE, differences, facts, written
from tests.flows.restoring import dump, load


def test_the_kept_rights_are_those_that_the_schema_makes(database):
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


def test_a_restored_dump_has_the_same_rights(database):
    """What PostgreSQL writes down of a constraint, and reads again, is what the file says."""
    first, second = database(), database()
    opened = Database(first)
    migrate(opened)
    opened.dispose()
    load(second, dump(first))
    again = Database(second)
    with again.transaction(Role.OWNER) as connection:
        assert list(differences(facts(connection))) == []
    again.dispose()
