"""Attacks on an installation's own database."""

from collections.abc import Iterator
from typing import Protocol

from lacuna.model.attack import Attack


class Attacker(Protocol):
    """Tries, under each role, what only others may do; nothing of it lasts."""

    def attacks(self) -> Iterator[Attack]:
        """Yield each attack with its end.

        Raises:
            DependencyUnreachable: the database does not answer.
            StatementRefused: the login may not take on the roles; use the owner's.
        """
        ...
