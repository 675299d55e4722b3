"""A night with the login that the installation gives to workers: it owns nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from lacuna.errors import VerificationFailed
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from tests.brought import Brought
from tests.post import open_post

LOGINS = ("planner", "executor", "verifier", "page")
ROOT = Path(__file__).resolve().parents[2]
MAIL = "anna.berg@example.org"
# Enough rows that each value of a column is one of its most common ones, or a bound of the histogram.
MORE = """
insert into post.people (id, org_id, email, name)
select gen_random_uuid(), 'north', 'guest.' || n || '@example.org', 'Guest ' || n
from generate_series(1, 40) n
"""
IN_STATISTICS = """
select count(*) from pg_stats where schemaname = 'post'
and concat(most_common_vals::text, histogram_bounds::text) like '%%anna.berg%%'
"""


@pytest.fixture
def post(database, tmp_path) -> Iterator[Brought]:
    """Yield a call centre that is worked on as the document on the installation says."""
    url = database("lacuna")
    made = open_post(url, tmp_path)
    voice = tmp_path / "media" / "voice"
    voice.mkdir(mode=0o700, parents=True)
    for number in (10, 20):
        (voice / f"{number}.wav").write_bytes(b"RIFF a voice")
    made.query(MORE)
    text = (ROOT / "docs" / "installation.md").read_text("utf-8")
    own, urls = uuid.uuid4().hex[:8], {}
    for role in LOGINS:
        login = f"{role}_{own}"
        pattern = rf"create role lacuna_{role}_login .*?;\ngrant .*?;"
        (statements,) = re.findall(pattern, text)
        for statement in statements.replace(f"lacuna_{role}_login", login).split("\n"):
            made.query(statement)
        made.query(f"alter role {login} password '{login}'")
        theirs = make_url(url).set(username=login, password=login)
        urls[role] = theirs.render_as_string(hide_password=False)
    roles = {
        Role.EXECUTOR: urls["executor"],
        Role.VERIFIER: urls["verifier"],
        Role.DPO: urls["page"],
        Role.SUBMITTER: urls["page"],
    }
    made.stores = replace(made.stores, database=Database(urls["planner"], roles))
    yield made
    made.stores.database.dispose()
    for role in LOGINS:
        made.query(f"drop role {role}_{own}")


@pytest.mark.parametrize(
    ("role", "others"),
    [
        ("planner", ["lacuna_executor", "lacuna_verifier", "lacuna_dpo", "lacuna_rule"]),
        ("executor", ["lacuna_planner", "lacuna_verifier", "lacuna_dpo", "lacuna_rule"]),
        ("verifier", ["lacuna_planner", "lacuna_executor", "lacuna_dpo", "lacuna_rule"]),
        ("page", ["lacuna_planner", "lacuna_executor", "lacuna_verifier", "lacuna_rule"]),
    ],
)
def test_no_login_takes_on_the_role_of_another(post, role, others):
    ((own,),) = post.query(
        "select rolname from pg_roles where rolname like %s and rolcanlogin", f"{role}\\_%"
    )
    for other in others:
        with (
            psycopg.connect(login_url(post.url, own)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"set role {other}")


def login_url(url: str, login: str) -> str:
    theirs = make_url(url).set(username=login, password=login)
    return theirs.render_as_string(hide_password=False)


@pytest.mark.thorough
def test_a_night_ends_right_with_the_logins_of_an_installation(post):
    post.query("analyze")
    assert post.query(IN_STATISTICS) != [(0,)], "nothing that could be left"
    (request_id,) = post.erase(MAIL)
    assert post.state(request_id) is RequestState.COMPLETED
    assert post.query(IN_STATISTICS) == [(0,)]
    assert post.query("select count(*) from post.people where email = %s", MAIL) == [(0,)]


@pytest.mark.thorough
def test_statistics_that_cannot_be_made_anew_leave_a_request_open(post):
    """Where Lacuna's schemas do not belong to the owner of the platform's tables."""
    stranger = f"stranger_{uuid.uuid4().hex[:8]}"
    function = "lacuna.renew_statistics(text, text)"
    post.query(f"create role {stranger}; alter function {function} owner to {stranger}")
    try:
        post.query("analyze")
        request_id = post.submit(IdentifierKind.EMAIL, MAIL)
        post.run()
        post.approve(request_id)
        with pytest.raises(VerificationFailed, match="1 of 1 requests failed"):
            post.run()
        assert post.state(request_id) is RequestState.APPLIED
        locations = {one.location for one in post.verification(request_id).findings}
        assert "statistics of post.people.email" in locations
    finally:
        post.query(f"alter function {function} owner to current_user; drop role {stranger}")
