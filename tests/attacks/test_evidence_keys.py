"""Somebody has a key of their own believed as the workers'."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import nullcontext
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError, EvidenceBroken, StatementRefused
from lacuna.evidence import WORK, create_key
from lacuna.flows import seal
from lacuna.flows.run.installation_keys import (
    keys_of_notes,
    name_work_keys,
    published_keys_folder,
    work_key,
    work_keys_folder,
)
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from tests.post import open_post

NAMED = sa.text(
    "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
    "values (now(), 'outcome', 'key_named', :location, :digest, :actor)"
)


@pytest.mark.parametrize("location", ["keys", "evidence/checkpoints"])
def test_an_entry_about_another_key_vouches_for_no_workers_key(database, tmp_path, location):
    post = open_post(database("lacuna"), tmp_path)
    own = work_key(post.stores).public_text
    strange = create_key(tmp_path / "strange.pem", name=WORK).public_text
    (work_keys_folder(post.stores.home) / "strange.pub").write_text(f"{strange}\n", "ascii")
    digest = hashlib.sha256(strange.encode()).hexdigest()
    with post.stores.database.transaction(Role.OWNER) as connection:
        values = {"location": location, "digest": digest, "actor": "system:owner"}
        connection.execute(NAMED, values)
    assert keys_of_notes(post.stores) == own


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
@pytest.mark.parametrize("location", ["work_keys", "keys"])
def test_nobody_but_the_owner_names_a_workers_key(database, tmp_path, role, location):
    """And nobody but an officer says which key of the ledger comes next."""
    post = open_post(database("lacuna"), tmp_path)
    for actor in ("system:worker", "system:owner", "flow:seal", "dpo:0000test"):
        values = {"location": location, "digest": "0" * 64, "actor": actor}
        is_officers = role is Role.DPO and location == "keys" and actor.startswith("dpo:")
        with (
            nullcontext() if is_officers else pytest.raises(StatementRefused, match="42501"),
            post.stores.database.transaction(role, org_id="*") as connection,
        ):
            connection.execute(NAMED, values)


def test_a_worker_without_the_owners_login_uses_no_key_that_the_owner_did_not_name(
    database, tmp_path
):
    post = open_post(database("lacuna"), tmp_path)
    login = f"worker_{uuid.uuid4().hex[:8]}"
    post.query(f"create role {login} login password '{login}' noinherit")
    post.query(f"grant lacuna_planner, lacuna_executor to {login}")
    url = post.stores.database.engine.url.set(username=login, password=login)
    workers = replace(post.stores, database=Database(url.render_as_string(hide_password=False)))
    try:
        with pytest.raises(ConfigurationError, match="run lacuna up"):
            work_key(workers)
        assert keys_of_notes(workers) == ""
        assert name_work_keys(post.stores) == 1
        assert work_key(workers).public_text == keys_of_notes(workers)
    finally:
        workers.database.dispose()
        post.query(f"drop role {login}")


@pytest.mark.thorough
def test_keys_from_before_they_were_named_are_named_by_the_owner_at_the_upgrade(
    installation, lacuna
):
    """Until then a seal refuses, and says what to do."""
    installation.submit_contact(sorted(installation.platform.people)[0])
    stores = installation.stores
    folder = work_keys_folder(stores.home)
    folder.mkdir(parents=True)
    earlier = create_key(stores.home / "earlier.pem", name=WORK).public_text
    (folder / "earlier.pub").write_text(f"{earlier}\n", "ascii")
    refused = installation.run(seal)
    assert isinstance(refused, EvidenceBroken)
    assert "run lacuna up" in str(refused)
    assert lacuna("up").code == 0
    assert installation.run(seal) is None
    assert earlier in keys_of_notes(stores).splitlines()
    # A later one is somebody's own.
    later = create_key(stores.home / "later.pem", name=WORK).public_text
    (folder / "later.pub").write_text(f"{later}\n", "ascii")
    assert lacuna("up").code == 0
    assert isinstance(installation.run(seal), EvidenceBroken)


def test_a_public_key_that_is_handed_out_no_more_is_missed(installation, lacuna):
    installation.submit_contact(sorted(installation.platform.people)[0])
    assert installation.run(seal) is None
    assert lacuna("evidence", "verify", "--ledger").code == 0
    for path in published_keys_folder(installation.stores.home).iterdir():
        path.unlink()
    done = lacuna("evidence", "verify", "--ledger")
    assert (done.code, "keys that signed here are missing" in done.err + done.out) == (
        1,
        True,
    )
