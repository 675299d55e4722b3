"""A column of paths that may not be NULL: the file goes, and a word is left that names no file."""

from __future__ import annotations

import pytest

from tests.drifts import drifts_of
from tests.post import open_post

MAIL = "anna.berg@example.org"
NAMED = "select id, voice from post.calls order by id"


@pytest.fixture
def post(database, lacuna_home):
    post = open_post(database("lacuna"), lacuna_home)
    for name in ("10", "20"):
        path = lacuna_home / "media" / "voice" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")
    post.query("alter table post.calls alter voice set not null")
    return post


@pytest.mark.thorough
def test_the_file_is_deleted_and_the_path_says_so(post, lacuna_home):
    assert drifts_of(post.stores) == ()
    (request_id,) = post.erase(MAIL)
    assert post.query(NAMED) == [(10, "[erased]"), (20, "voice/20.wav")]
    assert sorted(one.name for one in (lacuna_home / "media" / "voice").iterdir()) == ["20.wav"]
    assert post.verification(request_id).passed


@pytest.mark.thorough
def test_what_is_left_names_no_file_of_the_next_person(post):
    post.erase(MAIL)
    post.query("insert into post.calls values (30, 'north', null, 'closed', 1, '')")
    post.erase("bo.lind@example.org")
    assert post.query(NAMED) == [(10, "[erased]"), (20, "[erased]"), (30, "")]


@pytest.mark.thorough
def test_rows_of_others_that_name_the_file_lose_its_path_too(post):
    post.query("update post.calls set voice = 'voice/10.wav' where id = 20")
    post.erase(MAIL)
    assert post.query(NAMED) == [(10, "[erased]"), (20, "[erased]")]


def test_a_unique_index_over_the_paths_is_drift(post):
    post.query("create unique index on post.calls (voice)")
    (drift,) = drifts_of(post.stores)
    assert str(drift.location) == "post.calls.voice"
    assert "can make two rows equal" in drift.problem
