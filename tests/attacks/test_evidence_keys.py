"""Somebody has a key of their own believed as the workers'."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from pipelines.evidence import WORK, create_key
from pipelines.flows import seal
from pipelines.flows.signing import keys_of_notes, published_keys_folder, work_key, work_keys_folder
from pipelines.model.run import Role
from tests.post import open_post


@pytest.mark.parametrize("location", ["keys", "evidence/checkpoints"])
def test_an_entry_about_another_key_vouches_for_no_workers_key(database, tmp_path, location):
    post = open_post(database(), tmp_path)
    own = work_key(post.stores).public_text
    strange = create_key(tmp_path / "strange.pem", name=WORK).public_text
    (work_keys_folder(post.stores.home) / "strange.pub").write_text(f"{strange}\n", "ascii")
    with post.stores.database.transaction(Role.PLANNER) as connection:
        connection.execute(
            sa.text(
                "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
                "values (now(), 'outcome', 'checkpoint', :location, :digest, 'system:worker')"
            ),
            {"location": location, "digest": hashlib.sha256(strange.encode()).hexdigest()},
        )
    assert keys_of_notes(post.stores) == own


def test_a_public_key_that_is_handed_out_no_more_is_missed(installation, lacuna):
    installation.submit_contact(sorted(installation.platform.people)[0])
    assert installation.run(seal) is None
    assert lacuna("evidence", "verify", "--ledger").code == 0
    for path in published_keys_folder(installation.stores.home).iterdir():
        path.unlink()
    done = lacuna("evidence", "verify", "--ledger")
    assert (done.code, "keys that signed here are not handed out" in done.err + done.out) == (
        1,
        True,
    )
