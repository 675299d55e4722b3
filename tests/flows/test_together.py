"""What the requests of a night share: one pass over the texts for bundles and erasures."""

from __future__ import annotations

import pytest

from lacuna.flows.fulfilment import survey
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.brought import Brought
from tests.post import open_post

ANNA, BO = "anna.berg@example.org", "bo.lind@example.org"


@pytest.fixture
def post(database, tmp_path) -> Brought:
    voice = tmp_path / "media" / "voice"
    voice.mkdir(mode=0o700, parents=True)
    for number in (10, 20):
        (voice / f"{number}.wav").write_bytes(b"RIFF a voice")
    return open_post(database("lacuna"), tmp_path)


@pytest.fixture
def passes(monkeypatch) -> list[int]:
    """Note for how many people each pass over the texts looked."""
    noted: list[int] = []
    take = survey.take_inventory

    def taken(sought, *rest):
        noted.append(len(sought))
        return take(sought, *rest)

    monkeypatch.setattr(survey, "take_inventory", taken)
    return noted


def states(post: Brought, *ids: str) -> list[RequestState]:
    return [post.state(one) for one in ids]


def test_bundles_and_erasures_of_a_night_are_surveyed_together(post, passes):
    erasure = post.submit(IdentifierKind.EMAIL, BO)
    post.run()
    post.approve(erasure)
    access = post.submit(IdentifierKind.EMAIL, ANNA, kinds=(RequestKind.ACCESS,))
    passes.clear()
    post.run()
    assert states(post, access, erasure) == [RequestState.COMPLETED] * 2
    # To plan the new one, and to apply both.
    assert passes == [1, 2]
    with post.stores.transaction(Role.PLANNER) as transaction:
        said = transaction.queue.results.get_all([access, erasure])
    # One search served both; of the person whose copy was given, nothing was searched for.
    assert said[erasure].places is not None
    assert said[erasure].searched == said[erasure].places.count > 0
    assert (said[access].searched, said[access].places) == (0, None)


@pytest.mark.thorough
def test_a_request_that_cannot_be_surveyed_fails_alone_among_others(post, passes, monkeypatch):
    erasure = post.submit(IdentifierKind.EMAIL, BO)
    access = post.submit(IdentifierKind.EMAIL, ANNA, kinds=(RequestKind.ACCESS,))
    post.run()
    assert states(post, access, erasure) == [RequestState.COMPLETED, RequestState.PLANNED]
    post.approve(erasure)
    again = post.submit(IdentifierKind.EMAIL, ANNA, kinds=(RequestKind.PORTABILITY,))
    sought = survey._sought

    def broken(batch, request, *rest):
        if request.request_id == erasure:
            raise OSError("a row's value")
        return sought(batch, request, *rest)

    monkeypatch.setattr(survey, "_sought", broken)
    with pytest.raises(Exception, match="1 of 2 requests failed"):
        post.run()
    assert states(post, again, erasure) == [RequestState.COMPLETED, RequestState.APPROVED]
    with post.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(erasure) is Obstacle.APPLY_FAILED
    monkeypatch.undo()
    post.run()
    assert states(post, erasure) == [RequestState.COMPLETED]
