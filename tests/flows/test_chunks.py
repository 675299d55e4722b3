"""A night divided into chunks: workers share it, each request is done once, whoever is killed."""

from __future__ import annotations

import os
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

import pytest

from pipelines.errors import RequestError
from pipelines.flows import chunks, fulfilment
from pipelines.flows.chunks import members
from pipelines.model.evidence import Action, Phase
from pipelines.model.identity import IdentifierKind
from pipelines.model.request import RequestState
from pipelines.model.run import ApprovalMode, Mode, RunOptions
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


class Night(Brought):
    """A desk of which many contacts ask to be erased the same night."""

    def __init__(self, url: str, home, **settings: object) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        datamap = home / "datamap.yaml"
        datamap.write_text(DATAMAP)
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
        return fulfilment.stage_of(name, chunk)(self.stores, self.options, self.batch_id)

    def end(self, numbers: Sequence[int]) -> None:
        """Run what follows the chunks."""
        self.go("apply")
        self.go("verify")
        for number in numbers:
            self.go("close", number)
        self.go("close")

    def work(self, numbers: Sequence[int]) -> None:
        """Do as a worker does that is given all the chunks: leave those that others are at."""
        for number in numbers:
            try:
                self.go("apply", number)
            except RequestError as error:
                assert "is going on" in str(error)  # noqa: PT017 - in a child of the test

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
    return lambda **settings: Night(database(), lacuna_home / f"night-{next(homes)}", **settings)


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


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_request_is_in_exactly_one_chunk(night, count: int) -> None:
    one = night()
    ids = one.ask(PEOPLE)
    requests = [one.request(request_id) for request_id in ids]
    found = [each for number in range(count) for each in members(requests, number, count)]
    assert sorted(each.request_id for each in found) == sorted(ids)
    assert members(requests, count, count) == members(requests, 0, 0) == []


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


def test_what_is_only_observed_is_one_chunk(night) -> None:
    one = night(mode=Mode.OBSERVE)
    ids = one.ask(PEOPLE)
    assert one.go("divide") == [0]
    one.work([0])
    one.go("apply")
    assert {one.state(each) for each in ids} == {RequestState.APPROVED}
    assert one.query("select count(*) from desk.contacts where email is null") == [(0,)]


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


def test_a_chunk_keeps_others_out_and_so_does_a_run(night) -> None:
    one = night()
    one.ask(8)
    numbers = one.go("divide")
    with one.stores.exclusive(f"{chunks.FLOW} {one.batch_id} chunk 0"):
        with pytest.raises(RequestError, match="is going on"):
            one.go("apply", 0)
        one.go("apply", 1)
    with one.stores.sharing(chunks.FLOW):
        one.go("apply", 0)
        with pytest.raises(RequestError, match="another run of fulfilment is going on"):
            one.go("apply")
    with (
        one.stores.exclusive(chunks.FLOW),
        pytest.raises(RequestError, match="a run of fulfilment is going on"),
    ):
        one.go("close", numbers[0])


def apply_first(one: Night) -> None:
    """Do the first chunk, for a worker that may be killed."""
    one.go("apply", 0)


def killed_at(night, at: int, report) -> None:
    one = night()
    ids = one.ask(8)
    numbers = one.go("divide")
    assert run_in_child(one, apply_first, at, report) == -signal.SIGKILL
    wait_for_the_server(one.url)
    one.work(numbers)
    one.end(numbers)
    one.assert_everybody_is_erased_once(ids)


def test_a_killed_worker_leaves_its_chunk_to_the_next(night, tmp_path) -> None:
    one = night()
    one.ask(8)
    one.go("divide")
    points = points_of(one, apply_first, tmp_path / "report")
    assert len(points) > 9
    for at in range(2, len(points), len(points) // 3):
        killed_at(night, at, tmp_path / "report")


@pytest.mark.long
def test_a_worker_may_be_killed_at_any_point_of_its_chunk(night, tmp_path) -> None:
    """Takes two minutes or three."""
    one = night()
    one.ask(8)
    one.go("divide")
    for at in range(1, len(points_of(one, apply_first, tmp_path / "report")) + 1):
        killed_at(night, at, tmp_path / "report")
