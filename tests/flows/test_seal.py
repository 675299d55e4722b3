"""The seal: the ledger is checked and signed for, and whoever edits it is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.evidence import (
    Tree,
    is_subject,
    sign_checkpoint,
    verify_certificate,
    verify_checkpoint,
)
from lacuna.evidence.canonical_bytes import leaf_of
from lacuna.flows import seal
from lacuna.flows.run.installation_keys import (
    published_keys_folder,
    read_public_keys,
    signing_key,
)
from lacuna.flows.seal.ledger_audit import audit, check_evidence
from lacuna.flows.seal.recorded_runs import check_runs
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import refuse
from tests.flows.holding import Later
from tests.flows.observation import connect, execute, leaves_of, open_folders, quiet_people

FOLDERS = ("evidence/checkpoints", "checkpoints-copy")


@pytest.fixture(scope="module")
def sealed_once(reaching):
    """An installation whose ledger has a few entries and one checkpoint."""

    def reach(installation):
        write_some(installation)
        assert installation.run(seal) is None

    return reaching("sealed", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


def write_some(installation, kind: RequestKind = RequestKind.ACCESS) -> None:
    for contact in sorted(installation.platform.people)[:3]:
        installation.submit_contact(contact, kinds=(kind,))


def edit(installation, statement: str, *values: object) -> None:
    """Change the ledger as only the owner of the database can: with its triggers off."""
    with connect(installation.url) as connection:
        for table in ("entry", "checkpoint", "seal"):
            connection.execute(f"alter table lacuna_evidence.{table} disable trigger all")
        connection.execute(statement, values or None)


def notes_of(installation) -> list[str]:
    with installation.stores.transaction(Role.AUDITOR) as transaction:
        return list(transaction.ledger.checkpoints())


def copies_of(installation) -> list[list[Path]]:
    return [sorted((installation.stores.home / name).iterdir()) for name in FOLDERS]


def test_a_checkpoint_is_signed_over_the_whole_ledger_and_kept_in_two_places(sealed):
    (note,) = notes_of(sealed)
    public = signing_key(sealed.stores).public_text
    checkpoint = verify_checkpoint(note, public)
    assert checkpoint.size == 3
    assert [leaf.entry.action for leaf in leaves_of(sealed)[3:]] == [Action.REPORTED]
    for (path,) in copies_of(sealed):
        assert path.read_text("utf-8") == note
        assert path.stat().st_mode & 0o077 == 0

    write_some(sealed, RequestKind.PORTABILITY)
    assert sealed.run(seal) is None
    # Its report is the one entry that a seal cannot sign for; the next one does.
    size = len(leaves_of(sealed)) - 1
    assert [verify_checkpoint(one, public).size for one in notes_of(sealed)] == [3, size]
    assert [len(paths) for paths in copies_of(sealed)] == [2, 2]


def test_an_empty_ledger_is_not_signed_for(installation):
    assert installation.run(seal) is None
    assert notes_of(installation) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "update lacuna_evidence.entry set rows = 7 where position = 1",
            "position 1 does not match",
        ),
        ("update lacuna_evidence.entry set at = at + interval '1 us' where position = 2", "2 does"),
        ("delete from lacuna_evidence.entry where position = 1", "position 2 instead of 1"),
        ("delete from lacuna_evidence.entry where position >= 2", "removed, or an old copy"),
        ("delete from lacuna_evidence.entry", "removed, or an old copy"),
        (
            "delete from lacuna_evidence.checkpoint; delete from lacuna_evidence.entry",
            "removed, or an old copy",
        ),
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
    assert "the root at size 3 differs from that of" in str(error)


def test_a_checkpoint_that_is_missing_among_the_copies_is_found_out(sealed):
    for path in (sealed.stores.home / FOLDERS[1]).iterdir():
        path.unlink()
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "1 that the database records are missing" in str(error)


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


def test_the_signing_key_and_its_public_keys_lie_where_they_are_put(installation, tmp_path):
    key = tmp_path / "volume" / "ledger.pem"
    moved = replace(installation, stores=replace(installation.stores, signing_path=key))
    write_some(moved)
    assert moved.run(seal) is None
    assert key.exists()
    assert not (moved.stores.home / "keys" / "signing.pem").exists()
    assert not (moved.stores.home / "keys" / "public").exists()
    old = key.read_bytes()
    seal.rotate_key(moved.stores, "dpo:0000test")
    assert key.read_bytes() != old
    assert len(list((key.parent / "public").glob("*.pub"))) == 2
    assert sorted(path.name for path in key.parent.iterdir()) == ["ledger.pem", "public"]
    assert moved.run(seal) is None


@pytest.mark.thorough
@pytest.mark.parametrize("where", ["publish_keys", "sign_checkpoint", "publish_checkpoint"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_seal_that_died_is_finished_over_what_it_began_with(
    installation, where, is_first, monkeypatch
):
    write_some(installation)
    if not is_first:
        assert installation.run(seal) is None
        write_some(installation, RequestKind.PORTABILITY)
    with monkeypatch.context() as patch:
        patch.setattr(
            f"lacuna.flows.seal.flow.{where}", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            installation.run(seal)
    began = len(leaves_of(installation))
    with pytest.raises(EvidenceBroken, match="run lacuna run seal to finish it"):
        check_evidence(installation.stores)
    write_some(installation, RequestKind.RESTRICTION)
    assert installation.run(seal) is None
    public = signing_key(installation.stores).public_text
    sizes = [verify_checkpoint(one, public).size for one in notes_of(installation)]
    size = check_evidence(installation.stores).size
    assert sizes == [*([] if is_first else [3]), began, size - 1]
    assert size - 1 >= began + 3
    assert [len(paths) for paths in copies_of(installation)] == [len(sizes)] * 2


def test_a_checkpoint_that_the_database_does_not_remember_is_none_of_its_own(sealed):
    """Whoever has the key signs beside the database: it knew of no such seal."""
    write_some(sealed, RequestKind.PORTABILITY)
    root = hash_of(leaves_of(sealed))
    note = sign_checkpoint(6, root, signing_key(sealed.stores))
    for name in FOLDERS:
        (sealed.stores.home / name / "checkpoint-000000000006.txt").write_text(note, "utf-8")
    error = sealed.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "has no record of 2 seals that were signed" in str(error)


def hash_of(leaves) -> str:
    return Tree(bytes.fromhex(leaf.leaf_hash) for leaf in leaves).root().hex()


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


# --- certificates -----------------------------------------------------------------------------------


def certificates_of(installation) -> dict[str, Path]:
    folder = installation.stores.home / "evidence" / "certificates"
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def verified_of(installation, path: Path):
    keys = read_public_keys(published_keys_folder(installation.stores.home))
    runs = installation.stores.home / "evidence" / "runs"
    return verify_certificate(path.read_bytes(), keys, runs=runs)


@pytest.fixture(scope="module")
def erased_once(reaching):
    """An installation with a request of each end; says their ids by the type of certificate."""

    def reach(installation):
        contact, other = quiet_people(installation.platform)[:2]
        email = installation.platform.people[contact].emails[0]
        ids = {
            "erasure": installation.submit((IdentifierKind.EMAIL, email)),
            "nothing_found": installation.submit((IdentifierKind.EMAIL, "nobody@example.org")),
            "refused": installation.submit_contact(other),
        }
        assert installation.run() is None
        installation.approve(ids["erasure"])
        org_id = installation.request(ids["refused"]).org_id
        with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
            request = transaction.queue.requests.get(ids["refused"])
            refuse(request, "12(5)(b)", installation.desk(transaction))
        assert installation.run() is None
        return ids, email

    return reaching("erased", reach)


@pytest.fixture
def erased(erased_once):
    return erased_once.said


def test_the_seal_issues_the_certificate_of_every_closed_request(installation, erased):
    ids, email = erased
    assert certificates_of(installation) == {}, "a certificate before the ledger was sealed"
    assert installation.run(seal) is None
    issued = certificates_of(installation)
    assert set(issued) == set(ids.values())
    for kind, request_id in ids.items():
        verified = verified_of(installation, issued[request_id])
        assert verified.request_id == request_id
        assert verified.statement["type"] == kind
        assert verified.shown[-1] == "runs"
        page = issued[request_id].with_suffix(".html").read_text("utf-8")
        assert request_id in page
        assert email not in page
    assert verified_of(installation, issued[ids["refused"]]).statement["ground"] == "12(5)(b)"
    assert open_folders(installation.stores.home) == []


@pytest.mark.thorough
def test_a_certificate_is_issued_once(installation, erased):
    assert installation.run(seal) is None
    before = {path: path.read_bytes() for path in certificates_of(installation).values()}
    installation.submit((IdentifierKind.EMAIL, "nobody.else@example.org"))
    assert installation.run() is None
    assert installation.run(seal) is None
    after = certificates_of(installation)
    assert len(after) == len(before) + 1
    assert {path: path.read_bytes() for path in before} == before


def in_days(installation, days: int) -> None:
    clock = Later(installation.stores.clock, timedelta(days=days))
    installation.stores = replace(installation.stores, clock=clock)


@pytest.mark.thorough
def test_a_certificate_is_deleted_after_five_years_and_the_ledger_names_it(installation, erased):
    assert installation.run(seal) is None
    issued = certificates_of(installation)
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in issued.items()}
    evidence = installation.stores.home / "evidence"
    in_days(installation, 1826 - 1)
    assert installation.run(seal) is None
    assert certificates_of(installation) == issued
    in_days(installation, 2)
    assert installation.run(seal) is None
    assert list((evidence / "certificates").iterdir()) == []
    assert list((evidence / "statements").iterdir()) == []
    expired = [
        leaf.entry
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.CERTIFICATE_EXPIRED
    ]
    assert {one.request_id: one.digest for one in expired} == digests
    for _ in range(2):
        assert installation.run(seal) is None
        check_evidence(installation.stores)


@pytest.mark.thorough
def test_a_deletion_of_certificates_that_died_is_ended_by_the_next_seal(
    installation, erased, monkeypatch
):
    assert installation.run(seal) is None
    in_days(installation, 1827)
    with monkeypatch.context() as patch:
        unlink = Path.unlink

        def die(path: Path, *, missing_ok: bool = False) -> None:
            if path.suffix == ".html":
                raise KeyboardInterrupt
            unlink(path, missing_ok=missing_ok)

        patch.setattr(Path, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            installation.run(seal)
    assert len(certificates_of(installation)) == 3
    check_evidence(installation.stores)
    assert installation.run(seal) is None
    assert certificates_of(installation) == {}


def test_a_certificate_that_the_ledger_calls_expired_before_its_time_is_missing(
    installation, erased
):
    assert installation.run(seal) is None
    name, path = next(iter(certificates_of(installation).items()))
    insert = (
        "insert into lacuna_evidence.entry (at, phase, action, location, request_id, actor) values "
        "(now() + interval '%s days', 'outcome', 'certificate_expired', 'evidence/certificates', "
        "'%s', 'flow:seal')"
    )
    for each in (path, path.with_suffix(".html"), path.parents[1] / "statements" / path.name):
        each.unlink()
    for days, is_missing in ((364, True), (366, False)):
        with connect(installation.url) as connection:
            connection.execute("set role lacuna_sealer")
            connection.execute(insert % (days, name))
        if is_missing:
            with pytest.raises(EvidenceBroken, match="1 certificates and their statements"):
                check_evidence(installation.stores)
        else:
            check_evidence(installation.stores)


def test_a_certificate_that_is_missing_is_no_finding_once_its_retention_is_over(
    installation, erased
):
    """A ledger that was restored from a dump does not name what was deleted since."""
    assert installation.run(seal) is None
    for path in certificates_of(installation).values():
        for each in (path, path.with_suffix(".html"), path.parents[1] / "statements" / path.name):
            each.unlink()
    with pytest.raises(EvidenceBroken, match="3 certificates and their statements"):
        check_evidence(installation.stores)
    in_days(installation, 1827)
    check_evidence(installation.stores)


@pytest.mark.thorough
def test_a_seal_records_the_lines_of_each_run_once_and_of_itself_the_next_time(
    installation, erased
):
    def recorded():
        with installation.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            return [
                transaction.queue.requests.run_of(leaf.entry.batch_id)[0]
                for leaf in transaction.ledger.leaves()
                if leaf.entry.action is Action.RUN_RECORDED
            ]

    assert installation.run(seal) is None
    assert recorded() == ["fulfilment", "fulfilment"]
    assert installation.run(seal) is None
    assert recorded() == ["fulfilment", "fulfilment", "seal"]
    assert installation.run(seal) is None
    assert recorded() == ["fulfilment", "fulfilment", "seal", "seal"]


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


TAMPERED = {
    "edited": lambda whole: whole.replace(b'"rows": ', b'"rows": 1', 1),
    "spaced": lambda whole: whole[:-2] + b" }\n",
    "cut": lambda whole: b"".join(lines_of(whole)[:-1]),
    "reordered": lambda whole: b"".join(lines_of(whole)[::-1]),
    "before": lambda whole: b"{}\n" + whole,
    "emptied": lambda whole: b"",
}


@pytest.mark.thorough
def test_step_lines_that_were_changed_after_a_seal_are_found_out(installation, erased):
    assert installation.run(seal) is None
    assert check_runs(installation.stores) == 2
    path = max(
        (installation.stores.home / "evidence" / "runs").glob("*.jsonl"),
        key=lambda one: one.read_bytes().count(b'"rows": '),
    )
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"step": "later"}\n')
    assert check_runs(installation.stores) == 2, "a run may go on"
    for name, change in TAMPERED.items():
        changed = change(whole)
        assert changed != whole, name
        path.write_bytes(changed)
        with pytest.raises(EvidenceBroken) as caught:
            check_runs(installation.stores)
        assert path.name in str(caught.value), name
        # Nor does a seal vouch for them: it looks again at what ran since the last but one.
        error = installation.run(seal)
        assert isinstance(error, EvidenceBroken), name
        assert path.name in str(error), name
    path.unlink()
    with pytest.raises(EvidenceBroken, match="the file is missing"):
        check_runs(installation.stores)
    path.write_bytes(whole)
    assert installation.run(seal) is None


@pytest.mark.parametrize("what", ["certificates", "html"])
def test_a_seal_that_died_before_the_certificates_issues_them(installation, erased, what):
    assert installation.run(seal) is None
    issued = certificates_of(installation)
    content = {name: path.read_bytes() for name, path in issued.items()}
    for path in issued.values():
        path.with_suffix(".html").unlink()
        if what == "certificates":
            path.unlink()
    assert installation.run(seal) is None
    again = certificates_of(installation)
    assert set(again) == set(content)
    for path in again.values():
        assert verified_of(installation, path).shown
        assert path.with_suffix(".html").exists()
    if what == "html":
        assert {name: path.read_bytes() for name, path in again.items()} == content


def test_a_statement_that_was_edited_before_the_seal_is_found_out(installation, erased):
    ids, _ = erased
    path = installation.stores.home / "evidence" / "statements" / f"{ids['erasure']}.json"
    path.write_bytes(path.read_bytes().replace(b'"rows":', b'"rows":1', 1))
    error = installation.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert ids["erasure"] in str(error)
    assert ids["erasure"] not in certificates_of(installation)


def test_a_requests_key_tells_whose_certificate_it_is_until_it_is_destroyed(installation, erased):
    ids, email = erased
    assert installation.run(seal) is None
    path = certificates_of(installation)[ids["erasure"]]
    key = installation.stores.home / "keys" / "requests" / f"{ids['erasure']}.key"
    verified = verified_of(installation, path)
    assert is_subject(verified, email.upper(), key.read_bytes())
    assert not is_subject(verified, "nobody@example.org", key.read_bytes())
    unknown = certificates_of(installation)[ids["nothing_found"]]
    assert is_subject(
        verified_of(installation, unknown),
        "nobody@example.org",
        key.with_name(f"{ids['nothing_found']}.key").read_bytes(),
    )


# --- rotation of the key ----------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_rotated_key_is_vouched_for_by_the_one_before(installation, erased):
    assert installation.run(seal) is None
    old = signing_key(installation.stores).public_text
    new = seal.rotate_key(installation.stores, "dpo:0000test")
    assert new == signing_key(installation.stores).public_text != old
    *_, note = notes_of(installation)
    assert verify_checkpoint(note, old) == verify_checkpoint(note, new)
    installation.submit((IdentifierKind.EMAIL, "nobody.else@example.org"))
    assert installation.run() is None
    assert installation.run(seal) is None
    for path in certificates_of(installation).values():
        assert verified_of(installation, path).shown
    *_, note = notes_of(installation)
    assert verify_checkpoint(note, new)
    with pytest.raises(EvidenceBroken):
        verify_checkpoint(note, old)


@pytest.mark.thorough
@pytest.mark.parametrize("where", ["_begin", "_finish", "put_in_place"])
def test_a_rotation_that_died_goes_on_and_loses_no_checkpoint(sealed, where, monkeypatch):
    actor = "dpo:0000test"
    with monkeypatch.context() as patch:
        patch.setattr(
            f"lacuna.flows.seal.flow.{where}", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            seal.rotate_key(sealed.stores, actor)
    assert audit(sealed.stores, will_seal=True).ledger.size >= 3
    assert sealed.run(seal) is None
    new = seal.rotate_key(sealed.stores, actor)
    assert signing_key(sealed.stores).public_text == new
    write_some(sealed, RequestKind.PORTABILITY)
    assert sealed.run(seal) is None
    assert check_evidence(sealed.stores).checkpoints == len(notes_of(sealed))


# --- the report -------------------------------------------------------------------------------------


def reports_of(installation) -> list[dict[str, object]]:
    folder = installation.stores.home / "evidence" / "reports"
    for path in folder.glob("*.json"):
        assert path.with_suffix(".md").exists()
        assert path.with_suffix(".html").exists()
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]


@pytest.mark.thorough
def test_each_seal_reports_what_happened_since_the_one_before(installation, erased):
    _, email = erased
    waiting = installation.submit_contact(quiet_people(installation.platform)[2])
    assert installation.run() is None
    assert installation.run(seal) is None
    (first,) = reports_of(installation)
    assert first["since"] is None
    assert [each["request_id"] for each in first["open"]] == [waiting]
    assert first["open"][0]["waits_for"] == "not_approved"
    assert first["done"]["completed"] == 3
    assert {run["flow"] for run in first["runs"]} == {"fulfilment"}, (
        "a seal tells of the one before"
    )
    assert all(run["failures"] == [] for run in first["runs"])

    installation.approve(waiting)
    assert installation.run(seal) is None
    *_, second = reports_of(installation)
    assert second["since"] == first["until"]
    assert {run["flow"] for run in second["runs"]} == {"seal"}
    assert "completed" not in second["done"]
    assert second["done"]["approved"] == 1
    folder = installation.stores.home / "evidence" / "reports"
    for path in folder.rglob("*.*"):
        assert email not in path.read_text("utf-8")
    # Each officer gets the tenant's own part, as a page, and by mail if it says something.
    assert waiting in "".join(
        path.read_text("utf-8") for path in (folder / "tenants" / "fjordlys").iterdir()
    )
    assert waiting not in "".join(
        path.read_text("utf-8") for path in (folder / "tenants" / "hafenkontor").iterdir()
    )
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (installation.stores.home / "alerts").glob("*.eml")
    ]
    reports = [each for each in mails if "report of" in each["subject"]]
    assert [each["to"] for each in reports] == ["dpo@fjordlys.example.com"] * 2
    number = installation.request(waiting).number
    for each in reports:
        text = each.get_body(("plain",)).get_content()
        assert number in text
        assert "not_approved" not in text


def test_a_seal_that_fails_tells_the_officers(sealed):
    edit(sealed, "update lacuna_evidence.entry set rows = 7 where position = 1")
    assert isinstance(sealed.run(seal), EvidenceBroken)
    told = [path.read_text() for path in (sealed.stores.home / "alerts").glob("*.eml")]
    assert sum("Lacuna: failed runs: 1" in each for each in told) == 2
