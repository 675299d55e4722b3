"""`lacuna attack` on a whole installation: what it says, and that nothing of it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import sql

from lacuna.evidence import ComparedLedger
from lacuna.flows import attack, seal
from tests.flows.observation import execute, quiet_people

TABLES = "select format('%I.%I', schemaname, relname) from pg_stat_user_tables order by 1"

SEQUENCES = "select seqrelid, pg_sequence_last_value(seqrelid) from pg_sequence order by 1"


@contextmanager
def one_role_each(url: str) -> Iterator[None]:
    """Make a login that takes on one role, while the block runs: roles are the whole server's."""
    execute(url, "create role lacuna_planner_login login noinherit")
    execute(url, "grant lacuna_planner to lacuna_planner_login")
    try:
        yield
    finally:
        execute(url, "drop role lacuna_planner_login")


def counts(url: str) -> dict[str, int]:
    """Return how many rows each table has, of the platform and of Lacuna."""
    tables = [name for (name,) in execute(url, TABLES)]
    return {
        name: execute(url, sql.SQL("select count(*) from {}").format(sql.SQL(name)))[0][0]
        for name in tables
    }


def ends(said) -> dict[str, str]:
    return {one["attempt"]: one["outcome"] for one in said.json}


@pytest.fixture(scope="module")
def sealed_once(reaching):
    """An installation in which somebody was erased, with a certificate and a checkpoint."""

    def reach(installation):
        installation.erase(quiet_people(installation.platform)[0])
        assert installation.run(seal) is None

    return reaching("sealed", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


@pytest.mark.thorough
def test_every_attack_is_tried_and_holds_and_nothing_lasts(sealed, lacuna):
    home = sealed.stores.home
    before = counts(sealed.url), execute(sealed.url, SEQUENCES)
    files = {path: path.read_bytes() for path in (home / "evidence").rglob("*") if path.is_file()}
    said = lacuna("attack", "--no-scratch", "--json")
    # The embedded server has the owner's login alone: nothing is there to be compared.
    assert {attempt: end for attempt, end in ends(said).items() if end != "held"} == {
        "plan, apply, decide and seal with one login": "not tried"
    }
    assert said.code == 1
    assert (counts(sealed.url), execute(sealed.url, SEQUENCES)) == before
    assert files == {
        path: path.read_bytes() for path in (home / "evidence").rglob("*") if path.is_file()
    }
    with one_role_each(sealed.url):
        shown = lacuna("attack", "--no-scratch")
    assert shown.code == 0
    assert shown.out.count("held") == len(ends(said))


@pytest.mark.thorough
def test_what_cannot_be_tried_is_no_success(installation, lacuna):
    said = lacuna("attack", "--no-scratch", "--json")
    assert said.code == 1
    assert ends(said)["cut entries off the end of the signed ledger"] == "not tried"
    assert ends(said)["change a certificate"] == "not tried"


@pytest.mark.thorough
def test_a_comparison_that_sees_nothing_is_found_out(sealed, lacuna, monkeypatch):
    def blind(leaves, signed):
        return ComparedLedger(sum(1 for _ in leaves), "0" * 64, len(signed), ())

    monkeypatch.setattr(attack, "compare_ledger", blind)
    monkeypatch.setattr(attack, "verify_checkpoint", lambda note, keys: None)
    said = lacuna("attack", "--no-scratch", "--json")
    assert said.code == 1
    succeeded = {attempt for attempt, end in ends(said).items() if end == "succeeded"}
    assert {*attack.FORGERIES, "sign a checkpoint with another key"} <= succeeded
