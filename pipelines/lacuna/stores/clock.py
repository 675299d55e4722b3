"""The clock of the machine."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's time, as `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)
