"""A night divided into chunks: workers share it, each request is done once, whoever is killed."""

from __future__ import annotations

import os
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.errors import RequestError
from lacuna.flows import fulfilment
from lacuna.flows.run import chunks
from lacuna.flows.run.chunks import members
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, RunOptions
from lacuna.stores.objects.folder import FolderObjects
from tests.brought import Brought
from tests.flows.crashes import LONGEST, points_of, run_in_child, wait_for_the_server
from tests.flows.observation import leaves_of
from tests.flows.test_portions import DATAMAP, SCHEMA

PEOPLE = 24
MORE = """
insert into desk.contacts
select ('00000000-0000-4000-8000-0000000000' || n)::uuid, 'north', 'person.' || n || '@example.org'
from generate_series(10, 33) n;
insert into desk.cases
select 100 + n, 'north', 'closed', n,
    ('00000000-0000-4000-8000-0000000000' || 10 + n % 24)::uuid
from generate_series(1, 72) n;
"""

ARCHIVE = """
stores:
  media:
    files:
      - {pattern: archive/**, format: parquet, table: desk.messages, mention: redact}
"""
MONTHS = ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02")


class Night(Brought):
    """A desk of which many contacts ask to be erased the same night."""

    def __init__(self, url: str, home, *, has_archive: bool = False, **settings: object) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        datamap = home / "datamap.yaml"
        datamap.write_text(DATAMAP + ARCHIVE * has_archive)
        super().__init__(url, home, (SCHEMA, MORE), datamap)
        self.batch_id = str(uuid.uuid4())
        self.options = RunOptions(
            **{
                "run_id": str(uuid.uuid4()),
                "mode": Mode.ACT,
                "approval": ApprovalMode.AUTO,
                "chunks": 3,
            }
            | settings
        )

    def ask(self, people: int) -> list[str]:
        """Queue that many requests, and plan them."""
        ids = [
            self.submit(IdentifierKind.EMAIL, f"person.{number}@example.org")
            for number in range(10, 10 + people)
        ]
        self.go("claim")
        self.go("resolve_and_plan")
        return ids

    def go(self, name: str, chunk: int | None = None) -> object:
        """Run a stage as a task does."""
        return fulfilment.stage_of(name if chunk is None else f"{name}_chunk", chunk)(
            self.stores, self.options, self.batch_id
        )

    def fill_archive(self) -> list[Path]:
        """Write a file for each month that everybody is in, and return them."""
        folder = self.stores.home / "media" / "archive"
        folder.mkdir(parents=True)
        mails = [f"person.{number}@example.org" for number in range(10, 10 + PEOPLE)]
        table = pa.table({"body": [f"Mail {one}" for one in mails], "message_id": range(PEOPLE)})
        files = [folder / f"{month}.parquet" for month in MONTHS]
        for file in files:
            pq.write_table(table, file)
        return files

    def end(self, numbers: Sequence[int]) -> None:
        """Run what follows the chunks."""
        self.go("apply")
        self.go("verify")
        for number in numbers:
            self.go("close", number)
        self.go("close")

    def work(self, numbers: Sequence[int], stage: str = "apply") -> None:
        """Do as a worker does that is given all the chunks: leave those that others are at."""
        for number in numbers:
            try:
                self.go(stage, number)
            except RequestError as error:
                assert "another run holds the lock" in str(error)  # noqa: PT017 - in a child of the test

    def applied(self, request_id: str) -> Counter[str]:
        """Return how often the ledger says that rows of a table were changed for a request."""
        return Counter(
            leaf.entry.location
            for leaf in leaves_of(self, request_id)
            if leaf.entry.phase is Phase.OUTCOME and leaf.entry.action is Action.ANONYMIZE_ROWS
        )

    def assert_everybody_is_erased_once(self, ids: Sequence[str]) -> None:
        assert [self.state(one) for one in ids] == [RequestState.COMPLETED] * len(ids)
        once = {"desk.contacts": 1, "desk.cases": 1}
        assert [self.applied(one) for one in ids] == [once] * len(ids)


@pytest.fixture
def night(database, lacuna_home, monkeypatch) -> Callable[..., Night]:
    monkeypatch.setattr(chunks, "_FEWEST_REQUESTS", 4)
    homes = count()
    return lambda **settings: Night(
        database("lacuna"), lacuna_home / f"night-{next(homes)}", **settings
    )


def at_once(*acts: Callable[[], object]) -> list[int]:
    """Run each in a process of its own, begun together; return how they ended: 0 well."""
    ready, start = os.pipe()
    children = []
    for act in acts:
        child = os.fork()
        if child == 0:
            signal.alarm(LONGEST)
            status = 1
            try:
                os.close(start)
                os.read(ready, 1)  # until the parent lets go
                act()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(ready)
    os.close(start)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.mark.thorough
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_request_is_in_exactly_one_chunk(night, count: int) -> None:
    one = night()
    ids = one.ask(PEOPLE)
    requests = [one.request(request_id) for request_id in ids]
    found = [each for number in range(count) for each in members(requests, number, count)]
    assert sorted(each.request_id for each in found) == sorted(ids)
    assert members(requests, count, count) == members(requests, 0, 0) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("people", "numbers"), [(0, [0]), (1, [0]), (5, [0, 1]), (24, [0, 1, 2])])
def test_a_night_has_as_many_chunks_as_it_is_worth(night, people: int, numbers: list[int]) -> None:
    one = night()
    ids = one.ask(people)
    assert one.go("divide") == numbers
    one.work(numbers)
    # Whatever was asked meanwhile, a task tried again finds the same chunks.
    assert one.go("divide") == numbers
    one.end(numbers)
    one.assert_everybody_is_erased_once(ids)


@pytest.mark.thorough
def test_what_is_only_observed_is_one_chunk(night) -> None:
    one = night(mode=Mode.OBSERVE)
    ids = one.ask(PEOPLE)
    assert one.go("divide") == [0]
    one.work([0])
    one.go("apply")
    assert {one.state(each) for each in ids} == {RequestState.APPROVED}
    assert one.query("select count(*) from desk.contacts where email is null") == [(0,)]


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_two_workers_at_once_do_each_request_once(night) -> None:
    one = night()
    ids = one.ask(PEOPLE)
    numbers = one.go("divide")
    assert at_once(partial(one.work, numbers), partial(one.work, numbers[::-1])) == [0, 0]
    applied = Counter(map(one.state, ids))
    assert applied[RequestState.APPLIED] > PEOPLE / 3, "nothing was done at once"
    one.work(numbers)
    assert Counter(map(one.state, ids)) == {RequestState.APPLIED: PEOPLE}
    one.end(numbers)
    one.assert_everybody_is_erased_once(ids)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_workers_at_once_write_each_file_of_an_archive_anew_once(night, tmp_path, monkeypatch):
    """Two who each wrote one without their own people would bring those of the other back."""
    one = night(has_archive=True)
    files = one.fill_archive()
    before = [file.read_bytes() for file in files]
    written = tmp_path / "written"
    replace = FolderObjects.replace

    def noted(self, path, content):
        with written.open("a") as lines:
            print(path, file=lines)
        replace(self, path, content)

    monkeypatch.setattr(FolderObjects, "replace", noted)
    ids = one.ask(PEOPLE)
    numbers = one.go("divide")
    assert len(numbers) == 3
    assert at_once(*(partial(one.go, "apply", number) for number in numbers)) == [0, 0, 0]
    assert [file.read_bytes() for file in files] == before
    assert at_once(*(partial(one.go, "rewrite", number) for number in numbers)) == [0, 0, 0]
    assert Counter(written.read_text().split()) == {
        f"archive/{month}.parquet": 1 for month in MONTHS
    }
    one.end(numbers)
    one.assert_everybody_is_erased_once(ids)
    for file in files:
        assert b"person." not in file.read_bytes()
        assert pq.read_table(file)["message_id"].to_pylist() == list(range(PEOPLE))
    for request_id in ids:
        done = [
            leaf.entry.rows
            for leaf in leaves_of(one, request_id)
            if leaf.entry.phase is Phase.OUTCOME and leaf.entry.action is Action.REWRITE_OBJECTS
        ]
        assert done == [len(MONTHS)]


@pytest.mark.thorough
def test_what_no_worker_wrote_anew_is_left_to_the_stage_after(night) -> None:
    one = night(has_archive=True)
    files = one.fill_archive()
    ids = one.ask(PEOPLE)
    numbers = one.go("divide")
    one.work(numbers)
    one.work(numbers[:1], "rewrite")
    assert 0 < sum(b"person." in file.read_bytes() for file in files) < len(MONTHS)
    assert {one.state(each) for each in ids} == {RequestState.APPLIED}
    one.end(numbers)
    one.assert_everybody_is_erased_once(ids)
    assert not [file for file in files if b"person." in file.read_bytes()]


def rewrite_first(one: Night) -> None:
    """Write the objects of the first chunk anew, for a worker that may be killed."""
    one.go("rewrite", 0)


@pytest.mark.thorough
def test_a_worker_killed_at_an_archive_leaves_it_to_the_stage_after(night, tmp_path) -> None:
    def divided() -> tuple[Night, list[Path], list[str], list[int]]:
        one = night(has_archive=True)
        files = one.fill_archive()
        ids = one.ask(8)
        numbers = one.go("divide")
        one.work(numbers)
        return one, files, ids, numbers

    report = tmp_path / "report"
    points = points_of(divided()[0], rewrite_first, report)
    for at in range(3, len(points), len(points) // 3):
        one, files, ids, numbers = divided()
        assert run_in_child(one, rewrite_first, at, report) == -signal.SIGKILL
        wait_for_the_server(one.url)
        one.work(numbers, "rewrite")
        one.end(numbers)
        one.assert_everybody_is_erased_once(ids)
        for file in files:
            assert not [n for n in range(10, 18) if b"person.%d@" % n in file.read_bytes()]


def test_a_chunk_keeps_others_out_and_so_does_a_run(night) -> None:
    one = night()
    one.ask(8)
    numbers = one.go("divide")
    with one.stores.exclusive(f"{chunks.FLOW} {one.batch_id} chunk 0"):
        with pytest.raises(RequestError, match="another run holds the lock"):
            one.go("apply", 0)
        one.go("apply", 1)
    with one.stores.sharing(chunks.FLOW):
        one.go("apply", 0)
        with pytest.raises(RequestError, match='another run holds the lock "fulfilment"'):
            one.go("apply")
    with (
        one.stores.exclusive(chunks.FLOW),
        pytest.raises(RequestError, match='another run holds the lock "fulfilment"'),
    ):
        one.go("close", numbers[0])


def apply_first(one: Night) -> None:
    """Do the first chunk, for a worker that may be killed."""
    one.go("apply", 0)


def points_of_a_chunk(night, report) -> int:
    """Return how many points a first chunk has, of two to four requests in eight."""
    while True:
        one = night()
        requests = [one.request(request_id) for request_id in one.ask(8)]
        one.go("divide")
        if 2 <= len(members(requests, 0, 2)) <= 4:
            return len(points_of(one, apply_first, report))


def killed_at(night, at: int, report) -> None:
    """Kill a worker at a point; whose chunk has fewer ends by itself, and another one is tried."""
    for _ in range(30):
        one = night()
        ids = one.ask(8)
        numbers = one.go("divide")
        ended = run_in_child(one, apply_first, at, report)
        assert ended in (-signal.SIGKILL, 0)
        wait_for_the_server(one.url)
        one.work(numbers)
        one.end(numbers)
        one.assert_everybody_is_erased_once(ids)
        if ended:
            return
    pytest.fail(f"no chunk had {at} points")


@pytest.mark.thorough
def test_a_killed_worker_leaves_its_chunk_to_the_next(night, tmp_path) -> None:
    points = points_of_a_chunk(night, tmp_path / "report")
    assert points > 9
    for at in range(2, points, points // 3):
        killed_at(night, at, tmp_path / "report")


@pytest.mark.long
def test_a_worker_may_be_killed_at_any_point_of_its_chunk(night, tmp_path) -> None:
    """Takes two minutes or three."""
    # The last one is there or not by how the numbers of the requests fall.
    for at in range(1, points_of_a_chunk(night, tmp_path / "report")):
        killed_at(night, at, tmp_path / "report")
