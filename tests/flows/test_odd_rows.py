"""Rows whose contents are odd: whatever one of them does, it does to one request alone."""

from __future__ import annotations

from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from tests.flows.observation import execute, quiet_people

DEEP = (
    "update contact_center.contacts set custom_attributes = cast(%s as jsonb) where contact_id = %s"
)


def test_stored_data_53_a_document_deeper_than_the_stack_fails_its_own_request_alone(little):
    deep, plain = quiet_people(little.platform)[:2]
    document = '{"a": ' * 3000 + "1" + "}" * 3000
    execute(little.url, DEEP, document, deep)
    ids = [little.submit_contact(one, kinds=(RequestKind.ACCESS,)) for one in (deep, plain)]
    assert little.run() is not None
    assert little.obstacle(ids[0]) is Obstacle.BUNDLE_FAILED
    assert little.request(ids[1]).state is RequestState.COMPLETED
