"""Who is erased is erased in quarantine too: a file there is whose it was, and no gate looks past it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lacuna.errors import PipelineError
from lacuna.model.finding import Gate
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import Quarantined
from lacuna.model.request import RequestState
from lacuna.stores.objects.folder import FolderObjects
from tests.drifts import drifts_of
from tests.flows.call_centre import away, s3, world

__all__ = ["s3", "world"]

MAIL = "anna.berg@example.org"
OTHER = "bo.lind@example.org"


@pytest.mark.thorough
def test_an_erasure_takes_files_in_quarantine_that_name_the_person(world):
    world.quarantine("voice/anna.berg@example.org.wav", b"RIFF a voice")
    world.quarantine("voice/old.wav", b"From: anna.berg@example.org")
    world.quarantine("voice/bo.lind@example.org.wav", b"RIFF another")
    (request_id,) = world.post.erase(MAIL)
    assert world.paths() == {"voice/20.wav", away("voice/bo.lind@example.org.wav")}
    verified = world.post.verification(request_id)
    assert verified.unnamed == ("media/voice/**, in quarantine: 1",)
    assert verified.passed


@pytest.mark.thorough
def test_a_file_in_quarantine_that_a_row_began_to_name_is_the_persons(world):
    """Nothing in it says so: the row alone does."""
    world.objects.delete("voice/10.wav")
    world.quarantine("voice/10.wav", b"RIFF her voice")
    world.post.query("update post.calls set voice = 'voice/10.wav' where id = 10")
    world.post.erase(MAIL)
    assert world.paths() == {"voice/20.wav"}


@pytest.mark.thorough
def test_a_file_in_quarantine_that_anothers_row_names_is_theirs(world):
    world.objects.delete("voice/20.wav")
    world.quarantine("voice/20.wav", b"RIFF his voice")
    world.post.erase(MAIL)
    assert world.paths() == {away("voice/20.wav")}
    # What is deleted there is taken out of the rows that name it as it was.
    world.post.query("update post.calls set voice = 'voice/shared.wav' where id = 10")
    world.post.query("update post.calls set voice = 'voice/shared.wav' where id = 20")
    world.quarantine("voice/shared.wav", b"RIFF his voice again")
    world.post.erase(OTHER)
    assert world.post.query("select count(voice) from post.calls") == [(0,)]
    assert world.paths() == {away("voice/20.wav")}


@pytest.mark.thorough
def test_a_plan_that_was_approved_holds_after_its_file_went_into_quarantine(world):
    world.put("voice/anna.berg@example.org.wav", b"RIFF a voice")
    post = world.post
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    post.run()
    post.approve(request_id)
    path = "voice/anna.berg@example.org.wav"
    assert world.objects.move(path, away(path)) is True
    post.run()
    assert post.request(request_id).state is RequestState.COMPLETED
    assert world.paths() == {"voice/20.wav"}


@pytest.mark.thorough
def test_the_gate_is_red_while_a_file_of_the_person_is_in_quarantine(world, monkeypatch):
    """As if the planner had never heard of the quarantine."""
    world.quarantine("voice/old.wav", b"From: anna.berg@example.org")
    world.quarantine("voice/anna.berg@example.org.wav", b"RIFF")
    for kind in (FolderObjects, type(world.objects)):
        blind = kind.paths

        def paths(self, _blind=blind) -> Iterator[str]:
            return (path for path in _blind(self) if Quarantined.parse(path) is None)

        if kind.paths is blind and "blind" not in getattr(blind, "__name__", ""):
            monkeypatch.setattr(kind, "paths", paths)
    request_id = world.post.submit(IdentifierKind.EMAIL, MAIL)
    world.post.run()
    world.post.approve(request_id)
    with pytest.raises(PipelineError):
        world.post.run()
    found = world.post.verification(request_id).findings
    assert {(one.gate, one.location) for one in found} == {
        (Gate.RESIDUE, "media/voice/**"),
        (Gate.RESIDUE, "names of media/voice/**"),
    }


def test_a_file_in_quarantine_fits_the_pattern_that_it_fitted(world):
    world.quarantine("voice/old.wav", b"RIFF")
    assert not drifts_of(world.post.stores)
    world.put(".lacuna-quarantine/stray.wav", b"RIFF")
    assert len(drifts_of(world.post.stores)) == 1
