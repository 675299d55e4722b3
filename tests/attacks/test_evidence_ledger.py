"""Somebody owns the database, the files, or both, and puts another history in the ledger's place.

Each attack is made on an installation with certificates that were issued by two seals. Then an
auditor runs `lacuna evidence verify --ledger`, and the night runs `lacuna run seal`: the first must not
say that the ledger holds, and the second must not sign for it.
"""

# ruff: noqa: S608 - what stands in statements here are sizes and hashes of the test's own.
from __future__ import annotations

import base64
import json
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from psycopg.errors import InsufficientPrivilege

from lacuna.evidence import (
    WORK,
    create_key,
    leaf_of,
    load_key,
    sign_checkpoint,
    verify_checkpoint,
)
from lacuna.evidence.certificate import pre_authentication
from lacuna.flows import seal
from lacuna.flows.run.installation_keys import signing_key
from lacuna.flows.run.steps import Steps
from lacuna.flows.seal import dpo_report
from lacuna.flows.seal.certificates import state_refusals
from lacuna.model.evidence import Action
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import refuse
from lacuna.stores.postgres.ledger import PostgresLedger
from tests.evidence.test_certificate import resigned
from tests.flows.observation import connect, execute, leaves_of

COPIES = ("evidence/checkpoints", "checkpoints-copy")


@pytest.fixture(scope="module")
def sealed_once(reaching):
    """Two refusals, each with its certificate; the ledger was sealed at two sizes."""

    def reach(installation):
        for contact in sorted(installation.platform.people)[:2]:
            request_id = installation.submit_contact(contact, kinds=(RequestKind.ACCESS,))
            org_id = installation.request(request_id).org_id
            with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
                request = transaction.queue.requests.get(request_id)
                refuse(request, "12(5)(b)", installation.desk(transaction))
            assert installation.run(seal) is None

    return reaching("sealed", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


def home(installation) -> Path:
    return installation.stores.home


def sizes(installation) -> list[int]:
    return [
        int(path.stem.rpartition("-")[2])
        for path in sorted((home(installation) / COPIES[0]).glob("checkpoint-*.txt"))
    ]


def certificates(installation) -> list[Path]:
    return sorted((home(installation) / "evidence" / "certificates").glob("*.json"))


def by_owner(installation, *statements: str) -> None:
    """Do what only the owner of the tables can do: past the triggers."""
    with connect(installation.url) as connection:
        triggers = connection.execute(
            "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal"
            " and tgrelid::regclass::text like 'lacuna_evidence.%'"
        ).fetchall()
        for table, name in triggers:
            connection.execute(f"alter table {table} disable trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for table, name in triggers:
            connection.execute(f"alter table {table} enable always trigger {name}")


def cut(installation, size: int) -> None:
    """Leave the first entries, and forget every seal over more."""
    by_owner(
        installation,
        f"delete from lacuna_evidence.entry where position >= {size}",
        f"delete from lacuna_evidence.checkpoint where size > {size}",
        f"delete from lacuna_evidence.seal where size > {size}",
    )


def drop_copies(installation, larger_than: int = 0) -> None:
    for folder in COPIES:
        for path in (home(installation) / folder).glob("checkpoint-*.txt"):
            if int(path.stem.rpartition("-")[2]) > larger_than:
                path.unlink()


# --- the database's history -------------------------------------------------------------------------


def roll_back_with_both_folders(installation) -> None:
    first, _ = sizes(installation)
    cut(installation, first)
    drop_copies(installation, first)


def cut_and_delete_every_checkpoint(installation) -> None:
    cut(installation, 2)
    by_owner(installation, "truncate lacuna_evidence.checkpoint, lacuna_evidence.seal")
    drop_copies(installation)


def empty_the_ledger(installation) -> None:
    by_owner(
        installation,
        "truncate lacuna_evidence.entry, lacuna_evidence.checkpoint, lacuna_evidence.seal",
    )
    drop_copies(installation)


def empty_the_ledger_and_every_file(installation) -> None:
    """All that is left is that the database remembers its seals."""
    by_owner(installation, "truncate lacuna_evidence.entry, lacuna_evidence.checkpoint")
    shutil.rmtree(home(installation) / "evidence")
    shutil.rmtree(home(installation) / COPIES[1])


def delete_all_that_was_signed(installation) -> None:
    """The ledger stays whole; nothing signed is left to compare it with."""
    by_owner(installation, "truncate lacuna_evidence.checkpoint")
    drop_copies(installation)
    for path in certificates(installation):
        path.unlink()
    for path in (home(installation) / "evidence" / "reports").rglob("*.json"):
        path.unlink()


def forget_that_it_was_sealed(installation) -> None:
    """The files are there, the ledger fits them; the database remembers nothing."""
    by_owner(installation, "truncate lacuna_evidence.checkpoint, lacuna_evidence.seal")


def rewrite_history_of_the_same_length(installation) -> None:
    """Another entry, hashed as it should be; only the newest signed root tells."""
    leaf = leaves_of(installation)[0]
    other = leaf_of(type(leaf.entry)(**{**vars(leaf.entry), "rows": 77}), 0)
    by_owner(
        installation,
        f"update lacuna_evidence.entry set rows = 77, leaf_hash = '{other.leaf_hash}'"
        " where position = 0",
        "truncate lacuna_evidence.checkpoint, lacuna_evidence.seal",
    )
    drop_copies(installation)


def reorder_two_entries(installation) -> None:
    leaves = leaves_of(installation)
    moved = [leaf_of(leaves[1].entry, 0), leaf_of(leaves[0].entry, 1)]
    fields = "at, request_id, batch_id, phase, action, location, rows, already, digest, actor"
    by_owner(
        installation,
        f"create temporary table both_entries as select position, {fields}"
        " from lacuna_evidence.entry where position < 2",
        "delete from lacuna_evidence.entry where position < 2",
        *(
            f"insert into lacuna_evidence.entry (position, leaf_hash, {fields})"
            f" select {1 - position}, '{moved[1 - position].leaf_hash}', {fields}"
            f" from both_entries where position = {position}"
            for position in (0, 1)
        ),
    )


def report_alone_remembers(installation) -> None:
    """Everything signed is deleted; a report to the officer still names the size."""
    cut(installation, 1)
    by_owner(installation, "truncate lacuna_evidence.checkpoint, lacuna_evidence.seal")
    drop_copies(installation)
    for path in certificates(installation):
        path.unlink()


# --- the files --------------------------------------------------------------------------------------


def delete_a_certificate(installation) -> None:
    certificates(installation)[0].unlink()


def delete_a_certificate_and_its_statement(installation) -> None:
    path = certificates(installation)[0]
    path.unlink()
    (home(installation) / "evidence" / "statements" / path.name).unlink()


def put_another_certificate_in_its_place(installation) -> None:
    first, second = certificates(installation)
    shutil.copyfile(first, second)


def truncate_a_certificate(installation) -> None:
    path = certificates(installation)[0]
    path.write_bytes(path.read_bytes()[:200])


def empty_a_certificate(installation) -> None:
    certificates(installation)[0].write_bytes(b"")


def link_a_certificate(installation) -> None:
    first, second = certificates(installation)
    first.rename(first.with_suffix(".moved"))
    first.symlink_to(first.with_suffix(".moved"))
    assert second.exists()


def a_pipe_in_place_of_a_certificate(installation) -> None:
    path = certificates(installation)[0]
    path.unlink()
    os.mkfifo(path)


def a_folder_in_place_of_a_certificate(installation) -> None:
    path = certificates(installation)[0]
    path.unlink()
    path.mkdir()


def a_file_in_place_of_the_certificates(installation) -> None:
    folder = home(installation) / "evidence" / "certificates"
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def no_evidence_folder(installation) -> None:
    shutil.rmtree(home(installation) / "evidence")


def one_folder_of_checkpoints_for_both(installation) -> None:
    copy = home(installation) / COPIES[1]
    shutil.rmtree(copy)
    copy.symlink_to(home(installation) / COPIES[0])


def the_copies_are_the_same_files(installation) -> None:
    """Two folders, two names, one file on the disk: whoever changes it changes both."""
    for path in (home(installation) / COPIES[1]).glob("*.txt"):
        path.unlink()
        path.hardlink_to(home(installation) / COPIES[0] / path.name)


def a_key_without_the_public_keys_that_signed(installation) -> None:
    shutil.rmtree(home(installation) / "keys" / "public")


def delete_an_older_checkpoint_of_the_database(installation) -> None:
    by_owner(
        installation,
        "delete from lacuna_evidence.checkpoint"
        " where size < (select max(size) from lacuna_evidence.checkpoint)",
    )


def certify_what_the_ledger_never_closed(installation) -> None:
    """With the key of the ledger: a certificate of a request that there never was."""
    key = signing_key(installation.stores)
    path = certificates(installation)[0]
    envelope = json.loads(path.read_bytes())
    name = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10"
    payload = base64.b64decode(envelope["payload"]).replace(path.stem.encode(), name.encode())
    envelope["payload"] = base64.b64encode(payload).decode()
    signature = key.sign(pre_authentication(payload))
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    text = json.dumps(envelope, sort_keys=True, separators=(",", ":"))
    path.with_name(f"{name}.json").write_text(text, "utf-8")


def link_the_evidence(installation) -> None:
    moved = home(installation) / "moved"
    (home(installation) / "evidence").rename(moved)
    (home(installation) / "evidence").symlink_to(moved)


def hand_out_a_key_of_ones_own(installation) -> None:
    """Whoever takes the keys from there would believe what it signs."""
    own = create_key(home(installation) / "own.pem")
    folder = home(installation) / "evidence" / "keys"
    (folder / "0000000000000000.pub").write_text(f"{own.public_text}\n", "ascii")


def a_checkpoint_of_the_future(installation) -> None:
    note = sign_checkpoint(999, "ab" * 32, signing_key(installation.stores))
    (home(installation) / COPIES[1] / "checkpoint-000000000999.txt").write_text(note, "utf-8")


def two_roots_of_one_size(installation) -> None:
    """A split view: the copy elsewhere is of another history."""
    (path, *_) = sorted((home(installation) / COPIES[1]).glob("*.txt"))
    note = sign_checkpoint(sizes(installation)[0], "ab" * 32, signing_key(installation.stores))
    path.write_text(note, "utf-8")


def an_edited_report(installation) -> None:
    path = next((home(installation) / "evidence" / "reports").glob("*.json"))
    document = json.loads(path.read_bytes())
    document["ledger"]["entries"] += 5
    path.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")), "utf-8")


def an_emptied_report(installation) -> None:
    next((home(installation) / "evidence" / "reports").glob("*.json")).write_bytes(b"{}")


def reports(installation) -> list[Path]:
    return sorted((home(installation) / "evidence" / "reports").glob("2*.json"))


def edit_report(path: Path, **changes: object) -> None:
    document = json.loads(path.read_bytes()) | changes
    path.write_bytes(rfc8785.dumps(document))


def a_report_that_ends_later(installation) -> None:
    """The next one goes on from there: what failed until then would stand in none."""
    edit_report(reports(installation)[-1], until="2027-06-01T00:00:00.000000Z")


def a_report_whose_failures_are_gone(installation) -> None:
    path = reports(installation)[-1]
    runs = json.loads(path.read_bytes())["runs"]
    edit_report(path, runs=[each | {"failures": [], "steps": 0} for each in runs])


def a_report_with_one_space_more(installation) -> None:
    path = reports(installation)[-1]
    path.write_bytes(path.read_bytes() + b" ")


def delete_the_newest_report(installation) -> None:
    reports(installation)[-1].unlink()


def delete_every_report(installation) -> None:
    shutil.rmtree(home(installation) / "evidence" / "reports")


def a_report_of_no_seal(installation) -> None:
    path = reports(installation)[-1]
    other = path.with_name("2027-01-01T000000.000000Z.json")
    shutil.copyfile(path, other)
    edit_report(other, until="2027-01-01T00:00:00.000000Z")


def a_page_of_a_report_that_there_never_was(installation) -> None:
    page = reports(installation)[-1].with_suffix(".html")
    shutil.copy(page, page.with_name("2027-01-01T000000.000000Z.html"))


def a_tenants_page_of_a_report_that_there_never_was(installation) -> None:
    folder = home(installation) / "evidence" / "reports" / "tenants" / "fjordlys"
    (folder / "2027-01-01T000000.000000Z.html").write_text("All is well.")


def a_page_beside_those_of_tenants(installation) -> None:
    (home(installation) / "evidence" / "reports" / "tenants" / "all.html").write_text(
        "All is well."
    )


def a_file_beside_a_report(installation) -> None:
    reports(installation)[-1].with_suffix(".txt").write_text("All is well.")


def a_statement_of_a_request_that_there_never_was(installation) -> None:
    (path, *_) = sorted((home(installation) / "evidence" / "statements").glob("*.json"))
    shutil.copyfile(path, path.with_name("0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10.json"))


def a_page_to_print_of_a_request_that_there_never_was(installation) -> None:
    path = certificates(installation)[0].with_suffix(".html")
    shutil.copyfile(path, path.with_name("0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10.html"))


def a_certificate_by_another_ending(installation) -> None:
    path = certificates(installation)[0]
    shutil.copyfile(path, path.with_suffix(".JSON"))


def another_key_signs_everything(installation) -> None:
    """The key, its public part and every checkpoint are exchanged; the database's notes stay."""
    keys = home(installation) / "keys"
    (keys / "signing.pem").unlink()
    shutil.rmtree(keys / "public")
    shutil.rmtree(home(installation) / "evidence" / "keys")
    exchanged = create_key(keys / "signing.pem")
    roots = dict(execute(installation.url, "select size, root from lacuna_evidence.checkpoint"))
    for folder in COPIES:
        for path in (home(installation) / folder).glob("checkpoint-*.txt"):
            size = int(path.stem.rpartition("-")[2])
            path.write_text(sign_checkpoint(size, roots[size], exchanged), "utf-8")


def hand_out_a_workers_key_of_ones_own(installation) -> None:
    """Whoever checks bundles and notices may take the keys from there."""
    folder = home(installation) / "evidence" / "work-keys"
    folder.mkdir(exist_ok=True)
    line = create_key(home(installation) / "own.pem", name=WORK).public_text
    (folder / "0123456789abcdef.pub").write_text(f"{line}\n", "ascii")


def a_file_among_the_keys(installation) -> None:
    (home(installation) / "evidence" / "keys" / "read-me.txt").write_text("Use the other one.")


def a_file_among_the_checkpoints(installation) -> None:
    (home(installation) / "evidence" / "checkpoints" / "the-true-one.json").write_text("{}")


def a_checkpoint_by_another_name(installation) -> None:
    folder = home(installation) / "evidence" / "checkpoints"
    path = sorted(folder.glob("checkpoint-*.txt"))[0]
    (folder / "newest.txt").write_bytes(path.read_bytes())


ATTACKS: dict[Callable[..., None], str] = {
    roll_back_with_both_folders: "evidence/certificates/",
    cut_and_delete_every_checkpoint: "evidence/certificates/",
    empty_the_ledger: "0 entries, but",
    empty_the_ledger_and_every_file: "0 entries, but",
    delete_all_that_was_signed: "no signed file",
    forget_that_it_was_sealed: "the database records no seal",
    rewrite_history_of_the_same_length: "the root at size",
    reorder_two_entries: "the root at size",
    report_alone_remembers: "evidence/reports/",
    delete_a_certificate_and_its_statement: "1 certificates and their statements are missing",
    put_another_certificate_in_its_place: "the content of another",
    truncate_a_certificate: "cannot be read",
    empty_a_certificate: "cannot be read",
    link_a_certificate: "is a link",
    a_pipe_in_place_of_a_certificate: "is not a file",
    a_folder_in_place_of_a_certificate: "is not a file",
    a_file_in_place_of_the_certificates: "is not a folder",
    no_evidence_folder: "missing in the copies",
    one_folder_of_checkpoints_for_both: "one folder",
    the_copies_are_the_same_files: "share 2 files",
    a_key_without_the_public_keys_that_signed: "no known public key",
    delete_an_older_checkpoint_of_the_database: "have no checkpoint",
    certify_what_the_ledger_never_closed: "about nothing that the ledger closed",
    link_the_evidence: "is a link",
    hand_out_a_key_of_ones_own: "never signed here",
    hand_out_a_workers_key_of_ones_own: "evidence/work-keys: 1 keys never",
    a_file_among_the_keys: "evidence/keys: 1 keys never",
    a_file_among_the_checkpoints: "evidence/checkpoints: 1 files are not checkpoints",
    a_checkpoint_by_another_name: "evidence/checkpoints: 1 files are not checkpoints",
    a_checkpoint_of_the_future: "names 999 ",
    two_roots_of_one_size: "two different roots",
    an_edited_report: "evidence/reports/",
    an_emptied_report: "evidence/reports/",
    a_report_that_ends_later: "1 reports (evidence/reports/) were changed or removed",
    a_report_whose_failures_are_gone: "1 reports (evidence/reports/) were changed or removed",
    a_report_with_one_space_more: "1 reports belong to no seal",
    delete_the_newest_report: "1 reports (evidence/reports/) were changed or removed",
    delete_every_report: "2 reports (evidence/reports/) were changed or removed",
    a_report_of_no_seal: "1 reports belong to no seal",
    a_page_of_a_report_that_there_never_was: "evidence/reports: 1 files belong to no report",
    a_tenants_page_of_a_report_that_there_never_was: "evidence/reports: 1 files belong to no report",
    a_page_beside_those_of_tenants: "evidence/reports: 1 files belong to no report",
    a_file_beside_a_report: "evidence/reports: 1 files belong to no report",
    a_statement_of_a_request_that_there_never_was: "belong to no closed request",
    a_page_to_print_of_a_request_that_there_never_was: "belong to no closed request",
    a_certificate_by_another_ending: "belong to no closed request",
    another_key_signs_everything: "no known public key",
}


def test_what_nobody_touched_holds(sealed, lacuna):
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 0, done.err
    assert lacuna("run", "seal").code == 0
    assert lacuna("evidence", "verify", "--ledger").code == 0


def test_a_ledger_that_was_never_sealed_holds_and_it_is_said(installation, lacuna):
    installation.submit_contact(sorted(installation.platform.people)[0])
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 0, done.err
    assert "It was never sealed" in done.out


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_auditor_sees_it_and_the_seal_refuses(sealed, lacuna, attack):
    attack(sealed)
    signed = {path: path.read_bytes() for path in _signed(sealed)}
    for command in (("evidence", "verify", "--ledger"), ("run", "seal")):
        done = lacuna(*command)
        assert done.code == 1, (command, done.out, done.err)
        said = " ".join(done.err.split())
        assert ATTACKS[attack] in said, command
        assert "Stop all processing" in said or "lacuna run seal" in said, "what now"
    assert {path: path.read_bytes() for path in _signed(sealed)} == signed, "it was signed for"


def _signed(installation) -> list[Path]:
    folders = [home(installation) / name for name in (*COPIES, "evidence/certificates")]
    return [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.is_file() and path.suffix in {".txt", ".json"}
    ]


def test_a_deleted_certificate_is_missed_and_issued_again(sealed, lacuna):
    delete_a_certificate(sealed)
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "1 certificates are missing" in " ".join(done.err.split())
    assert lacuna("run", "seal").code == 0
    assert lacuna("evidence", "verify", "--ledger").code == 0


def test_certificates_of_another_installation_are_called_so(sealed, lacuna, tmp_path):
    """They are signed by a key that is not known here: no false word about the ledger."""
    foreign = create_key(tmp_path / "foreign.pem")
    note = sign_checkpoint(4711, "ab" * 32, foreign)
    folder = home(sealed) / "evidence" / "certificates"
    theirs = json.loads(certificates(sealed)[0].read_bytes())
    theirs["signatures"][0]["keyid"] = foreign.public.label
    text = json.dumps(theirs, sort_keys=True, separators=(",", ":"))
    (folder / "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10.json").write_text(text, "utf-8")
    done = lacuna("evidence", "verify", "--ledger")
    said = " ".join(done.err.split())
    assert done.code == 1
    assert "1 certificates are not signed by a known key" in said
    assert "another installation" in said
    assert note not in said


def test_keys_kept_elsewhere_show_that_everything_was_exchanged(sealed, lacuna, tmp_path):
    """The owner of database and machine lets all of it be signed anew: a key from outside tells."""
    outside = tmp_path / "outside"
    shutil.copytree(home(sealed) / "evidence" / "keys", outside)
    assert lacuna("evidence", "verify", "--ledger", "--keys", outside).code == 0
    for folder in ("evidence/certificates", "evidence/reports", "evidence/keys", *COPIES):
        shutil.rmtree(home(sealed) / folder)
    shutil.rmtree(home(sealed) / "keys" / "public")
    (home(sealed) / "keys" / "signing.pem").unlink()
    # Statements name positions: what stood there about reports is made something else.
    entries = [leaf.entry for leaf in leaves_of(sealed)]
    forged = [
        replace(each, action=Action.SWEEP) if each.action is Action.REPORTED else each
        for each in entries
    ]
    by_owner(
        sealed,
        "truncate lacuna_evidence.entry, lacuna_evidence.checkpoint, lacuna_evidence.seal",
    )
    with sealed.stores.transaction(Role.OWNER) as transaction:
        transaction.ledger.append_all(forged)
    assert lacuna("run", "seal").code == 0, "nothing is left that could tell"
    assert lacuna("evidence", "verify", "--ledger").code == 0
    done = lacuna("evidence", "verify", "--ledger", "--keys", outside)
    assert done.code == 1
    assert "no valid signature" in " ".join(done.err.split())


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(sealed, lacuna, monkeypatch):
    folder = home(sealed) / "evidence" / "certificates"
    scandir = os.scandir

    def denied(path=".", *rest):
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path, *rest)

    monkeypatch.setattr(os, "scandir", denied)
    for command in (("evidence", "verify", "--ledger"), ("run", "seal")):
        done = lacuna(*command)
        assert done.code == 3, (command, done.out, done.err)
        assert "Permission denied" in done.err


def test_an_older_database_with_newer_files_and_the_reverse(sealed, lacuna):
    """What was put back is one or the other; neither passes for the whole."""
    older = {path: path.read_bytes() for path in _signed(sealed)}
    sealed.submit_contact(sorted(sealed.platform.people)[4])
    before = len(leaves_of(sealed))
    assert lacuna("run", "seal").code == 0
    newer = set(_signed(sealed)) - set(older)
    assert len(newer) == 2
    for path in newer:  # the files of yesterday, the database of today
        path.rename(path.with_suffix(".kept"))
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "missing in the copies" in " ".join(done.err.split())
    for path in newer:  # the files of today, the database of yesterday
        path.with_suffix(".kept").rename(path)
    cut(sealed, before - 1)
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 1
    assert "removed, or an old copy was restored" in " ".join(done.err.split())


def test_nobody_but_the_sealer_writes_what_remembers_seals(sealed):
    for role in Role:
        if role in (Role.OWNER, Role.SEALER):
            continue
        granted = execute(
            sealed.url,
            "select table_name, privilege_type from information_schema.role_table_grants"
            " where table_schema = 'lacuna_evidence' and table_name in ('seal', 'checkpoint')"
            " and grantee = %s and privilege_type <> 'SELECT'",
            str(role),
        )
        assert granted == [], role
    with pytest.raises(Exception, match="append-only"), connect(sealed.url) as connection:
        connection.execute("delete from lacuna_evidence.seal")


def test_a_ledger_is_not_judged_while_it_is_sealed(sealed, lacuna):
    with sealed.stores.exclusive("seal"):
        for command in (("evidence", "verify", "--ledger"), ("run", "seal")):
            done = lacuna(*command)
            assert done.code == 3
            assert 'another run holds the lock "seal"' in " ".join(done.err.split())
    assert lacuna("evidence", "verify", "--ledger").code == 0


def test_the_ledger_is_read_once_to_be_verified_however_much_was_signed(
    sealed, lacuna, monkeypatch
):
    read: list[int] = []
    leaves = PostgresLedger.leaves

    def counted(self, *, request_id=None):
        for leaf in leaves(self, request_id=request_id):
            if request_id is None:
                read.append(leaf.position)
            yield leaf

    monkeypatch.setattr(PostgresLedger, "leaves", counted)
    entries = len(leaves_of(sealed))
    assert len(sizes(sealed)) == 2
    read.clear()
    assert lacuna("evidence", "verify", "--ledger").code == 0
    assert len(read) == entries


# --- what is left when everything else is gone ------------------------------------------------------


def test_keys_beside_a_database_and_folders_that_were_emptied_are_found(sealed, lacuna):
    """Nothing but the keys says that there was a ledger."""
    kept = home(sealed) / "kept.pub"
    shutil.copy(next((home(sealed) / "evidence" / "keys").glob("*.pub")), kept)
    by_owner(
        sealed,
        "truncate lacuna_evidence.entry, lacuna_evidence.checkpoint, lacuna_evidence.seal",
    )
    for folder in ("evidence", "checkpoints-copy"):
        shutil.rmtree(home(sealed) / folder)
    for arguments in (("--ledger",), ("--ledger", "--keys", kept)):
        said = lacuna("evidence", "verify", *arguments)
        assert said.code == 1
        assert "the database records no seal" in said.err
    assert lacuna("run", "seal").code == 1
    assert sizes(sealed) == []


def test_a_certificate_is_compared_with_the_ledger_that_it_is_verified_with(sealed, lacuna):
    """One that was handed out names more entries than a ledger that was exchanged with all its files."""
    kept = home(sealed) / "handed-out.json"
    newest = max(certificates(sealed), key=lambda path: path.stat().st_mtime)
    shutil.copy(newest, kept)
    keys = home(sealed) / "evidence" / "keys"
    assert lacuna("evidence", "verify", kept, "--ledger", "--keys", keys).code == 0
    roll_back_with_both_folders(sealed)
    shutil.rmtree(home(sealed) / "evidence" / "reports")
    for folder in ("certificates", "statements"):
        for path in (home(sealed) / "evidence" / folder).glob(f"{newest.stem}.*"):
            path.unlink()
    assert lacuna("evidence", "verify", "--ledger").code == 0  # it was exchanged whole
    assert lacuna("evidence", "verify", kept, "--ledger", "--keys", keys).code == 1


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_a_statement_that_the_ledger_did_not_close_with_is_found_before_anything_is_signed(
    sealed, lacuna, content
):
    contact = sorted(sealed.platform.people)[3]
    request_id = sealed.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    org_id = sealed.request(request_id).org_id
    with sealed.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        refuse(transaction.queue.requests.get(request_id), "12(5)(b)", sealed.desk(transaction))
    steps = Steps(sealed.stores, sealed.options(), "seal")
    state_refusals(sealed.stores, str(uuid.uuid4()), steps)
    before = sizes(sealed)
    (home(sealed) / "evidence" / "statements" / f"{request_id}.json").write_bytes(content)
    said = lacuna("evidence", "verify", "--ledger")
    assert said.code == 1
    assert "statements differ from those in the ledger" in said.err
    assert lacuna("run", "seal").code == 1
    assert sizes(sealed) == before


def test_a_pipe_among_the_lines_of_runs_holds_nobody_up(sealed, lacuna):
    os.mkfifo(home(sealed) / "evidence" / "runs" / "intake-zz.jsonl")
    assert lacuna("run", "seal").code == 1


def test_a_pipe_among_public_keys_holds_nobody_up(sealed, lacuna):
    keys = home(sealed) / "evidence" / "keys"
    os.mkfifo(keys / "zz.pub")
    assert lacuna("evidence", "verify", certificates(sealed)[0], "--keys", keys).code == 2


def test_a_key_that_is_only_handed_out_vouches_for_no_certificate(sealed, lacuna):
    """Without --keys it was enough to lay a key of one's own into evidence/keys."""
    path = certificates(sealed)[0]
    assert lacuna("evidence", "verify", path).code == 0
    hand_out_a_key_of_ones_own(sealed)
    own = load_key(home(sealed) / "own.pem")
    keys = home(sealed) / "evidence" / "keys"
    outer = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    known = (home(sealed) / "keys" / "public").glob("*.pub")
    checkpoint = verify_checkpoint(
        outer["predicate"]["log"]["checkpoint"], "\n".join(one.read_text("ascii") for one in known)
    )
    again = {"checkpoint": sign_checkpoint(checkpoint.size, checkpoint.root, own)}
    path.write_bytes(
        resigned(path.read_bytes(), lambda outer: outer["predicate"]["log"].update(again), own)
    )
    assert lacuna("evidence", "verify", path, "--keys", keys).code == 0, "it is well signed"
    done = lacuna("evidence", "verify", path)
    assert done.code == 1
    assert "step 2 (signature)" in " ".join(done.err.split())


@pytest.mark.parametrize(
    "arguments", [("certificate",), ("certificate", "--ledger"), ("--ledger",)]
)
def test_where_no_key_can_be_seen_it_has_to_be_named(sealed, lacuna, monkeypatch, arguments):
    """The ledger's key lies on a volume that this process does not see."""
    monkeypatch.setenv("LACUNA_SIGNING_KEY", f"file://{home(sealed)}/elsewhere/signing.pem")
    words = [certificates(sealed)[0] if each == "certificate" else each for each in arguments]
    done = lacuna("evidence", "verify", *words)
    assert done.code == 2
    assert "--keys" in done.err
    keys = home(sealed) / "keys" / "public"
    assert lacuna("evidence", "verify", *words, "--keys", keys).code == 0


def test_a_certificate_is_not_verified_by_a_key_without_its_public_folder(sealed, lacuna):
    a_key_without_the_public_keys_that_signed(sealed)
    done = lacuna("evidence", "verify", certificates(sealed)[0])
    assert done.code == 1
    assert "without the public keys that signed here" in " ".join(done.err.split())


def test_what_goes_with_a_certificate_is_refused_without_one(sealed, lacuna):
    assert lacuna("evidence", "verify", "--ledger", "--runs", "/nonexistent").code == 2


# --- reports to the officer -------------------------------------------------------------------------


def test_nobody_but_the_sealer_records_a_report_or_the_lines_of_a_run(sealed):
    statement = (
        "insert into lacuna_evidence.entry (at, phase, action, location, digest, actor) "
        "values (now(), 'outcome', %s, 'evidence/reports', %s, 'flow:seal')"
    )
    for role, action in [
        *(
            (role, action)
            for role in Role
            if role not in (Role.SEALER, Role.OWNER)
            for action in ("reported", "run_recorded", "certificate_expired")
        ),
        (Role.SEALER, "approved"),
        (Role.SEALER, "checkpoint"),
    ]:
        with connect(sealed.url) as connection:
            connection.execute(f"set role {role}")
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement, (action, "ab" * 32))


def test_a_seal_that_died_with_its_report_is_finished_by_the_next(sealed, lacuna, monkeypatch):
    """The ledger names the report before it has its name: no crash leaves one that it does not name."""
    with monkeypatch.context() as patch:
        patch.setattr(dpo_report, "as_page", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sealed.run(seal)
    assert len(reports(sealed)) == 2
    assert "the next lacuna run seal" in " ".join(
        lacuna("evidence", "verify", "--ledger").err.split()
    )
    assert lacuna("run", "seal").code == 0
    assert len(reports(sealed)) == 4
    assert all(path.with_suffix(".html").exists() for path in reports(sealed))
    assert lacuna("evidence", "verify", "--ledger").code == 0


def test_a_report_tells_of_each_entry_of_the_ledger_once(sealed):
    assert sealed.run(seal) is None
    told = [json.loads(path.read_bytes()) for path in reports(sealed)]
    last = told[-1]["ledger"]["entries"]
    assert sum(sum(each["done"].values()) for each in told) == last > 0
