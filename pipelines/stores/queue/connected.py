"""What each part of the queue works through."""

import sqlalchemy as sa


class Connected:
    """A part of the queue as one transaction sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Work through `connection`, under the role of its transaction."""
        self._connection = connection
