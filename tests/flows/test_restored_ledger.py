"""After a restore of the whole database an officer acknowledges it, and the ledger is sealed again."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from psycopg import sql
from sqlalchemy import make_url

from lacuna.errors import EvidenceBroken, PlanRefused, RequestError, StatementRefused
from lacuna.evidence import (
    SUPERSEDED_AT,
    Noted,
    Signed,
    Tree,
    leaf_of,
    sign_checkpoint,
    sign_manifest,
    verify_certificate,
    verify_checkpoint,
)
from lacuna.evidence.signed_statement import FORM
from lacuna.evidence.superseded_histories import SupersededHistory
from lacuna.flows import seal, sweep
from lacuna.flows.run.installation_keys import (
    known_keys,
    name_work_keys,
    read_public_keys,
    signing_key,
    work_key,
)
from lacuna.flows.seal import acknowledgement
from lacuna.flows.seal.acknowledgement import acknowledge_restore, find_superseded
from lacuna.flows.seal.ledger_audit import check_evidence, everything_signed
from lacuna.flows.seal.recorded_runs import check_runs
from lacuna.model.evidence import Action
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import refuse
from lacuna.stores.postgres.database import Database
from tests.flows.conftest import Installation, Reached, opened, reached
from tests.flows.observation import connect, execute, leaves_of, quiet_people
from tests.flows.restoring import dump_of, load, reappeared, restored

OFFICER = "dpo:0000test"
CERTIFICATES = "evidence/certificates"
FOLDERS = ("evidence/checkpoints", "checkpoints-copy")


@pytest.fixture(scope="module")
def lost(template_database, install_little, tmp_path_factory):
    """Sealed, dumped, then somebody erased, a request refused, sealed again, and one more erased."""

    def reach(installation: Installation) -> tuple[bytes, dict[str, str]]:
        people = quiet_people(installation.platform)
        ids = {"early": installation.submit_contact(people[0])}
        assert installation.run() is None
        installation.approve(ids["early"])
        for name, person in (
            ("sealed", people[1]),
            ("unsealed", people[2]),
            ("refused", people[3]),
        ):
            ids[name] = installation.submit_contact(person)
        assert installation.run() is None
        assert installation.run(seal) is None
        dump = dump_of(installation)
        refuse_one(installation, ids["refused"])
        installation.approve(ids["sealed"])
        ids["late"] = installation.submit_contact(people[5])
        assert installation.run() is None
        fulfil(installation, ids["late"])
        assert installation.run(seal) is None
        fulfil(installation, ids["unsealed"])
        return dump, ids

    return reached(template_database, install_little, tmp_path_factory.mktemp("lost"), reach)


def fulfil(installation: Installation, request_id: str) -> None:
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED


def refuse_one(installation: Installation, request_id: str) -> None:
    org_id = installation.request(request_id).org_id
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        refuse(
            transaction.queue.requests.get(request_id), "17(3)(b)", installation.desk(transaction)
        )


@pytest.fixture(scope="module")
def restored_once(template_database, lost, tmp_path_factory) -> Reached:
    """The installation with the database of the dump; the evidence is that of today."""
    with template_database.clones() as fresh:
        fresh(template=lost.template)
    home = tmp_path_factory.mktemp("restored")
    shutil.copytree(lost.home, home, dirs_exist_ok=True)
    template_database.register("restored_ledger", lambda url: load(url, lost.said[0]))
    return Reached("restored_ledger", home, lost.platform, lost.said[1])


@pytest.fixture
def put_back(restored_once, database, lacuna_home) -> Installation:
    return restored_once.begin(database, lacuna_home)


@pytest.fixture(scope="module")
def acknowledged_once(template_database, restored_once, tmp_path_factory) -> Reached:
    """The same, acknowledged and sealed."""

    def reach(installation: Installation) -> SupersededHistory:
        found = acknowledge(installation)
        assert installation.run(seal) is None
        return found

    def install(url: str, home: Path) -> Installation:
        shutil.copytree(restored_once.home, home, dirs_exist_ok=True)
        return opened(url, home, restored_once.platform)

    home = tmp_path_factory.mktemp("acknowledged")
    return reached(template_database, (restored_once.template, install), home, reach)


@pytest.fixture
def acknowledged(acknowledged_once, database, lacuna_home) -> Installation:
    return acknowledged_once.begin(database, lacuna_home)


@pytest.fixture
def ids(lost) -> dict[str, str]:
    return lost.said[1]


def acknowledge(installation: Installation) -> SupersededHistory:
    return acknowledge_restore(
        installation.stores, OFFICER, find_superseded(installation.stores).history.digest
    )


def files_of(installation: Installation) -> dict[str, bytes]:
    """Return everything that was handed out: each file once for each time that its bytes are there."""
    home = installation.stores.home
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for folder in ("evidence", "checkpoints-copy")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and "runs" not in path.parts and "expectations" not in path.parts
    }


@pytest.mark.thorough
def test_a_restore_is_acknowledged_and_the_ledger_sealed_again(put_back, ids):
    before = files_of(put_back)
    error = put_back.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "docs/recovery.md" in str(error)
    assert put_back.run(sweep) is None
    assert put_back.request(ids["sealed"]).state is RequestState.WITHDRAWN
    assert len(reappeared(put_back)) == 3

    found = find_superseded(put_back.stores).history
    assert files_of(put_back) == before | {
        name: content for name, content in files_of(put_back).items() if name not in before
    }
    lost_certificates = {ids["sealed"], ids["late"], ids["refused"]}
    paths = {Path(path) for path in found.files}
    folder = Path(CERTIFICATES)
    assert {path.stem for path in paths if path.parent == folder} == lost_certificates
    assert {path.stem for path in paths if path.parent.name == "statements"} == {
        *lost_certificates, ids["unsealed"]
    }  # fmt: skip
    assert acknowledge(put_back) == found
    # Nothing is lost: every byte that was there is there, in its place or in the folder of the history.
    after = files_of(put_back)
    assert set(before.values()) <= set(after.values())
    assert {path.name for path in (put_back.stores.home / CERTIFICATES).glob("*.json")} == {
        f"{ids['early']}.json"
    }
    assert put_back.run(seal) is None
    checked = check_evidence(put_back.stores)
    assert checked.superseded == (found,)
    assert check_runs(put_back.stores) > 0
    # It is certified who was erased again, and the certificates of before hold as they did.
    public = known_keys(put_back.stores)
    for request_id, _ in reappeared(put_back):
        again = put_back.stores.home / CERTIFICATES / f"{request_id}.json"
        assert verify_certificate(again.read_bytes(), public).request_id == request_id
    for request_id in lost_certificates:
        kept = put_back.stores.home / found.location / "certificates" / f"{request_id}.json"
        verified = verify_certificate(kept.read_bytes(), public)
        assert (verified.signed.size, verified.signed.root) in found.signed
    # In the ledger for good, and in the report.
    (entry,) = [
        leaf.entry
        for leaf in leaves_of(put_back)
        if leaf.entry.action is Action.RESTORE_ACKNOWLEDGED
    ]
    assert (entry.actor, entry.digest, entry.location) == (OFFICER, found.digest, SUPERSEDED_AT)
    report = max((put_back.stores.home / "evidence" / "reports").glob("*.json"))
    (said,) = json.loads(report.read_bytes())["superseded"]
    assert (said["files"], said["digest"]) == (len(found.files), found.digest)
    assert "an older copy of the database was restored" in report.with_suffix(".md").read_text()
    assert put_back.run(sweep) is None
    assert put_back.run(seal) is None


@pytest.mark.thorough
def test_what_was_closed_before_the_restore_is_so_after_it_was_acknowledged(little, database):
    """Its statement says so, which lies in the folder of the history by then; nothing was signed of it."""
    person, other, *_ = quiet_people(little.platform)
    little.submit_contact(other, kinds=(RequestKind.ACCESS,))
    assert little.run(seal) is None
    request_id = little.submit_contact(person, kinds=(RequestKind.ACCESS,))
    dump = dump_of(little)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    again = restored(little, database, dump)
    # The workers' key was made since the dump; lacuna up does this.
    assert name_work_keys(again.stores) == 1
    found = acknowledge(again)
    assert (found.signed, found.count("evidence/statements")) == (frozenset(), 2)
    assert again.run() is None
    assert again.request(request_id).state is RequestState.WITHDRAWN
    assert again.run(seal) is None
    check_evidence(again.stores)


@pytest.mark.thorough
def test_a_request_that_is_refused_once_more_has_a_certificate_of_this_history(put_back, ids):
    acknowledge(put_back)
    refuse_one(put_back, ids["refused"])
    assert put_back.run(seal) is None
    name = f"{ids['refused']}.json"
    anew = put_back.stores.home / CERTIFICATES / name
    assert verify_certificate(anew.read_bytes(), known_keys(put_back.stores))
    (history,) = check_evidence(put_back.stores).superseded
    kept = put_back.stores.home / history.location / "certificates" / name
    assert kept.exists()
    assert kept.read_bytes() != anew.read_bytes()
    assert put_back.run(seal) is None


@pytest.mark.thorough
def test_a_checkpoint_lies_beside_a_superseded_one_of_its_size(put_back):
    """As if the lost history had been sealed after each entry."""
    key, home = signing_key(put_back.stores), put_back.stores.home
    first = len(leaves_of(put_back)) + 1
    for size in range(first, first + 60):
        note = sign_checkpoint(size, hashlib.sha256(b"%d" % size).hexdigest(), key)
        for folder in FOLDERS:
            name = home / folder / f"checkpoint-{size:012d}.txt"
            if not name.exists():
                name.write_text(note, "utf-8")
    assert len(acknowledge(put_back).signed) >= 60
    for _ in range(2):
        assert put_back.run(seal) is None
        (size, root) = execute(
            put_back.url, "select size, root from lacuna_evidence.seal order by size desc limit 1"
        )[0]
        for folder in FOLDERS:
            plain = home / folder / f"checkpoint-{size:012d}.txt"
            beside = plain.with_stem(f"{plain.stem}-{root[:16]}")
            public = known_keys(put_back.stores)
            assert verify_checkpoint(beside.read_text("utf-8"), public).root == root
            assert verify_checkpoint(plain.read_text("utf-8"), public).root != root
        check_evidence(put_back.stores)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "at", ["the list", "a copy", "the last copy", "the note", "the entry", "the originals"]
)
def test_an_interrupted_acknowledgement_is_repeated(put_back, monkeypatch, at):
    """Killed at files that it writes, at its entry, and at the files that it takes away."""
    before = files_of(put_back)
    found = find_superseded(put_back.stores).history
    copies = len(found.moved())
    point = {
        "the list": 0, "a copy": 3, "the last copy": copies, "the note": copies + 1,
        "the entry": copies + 2, "the originals": copies + 3,
    }[at]  # fmt: skip
    steps = [0]

    def dying(act):
        def acted(*arguments, **named):
            if steps[0] == point:
                raise KeyboardInterrupt
            steps[0] += 1
            return act(*arguments, **named)

        return acted

    with monkeypatch.context() as patch:
        patch.setattr(acknowledgement, "write_once", dying(acknowledgement.write_once))
        patch.setattr(acknowledgement, "remove_copied", dying(acknowledgement.remove_copied))
        patch.setattr(acknowledgement.Desk, "record", dying(acknowledgement.Desk.record))
        with pytest.raises(KeyboardInterrupt):
            acknowledge_restore(put_back.stores, OFFICER, found.digest)
    assert set(before.values()) <= set(files_of(put_back).values())
    is_said = [
        one for one in leaves_of(put_back) if one.entry.action is Action.RESTORE_ACKNOWLEDGED
    ]
    assert bool(is_said) is (at == "the originals")
    if is_said:
        with pytest.raises(RequestError, match="nothing signed"):
            find_superseded(put_back.stores)
    else:
        with pytest.raises(EvidenceBroken):
            check_evidence(put_back.stores)
        again = find_superseded(put_back.stores).history
        # Signed, and named by no entry: nobody can tell it from one that a second restore took away.
        assert (again == found) is (at != "the entry")
        found = acknowledge_restore(put_back.stores, OFFICER, again.digest)
    assert put_back.run(seal) is None
    assert check_evidence(put_back.stores).superseded == (found,)
    assert set(before.values()) <= set(files_of(put_back).values())


@pytest.mark.thorough
@pytest.mark.parametrize("dumped", ["before the acknowledgement", "after it"])
def test_a_second_restore_supersedes_the_first_one_with_it(put_back, lost, database, dumped):
    first = acknowledge(put_back)
    assert put_back.run(seal) is None
    dump = lost.said[0] if dumped.startswith("before") else dump_of(put_back)
    person = quiet_people(put_back.platform)[4]
    put_back.submit_contact(person, kinds=(RequestKind.ACCESS,))
    assert put_back.run(seal) is None
    handed_out = files_of(put_back)

    again = restored(put_back, database, dump)
    second = acknowledge(again)
    assert again.run(seal) is None
    known = check_evidence(again.stores).superseded
    assert known == ((second,) if dumped.startswith("before") else (first, second))
    if dumped.startswith("before"):
        assert first.signed < second.signed
    assert set(handed_out.values()) <= set(files_of(again).values())


@pytest.mark.thorough
def test_what_a_wrong_dump_superseded_comes_back_with_the_right_one(little, database):
    """The older of two dumps is restored first, acknowledged, and then the newer one."""
    people = quiet_people(little.platform)
    little.submit_contact(people[0], kinds=(RequestKind.ACCESS,))
    assert little.run(seal) is None
    older = dump_of(little)
    refused = little.submit_contact(people[1])
    refuse_one(little, refused)
    assert little.run(seal) is None
    newer = dump_of(little)
    little.submit_contact(people[2], kinds=(RequestKind.ACCESS,))
    assert little.run(seal) is None
    handed_out = files_of(little)
    certificate = little.stores.home / CERTIFICATES / f"{refused}.json"

    wrong = restored(little, database, older)
    acknowledge(wrong)
    assert wrong.run(seal) is None
    assert not certificate.exists()
    right = restored(wrong, database, newer)
    assert find_superseded(right.stores).earlier == 1
    found = acknowledge(right)
    assert certificate.exists()
    assert right.run(seal) is None
    assert check_evidence(right.stores).superseded == (found,)
    assert set(handed_out.values()) <= set(files_of(right).values())
    assert right.run(seal) is None


@pytest.mark.thorough
def test_the_same_dump_twice_with_a_key_rotated_in_between(little, database):
    """Nothing of the first history but checkpoints: its list has to stay all the same."""
    little.submit_contact(quiet_people(little.platform)[0], kinds=(RequestKind.ACCESS,))
    assert little.run(seal) is None
    dump = dump_of(little)
    seal.rotate_key(little.stores, OFFICER)
    again = restored(little, database, dump)
    first = acknowledge(again)
    assert again.run(seal) is None
    kept = files_of(again)
    again = restored(again, database, dump)
    find_superseded(again.stores)
    assert set(kept) <= set(files_of(again))
    second = acknowledge(again)
    assert first.signed <= second.signed
    assert again.run(seal) is None


@pytest.mark.thorough
def test_a_dump_from_within_a_seal_and_a_key_rotated_since(little, database, monkeypatch):
    """The checkpoint that the database began lies outside, signed by the key of then."""
    little.submit_contact(quiet_people(little.platform)[0], kinds=(RequestKind.ACCESS,))
    assert little.run(seal) is None
    little.submit_contact(quiet_people(little.platform)[1], kinds=(RequestKind.ACCESS,))
    with monkeypatch.context() as patch:
        patch.setattr(
            seal.flow, "publish_checkpoint", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            little.run(seal)
    dump = dump_of(little)
    assert little.run(seal) is None
    seal.rotate_key(little.stores, OFFICER)
    again = restored(little, database, dump)
    acknowledge(again)
    assert again.run(seal) is None
    check_evidence(again.stores)
    assert again.run(seal) is None


@pytest.mark.thorough
def test_a_statement_that_somebody_planted_takes_no_erasure_away(little):
    people = quiet_people(little.platform)[:6]
    ids = [little.submit_contact(person) for person in people]
    assert little.run() is None
    superseded, in_place = ids[:3], ids[3:]
    for folder, some in (
        (f"{SUPERSEDED_AT}/x/statements", superseded),
        ("evidence/statements", in_place),
    ):
        (little.stores.home / folder).mkdir(parents=True, exist_ok=True)
        for request_id, content in zip(
            some,
            (b"", b"{}", rfc8785.dumps({"form": FORM, "request_id": some[2]})),
            strict=True,
        ):
            little.approve(request_id)
            (little.stores.home / folder / f"{request_id}.json").write_bytes(content)
    # In its own place it is in the way of the true one: the run is red, and nobody is called closed.
    assert little.run() is not None
    assert {little.request(one).state for one in superseded} == {RequestState.COMPLETED}
    assert {little.request(one).state for one in in_place} == {RequestState.VERIFIED}
    rows = execute(
        little.url,
        "select count(*) from contact_center.contacts where contact_id::text = any(%s) "
        "and email is not null",
        people,
    )
    assert rows == [(0,)]


@pytest.mark.thorough
def test_an_answer_that_was_closed_before_the_restore_is_said(little, database):
    """The fulfilment withdraws it; its statement is of a closing that this ledger has not."""
    person, other, *_ = quiet_people(little.platform)
    little.submit_contact(other, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "X"})
    assert little.run() is None
    assert little.run(seal) is None
    request_id = little.submit_contact(person, kinds=(RequestKind.RESTRICTION,))
    dump = dump_of(little)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    again = restored(little, database, dump)
    assert again.run() is None
    assert again.request(request_id).state is RequestState.WITHDRAWN
    error = again.run(seal)
    assert isinstance(error, EvidenceBroken)
    assert "as after a restore: lacuna evidence acknowledge-restore" in str(error)
    acknowledge(again)
    assert again.run(seal) is None
    report = max((again.stores.home / "evidence" / "reports").glob("*.json"))
    closed = {one["request_id"]: one["how"] for one in json.loads(report.read_bytes())["closed"]}
    assert closed[request_id] == "closed before a restore"


@pytest.mark.thorough
def test_a_report_that_nobody_signed_moves_no_border(acknowledged):
    """Somebody forges the ledger from the seal before on, and plants a report that agrees."""
    public = known_keys(acknowledged.stores)
    folder = acknowledged.stores.home / FOLDERS[0]
    sizes = sorted(verify_checkpoint(one.read_text(), public).size for one in folder.iterdir())
    edit(acknowledged, sizes[0])
    leaves = leaves_of(acknowledged)
    tree = Tree([bytes.fromhex(leaf.leaf_hash) for leaf in leaves])
    reports = acknowledged.stores.home / "evidence" / "reports"
    forged = {"ledger": {"entries": tree.size, "root": tree.root().hex()}}
    before = find_superseded(acknowledged.stores).history
    (reports / "9999.json").write_text(json.dumps(forged))
    after = find_superseded(acknowledged.stores).history
    assert after.agrees_at == before.agrees_at == sizes[0]
    assert after.signed == before.signed


def edit(installation: Installation, size: int) -> None:
    """Forget all seals but the first, and forge the entries from there on."""
    tampered(
        installation,
        "delete from lacuna_evidence.checkpoint where size > (select min(size) from lacuna_evidence.seal)",
        "delete from lacuna_evidence.seal where size > (select min(size) from lacuna_evidence.seal)",
    )
    entry = replace(leaves_of(installation)[size].entry, rows=7)
    execute(installation.url, "alter table lacuna_evidence.entry disable trigger all")
    execute(
        installation.url,
        "update lacuna_evidence.entry set rows = 7, leaf_hash = %s where position = %s",
        leaf_of(entry, size).leaf_hash,
        size,
    )
    execute(installation.url, "delete from lacuna_evidence.entry where position > %s", size + 2)


@pytest.mark.thorough
def test_what_is_superseded_is_shown_before_it_is_acknowledged(put_back, ids):
    digest = find_superseded(put_back.stores).history.digest
    before = files_of(put_back)
    with pytest.raises(PlanRefused, match="read it again"):
        acknowledge_restore(put_back.stores, OFFICER, "0" * 64)
    # A page that went since then was on the list, so that list is no longer the one.
    page = put_back.stores.home / CERTIFICATES / f"{ids['late']}.html"
    kept = page.read_bytes()
    page.unlink()
    with pytest.raises(PlanRefused, match="read it again"):
        acknowledge_restore(put_back.stores, OFFICER, digest)
    page.write_bytes(kept)
    assert find_superseded(put_back.stores).history.digest == digest
    assert files_of(put_back) == before
    assert not [
        one for one in leaves_of(put_back) if one.entry.action is Action.RESTORE_ACKNOWLEDGED
    ]


@pytest.mark.thorough
def test_who_may_not_say_so_changes_nothing(put_back):
    """Under a login that has every role but the officer's, as a worker has."""
    digest = find_superseded(put_back.stores).history.digest
    before = files_of(put_back)
    login = f"worker_{uuid.uuid4().hex[:8]}"
    roles = "lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_sealer"
    with connect(put_back.url) as connection:
        connection.execute(
            sql.SQL("create role {} login password {}").format(
                sql.Identifier(login), sql.Literal(login)
            )
        )
        connection.execute(sql.SQL(f"grant {roles} to {{}}").format(sql.Identifier(login)))
    theirs = make_url(put_back.url).set(username=login, password=login)
    opened_by_worker = Database(theirs.render_as_string(hide_password=False))
    try:
        stores = replace(put_back.stores, database=opened_by_worker)
        with pytest.raises(StatementRefused, match="InsufficientPrivilege"):
            acknowledge_restore(stores, OFFICER, digest)
    finally:
        opened_by_worker.dispose()
        with connect(put_back.url) as connection:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(login)))
    assert files_of(put_back) == before


@pytest.mark.thorough
def test_nothing_that_a_planted_list_links_to_is_removed(put_back, tmp_path):
    """An unsigned list looks like an interruption; what it names may lie behind a link."""
    home = put_back.stores.home
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_text("{}")
    (home / "evidence" / "away").symlink_to(outside)
    path = {"evidence/away/x.json": hashlib.sha256(b"{}").hexdigest()}
    planted = SupersededHistory(1, frozenset(), path)
    folder = home / planted.location
    folder.mkdir(parents=True)
    (folder / "history.json").write_bytes(planted.content)
    (folder / "away").symlink_to(outside)
    with pytest.raises(EvidenceBroken):
        find_superseded(put_back.stores)
    assert (outside / "x.json").read_text() == "{}"


@pytest.mark.thorough
def test_where_nothing_was_restored_nothing_is_acknowledged(lost, database, lacuna_home):
    installation = lost.begin(database, lacuna_home)
    before = files_of(installation)
    with pytest.raises(RequestError, match="no restore to acknowledge"):
        find_superseded(installation.stores)
    assert files_of(installation) == before


def tampered(installation: Installation, *statements: str) -> None:
    with connect(installation.url) as connection:
        for table in ("entry", "checkpoint", "seal"):
            connection.execute(f"alter table lacuna_evidence.{table} disable trigger all")
        for statement in statements:
            connection.execute(statement)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("statements", "what"),
    [
        (("update lacuna_evidence.entry set rows = 7 where position = 1",), "does not match"),
        (
            ("delete from lacuna_evidence.entry where position >= 4",),
            "nothing signed here agrees with it",
        ),
        (
            (
                "delete from lacuna_evidence.entry",
                "delete from lacuna_evidence.checkpoint",
                "delete from lacuna_evidence.seal",
            ),
            "nothing signed here agrees with it",
        ),
    ],
)
def test_what_is_no_restore_is_not_acknowledged(put_back, statements, what):
    tampered(put_back, *statements)
    before = files_of(put_back)
    with pytest.raises(EvidenceBroken, match=what):
        find_superseded(put_back.stores)
    with pytest.raises(EvidenceBroken, match=what):
        acknowledge_restore(put_back.stores, OFFICER, "0" * 64)
    assert files_of(put_back) == before


@pytest.mark.thorough
def test_a_ledger_that_was_cut_back_by_hand_is_at_odds_with_its_own_database(acknowledged):
    put_back = acknowledged
    ((size,),) = execute(put_back.url, "select max(size) from lacuna_evidence.seal")
    execute(put_back.url, "alter table lacuna_evidence.entry disable trigger all")
    execute(put_back.url, "delete from lacuna_evidence.entry where position >= %s - 3", size)
    with pytest.raises(EvidenceBroken, match="a checkpoint of the database names"):
        find_superseded(put_back.stores)


def remove(path: Path) -> None:
    path.unlink()


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def link(path: Path) -> None:
    elsewhere = path.parents[3] / path.name
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.thorough
@pytest.mark.parametrize("act", [remove, change, link])
@pytest.mark.parametrize(
    "which", ["history.json", "history.note", "certificates/*.json", "reports/*.json", "checkpoint"]
)
def test_what_is_superseded_has_to_stay_as_it_was(acknowledged, acknowledged_once, which, act):
    found, home = acknowledged_once.said, acknowledged.stores.home
    if which == "checkpoint":
        (path, *_) = (home / one for one in found.files if one.startswith("checkpoints-copy/"))
    else:
        path = next((home / found.location).glob(which))
    act(path)
    for check in (
        lambda: check_evidence(acknowledged.stores),
        lambda: raised(acknowledged.run(seal)),
    ):
        with pytest.raises(EvidenceBroken, match="superseded"):
            check()


def raised(error: Exception | None) -> None:
    if error is not None:
        raise error


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    ["certificates/x.json", "x.html", "../x.json", "../other/x.txt", "../other/history.json"],
)
def test_a_file_among_what_is_superseded_is_of_an_acknowledged_restore(
    acknowledged, acknowledged_once, name
):
    path = acknowledged.stores.home / acknowledged_once.said.location / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    with pytest.raises(EvidenceBroken, match="belong to no acknowledged restore"):
        check_evidence(acknowledged.stores)


@pytest.mark.thorough
def test_a_list_that_the_workers_key_signed_is_none(acknowledged, acknowledged_once):
    """Whoever holds it can vouch for nothing about the ledger."""
    stores, found = acknowledged.stores, acknowledged_once.said
    note = stores.home / found.location / "history.note"
    note.write_text(
        sign_manifest(work_key(stores), len(found.content), found.digest, Noted.SUPERSEDED)
    )
    published = read_public_keys(stores.home / "evidence" / "work-keys")
    for public in (None, f"{known_keys(stores)}\n{published}"):
        with pytest.raises(EvidenceBroken, match="superseded"):
            check_evidence(stores, public)


@pytest.mark.thorough
@pytest.mark.parametrize("role", [Role.PLANNER, Role.EXECUTOR, Role.VERIFIER, Role.SEALER])
def test_no_flow_acknowledges_a_restore(put_back, role):
    with (
        pytest.raises(StatementRefused, match="InsufficientPrivilege"),
        put_back.stores.transaction(role) as transaction,
    ):
        put_back.desk(transaction, "flow:seal").record(
            Action.RESTORE_ACKNOWLEDGED, SUPERSEDED_AT, digest="0" * 64
        )


@pytest.mark.thorough
def test_an_entry_alone_hides_nothing(put_back):
    """Whoever owns the database writes one; without the signed list it is a finding by itself."""
    with put_back.stores.transaction(Role.OWNER) as transaction:
        put_back.desk(transaction).record(
            Action.RESTORE_ACKNOWLEDGED, SUPERSEDED_AT, digest="0" * 64
        )
    error = put_back.run(seal)
    assert isinstance(error, EvidenceBroken)


@pytest.mark.thorough
def test_a_certificate_of_the_lost_history_may_be_asked_of_the_ledger(put_back, ids):
    name = f"{CERTIFICATES}/{ids['sealed']}.json"
    content = (put_back.stores.home / name).read_bytes()
    verified = verify_certificate(content, known_keys(put_back.stores))
    acknowledge(put_back)
    assert put_back.run(seal) is None
    check_evidence(put_back.stores, also=[verified.signed])
    size, root = verified.signed.size, "0" * 64
    with pytest.raises(EvidenceBroken, match="a certificate elsewhere"):
        check_evidence(put_back.stores, also=[Signed(size, root, "a certificate elsewhere")])


@pytest.mark.thorough
def test_what_an_attacker_compares_with_is_this_history_alone(acknowledged, acknowledged_once):
    signed = {(one.size, one.root) for one in everything_signed(acknowledged.stores)}
    assert signed
    assert not signed & acknowledged_once.said.signed
