"""Files of the reports where analysts read them: in a folder of theirs, or in a bucket."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import replace

import pytest

from lacuna.datamap import load
from lacuna.errors import VerificationFailed
from lacuna.flows import reporting
from lacuna.model.finding import Gate
from lacuna.model.location import REPORTS, STORE_MARK
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role
from lacuna.stores.installation import FolderStores
from lacuna.stores.objects.store_marks import mark_stores
from tests.bucket import SECRETS, s3
from tests.flows.observation import quiet_people

__all__ = ["s3"]

GROUP = 4711


def sharing(installation, address: str):
    """Return an installation whose reports lie at an address, as `lacuna up` leaves it."""
    stores = installation.stores
    objects = FolderStores(stores.home, {}, {REPORTS: address}, stores.mark_of)
    datamap, place = load(stores.datamap_path), objects.shared_folder(REPORTS)
    mark_stores(stores, stores.database, datamap, place)
    return replace(installation, stores=replace(stores, objects=objects))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "for analysts"
    made.mkdir()
    # The group of this process where it may give the folder to no other.
    with suppress(PermissionError):
        os.chown(made, -1, GROUP)
    made.chmod(0o2750)
    return made


@pytest.fixture
def bucket(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name.upper(), value)
    return s3.make()


def test_who_can_enter_the_folder_can_read_every_file_in_it(installation, folder):
    shared = sharing(installation, str(folder))
    assert shared.run(reporting, mode=Mode.OBSERVE) is None
    files = [one for one in folder.rglob("*") if one.is_file() and one.name != STORE_MARK]
    assert {one.suffix for one in files} >= {".parquet", ".md"}
    group = folder.stat().st_gid
    for one in folder.rglob("*"):
        if one.name == STORE_MARK:
            continue  # Lacuna alone reads it
        mode = 0o2750 if one.is_dir() else 0o640
        assert (stat.S_IMODE(one.stat().st_mode), one.stat().st_gid) == (mode, group), one.name
    assert not (installation.stores.home / REPORTS).exists()
    # What was sealed is the same file the next time.
    before = {one: one.stat().st_mtime_ns for one in files}
    assert shared.run(reporting, mode=Mode.OBSERVE) is None
    assert {one: one.stat().st_mtime_ns for one in files} == before


@pytest.mark.thorough
@pytest.mark.parametrize("where", ["folder", "bucket"])
def test_whoever_is_erased_is_searched_for_among_the_reports(installation, request, where):
    place = request.getfixturevalue(where)
    shared = sharing(installation, str(place) if where == "folder" else f"s3://{place}/reports")
    assert shared.run(reporting, mode=Mode.OBSERVE) is None
    contact = quiet_people(shared.platform)[0]
    email = shared.platform.people[contact].emails[0]
    # Beside the marts, where the publication does not tidy up.
    shared.stores.objects[REPORTS].replace("notes/today.txt", f"{email} rang twice".encode())
    request_id = shared.submit_contact(contact)
    error = shared.run(approval=ApprovalMode.AUTO)
    assert isinstance(error, VerificationFailed)
    assert shared.request(request_id).state is RequestState.APPLIED
    with shared.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.queue.results.get(request_id).findings
    assert [(one.gate, one.location) for one in found] == [(Gate.RESIDUE, REPORTS)]
    assert email not in str(error)


@pytest.mark.thorough
def test_reports_in_a_bucket_are_the_same_files(installation, bucket, s3):
    assert installation.run(reporting, mode=Mode.OBSERVE) is None
    plain = installation.stores.home / REPORTS
    files = {one.relative_to(plain).as_posix(): one for one in plain.rglob("*") if one.is_file()}
    shared = sharing(installation, f"s3://{bucket}/reports")
    assert shared.run(reporting, mode=Mode.OBSERVE) is None
    client = s3.client()
    for path, file in files.items():
        there = client.get_object(Bucket=bucket, Key=f"reports/{path}")["Body"].read()
        assert there == file.read_bytes(), path
