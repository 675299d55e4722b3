"""The clock of the machine."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's time, as `ports.Clock`."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)
