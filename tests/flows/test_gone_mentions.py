"""A row of one person mentions another, and goes with its own while another worker is at the other."""

from __future__ import annotations

import uuid

import pytest

from lacuna.flows import fulfilment
from lacuna.flows.fulfilment import application
from lacuna.flows.run import chunks
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode
from tests.flows.conftest import Installation, opened
from tests.flows.observation import execute, quiet_people
from tests.flows.test_encoded_values import email_of


@pytest.fixture
def pair(little) -> tuple[str, str]:
    """Two people; the row of the second in an old report mentions the first, and is deleted with theirs."""
    named, other = quiet_people(little.platform)[:2]
    execute(
        little.url,
        "update contact_center.legacy_contact_360 set last_subject = %s where contact_id::text = %s",
        f"Forwarded by {email_of(little, named)}",
        other,
    )
    return named, other


def stage(installation: Installation, batch_id: str, name: str, chunk: int | None = None) -> None:
    options = installation.options(approval=ApprovalMode.AUTO, chunks=2)
    fulfilment.stage_of(name, chunk)(installation.stores, options, batch_id)


def test_the_key_of_a_row_that_went_meanwhile_is_no_trace_of_its_person(
    little, pair, monkeypatch
) -> None:
    ids = [little.submit_contact(one) for one in pair]
    batch_id, ready = str(uuid.uuid4()), application.redactors_of
    monkeypatch.setattr(chunks, "_FEWEST_REQUESTS", 1)
    monkeypatch.setattr(
        chunks, "members", lambda some, number, _: [x for x in some if x.request_id == ids[number]]
    )
    for name in ("claim", "resolve_and_plan", "divide"):
        stage(little, batch_id, name)
    elsewhere = opened(little.url, little.stores.home, little.platform)

    def overtaken(*read):
        monkeypatch.setattr(application, "redactors_of", ready)
        stage(elsewhere, batch_id, "apply_chunk", 1)
        return ready(*read)

    monkeypatch.setattr(application, "redactors_of", overtaken)
    stage(little, batch_id, "apply_chunk", 0)
    assert [little.request(one).state for one in ids] == [RequestState.APPLIED] * 2
    for name in ("apply", "verify", "close"):
        stage(little, batch_id, name)
    assert [little.request(one).state for one in ids] == [RequestState.COMPLETED] * 2
