"""What a submission says of how far it reaches."""

from datetime import UTC, datetime

import pytest

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import Level, RequestKind


@pytest.mark.parametrize(
    ("kinds", "level"),
    [
        (("email",), Level.CONTACT),
        (("contact_id", "phone", "external_id"), Level.CONTACT),
        (("email", "conversation_id"), Level.CONVERSATION),
        (("message_id", "conversation_id"), Level.MESSAGE),
        (("email", "message_id"), Level.MESSAGE),
    ],
)
def test_the_narrowest_row_named_is_the_level(kinds, level):
    submission = Submission(
        org_id="nord",
        kinds=(RequestKind.ERASURE,),
        identifiers=tuple(Identifier(IdentifierKind(kind), "1") for kind in kinds),
        received_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert submission.level is level
