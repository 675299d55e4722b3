"""Objects in a bucket: gone means that no version and no delete marker is left."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.awsrequest import AWSResponse

from lacuna.errors import ApplyFailed, DependencyUnreachable, PlanRefused
from lacuna.stores.objects import bucket
from lacuna.stores.objects.bucket import BucketObjects
from lacuna.stores.objects.bucket_client import BucketAddress
from tests.bucket import Service, left_in, put_many, s3

__all__ = ["s3"]

NAME = "ada-lovelace"  # stands for a person's name in a key: no error may repeat it
VOICE = f"calls/2026/{NAME}.wav"
PREFIX = "eu/media/"


class World:
    """A bucket with the objects of the store, and others' beside them."""

    def __init__(self, service: Service, *, versions: bool = True, lock: bool = False) -> None:
        self.service = service
        self.bucket = service.make(versions=versions, lock=lock)
        self.client = service.client()
        self.objects = self.store()
        self.put(VOICE, b"her voice")
        self.put("calls/2026/other.wav", b"his voice")
        self.client.put_object(Bucket=self.bucket, Key=f"elsewhere/{VOICE}", Body=b"not ours")

    def store(self, client=None) -> BucketObjects:
        address = BucketAddress.parse(f"s3://{self.bucket}/{PREFIX}")
        return BucketObjects("media", address, client or self.client)

    def put(self, path: str, content: bytes, **more: object) -> None:
        self.client.put_object(Bucket=self.bucket, Key=PREFIX + path, Body=content, **more)

    def left(self, path: str = "") -> list[tuple[str, bool]]:
        return left_in(self.service, self.bucket, PREFIX + path)


@pytest.fixture
def world(s3) -> World:
    return World(s3)


def neighbors(world: World) -> list[tuple[str, bool]]:
    return [one for one in left_in(world.service, world.bucket) if one[0] != PREFIX + VOICE]


@pytest.mark.parametrize("versions", [True, False])
def test_a_deleted_object_leaves_no_version_and_its_neighbors_stay(s3, versions):
    world = World(s3, versions=versions)
    world.put(VOICE, b"second take")
    before = neighbors(world)
    assert len(world.left(VOICE)) == (2 if versions else 1)
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []
    assert neighbors(world) == before
    assert world.objects.size(VOICE) is None
    assert world.objects.delete(VOICE) is False


def test_what_only_a_delete_marker_hides_is_there_read_and_deleted(world):
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    assert world.objects.size(VOICE) == len(b"her voice")
    assert world.objects.read(VOICE) == b"her voice"
    assert VOICE in list(world.objects.paths())
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []


def test_a_delete_marker_alone_is_an_object_for_its_name_and_goes(world):
    (only,) = world.client.list_object_versions(Bucket=world.bucket, Prefix=PREFIX + VOICE)[
        "Versions"
    ]
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE, VersionId=only["VersionId"])
    assert world.left(VOICE) == [(PREFIX + VOICE, True)]
    assert world.objects.size(VOICE) == 0
    assert VOICE in list(world.objects.paths())
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []


@pytest.mark.long
def test_more_versions_than_a_page_holds_are_all_deleted(world):
    put_many(world.bucket, PREFIX + VOICE, 1_005)
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    assert len(world.left(VOICE)) == 1_007
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []


def test_old_versions_go_although_versions_are_suspended(world):
    world.put(VOICE, b"second take")
    world.client.put_bucket_versioning(
        Bucket=world.bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    assert len(world.left(VOICE)) == 2
    assert world.objects.traits()[0] == "versions suspended"
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []


def test_a_key_that_begins_with_the_objects_own_is_another_object(world):
    for other in (f"{VOICE}.txt", f"{VOICE}/part"):
        world.put(other, b"x")
    assert world.objects.delete(VOICE) is True
    assert [key for key, _ in world.left(VOICE)] == [
        f"{PREFIX}{VOICE}.txt",
        f"{PREFIX}{VOICE}/part",
    ]


def test_an_object_written_anew_has_one_version_of_the_same_type_and_no_notes(world):
    world.put(VOICE, b"old", ContentType="text/plain", Metadata={"spoken-by": NAME})
    world.objects.replace(VOICE, b"covered")
    assert len(world.left(VOICE)) == 1
    assert world.objects.read(VOICE) == b"covered"
    head = world.client.head_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {})


def test_every_version_can_be_read_for_what_it_says(world):
    world.put(VOICE, b"second take")
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    assert sorted(world.objects.contents(VOICE)) == [b"her voice", b"second take"]


def test_a_crash_between_writing_and_purging_is_finished_by_the_next_try(world, monkeypatch):
    class Killed(BaseException):
        pass

    def crash(found):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(world.objects, "_delete_copies", crash)
        with pytest.raises(Killed):
            world.objects.replace(VOICE, b"covered")
    assert len(world.left(VOICE)) == 2
    assert world.objects.read(VOICE) == b"covered"
    world.objects.replace(VOICE, b"covered")
    assert len(world.left(VOICE)) == 1


class NoBody:
    """What an answer without content is read from."""

    def stream(self):
        return iter(())

    def read(self, *args):
        return b""


def failing(client, operation: str, calls: set[int], status: int = 503):
    """Let some calls of an operation be answered with an error, as the service would."""
    seen = []

    def answer(request, **_):
        seen.append(request)
        if len(seen) in calls:
            return AWSResponse(request.url, status, {}, NoBody())
        return None

    client.meta.events.register(f"before-send.s3.{operation}", answer)
    return seen


@pytest.fixture
def _two_at_once(monkeypatch):
    monkeypatch.setattr(bucket, "_AT_ONCE", 2)


@pytest.mark.usefixtures("_two_at_once")
def test_a_request_that_fails_in_the_middle_is_tried_again(world):
    for number in range(4):
        world.put(VOICE, bytes([number]))
    client = world.service.client()
    sent = failing(client, "DeleteObjects", {2})
    assert world.store(client).delete(VOICE) is True
    assert len(sent) == 4
    assert world.left(VOICE) == []


@pytest.mark.parametrize("answers", [1, 20])
def test_stored_data_17_a_deletion_whose_answer_is_lost_is_done_and_looked_for(world, answers):
    """The service did it and then said 503: once, or to every try."""
    client = world.service.client()
    before = neighbors(world)
    sent = []

    def carry_out_and_fail(request, **_):
        sent.append(request)
        for one in world.client.list_object_versions(
            Bucket=world.bucket, Prefix=PREFIX + VOICE
        ).get("Versions", ()):
            world.client.delete_object(
                Bucket=world.bucket, Key=one["Key"], VersionId=one["VersionId"]
            )
        return AWSResponse(request.url, 503, {}, NoBody()) if len(sent) <= answers else None

    client.meta.events.register("before-send.s3.DeleteObjects", carry_out_and_fail)
    if answers == 1:
        assert world.store(client).delete(VOICE) is True
        assert len(sent) == 2
    else:
        with pytest.raises(ApplyFailed, match="media: the bucket answers with an error") as caught:
            world.store(client).delete(VOICE)
        assert NAME not in str(caught.value)
        # What the next try does not find was not erased by it.
        assert world.objects.delete(VOICE) is False
    assert world.left(VOICE) == []
    assert neighbors(world) == before


@pytest.mark.usefixtures("_two_at_once")
def test_a_service_that_goes_on_failing_leaves_the_step_undone_and_a_rerun_ends_it(world):
    for number in range(4):
        world.put(VOICE, bytes([number]))
    client = world.service.client()
    failing(client, "DeleteObjects", set(range(2, 20)))
    with pytest.raises(ApplyFailed) as caught:
        world.store(client).delete(VOICE)
    assert NAME not in str(caught.value)
    assert len(world.left(VOICE)) == 3
    assert world.objects.delete(VOICE) is True
    assert world.left(VOICE) == []


def test_without_the_right_to_delete_versions_nothing_is_called_erased(world):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{world.bucket}/*",
    }
    world.client.put_bucket_policy(
        Bucket=world.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    with pytest.raises(ApplyFailed, match=r"1 of 1 versions .* \(AccessDenied\)") as caught:
        world.objects.delete(VOICE)
    assert NAME not in str(caught.value)
    assert len(world.left(VOICE)) == 1


def test_a_bucket_that_does_not_answer_is_never_an_empty_store(world):
    gone = BucketObjects("media", BucketAddress("no-such-bucket", ""), world.client)
    nobody = BucketObjects(
        "media",
        BucketAddress(world.bucket, ""),
        Service("http://127.0.0.1:1").client(),
    )
    nobody._client.meta.config.retries["max_attempts"] = 0
    for store in (gone, nobody):
        for act in (
            lambda: store.size(VOICE),  # noqa: B023
            lambda: list(store.paths()),  # noqa: B023
            lambda: store.read(VOICE),  # noqa: B023
            lambda: store.traits(),  # noqa: B023
        ):
            with pytest.raises(DependencyUnreachable) as caught:
                act()
            assert NAME not in str(caught.value)
        with pytest.raises(ApplyFailed):
            store.delete(VOICE)


@pytest.mark.parametrize("how", ["retention", "hold"])
def test_data_map_35_a_locked_version_refuses_the_plan_and_says_until_when(s3, how):
    world = World(s3, lock=True)
    until = datetime.now(UTC) + timedelta(days=3)
    said = {"retention": f"until {until.date().isoformat()}", "hold": "by a legal hold"}[how]
    if how == "retention":
        world.client.put_object_retention(
            Bucket=world.bucket,
            Key=PREFIX + VOICE,
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        )
    else:
        world.client.put_object_legal_hold(
            Bucket=world.bucket, Key=PREFIX + VOICE, LegalHold={"Status": "ON"}
        )
    world.put(VOICE, b"second take")
    assert "can lock objects" in world.objects.traits()
    for act in (
        lambda: world.objects.require_erasable(VOICE),
        lambda: world.objects.delete(VOICE),
        lambda: world.objects.replace(VOICE, b"covered"),
    ):
        with pytest.raises(PlanRefused, match=f"1 of 2 versions of 1 object are locked {said}"):
            act()
    assert len(world.left(VOICE)) == 2
    world.objects.require_erasable("calls/2026/other.wav")
    assert world.objects.delete("calls/2026/other.wav") is True


def test_stored_data_18_parts_of_an_upload_that_was_never_finished_go_with_the_object(world):
    upload = world.client.create_multipart_upload(Bucket=world.bucket, Key=PREFIX + VOICE)
    world.client.upload_part(
        Bucket=world.bucket,
        Key=PREFIX + VOICE,
        UploadId=upload["UploadId"],
        PartNumber=1,
        Body=b"half of her voice",
    )
    assert world.objects.delete(VOICE) is True
    assert "Uploads" not in world.client.list_multipart_uploads(Bucket=world.bucket)


def test_stored_data_15_a_key_is_taken_to_the_letter(world):
    """What a URL would encode, or decode to another key, is a key of its own."""
    alike = ("a b+c/d.wav", "a+b+c/d.wav", "a%20b+c/d.wav", "a b+c%2Fd.wav", "a b%2Bc/d.wav")
    odd = (*alike, "\u00e5.wav", "a\u030a.wav", "\u58f0/?x=1&y#z.wav")
    for number, path in enumerate(odd):
        world.put(path, bytes([number]))
    assert sorted(odd) == [path for path in world.objects.paths() if not path.startswith("calls/")]
    for number, path in enumerate(odd):
        assert world.objects.read(path) == bytes([number])
        assert world.objects.delete(path) is True
        assert world.left(path) == []
        assert len(world.left()) == 2 + len(odd) - number - 1


def test_an_empty_object_that_stands_for_a_folder_goes_with_its_last_object(world):
    world.put(f"calls/{NAME}/", b"")
    world.put(f"calls/{NAME}/1.wav", b"a")
    world.put(f"calls/{NAME}/2.wav", b"b")
    assert "calls/2026/other.wav" in list(world.objects.paths())
    world.objects.delete(f"calls/{NAME}/1.wav")
    assert len(world.left(f"calls/{NAME}/")) == 2
    world.objects.delete(f"calls/{NAME}/2.wav")
    assert world.left(f"calls/{NAME}/") == []


def test_objects_are_listed_once_each_in_the_order_of_their_paths(world):
    for path in ("calls.txt", "calls/2026.txt", "æ.txt", "z.txt"):
        world.put(path, b"1")
        world.put(path, b"2")
    found = list(world.objects.paths())
    assert found == sorted(found)
    assert found == [
        "calls.txt",
        "calls/2026.txt",
        VOICE,
        "calls/2026/other.wav",
        "z.txt",
        "æ.txt",
    ]


def test_keys_that_are_no_paths_are_counted_and_refused(world):
    world.put("calls//x.wav", b"1")
    world.put("../x.wav", b"1")
    listed = []
    with pytest.raises(PlanRefused, match="2 keys are not valid paths"):
        listed.extend(world.objects.paths())
    for path in ("../x.wav", "/calls", "calls//x", "", "a\0b", f"s3://{NAME}"):
        with pytest.raises(PlanRefused, match="not inside the store") as caught:
            world.objects.delete(path)
        assert NAME not in str(caught.value)


def test_an_object_has_another_version_when_it_changed(world):
    first = world.objects.version(VOICE)
    assert world.objects.version(VOICE) == first
    world.put(VOICE, b"second take")
    second = world.objects.version(VOICE)
    world.client.delete_object(Bucket=world.bucket, Key=PREFIX + VOICE)
    assert len({first, second, world.objects.version(VOICE)}) == 3


def test_a_large_object_is_read_a_piece_at_a_time(world):
    data = bytes(range(256)) * 10_000
    world.put("large", data)
    pieces = list(world.objects.stream("large"))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= 2**20
    with pytest.raises(DependencyUnreachable, match="1 object does not exist"):
        list(world.objects.stream("none"))


def test_a_bucket_says_what_it_does_with_what_is_deleted(s3):
    assert World(s3, versions=False).objects.traits() == ("unversioned",)
    assert World(s3).objects.traits() == ("versioned",)


def test_an_object_arrives_whenever_a_version_of_it_does(world):
    before = dict(world.objects.arrivals())
    assert before.keys() == set(world.objects.paths())
    time.sleep(1.1)  # the service tells seconds
    world.put(VOICE, b"second take")
    now = dict(world.objects.arrivals())
    assert now[VOICE] > before[VOICE]
    assert {path: at for path, at in now.items() if path != VOICE} == {
        path: at for path, at in before.items() if path != VOICE
    }
