"""Notices to recipients: what was done to personal data that was disclosed to them (Art. 19)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lacuna.model.request import RequestKind


class NoticeState(StrEnum):
    """Where a notice stands."""

    PENDING = "pending"
    TOLD = "told"
    ABANDONED = "abandoned"  # a person has to tell the recipient by other means


@dataclass(frozen=True)
class Notice:
    """A notice to one recipient about one person whose data was erased, corrected or restricted.

    Attributes:
        right: what was done: erasure, rectification or restriction.
        recipient: its name in the data map.
        due_at: until when the recipient must be told.
        receipt: what shows that it was: `http 200 …` with the digest of the answer, `mail` for one
            that a mail server took, `hand` for one that a person told; None before.
        content: encrypted: by what the recipient knows the person, and of a correction what it is.
            None once it was told.
    """

    notice_id: str
    org_id: str
    request_id: str
    recipient: str
    right: RequestKind
    state: NoticeState
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    receipt: str | None = None
    content: bytes | None = field(repr=False, default=None)
