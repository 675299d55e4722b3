"""When the things of a conversation happen: always before the reference date, never closed on a Sunday."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from lacuna_demo.sample.options import REFERENCE_DATE
from lacuna_demo.sample.schedule import Slot

_SPANS_MIN = MappingProxyType(
    {
        "chat": (5, 35),
        "sms": (10, 240),
        "whatsapp": (10, 240),
        "email": (60, 3_000),
        "contact_form": (60, 3_000),
        "phone": (2, 20),
        "voicemail": (60, 600),
    }
)
"""Channel -> shortest and longest conversation in minutes."""

_LAST_MOMENT = REFERENCE_DATE - timedelta(minutes=5)
_SUNDAY = 6


@dataclass(frozen=True)
class ConversationTiming:
    """Begin and end of a conversation; `ends_at` is the last moment of one that is still open."""

    created_at: datetime
    ends_at: datetime
    is_closed: bool

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed; None while it is open."""
        return self.ends_at if self.is_closed else None

    @property
    def assigned_at(self) -> datetime:
        """When an agent got it."""
        return self.created_at + (self.ends_at - self.created_at) / 20

    @property
    def total_duration_s(self) -> int | None:
        """Seconds from begin to end; None while it is open."""
        return int((self.ends_at - self.created_at).total_seconds()) if self.is_closed else None

    def moments(self, count: int) -> list[datetime]:
        """Return `count` instants in order, the first at the begin, all before the end."""
        step = (self.ends_at - self.created_at) / (count + 1)
        return [(self.created_at + step * number).replace(microsecond=0) for number in range(count)]


def draw_timing(rng: random.Random, slot: Slot) -> ConversationTiming:
    """Return when the conversation in `slot` begins and ends."""
    shortest, longest = _SPANS_MIN[slot.channel]
    end = slot.created_at + timedelta(seconds=rng.randrange(shortest * 60, longest * 60))
    if end.weekday() == _SUNDAY and slot.created_at.weekday() != _SUNDAY:
        end += timedelta(days=1)
    return ConversationTiming(slot.created_at, min(end, _LAST_MOMENT), slot.state == "closed")
