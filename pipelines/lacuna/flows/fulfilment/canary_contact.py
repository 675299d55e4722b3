"""A made-up contact goes through an erasure each night, where an organization is set aside for it.

1. The organization (`LACUNA_CANARY_ORG`) must hold nobody else, or the run stops.
2. Once a day the contact is made, and a request for its erasure is queued.
3. The request is approved by the setting, and goes through the night as every other does.

Reporting leaves the organization out, and no agreement is asked of it.
"""

import uuid
from collections.abc import Sequence

from lacuna.errors import ConfigurationError
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.approval_rules import BY_CANARY
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import Request, RequestKind, RequestState
from lacuna.model.run import Mode, Role
from lacuna.request import accept, approve_by_rule


def send_canary(batch: Batch, steps: Steps) -> None:
    """Make the contact of this day and queue its erasure; one that a crash left is taken up.

    Raises:
        ConfigurationError: the organization holds somebody else; nothing was done.
    """
    options, now = batch.options, batch.stores.clock.now()
    org_id = options.canary_org
    if org_id is None or options.mode is Mode.OBSERVE or options.scope.is_part:
        return
    with batch.stores.transaction(Role.EXECUTOR) as transaction:
        canaries = transaction.canaries(batch.datamap)
        if strangers := canaries.strangers(org_id):
            raise ConfigurationError(
                f"LACUNA_CANARY_ORG: the organization contains {strangers} people who are not "
                "canaries; nothing changed. Name an organization that is reserved for the canary"
            )
        key = canaries.waiting(org_id)
        if key is None:
            if canaries.last_day(org_id) == now.date():
                return
            key = canaries.make(org_id, now)
    submission = Submission(
        org_id=org_id,
        kinds=(RequestKind.ERASURE,),
        identifiers=(Identifier(IdentifierKind.CONTACT_ID, key),),
        received_at=now,
        verified_by=BY_CANARY,
        instructed_by=BY_CANARY,
    )
    with batch.stores.transaction(Role.PLANNER) as transaction:
        accepted = accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), batch.desk(transaction))
    steps.add("canary_sent", request_id=accepted.request_id)


def approve_canary(batch: Batch, requests: Sequence[Request]) -> None:
    """Approve the planned request of the canary: the setting says so."""
    for request in requests:
        if request.org_id != batch.options.canary_org or request.kinds != (RequestKind.ERASURE,):
            continue
        if request.state is RequestState.PLANNED:
            with batch.stores.transaction(Role.PLANNER) as transaction:
                approve_by_rule([request], BY_CANARY, batch.desk(transaction))
