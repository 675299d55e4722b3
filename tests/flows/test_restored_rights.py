"""A restore takes back no decision on a person: what was held, restricted or corrected is so again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines.flows import sweep
from pipelines.model.evidence import Action, Phase
from pipelines.model.request import RequestKind, RequestState
from pipelines.model.run import Role
from tests.flows.holding import (
    BY_ID,
    GROUND,
    OF_PERSON,
    VOICEMAILS,
    Later,
    all_requests,
    caller_of,
    held_until,
    hold,
    statement_of,
)
from tests.flows.observation import execute, leaves_of
from tests.flows.restoring import dump_of, restored


@pytest.fixture
def installation(little):
    """The installation that a test is discreet about."""
    return little


def fulfil(installation, request_id: str) -> None:
    """Plan, approve and carry out."""
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED


def erased_again(installation) -> list[str]:
    return [
        leaf.entry.request_id
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.REAPPEARED and leaf.entry.phase is Phase.OUTCOME
    ]


def lines_of(installation, outcome: str) -> list[dict]:
    """Return the counts of the run lines with an outcome."""
    lines = [
        json.loads(line)
        for path in sorted((installation.stores.home / "evidence" / "runs").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    return [line["counts"] for line in lines if line["outcome"] == outcome]


@pytest.mark.usefixtures("discreet")
@pytest.mark.parametrize("dumped", ["before the hold", "after the hold"])
def test_what_was_held_is_held_again_when_its_person_is_erased_again(little, database, dumped):
    caller = caller_of(little)
    kept = execute(little.url, OF_PERSON, caller)
    ids = [row[0] for row in kept]
    media = little.stores.folder_of("media")
    first = little.submit_contact(caller)
    before = dump_of(little)
    until = held_until()
    hold(little, first, until)
    dump = before if dumped == "before the hold" else dump_of(little)
    fulfil(little, first)

    again = restored(little, database, dump)
    for _ in range(2):
        assert execute(again.url, OF_PERSON, caller) == kept
        assert again.run(sweep) is None
        assert execute(again.url, BY_ID, ids) == kept
        assert all((media / row[1]).is_file() for row in kept)
        assert execute(again.url, OF_PERSON, caller) == []
        (request_id,) = erased_again(again)
        # The plan said so, and the certificate does, on the same ground and until the same day.
        reason = f"held on the ground of Art. {GROUND} until {until.date().isoformat()}"
        certificate = statement_of(again, request_id)
        assert certificate["completeness"] == "partial"
        assert {"location": str(VOICEMAILS), "ground": reason, "rows": len(kept)} in certificate[
            "kept"
        ]
        with again.stores.transaction(Role.PLANNER) as transaction:
            assert reason in transaction.queue.plan(request_id).readable
        assert lines_of(again, "reappeared")[-1]["held_tables"] == 1
        # The rest waits for the lapse, and for an officer.
        (rest,) = [one for one in all_requests(again) if one.state is RequestState.HELD]
        assert (rest.kinds, rest.due_at > until) == ((RequestKind.ERASURE,), True)
        assert again.run() is None
        assert again.run(sweep) is None
        assert execute(again.url, BY_ID, ids) == kept
        # A second restore, of the same dump: the first re-erasure is among those remembered.
        again = restored(again, database, dump)


def test_a_hold_that_lapsed_since_holds_nothing_when_its_person_is_erased_again(little, database):
    caller = caller_of(little)
    ids = [row[0] for row in execute(little.url, OF_PERSON, caller)]
    first = little.submit_contact(caller)
    hold(little, first, held_until(3))
    dump = dump_of(little)
    fulfil(little, first)

    again = restored(little, database, dump)
    again.stores = replace(again.stores, clock=Later(again.stores.clock, timedelta(days=4)))
    assert again.run(sweep) is None
    assert [row[1:] for row in execute(again.url, BY_ID, ids)] == [(None, None)] * len(ids)
    (request_id,) = erased_again(again)
    assert "completeness" not in statement_of(again, request_id)
    assert not [one for one in all_requests(again) if one.state is RequestState.HELD]
