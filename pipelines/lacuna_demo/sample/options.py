"""What can be asked of the sample platform, and the instant it ends at."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lacuna.errors import ConfigurationError

REFERENCE_DATE = datetime(2026, 11, 1, tzinfo=UTC)
"""The sample's now: nothing in it is later."""

DAYS = 21
"""Conversations begin in this many days before the reference date."""

FIRST_DAY = (REFERENCE_DATE - timedelta(days=DAYS)).date()
SILENT_SUNDAY = date(2026, 10, 18)
"""No conversation begins or ends on this day."""

SUNDAY_BEFORE = date(2026, 10, 11)
SUNDAY_AFTER = date(2026, 10, 25)
"""On these two Sundays the same people write, but for one (trap 19)."""

FEWEST_CONTACTS = 60
FEWEST_CONVERSATIONS = 240


@dataclass(frozen=True)
class SampleOptions:
    """Size and seed of a sample platform.

    Attributes:
        contacts: rows in `contacts`, at least 60: merged contacts and visitors are among them.
        conversations: at least 240.
        seed: same seed and sizes, same bytes.
        dialogues: JSON lines whose texts become the bodies of chats, e-mails and calls; None: the
            generator's own phrases.
    """

    contacts: int = 1_000
    conversations: int = 6_000
    seed: int = 7
    dialogues: Path | None = None

    def __post_init__(self) -> None:
        if self.contacts < FEWEST_CONTACTS or self.conversations < FEWEST_CONVERSATIONS:
            raise ConfigurationError(
                f"sample: {self.contacts} contacts and {self.conversations} conversations asked for;"
                f" every trap needs at least {FEWEST_CONTACTS} and {FEWEST_CONVERSATIONS}"
            )
