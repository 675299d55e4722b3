"""Queues a letter to the requester of a request that came by mail."""

import json
import uuid
from collections.abc import Mapping

from pipelines.model.answer import Answer, AnswerKind
from pipelines.model.queue import Purpose
from pipelines.model.request import Request
from pipelines.ports import Desk, Mails


def tell(
    request: Request, kind: AnswerKind, facts: Mapping[str, str], mails: Mails, desk: Desk
) -> bool:
    """Queue a letter; return False if nothing says whom to write to.

    What a letter says of a person goes to a verified requester alone: to anybody else a
    refusal, an extension or a question says what they wrote, and no more.
    """
    secret = desk.queue.secret(request.request_id, Purpose.REQUESTER)
    if secret is None or (kind is AnswerKind.COMPLETION and request.verified_by is None):
        return False
    requester = json.loads(desk.keys.decrypt(request.request_id, secret))
    envelope = {
        "address": requester["address"],
        "code": "",
        "in_reply_to": requester["message_id"],
    }
    mails.queue_answer(
        Answer(
            answer_id=str(uuid.uuid4()),
            owner_id=request.request_id,
            org_id=request.org_id,
            request_id=request.request_id,
            mail_id=None,
            kind=kind,
            language=requester["language"] or "en",
            facts={
                **facts,
                "received": request.received_at.date().isoformat(),
                "due": request.due_at.date().isoformat(),
            },
            envelope=desk.keys.encrypt(request.request_id, json.dumps(envelope).encode()),
            created_at=desk.now,
        )
    )
    return True
