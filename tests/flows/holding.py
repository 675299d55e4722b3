"""Somebody with voicemails, and an officer who holds these while the rest is erased."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from lacuna.flows.run.opening import open_datamap
from lacuna.model.hold import ItemHold
from lacuna.model.location import TableName
from lacuna.model.request import Request
from lacuna.model.run import Role
from lacuna.request import hold_item
from tests.flows.conftest import Installation
from tests.flows.observation import execute, quiet_people

VOICEMAILS = TableName("contact_center", "voicemails")
GROUND = "17(3)(e)"
OF_PERSON = (
    "select v.voicemail_id, v.uri, v.transcript from contact_center.voicemails v "
    "join contact_center.calls c using (call_id) "
    "join contact_center.conversations o using (conversation_id) where o.requester_id::text = %s"
)
BY_ID = "select voicemail_id, uri, transcript from contact_center.voicemails where voicemail_id = any(%s)"


def caller_of(installation: Installation) -> str:
    """Return somebody with a voicemail, whom nothing keeps from being erased."""
    for contact_id in quiet_people(installation.platform):
        if execute(installation.url, OF_PERSON, contact_id):
            return contact_id
    raise AssertionError("the sample has nobody with a voicemail")


def held_until(days: int = 30) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def hold(
    installation: Installation,
    request_id: str,
    until: datetime,
    ground: str = GROUND,
    table: TableName = VOICEMAILS,
) -> Request:
    datamap = open_datamap(installation.stores)
    org_id = installation.request(request_id).org_id
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        request = transaction.queue.requests.get(request_id)
        desk = installation.desk(transaction)
        return hold_item(request, ItemHold(table, ground, until), datamap, desk)


def statement_of(installation: Installation, request_id: str) -> dict:
    path = installation.stores.home / "evidence" / "statements" / f"{request_id}.json"
    return json.loads(path.read_bytes())


def all_requests(installation: Installation) -> list[Request]:
    with installation.stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.requests.in_states()


class Later:
    """A clock that was put forward."""

    def __init__(self, clock, by: timedelta) -> None:
        self._clock, self._by = clock, by

    def now(self) -> datetime:
        return self._clock.now() + self._by
