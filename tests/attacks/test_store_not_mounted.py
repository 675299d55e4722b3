"""A media store that is not mounted: nothing is found there, and nothing may count as gone."""

from __future__ import annotations

import shutil

import pytest

from lacuna.errors import DependencyUnreachable
from lacuna.flows.fulfilment.verification import places
from lacuna.flows.run.opening import open_datamap
from lacuna.model.location import STORE_MARK
from lacuna.model.request import RequestState
from lacuna.verify import Scope
from lacuna.verify.gates import objects as objects_gate
from tests.flows.observation import execute


def planned_with_files(attacked) -> str:
    """Plan the erasure of somebody with files of their own."""
    request_id = attacked.submit_contact(attacked.platform.demo.forget, is_forced=True)
    assert attacked.run() is None
    (plan,) = execute(
        attacked.url, "select readable from lacuna.plan where request_id = %s", request_id
    )
    (line,) = [one for one in plan[0].splitlines() if "delete objects of media" in one]
    assert "objects: 0" not in line
    return request_id


@pytest.fixture
def media(attacked):
    return attacked.stores.home / "media"


@pytest.mark.thorough
def test_nothing_is_erased_while_a_store_is_not_the_one_that_was_marked(attacked, media):
    request_id = planned_with_files(attacked)
    fileless = next(key for key, one in attacked.platform.people.items() if not one.files)
    away = media.with_name("media-away")
    shutil.move(media, away)
    for kind in ("missing", "empty", "another"):
        if kind == "empty":
            media.mkdir(mode=0o700)
        if kind == "another":
            (media / STORE_MARK).write_text("00000000-0000-4000-8000-000000000000")
        for _ in range(2):
            if attacked.request(request_id).state is RequestState.PLANNED:
                attacked.approve(request_id)
            assert attacked.run() is not None, kind
            # Anybody's, also of somebody without a file.
            attacked.submit_contact(fileless, is_forced=True)
        assert execute(
            attacked.url, "select count(*) from lacuna.request where state = 'completed'"
        ) == [(0,)], kind
        assert media.exists() is (kind != "missing")
    shutil.rmtree(media)
    shutil.move(away, media)
    for _ in range(2):
        if attacked.request(request_id).state is RequestState.PLANNED:
            attacked.approve(request_id)
        attacked.run()
    assert attacked.request(request_id).state is RequestState.COMPLETED


def test_an_error_says_which_store_and_what_to_do(attacked, media):
    mark = (media / STORE_MARK).read_text().strip()
    (media / STORE_MARK).unlink()
    objects = attacked.stores.objects_of(open_datamap(attacked.stores))["media"]
    with pytest.raises(DependencyUnreachable, match=rf"media: .*mount.*{mark}"):
        list(objects.paths())
    (media / STORE_MARK).write_text(mark)
    assert STORE_MARK not in set(objects.paths())


def test_a_store_that_was_never_marked_is_none(attacked, media):
    execute(attacked.url, "delete from lacuna.database_fact where name = 'store:media' returning 1")
    objects = attacked.stores.objects_of(open_datamap(attacked.stores))
    with pytest.raises(DependencyUnreachable, match=r"media: .* lacuna up"):
        objects["media"].size("a")


def test_the_gate_is_red_by_its_own_look(attacked, media):
    datamap = open_datamap(attacked.stores)

    def found() -> list[str]:
        with attacked.stores.transaction("lacuna_verifier", is_read_only=True) as transaction:
            verifying = transaction.verifying(datamap)
            where = places(attacked.stores, datamap)
            request_id = attacked.submit_contact(next(iter(attacked.platform.people)))
            return [
                one.location
                for one in objects_gate.check(Scope([request_id], datamap, verifying, where))[
                    request_id
                ]
            ]

    assert "media" not in found()
    (media / STORE_MARK).unlink()
    assert "media" in found()


def test_a_row_that_names_the_mark_takes_it_not_away(attacked, media):
    objects = attacked.stores.objects_of(open_datamap(attacked.stores))["media"]
    with pytest.raises(Exception, match="outside the store"):
        objects.delete(STORE_MARK)
    assert (media / STORE_MARK).exists()


def test_up_marks_what_is_new_and_never_what_lost_its_mark(installation, lacuna):
    media = installation.stores.home / "media"
    (media / STORE_MARK).unlink()
    said = lacuna("up")
    assert "media: missing or without its mark" in said.out
    assert not (media / STORE_MARK).exists()
    execute(
        installation.url, "delete from lacuna.database_fact where name = 'store:media' returning 1"
    )
    assert "media: marked" in lacuna("up").out
    (known,) = execute(
        installation.url, "select value from lacuna.database_fact where name = 'store:media'"
    )
    assert (media / STORE_MARK).read_text().strip() == known[0]
    assert "media" not in lacuna("up").out
