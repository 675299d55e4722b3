"""The seal: the ledger is checked and signed for, and whoever edits it is found out."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.errors import ConfigurationError, EvidenceBroken
from pipelines.evidence import verify_checkpoint
from pipelines.evidence.canonical import leaf_of
from pipelines.flows import seal
from pipelines.model.request import RequestKind
from pipelines.model.run import Role
from tests.flows.observation import connect, execute, leaves_of

FOLDERS = ("evidence/checkpoints", "checkpoints-copy")


@pytest.fixture
def installation(little):
    return little


@pytest.fixture
def sealed(installation):
    """An installation whose ledger has a few entries and one checkpoint."""
    write_some(installation)
    assert installation.run(seal) is None
    return installation


def write_some(installation, kind: RequestKind = RequestKind.ACCESS) -> None:
    for contact in sorted(installation.platform.people)[:3]:
        installation.submit_contact(contact, kinds=(kind,))


def edit(installation, statement: str, *values: object) -> None:
    """Change the ledger as only the owner of the database can: with its triggers off."""
    with connect(installation.url) as connection:
        for table in ("entry", "checkpoint"):
            connection.execute(f"alter table lacuna_evidence.{table} disable trigger all")
        connection.execute(statement, values or None)


def notes_of(installation) -> list[str]:
    with installation.stores.transaction(Role.AUDITOR) as transaction:
        return list(transaction.ledger.checkpoints())


def copies_of(installation) -> list[list[Path]]:
    return [sorted((installation.stores.home / name).iterdir()) for name in FOLDERS]


def test_a_checkpoint_is_signed_over_the_whole_ledger_and_kept_in_two_places(sealed):
    (note,) = notes_of(sealed)
    public = seal.signing_key(sealed.stores).public_text
    checkpoint = verify_checkpoint(note, public)
    assert checkpoint.size == len(leaves_of(sealed)) == 3
    for (path,) in copies_of(sealed):
        assert path.read_text("utf-8") == note
        assert path.stat().st_mode & 0o077 == 0

    assert sealed.run(seal) is None
    assert notes_of(sealed) == [note], "nothing was added, and yet it was signed again"
    write_some(sealed, RequestKind.PORTABILITY)
    assert sealed.run(seal) is None
    assert [verify_checkpoint(one, public).size for one in notes_of(sealed)] == [3, 6]
    assert [len(paths) for paths in copies_of(sealed)] == [2, 2]


def test_an_empty_ledger_is_not_signed_for(installation):
    assert installation.run(seal) is None
    assert notes_of(installation) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update lacuna_evidence.entry set rows = 7 where position = 1", "position 1 does not fit"),
        ("update lacuna_evidence.entry set at = at + interval '1 us' where position = 2", "2 does"),
        ("delete from lacuna_evidence.entry where position = 1", "position 2 where 1 is due"),
        ("delete from lacuna_evidence.entry where position = 2", "cut off"),
        ("delete from lacuna_evidence.entry", "cut off"),
        ("delete from lacuna_evidence.checkpoint; delete from lacuna_evidence.entry", "cut off"),
    ],
)
def test_whoever_edits_the_ledger_past_its_triggers_is_found_out(sealed, statement, what):
    edit(sealed, statement)
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert what in str(error)
    assert error.exit_code == 1


def test_an_entry_that_was_edited_with_its_hash_does_not_fit_the_checkpoint(sealed):
    statement = "update lacuna_evidence.entry set rows = %s, leaf_hash = %s where position = 1"
    entry = replace(leaves_of(sealed)[1].entry, rows=7)
    edit(sealed, statement, 7, leaf_of(entry, 1).leaf_hash)
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "not the checkpoint's" in str(error)


def test_a_checkpoint_that_is_missing_among_the_copies_is_found_out(sealed):
    for path in (sealed.stores.home / FOLDERS[1]).iterdir():
        path.unlink()
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "1 of the database are missing" in str(error)


def test_a_copy_alone_shows_that_an_older_database_was_put_back(sealed):
    """The database is restored to before the checkpoint; the copies are elsewhere."""
    edit(sealed, "delete from lacuna_evidence.checkpoint")
    edit(sealed, "delete from lacuna_evidence.entry where position > 0")
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "restored" in str(error)


def test_a_lost_signing_key_is_not_replaced_by_another(sealed):
    key = sealed.stores.home / "keys" / "signing.pem"
    key.unlink()
    error = sealed.run(seal)
    assert isinstance(error, ConfigurationError)
    assert not key.exists()


def test_a_seal_that_died_before_the_database_had_it_is_made_again(sealed):
    write_some(sealed, RequestKind.PORTABILITY)
    public = seal.signing_key(sealed.stores).public_text
    checked = seal.check_evidence(sealed.stores)
    note = seal.signing_key(sealed.stores).sign(checked.size, checked.root)
    first = sealed.stores.home / FOLDERS[0]
    path = first / f"checkpoint-{checked.size:012d}.txt"
    path.write_text(note, "utf-8")
    path.chmod(0o600)
    assert sealed.run(seal) is None
    assert [verify_checkpoint(one, public).size for one in notes_of(sealed)] == [3, 6]
    assert [len(paths) for paths in copies_of(sealed)] == [2, 2]


def test_the_ledger_cannot_be_changed_by_any_role_of_lacuna(sealed):
    for role in ("lacuna_planner", "lacuna_executor", "lacuna_dpo", "lacuna_verifier"):
        for statement in (
            "update lacuna_evidence.entry set rows = 1",
            "delete from lacuna_evidence.entry",
            "truncate lacuna_evidence.checkpoint",
        ):
            with connect(sealed.url) as connection:
                connection.execute(f"set role {role}")
                with pytest.raises(Exception, match="permission denied"):
                    connection.execute(statement)
    with pytest.raises(Exception, match="append-only"):
        execute(sealed.url, "delete from lacuna_evidence.entry")


def test_the_copies_survive_the_loss_of_the_evidence_folder(sealed):
    shutil.rmtree(sealed.stores.home / FOLDERS[0])
    assert isinstance(sealed.run(seal), EvidenceBroken)
    shutil.copytree(sealed.stores.home / FOLDERS[1], sealed.stores.home / FOLDERS[0])
    assert sealed.run(seal) is None
