"""How often a file was tried that could not be moved or deleted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lacuna.errors import (
    ApplyFailed,
    PipelineError,
    PlanRefused,
)

_FAILURES: Final = 3
"""So many files in a row that cannot be moved or deleted: it is the store, not the file."""


@dataclass
class Tries:
    """Moves and deletions in one store; three failures in a row are the store's.

    Attributes:
        error: the last failure; None for none.
    """

    counts: Counter[str]
    error: PipelineError | None = None
    _in_a_row: int = 0

    def is_over(self) -> bool:
        """Whether so many failed in a row that no more is tried."""
        return self._in_a_row >= _FAILURES

    def of(self, act: Callable[[], bool]) -> bool | None:
        """Return the result of an act; None where it failed."""
        try:
            done = act()
        except PlanRefused:
            # It lies where another one does, or something holds it: others go on.
            self.counts["refused"] += 1
            return None
        except ApplyFailed as error:
            self.counts["failed"] += 1
            self.error = error
            self._in_a_row += 1
            return None
        self._in_a_row = 0
        return done
