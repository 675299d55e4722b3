"""A person whose recordings lie in an S3 bucket is erased there, every version, and it is proven."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.s3.exceptions import S3AccessDeniedError
from moto.s3.models import S3Backend

from lacuna.errors import DependencyUnreachable, PipelineError
from lacuna.flows import sweep
from lacuna.flows.run.opening import find_drift
from lacuna.model.finding import Gate
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.stores.objects.bucket import BucketObjects
from tests.brought import Brought
from tests.bucket import SECRETS, Service, left_in, s3
from tests.drifts import drifts_of
from tests.post import ANNA, BO, open_post

__all__ = ["s3"]

MAIL = "anna.berg@example.org"
OTHERS = ["media/notes/day.txt", "media/voice/20.wav"]


@dataclass
class World:
    """The call centre, its bucket, and the service."""

    post: Brought
    bucket: str
    service: Service

    def put(self, path: str, content: bytes, **more: object) -> None:
        self.service.client().put_object(
            Bucket=self.bucket, Key=f"media/{path}", Body=content, **more
        )

    def left(self) -> list[str]:
        return [key for key, _ in left_in(self.service, self.bucket)]

    def locations(self, request_id: str) -> dict[tuple[Gate, str], int]:
        found = self.post.verification(request_id).findings
        return {(one.gate, one.location): one.count for one in found}


@pytest.fixture
def world(template_database, tmp_path, s3, monkeypatch) -> Iterator[World]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name.upper(), value)
    bucket = s3.make()
    with template_database.clones() as fresh:
        made = World(open_post(fresh("lacuna"), tmp_path, f"s3://{bucket}/media"), bucket, s3)
        made.put("voice/10.wav", b"RIFF her voice")
        made.put("voice/10.wav", b"RIFF her voice, cut")
        made.put("voice/20.wav", b"RIFF his voice")
        made.put("notes/day.txt", b"Anna Berg rang, and so did Bo Lind")
        made.put("notes/day.txt", b"Somebody rang, and so did Bo Lind")
        yield made


def archive(rows: list[tuple], *, groups: int = 2) -> bytes:
    """Return calls as an archive holds them, texts in dictionaries."""
    ids, people, notes = zip(*rows, strict=True)
    table = pa.table(
        {
            "id": list(ids),
            "org_id": ["north"] * len(rows),
            "person": list(people),
            "minutes": [5] * len(rows),
            "voice": [f"voice/{one}.wav" for one in ids],
            "note": pa.array(notes).dictionary_encode(),
        }
    )
    target = io.BytesIO()
    pq.write_table(table, target, row_group_size=groups)
    return target.getvalue()


@pytest.mark.thorough
def test_of_an_archive_only_the_files_with_the_person_are_written_anew(world):
    his = archive([(20, BO, "fine"), (21, BO, "fine")])
    hers = archive([(20, BO, "fine"), (10, ANNA, "spoke with Anna Berg"), (22, BO, "Bo again")])
    named = archive([(23, BO, "wants to hear Anna Berg"), (24, BO, "fine")])
    for month, content in (("01", his), ("02", hers), ("03", named)):
        world.put(f"archive/month={month}/calls.parquet", content)
    client = world.service.client()
    where = {"Bucket": world.bucket, "Prefix": "media/archive/month=01"}
    before = client.list_object_versions(**where)["Versions"]

    (request_id,) = world.post.erase(MAIL)

    assert client.list_object_versions(**where)["Versions"] == before
    assert len([key for key in world.left() if key.endswith(".parquet")]) == 3
    found = {}
    for month in ("01", "02", "03"):
        body = client.get_object(
            Bucket=world.bucket, Key=f"media/archive/month={month}/calls.parquet"
        )["Body"].read()
        assert month == "01" or b"Anna" not in body
        found[month] = pq.read_table(io.BytesIO(body)).to_pylist()
    assert [row["person"] for row in found["02"]] == [BO, None, BO]
    assert [row["id"] for row in found["02"]] == [20, 10, 22]
    assert [row["voice"] for row in found["02"]] == ["voice/20.wav", None, "voice/22.wav"]
    assert [row["minutes"] for row in found["02"]] == [5, 5, 5]
    assert [row["note"] for row in found["03"]][1] == "fine"
    assert "Anna" not in str(found)
    assert world.post.verification(request_id).passed


@pytest.mark.thorough
def test_an_archive_with_several_of_the_erased_is_written_anew_once(world, monkeypatch):
    path = "archive/month=01/calls.parquet"
    world.put(path, archive([(20, BO, "fine"), (10, ANNA, "told Bo Lind"), (11, None, "nobody")]))
    written = []
    replace = BucketObjects.replace

    def noted(self, path, content):
        written.append(path)
        replace(self, path, content)

    monkeypatch.setattr(BucketObjects, "replace", noted)
    ids = world.post.erase(MAIL, "bo.lind@example.org")

    assert written.count(path) == 1
    body = world.service.client().get_object(Bucket=world.bucket, Key=f"media/{path}")
    rows = pq.read_table(io.BytesIO(body["Body"].read())).to_pylist()
    assert [row["id"] for row in rows] == [20, 10, 11]
    assert [row["person"] for row in rows] == [None, None, None]
    assert rows[2]["note"] == "nobody"
    assert "Bo" not in str(rows)
    assert all(world.post.verification(one).passed for one in ids)


@pytest.mark.thorough
def test_no_version_of_a_recording_is_left_and_what_mentions_the_person_is_covered(world):
    (request_id,) = world.post.erase(MAIL)
    assert world.left() == OTHERS
    client = world.service.client()
    text = client.get_object(Bucket=world.bucket, Key="media/notes/day.txt")["Body"].read()
    assert b"Anna" not in text
    assert b"Bo Lind" in text
    verification = world.post.verification(request_id)
    assert verification.passed
    assert not [said for said in verification.opaque if "media" in said and "bytes" not in said]
    world.post.run(sweep)


# By path, what is written there.
SURVIVORS = {
    "notes/later.txt": {"Body": b"Anna Berg"},
    "notes/tagged.txt": {"Body": b"x", "Tagging": "who=Anna Berg"},
    "notes/noted.txt": {"Body": b"x", "Metadata": {"who": MAIL}},
    f"voice/{MAIL}.wav": {"Body": b"x"},
}


@pytest.mark.thorough
def test_what_survives_in_a_bucket_turns_the_gate_red(world, monkeypatch):
    """Also where a newer version, or a delete marker, hides it."""
    request_id = world.post.submit(IdentifierKind.EMAIL, MAIL)
    world.post.run()
    world.post.approve(request_id)
    client = world.service.client()
    delete = BucketObjects.delete

    def write_meanwhile(self, path):
        if path == "voice/10.wav":
            for other, more in SURVIVORS.items():
                where = {"Bucket": world.bucket, "Key": f"media/{other}"}
                client.put_object(**where, **more)
                client.put_object(**where, Body=b"nothing")
                client.delete_object(**where)
        return delete(self, path)

    monkeypatch.setattr(BucketObjects, "delete", write_meanwhile)
    with pytest.raises(PipelineError):
        world.post.run()
    assert world.post.state(request_id) is RequestState.APPLIED
    found = world.locations(request_id)
    assert found[Gate.RESIDUE, "media/notes/**"] == 3
    assert found[Gate.RESIDUE, "names of media/voice/**"] == 1


@pytest.mark.thorough
def test_a_verifier_that_does_not_see_into_the_bucket_is_blind(world):
    request_id = world.post.submit(IdentifierKind.EMAIL, MAIL)
    world.post.run()
    world.post.approve(request_id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "lacuna.stores.objects.bucket_search.BucketSearch.versions", lambda _: iter(())
        )
        with pytest.raises(PipelineError):
            world.post.run()
    assert world.post.state(request_id) is RequestState.APPLIED
    assert (Gate.CANARY, "media") in world.locations(request_id)
    world.post.run()
    assert world.post.state(request_id) is RequestState.COMPLETED


@pytest.mark.thorough
def test_data_map_35_a_locked_recording_refuses_the_plan_before_anything_is_changed(
    world, s3, template_database, tmp_path
):
    locked = s3.make(lock=True)
    (home := tmp_path / "locked").mkdir()
    with template_database.clones() as fresh:
        post = open_post(fresh("lacuna"), home, f"s3://{locked}")
        client = s3.client()
        client.put_object(
            Bucket=locked, Key="voice/10.wav", Body=b"x", ObjectLockLegalHoldStatus="ON"
        )
        request_id = post.submit(IdentifierKind.EMAIL, MAIL)
        with pytest.raises(PipelineError):
            post.run()
        assert post.state(request_id) is RequestState.RESOLVED
        assert left_in(s3, locked) == [("voice/10.wav", False)]
        assert post.query("select count(*) from post.people where email = %s", MAIL) == [(1,)]


@pytest.mark.thorough
def test_data_map_34_a_bucket_whose_versions_may_not_be_listed_stops_before_any_change(
    world, monkeypatch
):
    """The service itself refuses: its simulation knows no policy for this right."""

    def refuse(*_: object, **__: object) -> None:
        raise S3AccessDeniedError

    request_id = world.post.submit(IdentifierKind.EMAIL, MAIL)
    rows = world.post.query("select * from post.people order by 1")
    with monkeypatch.context() as refusing:
        refusing.setattr(S3Backend, "list_object_versions", refuse)
        with pytest.raises(PipelineError):
            world.post.run()
        with pytest.raises(DependencyUnreachable, match=r"media: the bucket refuses access"):
            find_drift(world.post.stores)
    assert world.post.state(request_id) is RequestState.RESOLVED
    assert world.post.query("select * from post.people order by 1") == rows
    assert world.left().count("media/voice/10.wav") == 2


def test_an_object_that_nobody_mapped_is_drift_and_the_canary_is_not(world):
    client = world.service.client()
    client.put_object(Bucket=world.bucket, Key="media/.lacuna-canary", Body=b"left by a crash")
    assert drifts_of(world.post.stores) == ()
    world.put("strange.bin", b"x")
    (drift,) = drifts_of(world.post.stores)
    assert "1 object matches no pattern" in drift.problem
