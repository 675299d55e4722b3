"""What restating sealed periods needs."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from lacuna.model.mart import Cell, Mart, Period
from lacuna.model.restatement import Proposal, Replacement, RestatementScope, SealedRows


class Restatements(Protocol):
    """Keeps what rows added to sealed periods, and lets new versions take their place."""

    def keep_rows(self, mart: Mart, org_id: str, period: Period, rows: SealedRows) -> None:
        """Keep what each row added to a period."""
        ...

    def sealed_rows(self, mart: Mart, org_id: str, period: Period) -> SealedRows | None:
        """Return each row's share in a period; None where it is not kept any more."""
        ...

    def forget_rows(self, org_id: str, before: date) -> int:
        """Forget the rows of periods that ended before a day; return of how many periods."""
        ...

    def propose(self, asked: RestatementScope, proposal: Proposal) -> None:
        """Note what was worked out, for an approval."""
        ...

    def proposals(self) -> Sequence[Proposal]:
        """Return the restatements that were proposed and not carried out, by name."""
        ...

    def withdraw_proposal(self, org_id: str, name: str) -> None:
        """Forget a proposal."""
        ...

    def replace(
        self,
        mart: Mart,
        new: Replacement,
        asked: RestatementScope,
        document_digest: str,
        at: datetime,
    ) -> None:
        """Let a new version take the place of a sealed period, whose cells stay known here.

        Raises:
            StatementRefused: the sealed cells are not those that were to be replaced, or they are
                a new version already.
        """
        ...

    def replaced_cells(
        self, mart: Mart, org_id: str, since: date, until: date
    ) -> Mapping[str, tuple[Cell, ...]]:
        """Return the cells that stood in the place of restated periods, by period.

        Args:
            since: leaves out periods that end before this day.
            until: leaves out periods that begin after this day.
        """
        ...

    def document_digests(self) -> frozenset[str]:
        """Return the digests of the documents under which periods were replaced."""
        ...
